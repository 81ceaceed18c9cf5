//! LambdaLayerVersions in a world: published, kept and deleted, found again, shared with others, and followed by functions.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking, in what it calls too")]

mod commands;
mod faults;
mod functions;
mod lifecycle;
mod ownership;
mod permissions;
mod sources;
mod together;

use lambda_operator::api::layer_version::LambdaLayerVersion;
use serde_json::{Value, json};
use support::world::{World, operations};
use testbed::Call;

pub(crate) type Layer = LambdaLayerVersion;

/// A spec with one inline file, and a change.
pub(crate) fn layer(text: &str, change: &Value) -> Value {
    let mut spec = json!({"codeFrom": {"inline": {"python/lib.py": text}}});
    spec.as_object_mut().unwrap().extend(change.as_object().unwrap().clone());
    spec
}

/// The versions of a layer in AWS, oldest first.
pub(crate) async fn versions(world: &World, name: &str) -> Vec<Value> {
    let path = format!("/2018-10-31/layers/{name}/versions");
    let (status, answer) = world.aws.lambda("GET", &path, None).await.unwrap();
    assert_eq!(status, 200, "{answer}");
    let mut all = answer["LayerVersions"].as_array().cloned().unwrap_or_default();
    all.sort_by_key(|version| version["Version"].as_i64());
    all
}

/// Their numbers.
pub(crate) async fn numbers(world: &World, name: &str) -> Vec<i64> {
    versions(world, name).await.iter().filter_map(|version| version["Version"].as_i64()).collect()
}

/// What somebody else does with one version.
pub(crate) async fn delete_version(world: &World, name: &str, number: i64) {
    let path = format!("/2018-10-31/layers/{name}/versions/{number}");
    let (status, answer) = world.aws.lambda("DELETE", &path, None).await.unwrap();
    assert_eq!(status, 204, "{answer}");
}

/// The calls about layers.
pub(crate) fn about_layers(calls: &[Call]) -> Vec<&str> {
    operations(calls).into_iter().filter(|operation| operation.contains("LayerVersion")).collect()
}

/// The ARN in an object's status.
pub(crate) fn arn(object: &Layer) -> String {
    object.status.as_ref().and_then(|status| status.common.arn.clone()).unwrap_or_default()
}

/// The number of the newest version in an object's status.
pub(crate) fn version(object: &Layer) -> &str {
    object.status.as_ref().and_then(|status| status.version.as_deref()).unwrap_or_default()
}
