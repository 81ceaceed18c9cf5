//! `import` and `plan` for event invoke configurations: an import takes over an existing configuration without a change, and the plan shows the
//! changes of an apply.

use serde_json::json;
use support::cli::{imported, plan};
use support::world::{World, writes};

use crate::{Config, function, of_hello};

#[tokio::test]
async fn an_imported_configuration_changes_nothing() {
    let world = World::new().await;
    function(&world).await;
    let queue = world.aws.create_queue("failed").await.unwrap();
    world.aws.create_alias("hello", "live", &json!({"FunctionVersion": "1"})).await.unwrap();
    let there = json!({"MaximumEventAgeInSeconds": 60, "DestinationConfig": {"OnFailure": {"Destination": queue}}});
    world.aws.put_invoke_config("hello", Some("live"), &there).await.unwrap();
    world.aws.put_invoke_config("hello", None, &json!({"DestinationConfig": {}})).await.unwrap();
    let manifest = imported(&world, &["event-invoke-config:hello:live", "event-invoke-config:hello"]).await;
    assert!(manifest.contains("kind: LambdaFunctionEventInvokeConfig"), "{manifest}");
    let told = plan(&world, &manifest).await;
    assert_eq!(told.code, Some(0), "{told:?}");
    let before = world.manners().mark().await.unwrap();
    world.bed.kubectl_ok(&["apply", "--validate=strict", "-f", "-"], Some(&manifest)).await.unwrap();
    for name in ["hello-live", "hello"] {
        world.of::<Config>().is_ready(name).await;
    }
    assert_eq!(writes(&world.calls_since(before).await), [""; 0]);
}

#[tokio::test]
async fn a_plan_shows_what_a_configuration_would_change() {
    let world = World::new().await;
    let object = |retries: i32| {
        json!({"apiVersion": "lambda-operator.io/v1alpha1", "kind": "LambdaFunctionEventInvokeConfig",
            "metadata": {"name": "async"}, "spec": of_hello(&json!({"maximumRetryAttempts": retries}))})
        .to_string()
    };
    let told = plan(&world, &object(1)).await;
    assert!(told.stdout.contains("async: planned later: LambdaFunction hello does not exist"), "{told:?}");
    function(&world).await;
    let told = plan(&world, &object(1)).await;
    assert!(told.stdout.contains("  PutFunctionEventInvokeConfig\n    maximumRetryAttempts: 1\n"), "{told:?}");
    world.of::<Config>().settle("async", &of_hello(&json!({}))).await;
    let told = plan(&world, &object(0)).await;
    assert_eq!(told.code, Some(2), "{told:?}");
    assert!(told.stdout.contains("  PutFunctionEventInvokeConfig\n    maximumRetryAttempts: 1 → 0\n"), "{told:?}");
}
