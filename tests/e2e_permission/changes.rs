//! Changes of a statement. AWS cannot change a statement, so the operator replaces it: without a gap in the access, or with a condition that reports
//! the gap.

use lambda_operator::api::permission::LambdaPermission;
use serde_json::{Value, json};
use support::objects::{fact, message};
use support::world::{World, spec_with, writes};

use crate::lifecycle::s3;

/// The longest source ARN that keeps the policy within its size.
const NEARLY_FULL: usize = 1_900;

async fn ids(world: &World) -> Vec<String> {
    let statements = world.aws.statements("hello", None).await.unwrap();
    statements.iter().map(|statement| statement["Sid"].as_str().unwrap().to_owned()).collect()
}

#[tokio::test]
async fn a_change_adds_the_new_statement_before_it_removes_the_old_one() {
    let world = World::new().await;
    world.settle("hello", &spec_with(&json!({}))).await;
    let permissions = world.of::<LambdaPermission>();
    permissions.settle("from-s3", &s3(&json!({}))).await;
    let mut before = ids(&world).await;
    for bucket in ["two", "three"] {
        let mark = world.manners().mark().await.unwrap();
        let source = json!({"sourceArn": format!("arn:aws:s3:::{bucket}")});
        let object = permissions.settle("from-s3", &s3(&source)).await;
        assert_eq!(writes(&world.calls_since(mark).await), ["AddPermission", "RemovePermission"]);
        assert_eq!(fact(&object, "ReplacedWithoutGap"), Some(("True".into(), "Replaced".into())));
        let after = ids(&world).await;
        assert_eq!(after.len(), 1);
        assert_ne!(after, before, "the two ids take turns");
        assert_eq!(object.status.unwrap().statement_id.as_ref(), after.first());
        before = after;
    }
    permissions.delete("from-s3").await;
    permissions.is_gone("from-s3").await;
    assert_eq!(ids(&world).await, [""; 0]);
}

#[tokio::test]
async fn with_an_id_of_the_spec_a_change_has_a_gap_and_the_condition_says_so() {
    let world = World::new().await;
    world.settle("hello", &spec_with(&json!({}))).await;
    let permissions = world.of::<LambdaPermission>();
    permissions.settle("from-s3", &s3(&json!({"statementId": "s3"}))).await;
    let mark = world.manners().mark().await.unwrap();
    let object = permissions.settle("from-s3", &s3(&json!({"statementId": "s3", "sourceArn": null}))).await;
    assert_eq!(writes(&world.calls_since(mark).await), ["RemovePermission", "AddPermission"]);
    assert_eq!(ids(&world).await, ["s3"]);
    assert_eq!(fact(&object, "ReplacedWithoutGap"), Some(("False".into(), "Interrupted".into())));
    let said = message(&object, "ReplacedWithoutGap");
    assert!(said.contains("with spec.statementId, both statements have the same id"), "{said}");
    let calls = world.calls_since(mark).await;
    assert_eq!(world.aws.statements("hello", None).await.unwrap()[0].get("Condition"), None, "{calls:?}");
}

/// Others' statements that leave room for one of ours, but not for two.
async fn fill(world: &World) -> Vec<Value> {
    let long = "x".repeat(NEARLY_FULL);
    let mut theirs = Vec::new();
    for number in 0..9 {
        let statement = json!({"StatementId": format!("theirs-{number}"), "Action": "lambda:InvokeFunction",
            "Principal": "sns.amazonaws.com", "SourceArn": format!("arn:aws:sns:eu-west-1:123456789012:{long}")});
        theirs.push(world.aws.add_permission("hello", None, &statement).await.unwrap());
    }
    theirs
}

#[tokio::test]
async fn in_a_full_policy_a_change_has_a_gap_and_one_that_does_not_fit_changes_nothing() {
    let world = World::new().await;
    world.settle("hello", &spec_with(&json!({}))).await;
    let permissions = world.of::<LambdaPermission>();
    let theirs = fill(&world).await;
    permissions.settle("from-s3", &s3(&json!({"sourceArn": format!("arn:aws:s3:::{}", "a".repeat(500))}))).await;
    let mark = world.manners().mark().await.unwrap();
    let second = s3(&json!({"sourceArn": format!("arn:aws:s3:::{}", "b".repeat(500))}));
    let object = permissions.settle("from-s3", &second).await;
    assert_eq!(writes(&world.calls_since(mark).await), ["RemovePermission", "AddPermission"]);
    let said = message(&object, "ReplacedWithoutGap");
    assert!(said.contains("the policy had no room for both"), "{said}");
    let size = object.status.unwrap().policy_size.unwrap();
    assert!((19_000..=20_480).contains(&size), "{size}");

    let before = world.aws.get_policy("hello", None).await.unwrap().1;
    permissions.apply("from-s3", &s3(&json!({"sourceArn": format!("arn:aws:s3:::{}", "c".repeat(2_000))}))).await;
    let said = permissions.says("from-s3", "Stalled", "InvalidSpec").await;
    assert!(said.contains("AWS allows 20480"), "{said}");
    assert_eq!(world.aws.get_policy("hello", None).await.unwrap().1, before, "what is allowed stays allowed");
    // A new one does not fit either, and AWS says so.
    permissions.apply("another", &s3(&json!({"sourceArn": format!("arn:aws:s3:::{}", "d".repeat(1_900))}))).await;
    let said = permissions.says("another", "Stalled", "QuotaExceeded").await;
    assert!(said.contains("bigger than the limit") && said.contains("a * in its sourceArn"), "{said}");
    let statements = world.aws.statements("hello", None).await.unwrap();
    assert!(theirs.iter().all(|their| statements.contains(their)));
}

#[tokio::test]
async fn several_permissions_of_one_function_at_once_all_survive() {
    let world = World::new().await;
    world.settle("hello", &spec_with(&json!({}))).await;
    let permissions = world.of::<LambdaPermission>();
    let names: Vec<_> = (0..6).map(|number| format!("bucket-{number}")).collect();
    for name in &names {
        permissions.apply(name, &s3(&json!({"sourceArn": format!("arn:aws:s3:::{name}")}))).await;
    }
    for name in &names {
        permissions.is_ready(name).await;
    }
    assert_eq!(ids(&world).await.len(), names.len());
}
