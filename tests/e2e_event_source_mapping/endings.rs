//! The deletion of a function and of its mapping, in every order. AWS keeps a mapping when its function is deleted.

use kube::api::DeleteParams;
use serde_json::json;
use support::mappings::uuid;

use crate::{from, with_queue};

#[tokio::test]
async fn a_mapping_outlives_its_function_and_can_be_deleted_after_it() {
    let (world, queue) = with_queue().await;
    let mine = uuid(&world.mappings().settle("orders", &from(&queue, &json!({}))).await);
    world.delete("hello").await;
    world.gone("hello").await;
    let message = world.mappings().says("orders", "Reconciling", "WaitingForFunction").await;
    assert!(message.contains("LambdaFunction hello"), "{message}");
    assert!(world.mapping(&mine).await.is_some());
    world.mappings().delete("orders").await;
    world.mappings().is_gone("orders").await;
    assert_eq!(world.mapping(&mine).await, None);
}

#[tokio::test]
async fn a_function_that_is_created_again_keeps_its_mapping() {
    let (world, queue) = with_queue().await;
    let mine = uuid(&world.mappings().settle("orders", &from(&queue, &json!({}))).await);
    world.delete("hello").await;
    world.gone("hello").await;
    world.settle("hello", &support::world::spec()).await;
    world.mappings().is_looked_at("orders").await;
    assert_eq!(uuid(&world.mappings().is_ready("orders").await), mine);
}

#[tokio::test]
async fn objects_that_are_deleted_at_once_end_in_any_order() {
    let (world, queue) = with_queue().await;
    let mine = uuid(&world.mappings().settle("orders", &from(&queue, &json!({}))).await);
    let (function, mapping) = (world.objects(), world.mappings().api());
    let parameters = DeleteParams::default();
    let (one, two) = tokio::join!(function.delete("hello", &parameters), mapping.delete("orders", &parameters));
    one.unwrap();
    two.unwrap();
    world.gone("hello").await;
    world.mappings().is_gone("orders").await;
    assert_eq!(world.mapping(&mine).await, None);
    assert_eq!(world.function("hello").await, None);
}
