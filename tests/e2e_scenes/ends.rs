//! The end of an object, and the function that it leaves to the next one.

use serde_json::json;

use crate::stage::{NAME, Stage};
use support::world::{spec, spec_with};

#[tokio::test]
async fn delete() {
    let mut stage = Stage::new().await;
    stage.world.settle(NAME, &spec()).await;
    stage.begin().await;
    stage.world.delete(NAME).await;
    stage.world.gone(NAME).await;
    stage.end("delete").await;
}

#[tokio::test]
async fn release() {
    let mut stage = Stage::new().await;
    stage.world.settle(NAME, &spec_with(&json!({"skipDestroy": true}))).await;
    stage.begin().await;
    stage.world.delete(NAME).await;
    stage.world.gone(NAME).await;
    stage.end("release").await;
}

#[tokio::test]
async fn adoption() {
    let mut stage = Stage::new().await;
    stage.world.allow_adoption().await;
    stage.world.aws.create_function(NAME, &json!({"MemorySize": 512, "Tags": {"theirs": "x"}})).await.unwrap();
    stage.world.aws.wait_until_at_rest(NAME).await.unwrap();
    stage.begin().await;
    stage.world.settle(NAME, &spec_with(&json!({"adoptionPolicy": "Adopt"}))).await;
    stage.end("adoption").await;
}
