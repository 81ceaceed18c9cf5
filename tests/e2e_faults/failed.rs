//! AWS at work for too long, or in vain: stuck states end by the clock, failures are told with AWS's reason and not tried again hot.

use serde_json::json;
use testbed::STATE_REASONS;

use crate::scene::Scene;
use support::world::{World, operations, spec, spec_with, writes};

pub(crate) const STUCK: [&str; 2] = ["stuck-pending", "stuck-in-progress"];

#[tokio::test]
async fn a_stuck_function_backs_off_and_then_stalls() {
    let scene = Scene::new().await;
    let world = &scene.world;
    for (fault, reason) in STUCK.iter().zip(["Creating", "Updating"]) {
        scene.on(fault, fault).await;
        world.apply(fault, &spec_with(&json!({"timeouts": {"create": "4s"}}))).await;
        world.condition(fault, "Reconciling", "True", Some(reason)).await;
    }
    for fault in STUCK {
        let message = world.stalled(fault, "TimedOut").await;
        assert!(message.starts_with("Timed out after 4s: "), "{message}");
        // The Event follows the status.
        let calls_for_help = world
            .until("a call for help", async |world: &World| {
                let events = world.events(fault).await;
                match events.iter().filter(|event| event.reason.as_deref() == Some("TimedOut")).count() {
                    0 => Err("no Event TimedOut".to_owned()),
                    calls => Ok(calls),
                }
            })
            .await;
        assert_eq!(calls_for_help, 1);
        let looks = scene.met(fault, fault).await.len();
        assert!((2..=8).contains(&looks), "{fault}: {looks} looks in four seconds");
        assert_eq!(writes(&scene.calls(fault).await), ["CreateFunction"]);
        scene.off(fault, fault).await;
        world.look_now(fault).await;
        world.ready(fault).await;
    }
}

#[tokio::test]
async fn a_recovered_function_continues_without_an_alarm() {
    let scene = Scene::new().await;
    let world = &scene.world;
    for fault in STUCK {
        world.settle(fault, &spec()).await;
        scene.on(fault, fault).await;
        world.apply(fault, &spec_with(&json!({"memorySize": 256}))).await;
        // It can be changed only when it rests.
        scene.until_met(fault, fault, 3).await;
        assert_eq!(writes(&scene.calls(fault).await), ["CreateFunction"]);
        scene.off(fault, fault).await;
        world.ready(fault).await;
        scene.was_never_stalled(fault).await;
        assert_eq!(world.function(fault).await.unwrap()["Configuration"]["MemorySize"], 256);
    }
}

/// Names that objects can have.
fn names(prefix: &str) -> Vec<(String, &'static str)> {
    STATE_REASONS.iter().enumerate().map(|(number, code)| (format!("{prefix}-{number}"), *code)).collect()
}

#[tokio::test]
async fn a_failed_creation_is_reported_before_it_is_repeated() {
    let scene = Scene::new().await;
    let world = &scene.world;
    for (name, code) in names("f") {
        scene.on(&format!("state-failed-{code}"), &name).await;
        world.apply(&name, &spec()).await;
    }
    for (name, code) in names("f") {
        let message = world.stalled(&name, "FunctionFailed").await;
        assert!(message.contains(&format!("{code}: the test bed says {code}")), "{message}");
        assert_eq!(writes(&scene.calls(&name).await), ["CreateFunction"], "{code}: not made again and again");
    }
    let name = "f-0";
    world.look_now(name).await;
    scene.until_sent(name, "CreateFunction", 2).await;
    world.stalled(name, "FunctionFailed").await;
    assert_eq!(writes(&scene.calls(name).await), ["CreateFunction", "DeleteFunction", "CreateFunction"]);
    for (name, code) in names("f") {
        scene.off(&format!("state-failed-{code}"), &name).await;
        world.look_now(&name).await;
    }
    for (name, _) in names("f") {
        world.ready(&name).await;
    }
}

#[tokio::test]
async fn a_failed_update_is_reported_and_its_group_sent_again() {
    let scene = Scene::new().await;
    let world = &scene.world;
    for (name, _) in names("u") {
        world.apply(&name, &spec()).await;
    }
    for (name, code) in names("u") {
        world.ready(&name).await;
        scene.on(&format!("update-failed-{code}"), &name).await;
        world.apply(&name, &spec_with(&json!({"memorySize": 256}))).await;
    }
    for (name, code) in names("u") {
        let message = world.stalled(&name, "UpdateFailed").await;
        assert!(message.contains(&format!("{code}: the test bed says {code}")), "{message}");
        let before = scene.calls(&name).await.len();
        let group = match code {
            "ImageDeleted" | "ImageAccessDenied" | "InvalidImage" | "InvalidZipFileException" => "UpdateFunctionCode",
            _ => "UpdateFunctionConfiguration",
        };
        let already = scene.count(&name, group).await;
        world.look_now(&name).await;
        scene.until_sent(&name, group, already + 1).await;
        let sent = scene.calls(&name).await.split_off(before);
        assert!(operations(&sent).contains(&group), "{code}: {:?}", operations(&sent));
    }
    for (name, code) in names("u") {
        scene.off(&format!("update-failed-{code}"), &name).await;
        world.look_now(&name).await;
    }
    for (name, code) in names("u") {
        world.ready(&name).await;
        assert_eq!(world.function(&name).await.unwrap()["Configuration"]["MemorySize"], 256, "{code}");
        let sent = writes(&scene.calls(&name).await).len();
        assert!(sent <= 4, "{code}: {sent} writes");
    }
}
