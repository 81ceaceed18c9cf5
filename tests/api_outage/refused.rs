//! Requests that the API server refuses for a while, or does without saying so: a later pass goes on where they stopped.

use std::time::Duration;

use serde_json::{Value, json};
use testbed::{KubernetesProxy, Mishap, Trouble};

use crate::places::proxied;
use support::world::{World, operations, spec_with, status, writes, zip};

/// Too busy, out of order, and not there.
const CODES: [u16; 3] = [429, 500, 503];

/// Has it go wrong, settles the function, and says what was written to AWS meanwhile.
async fn written_under(world: &World, proxy: &KubernetesProxy, fault: Mishap, spec: &Value) -> Vec<String> {
    let name = spec["functionName"].as_str().unwrap();
    let before = world.manners().mark().await.unwrap();
    let what = format!("{fault:?}");
    let fault = proxy.add_mishap(fault);
    world.settle(name, spec).await;
    assert!(proxy.acted(fault) > 0, "it never happened: {what}");
    proxy.remove_mishap(fault);
    writes(&world.calls_since(before).await).into_iter().map(str::to_owned).collect()
}

fn versioned(name: &str) -> Value {
    spec_with(&json!({"functionName": name, "publish": true}))
}

#[tokio::test]
async fn a_new_object_survives_every_refused_request() {
    let (world, proxy) = proxied(&[]).await;
    world
        .bed
        .kubectl_ok(&["create", "secret", "generic", "db", "-n", &world.namespace, "--from-literal=COLOUR=red"], None)
        .await
        .unwrap();
    let needs = [
        ("get", "namespaces"),
        ("get", "secrets"),
        ("get", "lambdafunctions"),
        ("patch", "lambdafunctions"),
        ("patch", "lambdafunctions/status"),
    ];
    for (number, (verb, resource)) in needs.into_iter().enumerate() {
        let code = CODES[number % CODES.len()];
        let mut spec = versioned(&format!("refused-{number}"));
        spec["environment"] = json!({"from": [{"secretRef": {"name": "db"}}]});
        let fault = Mishap::new(Trouble::Status(code)).on(verb, resource).times(2);
        assert_eq!(
            written_under(&world, &proxy, fault, &spec).await,
            ["CreateFunction"],
            "{code} to {verb} {resource}"
        );
    }
}

/// The code came from a bucket: that it is ours, only status can tell.
#[tokio::test]
async fn an_unwritten_status_repeats_no_aws_write() {
    let (world, proxy) = proxied(&[]).await;
    world.aws.put_object("bucket", "code.zip", &zip("main.py", "def handler(event, context): return 1")).await.unwrap();
    for (number, trouble) in CODES.map(Trouble::Status).into_iter().chain([Trouble::LoseAnswer]).enumerate() {
        let name = format!("owed-{number}");
        let mut spec = versioned(&name);
        spec.as_object_mut().unwrap().remove("codeFrom");
        spec["s3Bucket"] = json!("bucket");
        spec["s3Key"] = json!("code.zip");
        // The first write says where the function will be; those after it what was done.
        let fault = Mishap::new(trouble).on("patch", "lambdafunctions/status").skip(1).times(2);
        assert_eq!(written_under(&world, &proxy, fault, &spec).await, ["CreateFunction"], "{trouble:?}");
        let object = world.objects().get(&name).await.unwrap();
        let status = status(&object);
        assert!(status.record.deployed.is_some() && status.record.published.is_some(), "{status:#?}");

        spec["memorySize"] = json!(256);
        let fault = Mishap::new(trouble).on("patch", "lambdafunctions/status").times(2);
        let written = written_under(&world, &proxy, fault, &spec).await;
        assert_eq!(written, ["UpdateFunctionConfiguration", "PublishVersion"], "{trouble:?}");
        let object = world.objects().get(&name).await.unwrap();
        assert_eq!(support::world::status(&object).version.as_deref(), Some("2"));
    }
}

#[tokio::test]
async fn an_event_that_cannot_be_written_fails_no_reconcile() {
    let (world, proxy) = proxied(&[]).await;
    let fault = proxy.add_mishap(Mishap::new(Trouble::Status(500)).on("create", "events"));
    world.settle("hello", &versioned("hello")).await;
    assert!(proxy.acted(fault) > 0, "an Event was to be written");
    let metrics = world.operator.metrics().await.unwrap();
    let none = "controller_runtime_reconcile_errors_total{controller=\"lambdafunction\"} 0\n";
    assert!(metrics.contains(none), "{metrics}");
    assert!(world.events("hello").await.is_empty());
}

/// What held a worker would hold an edit of anybody else.
#[tokio::test]
async fn a_long_refusal_blocks_no_worker_and_no_later_edit() {
    let (world, proxy) = proxied(&["--concurrency", "1"]).await;
    world.settle("hello", &versioned("hello")).await;
    let fault = proxy.add_mishap(Mishap::new(Trouble::Status(503)).on("patch", "lambdafunctions/status"));
    world.apply("hello", &spec_with(&json!({"functionName": "hello", "publish": true, "memorySize": 256}))).await;
    world
        .until("some tries", async |_: &World| match proxy.acted(fault) {
            tries if tries >= 3 => Ok(()),
            tries => Err(tries.to_string()),
        })
        .await;
    let before = world.manners().mark().await.unwrap();
    proxy.remove_mishap(fault);
    let begun = std::time::Instant::now();
    world.settle("other", &versioned("other")).await;
    assert!(begun.elapsed() < Duration::from_secs(10), "{:?}", begun.elapsed());
    world.ready("hello").await;
    let calls = world.calls_since(before).await;
    assert_eq!(writes(&calls).iter().filter(|one| **one == "CreateFunction").count(), 1, "{:?}", operations(&calls));
}
