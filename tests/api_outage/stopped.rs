//! The apiserver itself is stopped and started again, with edits on their way.

use std::time::{Duration, Instant};

use serde_json::json;
use testbed::{Action, Operator, Options, Rule, Running};

use crate::places::{install, private};
use support::world::{World, options, spec_with, writes};

/// Long enough for a lease to be lost; `make torture` says a minute.
fn absence() -> Duration {
    let seconds = std::env::var("AWAY_SECONDS").map_or(Ok(20), |text| text.parse());
    Duration::from_secs(seconds.unwrap_or_else(|_| panic!("AWAY_SECONDS must be a number of seconds")))
}

const ELECTED: [&str; 3] = ["--leader-elect=true", "--lease-namespace", testbed::NAMESPACE];

async fn answers(world: &World, wanted: u16) {
    world
        .until("/readyz", async |world: &World| match world.operator.probe("/readyz").await.unwrap() {
            status if status == wanted => Ok(()),
            status => Err(status.to_string()),
        })
        .await;
}

#[tokio::test]
async fn the_operator_resumes_seconds_after_an_outage() {
    let mut running = Running::start(&Options::default()).await.unwrap();
    let bed = running.bed.clone();
    let kubeconfig = install(&bed).await;
    let mut alone = private(&bed, kubeconfig.clone(), ("111111111111", "alone"), &[]).await;
    let mut leading = private(&bed, kubeconfig.clone(), ("222222222222", "leading"), &ELECTED).await;
    let memory = |size: i32| spec_with(&json!({"publish": true, "memorySize": size}));
    let first = memory(128);
    tokio::join!(alone.settle("hello", &first), leading.settle("hello", &first));
    let before = bed.manners().mark().await.unwrap();

    // An edit is on its way to AWS when the apiserver goes.
    let slow = Rule::new("slow", Action::Delay { ms: 2000 }).operation("UpdateFunctionConfiguration");
    let slow = bed.manners().add(&slow).await.unwrap();
    alone.apply("hello", &memory(256)).await;
    alone
        .until("the edit to be on its way", async |world: &World| match world.calls_since(before).await {
            calls if writes(&calls).is_empty() => Err("not yet".into()),
            _ => Ok(()),
        })
        .await;
    running.stop_apiserver().await;
    let stopped = Instant::now();
    bed.manners().remove(slow).await.unwrap();

    let words = tokio::time::timeout(Duration::from_secs(30), leading.operator.ended()).await.unwrap();
    assert!(words.to_string().contains("leadership was lost"), "{words}");
    // as the kubelet does, which needs no apiserver for it
    let again = options(kubeconfig, &leading.account, &[&["--watch-namespace", "leading"], &ELECTED[..]].concat());
    leading.operator = Operator::start_only(&bed, &again).unwrap();
    answers(&alone, 503).await;
    assert_eq!(alone.operator.probe("/livez").await.unwrap(), 200);
    tokio::time::sleep(absence().saturating_sub(stopped.elapsed())).await;
    alone.operator.check().unwrap();
    leading.operator.check().unwrap();

    running.start_apiserver().await.unwrap();
    let back = Instant::now();
    alone.apply("hello", &memory(512)).await;
    leading.apply("hello", &memory(512)).await;
    alone.function_until("hello", |function| function["Configuration"]["MemorySize"] == 512).await;
    assert!(back.elapsed() < Duration::from_secs(12), "an edit was served after {:?}", back.elapsed());
    alone.ready("hello").await;
    leading.ready("hello").await;
    assert!(back.elapsed() < Duration::from_secs(45), "a lease and some seconds, not {:?}", back.elapsed());
    answers(&alone, 200).await;

    let once = ["UpdateFunctionConfiguration", "PublishVersion"];
    let calls = leading.calls_since(before).await;
    assert_eq!(writes(&calls), once, "{calls:?}");
    // The edit before the absence, too, and a version of it where there was the time to publish it.
    let calls = alone.calls_since(before).await;
    let (updates, versions): (Vec<_>, Vec<_>) = writes(&calls).into_iter().partition(|one| *one == once[0]);
    assert_eq!(updates.len(), 2, "{calls:?}");
    assert!(versions.iter().all(|one| *one == once[1]) && versions.len() <= 2, "{calls:?}");
    namespaces_are_seen(&alone).await;
}

/// An annotation of a namespace, edited after it: its watch, too, was begun anew.
async fn namespaces_are_seen(world: &World) {
    let tags = "lambda-operator.io/default-tags=team=a";
    world.bed.kubectl_ok(&["annotate", "namespace", &world.namespace, tags], None).await.unwrap();
    world.function_until("hello", |function| function["Tags"]["team"] == "a").await;
}
