//! Faults of calls about aliases: what a LambdaAlias says meanwhile, and that it ends as if nothing had been, written to once.

use serde_json::{Value, json};

use crate::scene::Scene;
use support::aliases::{function_of, held};

pub(crate) const ALIASES: [&str; 5] =
    ["alias-conflict", "alias-throttled", "alias-denied", "alias-shifting", "alias-stale"];

const FUNCTION: &str = "hello";

fn points_to(version: &str) -> Value {
    json!({"functionName": FUNCTION, "functionVersion": version, "description": "ours"})
}

async fn scene() -> Scene {
    let scene = Scene::new().await;
    function_of(&scene.world.aws, &scene.world.namespace, FUNCTION).await;
    scene
}

impl Scene {
    async fn is_version(&self, version: &str) {
        let wanted = json!({"version": version, "description": "ours", "weights": null});
        assert_eq!(held(&self.world.aws, FUNCTION, "live").await, Some(wanted));
        assert_eq!(self.world.aws.list_aliases(FUNCTION).await.unwrap().len(), 1);
    }

    /// How many calls of this name AWS carried out.
    async fn done(&self, operation: &str) -> usize {
        let calls = self.calls(FUNCTION).await;
        calls.iter().filter(|call| call.operation == operation && (200..300).contains(&call.status)).count()
    }
}

/// Each change meets the fault, is retried by itself, and is done once when the fault ends.
async fn each_change_is_retried(fault: &str, reason: &str, words: &str) {
    let scene = scene().await;
    let world = &scene.world;
    for (version, operation) in [("1", "CreateAlias"), ("2", "UpdateAlias")] {
        scene.on(fault, FUNCTION).await;
        world.aliases().apply("live", &points_to(version)).await;
        let message = world.aliases().says("live", "Reconciling", reason).await;
        assert!(message.contains(words), "{fault}: {message}");
        scene.off(fault, FUNCTION).await;
        world.aliases().is_ready("live").await;
        scene.is_version(version).await;
        assert_eq!(scene.done(operation).await, 1, "{fault}: {operation}");
    }
    scene.on(fault, FUNCTION).await;
    world.aliases().delete("live").await;
    world.aliases().says("live", "Reconciling", reason).await;
    scene.off(fault, FUNCTION).await;
    world.aliases().is_gone("live").await;
    assert_eq!(held(&world.aws, FUNCTION, "live").await, None);
    assert!(!scene.met(fault, FUNCTION).await.is_empty());
}

#[tokio::test]
async fn an_alias_waits_while_somebody_else_changes_the_function() {
    each_change_is_retried("alias-conflict", "WaitingForAWS", "concurrent update").await;
}

#[tokio::test]
async fn throttled_calls_about_an_alias_are_retried() {
    each_change_is_retried("alias-throttled", "Throttled", "Rate exceeded").await;
}

#[tokio::test]
async fn an_alias_that_may_not_be_managed_calls_for_help_and_heals() {
    let scene = scene().await;
    let world = &scene.world;
    scene.on("alias-denied", FUNCTION).await;
    world.aliases().apply("live", &points_to("1")).await;
    let message = world.aliases().says("live", "Stalled", "AccessDenied").await;
    assert!(message.contains("not authorized") && message.contains("Give the operator's AWS identity"), "{message}");
    assert_eq!(scene.met("alias-denied", FUNCTION).await.len(), 1, "not asked again at once");
    scene.off("alias-denied", FUNCTION).await;
    world.aliases().is_looked_at("live").await;
    world.aliases().is_ready("live").await;
    scene.is_version("1").await;
    assert_eq!(scene.done("CreateAlias").await, 1);
}

#[tokio::test]
async fn weights_that_aws_sets_while_it_moves_an_alias_are_left_to_it() {
    let scene = scene().await;
    let world = &scene.world;
    world.aliases().apply("live", &points_to("1")).await;
    world.aliases().is_ready("live").await;
    scene.on("alias-shifting", FUNCTION).await;
    world.aliases().apply("live", &points_to("2")).await;
    let message = world.aliases().says("live", "Reconciling", "Updating").await;
    world
        .until("the move to be told", async |world: &support::world::World| {
            let told = world.aliases().says("live", "Reconciling", "Updating").await;
            if told.contains("provisioned concurrency") && told.contains("1=0.5") { Ok(()) } else { Err(told) }
        })
        .await;
    world.aliases().is_looked_at("live").await;
    assert_eq!(scene.done("UpdateAlias").await, 1, "AWS is left alone: {message}");
    scene.off("alias-shifting", FUNCTION).await;
    world.aliases().is_ready("live").await;
    scene.is_version("2").await;
    assert_eq!(scene.done("UpdateAlias").await, 1);
}

#[tokio::test]
async fn stale_reads_of_an_alias_repeat_no_write_and_leave_nothing() {
    let scene = scene().await;
    let world = &scene.world;
    scene.on("alias-stale", FUNCTION).await;
    for version in ["1", "2"] {
        world.aliases().apply("live", &points_to(version)).await;
        world.aliases().is_ready("live").await;
        scene.is_version(version).await;
    }
    world.aliases().delete("live").await;
    world.aliases().is_gone("live").await;
    assert_eq!(held(&world.aws, FUNCTION, "live").await, None);
    for operation in ["CreateAlias", "UpdateAlias", "DeleteAlias"] {
        assert_eq!(scene.count(FUNCTION, operation).await, 1, "{operation}");
    }
    assert!(!scene.met("alias-stale", FUNCTION).await.is_empty(), "the fault was there");
}

/// AWS carried the creation out, answered that it was throttled, and does not show the alias yet.
#[tokio::test]
async fn an_alias_that_was_created_behind_a_429_is_not_left_behind() {
    let scene = scene().await;
    let world = &scene.world;
    scene.on("alias-stale", FUNCTION).await;
    scene.on("throttled-after-create", FUNCTION).await;
    world.aliases().apply("live", &points_to("1")).await;
    scene.until_met("throttled-after-create", FUNCTION, 1).await;
    world.aliases().delete("live").await;
    world.aliases().is_gone("live").await;
    assert_eq!(held(&world.aws, FUNCTION, "live").await, None, "an orphan");
    assert_eq!(scene.done("DeleteAlias").await, 1);
}
