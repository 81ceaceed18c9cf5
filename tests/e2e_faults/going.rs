//! Objects that go while AWS is at its worst: no function is left behind, none of another is touched, no finalizer stays.

use serde_json::json;

use testbed::{Action, Rule};

use crate::scene::{Scene, published};
use support::world::{World, message, spec, spec_with, writes};

pub(crate) const GOING: [&str; 3] = ["replicated", "key-disabled", "throttled-after-create"];

const UNSEEN: &str = "not-found-after-create";

/// The object is deleted when its function was made a moment ago and GetFunction does not show it yet.
#[tokio::test]
async fn a_function_that_is_not_found_yet_is_not_left_behind() {
    let scene = Scene::new().await;
    let world = &scene.world;
    scene.on(UNSEEN, "hello").await;
    world.apply("hello", &spec()).await;
    scene.until_done("hello", "CreateFunction").await;
    world.delete("hello").await;
    world.gone("hello").await;
    assert!(!scene.met(UNSEEN, "hello").await.is_empty(), "it was looked for while it was not shown");
    assert_eq!(world.function("hello").await, None, "an orphan");
    assert_eq!(writes(&scene.calls("hello").await), ["CreateFunction", "DeleteFunction"]);
    scene.was_never_stalled("hello").await;
}

#[tokio::test]
async fn a_function_that_is_not_found_yet_is_released_all_the_same() {
    let scene = Scene::new().await;
    let world = &scene.world;
    scene.on(UNSEEN, "hello").await;
    world.apply("hello", &spec_with(&json!({"skipDestroy": true, "tags": {"team": "a"}}))).await;
    scene.until_done("hello", "CreateFunction").await;
    world.delete("hello").await;
    world.gone("hello").await;
    assert_eq!(world.function("hello").await.unwrap()["Tags"], json!({"team": "a"}));
}

/// Nobody heard that it was made, and nothing shows it.
#[tokio::test]
async fn a_lost_and_stale_create_leaves_no_orphan() {
    let scene = Scene::new().await;
    let world = &scene.world;
    scene.on(UNSEEN, "hello").await;
    scene.on_for("answer-lost", "hello", "CreateFunction").await;
    world.apply("hello", &spec()).await;
    scene.until_met("answer-lost", "hello", 1).await;
    world.delete("hello").await;
    world.gone("hello").await;
    assert_eq!(world.function("hello").await, None, "an orphan");
    // Before the deletion came, the creation may have been sent, and lost, once more.
    assert_eq!(writes(&scene.calls("hello").await).last(), Some(&"DeleteFunction"));
    assert_eq!(scene.count("hello", "DeleteFunction").await, 1);
}

/// AWS carried the creation out, answered that it was throttled, and does not show the function yet.
#[tokio::test]
async fn a_throttled_and_stale_create_leaves_no_orphan() {
    let scene = Scene::new().await;
    let world = &scene.world;
    let fault = "throttled-after-create";
    scene.on(UNSEEN, "hello").await;
    scene.on(fault, "hello").await;
    world.apply("hello", &spec()).await;
    scene.until_met(fault, "hello", 1).await;
    world.delete("hello").await;
    world.gone("hello").await;
    assert_eq!(world.function("hello").await, None, "an orphan");
    assert_eq!(scene.count("hello", "DeleteFunction").await, 1);
}

/// Just after the creation reads go back and forth: one shows the function, the next two do not.
#[tokio::test]
async fn reads_that_go_back_and_forth_leave_no_orphan() {
    let scene = Scene::new().await;
    let world = &scene.world;
    world.settle("hello", &spec()).await;
    let lie = Action::error(404, "ResourceNotFoundException", "Function not found: hello");
    let lie = Rule::new("lie", lie).account(&world.account).operation("GetFunction").agent("*/*").times(2);
    world.manners().add(&lie).await.unwrap();
    world.delete("hello").await;
    world.gone("hello").await;
    assert_eq!(scene.met("lie", "hello").await.len(), 2);
    assert_eq!(world.function("hello").await, None, "an orphan");
    assert_eq!(scene.count("hello", "DeleteFunction").await, 1);
}

