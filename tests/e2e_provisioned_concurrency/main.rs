//! LambdaProvisionedConcurrencyConfigs in a world: allocated, changed, moved with their alias, managed by autoscaling, refused, and deleted.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking, in what it calls too")]

mod alias;
mod commands;
mod lifecycle;
mod ownership;

use lambda_operator::api::provisioned_concurrency::LambdaProvisionedConcurrencyConfig;
use serde_json::{Value, json};
use support::world::{World, spec_with};
use testbed::Aws;

pub(crate) type Config = LambdaProvisionedConcurrencyConfig;

/// The number that is requested in AWS.
pub(crate) async fn requested(aws: &Aws, qualifier: &str) -> Option<i64> {
    let (status, answer) = aws.get_provisioned("hello", qualifier).await.unwrap();
    (status == 200).then(|| answer["RequestedProvisionedConcurrentExecutions"].as_i64().unwrap())
}

/// A function that is ready, with the versions 1 and 2.
pub(crate) async fn function(world: &World) {
    world.settle("hello", &spec_with(&json!({"publish": true}))).await;
    world.settle("hello", &spec_with(&json!({"publish": true, "memorySize": 256}))).await;
}

/// A spec for version 1 of that function.
pub(crate) fn of_version(amount: i64, change: &Value) -> Value {
    let mut spec =
        json!({"functionRef": {"name": "hello"}, "qualifier": "1", "provisionedConcurrentExecutions": amount});
    spec.as_object_mut().unwrap().extend(change.as_object().unwrap().clone());
    spec
}

/// A spec for the LambdaAlias `live`.
pub(crate) fn of_alias(amount: i64) -> Value {
    json!({"aliasRef": {"name": "live"}, "provisionedConcurrentExecutions": amount})
}
