//! What a user can tell the operator beside what the function should be: to keep its hands off, only to report, when to look.

use kube::api::{Patch, PatchParams};
use serde_json::{Value, json};

use support::world::{World, message, spec, spec_with, status, writes};

async fn patch(world: &World, name: &str, patch: &Value) {
    world.objects().patch(name, &PatchParams::default(), &Patch::Merge(patch)).await.unwrap();
}

#[tokio::test]
async fn a_suspended_object_makes_no_aws_call() {
    let world = World::with(&["--drift-interval", "1s"]).await;
    world.settle("hello", &spec()).await;
    patch(&world, "hello", &json!({"spec": {"suspend": true, "memorySize": 256}})).await;
    let object = world.condition("hello", "Ready", "Unknown", Some("Suspended")).await;
    assert!(message(&object, "Ready").contains("Set suspend to false"), "{}", message(&object, "Ready"));
    assert!(status(&object).common.arn.is_some(), "what was known stays");
    let quiet = world.manners().mark().await.unwrap();
    // A request to look is not answered either, and its answer is not pretended.
    world.look_now("hello").await;
    world.settle("beside", &spec()).await;
    let calls = world.calls_since(quiet).await;
    let own: Vec<_> = calls.iter().filter(|call| call.function.as_deref() == Some("hello")).collect();
    assert!(own.is_empty(), "{own:?}");
    assert_eq!(status(&world.objects().get("hello").await.unwrap()).common.last_handled_reconcile_at, None);

    world.delete("beside").await;
    world.gone("beside").await;
    patch(&world, "hello", &json!({"spec": {"suspend": false}})).await;
    world.function_until("hello", |f| f["Configuration"]["MemorySize"] == 256).await;
    let object = world.ready("hello").await;
    assert!(status(&object).common.last_handled_reconcile_at.is_some());
}

#[tokio::test]
async fn an_object_that_is_never_at_rest_has_25_events() {
    let world = World::new().await;
    world.settle("hello", &spec()).await;
    for _ in 0..14 {
        patch(&world, "hello", &json!({"spec": {"suspend": true}})).await;
        world.condition("hello", "Ready", "Unknown", Some("Suspended")).await;
        patch(&world, "hello", &json!({"spec": {"suspend": false}})).await;
        world.ready("hello").await;
    }
    let events = world.events("hello").await.len();
    // One more in five minutes.
    assert!((25..=26).contains(&events), "{events}");
    world.settle("beside", &spec()).await;
    assert!(!world.events("beside").await.is_empty(), "each object has its own");
}

#[tokio::test]
async fn a_new_object_that_is_suspended_creates_nothing() {
    let world = World::new().await;
    world.apply("hello", &spec_with(&json!({"suspend": true}))).await;
    world.condition("hello", "Ready", "Unknown", Some("Suspended")).await;
    assert!(world.calls().await.is_empty());
    world.delete("hello").await;
    world.gone("hello").await;
}

#[tokio::test]
async fn deleting_a_suspended_object_waits_for_skip_destroy() {
    let world = World::new().await;
    world.settle("hello", &spec()).await;
    patch(&world, "hello", &json!({"spec": {"suspend": true}})).await;
    world.condition("hello", "Ready", "Unknown", Some("Suspended")).await;
    let quiet = world.manners().mark().await.unwrap();
    world.delete("hello").await;
    let object = world.condition("hello", "Ready", "Unknown", Some("Suspended")).await;
    assert!(message(&object, "Ready").contains("skipDestroy"), "{}", message(&object, "Ready"));
    patch(&world, "hello", &json!({"spec": {"skipDestroy": true}})).await;
    world.gone("hello").await;
    assert!(world.calls_since(quiet).await.is_empty(), "it lets go without a call");
    assert!(world.function("hello").await.is_some());
}

