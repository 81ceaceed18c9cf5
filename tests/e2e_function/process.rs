//! The process around the controller: probes, metrics, logs, a graceful end, and two replicas of which one leads.

use serde_json::json;
use testbed::{Action, Operator, Rule};

use support::world::{World, installed, options, spec, spec_with, writes};

#[tokio::test]
async fn probes_and_metrics_answer_and_name_no_object() {
    let world = World::new().await;
    world.settle("hello", &spec()).await;
    assert_eq!(world.operator.probe("/livez").await.unwrap(), 200);
    assert_eq!(world.operator.probe("/readyz").await.unwrap(), 200);
    let lines = [
        "controller_runtime_reconcile_total{controller=\"lambdafunction\",result=\"requeue_after\"}",
        "lambda_operator_aws_requests_total{operation=\"CreateFunction\",code=\"ok\"} 1",
        "lambda_operator_aws_requests_duration_seconds_count{operation=\"CreateFunction\"} 1",
        "lambda_operator_objects{kind=\"lambdafunction\",ready=\"True\",reason=\"Available\"} 1",
    ];
    // The last one follows the watch, which can be behind the status that we have seen.
    world
        .until("the metrics", async |world: &World| {
            let metrics = world.operator.metrics().await.unwrap();
            assert!(!metrics.contains("hello"), "{metrics}");
            match lines.iter().find(|line| !metrics.contains(**line)) {
                Some(line) => Err(format!("{line} is not in\n{metrics}")),
                None => Ok(()),
            }
        })
        .await;
}

#[tokio::test]
async fn sigterm_finishes_the_call_in_flight_and_its_status() {
    let world = World::new().await;
    let slow = Rule::new("slow", Action::Delay { ms: 1500 }).account(&world.account).operation("CreateFunction");
    world.manners().add(&slow).await.unwrap();
    world.apply("hello", &spec()).await;
    world
        .until("the call to be under way", async |world: &World| {
            let calls = world.calls().await;
            if writes(&calls).contains(&"CreateFunction") { Ok(()) } else { Err(format!("{calls:?}")) }
        })
        .await;
    let World { operator, bed, account, namespace, client, aws, witness: _witness } = world;
    let exit = operator.terminate().await.unwrap();
    assert!(exit.success(), "{exit}");
    let objects: kube::Api<lambda_operator::api::function::spec::LambdaFunction> =
        kube::Api::namespaced(client, &namespace);
    let object = objects.get("hello").await.unwrap();
    assert!(support::world::status(&object).record.deployed.is_some(), "what was created was written down");
    assert_eq!(aws.get_function("hello").await.unwrap().0, 200);
    drop((bed, account));
}

#[tokio::test]
async fn one_replica_leads_and_the_other_takes_over_on_sigterm() {
    let world = World::new().await;
    let kubeconfig = installed(&world.bed).await;
    let account = format!("9{}", &world.account[1..]);
    let namespace = format!("{}-two", world.namespace);
    world.bed.kubectl_ok(&["create", "namespace", &namespace], None).await.unwrap();
    let replica = || {
        options(
            kubeconfig.clone(),
            &account,
            &["--leader-elect=true", "--lease-namespace", testbed::NAMESPACE, "--watch-namespace", &namespace],
        )
    };
    let first = Operator::start(&world.bed, replica()).await.unwrap();
    let leads = async |operator: &Operator| {
        world
            .until("a leader", async |_: &World| {
                let log = operator.log();
                if log.contains("Leading") { Ok(()) } else { Err(log) }
            })
            .await;
    };
    leads(&first).await;
    let second = Operator::start(&world.bed, replica()).await.unwrap();
    assert_eq!(second.probe("/readyz").await.unwrap(), 200, "a standby is ready");
    assert!(!second.log().contains("Leading"));
    assert!(first.terminate().await.unwrap().success());
    let released = std::time::Instant::now();
    leads(&second).await;
    assert!(released.elapsed() < std::time::Duration::from_secs(3), "{:?}", released.elapsed());
    let manifest = json!({
        "apiVersion": "lambda-operator.io/v1alpha1", "kind": "LambdaFunction",
        "metadata": {"name": "hello", "namespace": namespace}, "spec": spec_with(&json!({})),
    });
    world.bed.kubectl_ok(&["apply", "-f", "-"], Some(&manifest.to_string())).await.unwrap();
    world
        .bed
        .kubectl_ok(&["wait", "-n", &namespace, "--for=condition=Ready", "lfn/hello", "--timeout=30s"], None)
        .await
        .unwrap();
}

