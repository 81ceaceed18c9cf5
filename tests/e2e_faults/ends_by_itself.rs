//! Faults that pass: they are waited for without alarm and ever more slowly, and when they end the function is made, once.

use std::time::{Duration, Instant};

use futures::future::join_all;
use serde_json::json;
use testbed::Call;

use crate::scene::{Scene, published};
use support::world::{World, message, status};

/// A fault, what status says of it, and how many calls it meets before it is switched off.
struct Passing {
    fault: &'static str,
    reason: &'static str,
    words: &'static str,
    tries: usize,
}

const fn passing(fault: &'static str, reason: &'static str, words: &'static str, tries: usize) -> Passing {
    Passing { fault, reason, words, tries }
}

pub(crate) const TOO_NEW: [&str; 5] =
    ["role-not-assumable", "grant-not-possible", "interface-not-allowed", "mount-targets-creating", "image-not-pushed"];
pub(crate) const OVERLOAD: [&str; 6] =
    ["throttled", "throttled-400", "throttled-by-ec2", "snapshot-limit", "service-exception", "bad-gateway"];
pub(crate) const ON_THE_WAY: [&str; 5] = ["reset", "request-lost", "answer-lost", "token-expired", "clock-skewed"];
pub(crate) const SLOW: [&str; 2] = ["slow", "slow-headers"];
pub(crate) const TAGS: &str = "tags-unreadable";

fn passing_faults() -> Vec<Passing> {
    let trust = "trust policy names lambda.amazonaws.com";
    let clock = "clock of its node";
    vec![
        passing("role-not-assumable", "WaitingForIAM", trust, 3),
        passing("grant-not-possible", "WaitingForIAM", "invalid for CreateGrant", 3),
        passing("interface-not-allowed", "WaitingForIAM", "CreateNetworkInterface", 3),
        passing("mount-targets-creating", "WaitingForIAM", "make a mount target available", 3),
        passing("image-not-pushed", "NotFound", "Push the image", 1),
        passing("throttled", "Throttled", "Rate exceeded", 3),
        passing("throttled-400", "Throttled", "Rate exceeded", 3),
        passing("throttled-by-ec2", "Throttled", "throttled by EC2", 2),
        passing("snapshot-limit", "Throttled", "unable to create new snapshot", 2),
        passing("service-exception", "AWSUnavailable", "ServiceException", 3),
        passing("bad-gateway", "AWSUnavailable", "HTTP status 502", 3),
        passing("reset", "AWSUnavailable", "GetFunction", 3),
        passing("request-lost", "AWSUnavailable", "GetFunction", 3),
        passing("answer-lost", "AWSUnavailable", "GetFunction", 3),
        passing("token-expired", "CredentialsExpired", clock, 3),
        passing("clock-skewed", "CredentialsExpired", clock, 3),
    ]
}

async fn all_pass(faults: &[&str]) {
    let cases = passing_faults();
    let cases = cases.iter().filter(|case| faults.contains(&case.fault));
    let passed = join_all(cases.map(passes)).await;
    assert_eq!(passed.len(), faults.len(), "each fault has its row");
}

/// Each in a world of its own: being throttled is the account's.
async fn passes(&Passing { fault, reason, words, tries }: &Passing) {
    let scene = Scene::new().await;
    let world = &scene.world;
    world.settle("undisturbed", &published(&json!({}))).await;
    scene.on(fault, "hello").await;
    world.apply("hello", &published(&json!({}))).await;
    let told = world.condition("hello", "Reconciling", "True", Some(reason)).await;
    assert!(message(&told, "Ready").contains(words), "{fault}: {}", message(&told, "Ready"));
    let met = scene.until_met(fault, "hello", tries).await;
    assert_slowing(fault, &met[..tries]);
    scene.off(fault, "hello").await;
    let object = world.ready("hello").await;
    assert_eq!(status(&object).version.as_deref(), Some("1"), "{fault}");
    scene.is_as_undisturbed("hello", "undisturbed").await;
    scene.was_never_stalled("hello").await;
    let made = scene.calls("hello").await.iter().filter(|call| call.status == 201).count();
    assert_eq!(made, 1, "{fault}: created once");
}

