//! Many objects that appear at once: AWS's quota is used, and not exceeded.
//!
//! How long it takes is judged with TORTURE=full only, on a machine that does nothing else: a busy one measures itself.
//! The budget's unit tests judge the same under a simulated clock.

use std::time::{Duration, Instant};

use futures::{StreamExt, stream};
use kube::api::ListParams;
use lambda_operator::api::function::spec::LambdaFunction;
use serde_json::Value;
use testbed::{by_operation, poll};

use crate::{alone, is_full, say};
use support::world::{World, spec};

/// AWS's quota.
const CREATIONS_PER_SECOND: f64 = 15.0;

#[tokio::test]
async fn a_thousand_creations_use_the_quota_without_429_storms() {
    let _alone = alone().await;
    let count: u32 = if is_full() { 1000 } else { 300 };
    let floor = f64::from(count) / CREATIONS_PER_SECOND;
    let world = World::new().await;
    let started = Instant::now();
    let (world_, spec) = (&world, spec());
    let applied = stream::iter(0..count).map(|number| apply(world_, number, &spec)).buffer_unordered(32);
    applied.collect::<Vec<()>>().await;
    all_ready(&world, count, Duration::from_secs_f64(floor * 3.0 + 30.0)).await;
    let took = started.elapsed().as_secs_f64();

    let calls = world.calls().await;
    let first = calls[0].at_ms;
    let late = calls.iter().filter(|call| call.status == 429 && call.at_ms > first + 1000).count();
    let throttled = calls.iter().filter(|call| call.status == 429).count();
    let when = calls.iter().filter(|call| call.status == 429).map(|call| (call.at_ms - first) / 1000);
    say(&format!(
        "{count} objects at once: {took:.1} s, floor {floor:.1} s, ratio {:.2}, 429: {throttled} (in the seconds {:?}), calls {:?}",
        took / floor,
        when.collect::<std::collections::BTreeSet<_>>(),
        by_operation(&calls),
    ));
    // AWS is a program beside the others here: where it has no time for a second, it judges two seconds' calls together.
    assert!(late * 200 <= count as usize, "{late} times 429 after the first second");
    if is_full() {
        assert!(took < floor * 1.3 + 10.0, "{took:.1} s, and the quota allows {floor:.1} s");
    }
    let creations = calls.iter().filter(|call| call.operation == "CreateFunction" && call.status == 201).count();
    assert_eq!(creations, count as usize, "one creation each");
    // One before the creation and one after it; a third is for those that AWS throttles.
    let reads = calls.iter().filter(|call| call.operation == "GetFunction").count();
    assert!(reads <= 3 * count as usize, "{reads} reads of {count} functions");
}

async fn apply(world: &World, number: u32, spec: &Value) {
    world.apply(&format!("many-{number:04}"), spec).await;
}

async fn all_ready(world: &World, count: u32, patience: Duration) {
    let waited = poll("all to be ready", patience, async || {
        // From the API server's cache: this is asked often.
        let cached = ListParams::default().match_any();
        let ready = world.objects().list(&cached).await.unwrap().items.iter().filter(|one| is_ready(one)).count();
        Ok(if ready == count as usize { Ok(()) } else { Err(format!("{ready} of {count} ready")) })
    });
    if let Err(error) = waited.await {
        panic!("{error}\nthe operator's log:\n{}", testbed::last_lines(&world.operator.log(), 40));
    }
}

fn is_ready(object: &LambdaFunction) -> bool {
    let mut conditions = object.status.iter().flat_map(|status| &status.common.conditions);
    conditions.any(|condition| condition.type_ == "Ready" && condition.status == "True")
}
