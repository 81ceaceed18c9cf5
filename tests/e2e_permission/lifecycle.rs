//! A permission from its creation to its end: what it costs, what status says, and what is left.

use lambda_operator::api::alias::LambdaAlias;
use lambda_operator::api::permission::LambdaPermission;
use serde_json::{Value, json};
use support::objects::{fact, message};
use support::world::{World, operations, spec_with, writes};
use testbed::Call;

/// The calls about permissions.
pub(crate) fn about_policies(calls: &[Call]) -> Vec<&str> {
    let about = |operation: &&str| operation.contains("Permission") || *operation == "GetPolicy";
    operations(calls).into_iter().filter(about).collect()
}

/// A permission for S3 of the function `hello`, with changes.
pub(crate) fn s3(change: &Value) -> Value {
    let mut spec = json!({
        "functionRef": {"name": "hello"}, "action": "lambda:InvokeFunction", "principal": "s3.amazonaws.com",
        "sourceArn": "arn:aws:s3:::uploads",
    });
    let fields = spec.as_object_mut().unwrap();
    fields.extend(change.as_object().unwrap().clone());
    fields.retain(|_, value| !value.is_null());
    spec
}

/// The contents of a statement, without its id.
pub(crate) fn said(statement: &Value) -> Value {
    let mut said = statement.clone();
    said.as_object_mut().unwrap().remove("Sid");
    said
}

/// The statement that `s3` asks AWS for.
fn wanted(world: &World, qualifier: &str) -> Value {
    json!({
        "Effect": "Allow", "Principal": {"Service": "s3.amazonaws.com"}, "Action": "lambda:InvokeFunction",
        "Resource": format!("arn:aws:lambda:eu-west-1:{}:function:hello{qualifier}", world.account),
        "Condition": {"ArnLike": {"AWS:SourceArn": "arn:aws:s3:::uploads"}},
    })
}

#[tokio::test]
async fn a_permission_is_created_and_every_attribute_is_reported() {
    let world = World::new().await;
    world.settle("hello", &spec_with(&json!({}))).await;
    let before = world.manners().mark().await.unwrap();
    let object = world.of::<LambdaPermission>().settle("from-s3", &s3(&json!({}))).await;
    let [statement] = &world.aws.statements("hello", None).await.unwrap()[..] else { panic!("one statement") };
    assert_eq!(said(statement), wanted(&world, ""));
    let status = object.status.as_ref().unwrap();
    assert_eq!(status.statement_id.as_deref(), statement["Sid"].as_str());
    assert!(status.statement_id.as_ref().unwrap().starts_with("lo-"), "{status:?}");
    let shown: Value = serde_json::from_str(status.statement.as_ref().unwrap()).unwrap();
    assert_eq!(&shown, statement);
    let (_, answer) = world.aws.get_policy("hello", None).await.unwrap();
    let size = answer["Policy"].as_str().unwrap().len();
    assert_eq!(status.policy_size, i64::try_from(size).ok());
    let arn = format!("arn:aws:lambda:eu-west-1:{}:function:hello", world.account);
    assert_eq!(message(&object, "PermissionCreated"), arn);
    assert_eq!(fact(&object, "ReplacedWithoutGap"), None, "nothing was changed yet");
    // A read that shows absence, the addition, and the read that proves it.
    assert_eq!(about_policies(&world.calls_since(before).await), ["GetPolicy", "AddPermission", "GetPolicy"]);

    let before = world.manners().mark().await.unwrap();
    world.of::<LambdaPermission>().is_looked_at("from-s3").await;
    assert_eq!(operations(&world.calls_since(before).await), ["GetPolicy"], "an idle check is one call");
}

#[tokio::test]
async fn every_argument_reaches_the_statement() {
    let world = World::new().await;
    world.settle("hello", &spec_with(&json!({}))).await;
    let permissions = world.of::<LambdaPermission>();
    let role = format!("arn:aws:iam::{}:role/caller", world.account);
    let all = [
        (
            "source",
            s3(&json!({"sourceAccount": "123456789012", "eventSourceToken": "amzn1.ask.skill.1"})),
            json!({"StringEquals": {"AWS:SourceAccount": "123456789012", "lambda:EventSourceToken": "amzn1.ask.skill.1"},
                "ArnLike": {"AWS:SourceArn": "arn:aws:s3:::uploads"}}),
        ),
        (
            "account",
            s3(&json!({"principal": "210987654321", "sourceArn": null, "principalOrgId": "o-a1b2c3d4e5"})),
            json!({"StringEquals": {"aws:PrincipalOrgID": "o-a1b2c3d4e5"}}),
        ),
        ("role", s3(&json!({"principal": role, "sourceArn": null, "action": "lambda:*"})), Value::Null),
        (
            "url",
            s3(
                &json!({"principal": "*", "sourceArn": null, "action": "lambda:InvokeFunctionUrl", "functionUrlAuthType": "NONE"}),
            ),
            json!({"StringEquals": {"lambda:FunctionUrlAuthType": "NONE"}}),
        ),
        (
            "via-url",
            s3(&json!({"principal": "*", "sourceArn": null, "invokedViaFunctionUrl": true})),
            json!({"Bool": {"lambda:InvokedViaFunctionUrl": "true"}}),
        ),
    ];
    for (name, spec, condition) in &all {
        let object = permissions.settle(name, spec).await;
        let id = object.status.unwrap().statement_id.unwrap();
        let statements = world.aws.statements("hello", None).await.unwrap();
        let statement = statements.iter().find(|statement| statement["Sid"] == id.as_str()).unwrap();
        assert_eq!(&statement["Condition"], condition, "{name}");
        assert_eq!(statement["Action"], spec["action"], "{name}");
    }
    let before = world.manners().mark().await.unwrap();
    for (name, _, _) in &all {
        permissions.is_looked_at(name).await;
        permissions.is_ready(name).await;
    }
    assert_eq!(writes(&world.calls_since(before).await), [""; 0], "each spelling of AWS equals the spec");
}