/// The next try comes after a second at least, and each one after it twice as late. A busy machine makes them later still.
fn assert_slowing(fault: &str, calls: &[Call]) {
    let gaps: Vec<u64> = calls.windows(2).map(|pair| pair[1].at_ms - pair[0].at_ms).collect();
    for (gap, least) in gaps.iter().zip([880, 1760, 3520]) {
        assert!(*gap >= least, "{fault} is retried hot: {gaps:?}");
    }
}

#[tokio::test]
async fn a_new_role_or_key_is_waited_for() {
    all_pass(&TOO_NEW).await;
}

#[tokio::test]
async fn throttling_and_aws_outages_are_retried_with_backoff() {
    all_pass(&OVERLOAD).await;
}

#[tokio::test]
async fn lost_requests_and_expired_credentials_are_retried() {
    all_pass(&ON_THE_WAY).await;
}

#[tokio::test]
async fn a_slow_aws_is_no_fault() {
    let scene = Scene::new().await;
    scene.world.settle("undisturbed", &published(&json!({}))).await;
    for fault in SLOW {
        scene.on(fault, fault).await;
        scene.world.apply(fault, &published(&json!({}))).await;
    }
    for fault in SLOW {
        scene.world.ready(fault).await;
        let met = scene.met(fault, fault).await;
        assert!(met.iter().any(|call| call.operation == "CreateFunction"), "{met:?}");
        scene.is_as_undisturbed(fault, "undisturbed").await;
        let story = scene.story(fault).await;
        assert!(!story.iter().any(|told| told.ends_with("AWSUnavailable")), "{fault}: {story:?}");
    }
}

/// The account's token bucket does the pacing, not the object: it must not sleep through the end of a storm.
#[tokio::test]
async fn a_function_that_was_throttled_25_times_is_ready_within_20_seconds() {
    let scene = Scene::new().await;
    let world = &scene.world;
    scene.on("throttled", "hello").await;
    world.apply("hello", &published(&json!({}))).await;
    world
        .until("25 calls to be throttled", async |world: &World| {
            // Each look is one more call, as soon as the bucket has room for it.
            world.look_now("hello").await;
            let met = scene.met("throttled", "hello").await.len();
            if met >= 25 { Ok(()) } else { Err(format!("{met} calls")) }
        })
        .await;
    scene.off("throttled", "hello").await;
    let ended = Instant::now();
    world.ready("hello").await;
    assert!(ended.elapsed() < Duration::from_secs(20), "{:?}", ended.elapsed());
}

/// Whose a function is cannot be told for a moment: that is no matter for a person, and nothing is written meanwhile.
#[tokio::test]
async fn tags_that_cannot_be_read_for_a_moment_call_nobody() {
    let scene = Scene::new().await;
    let world = &scene.world;
    world.settle("hello", &published(&json!({}))).await;
    let written = scene.count("hello", "UpdateFunctionConfiguration").await;
    scene.on(TAGS, "hello").await;
    world.apply("hello", &published(&json!({"memorySize": 256}))).await;
    let told = world.condition("hello", "Reconciling", "True", Some("AWSUnavailable")).await;
    assert!(message(&told, "Ready").contains("cannot read the function's tags"), "{}", message(&told, "Ready"));
    scene.until_met(TAGS, "hello", 3).await;
    assert_eq!(scene.count("hello", "UpdateFunctionConfiguration").await, written);
    scene.off(TAGS, "hello").await;
    world.ready("hello").await;
    assert_eq!(scene.count("hello", "UpdateFunctionConfiguration").await, written + 1);
    scene.was_never_stalled("hello").await;
}

/// The worst moment to lose an answer: AWS has made the function, and we do not know.
#[tokio::test]
async fn a_lost_create_answer_creates_no_second_function() {
    let scene = Scene::new().await;
    let world = &scene.world;
    world.settle("undisturbed", &published(&json!({}))).await;
    scene.on_for("answer-lost", "hello", "CreateFunction").await;
    world.settle("hello", &published(&json!({}))).await;
    assert_eq!(scene.met("answer-lost", "hello").await.len(), 1);
    assert_eq!(scene.count("hello", "CreateFunction").await, 1, "the next look shows that it is there");
    scene.is_as_undisturbed("hello", "undisturbed").await;
    scene.was_never_stalled("hello").await;
}
