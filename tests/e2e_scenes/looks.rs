//! Looks at a function that is there: nothing to do, drift, and an object that wants nothing done.

use kube::api::{Patch, PatchParams};
use serde_json::json;

use crate::stage::{NAME, Stage};
use support::world::{World, spec, spec_with};

#[tokio::test]
async fn idle_check_on_request() {
    let mut stage = Stage::new().await;
    stage.world.settle(NAME, &spec()).await;
    stage.begin().await;
    stage.world.looked(NAME).await;
    stage.end("idle check on request").await;
}

#[tokio::test]
async fn idle_drift_checks() {
    let mut stage = Stage::with(&["--drift-interval", "1s"]).await;
    stage.world.settle(NAME, &spec()).await;
    stage.begin().await;
    let since = stage.world.manners().mark().await.unwrap();
    stage
        .world
        .until("three checks", async |world: &World| {
            let looks = world.calls_since(since).await.len();
            if looks >= 3 { Ok(()) } else { Err(format!("{looks} looks")) }
        })
        .await;
    stage.end("idle drift checks").await;
}

#[tokio::test]
async fn drift_corrected() {
    let mut stage = Stage::new().await;
    stage.world.settle(NAME, &spec()).await;
    stage.begin().await;
    stage.world.aws.change_configuration(NAME, &json!({"MemorySize": 512})).await.unwrap();
    stage.world.aws.wait_until_at_rest(NAME).await.unwrap();
    stage.world.looked(NAME).await;
    stage.world.function_until(NAME, |function| function["Configuration"]["MemorySize"] == 128).await;
    stage.world.ready(NAME).await;
    stage.end("drift corrected").await;
}

#[tokio::test]
async fn drift_reported() {
    let mut stage = Stage::new().await;
    stage.world.settle(NAME, &spec_with(&json!({"driftPolicy": "Report"}))).await;
    stage.begin().await;
    stage.world.aws.change_configuration(NAME, &json!({"MemorySize": 512})).await.unwrap();
    stage.world.aws.wait_until_at_rest(NAME).await.unwrap();
    stage.world.looked(NAME).await;
    stage.world.condition(NAME, "Ready", "True", Some("Drifted")).await;
    stage.end("drift reported").await;
}

#[tokio::test]
async fn suspend() {
    let mut stage = Stage::new().await;
    stage.world.settle(NAME, &spec()).await;
    stage.begin().await;
    let change = json!({"spec": {"suspend": true, "memorySize": 256}});
    stage.world.objects().patch(NAME, &PatchParams::default(), &Patch::Merge(change)).await.unwrap();
    stage.world.condition(NAME, "Ready", "Unknown", Some("Suspended")).await;
    stage.world.look_now(NAME).await;
    stage.end("suspend").await;
}
