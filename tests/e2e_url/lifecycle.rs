//! A function URL from its creation to its end: what it costs, what status says, and what is left.

use lambda_operator::api::alias::LambdaAlias;
use lambda_operator::api::function_url::LambdaFunctionUrl;
use serde_json::{Value, json};
use support::objects::message;
use support::world::{World, operations, spec_with, writes};

/// The URL of the function `hello` for signed requests, with changes.
pub(crate) fn url(change: &Value) -> Value {
    let mut spec = json!({"functionRef": {"name": "hello"}, "authorizationType": "AWS_IAM"});
    let fields = spec.as_object_mut().unwrap();
    fields.extend(change.as_object().unwrap().clone());
    fields.retain(|_, value| !value.is_null());
    spec
}

/// The URL in AWS, if there is one.
pub(crate) async fn held(world: &World, alias: Option<&str>) -> Option<Value> {
    match world.aws.get_url("hello", alias).await.unwrap() {
        (200, url) => Some(url),
        (404, _) => None,
        (status, answer) => panic!("{status}: {answer}"),
    }
}

#[tokio::test]
async fn a_url_is_created_and_every_attribute_is_reported() {
    let world = World::new().await;
    world.settle("hello", &spec_with(&json!({}))).await;
    let mark = world.manners().mark().await.unwrap();
    let object = world.of::<LambdaFunctionUrl>().settle("web", &url(&json!({}))).await;
    let there = held(&world, None).await.unwrap();
    let status = object.status.as_ref().unwrap();
    assert_eq!(status.function_url.as_deref(), there["FunctionUrl"].as_str());
    let address = status.function_url.as_ref().unwrap();
    assert!(address.starts_with(&format!("https://{}.", status.url_id.as_ref().unwrap())), "{address}");
    assert_eq!(status.creation_time.as_deref(), there["CreationTime"].as_str());
    assert_eq!(message(&object, "FunctionUrlCreated"), there["FunctionArn"]);
    assert_eq!((&there["AuthType"], &there["InvokeMode"]), (&json!("AWS_IAM"), &json!("BUFFERED")));
    assert_eq!(world.aws.statements("hello", None).await.unwrap(), [json!(null); 0]);
    assert_eq!(writes(&world.calls_since(mark).await), ["CreateFunctionUrlConfig"]);

    let mark = world.manners().mark().await.unwrap();
    world.of::<LambdaFunctionUrl>().is_looked_at("web").await;
    assert_eq!(operations(&world.calls_since(mark).await), ["GetFunctionUrlConfig"], "an idle check is one call");
}

#[tokio::test]
async fn each_change_is_one_update_and_the_address_stays() {
    let world = World::new().await;
    world.settle("hello", &spec_with(&json!({}))).await;
    let urls = world.of::<LambdaFunctionUrl>();
    let address = |object: LambdaFunctionUrl| object.status.unwrap().function_url.unwrap();
    let first = address(urls.settle("web", &url(&json!({}))).await);
    let cors =
        json!({"allowOrigins": ["https://b.example", "https://a.example"], "allowHeaders": ["X-One"], "maxAge": 600});
    let mut same = cors.clone();
    same["allowOrigins"] = json!(["https://a.example", "https://b.example"]);
    same["allowHeaders"] = json!(["x-one"]);
    let rows = [
        (json!({"cors": cors, "invokeMode": "RESPONSE_STREAM"}), 1),
        (json!({"cors": same, "invokeMode": "RESPONSE_STREAM"}), 0),
        (json!({"cors": same}), 1),
        (json!({}), 1),
    ];
    for (change, updates) in rows {
        let mark = world.manners().mark().await.unwrap();
        let object = urls.settle("web", &url(&change)).await;
        assert_eq!(writes(&world.calls_since(mark).await), vec!["UpdateFunctionUrlConfig"; updates], "{change}");
        assert_eq!(address(object), first, "{change}");
    }
    let there = held(&world, None).await.unwrap();
    assert_eq!((there.get("Cors"), &there["InvokeMode"]), (None, &json!("BUFFERED")), "removed means the default");
}

