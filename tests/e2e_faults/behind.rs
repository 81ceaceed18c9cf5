//! Reads that are behind the writes: nothing is made twice, sent twice, published twice, or called ready too early.

use serde_json::{Value, json};
use testbed::{Action, Lag, Rule};

use crate::scene::{Scene, published};
use support::world::{World, spec, spec_with, status, writes, zip};

pub(crate) const BEHIND: [&str; 6] = [
    "not-found-after-create",
    "stale-after-update",
    "stale-after-tag",
    "visible-after-delete",
    "stale",
    "revision-moves",
];

/// Of code in S3 only status knows which package is live.
async fn in_s3(world: &World) -> Value {
    let bucket = format!("code-{}", world.account);
    let package = zip("main.py", "def handler(event, context): return 'one'");
    world.aws.put_object(&bucket, "p.zip", &package).await.unwrap();
    let mut spec = published(&json!({"s3Bucket": bucket, "s3Key": "p.zip"}));
    spec.as_object_mut().unwrap().remove("codeFrom");
    spec
}

#[tokio::test]
async fn a_stale_not_found_after_create_creates_once() {
    let scene = Scene::new().await;
    let world = &scene.world;
    let spec = in_s3(world).await;
    let fault = "not-found-after-create";
    scene.on(fault, "hello").await;
    let object = world.settle("hello", &spec).await;
    assert!(!scene.met(fault, "hello").await.is_empty());
    assert_eq!(writes(&scene.calls("hello").await), ["CreateFunction"]);
    assert_eq!(status(&object).version.as_deref(), Some("1"));
    assert_eq!(scene.versions("hello").await, ["$LATEST", "1"]);
    scene.was_never_stalled("hello").await;
}

#[tokio::test]
async fn one_stale_not_found_repeats_no_write() {
    let scene = Scene::new().await;
    let world = &scene.world;
    let before = world.settle("hello", &in_s3(world).await).await;
    let lie = Action::error(404, "ResourceNotFoundException", "Function not found: hello");
    let lie = Rule::new("lie", lie).account(&world.account).operation("GetFunction").agent("*/*").times(1);
    world.manners().add(&lie).await.unwrap();
    world.look_now("hello").await;
    scene.until_sent("hello", "CreateFunction", 2).await;
    let after = world.ready("hello").await;
    assert_eq!(writes(&scene.calls("hello").await), ["CreateFunction", "CreateFunction"], "AWS knew better");
    assert_eq!(scene.versions("hello").await, ["$LATEST", "1"]);
    assert_eq!(status(&after).record.deployed, status(&before).record.deployed);
    scene.was_never_stalled("hello").await;
}

/// The creation was heard of by nobody, so it is repeated; AWS says that there is one, and the next look finds whose.
#[tokio::test]
async fn a_lost_and_stale_create_is_repeated_and_recognised() {
    let scene = Scene::new().await;
    let behind = Action::Lag(Lag { after: "CreateFunction".into(), ms: 60_000, looks: 1 });
    let behind = Rule::new("behind", behind).account(&scene.world.account).function("hello").agent("*/*");
    scene.world.manners().add(&behind).await.unwrap();
    let lost = Rule::new("lost", Action::LoseAnswer).account(&scene.world.account).function("hello");
    scene.world.manners().add(&lost.operation("CreateFunction").agent("*/*").times(1)).await.unwrap();
    scene.world.settle("hello", &published(&json!({}))).await;
    let creations: Vec<u16> =
        scene.calls("hello").await.iter().filter(|c| c.operation == "CreateFunction").map(|c| c.status).collect();
    assert!(creations.iter().skip(1).all(|status| *status == 409) && creations.len() <= 3, "{creations:?}");
    assert_eq!(scene.versions("hello").await, ["$LATEST", "1"]);
    let story = scene.story("hello").await;
    assert!(story.iter().any(|told| told == "Reconciling/AlreadyExists"), "{story:?}");
    scene.was_never_stalled("hello").await;
}

#[tokio::test]
async fn an_old_answer_after_an_update_sends_nothing_twice() {
    let scene = Scene::new().await;
    let world = &scene.world;
    world.settle("hello", &published(&json!({}))).await;
    let fault = "stale-after-update";
    scene.on(fault, "hello").await;
    let code = json!({"inline": {"main.py": "def handler(event, context): return 'two'"}});
    world.settle("hello", &published(&json!({"memorySize": 256, "codeFrom": code}))).await;
    assert!(!scene.met(fault, "hello").await.is_empty());
    let sent = ["CreateFunction", "UpdateFunctionConfiguration", "UpdateFunctionCode", "PublishVersion"];
    assert_eq!(writes(&scene.calls("hello").await), sent);
    assert_eq!(scene.versions("hello").await, ["$LATEST", "1", "2"]);
    assert_eq!(world.invoke("hello:2").await, "two");
}

