//! LambdaEventSourceMapping on a real kube-apiserver and an AWS emulator behind the proxy, with only the chart's RBAC rules.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking, in what it calls too")]

mod changes;
mod crash;
mod drift;
mod endings;
mod lifecycle;
mod ownership;
mod sources;

use serde_json::{Value, json};
use support::world::{World, spec};

/// The spec of a mapping from this queue to the LambdaFunction `hello`, with these fields too.
pub(crate) fn from(queue: &str, change: &Value) -> Value {
    let mut spec = json!({"functionRef": {"name": "hello"}, "eventSourceArn": queue});
    spec.as_object_mut().unwrap().extend(change.as_object().unwrap().clone());
    spec
}

/// A world with the LambdaFunction `hello`, and the ARN of a queue in it.
pub(crate) async fn with_queue() -> (World, String) {
    let world = World::new().await;
    world.settle("hello", &spec()).await;
    let queue = world.aws.create_queue("orders").await.unwrap();
    (world, queue)
}
