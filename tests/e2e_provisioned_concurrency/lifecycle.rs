//! Provisioned concurrency from its creation to its end: what it costs, what status says, what others do to it, and what is left.

use serde_json::json;
use support::objects::{is, message};
use support::world::{World, operations, writes};

use crate::{Config, function, of_version, requested};

const PUT: &str = "PutProvisionedConcurrencyConfig";

#[tokio::test]
async fn an_allocation_is_waited_for_and_every_attribute_is_reported() {
    let world = World::new().await;
    function(&world).await;
    let configs = world.of::<Config>();
    let before = world.manners().mark().await.unwrap();
    configs.apply("warm", &of_version(5, &json!({}))).await;
    let waits = |object: &Config| message(object, "Ready").contains("allocated 0 of 5 execution environments");
    configs.until("the allocation to be told", "warm", waits).await;
    let object = configs.is_ready("warm").await;
    let status = object.status.as_ref().unwrap();
    assert_eq!((status.requested, status.allocated, status.available), (Some(5), Some(5), Some(5)));
    assert_eq!((status.status.as_deref(), status.status_reason.as_deref()), (Some("READY"), None));
    let arn = format!("arn:aws:lambda:eu-west-1:{}:function:hello:1", world.account);
    assert_eq!(message(&object, "ProvisionedConcurrencyCreated"), arn);
    assert_eq!(writes(&world.calls_since(before).await), [PUT]);
    let before = world.manners().mark().await.unwrap();
    configs.is_looked_at("warm").await;
    assert_eq!(operations(&world.calls_since(before).await), ["GetProvisionedConcurrencyConfig"], "an idle check");
    configs.settle("warm", &of_version(2, &json!({}))).await;
    assert_eq!(requested(&world.aws, "1").await, Some(2));
    assert_eq!(writes(&world.calls_since(before).await), [PUT]);
    configs.delete("warm").await;
    configs.is_gone("warm").await;
    assert_eq!(requested(&world.aws, "1").await, None);
}

#[tokio::test]
async fn what_somebody_else_changes_or_deletes_is_put_back_or_reported() {
    let world = World::new().await;
    function(&world).await;
    let configs = world.of::<Config>();
    configs.settle("warm", &of_version(2, &json!({}))).await;
    world.aws.put_provisioned("hello", "1", 7).await.unwrap();
    configs.is_looked_at("warm").await;
    configs.is_ready("warm").await;
    assert_eq!(requested(&world.aws, "1").await, Some(2));
    let path = "/2019-09-30/functions/hello/provisioned-concurrency?Qualifier=1";
    let (status, _) = world.aws.lambda("DELETE", path, None).await.unwrap();
    assert_eq!(status, 204);
    configs.is_looked_at("warm").await;
    configs.is_ready("warm").await;
    assert_eq!(requested(&world.aws, "1").await, Some(2));
    configs.settle("warm", &of_version(2, &json!({"driftPolicy": "Report"}))).await;
    world.aws.put_provisioned("hello", "1", 7).await.unwrap();
    let object = configs.is_looked_at("warm").await;
    assert!(is(&object, "Reconciling", "True", Some("Updating")), "AWS applies the number: {object:?}");
    let object = configs.condition("warm", "Ready", "True", Some("Drifted")).await;
    assert!(message(&object, "Ready").contains("provisionedConcurrentExecutions: 7 → 2"), "{object:?}");
    assert_eq!(requested(&world.aws, "1").await, Some(7));
}

#[tokio::test]
async fn an_amount_that_autoscaling_changes_stays() {
    let world = World::new().await;
    function(&world).await;
    let configs = world.of::<Config>();
    let ignores = json!({"ignoreChanges": ["provisionedConcurrentExecutions"]});
    configs.settle("warm", &of_version(2, &ignores)).await;
    world.aws.put_provisioned("hello", "1", 7).await.unwrap();
    world.aws.wait_until_provisioned("hello", "1").await.unwrap();
    let before = world.manners().mark().await.unwrap();
    configs.is_looked_at("warm").await;
    let object = configs.is_ready("warm").await;
    assert_eq!(object.status.unwrap().requested, Some(7));
    assert_eq!(writes(&world.calls_since(before).await), [""; 0]);
    assert_eq!(world.drift().await, 0);
    configs.settle("warm", &of_version(2, &json!({}))).await;
    assert_eq!(requested(&world.aws, "1").await, Some(2), "no longer left to others");
}

#[tokio::test]
async fn provisioned_concurrency_stays_where_it_is_to_stay() {
    let world = World::new().await;
    function(&world).await;
    let configs = world.of::<Config>();
    configs.settle("warm", &of_version(2, &json!({"skipDestroy": true}))).await;
    configs.delete("warm").await;
    configs.is_gone("warm").await;
    assert_eq!(requested(&world.aws, "1").await, Some(2));
}
