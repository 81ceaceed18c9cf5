//! Changes of a statement by somebody else are reverted, or only reported, member by member.

use lambda_operator::api::permission::LambdaPermission;
use serde_json::{Value, json};
use support::objects::message;
use support::world::{World, spec_with, writes};

use crate::lifecycle::s3;

async fn settled(world: &World, change: &Value) {
    world.settle("hello", &spec_with(&json!({}))).await;
    world.of::<LambdaPermission>().settle("from-s3", &s3(change)).await;
}

/// The only statement.
async fn statement(world: &World) -> Value {
    let [statement] = &world.aws.statements("hello", None).await.unwrap()[..] else { panic!("one statement") };
    statement.clone()
}

/// Somebody else gives the statement another source, under the same id.
async fn changed(world: &World, source: &str) {
    let id = statement(world).await["Sid"].as_str().unwrap().to_owned();
    world.aws.remove_permission("hello", None, &id).await.unwrap();
    let theirs = json!({"StatementId": id, "Action": "lambda:InvokeFunction", "Principal": "s3.amazonaws.com", "SourceArn": source});
    world.aws.add_permission("hello", None, &theirs).await.unwrap();
}

const SOURCE: &str = "/Condition/ArnLike/AWS:SourceArn";

#[tokio::test]
async fn what_somebody_else_changes_is_put_back_without_a_gap() {
    let world = World::new().await;
    settled(&world, &json!({})).await;
    let permissions = world.of::<LambdaPermission>();
    changed(&world, "arn:aws:s3:::theirs").await;
    let mark = world.manners().mark().await.unwrap();
    permissions.is_looked_at("from-s3").await;
    permissions.is_ready("from-s3").await;
    assert_eq!(statement(&world).await.pointer(SOURCE), Some(&json!("arn:aws:s3:::uploads")));
    assert_eq!(writes(&world.calls_since(mark).await), ["AddPermission", "RemovePermission"]);
    let id = statement(&world).await["Sid"].as_str().unwrap().to_owned();
    world.aws.remove_permission("hello", None, &id).await.unwrap();
    permissions.is_looked_at("from-s3").await;
    permissions.is_ready("from-s3").await;
    assert_eq!(statement(&world).await.pointer(SOURCE), Some(&json!("arn:aws:s3:::uploads")));
    world
        .until("both to be counted as drift", async |world: &World| match world.drift().await {
            2 => Ok(()),
            count => Err(count.to_string()),
        })
        .await;
}

#[tokio::test]
async fn reported_drift_survives_an_edit_of_another_member() {
    let world = World::new().await;
    settled(&world, &json!({"driftPolicy": "Report"})).await;
    let permissions = world.of::<LambdaPermission>();
    changed(&world, "arn:aws:s3:::theirs").await;
    let object = permissions.is_looked_at("from-s3").await;
    let told = "sourceArn: arn:aws:s3:::theirs → arn:aws:s3:::uploads";
    assert!(message(&object, "Ready").contains(told), "{object:?}");
    let edited = s3(&json!({"driftPolicy": "Report", "sourceAccount": "123456789012"}));
    permissions.apply("from-s3", &edited).await;
    let object = permissions.condition("from-s3", "Ready", "True", Some("Drifted")).await;
    assert!(message(&object, "Ready").contains(told), "{object:?}");
    let statement = statement(&world).await;
    assert_eq!(statement.pointer(SOURCE), Some(&json!("arn:aws:s3:::theirs")), "as it was left");
    let account = statement.pointer("/Condition/StringEquals/AWS:SourceAccount");
    assert_eq!(account, Some(&json!("123456789012")), "the edit is made");
}

#[tokio::test]
async fn a_reported_statement_that_somebody_deleted_stays_so() {
    let world = World::new().await;
    settled(&world, &json!({"driftPolicy": "Report"})).await;
    let permissions = world.of::<LambdaPermission>();
    let id = statement(&world).await["Sid"].as_str().unwrap().to_owned();
    world.aws.remove_permission("hello", None, &id).await.unwrap();
    permissions.is_looked_at("from-s3").await;
    let said = permissions.says("from-s3", "Stalled", "DriftNotCorrected").await;
    assert!(said.contains("the permission was deleted in AWS"), "{said}");
    assert_eq!(world.aws.statements("hello", None).await.unwrap(), [json!(null); 0]);
}

#[tokio::test]
async fn what_is_left_to_others_is_neither_compared_nor_changed() {
    let world = World::new().await;
    settled(&world, &json!({"ignoreChanges": ["sourceArn"]})).await;
    let permissions = world.of::<LambdaPermission>();
    changed(&world, "arn:aws:s3:::theirs").await;
    let mark = world.manners().mark().await.unwrap();
    permissions.is_looked_at("from-s3").await;
    permissions.is_ready("from-s3").await;
    assert_eq!(writes(&world.calls_since(mark).await), [""; 0]);
    let edited = s3(&json!({"ignoreChanges": ["sourceArn"], "sourceAccount": "123456789012"}));
    permissions.settle("from-s3", &edited).await;
    assert_eq!(statement(&world).await.pointer(SOURCE), Some(&json!("arn:aws:s3:::theirs")));
}
