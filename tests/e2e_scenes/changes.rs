//! A function is created, and each group of its fields changes by its own call.

use serde_json::{Value, json};

use crate::stage::{NAME, Stage};
use support::world::{spec, spec_with};

/// The function is there as `first` says, and is to be as `second` says.
async fn change(scene: &str, first: &Value, second: &Value) {
    let mut stage = Stage::new().await;
    stage.world.settle(NAME, &spec_with(first)).await;
    stage.begin().await;
    stage.world.settle(NAME, &spec_with(second)).await;
    stage.end(scene).await;
}

fn signed() -> Value {
    json!({"codeSigningConfigArn": "arn:aws:lambda:eu-west-1:123456789012:code-signing-config:csc-0123456789abcdef1"})
}

#[tokio::test]
async fn create() {
    let mut stage = Stage::new().await;
    stage.begin().await;
    stage.world.settle(NAME, &spec()).await;
    stage.end("create").await;
}

#[tokio::test]
async fn configuration_changed() {
    let second = json!({"memorySize": 256, "timeout": 9, "environment": {"variables": {"COLOUR": "green"}}});
    change("configuration changed", &json!({}), &second).await;
}

#[tokio::test]
async fn code_changed() {
    let second = json!({"codeFrom": {"inline": {"main.py": "def handler(event, context): return 'two'"}}});
    change("code changed", &json!({}), &second).await;
}

#[tokio::test]
async fn code_signing_attached() {
    change("code signing attached", &json!({}), &signed()).await;
}

#[tokio::test]
async fn code_signing_removed() {
    change("code signing removed", &signed(), &json!({})).await;
}

#[tokio::test]
async fn concurrency_set() {
    change("concurrency set", &json!({}), &json!({"reservedConcurrentExecutions": 5})).await;
}

#[tokio::test]
async fn concurrency_removed() {
    change("concurrency removed", &json!({"reservedConcurrentExecutions": 5}), &json!({})).await;
}

#[tokio::test]
async fn tags_changed() {
    let (first, second) = (json!({"tags": {"team": "a", "old": "x"}}), json!({"tags": {"team": "b", "new": "x"}}));
    change("tags changed", &first, &second).await;
}
