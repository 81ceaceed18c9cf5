//! An alias from its creation to its end: what it costs, what status says, and what is left.

use serde_json::json;
use support::objects::message;
use support::world::{World, operations, spec_with, writes};
use testbed::Call;

/// The calls about aliases.
pub(crate) fn about_aliases(calls: &[Call]) -> Vec<&str> {
    operations(calls).into_iter().filter(|operation| operation.contains("Alias")).collect()
}

#[tokio::test]
async fn an_alias_is_created_and_every_attribute_is_reported() {
    let world = World::new().await;
    world.settle("hello", &spec_with(&json!({"publish": true}))).await;
    let before = world.manners().mark().await.unwrap();
    let wanted = json!({"functionRef": {"name": "hello"}, "functionVersion": "1", "description": "what callers use"});
    let object = world.aliases().settle("live", &wanted).await;
    let arn = format!("arn:aws:lambda:eu-west-1:{}:function:hello:live", world.account);
    let status = object.status.as_ref().unwrap();
    assert_eq!(status.common.arn.as_deref(), Some(&*arn));
    let invoke = format!("arn:aws:apigateway:eu-west-1:lambda:path/2015-03-31/functions/{arn}/invocations");
    assert_eq!(status.invoke_arn.as_deref(), Some(&*invoke));
    assert_eq!((status.name.as_deref(), status.function_version.as_deref()), (Some("live"), Some("1")));
    assert_eq!(status.common.function_name.as_deref(), Some("hello"));
    assert_eq!(message(&object, "AliasCreated"), arn);
    assert_eq!(world.alias("hello", "live").await.unwrap()["Description"], "what callers use");
    // A read that shows absence, the creation, and the read that proves it.
    assert_eq!(about_aliases(&world.calls_since(before).await), ["GetAlias", "CreateAlias", "GetAlias"]);

    let before = world.manners().mark().await.unwrap();
    world.aliases().is_looked_at("live").await;
    assert_eq!(operations(&world.calls_since(before).await), ["GetAlias"], "an idle check is one call");
}

#[tokio::test]
async fn each_change_is_one_update_of_what_differs() {
    let world = World::new().await;
    world.settle("hello", &spec_with(&json!({"publish": true}))).await;
    world.settle("hello", &spec_with(&json!({"publish": true, "memorySize": 256}))).await;
    let with = |change: serde_json::Value| {
        let mut spec = json!({"functionRef": {"name": "hello"}, "functionVersion": "2"});
        spec.as_object_mut().unwrap().extend(change.as_object().unwrap().clone());
        spec
    };
    world.aliases().settle("live", &with(json!({}))).await;
    let weights = |weight: &str| json!({"routingConfig": {"additionalVersionWeights": {"1": weight}}});
    let changes = [
        (weights("0.25"), json!({"RoutingConfig": {"AdditionalVersionWeights": {"1": 0.25}}})),
        (weights("0.250"), json!(null)),
        (json!({"description": "two"}), json!({"Description": "two", "RoutingConfig": {}})),
        (json!({}), json!({"Description": ""})),
    ];
    for (change, sent) in changes {
        let before = world.manners().mark().await.unwrap();
        world.aliases().settle("live", &with(change.clone())).await;
        let calls = world.calls_since(before).await;
        let expected: &[&str] = if sent.is_null() { &[] } else { &["UpdateAlias"] };
        assert_eq!(writes(&calls), expected, "{change}");
    }
    let alias = world.alias("hello", "live").await.unwrap();
    assert_eq!((&alias["Description"], &alias["RoutingConfig"]), (&json!(""), &json!(null)));
}

#[tokio::test]
async fn a_deleted_object_takes_its_alias_along_and_skip_destroy_leaves_it() {
    let world = World::new().await;
    world.settle("hello", &spec_with(&json!({"publish": true}))).await;
    let spec = json!({"functionRef": {"name": "hello"}, "functionVersion": "1"});
    for name in ["gone", "kept"] {
        world.aliases().settle(name, &spec).await;
    }
    let mut keep = spec.clone();
    keep["skipDestroy"] = json!(true);
    world.aliases().settle("kept", &keep).await;
    for name in ["gone", "kept"] {
        world.aliases().delete(name).await;
        world.aliases().is_gone(name).await;
    }
    assert_eq!(world.alias("hello", "gone").await, None);
    assert!(world.alias("hello", "kept").await.is_some());
}

#[tokio::test]
async fn a_namespace_deleted_whole_ends_in_any_order() {
    let world = World::new().await;
    world.settle("hello", &spec_with(&json!({"publish": true}))).await;
    let follow = json!({"functionRef": {"name": "hello"}, "functionVersionFrom": "Published"});
    world.aliases().settle("live", &follow).await;
    // The function first, then its alias: neither waits for the other.
    world.delete("hello").await;
    world.aliases().delete("live").await;
    world.gone("hello").await;
    world.aliases().is_gone("live").await;
    assert_eq!(world.function("hello").await, None);
}

#[tokio::test]
async fn a_suspended_alias_is_left_alone() {
    let world = World::new().await;
    world.settle("hello", &spec_with(&json!({"publish": true}))).await;
    let before = world.manners().mark().await.unwrap();
    let suspended = json!({"functionRef": {"name": "hello"}, "functionVersion": "1", "suspend": true});
    world.aliases().apply("live", &suspended).await;
    let object = world.aliases().condition("live", "Ready", "Unknown", Some("Suspended")).await;
    assert!(message(&object, "Ready").contains("release the alias"), "{object:?}");
    assert_eq!(about_aliases(&world.calls_since(before).await), [""; 0]);
}
