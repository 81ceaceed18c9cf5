//! An event invoke configuration of an alias: the LambdaAlias determines function and qualifier, in any order of creation and deletion.

use serde_json::json;
use support::objects::message;
use support::world::World;

use crate::{Config, function, held};

#[tokio::test]
async fn a_configuration_applied_before_its_alias_waits_without_an_error() {
    let world = World::new().await;
    let configs = world.of::<Config>();
    let spec = json!({"aliasRef": {"name": "object"}, "maximumRetryAttempts": 0});
    configs.apply("async", &spec).await;
    let object = configs.condition("async", "Reconciling", "True", Some("WaitingForFunction")).await;
    assert!(message(&object, "Ready").contains("LambdaAlias object does not exist in this namespace"), "{object:?}");
    world
        .aliases()
        .apply("object", &json!({"functionRef": {"name": "hello"}, "name": "live", "functionVersion": "1"}))
        .await;
    let waits = |object: &Config| message(object, "Ready").contains("kubectl describe lalias object");
    configs.until("the wait for the alias in AWS", "async", waits).await;
    function(&world).await;
    let object = configs.is_ready("async").await;
    assert_eq!(object.status.as_ref().unwrap().qualifier.as_deref(), Some("live"));
    assert_eq!(message(&object, "EventInvokeConfigCreated").rsplit(':').next(), Some("live"));
    assert_eq!(held(&world.aws, "hello", Some("live")).await, Some(json!([null, 0, null, null])));
    assert_eq!(held(&world.aws, "hello", None).await, None);
    // The configuration of an alias and that of the function are separate.
    let latest = json!({"functionRef": {"name": "hello"}, "maximumRetryAttempts": 1});
    configs.settle("latest", &latest).await;
    assert_eq!(held(&world.aws, "hello", Some("live")).await, Some(json!([null, 0, null, null])));
}

#[tokio::test]
async fn a_configuration_goes_and_comes_back_with_its_alias() {
    let world = World::new().await;
    function(&world).await;
    let alias = json!({"functionRef": {"name": "hello"}, "functionVersion": "1"});
    world.aliases().settle("live", &alias).await;
    let configs = world.of::<Config>();
    configs.settle("async", &json!({"aliasRef": {"name": "live"}, "maximumRetryAttempts": 0})).await;
    world.aliases().delete("live").await;
    world.aliases().is_gone("live").await;
    configs.condition("async", "Reconciling", "True", Some("WaitingForFunction")).await;
    world.aliases().settle("live", &alias).await;
    configs.is_ready("async").await;
    assert_eq!(held(&world.aws, "hello", Some("live")).await, Some(json!([null, 0, null, null])));
    // The LambdaAlias is recreated for another alias: the configuration does not move.
    world.aliases().delete("live").await;
    world.aliases().is_gone("live").await;
    let other = json!({"functionRef": {"name": "hello"}, "name": "other", "functionVersion": "1"});
    world.aliases().settle("live", &other).await;
    let said = configs.says("async", "Stalled", "TargetChanged").await;
    assert!(said.contains("of the alias live") && said.contains("is now the alias other"), "{said}");
    assert_eq!(held(&world.aws, "hello", Some("other")).await, None);
    // An object can be deleted even if its alias no longer exists, or is another one.
    configs.delete("async").await;
    configs.is_gone("async").await;
}
