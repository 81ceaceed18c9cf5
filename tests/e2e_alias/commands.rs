//! `import` and `plan` for aliases: what is there is taken over as it is, and what an apply would change is told before it.

use serde_json::json;
use support::cli::{imported, plan};
use support::world::{World, spec_with, writes};

#[tokio::test]
async fn an_imported_alias_changes_nothing() {
    let world = World::new().await;
    world.settle("hello", &spec_with(&json!({"publish": true}))).await;
    world.settle("hello", &spec_with(&json!({"publish": true, "memorySize": 256}))).await;
    let there = json!({"FunctionVersion": "2", "Description": "on: off", "RoutingConfig": {"AdditionalVersionWeights": {"1": 0.25}}});
    world.aws.create_alias("hello", "live", &there).await.unwrap();
    let manifest = imported(&world, &["hello/live"]).await;
    assert!(manifest.contains("kind: LambdaAlias") && manifest.contains("name: hello-live"), "{manifest}");
    let told = plan(&world, &manifest).await;
    assert_eq!(told.code, Some(0), "{told:?}");
    let before = world.manners().mark().await.unwrap();
    world.bed.kubectl_ok(&["apply", "--validate=strict", "-f", "-"], Some(&manifest)).await.unwrap();
    world.aliases().is_ready("hello-live").await;
    assert_eq!(writes(&world.calls_since(before).await), [""; 0]);
}

#[tokio::test]
async fn a_plan_shows_what_an_alias_would_change() {
    let world = World::new().await;
    let alias = |version: &str| {
        json!({"apiVersion": "lambda-operator.io/v1alpha1", "kind": "LambdaAlias", "metadata": {"name": "live"},
            "spec": {"functionRef": {"name": "hello"}, "functionVersion": version}})
        .to_string()
    };
    let told = plan(&world, &alias("1")).await;
    assert_eq!(told.code, Some(2), "{told:?}");
    assert!(told.stdout.contains("live: planned later: LambdaFunction hello does not exist"), "{told:?}");
    world.settle("hello", &spec_with(&json!({"publish": true}))).await;
    world.settle("hello", &spec_with(&json!({"publish": true, "memorySize": 256}))).await;
    let told = plan(&world, &alias("1")).await;
    assert!(told.stdout.contains("  CreateAlias\n    functionVersion: 1\n"), "{told:?}");
    world.aliases().settle("live", &json!({"functionRef": {"name": "hello"}, "functionVersion": "1"})).await;
    let told = plan(&world, &alias("2")).await;
    assert_eq!(told.code, Some(2), "{told:?}");
    assert!(
        told.stdout.contains(":function:hello:live): 1 change\n  UpdateAlias\n    functionVersion: 1 → 2\n"),
        "{told:?}"
    );
}