/// The same story, and there is none: it ends, and nothing is called but looks.
#[tokio::test]
async fn a_create_that_never_arrived_does_not_block_deletion() {
    let scene = Scene::new().await;
    let world = &scene.world;
    scene.on_for("request-lost", "hello", "CreateFunction").await;
    world.apply("hello", &spec()).await;
    scene.until_met("request-lost", "hello", 1).await;
    world.delete("hello").await;
    world.gone("hello").await;
    let calls = scene.calls("hello").await;
    assert!(!writes(&calls).contains(&"DeleteFunction"), "nothing that was not seen is deleted");
    assert!(calls.len() <= 20, "{} calls", calls.len());
}

#[tokio::test]
async fn a_stale_read_after_deletion_sends_one_delete() {
    let scene = Scene::new().await;
    let world = &scene.world;
    world.settle("hello", &published(&json!({}))).await;
    let fault = "visible-after-delete";
    scene.on(fault, "hello").await;
    world.delete("hello").await;
    world.gone("hello").await;
    let met = scene.met(fault, "hello").await.len();
    assert!((1..=6).contains(&met), "{met} looks at a function that is gone");
    // By now the name may be another's.
    assert_eq!(scene.count("hello", "DeleteFunction").await, 1);
    assert_eq!(world.function("hello").await, None);
    scene.was_never_stalled("hello").await;
}

#[tokio::test]
async fn a_stale_owner_tag_is_removed_once() {
    let scene = Scene::new().await;
    let world = &scene.world;
    world.settle("hello", &spec_with(&json!({"skipDestroy": true}))).await;
    let fault = "stale-after-tag";
    scene.on(fault, "hello").await;
    world.delete("hello").await;
    world.gone("hello").await;
    assert!(!scene.met(fault, "hello").await.is_empty());
    assert_eq!(scene.count("hello", "UntagResource").await, 1, "by now it may be another's");
    assert_eq!(world.function("hello").await.unwrap().get("Tags"), None);
}

/// It takes AWS hours: no alarm before the object's own timeout, slow tries, and an end by itself.
#[tokio::test]
async fn a_replicated_function_is_retried_slowly_until_deleted() {
    let scene = Scene::new().await;
    let world = &scene.world;
    for (name, delete) in [("patient", "3h"), ("hasty", "1s")] {
        world.settle(name, &spec_with(&json!({"timeouts": {"delete": delete}}))).await;
        scene.on("replicated", name).await;
        world.delete(name).await;
    }
    let told = world.condition("patient", "Reconciling", "True", Some("WaitingForReplicas")).await;
    let said = message(&told, "Ready");
    assert!(said.contains("replicated function") && said.contains("CloudFront"), "{said}");
    assert!(!said.contains("Correct the spec"), "{said}");
    world.condition("hasty", "Reconciling", "True", Some("WaitingForReplicas")).await;
    let message = world
        .until("an alarm after a second", async |world: &World| {
            world.look_now("hasty").await;
            let object = world.objects().get("hasty").await.map_err(|error| error.to_string())?;
            match message(&object, "Stalled") {
                text if text.is_empty() => Err(format!("{:#?}", object.status)),
                text => Ok(text),
            }
        })
        .await;
    assert!(message.contains("Timed out after 1s: ") && message.contains("replicated function"), "{message}");
    assert_eq!(scene.count("patient", "DeleteFunction").await, 1, "not tried again within seconds");
    for name in ["patient", "hasty"] {
        scene.off("replicated", name).await;
        world.look_now(name).await;
        world.gone(name).await;
        assert_eq!(world.function(name).await, None);
    }
    scene.was_never_stalled("patient").await;
}

/// AWS answers 502, but no patience enables a key: a person is told at once which of two things to do.
#[tokio::test]
async fn a_disabled_key_that_holds_a_deletion_is_told_at_once() {
    let scene = Scene::new().await;
    let world = &scene.world;
    world.settle("hello", &spec_with(&json!({"durableConfig": {"executionTimeout": 3600}}))).await;
    world.manners().start_executions(&world.account, "eu-west-1", "hello", 1).await.unwrap();
    scene.on("key-disabled", "hello").await;
    world.delete("hello").await;
    let message = world.stalled("hello", "Rejected").await;
    assert!(message.contains("KMSDisabledException") && message.contains("Enable the KMS key"), "{message}");
    scene.off("key-disabled", "hello").await;
    world.look_now("hello").await;
    world.gone("hello").await;
    assert_eq!(world.function("hello").await, None);
}
