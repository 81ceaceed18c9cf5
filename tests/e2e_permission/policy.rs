//! A policy is shared with others: their statements stay as they are, and its revision guards each change.

use lambda_operator::api::permission::LambdaPermission;
use serde_json::{Value, json};
use support::world::{World, spec_with};
use testbed::{Action, Rule};

use crate::lifecycle::s3;

/// Statements of others, in every spelling, as GetPolicy shows them.
async fn theirs(world: &World) -> Vec<Value> {
    let mut all = Vec::new();
    for (id, principal) in [("by-hand", "sns.amazonaws.com"), ("lo-like-ours", "210987654321")] {
        let statement = json!({"StatementId": id, "Action": "lambda:InvokeFunction", "Principal": principal});
        all.push(world.aws.add_permission("hello", None, &statement).await.unwrap());
    }
    all
}

#[tokio::test]
async fn statements_of_others_are_untouched_byte_for_byte() {
    let world = World::new().await;
    world.settle("hello", &spec_with(&json!({}))).await;
    let theirs = theirs(&world).await;
    let before = world.aws.get_policy("hello", None).await.unwrap().1["Policy"].clone();
    let permissions = world.of::<LambdaPermission>();
    permissions.settle("from-s3", &s3(&json!({}))).await;
    permissions.settle("from-s3", &s3(&json!({"sourceArn": "arn:aws:s3:::two"}))).await;
    let statements = world.aws.statements("hello", None).await.unwrap();
    assert!(statements.len() == 3 && theirs.iter().all(|their| statements.contains(their)), "{statements:?}");
    permissions.delete("from-s3").await;
    permissions.is_gone("from-s3").await;
    assert_eq!(world.aws.get_policy("hello", None).await.unwrap().1["Policy"], before);
}

/// The members of the bodies, or of the query, with which these calls were sent.
async fn revisions(world: &World, since: u64) -> Vec<(String, bool)> {
    let calls = world.calls_since(since).await;
    let writes = calls.iter().filter(|call| call.operation.ends_with("Permission"));
    writes.map(|call| (call.operation.clone(), call.members.iter().any(|member| member == "RevisionId"))).collect()
}

#[tokio::test]
async fn each_change_but_the_first_carries_the_revision_that_was_read() {
    let world = World::new().await;
    world.settle("hello", &spec_with(&json!({}))).await;
    let permissions = world.of::<LambdaPermission>();
    let mark = world.manners().mark().await.unwrap();
    permissions.settle("first", &s3(&json!({}))).await;
    permissions.settle("second", &s3(&json!({}))).await;
    let add = "AddPermission".to_owned();
    assert_eq!(revisions(&world, mark).await, [(add.clone(), false), (add, true)]);
}

/// Somebody else changes the policy after each read: the write is refused, and made after another read.
#[tokio::test]
async fn a_change_of_a_policy_that_moved_meanwhile_is_made_after_another_read() {
    let world = World::new().await;
    world.settle("hello", &spec_with(&json!({}))).await;
    theirs(&world).await;
    let permissions = world.of::<LambdaPermission>();
    let stale = Action::PatchAnswer(json!({"RevisionId": "00000000-0000-0000-0000-000000000000"}));
    let rule = Rule::new("moved", stale).account(&world.account).operation("GetPolicy").agent("*/*").times(1);
    world.manners().add(&rule).await.unwrap();
    let mark = world.manners().mark().await.unwrap();
    permissions.settle("from-s3", &s3(&json!({}))).await;
    let calls = world.calls_since(mark).await;
    let answers: Vec<_> =
        calls.iter().filter(|call| call.operation == "AddPermission").map(|call| call.status).collect();
    assert_eq!(answers, [412, 201]);
}
