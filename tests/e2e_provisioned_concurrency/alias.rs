//! Provisioned concurrency of an alias: it moves with the alias, and waits while the alias routes a share of its invocations to a second version.

use serde_json::{Value, json};
use support::cli::plan;
use support::objects::message;
use support::world::{World, writes};

use crate::{Config, function, of_alias, requested};

#[tokio::test]
async fn alias_and_amount_are_created_and_changed_together() {
    let world = World::new().await;
    let configs = world.of::<Config>();
    configs.apply("warm", &of_alias(3)).await;
    configs.condition("warm", "Reconciling", "True", Some("WaitingForFunction")).await;
    let alias = |version: &str| json!({"functionRef": {"name": "hello"}, "functionVersion": version});
    world.aliases().apply("live", &alias("1")).await;
    function(&world).await;
    configs.is_ready("warm").await;
    assert_eq!(requested(&world.aws, "live").await, Some(3));
    // The version and the amount change at the same time: AWS first moves the alias, and refuses nothing.
    let before = world.manners().mark().await.unwrap();
    world.aliases().apply("live", &alias("2")).await;
    configs.apply("warm", &of_alias(4)).await;
    configs.is_ready("warm").await;
    world.aliases().is_ready("live").await;
    assert_eq!(world.alias("hello", "live").await.unwrap()["FunctionVersion"], "2");
    world.aws.wait_until_provisioned("hello", "live").await.unwrap();
    configs.is_looked_at("warm").await;
    configs.is_ready("warm").await;
    assert_eq!(requested(&world.aws, "live").await, Some(4));
    let calls = world.calls_since(before).await;
    let calls: Vec<_> = calls.into_iter().filter(|call| (200..300).contains(&call.status)).collect();
    let mut sent = writes(&calls);
    sent.sort_unstable();
    assert_eq!(sent, ["PutProvisionedConcurrencyConfig", "UpdateAlias"]);
    // AWS deletes it with the alias, and the operator requests it again with the new alias.
    world.aliases().delete("live").await;
    world.aliases().is_gone("live").await;
    configs.condition("warm", "Reconciling", "True", Some("WaitingForFunction")).await;
    world.aliases().settle("live", &alias("2")).await;
    configs.is_ready("warm").await;
    assert_eq!(requested(&world.aws, "live").await, Some(4));
}

#[tokio::test]
async fn an_alias_that_shares_its_invocations_gets_none_until_it_stops() {
    let world = World::new().await;
    function(&world).await;
    let routing = json!({"additionalVersionWeights": {"1": "0.1"}});
    let alias = json!({"functionRef": {"name": "hello"}, "functionVersion": "2"});
    let mut shared = alias.clone();
    shared["routingConfig"] = routing;
    world.aliases().settle("live", &shared).await;
    let configs = world.of::<Config>();
    configs.apply("warm", &of_alias(3)).await;
    let said = configs.says("warm", "Stalled", "InvalidReference").await;
    assert!(said.contains("remove routingConfig"), "{said}");
    assert_eq!(requested(&world.aws, "live").await, None);
    world.aliases().settle("live", &alias).await;
    let object = configs.is_ready("warm").await;
    assert_eq!(message(&object, "ProvisionedConcurrencyCreated").rsplit(':').next(), Some("live"));
}

#[tokio::test]
async fn a_plan_sees_the_weights_that_the_alias_of_its_file_will_have() {
    let world = World::new().await;
    function(&world).await;
    let object = |kind: &str, name: &str, spec: &Value| json!({"apiVersion": "lambda-operator.io/v1alpha1", "kind": kind, "metadata": {"name": name}, "spec": spec});
    let warm = object("LambdaProvisionedConcurrencyConfig", "warm", &of_alias(3));
    let told_of =
        async |alias: &Value| plan(&world, &format!("{}\n---\n{warm}\n", object("LambdaAlias", "live", alias))).await;
    let alias = json!({"functionRef": {"name": "hello"}, "functionVersion": "2"});
    let with = |field: &str, value: Value| {
        let mut alias = alias.clone();
        alias[field] = value;
        alias
    };
    let shared = with("routingConfig", json!({"additionalVersionWeights": {"1": "0.1"}}));
    world.aliases().settle("live", &alias).await;
    let told = told_of(&shared).await;
    assert!(told.code == Some(1) && told.stdout.contains("remove routingConfig"), "it adds weights: {told:?}");
    world.aliases().settle("live", &shared).await;
    let told = told_of(&alias).await;
    let said = told.stdout.contains("  UpdateAlias\n") && told.stdout.contains("  PutProvisionedConcurrencyConfig\n");
    assert_eq!((told.code, said), (Some(2), true), "it removes them: {told:?}");
    let told = told_of(&with("ignoreChanges", json!(["routingConfig"]))).await;
    assert!(told.code == Some(1) && told.stdout.contains("remove routingConfig"), "it leaves them: {told:?}");
}
