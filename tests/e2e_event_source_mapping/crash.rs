//! The operator is killed between a write and the record of its answer; the next one ends with exactly one mapping, or none.

use serde_json::json;
use support::mappings::uuid;
use support::world::{World, installed, options, writes};
use testbed::{Action, Operator, Rule};

use crate::{from, with_queue};

/// Kills the operator while the answer to this call is on its way, and starts another.
async fn killed_at(mut world: World, operation: &str, action: Action, edit: impl AsyncFnOnce(&World)) -> World {
    let rule = Rule::new("kill", action).account(&world.account).operation(operation).agent("*/*").times(1);
    let rule = world.manners().add(&rule).await.unwrap();
    edit(&world).await;
    world
        .until("the call to be held", async |world: &World| {
            let calls = world.calls().await;
            let held = calls.iter().any(|call| call.duration_ms.is_none() && call.rule.as_deref() == Some("kill"));
            if held { Ok(()) } else { Err(format!("{calls:#?}")) }
        })
        .await;
    let options = options(installed(&world.bed).await, &world.account, &["--watch-namespace", &world.namespace]);
    let manners = world.manners();
    world.operator.kill().await;
    manners.remove(rule).await.unwrap();
    world.operator = Operator::start(&world.bed, options).await.unwrap();
    world
}

#[tokio::test]
async fn a_crash_around_a_creation_leaves_exactly_one_mapping() {
    for action in [Action::HoldRequest, Action::HoldAnswer] {
        let (world, queue) = with_queue().await;
        let spec = from(&queue, &json!({"tags": {"team": "a"}}));
        let operation = "CreateEventSourceMapping";
        let world = killed_at(world, operation, action, async |world: &World| {
            world.mappings().apply("orders", &spec).await;
        })
        .await;
        let object = world.mappings().is_ready("orders").await;
        let mappings = world.aws.list_mappings().await.unwrap();
        assert_eq!(mappings.len(), 1, "{mappings:?}");
        assert_eq!(mappings[0]["UUID"], json!(uuid(&object)));
    }
}

#[tokio::test]
async fn an_object_that_goes_after_a_crash_leaves_no_mapping() {
    let (world, queue) = with_queue().await;
    let spec = from(&queue, &json!({}));
    let operation = "CreateEventSourceMapping";
    let world = killed_at(world, operation, Action::HoldAnswer, async |world: &World| {
        world.mappings().apply("orders", &spec).await;
    })
    .await;
    world.mappings().delete("orders").await;
    world.mappings().is_gone("orders").await;
    for mapping in world.aws.list_mappings().await.unwrap() {
        assert_eq!(mapping["State"], "Deleting", "{mapping}");
    }
}

#[tokio::test]
async fn a_crash_around_an_update_or_a_deletion_is_made_good() {
    let (world, queue) = with_queue().await;
    let object = world.mappings().settle("orders", &from(&queue, &json!({}))).await;
    let edited = from(&queue, &json!({"batchSize": 4}));
    let world = killed_at(world, "UpdateEventSourceMapping", Action::HoldAnswer, async |world: &World| {
        world.mappings().apply("orders", &edited).await;
    })
    .await;
    world.mappings().is_ready("orders").await;
    assert_eq!(world.mapping(&uuid(&object)).await.unwrap()["BatchSize"], json!(4));
    let before = world.manners().mark().await.unwrap();
    world.mappings().is_looked_at("orders").await;
    assert_eq!(writes(&world.calls_since(before).await), [""; 0]);
    let world = killed_at(world, "DeleteEventSourceMapping", Action::HoldAnswer, async |world: &World| {
        world.mappings().delete("orders").await;
    })
    .await;
    world.mappings().is_gone("orders").await;
    assert_eq!(world.mapping(&uuid(&object)).await, None);
}
