//! Changes of a URL by somebody else are reverted, or only reported, member by member.

use lambda_operator::api::function_url::LambdaFunctionUrl;
use serde_json::{Value, json};
use support::objects::message;
use support::world::{World, spec_with, writes};

use crate::lifecycle::{held, url};

async fn settled(world: &World, change: &Value) {
    world.settle("hello", &spec_with(&json!({}))).await;
    world.of::<LambdaFunctionUrl>().settle("web", &url(change)).await;
}

#[tokio::test]
async fn what_somebody_else_changes_is_put_back() {
    let world = World::new().await;
    settled(&world, &json!({})).await;
    let urls = world.of::<LambdaFunctionUrl>();
    let theirs = json!({"AuthType": "NONE", "Cors": {"AllowOrigins": ["*"]}, "InvokeMode": "RESPONSE_STREAM"});
    world.aws.update_url("hello", None, &theirs).await.unwrap();
    let mark = world.manners().mark().await.unwrap();
    urls.is_looked_at("web").await;
    urls.is_ready("web").await;
    let there = held(&world, None).await.unwrap();
    assert_eq!((&there["AuthType"], there.get("Cors")), (&json!("AWS_IAM"), None));
    assert_eq!(writes(&world.calls_since(mark).await), ["UpdateFunctionUrlConfig"]);
    world.aws.delete_url("hello", None).await.unwrap();
    urls.is_looked_at("web").await;
    urls.is_ready("web").await;
    assert!(held(&world, None).await.is_some());
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
    let urls = world.of::<LambdaFunctionUrl>();
    world.aws.update_url("hello", None, &json!({"Cors": {"AllowOrigins": ["*"]}})).await.unwrap();
    let object = urls.is_looked_at("web").await;
    assert!(message(&object, "Ready").contains("cors: allowOrigins=[*] → "), "{object:?}");
    urls.apply("web", &url(&json!({"driftPolicy": "Report", "invokeMode": "RESPONSE_STREAM"}))).await;
    urls.condition("web", "Ready", "True", Some("Drifted")).await;
    let there = held(&world, None).await.unwrap();
    assert_eq!(there["Cors"], json!({"AllowOrigins": ["*"]}), "as it was left");
    assert_eq!(there["InvokeMode"], "RESPONSE_STREAM", "the edit is made");
}

#[tokio::test]
async fn what_is_left_to_others_is_neither_compared_nor_changed() {
    let world = World::new().await;
    settled(&world, &json!({"ignoreChanges": ["cors", "invokeMode"]})).await;
    let theirs = json!({"Cors": {"AllowOrigins": ["*"]}, "InvokeMode": "RESPONSE_STREAM"});
    world.aws.update_url("hello", None, &theirs).await.unwrap();
    let mark = world.manners().mark().await.unwrap();
    let urls = world.of::<LambdaFunctionUrl>();
    urls.is_looked_at("web").await;
    urls.is_ready("web").await;
    assert_eq!(writes(&world.calls_since(mark).await), [""; 0]);
}
