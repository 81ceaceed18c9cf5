//! Functions that name a LambdaLayerVersion wait for it and follow it.

use serde_json::{Value, json};
use support::world::{World, spec_with, writes};

use crate::{Layer, arn, layer, numbers};

/// The layers of a function in AWS.
pub(crate) async fn layers(world: &World, name: &str) -> Vec<String> {
    let function = world.function(name).await.unwrap();
    let all = function.pointer("/Configuration/Layers").or_else(|| function.get("Layers")).and_then(Value::as_array);
    all.into_iter().flatten().filter_map(|layer| layer["Arn"].as_str().map(str::to_owned)).collect()
}

#[tokio::test]
async fn a_function_waits_for_its_layers_and_follows_each_new_version() {
    let world = World::new().await;
    let by_arn = world.aws.publish_layer("libs").await.unwrap();
    let spec = spec_with(&json!({"layers": [by_arn], "layerRefs": [{"name": "common"}, {"name": "more"}]}));
    world.apply("hello", &spec).await;
    let said = world.condition("hello", "Ready", "False", Some("ReferenceNotFound")).await;
    let said = support::world::message(&said, "Ready");
    assert!(said.contains("LambdaLayerVersion common does not exist"), "{said}");
    assert!(world.function("hello").await.is_none());
    let common = world.of::<Layer>().settle("common", &layer("1", &json!({}))).await;
    let more = world.of::<Layer>().settle("more", &layer("1", &json!({}))).await;
    world.ready("hello").await;
    assert_eq!(layers(&world, "hello").await, [by_arn.clone(), arn(&common), arn(&more)], "in this order");

    let before = world.manners().mark().await.unwrap();
    let newer = world.of::<Layer>().settle("common", &layer("2", &json!({"retainVersions": 1}))).await;
    world
        .until("the new version", async |world: &World| match layers(world, "hello").await {
            all if all == [by_arn.clone(), arn(&newer), arn(&more)] => Ok(()),
            all => Err(format!("{all:?}")),
        })
        .await;
    world.ready("hello").await;
    let sent = writes(&world.calls_since(before).await).into_iter().filter(|call| !call.contains("Layer")).count();
    assert_eq!(sent, 1, "one update");
    assert_eq!(numbers(&world, "common").await, [2]);
}

#[tokio::test]
async fn a_layer_that_goes_does_not_disturb_its_function_until_that_changes() {
    let world = World::new().await;
    let common = world.of::<Layer>().settle("common", &layer("1", &json!({}))).await;
    world.settle("hello", &spec_with(&json!({"layerRefs": [{"name": "common"}]}))).await;
    world.of::<Layer>().delete("common").await;
    world.of::<Layer>().is_gone("common").await;
    world.condition("hello", "Ready", "False", Some("ReferenceNotFound")).await;
    assert_eq!(layers(&world, "hello").await, [arn(&common)], "AWS keeps what runs");
    world.settle("hello", &spec_with(&json!({}))).await;
    assert_eq!(layers(&world, "hello").await, [""; 0]);
}
