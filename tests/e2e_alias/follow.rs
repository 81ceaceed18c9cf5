//! An alias and the LambdaFunction that it belongs to: applied in any order, followed from version to version, gone and made again together.

use k8s_openapi::api::core::v1::Namespace;
use kube::api::{Patch, PatchParams};
use lambda_operator::api::alias::LambdaAlias;
use lambda_operator::api::function::spec::LambdaFunction;
use lambda_operator::api::shared::FINALIZER;
use serde_json::{Value, json};
use support::objects::message;
use support::world::{World, spec_with};
use testbed::{Action, Rule};

#[tokio::test]
async fn an_alias_applied_before_its_function_waits_without_an_error() {
    let world = World::new().await;
    let follow = json!({"functionRef": {"name": "hello"}, "functionVersionFrom": "Published"});
    world.aliases().apply("live", &follow).await;
    let object = world.aliases().condition("live", "Reconciling", "True", Some("WaitingForFunction")).await;
    assert!(message(&object, "Ready").contains("LambdaFunction hello does not exist"), "{object:?}");
    world.apply("hello", &spec_with(&json!({"publish": true}))).await;
    let object = world.aliases().is_ready("live").await;
    assert_eq!(object.status.unwrap().function_version.as_deref(), Some("1"));
}

#[tokio::test]
async fn an_alias_follows_each_published_version_once_it_is_ready() {
    let world = World::new().await;
    world.settle("hello", &spec_with(&json!({"publish": true}))).await;
    let follow = json!({"functionRef": {"name": "hello"}, "functionVersionFrom": "Published"});
    world.aliases().settle("live", &follow).await;
    // Version 2 is not ready for a while: callers stay on version 1.
    let pending = json!({"Configuration": {"State": "Pending", "StateReasonCode": "Creating"}});
    let rule = Rule::new("pending", Action::PatchAnswer(pending)).account(&world.account).operation("GetFunction");
    let rule = world.manners().add(&rule.qualifier("2")).await.unwrap();
    let two = spec_with(&json!({"publish": true, "memorySize": 256, "snapStart": {"applyOn": "PublishedVersions"}}));
    world.apply("hello", &two).await;
    world.condition("hello", "Reconciling", "True", Some("Publishing")).await;
    let object = world.aliases().is_looked_at("live").await;
    assert_eq!(object.status.unwrap().function_version.as_deref(), Some("1"));
    world.manners().remove(rule).await.unwrap();
    world.ready("hello").await;
    let moved = |object: &LambdaAlias| {
        object.status.as_ref().is_some_and(|status| status.function_version.as_deref() == Some("2"))
    };
    world.aliases().until("the alias to follow", "live", moved).await;
    assert_eq!(world.alias("hello", "live").await.unwrap()["FunctionVersion"], "2");
}

#[tokio::test]
async fn a_function_that_publishes_nothing_cannot_be_followed() {
    let world = World::new().await;
    world.settle("hello", &spec_with(&json!({}))).await;
    let follow = json!({"functionRef": {"name": "hello"}, "functionVersionFrom": "Published"});
    world.aliases().apply("live", &follow).await;
    let object = world.aliases().condition("live", "Stalled", "True", Some("InvalidReference")).await;
    assert!(message(&object, "Ready").contains("set publish: true in the LambdaFunction"), "{object:?}");
    world.apply("hello", &spec_with(&json!({"publish": true}))).await;
    world.aliases().is_ready("live").await;
}

#[tokio::test]
async fn an_alias_whose_function_goes_says_so_and_comes_back_with_it() {
    let world = World::new().await;
    world.settle("hello", &spec_with(&json!({"publish": true}))).await;
    let follow = json!({"functionRef": {"name": "hello"}, "functionVersionFrom": "Published"});
    world.aliases().settle("live", &follow).await;
    world.delete("hello").await;
    world.gone("hello").await;
    let object = world.aliases().condition("live", "Reconciling", "True", Some("WaitingForFunction")).await;
    assert!(message(&object, "Ready").contains("hello"), "{object:?}");
    world.apply("hello", &spec_with(&json!({"publish": true}))).await;
    world.aliases().is_ready("live").await;
    assert!(world.alias("hello", "live").await.is_some());
}

