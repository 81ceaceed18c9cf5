//! A mapping from its creation to its end: what it costs, what status says, and what is left.

use serde_json::json;
use support::mappings::uuid;
use support::objects::message;
use support::world::{operations, writes};
use testbed::Call;

use crate::{from, with_queue};

/// The calls about mappings and their tags.
pub(crate) fn about_mappings(calls: &[Call]) -> Vec<&str> {
    operations(calls).into_iter().filter(|name| name.contains("EventSourceMapping")).collect()
}

#[tokio::test]
async fn a_mapping_is_created_with_its_owner_and_every_attribute_is_reported() {
    let (world, queue) = with_queue().await;
    let before = world.manners().mark().await.unwrap();
    let object =
        world.mappings().settle("orders", &from(&queue, &json!({"batchSize": 5, "tags": {"team": "a"}}))).await;
    let (status, uuid) = (object.status.clone().unwrap(), uuid(&object));
    assert_eq!(status.common.arn, Some(world.mapping_arn(&uuid)));
    assert_eq!(message(&object, "EventSourceMappingCreated"), world.mapping_arn(&uuid));
    assert_eq!(
        (status.state.as_deref(), status.state_transition_reason.as_deref()),
        (Some("Enabled"), Some("USER_INITIATED"))
    );
    assert!(status.function_arn.unwrap().ends_with(":function:hello"));
    assert_eq!(status.tags_all, [("team".to_owned(), "a".to_owned())].into());
    assert!(status.last_modified.is_some());
    let mapping = world.mapping(&uuid).await.unwrap();
    assert_eq!((&mapping["BatchSize"], &mapping["EventSourceArn"]), (&json!(5), &json!(queue)));
    let tags = world.mapping_tags(&uuid).await;
    assert_eq!(tags["lambda-operator.io/owner"], format!("test/{}/orders", world.namespace), "{tags}");
    let calls = world.calls_since(before).await;
    assert_eq!(writes(&calls), ["CreateEventSourceMapping"], "the tags travel in the creation");
    assert_eq!(about_mappings(&calls)[0], "ListEventSourceMappings", "a read comes before the creation");

    let before = world.manners().mark().await.unwrap();
    world.mappings().is_looked_at("orders").await;
    assert_eq!(operations(&world.calls_since(before).await), ["GetEventSourceMapping"], "an idle check is one call");
}

#[tokio::test]
async fn a_deleted_object_takes_its_mapping_along_and_skip_destroy_leaves_it_without_an_owner() {
    let (world, queue) = with_queue().await;
    let other = world.aws.create_queue("kept").await.unwrap();
    let gone = uuid(&world.mappings().settle("gone", &from(&queue, &json!({}))).await);
    let kept = uuid(&world.mappings().settle("kept", &from(&other, &json!({"skipDestroy": true}))).await);
    for name in ["gone", "kept"] {
        world.mappings().delete(name).await;
        world.mappings().is_gone(name).await;
    }
    assert_eq!(world.mapping(&gone).await, None);
    assert!(world.mapping(&kept).await.is_some());
    assert_eq!(world.mapping_tags(&kept).await, json!({}));
}

#[tokio::test]
async fn a_suspended_mapping_is_left_alone() {
    let (world, queue) = with_queue().await;
    let before = world.manners().mark().await.unwrap();
    world.mappings().apply("orders", &from(&queue, &json!({"suspend": true}))).await;
    world.mappings().condition("orders", "Ready", "Unknown", Some("Suspended")).await;
    assert_eq!(about_mappings(&world.calls_since(before).await), [""; 0]);
}

#[tokio::test]
async fn a_mapping_waits_for_its_function() {
    let world = support::world::World::new().await;
    let queue = world.aws.create_queue("orders").await.unwrap();
    world.mappings().apply("orders", &from(&queue, &json!({}))).await;
    let message = world.mappings().says("orders", "Reconciling", "WaitingForFunction").await;
    assert!(message.contains("LambdaFunction hello does not exist"), "{message}");
    world.settle("hello", &support::world::spec()).await;
    world.mappings().is_ready("orders").await;
}
