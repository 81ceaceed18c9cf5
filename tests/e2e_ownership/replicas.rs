//! Two replicas, of which the leader dies or hangs in the middle of calls: the other goes on, and no call is made by both.

use std::process::Command;
use std::time::{Duration, Instant};

use serde_json::json;
use testbed::{Operator, poll};

use crate::hold::{Hold, call, written};
use support::world::{World, options, spec, spec_with};

/// The lease, a try that sees its last renewal and one that takes it, and what a busy machine takes.
const TAKEOVER: Duration = Duration::from_secs(15 + 2 + 2 + 11);

/// Contends for a lease of this world alone, with an administrator's rights: the chart's Role knows one lease.
async fn replica(world: &World) -> Operator {
    let elect = ["--leader-elect=true", "--lease-name", "replicas", "--lease-namespace", &world.namespace];
    let arguments = [&elect[..], &["--watch-namespace", &world.namespace]].concat();
    Operator::start(&world.bed, options(world.bed.kubeconfig.clone(), &world.account, &arguments)).await.unwrap()
}

async fn says(operator: &Operator, words: &str) {
    let said = async || {
        let log = operator.log();
        Ok(if log.contains(words) { Ok(()) } else { Err(log) })
    };
    poll(words, Duration::from_secs(60), said).await.unwrap();
}

/// A world whose operator is the leader, and a standby.
async fn pair() -> (World, Operator) {
    let mut world = World::new().await;
    world.operator = replica(&world).await;
    says(&world.operator, "Leading").await;
    let standby = replica(&world).await;
    (world, standby)
}

#[tokio::test]
async fn a_killed_leader_is_replaced_and_nothing_repeated() {
    let (mut world, standby) = pair().await;
    world.settle("settled", &spec()).await;
    let unsent = Hold::requests(&world, "CreateFunction", "unsent", 1).await;
    let done = Hold::answers(&world, "CreateFunction", "done", 1).await;
    for name in ["unsent", "done"] {
        world.apply(name, &spec_with(&json!({"publish": true}))).await;
    }
    unsent.holds(&world, 1).await;
    done.holds(&world, 1).await;
    assert!(!standby.log().contains("Leading"), "one leads");
    let leader = std::mem::replace(&mut world.operator, standby);
    let killed = Instant::now();
    leader.kill().await;
    says(&world.operator, "Leading").await;
    assert!(killed.elapsed() < TAKEOVER, "{:?}", killed.elapsed());
    println!("killed: taken over after {} ms", killed.elapsed().as_millis());
    for name in ["settled", "unsent", "done"] {
        world.ready(name).await;
    }
    assert_eq!(written(&world, "settled", 0).await, [call("CreateFunction", 201)]);
    assert_eq!(written(&world, "unsent", 0).await, [call("CreateFunction", 0), call("CreateFunction", 201)]);
    assert_eq!(written(&world, "done", 0).await, [call("CreateFunction", 201)], "what was done is continued");
    unsent.let_go(&world).await;
    done.let_go(&world).await;
}

#[tokio::test]
async fn a_leader_that_hung_in_a_call_makes_no_other_when_it_wakes_up() {
    let (mut world, standby) = pair().await;
    world.settle("changed", &spec()).await;
    let hold = Hold::requests(&world, "CreateFunction", "sent", 1).await;
    world.apply("sent", &spec()).await;
    hold.holds(&world, 1).await;
    assert!(!standby.log().contains("Leading"), "one leads");
    let mut leader = std::mem::replace(&mut world.operator, standby);
    let pid = leader.pid().to_string();
    let signal = |name: &str| Command::new("kill").args([name, &pid]).status().unwrap();
    assert!(signal("-STOP").success());
    let stopped = Instant::now();
    world.apply("changed", &spec_with(&json!({"memorySize": 256}))).await;
    world.apply("new", &spec()).await;
    says(&world.operator, "Leading").await;
    assert!(stopped.elapsed() < TAKEOVER, "{:?}", stopped.elapsed());
    println!("stopped: taken over after {} ms", stopped.elapsed().as_millis());
    for name in ["changed", "new", "sent"] {
        world.ready(name).await;
    }
    let before = world.manners().mark().await.unwrap();
    // The one being sent arrives at AWS now.
    hold.let_go(&world).await;
    assert!(signal("-CONT").success());
    says(&leader, "leadership was lost").await;
    assert!(!leader.ended().await.to_string().is_empty());
    for name in ["changed", "new", "sent"] {
        assert_eq!(written(&world, name, before).await, [], "{name}");
        world.ready(name).await;
    }
    assert_eq!(written(&world, "sent", 0).await, [call("CreateFunction", 409), call("CreateFunction", 201)]);
    assert_eq!(written(&world, "new", 0).await, [call("CreateFunction", 201)]);
    let once = [call("CreateFunction", 201), call("UpdateFunctionConfiguration", 200)];
    assert_eq!(written(&world, "changed", 0).await, once);
}
