//! Ownership of an event invoke configuration. A Put call overwrites without an error, so a read comes first, and status records the intent before
//! the creation.

use serde_json::json;
use support::objects::message;
use support::world::{World, spec_with, writes};

use crate::{Config, function, held, of_hello};

#[tokio::test]
async fn an_equal_configuration_is_taken_over_and_one_that_differs_is_not_overwritten() {
    let world = World::new().await;
    function(&world).await;
    world.aws.put_invoke_config("hello", Some("1"), &json!({"MaximumRetryAttempts": 1})).await.unwrap();
    world.aws.put_invoke_config("hello", None, &json!({"MaximumRetryAttempts": 0})).await.unwrap();
    let before = world.manners().mark().await.unwrap();
    let configs = world.of::<Config>();
    configs.settle("equal", &of_hello(&json!({"qualifier": "1"}))).await;
    configs.apply("other", &of_hello(&json!({}))).await;
    let said = configs.says("other", "Stalled", "NotOwned").await;
    assert!(said.contains("adoptionPolicy: Adopt"), "{said}");
    assert_eq!(writes(&world.calls_since(before).await), [""; 0]);
    configs.delete("other").await;
    configs.is_gone("other").await;
    assert_eq!(held(&world.aws, "hello", None).await, Some(json!([null, 0, null, null])), "it is left as it was");
    configs.settle("other", &of_hello(&json!({"adoptionPolicy": "Adopt"}))).await;
    assert_eq!(held(&world.aws, "hello", None).await, Some(json!([null, 1, null, null])));
    for (name, qualifier) in [("equal", Some("1")), ("other", None)] {
        configs.delete(name).await;
        configs.is_gone(name).await;
        assert_eq!(held(&world.aws, "hello", qualifier).await, None, "it was the object's");
    }
}

#[tokio::test]
async fn of_two_objects_for_one_configuration_the_second_says_whose_it_is() {
    let world = World::new().await;
    function(&world).await;
    let configs = world.of::<Config>();
    configs.settle("first", &of_hello(&json!({}))).await;
    configs.apply("second", &of_hello(&json!({"qualifier": "$LATEST", "maximumRetryAttempts": 0}))).await;
    let said = configs.says("second", "Stalled", "NotOwned").await;
    assert!(said.contains(&format!("LambdaFunctionEventInvokeConfig {}/first", world.namespace)), "{said}");
    configs.delete("second").await;
    configs.is_gone("second").await;
    assert!(held(&world.aws, "hello", None).await.is_some(), "the first one has it");
}

#[tokio::test]
async fn a_function_of_another_namespace_gets_no_configuration() {
    let world = World::new().await;
    function(&world).await;
    // Suspended, so that it does not correct its tag.
    world.apply("hello", &spec_with(&json!({"publish": true, "suspend": true}))).await;
    world.condition("hello", "Ready", "Unknown", Some("Suspended")).await;
    let path = format!("/2017-03-31/tags/arn%3Aaws%3Alambda%3Aeu-west-1%3A{}%3Afunction%3Ahello", world.account);
    let owner = json!({"Tags": {"lambda-operator.io/owner": "test/other/hello"}});
    let (status, answer) = world.aws.lambda("POST", &path, Some(&owner)).await.unwrap();
    assert_eq!(status, 204, "{answer}");
    let configs = world.of::<Config>();
    let spec = json!({"functionName": "hello", "maximumRetryAttempts": 0, "adoptionPolicy": "Adopt"});
    configs.apply("async", &spec).await;
    let said = configs.says("async", "Stalled", "NotOwned").await;
    assert!(said.contains("test/other/hello"), "{said}");
    assert_eq!(held(&world.aws, "hello", None).await, None);
}

#[tokio::test]
async fn a_configuration_of_nobodys_function_needs_consent() {
    let world = World::with(&["--drift-interval", "1h"]).await;
    support::aliases::function(&world.aws, "theirs").await;
    let configs = world.of::<Config>();
    let spec = json!({"functionName": "theirs", "qualifier": "2", "maximumRetryAttempts": 0});
    configs.apply("async", &spec).await;
    let said = configs.says("async", "Stalled", "NotAllowed").await;
    assert!(said.contains("lambda-operator.io/allow-adoption=true"), "{said}");
    assert_eq!(held(&world.aws, "theirs", Some("2")).await, None);
    world.allow_adoption().await;
    let object = configs.is_ready("async").await;
    assert!(!message(&object, "Ready").contains("without a qualifier"), "{object:?}");
    assert_eq!(held(&world.aws, "theirs", Some("2")).await, Some(json!([null, 0, null, null])));
    configs.delete("async").await;
    configs.is_gone("async").await;
    assert_eq!(held(&world.aws, "theirs", Some("2")).await, None);
}

/// A Put call overwrites without an error, so the first reconcile has to see the other object.
#[tokio::test]
async fn the_second_object_of_an_alias_overwrites_nothing() {
    let world = World::new().await;
    function(&world).await;
    world.aliases().settle("live", &json!({"functionRef": {"name": "hello"}, "functionVersion": "1"})).await;
    let configs = world.of::<Config>();
    configs.settle("first", &json!({"aliasRef": {"name": "live"}, "maximumRetryAttempts": 0})).await;
    let mark = world.manners().mark().await.unwrap();
    let adopts = json!({"aliasRef": {"name": "live"}, "maximumRetryAttempts": 1, "adoptionPolicy": "Adopt"});
    configs.apply("second", &adopts).await;
    let said = configs.says("second", "Stalled", "NotOwned").await;
    assert!(said.contains(&format!("LambdaFunctionEventInvokeConfig {}/first", world.namespace)), "{said}");
    assert_eq!(writes(&world.calls_since(mark).await), [""; 0]);
}