#[tokio::test]
async fn drift_is_reported_once_and_left_until_the_user_decides() {
    let world = World::with(&["--drift-interval", "1s"]).await;
    world.settle("hello", &spec_with(&json!({"driftPolicy": "Report"}))).await;
    let before = world.manners().mark().await.unwrap();
    world.aws.change_configuration("hello", &json!({"MemorySize": 512})).await.unwrap();
    let object = world.condition("hello", "Ready", "True", Some("Drifted")).await;
    let told = message(&object, "Ready");
    assert!(told.contains("memorySize: 512 → 128") && told.contains("driftPolicy"), "{told}");
    world
        .until("five more looks", async |world: &World| {
            let looks = world.calls_since(before).await.len();
            if looks >= 7 { Ok(()) } else { Err(format!("{looks} looks")) }
        })
        .await;
    assert!(writes(&world.calls_since(before).await).is_empty());
    let drifted = |event: &k8s_openapi::api::events::v1::Event| event.reason.as_deref() == Some("Drifted");
    let events = world.events("hello").await;
    let told: Vec<_> = events.iter().filter(|event| drifted(event)).collect();
    assert_eq!(told.len(), 1, "{events:#?}");
    assert_eq!(told[0].type_.as_deref(), Some("Warning"));
    let metrics = world.operator.metrics().await.unwrap();
    assert!(metrics.contains("lambda_operator_drift_total{group=\"UpdateFunctionConfiguration\"} 1"), "{metrics}");

    // What the spec itself changes is carried out, and leaves the difference alone.
    let before = world.manners().mark().await.unwrap();
    patch(&world, "hello", &json!({"spec": {"timeout": 9}})).await;
    let function = world.function_until("hello", |f| f["Configuration"]["Timeout"] == 9).await;
    assert_eq!(function["Configuration"]["MemorySize"], 512);
    world.condition("hello", "Ready", "True", Some("Drifted")).await;
    assert_eq!(writes(&world.calls_since(before).await), ["UpdateFunctionConfiguration"]);

    // An edit of the member that differs decides.
    patch(&world, "hello", &json!({"spec": {"memorySize": 256}})).await;
    world.function_until("hello", |f| f["Configuration"]["MemorySize"] == 256).await;
    world.condition("hello", "Ready", "True", Some("Available")).await;
}

#[tokio::test]
async fn a_deleted_function_is_only_reported_under_report() {
    let world = World::with(&["--drift-interval", "1s"]).await;
    world.settle("hello", &spec_with(&json!({"driftPolicy": "Report"}))).await;
    world.aws.lambda("DELETE", "/2015-03-31/functions/hello", None).await.unwrap();
    let told = world.stalled("hello", "DriftNotCorrected").await;
    assert!(told.contains("the function was deleted") && told.contains("Correct"), "{told}");
    patch(&world, "hello", &json!({"spec": {"driftPolicy": "Correct"}})).await;
    world.ready("hello").await;
    assert!(world.function("hello").await.is_some());
}

#[tokio::test]
async fn an_object_has_its_own_time_between_drift_checks() {
    let world = World::with(&["--drift-interval", "1s"]).await;
    world.settle("rare", &spec_with(&json!({"driftCheckInterval": "24h"}))).await;
    let before = world.manners().mark().await.unwrap();
    world.settle("often", &spec()).await;
    world
        .until("three checks of the other", async |world: &World| {
            let calls = world.calls_since(before).await;
            let looks = |name| calls.iter().filter(|call| call.function.as_deref() == Some(name)).count();
            if looks("often") >= 8 { Ok(looks("rare")) } else { Err(format!("{calls:?}")) }
        })
        .await;
    let calls = world.calls_since(before).await;
    assert_eq!(calls.iter().filter(|call| call.function.as_deref() == Some("rare")).count(), 0);
}

#[tokio::test]
async fn a_reconcile_request_is_echoed_once_it_is_done() {
    let world = World::new().await;
    world.settle("hello", &spec()).await;
    let request = json!({"metadata": {"annotations": {"lambda-operator.io/reconcile-requested-at": "now"}}});
    let before = world.manners().mark().await.unwrap();
    patch(&world, "hello", &request).await;
    world
        .until("the echo", async |world: &World| {
            let object = world.objects().get("hello").await.unwrap();
            match status(&object).common.last_handled_reconcile_at.as_deref() {
                Some("now") => Ok(()),
                other => Err(format!("{other:?}")),
            }
        })
        .await;
    assert_eq!(world.calls_since(before).await.len(), 1, "one look");
}
