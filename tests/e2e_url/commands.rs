//! `import` and `plan` for function URLs: an import takes over an existing URL without a change, and the plan shows the changes of an apply.

use lambda_operator::api::function_url::LambdaFunctionUrl;
use serde_json::json;
use support::cli::{imported, plan};
use support::world::{World, spec_with, writes};

use crate::lifecycle::url;

#[tokio::test]
async fn an_imported_url_changes_nothing() {
    let world = World::new().await;
    world.settle("hello", &spec_with(&json!({}))).await;
    let there = json!({"AuthType": "AWS_IAM", "InvokeMode": "RESPONSE_STREAM", "Cors": {"AllowOrigins": ["https://shop.example"], "MaxAge": 60}});
    world.aws.create_url("hello", None, &there).await.unwrap();
    let manifest = imported(&world, &["url:hello"]).await;
    assert!(manifest.contains("kind: LambdaFunctionUrl"), "{manifest}");
    let told = plan(&world, &manifest).await;
    assert_eq!(told.code, Some(0), "{told:?}");
    let mark = world.manners().mark().await.unwrap();
    world.bed.kubectl_ok(&["apply", "--validate=strict", "-f", "-"], Some(&manifest)).await.unwrap();
    world.of::<LambdaFunctionUrl>().is_ready("hello").await;
    assert_eq!(writes(&world.calls_since(mark).await), [""; 0]);
}

#[tokio::test]
async fn a_plan_shows_what_a_url_would_change() {
    let world = World::new().await;
    world.settle("hello", &spec_with(&json!({}))).await;
    let manifest = |change| {
        json!({"apiVersion": "lambda-operator.io/v1alpha1", "kind": "LambdaFunctionUrl", "metadata": {"name": "web"},
            "spec": url(&change)})
        .to_string()
    };
    let told = plan(&world, &manifest(json!({}))).await;
    assert!(told.stdout.contains("  CreateFunctionUrlConfig\n    authorizationType: AWS_IAM\n"), "{told:?}");
    world.of::<LambdaFunctionUrl>().settle("web", &url(&json!({}))).await;
    let told = plan(&world, &manifest(json!({"invokeMode": "RESPONSE_STREAM"}))).await;
    let change = "  UpdateFunctionUrlConfig\n    invokeMode: BUFFERED → RESPONSE_STREAM\n";
    assert!(told.stdout.contains(change), "{told:?}");
}
