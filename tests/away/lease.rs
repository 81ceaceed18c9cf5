//! The lease that cannot be renewed: for a while that is nothing, for longer the process ends, and the one that is started
//! in its place leads again.

use serde_json::json;
use testbed::{Mishap, Operator, Trouble};

use crate::places::{proxied, through};
use crate::world::{World, spec_with, writes};

const ELECTED: [&str; 3] = ["--leader-elect=true", "--lease-namespace", testbed::NAMESPACE];

#[tokio::test]
async fn a_lease_is_kept_through_a_short_refusal_and_lost_in_a_long_one() {
    let (mut world, proxy) = proxied(&ELECTED).await;
    let memory = |size: i32| spec_with(&json!({"publish": true, "memorySize": size}));
    world.settle("hello", &memory(128)).await;
    let short = proxy.add_mishap(Mishap::new(Trouble::Status(503)).on("update", "leases").times(3));
    let acted = async |fault, times: u32| {
        world
            .until("the lease to be refused", async |_: &World| match proxy.acted(fault) {
                acted if acted >= times => Ok(()),
                acted => Err(acted.to_string()),
            })
            .await;
    };
    acted(short, 3).await;
    world.settle("hello", &memory(256)).await;
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
