//! The lease that cannot be renewed: for a while that is nothing, for longer the process ends, and the one that is started
//! in its place leads again.

use serde_json::json;
use testbed::{Hold, KubernetesProxy, Mishap, Moment, Operator, Trouble};

use crate::places::{proxied, through};
use support::world::{World, spec_with, writes};

const ELECTED: [&str; 3] = ["--leader-elect=true", "--lease-namespace", testbed::NAMESPACE];

#[tokio::test]
async fn a_lease_survives_short_faults_and_ends_in_long_ones() {
    let (mut world, proxy) = proxied(&ELECTED).await;
    let memory = |size: i32| spec_with(&json!({"publish": true, "memorySize": size}));
    world.settle("hello", &memory(128)).await;
    refused_for_a_while(&world, &proxy).await;
    world.settle("hello", &memory(256)).await;
    unheard(&world, &proxy).await;
    hanging(&world, &proxy).await;
    world.settle("hello", &memory(384)).await;
    world.operator.check().unwrap();

    let long = proxy.add_mishap(Mishap::new(Trouble::Status(500)).on("update", "leases"));
    let before = world.manners().mark().await.unwrap();
    let words = tokio::time::timeout(std::time::Duration::from_secs(30), world.operator.ended()).await.unwrap();
    assert!(words.to_string().contains("leadership was lost"), "{words}");
    world.apply("hello", &memory(512)).await;
    proxy.remove_mishap(long);
    // as the kubelet does
    world.operator = Operator::start(&world.bed, through(&world, &proxy, &ELECTED)).await.unwrap();
    world.ready("hello").await;
    assert_eq!(writes(&world.calls_since(before).await), ["UpdateFunctionConfiguration", "PublishVersion"]);
}

async fn refused_for_a_while(world: &World, proxy: &KubernetesProxy) {
    let short = proxy.add_mishap(Mishap::new(Trouble::Status(503)).on("update", "leases").times(2));
    world
        .until("the lease to be refused", async |_: &World| match proxy.acted(short) {
            2.. => Ok(()),
            acted => Err(acted.to_string()),
        })
        .await;
    renewed(world, proxy).await;
}

/// The API server renews it, and the operator does not hear of that.
async fn unheard(world: &World, proxy: &KubernetesProxy) {
    proxy.add_mishap(Mishap::new(Trouble::LoseAnswer).on("update", "leases").times(2));
    renewed(world, proxy).await;
}

/// One renewal hangs for as long as it may, and leaves time for another.
async fn hanging(world: &World, proxy: &KubernetesProxy) {
    let some = |text: &str| Some(text.to_owned());
    proxy.hold(Hold { verb: some("update"), resource: some("leases"), ..Hold::new(Moment::Request) });
    let held = || proxy.writes().iter().any(|write| write.held);
    world.until("a renewal to hang", async |_: &World| held().then_some(()).ok_or("none hangs".to_owned())).await;
    renewed(world, proxy).await;
}

/// Waits for three renewals that the API server accepted, two of which the operator has heard of by then.
async fn renewed(world: &World, proxy: &KubernetesProxy) {
    let renewals = || {
        let writes = proxy.writes();
        writes.iter().filter(|write| (write.resource.as_str(), write.status) == ("leases", 200)).count()
    };
    let before = renewals();
    world
        .until("the lease to be renewed", async |_: &World| {
            if renewals() >= before + 3 { Ok(()) } else { Err(format!("{} times", renewals() - before)) }
        })
        .await;
}