#[tokio::test]
async fn a_function_recreated_by_drift_correction_gets_its_alias_back() {
    let world = World::new().await;
    world.settle("hello", &spec_with(&json!({"publish": true}))).await;
    let follow = json!({"functionRef": {"name": "hello"}, "functionVersionFrom": "Published"});
    world.aliases().settle("live", &follow).await;
    let (status, answer) = world.aws.lambda("DELETE", "/2015-03-31/functions/hello", None).await.unwrap();
    assert_eq!(status, 204, "{answer}");
    world.looked("hello").await;
    world
        .until("the alias of the new function", async |world: &World| {
            world.alias("hello", "live").await.map(drop).ok_or_else(|| "not yet".to_owned())
        })
        .await;
    world.aliases().is_ready("live").await;
}

#[tokio::test]
async fn an_alias_of_a_function_that_aws_refuses_names_the_reason_of_the_function() {
    let world = World::new().await;
    let follow = json!({"functionRef": {"name": "hello"}, "functionVersionFrom": "Published"});
    world.aliases().apply("live", &follow).await;
    world.apply("hello", &spec_with(&json!({"publish": true, "runtime": "python2.9"}))).await;
    let named = |object: &LambdaAlias| {
        message(object, "Reconciling").starts_with("LambdaFunction hello is blocked (Rejected); kubectl describe")
    };
    world.aliases().until("the alias to name the reason of its function", "live", named).await;
    world.apply("hello", &spec_with(&json!({"publish": true}))).await;
    world.aliases().is_ready("live").await;
}

/// The operator's reads of the alias after these looks at it.
async fn reads(world: &World, looks: usize) -> usize {
    let before = world.manners().mark().await.unwrap();
    for _ in 0..looks {
        world.aliases().is_looked_at("live").await;
    }
    world.calls_since(before).await.iter().filter(|call| call.operation == "GetAlias").count()
}

/// Requests a reconcile and waits for the read that it causes. If the budget has no call left, the report answers the request and the retry reads.
async fn is_read(world: &World) {
    let before = world.manners().mark().await.unwrap();
    world.aliases().is_looked_at("live").await;
    world
        .until("a read of the alias", async |world: &World| {
            let calls = world.calls_since(before).await;
            if calls.iter().any(|call| call.operation == "GetAlias") { Ok(()) } else { Err(format!("{calls:?}")) }
        })
        .await;
}

#[tokio::test]
async fn an_alias_of_a_function_that_is_handed_over_is_not_read() {
    let world = World::new().await;
    world.settle("hello", &spec_with(&json!({"publish": true}))).await;
    world.aliases().settle("live", &json!({"functionRef": {"name": "hello"}, "functionVersion": "1"})).await;
    let taker = format!("{}/other", world.namespace);
    world.of::<LambdaFunction>().annotate("hello", "lambda-operator.io/hand-over-to", &taker).await;
    world.aliases().condition("live", "Reconciling", "True", Some("WaitingForFunction")).await;
    assert_eq!(reads(&world, 3).await, 0);
}

#[tokio::test]
async fn an_alias_that_goes_long_after_its_function_object_says_so() {
    let world = World::with(&["--drift-interval", "1s"]).await;
    world.settle("hello", &spec_with(&json!({"publish": true, "skipDestroy": true}))).await;
    world.aliases().settle("live", &json!({"functionRef": {"name": "hello"}, "functionVersion": "1"})).await;
    world.delete("hello").await;
    world.gone("hello").await;
    world.aliases().condition("live", "Reconciling", "True", Some("WaitingForFunction")).await;
    wait_is_old(&world).await;
    is_read(&world).await;
    world.aws.lambda("DELETE", "/2015-03-31/functions/hello", None).await.unwrap();
    world
        .until("the alias to be gone", async |world: &World| {
            let status = world.aliases().is_looked_at("live").await.status.unwrap();
            if status.common.arn.is_none() { Ok(()) } else { Err(format!("{status:#?}")) }
        })
        .await;
}