#[tokio::test]
async fn function_and_alias_have_a_url_each() {
    let world = World::new().await;
    world.settle("hello", &spec_with(&json!({"publish": true}))).await;
    let live = json!({"functionRef": {"name": "hello"}, "functionVersion": "1"});
    world.of::<LambdaAlias>().settle("live", &live).await;
    let urls = world.of::<LambdaFunctionUrl>();
    let public = json!({"functionRef": null, "aliasRef": {"name": "live"}, "authorizationType": "NONE"});
    let of_alias = urls.settle("of-alias", &url(&public)).await;
    urls.settle("of-function", &url(&json!({}))).await;
    assert_eq!(of_alias.status.as_ref().unwrap().qualifier.as_deref(), Some("live"));
    let [of_function, of_alias] = [held(&world, None).await.unwrap(), held(&world, Some("live")).await.unwrap()];
    assert_ne!(of_function["FunctionUrl"], of_alias["FunctionUrl"]);
    assert_eq!(world.aws.statements("hello", Some("live")).await.unwrap().len(), 2);
    assert_eq!(world.aws.statements("hello", None).await.unwrap(), [json!(null); 0]);
    let (status, _) = world.aws.visit(&of_alias).await.unwrap();
    assert_eq!(status, 200, "everyone may call it");
    urls.delete("of-alias").await;
    urls.is_gone("of-alias").await;
    assert_eq!(held(&world, Some("live")).await, None);
    assert!(held(&world, None).await.is_some());
    assert_eq!(world.aws.statements("hello", Some("live")).await.unwrap(), [json!(null); 0]);
}

/// AWS has a URL for each, so the one that was there first does not stand in the other's way.
#[tokio::test]
async fn an_alias_gets_its_url_after_the_function_got_one() {
    let world = World::new().await;
    world.settle("hello", &spec_with(&json!({"publish": true}))).await;
    let live = json!({"functionRef": {"name": "hello"}, "functionVersion": "1"});
    world.of::<LambdaAlias>().settle("live", &live).await;
    let urls = world.of::<LambdaFunctionUrl>();
    urls.settle("of-function", &url(&json!({}))).await;
    let of_alias = json!({"functionRef": null, "aliasRef": {"name": "live"}});
    urls.settle("of-alias", &url(&of_alias)).await;
    assert!(held(&world, Some("live")).await.is_some());
    // A second object for the alias's URL sees in its first reconcile that it is too late.
    let adopts = json!({"functionRef": null, "aliasRef": {"name": "live"}, "adoptionPolicy": "Adopt", "invokeMode": "RESPONSE_STREAM"});
    urls.apply("second", &url(&adopts)).await;
    let said = urls.says("second", "Stalled", "NotOwned").await;
    assert!(said.contains(&format!("LambdaFunctionUrl {}/of-alias", world.namespace)), "{said}");
    assert_eq!(held(&world, Some("live")).await.unwrap()["InvokeMode"], "BUFFERED");
    urls.delete("of-alias").await;
    urls.is_gone("of-alias").await;
    urls.is_ready("second").await;
    assert_eq!(held(&world, Some("live")).await.unwrap()["InvokeMode"], "RESPONSE_STREAM", "its turn has come");
}

#[tokio::test]
async fn a_url_waits_for_its_function_and_comes_back_with_it() {
    let world = World::new().await;
    let urls = world.of::<LambdaFunctionUrl>();
    urls.apply("web", &url(&json!({"authorizationType": "NONE"}))).await;
    urls.says("web", "Reconciling", "WaitingForFunction").await;
    world.settle("hello", &spec_with(&json!({}))).await;
    let first = urls.is_ready("web").await.status.unwrap().function_url;
    world.delete("hello").await;
    world.gone("hello").await;
    urls.says("web", "Reconciling", "WaitingForFunction").await;
    world.settle("hello", &spec_with(&json!({}))).await;
    let second = urls.is_ready("web").await.status.unwrap().function_url;
    assert_ne!(first, second, "AWS gives no address twice");
    assert_eq!(world.aws.statements("hello", None).await.unwrap().len(), 2);
}

#[tokio::test]
async fn a_deleted_object_takes_its_url_along_and_skip_destroy_leaves_it() {
    let world = World::new().await;
    world.settle("hello", &spec_with(&json!({}))).await;
    let urls = world.of::<LambdaFunctionUrl>();
    urls.settle("web", &url(&json!({"skipDestroy": true}))).await;
    urls.delete("web").await;
    urls.is_gone("web").await;
    assert!(held(&world, None).await.is_some());
    urls.settle("web", &url(&json!({}))).await;
    // The function and its URL at once: neither waits for the other.
    world.delete("hello").await;
    urls.delete("web").await;
    world.gone("hello").await;
    urls.is_gone("web").await;
    assert_eq!(held(&world, None).await, None);
}

#[tokio::test]
async fn a_suspended_url_is_left_alone() {
    let world = World::new().await;
    world.settle("hello", &spec_with(&json!({}))).await;
    let urls = world.of::<LambdaFunctionUrl>();
    urls.apply("web", &url(&json!({"suspend": true}))).await;
    urls.condition("web", "Ready", "Unknown", Some("Suspended")).await;
    assert_eq!(held(&world, None).await, None);
}
