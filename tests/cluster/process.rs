//! The process around the controller: probes, metrics, logs, a graceful end, and two replicas of which one leads.

use serde_json::json;
use testbed::{Action, Operator, Rule};

use crate::world::{World, installed, options, spec, spec_with, writes};

#[tokio::test]
async fn probes_and_metrics_answer_and_name_no_object() {
    let world = World::new().await;
    world.settle("hello", &spec()).await;
    assert_eq!(world.operator.probe("/livez").await.unwrap(), 200);
    assert_eq!(world.operator.probe("/readyz").await.unwrap(), 200);
    let metrics = world.operator.metrics().await.unwrap();
    for line in [
        "controller_runtime_reconcile_total{controller=\"lambdafunction\",result=\"requeue_after\"}",
        "lambda_operator_aws_requests_total{operation=\"CreateFunction\",code=\"ok\"} 1",
        "lambda_operator_aws_requests_duration_seconds_count{operation=\"CreateFunction\"} 1",
        "lambda_operator_functions{ready=\"True\",reason=\"Available\"} 1",
    ] {
        assert!(metrics.contains(line), "{line} is not in\n{metrics}");
    }
    assert!(!metrics.contains("hello"), "{metrics}");
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
    let World { operator, bed, account, namespace, client, aws } = world;
    let exit = operator.terminate().await.unwrap();
    assert!(exit.success(), "{exit}");
    let objects: kube::Api<lambda_operator::api::spec::LambdaFunction> = kube::Api::namespaced(client, &namespace);
    let object = objects.get("hello").await.unwrap();
    assert!(crate::world::status(&object).deployed.is_some(), "what was created was written down");
    assert_eq!(aws.get_function("hello").await.unwrap().0, 200);
    drop((bed, account));
}

#[tokio::test]
async fn of_two_replicas_one_leads_and_the_other_takes_over_when_it_is_told_to_stop() {
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
