//! Objects that never had a function: their deletion touches nothing in AWS and is over at once.

use std::time::Instant;

use serde_json::{Value, json};
use testbed::{Action, Rule};

use crate::hold::written;
use crate::rival::{foreign, untouched};
use support::world::{World, spec_with, writes};

/// Each object, and the condition that it comes to rest in.
fn refused() -> Vec<(&'static str, Value, &'static str, &'static str)> {
    let secret = json!({"valueFrom": {"PASSWORD": {"secretKeyRef": {"name": "none", "key": "none"}}}});
    vec![
        ("conflict", json!({"functionName": "theirs"}), "Stalled", "NotOwned"),
        (
            "invalid",
            json!({"environment": {"variables": {"BIG": "x".repeat(4000), "MORE": "x".repeat(200)}}}),
            "Stalled",
            "InvalidSpec",
        ),
        ("rejected", json!({"runtime": "python2.9"}), "Stalled", "Rejected"),
        ("hash", json!({"codeSha256": "d3Jvbmc="}), "Stalled", "CodeHashMismatch"),
        ("missing", json!({"environment": secret}), "Reconciling", "ReferenceNotFound"),
        (
            "code",
            json!({"codeFrom": {"inline": null, "secretRef": {"name": "none"}}}),
            "Reconciling",
            "ReferenceNotFound",
        ),
        ("denied", json!({}), "Stalled", "AccessDenied"),
        ("role", json!({}), "Reconciling", "WaitingForIAM"),
    ]
}

#[tokio::test]
async fn an_object_that_was_refused_goes_at_once_and_touches_nothing() {
    let world = World::new().await;
    foreign(&world, "theirs").await;
    let text = "The role defined for the function cannot be assumed by Lambda.";
    let refusals = [
        Rule::new("denied", Action::error(403, "AccessDeniedException", "no")).function("denied"),
        Rule::new("role", Action::error(400, "InvalidParameterValueException", text)).function("role"),
    ];
    for rule in refusals {
        world.manners().add(&rule.account(&world.account).operation("CreateFunction")).await.unwrap();
    }
    for (name, change, _, _) in refused() {
        world.apply(name, &spec_with(&change)).await;
    }
    for (name, _, type_, reason) in refused() {
        world.condition(name, type_, "True", Some(reason)).await;
    }
    let before = world.manners().mark().await.unwrap();
    let started = Instant::now();
    for (name, _, _, _) in refused() {
        world.delete(name).await;
    }
    for (name, _, _, _) in refused() {
        world.gone(name).await;
    }
    assert!(started.elapsed().as_secs() < 15, "{:?}", started.elapsed());
    let mut since = world.calls_since(before).await;
    // AWS refuses these. Each may have been tried again just before it was deleted.
    let tried_again = |call: &testbed::Call| matches!(call.function.as_deref(), Some("role" | "denied"));
    since.retain(|call| !(tried_again(call) && call.operation == "CreateFunction"));
    assert_eq!(writes(&since), [""; 0], "{since:?}");
    assert_eq!(written(&world, "theirs", 0).await, []);
    untouched(&world, "theirs").await;
}