#[tokio::test]
async fn each_qualifier_has_a_policy_of_its_own() {
    let world = World::new().await;
    world.settle("hello", &spec_with(&json!({"publish": true}))).await;
    let live = json!({"functionRef": {"name": "hello"}, "functionVersion": "1"});
    world.of::<LambdaAlias>().settle("live", &live).await;
    let permissions = world.of::<LambdaPermission>();
    let of_alias = s3(&json!({"functionRef": null, "aliasRef": {"name": "live"}}));
    let object = permissions.settle("by-reference", &of_alias).await;
    assert_eq!(object.status.as_ref().unwrap().qualifier.as_deref(), Some("live"));
    let arn = format!("arn:aws:lambda:eu-west-1:{}:function:hello:live", world.account);
    assert_eq!(message(&object, "PermissionCreated"), arn);
    permissions.settle("of-the-version", &s3(&json!({"qualifier": "1"}))).await;
    permissions.settle("unqualified", &s3(&json!({}))).await;
    for (qualifier, suffix) in [(None, ""), (Some("live"), ":live"), (Some("1"), ":1")] {
        let [statement] = &world.aws.statements("hello", qualifier).await.unwrap()[..] else { panic!("{qualifier:?}") };
        assert_eq!(said(statement), wanted(&world, suffix));
    }
    // Neither deletion waits for the other, in either order.
    world.of::<LambdaAlias>().delete("live").await;
    permissions.delete("by-reference").await;
    world.of::<LambdaAlias>().is_gone("live").await;
    permissions.is_gone("by-reference").await;
    assert_eq!(world.aws.statements("hello", None).await.unwrap().len(), 1);
}

#[tokio::test]
async fn a_permission_waits_for_its_function_and_comes_back_with_it() {
    let world = World::new().await;
    let permissions = world.of::<LambdaPermission>();
    permissions.apply("from-s3", &s3(&json!({"driftPolicy": "Report"}))).await;
    let waits = permissions.says("from-s3", "Reconciling", "WaitingForFunction").await;
    assert!(waits.contains("LambdaFunction hello does not exist in this namespace"), "{waits}");
    world.settle("hello", &spec_with(&json!({}))).await;
    permissions.is_ready("from-s3").await;
    world.delete("hello").await;
    world.gone("hello").await;
    permissions.says("from-s3", "Reconciling", "WaitingForFunction").await;
    world.settle("hello", &spec_with(&json!({}))).await;
    permissions.is_ready("from-s3").await;
    assert_eq!(world.aws.statements("hello", None).await.unwrap().len(), 1, "it went with its function and is back");
}

#[tokio::test]
async fn a_deleted_object_takes_its_statement_along_and_skip_destroy_leaves_it() {
    let world = World::new().await;
    world.settle("hello", &spec_with(&json!({}))).await;
    let permissions = world.of::<LambdaPermission>();
    permissions.settle("gone", &s3(&json!({}))).await;
    permissions.settle("kept", &s3(&json!({"statementId": "kept", "skipDestroy": true}))).await;
    for name in ["gone", "kept"] {
        permissions.delete(name).await;
        permissions.is_gone(name).await;
    }
    let [statement] = &world.aws.statements("hello", None).await.unwrap()[..] else { panic!("one statement") };
    assert_eq!(statement["Sid"], "kept");
}

#[tokio::test]
async fn function_and_permission_end_in_any_order() {
    let world = World::new().await;
    world.settle("hello", &spec_with(&json!({}))).await;
    let permissions = world.of::<LambdaPermission>();
    permissions.settle("from-s3", &s3(&json!({}))).await;
    world.delete("hello").await;
    permissions.delete("from-s3").await;
    world.gone("hello").await;
    permissions.is_gone("from-s3").await;
    assert_eq!(world.function("hello").await, None);
}

#[tokio::test]
async fn a_suspended_permission_is_left_alone() {
    let world = World::new().await;
    world.settle("hello", &spec_with(&json!({}))).await;
    let before = world.manners().mark().await.unwrap();
    let permissions = world.of::<LambdaPermission>();
    permissions.apply("from-s3", &s3(&json!({"suspend": true}))).await;
    permissions.condition("from-s3", "Ready", "Unknown", Some("Suspended")).await;
    assert_eq!(about_policies(&world.calls_since(before).await), [""; 0]);
}

/// Each has a policy of its own, so the same id can be in both.
#[tokio::test]
async fn an_alias_gets_a_statement_with_the_id_of_one_that_the_function_has() {
    let world = World::new().await;
    world.settle("hello", &spec_with(&json!({"publish": true}))).await;
    let live = json!({"functionRef": {"name": "hello"}, "functionVersion": "1"});
    world.of::<LambdaAlias>().settle("live", &live).await;
    let permissions = world.of::<LambdaPermission>();
    permissions.settle("of-function", &s3(&json!({"statementId": "s3"}))).await;
    let of_alias = json!({"functionRef": null, "aliasRef": {"name": "live"}, "statementId": "s3"});
    permissions.settle("of-alias", &s3(&of_alias)).await;
    assert_eq!(world.aws.statements("hello", Some("live")).await.unwrap().len(), 1);
    permissions.apply("second", &s3(&of_alias)).await;
    let said = permissions.says("second", "Stalled", "NotOwned").await;
    assert!(said.contains(&format!("LambdaPermission {}/of-alias", world.namespace)), "{said}");
}