#[tokio::test]
async fn an_alias_that_outlasts_its_function_object_is_read_again_when_that_object_ends() {
    let world = World::new().await;
    world.settle("hello", &spec_with(&json!({"publish": true, "skipDestroy": true}))).await;
    world.aliases().settle("live", &json!({"functionRef": {"name": "hello"}, "functionVersion": "1"})).await;
    let finalizers = async |all: Value| {
        let patch = Patch::Merge(json!({"metadata": {"finalizers": all}}));
        world.objects().patch("hello", &PatchParams::default(), &patch).await.unwrap();
    };
    finalizers(json!([FINALIZER, "example.com/hold"])).await;
    world.delete("hello").await;
    world.aliases().condition("live", "Reconciling", "True", Some("WaitingForFunction")).await;
    wait_is_old(&world).await;
    is_read(&world).await;
    world.aws.lambda("DELETE", "/2015-03-31/functions/hello", None).await.unwrap();
    finalizers(Value::Null).await;
    let gone = |object: &LambdaAlias| object.status.as_ref().is_some_and(|status| status.common.arn.is_none());
    world.aliases().until("the alias to be gone", "live", gone).await;
}

/// The operator's reads of the alias after it was reconciled so often for a reason that does not concern it.
async fn unasked_reads(world: &World, times: usize) -> usize {
    let before = world.manners().mark().await.unwrap();
    let namespaces: kube::Api<Namespace> = kube::Api::all(world.client.clone());
    for most in 1..=times {
        let told = reconciles(world).await;
        let annotations = json!({"lambda-operator.io/max-reserved-concurrency": most.to_string()});
        let patch = Patch::Merge(json!({"metadata": {"annotations": annotations}}));
        namespaces.patch(&world.namespace, &PatchParams::default(), &patch).await.unwrap();
        world
            .until("a reconcile of the alias", async |world: &World| match reconciles(world).await {
                now if now > told => Ok(()),
                _ => Err("none".to_owned()),
            })
            .await;
    }
    world.calls_since(before).await.iter().filter(|call| call.operation == "GetAlias").count()
}

/// The number of reconciles of aliases so far.
async fn reconciles(world: &World) -> u64 {
    let metrics = world.operator.metrics().await.unwrap();
    let of_aliases = |line: &&str| line.starts_with("controller_runtime_reconcile_total{controller=\"lambdaalias\"");
    let counts = metrics.lines().filter(of_aliases).filter_map(|line| line.rsplit_once(' '));
    counts.filter_map(|(_, count)| count.parse::<u64>().ok()).sum()
}

/// Makes the alias wait for longer than AWS shows what it has deleted, and long after it was created.
async fn wait_is_old(world: &World) {
    let since = "2026-01-01T00:00:00Z";
    let record = json!({"wait": {"since": since}, "lastWrite": since});
    let since = json!({"status": {"record": record, "lastHandledReconcileAt": "by this test"}});
    world.aliases().api().patch_status("live", &PatchParams::default(), &Patch::Merge(since)).await.unwrap();
}

#[tokio::test]
async fn an_alias_that_outlasts_its_function_object_is_read_until_that_is_sure_and_not_again() {
    let world = World::new().await;
    world.settle("hello", &spec_with(&json!({"publish": true, "skipDestroy": true}))).await;
    world.aliases().settle("live", &json!({"functionRef": {"name": "hello"}, "functionVersion": "1"})).await;
    world.delete("hello").await;
    world.gone("hello").await;
    world.aliases().condition("live", "Reconciling", "True", Some("WaitingForFunction")).await;
    // AWS can show what it has deleted for a while.
    is_read(&world).await;
    wait_is_old(&world).await;
    is_read(&world).await;
    assert_eq!(unasked_reads(&world, 3).await, 0);
    // A request reads afresh.
    is_read(&world).await;
    is_read(&world).await;
    let object = world.aliases().api().get("live").await.unwrap();
    assert!(object.status.unwrap().common.arn.is_some(), "AWS still has it");
}
