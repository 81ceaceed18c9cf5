//! Changes of an event invoke configuration by somebody else are reverted, or only reported, member by member.

use serde_json::json;
use support::objects::message;
use support::world::{World, writes};

use crate::{Config, function, held, of_hello};

#[tokio::test]
async fn what_somebody_else_changes_or_deletes_is_put_back() {
    let world = World::new().await;
    function(&world).await;
    let configs = world.of::<Config>();
    configs.settle("async", &of_hello(&json!({}))).await;
    let theirs = json!({"MaximumRetryAttempts": 0, "MaximumEventAgeInSeconds": 60});
    world.aws.put_invoke_config("hello", None, &theirs).await.unwrap();
    let before = world.manners().mark().await.unwrap();
    configs.is_looked_at("async").await;
    configs.is_ready("async").await;
    assert_eq!(held(&world.aws, "hello", None).await, Some(json!([null, 1, null, null])));
    assert_eq!(writes(&world.calls_since(before).await), ["PutFunctionEventInvokeConfig"]);
    let path = "/2019-09-25/functions/hello/event-invoke-config";
    let (status, answer) = world.aws.lambda("DELETE", path, None).await.unwrap();
    assert_eq!(status, 204, "{answer}");
    configs.is_looked_at("async").await;
    configs.is_ready("async").await;
    assert_eq!(held(&world.aws, "hello", None).await, Some(json!([null, 1, null, null])));
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
    function(&world).await;
    let configs = world.of::<Config>();
    let reports = |retries: i32| of_hello(&json!({"driftPolicy": "Report", "maximumRetryAttempts": retries}));
    configs.settle("async", &reports(1)).await;
    let theirs = json!({"MaximumRetryAttempts": 1, "MaximumEventAgeInSeconds": 60});
    world.aws.put_invoke_config("hello", None, &theirs).await.unwrap();
    let object = configs.is_looked_at("async").await;
    assert!(message(&object, "Ready").contains("maximumEventAgeInSeconds: 60 → none"), "{object:?}");
    configs.apply("async", &reports(0)).await;
    let object = configs.condition("async", "Ready", "True", Some("Drifted")).await;
    assert!(message(&object, "Ready").contains("maximumEventAgeInSeconds: 60 → none"), "{object:?}");
    assert_eq!(held(&world.aws, "hello", None).await, Some(json!([60, 0, null, null])));
}

#[tokio::test]
async fn members_that_are_left_to_others_survive_every_write() {
    let world = World::new().await;
    function(&world).await;
    let queue = world.aws.create_queue("theirs").await.unwrap();
    let configs = world.of::<Config>();
    let ignores =
        |retries: i32| of_hello(&json!({"ignoreChanges": ["destinationConfig"], "maximumRetryAttempts": retries}));
    configs.settle("async", &ignores(1)).await;
    let theirs = json!({"MaximumRetryAttempts": 1, "DestinationConfig": {"OnFailure": {"Destination": queue}}});
    world.aws.put_invoke_config("hello", None, &theirs).await.unwrap();
    let before = world.manners().mark().await.unwrap();
    configs.is_looked_at("async").await;
    configs.is_ready("async").await;
    assert_eq!(writes(&world.calls_since(before).await), [""; 0]);
    configs.settle("async", &ignores(0)).await;
    assert_eq!(held(&world.aws, "hello", None).await, Some(json!([null, 0, null, queue])));
    // The field is no longer ignored, so the spec's value is applied again.
    configs.settle("async", &of_hello(&json!({"maximumRetryAttempts": 0}))).await;
    assert_eq!(held(&world.aws, "hello", None).await, Some(json!([null, 0, null, null])));
}
