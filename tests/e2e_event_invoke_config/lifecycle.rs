//! An event invoke configuration from its creation to its end: what it costs, what status says, and what is left.

use serde_json::{Value, json};
use support::objects::message;
use support::world::{World, operations, spec_with, writes};

use crate::{Config, about_configs, function, held, of_hello};

#[tokio::test]
async fn a_configuration_is_created_and_reported() {
    let world = World::new().await;
    function(&world).await;
    let before = world.manners().mark().await.unwrap();
    let configs = world.of::<Config>();
    let object = configs.settle("async", &of_hello(&json!({}))).await;
    let arn = format!("arn:aws:lambda:eu-west-1:{}:function:hello:$LATEST", world.account);
    let status = object.status.as_ref().unwrap();
    assert_eq!(status.common.arn.as_deref(), Some(&*arn));
    assert_eq!(status.qualifier.as_deref(), Some("$LATEST"));
    assert_eq!(message(&object, "EventInvokeConfigCreated"), arn);
    assert!(message(&object, "Ready").contains("invocations without a qualifier"), "{object:?}");
    assert_eq!(held(&world.aws, "hello", None).await, Some(json!([null, 1, null, null])), "nothing else is sent");
    // A read that shows absence, the creation, and the read that proves it.
    let calls = world.calls_since(before).await;
    let [get, put] = ["GetFunctionEventInvokeConfig", "PutFunctionEventInvokeConfig"];
    assert_eq!(about_configs(&calls), [get, put, get]);
    let before = world.manners().mark().await.unwrap();
    configs.is_looked_at("async").await;
    assert_eq!(operations(&world.calls_since(before).await), [get], "an idle check is one call");
}

#[tokio::test]
async fn each_member_is_changed_and_removed_without_the_others() {
    let world = World::new().await;
    function(&world).await;
    let [done, failed] =
        [world.aws.create_queue("done").await.unwrap(), world.aws.create_queue("failed").await.unwrap()];
    let configs = world.of::<Config>();
    let destinations = |success: Value, failure: Value| {
        let mut all = json!({"onSuccess": success, "onFailure": failure});
        all.as_object_mut().unwrap().retain(|_, value| !value.is_null());
        json!({ "destinationConfig": all })
    };
    let to = |arn: &str| json!({ "destination": arn });
    let changes = [
        (json!({"maximumEventAgeInSeconds": 3600}), json!([3600, 1, null, null])),
        (json!({"maximumRetryAttempts": 0}), json!([null, 0, null, null])),
        (destinations(json!(null), to(&failed)), json!([null, 1, null, failed])),
        (destinations(to(&failed), to(&done)), json!([null, 1, failed, done])),
        (destinations(to(&done), to(&failed)), json!([null, 1, done, failed])),
        (destinations(to(&done), to("")), json!([null, 1, done, null])),
        (json!({"maximumRetryAttempts": null, "maximumEventAgeInSeconds": 60}), json!([60, null, null, null])),
        (json!({}), json!([null, 1, null, null])),
    ];
    configs.settle("async", &of_hello(&json!({}))).await;
    for (change, wanted) in changes {
        let before = world.manners().mark().await.unwrap();
        configs.settle("async", &of_hello(&change)).await;
        assert_eq!(held(&world.aws, "hello", None).await, Some(wanted), "{change}");
        assert_eq!(writes(&world.calls_since(before).await), ["PutFunctionEventInvokeConfig"], "{change}");
    }
    // AWS's defaults in the spec cause no write.
    configs.settle("async", &of_hello(&json!({"maximumEventAgeInSeconds": 21600}))).await;
    assert_eq!(held(&world.aws, "hello", None).await, Some(json!([null, 1, null, null])));
}

#[tokio::test]
async fn a_configuration_goes_with_its_object_unless_it_is_to_stay() {
    let world = World::new().await;
    function(&world).await;
    let configs = world.of::<Config>();
    for (keep, left) in [(true, true), (false, false)] {
        configs.settle("async", &of_hello(&json!({"skipDestroy": keep, "adoptionPolicy": "Adopt"}))).await;
        configs.delete("async").await;
        configs.is_gone("async").await;
        assert_eq!(held(&world.aws, "hello", None).await.is_some(), left, "skipDestroy: {keep}");
    }
}

#[tokio::test]
async fn nothing_is_sent_for_a_suspended_object() {
    let world = World::new().await;
    function(&world).await;
    let configs = world.of::<Config>();
    configs.apply("async", &of_hello(&json!({"suspend": true}))).await;
    configs.condition("async", "Ready", "Unknown", Some("Suspended")).await;
    assert_eq!(held(&world.aws, "hello", None).await, None);
    configs.settle("async", &of_hello(&json!({}))).await;
    assert!(held(&world.aws, "hello", None).await.is_some());
}

#[tokio::test]
async fn a_function_that_is_recreated_gets_its_configuration_back() {
    let world = World::new().await;
    let configs = world.of::<Config>();
    configs.apply("async", &of_hello(&json!({}))).await;
    let object = configs.condition("async", "Reconciling", "True", Some("WaitingForFunction")).await;
    assert!(message(&object, "Ready").contains("LambdaFunction hello does not exist"), "{object:?}");
    function(&world).await;
    configs.is_ready("async").await;
    world.delete("hello").await;
    world.gone("hello").await;
    configs.condition("async", "Reconciling", "True", Some("WaitingForFunction")).await;
    world.settle("hello", &spec_with(&json!({}))).await;
    configs.is_ready("async").await;
    assert!(held(&world.aws, "hello", None).await.is_some());
    assert_eq!(world.drift().await, 0, "it went with its function");
}

#[tokio::test]
async fn a_namespace_takes_function_alias_and_configuration_along() {
    let world = World::new().await;
    function(&world).await;
    world.aliases().settle("live", &json!({"functionRef": {"name": "hello"}, "functionVersion": "1"})).await;
    world.of::<Config>().settle("async", &json!({"aliasRef": {"name": "live"}, "maximumRetryAttempts": 0})).await;
    // The test bed has no namespace controller, so the test deletes the objects as that controller does: all at once, in any order.
    world.bed.kubectl_ok(&["delete", "namespace", &world.namespace, "--wait=false"], None).await.unwrap();
    for object in ["lfn/hello", "lalias/live", "leic/async"] {
        world.bed.kubectl_ok(&["delete", "-n", &world.namespace, object, "--wait=false"], None).await.unwrap();
    }
    world.gone("hello").await;
    world.aliases().is_gone("live").await;
    world.of::<Config>().is_gone("async").await;
    assert_eq!(held(&world.aws, "hello", Some("live")).await, None);
    let (status, _) = world.aws.lambda("GET", "/2015-03-31/functions/hello", None).await.unwrap();
    assert_eq!(status, 404);
}
