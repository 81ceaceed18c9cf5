//! Watches that the API server ends: what was missed meanwhile is seen when they begin anew.

use std::time::{Duration, Instant};

use serde_json::json;
use testbed::{Mishap, Operator, Trouble};

use crate::places::{proxied, through};
use support::world::{World, spec_with, writes};

/// Compaction makes what a watch wants to go on from too old: said in the answer, or in the stream.
#[tokio::test]
async fn an_expired_watch_restarts_and_misses_nothing() {
    let (world, proxy) = proxied(&[]).await;
    let memory = |size: i32| spec_with(&json!({"publish": true, "memorySize": size}));
    world.settle("hello", &memory(128)).await;
    for (trouble, size) in [(Trouble::Status(410), 256), (Trouble::ErrorEvent(410), 512)] {
        let before = world.manners().mark().await.unwrap();
        // Twice: a real one ends with the list that follows.
        let fault = proxy.add_mishap(Mishap::new(trouble).on("watch", "lambdafunctions").times(2));
        proxy.cut_connections();
        world
            .until("the watch to be refused", async |_: &World| match proxy.acted(fault) {
                0 => Err("not yet".into()),
                _ => Ok(()),
            })
            .await;
        let edited = Instant::now();
        world.settle("hello", &memory(size)).await;
        assert!(edited.elapsed() < Duration::from_secs(15), "{trouble:?}: {:?}", edited.elapsed());
        let written = world.calls_since(before).await;
        assert_eq!(writes(&written), ["UpdateFunctionConfiguration", "PublishVersion"], "{trouble:?}");
        proxy.remove_mishap(fault);
    }
    assert!(world.operator.log().contains("Watch of lambdafunctions failed"), "it says so");
}

/// Refused for a while, lists and watches alike: readiness says it, and says when it is over.
#[tokio::test]
async fn readiness_is_honest_about_watches() {
    let (world, proxy) = proxied(&[]).await;
    world.settle("hello", &spec_with(&json!({}))).await;
    let faults =
        ["list", "watch"].map(|verb| proxy.add_mishap(Mishap::new(Trouble::Status(503)).on(verb, "lambdafunctions")));
    proxy.cut_connections();
    let answers = async |wanted: u16| {
        world
            .until("/readyz", async |world: &World| match world.operator.probe("/readyz").await.unwrap() {
                status if status == wanted => Ok(()),
                status => Err(status.to_string()),
            })
            .await;
    };
    answers(503).await;
    assert_eq!(world.operator.probe("/livez").await.unwrap(), 200, "to restart it would not help");
    faults.into_iter().for_each(|fault| proxy.remove_mishap(fault));
    answers(200).await;
    world.settle("hello", &spec_with(&json!({"memorySize": 256}))).await;
}

/// The API server refuses the first list of a kind: its controller runs no reconcile, and does not hold the process.
#[tokio::test]
async fn sigterm_ends_an_operator_whose_first_list_is_refused() {
    let (mut world, proxy) = proxied(&[]).await;
    let options = through(&world, &proxy, &[]);
    world.operator.kill().await;
    for kind in ["lambdafunctions", "lambdaaliases"] {
        let fault = proxy.add_mishap(Mishap::new(Trouble::Status(503)).on("list", kind));
        world.operator = Operator::start_only(&world.bed, &options).unwrap();
        world
            .until("the list to be refused", async |world: &World| match proxy.acted(fault) {
                0 => Err(world.operator.log()),
                _ => Ok(()),
            })
            .await;
        let asked = Instant::now();
        let exit = world.operator.terminate().await.unwrap();
        assert!(exit.success(), "{kind}: {exit}");
        assert!(asked.elapsed() < Duration::from_secs(10), "{kind}: {:?}", asked.elapsed());
        proxy.remove_mishap(fault);
    }
}
