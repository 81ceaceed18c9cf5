//! Changes that somebody else makes to a mapping.

use serde_json::json;
use support::mappings::uuid;
use support::world::{World, spec, writes};

use crate::{from, with_queue};

#[tokio::test]
async fn drift_is_corrected_or_reported_and_left() {
    let (world, queue) = with_queue().await;
    let uuid = uuid(&world.mappings().settle("orders", &from(&queue, &json!({"batchSize": 5}))).await);
    let drifts = async || {
        world.aws.update_mapping(&uuid, &json!({"BatchSize": 9})).await.unwrap();
        world.aws.wait_until_mapping_is(&uuid, Some("Enabled")).await.unwrap();
    };
    drifts().await;
    world.mappings().is_looked_at("orders").await;
    world
        .until("the drift to be corrected", async |world: &support::world::World| {
            let mapping = world.mapping(&uuid).await.unwrap();
            if mapping["BatchSize"] == json!(5) && mapping["State"] == "Enabled" {
                Ok(())
            } else {
                Err(mapping.to_string())
            }
        })
        .await;
    let report = json!({"batchSize": 5, "driftPolicy": "Report"});
    world.mappings().settle("orders", &from(&queue, &report)).await;
    drifts().await;
    let before = world.manners().mark().await.unwrap();
    world.mappings().is_looked_at("orders").await;
    let object = world.mappings().condition("orders", "Ready", "True", Some("Drifted")).await;
    let message = support::objects::message(&object, "Ready");
    assert!(message.contains("batchSize"), "{message}");
    assert_eq!(writes(&world.calls_since(before).await), [""; 0]);
    // An edit of another field is sent, and the drift stays.
    let edited = json!({"batchSize": 5, "driftPolicy": "Report", "maximumBatchingWindowInSeconds": 2});
    world.mappings().apply("orders", &from(&queue, &edited)).await;
    world.mappings().condition("orders", "Ready", "True", Some("Drifted")).await;
    let mapping = world.mapping(&uuid).await.unwrap();
    assert_eq!((&mapping["BatchSize"], &mapping["MaximumBatchingWindowInSeconds"]), (&json!(9), &json!(2)));
}

#[tokio::test]
async fn a_field_that_is_left_to_others_is_neither_compared_nor_changed() {
    let (world, queue) = with_queue().await;
    let spec = from(&queue, &json!({"ignoreChanges": ["enabled"], "batchSize": 5}));
    let uuid = uuid(&world.mappings().settle("orders", &spec).await);
    world.aws.update_mapping(&uuid, &json!({"Enabled": false})).await.unwrap();
    world.aws.wait_until_mapping_is(&uuid, Some("Disabled")).await.unwrap();
    let before = world.manners().mark().await.unwrap();
    world.mappings().is_looked_at("orders").await;
    world.mappings().is_ready("orders").await;
    assert_eq!(writes(&world.calls_since(before).await), [""; 0]);
}

#[tokio::test]
async fn a_mapping_that_somebody_deleted_is_created_again() {
    let (world, queue) = with_queue().await;
    let first = uuid(&world.mappings().settle("orders", &from(&queue, &json!({}))).await);
    world.aws.delete_mapping(&first).await.unwrap();
    world.aws.wait_until_mapping_is(&first, None).await.unwrap();
    world.mappings().is_looked_at("orders").await;
    let again = world
        .mappings()
        .until("another mapping", "orders", |object| {
            object.status.as_ref().and_then(|status| status.uuid.as_ref()).is_some_and(|uuid| *uuid != first)
        })
        .await;
    world.aws.wait_until_mapping_is(&uuid(&again), Some("Enabled")).await.unwrap();
}

#[tokio::test]
async fn a_mapping_that_somebody_points_to_another_function_comes_back_and_no_second_one_is_created() {
    let (world, queue) = with_queue().await;
    world.settle("other", &spec()).await;
    let uuid = uuid(&world.mappings().settle("orders", &from(&queue, &json!({}))).await);
    world.aws.update_mapping(&uuid, &json!({"FunctionName": "other"})).await.unwrap();
    world.aws.wait_until_mapping_is(&uuid, Some("Enabled")).await.unwrap();
    world.mappings().is_looked_at("orders").await;
    let points_back = async |world: &World| {
        let mapping = world.mapping(&uuid).await.unwrap();
        let function = mapping["FunctionArn"].as_str().unwrap_or_default();
        if function.ends_with(":function:hello") { Ok(()) } else { Err(function.to_owned()) }
    };
    world.until("the mapping to invoke its function again", points_back).await;
    world.mappings().is_ready("orders").await;
    assert_eq!(world.aws.list_mappings().await.unwrap().len(), 1);
    world.aws.update_mapping(&uuid, &json!({"FunctionName": "other"})).await.unwrap();
    world.mappings().delete("orders").await;
    world.aws.wait_until_mapping_is(&uuid, None).await.unwrap();
}