/// The old answer is just what is wanted again, and not so.
#[tokio::test]
async fn a_stale_read_never_reports_ready() {
    let scene = Scene::new().await;
    let world = &scene.world;
    world.settle("hello", &spec()).await;
    let fault = "stale-after-update";
    scene.on(fault, "hello").await;
    world.apply("hello", &spec_with(&json!({"memorySize": 256}))).await;
    scene.until_done("hello", "UpdateFunctionConfiguration").await;
    world.settle("hello", &spec()).await;
    assert_eq!(world.function("hello").await.unwrap()["Configuration"]["MemorySize"], 128);
    assert!(!scene.met(fault, "hello").await.is_empty());
}

/// Mended and sent: the old answer still says that the update before it failed.
#[tokio::test]
async fn a_stale_failure_is_not_blamed_on_the_new_update() {
    let scene = Scene::new().await;
    let world = &scene.world;
    world.settle("hello", &spec()).await;
    scene.on("update-failed-InvalidSubnet", "hello").await;
    world.apply("hello", &spec_with(&json!({"memorySize": 256}))).await;
    world.stalled("hello", "UpdateFailed").await;
    let before = scene.story("hello").await.len();
    let sent = scene.count("hello", "UpdateFunctionConfiguration").await;
    // Patched beside the lag: what is shown after the update is the failure of before, with the time of before.
    scene.on("stale-after-update", "hello").await;
    world.apply("hello", &spec_with(&json!({"memorySize": 512}))).await;
    scene.until_sent("hello", "UpdateFunctionConfiguration", sent + 1).await;
    scene.until_met("stale-after-update", "hello", 1).await;
    scene.off("update-failed-InvalidSubnet", "hello").await;
    world.ready("hello").await;
    let story = scene.story("hello").await.split_off(before);
    assert!(!story.iter().any(|told| told.starts_with("Stalled")), "{story:?}");
}

#[tokio::test]
async fn an_old_answer_after_a_tag_is_not_answered_hot() {
    let scene = Scene::new().await;
    let world = &scene.world;
    world.settle("hello", &published(&json!({}))).await;
    let fault = "stale-after-tag";
    scene.on(fault, "hello").await;
    world.settle("hello", &published(&json!({"tags": {"team": "b"}}))).await;
    let met = scene.met(fault, "hello").await.len();
    assert!((1..=7).contains(&met), "{met} looks while the reads are behind");
    let sent = scene.count("hello", "TagResource").await;
    assert!(sent <= 6, "{sent} times");
    assert_eq!(world.function("hello").await.unwrap()["Tags"]["team"], "b");
    assert_eq!(scene.versions("hello").await, ["$LATEST", "1"]);
}

#[tokio::test]
async fn stale_reads_do_not_change_a_function_lifecycle() {
    let scene = Scene::new().await;
    let world = &scene.world;
    let two = published(&json!({"memorySize": 256, "reservedConcurrentExecutions": 5}));
    world.settle("undisturbed", &published(&json!({}))).await;
    world.settle("undisturbed", &two).await;
    scene.on("stale", "hello").await;
    world.settle("hello", &published(&json!({}))).await;
    world.settle("hello", &two).await;
    scene.is_as_undisturbed("hello", "undisturbed").await;
    scene.was_never_stalled("hello").await;
    world.delete("hello").await;
    world.gone("hello").await;
    assert_eq!(world.function("hello").await, None);
    assert_eq!(scene.count("hello", "DeleteFunction").await, 1);
    assert!(scene.met("stale", "hello").await.len() >= 4, "the fault was there");
}

#[tokio::test]
async fn a_revision_that_moves_by_itself_is_no_news() {
    let scene = Scene::new().await;
    let world = &scene.world;
    scene.on("revision-moves", "hello").await;
    let settled = world.settle("hello", &published(&json!({}))).await;
    let looked = scene.calls("hello").await.len();
    world.look_now("hello").await;
    world
        .until("another look", async |_: &World| match scene.calls("hello").await.len() {
            calls if calls > looked => Ok(()),
            _ => Err("not yet".into()),
        })
        .await;
    let again = world.ready("hello").await;
    assert_eq!(status(&again).version, status(&settled).version);
    assert_eq!(writes(&scene.calls("hello").await), ["CreateFunction"]);
    assert!(scene.met("revision-moves", "hello").await.len() >= 2);
}
