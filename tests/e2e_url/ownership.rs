//! Ownership of a URL: AWS has no tags for it, so status records the intent before the creation.

use lambda_operator::api::function_url::LambdaFunctionUrl;
use serde_json::json;
use support::objects::message;
use support::world::{World, spec_with, writes};

use crate::lifecycle::{held, url};

#[tokio::test]
async fn an_equal_url_of_our_function_is_taken_over_and_one_that_differs_is_not() {
    let world = World::new().await;
    world.settle("hello", &spec_with(&json!({}))).await;
    let theirs = world.aws.create_url("hello", None, &json!({"AuthType": "AWS_IAM"})).await.unwrap();
    let urls = world.of::<LambdaFunctionUrl>();
    let mark = world.manners().mark().await.unwrap();
    urls.apply("web", &url(&json!({"invokeMode": "RESPONSE_STREAM"}))).await;
    let said = urls.says("web", "Stalled", "NotOwned").await;
    assert!(said.contains("adoptionPolicy: Adopt"), "{said}");
    assert_eq!(writes(&world.calls_since(mark).await), [""; 0]);
    urls.delete("web").await;
    urls.is_gone("web").await;
    assert!(held(&world, None).await.is_some(), "who is refused takes nothing along");
    urls.settle("web", &url(&json!({}))).await;
    assert_eq!(held(&world, None).await.unwrap()["FunctionUrl"], theirs["FunctionUrl"], "the equal one is taken over");
    let public = json!({"authorizationType": "NONE", "adoptionPolicy": "Adopt"});
    urls.settle("web", &url(&public)).await;
    urls.delete("web").await;
    urls.is_gone("web").await;
    assert_eq!(held(&world, None).await, None, "it was the object's");
}

#[tokio::test]
async fn of_two_objects_for_one_url_the_second_says_whose_it_is() {
    let world = World::new().await;
    world.settle("hello", &spec_with(&json!({}))).await;
    let urls = world.of::<LambdaFunctionUrl>();
    urls.settle("first", &url(&json!({}))).await;
    urls.apply("second", &url(&json!({}))).await;
    let object = urls.condition("second", "Stalled", "True", Some("NotOwned")).await;
    let first = format!("LambdaFunctionUrl {}/first", world.namespace);
    assert!(message(&object, "Ready").contains(&first), "{object:?}");
    let taker = format!("{}/second", world.namespace);
    urls.annotate("first", "lambda-operator.io/hand-over-to", &taker).await;
    urls.is_ready("second").await;
    urls.delete("first").await;
    urls.is_gone("first").await;
    assert!(held(&world, None).await.is_some(), "the giver's end touches nothing");
}

#[tokio::test]
async fn a_url_on_nobodys_function_needs_the_namespaces_consent() {
    let world = World::with(&["--drift-interval", "1h"]).await;
    world.aws.create_function("hello", &json!({})).await.unwrap();
    world.aws.wait_until_at_rest("hello").await.unwrap();
    let urls = world.of::<LambdaFunctionUrl>();
    let by_name = json!({"functionRef": null, "functionName": "hello", "authorizationType": "NONE"});
    urls.apply("web", &url(&by_name)).await;
    let said = urls.says("web", "Stalled", "NotAllowed").await;
    assert!(said.contains("lambda-operator.io/allow-adoption=true"), "{said}");
    assert_eq!(held(&world, None).await, None);
    world.allow_adoption().await;
    urls.is_ready("web").await;
    urls.delete("web").await;
    urls.is_gone("web").await;
    assert_eq!(held(&world, None).await, None);
    assert_eq!(world.aws.statements("hello", None).await.unwrap(), [json!(null); 0]);
}

#[tokio::test]
async fn a_function_of_another_namespace_gets_no_url() {
    let world = World::new().await;
    let tags = json!({"Tags": {"lambda-operator.io/owner": "test/other/hello"}});
    world.aws.create_function("hello", &tags).await.unwrap();
    world.aws.wait_until_at_rest("hello").await.unwrap();
    let mark = world.manners().mark().await.unwrap();
    let urls = world.of::<LambdaFunctionUrl>();
    urls.apply("web", &url(&json!({"functionRef": null, "functionName": "hello"}))).await;
    let said = urls.says("web", "Stalled", "NotOwned").await;
    assert!(said.contains("test/other/hello"), "{said}");
    assert_eq!(writes(&world.calls_since(mark).await), [""; 0]);
}
