//! Versions: one with the creation, one for a change.

use serde_json::json;

use crate::stage::{NAME, Stage};
use support::world::spec_with;

#[tokio::test]
async fn publish_on_create() {
    let mut stage = Stage::new().await;
    stage.begin().await;
    stage.world.settle(NAME, &spec_with(&json!({"publish": true}))).await;
    stage.end("publish on create").await;
}

#[tokio::test]
async fn publish_after_change() {
    let mut stage = Stage::new().await;
    stage.world.settle(NAME, &spec_with(&json!({"publish": true}))).await;
    stage.begin().await;
    let code = json!({"inline": {"main.py": "def handler(event, context): return 'two'"}});
    stage.world.settle(NAME, &spec_with(&json!({"publish": true, "memorySize": 256, "codeFrom": code}))).await;
    stage.end("publish after change").await;
}
