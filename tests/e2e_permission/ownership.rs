//! Ownership of a statement: a derived id marks the object's statement; an id that the spec names needs a record, or consent.

use lambda_operator::api::permission::LambdaPermission;
use serde_json::{Value, json};
use support::objects::message;
use support::world::{World, spec_with, writes};

use crate::lifecycle::s3;

/// A statement that somebody made by hand, as `s3` with this source wants it.
async fn by_hand(world: &World, function: &str, id: &str, source: &str) {
    let statement = json!({"StatementId": id, "Action": "lambda:InvokeFunction", "Principal": "s3.amazonaws.com", "SourceArn": source});
    world.aws.add_permission(function, None, &statement).await.unwrap();
}

async fn ids(world: &World, function: &str) -> Vec<Value> {
    let statements = world.aws.statements(function, None).await.unwrap();
    statements.iter().map(|statement| statement["Sid"].clone()).collect()
}

#[tokio::test]
async fn an_equal_statement_of_our_function_is_taken_over_and_one_that_differs_is_not() {
    let world = World::new().await;
    world.settle("hello", &spec_with(&json!({}))).await;
    by_hand(&world, "hello", "equal", "arn:aws:s3:::uploads").await;
    by_hand(&world, "hello", "other", "arn:aws:s3:::other").await;
    let permissions = world.of::<LambdaPermission>();
    let mark = world.manners().mark().await.unwrap();
    permissions.settle("equal", &s3(&json!({"statementId": "equal"}))).await;
    permissions.apply("other", &s3(&json!({"statementId": "other"}))).await;
    let said = permissions.says("other", "Stalled", "NotOwned").await;
    assert!(said.contains("adoptionPolicy: Adopt") && said.contains("or without it"), "{said}");
    assert_eq!(writes(&world.calls_since(mark).await), [""; 0]);
    // An object that was refused leaves nothing in AWS, and deletes nothing.
    permissions.delete("other").await;
    permissions.is_gone("other").await;
    assert_eq!(ids(&world, "hello").await, ["equal", "other"]);

    permissions.settle("other", &s3(&json!({"statementId": "other", "adoptionPolicy": "Adopt"}))).await;
    for name in ["equal", "other"] {
        permissions.delete(name).await;
        permissions.is_gone(name).await;
    }
    assert_eq!(ids(&world, "hello").await, [json!(null); 0], "they were the objects'");
}

#[tokio::test]
async fn a_derived_id_is_the_objects_also_without_a_record() {
    let world = World::new().await;
    world.settle("hello", &spec_with(&json!({}))).await;
    let permissions = world.of::<LambdaPermission>();
    let object = permissions.settle("from-s3", &s3(&json!({"skipDestroy": true}))).await;
    let id = object.status.unwrap().statement_id.unwrap();
    permissions.delete("from-s3").await;
    permissions.is_gone("from-s3").await;
    assert_eq!(ids(&world, "hello").await, [id.as_str()]);
    // As after a restore without status: the statement differs, and the operator changes it anyway.
    permissions.settle("from-s3", &s3(&json!({"sourceArn": "arn:aws:s3:::two"}))).await;
    assert_eq!(ids(&world, "hello").await.len(), 1);
    permissions.delete("from-s3").await;
    permissions.is_gone("from-s3").await;
    assert_eq!(ids(&world, "hello").await, [json!(null); 0]);
}

#[tokio::test]
async fn of_two_objects_for_one_statement_the_second_says_whose_it_is() {
    let world = World::new().await;
    world.settle("hello", &spec_with(&json!({}))).await;
    let permissions = world.of::<LambdaPermission>();
    let spec = s3(&json!({"statementId": "s3"}));
    permissions.settle("first", &spec).await;
    permissions.apply("second", &spec).await;
    let object = permissions.condition("second", "Stalled", "True", Some("NotOwned")).await;
    let first = format!("LambdaPermission {}/first", world.namespace);
    assert!(message(&object, "Ready").contains(&first), "{object:?}");
    permissions.delete("second").await;
    permissions.is_gone("second").await;
    assert_eq!(ids(&world, "hello").await, ["s3"], "the first one has it");

    permissions.apply("second", &spec).await;
    permissions.says("second", "Stalled", "NotOwned").await;
    let taker = format!("{}/second", world.namespace);
    permissions.annotate("first", "lambda-operator.io/hand-over-to", &taker).await;
    permissions.is_ready("second").await;
    permissions.delete("first").await;
    permissions.is_gone("first").await;
    assert_eq!(ids(&world, "hello").await, ["s3"], "the giver's end touches nothing");
}

#[tokio::test]
async fn a_function_of_another_namespace_is_left_alone() {
    let world = World::new().await;
    world.settle("hello", &spec_with(&json!({}))).await;
    let permissions = world.of::<LambdaPermission>();
    permissions.settle("from-s3", &s3(&json!({}))).await;
    world.apply("hello", &spec_with(&json!({"suspend": true}))).await;
    world.condition("hello", "Ready", "Unknown", Some("Suspended")).await;
    let arn = format!("arn:aws:lambda:eu-west-1:{}:function:hello", world.account);
    let path = format!("/2017-03-31/tags/{}", arn.replace(':', "%3A"));
    let owner = json!({"Tags": {"lambda-operator.io/owner": "test/other/hello"}});
    assert_eq!(world.aws.lambda("POST", &path, Some(&owner)).await.unwrap().0, 204);
    let mark = world.manners().mark().await.unwrap();
    permissions.apply("from-s3", &s3(&json!({"sourceArn": "arn:aws:s3:::two"}))).await;
    let said = permissions.says("from-s3", "Stalled", "NotOwned").await;
    assert!(said.contains("test/other/hello"), "{said}");
    let new = s3(&json!({"functionRef": null, "functionName": "hello"}));
    permissions.apply("new", &new).await;
    permissions.says("new", "Stalled", "NotOwned").await;
    for name in ["from-s3", "new"] {
        permissions.delete(name).await;
        permissions.is_gone(name).await;
    }
    assert_eq!(writes(&world.calls_since(mark).await), [""; 0]);
    assert_eq!(ids(&world, "hello").await.len(), 1);
}

#[tokio::test]
async fn a_permission_on_nobodys_function_needs_the_namespaces_consent() {
    let world = World::with(&["--drift-interval", "1h"]).await;
    world.aws.create_function("theirs", &json!({})).await.unwrap();
    world.aws.wait_until_at_rest("theirs").await.unwrap();
    let permissions = world.of::<LambdaPermission>();
    let mark = world.manners().mark().await.unwrap();
    permissions.apply("from-s3", &s3(&json!({"functionRef": null, "functionName": "theirs"}))).await;
    let said = permissions.says("from-s3", "Stalled", "NotAllowed").await;
    assert!(said.contains("lambda-operator.io/allow-adoption=true"), "{said}");
    assert_eq!(writes(&world.calls_since(mark).await), [""; 0]);
    world.allow_adoption().await;
    permissions.is_ready("from-s3").await;
    assert_eq!(ids(&world, "theirs").await.len(), 1);
    permissions.delete("from-s3").await;
    permissions.is_gone("from-s3").await;
    assert_eq!(ids(&world, "theirs").await, [json!(null); 0]);
}