/// As when a machine hangs: the leader is stopped, loses its lease, wakes up in the middle of a pass and must not write.
#[tokio::test]
async fn a_leader_that_was_paused_makes_no_write_when_it_wakes_up() {
    let running = testbed::Running::start(&testbed::Options::default()).await.unwrap();
    let bed = &running.bed;
    let chart = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("charts/lambda-operator");
    let kubeconfig = bed.install(&chart).await.unwrap();
    let account = "123456789012";
    let replica =
        || options(kubeconfig.clone(), account, &["--leader-elect=true", "--lease-namespace", testbed::NAMESPACE]);
    let mut first = Operator::start(bed, replica()).await.unwrap();
    let says = async |operator: &Operator, words: &str| {
        testbed::poll(words, std::time::Duration::from_secs(60), async || {
            let log = operator.log();
            Ok(if log.contains(words) { Ok(()) } else { Err(log) })
        })
        .await
        .unwrap();
    };
    says(&first, "Leading").await;
    let second = Operator::start(bed, replica()).await.unwrap();
    let signal =
        |name: &str| std::process::Command::new("kill").args([name, &first.pid().to_string()]).status().unwrap();
    assert!(signal("-STOP").success());
    let manifest = json!({
        "apiVersion": "lambda-operator.io/v1alpha1", "kind": "LambdaFunction",
        "metadata": {"name": "hello", "namespace": "default"}, "spec": spec(),
    });
    bed.kubectl_ok(&["apply", "-f", "-"], Some(&manifest.to_string())).await.unwrap();
    says(&second, "Leading").await;
    bed.kubectl_ok(&["wait", "-n", "default", "--for=condition=Ready", "lfn/hello", "--timeout=60s"], None)
        .await
        .unwrap();
    let before = bed.manners().mark().await.unwrap();
    assert!(signal("-CONT").success());
    says(&first, "leadership was lost").await;
    assert!(!first.ended().await.to_string().is_empty());
    assert!(!first.log().contains("is creating the function"), "{}", first.log());
    let calls = bed.manners().calls(&testbed::Filter::account(account).service("lambda").since(before)).await.unwrap();
    assert!(writes(&calls).is_empty(), "{calls:?}");
    let all = bed.manners().calls(&testbed::Filter::account(account).operation("CreateFunction")).await.unwrap();
    assert_eq!(all.len(), 1, "no call is made twice by both");
}

#[tokio::test]
async fn a_reconcile_request_during_downtime_is_served_first() {
    let mut world = World::new().await;
    world.settle("hello", &spec()).await;
    let (bed, account, namespace) = (world.bed.clone(), world.account.clone(), world.namespace.clone());
    let objects = world.objects();
    world.operator.kill().await;
    let asked = json!({"metadata": {"annotations": {"lambda-operator.io/reconcile-requested-at": "now"}}});
    objects.patch("hello", &kube::api::PatchParams::default(), &kube::api::Patch::Merge(asked)).await.unwrap();
    let before = bed.manners().mark().await.unwrap();
    let kubeconfig = installed(&bed).await;
    let arguments = ["--watch-namespace", namespace.as_str()];
    world.operator = Operator::start(&bed, options(kubeconfig, &account, &arguments)).await.unwrap();
    world
        .until("a look", async |world: &World| match world.calls_since(before).await {
            calls if calls.is_empty() => Err("none".into()),
            _ => Ok(()),
        })
        .await;
}
