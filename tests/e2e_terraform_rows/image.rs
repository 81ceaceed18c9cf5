//! Functions that are container images.

use serde_json::{Value, json};

use crate::plan::{apply, configuration, empty_plan, is_none, refused};
use support::world::{World, spec, status};

/// A tag of the account's repository, pushed.
async fn push(world: &World, tag: &str) -> String {
    world.aws.put_image("app", tag).await.unwrap();
    world.aws.image_uri("app", tag)
}

fn image(uri: &str, config: &Value) -> Value {
    json!({
        "codeFrom": null, "runtime": null, "handler": null,
        "packageType": "Image", "imageUri": uri, "imageConfig": config,
    })
}

async fn overrides(world: &World) -> Value {
    configuration(world, "hello").await["ImageConfigResponse"]["ImageConfig"].take()
}

/// Row 20 (image). An image is deployed with overrides of what it starts, the image is exchanged, then image and
/// overrides together.
#[tokio::test]
async fn an_image_and_its_overrides_are_created_and_exchanged() {
    let world = World::new().await;
    let (one, two) = (push(&world, "1").await, push(&world, "2").await);
    let first =
        json!({"entryPoint": ["/bootstrap"], "command": ["app.lambda_handler"], "workingDirectory": "/var/task"});
    let object = apply(&world, "hello", &image(&one, &first), &["CreateFunction"]).await;
    assert!(status(&object).resolved_image_uri.as_ref().unwrap().contains("/app@sha256:"));
    let config = overrides(&world).await;
    assert_eq!(config["EntryPoint"], first["entryPoint"]);
    assert_eq!(config["Command"], first["command"]);
    assert_eq!(config["WorkingDirectory"], first["workingDirectory"]);
    empty_plan(&world, "hello", &image(&one, &first)).await;

    apply(&world, "hello", &image(&two, &first), &["UpdateFunctionCode"]).await;
    assert_eq!(world.function("hello").await.unwrap()["Code"]["ImageUri"], two);

    let second = json!({"entryPoint": ["/other"], "command": ["app.other"], "workingDirectory": "/tmp"});
    apply(&world, "hello", &image(&one, &second), &["UpdateFunctionConfiguration", "UpdateFunctionCode"]).await;
    assert_eq!(overrides(&world).await["Command"], second["command"]);
    assert_eq!(world.function("hello").await.unwrap()["Code"]["ImageUri"], one);
    empty_plan(&world, "hello", &image(&one, &second)).await;
}

/// Row 21 (imageConfigNull). An empty block is no difference; then it is filled, and removed.
#[tokio::test]
async fn an_empty_image_config_is_no_difference() {
    let world = World::new().await;
    let uri = push(&world, "1").await;
    apply(&world, "hello", &image(&uri, &json!({})), &["CreateFunction"]).await;
    assert!(is_none(&overrides(&world).await));
    empty_plan(&world, "hello", &image(&uri, &json!({}))).await;
    empty_plan(&world, "hello", &image(&uri, &Value::Null)).await;
    let filled = image(&uri, &json!({"command": ["app.lambda_handler"]}));
    apply(&world, "hello", &filled, &["UpdateFunctionConfiguration"]).await;
    assert_eq!(overrides(&world).await["Command"], json!(["app.lambda_handler"]));
    apply(&world, "hello", &image(&uri, &json!({})), &["UpdateFunctionConfiguration"]).await;
    assert!(is_none(&overrides(&world).await));
    empty_plan(&world, "hello", &image(&uri, &json!({}))).await;
}

/// Beside the rows: between zip and image Terraform replaces the function. We refuse the change.
#[tokio::test]
async fn zip_to_image_is_refused_instead_of_replaced() {
    let world = World::new().await;
    let uri = push(&world, "1").await;
    world.settle("hello", &spec()).await;
    let refusal = refused(&world, "hello", &image(&uri, &json!({}))).await;
    assert!(refusal.contains("cannot change between zip and image"), "{refusal}");
}
