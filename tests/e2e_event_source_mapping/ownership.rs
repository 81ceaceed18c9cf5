//! Ownership of a mapping: its owner tag decides, and the owner tag of its function.

use lambda_operator::api::alias::LambdaAlias;
use lambda_operator::api::shared::HAND_OVER_TO;
use serde_json::json;
use support::mappings::uuid;
use support::objects::message;
use support::world::{World, spec_with, writes};

use crate::{from, with_queue};

#[tokio::test]
async fn a_mapping_without_an_owner_is_taken_over_only_where_spec_and_namespace_allow_it() {
    let (world, queue) = with_queue().await;
    let made = world.aws.create_mapping(&json!({"FunctionName": "hello", "EventSourceArn": queue})).await.unwrap();
    let theirs = made["UUID"].as_str().unwrap().to_owned();
    world.aws.wait_until_mapping_is(&theirs, Some("Enabled")).await.unwrap();
    let before = world.manners().mark().await.unwrap();
    world.mappings().apply("orders", &from(&queue, &json!({}))).await;
    let message = world.mappings().says("orders", "Stalled", "NotOwned").await;
    assert!(message.contains("adoptionPolicy: Adopt"), "{message}");
    let adopt = from(&queue, &json!({"adoptionPolicy": "Adopt", "batchSize": 3}));
    world.mappings().apply("orders", &adopt).await;
    let message = world.mappings().says("orders", "Stalled", "NotAllowed").await;
    assert!(message.contains("allow-adoption=true"), "{message}");
    assert_eq!(writes(&world.calls_since(before).await), [""; 0]);
    world.allow_adoption().await;
    let object = world.mappings().is_ready("orders").await;
    assert_eq!(uuid(&object), theirs);
    assert_eq!(world.mapping(&theirs).await.unwrap()["BatchSize"], json!(3));
    world.mappings().delete("orders").await;
    world.mappings().is_gone("orders").await;
    assert_eq!(world.mapping(&theirs).await, None, "it was the object's");
}

#[tokio::test]
async fn a_mapping_of_another_owner_is_neither_changed_nor_deleted() {
    let (world, queue) = with_queue().await;
    let tags = json!({"lambda-operator.io/owner": "test/other/orders"});
    let wanted = json!({"FunctionName": "hello", "EventSourceArn": queue, "Tags": tags});
    let made = world.aws.create_mapping(&wanted).await.unwrap();
    let theirs = made["UUID"].as_str().unwrap().to_owned();
    let before = world.manners().mark().await.unwrap();
    world.mappings().apply("orders", &from(&queue, &json!({"adoptionPolicy": "Adopt"}))).await;
    let message = world.mappings().says("orders", "Stalled", "NotOwned").await;
    assert!(message.contains("test/other/orders"), "{message}");
    world.mappings().delete("orders").await;
    world.mappings().is_gone("orders").await;
    assert!(world.mapping(&theirs).await.is_some());
    assert_eq!(writes(&world.calls_since(before).await), [""; 0]);
}

#[tokio::test]
async fn a_tag_that_somebody_took_off_is_noticed_before_a_write() {
    let (world, queue) = with_queue().await;
    let mine = uuid(&world.mappings().settle("orders", &from(&queue, &json!({}))).await);
    world.tag_mapping(&mine, &json!({"lambda-operator.io/owner": "test/other/orders"})).await;
    let before = world.manners().mark().await.unwrap();
    world.mappings().apply("orders", &from(&queue, &json!({"batchSize": 4}))).await;
    world.mappings().says("orders", "Stalled", "NotOwned").await;
    world.mappings().delete("orders").await;
    world.mappings().is_gone("orders").await;
    assert_eq!(world.mapping(&mine).await.unwrap()["BatchSize"], json!(10));
    assert_eq!(writes(&world.calls_since(before).await), [""; 0]);
}

#[tokio::test]
async fn a_function_of_another_namespace_gets_no_mapping() {
    let world = World::new().await;
    let owner = json!({"Tags": {"lambda-operator.io/owner": "test/other/theirs"}});
    world.aws.create_function("theirs", &owner).await.unwrap();
    world.aws.wait_until_at_rest("theirs").await.unwrap();
    let queue = world.aws.create_queue("orders").await.unwrap();
    let before = world.manners().mark().await.unwrap();
    world.mappings().apply("orders", &json!({"functionName": "theirs", "eventSourceArn": queue})).await;
    let object = world.mappings().condition("orders", "Stalled", "True", Some("NotOwned")).await;
    assert!(message(&object, "Stalled").contains("test/other/theirs"), "{object:?}");
    assert_eq!(writes(&world.calls_since(before).await), [""; 0]);
    assert_eq!(world.aws.list_mappings().await.unwrap().len(), 0);
}

#[tokio::test]
async fn a_mapping_that_was_ours_is_not_updated_once_its_function_belongs_to_another_namespace() {
    let (world, queue) = with_queue().await;
    let mine = uuid(&world.mappings().settle("orders", &from(&queue, &json!({}))).await);
    world.apply("hello", &spec_with(&json!({"suspend": true}))).await;
    world.condition("hello", "Ready", "Unknown", Some("Suspended")).await;
    let arn = format!("arn:aws:lambda:eu-west-1:{}:function:hello", world.account);
    let path = format!("/2017-03-31/tags/{}", arn.replace(':', "%3A"));
    let tags = json!({"Tags": {"lambda-operator.io/owner": "test/other/hello"}});
    assert_eq!(world.aws.lambda("POST", &path, Some(&tags)).await.unwrap().0, 204);
    let before = world.manners().mark().await.unwrap();
    world.mappings().apply("orders", &from(&queue, &json!({"batchSize": 4}))).await;
    let message = world.mappings().says("orders", "Stalled", "NotOwned").await;
    assert!(message.contains("test/other/hello"), "{message}");
    assert_eq!(writes(&world.calls_since(before).await), [""; 0]);
    // Its own tag names the object, so the object may delete it.
    world.mappings().delete("orders").await;
    world.mappings().is_gone("orders").await;
    assert_eq!(world.mapping(&mine).await, None);
}

/// So the position in a stream stays, where `aliasRef` cannot be changed.
#[tokio::test]
async fn a_mapping_moves_to_another_alias_by_way_of_another_object() {
    let (world, queue) = with_queue().await;
    let version = world.aws.publish_version("hello").await.unwrap();
    for name in ["blue", "green"] {
        let alias = json!({"functionRef": {"name": "hello"}, "functionVersion": version});
        world.of::<LambdaAlias>().settle(name, &alias).await;
    }
    let to = |alias: &str| json!({"aliasRef": {"name": alias}, "eventSourceArn": queue});
    let mapping = uuid(&world.mappings().settle("orders", &to("blue")).await);
    world.mappings().annotate("orders", HAND_OVER_TO, &format!("{}/taker", world.namespace)).await;
    let before = world.manners().mark().await.unwrap();
    let mut taker = to("green");
    taker["adoptFrom"] = json!(format!("test/{}/orders", world.namespace));
    assert_eq!(uuid(&world.mappings().settle("taker", &taker).await), mapping);
    world.mappings().delete("orders").await;
    world.mappings().is_gone("orders").await;
    let function = world.mapping(&mapping).await.unwrap()["FunctionArn"].clone();
    assert!(function.as_str().unwrap().ends_with(":hello:green"), "{function}");
    assert_eq!(writes(&world.calls_since(before).await), ["TagResource", "UpdateEventSourceMapping"]);
}
