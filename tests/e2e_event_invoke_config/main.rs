//! LambdaFunctionEventInvokeConfigs in a world: created, changed, partly managed by others, refused, and deleted together with their function or
//! alias.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking, in what it calls too")]

mod alias;
mod commands;
mod drift;
mod lifecycle;
mod ownership;

use lambda_operator::api::event_invoke_config::LambdaFunctionEventInvokeConfig;
use serde_json::{Value, json};
use support::world::{World, operations, spec_with};
use testbed::{Aws, Call};

pub(crate) type Config = LambdaFunctionEventInvokeConfig;

/// The calls about event invoke configurations.
pub(crate) fn about_configs(calls: &[Call]) -> Vec<&str> {
    operations(calls).into_iter().filter(|operation| operation.contains("EventInvokeConfig")).collect()
}

/// The configuration in AWS: age, retries and both destinations.
pub(crate) async fn held(aws: &Aws, function: &str, qualifier: Option<&str>) -> Option<Value> {
    let (status, answer) = aws.get_invoke_config(function, qualifier).await.unwrap();
    let destination = |block: &str| answer.pointer(&format!("/DestinationConfig/{block}/Destination")).cloned();
    (status == 200).then(|| {
        json!([
            answer["MaximumEventAgeInSeconds"],
            answer["MaximumRetryAttempts"],
            destination("OnSuccess"),
            destination("OnFailure")
        ])
    })
}

/// A function that is ready, with version 1.
pub(crate) async fn function(world: &World) {
    world.settle("hello", &spec_with(&json!({"publish": true}))).await;
}

/// A spec for that function.
pub(crate) fn of_hello(change: &Value) -> Value {
    let mut spec = json!({"functionRef": {"name": "hello"}, "maximumRetryAttempts": 1});
    let fields = spec.as_object_mut().unwrap();
    fields.extend(change.as_object().unwrap().clone());
    fields.retain(|_, value| !value.is_null());
    spec
}
