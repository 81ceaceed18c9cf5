//! Edits of a mapping: each is one update with the members that differ, and the removal of a field restores AWS's default.

use serde_json::{Value, json};
use support::mappings::uuid;
use support::world::writes;

use crate::{from, with_queue};

#[tokio::test]
async fn each_change_is_one_update_and_removal_restores_the_default() {
    let (world, queue) = with_queue().await;
    let object = world.mappings().settle("orders", &from(&queue, &json!({}))).await;
    let uuid = uuid(&object);
    let key = format!("arn:aws:kms:eu-west-1:{}:key/11111111-2222-3333-4444-555555555555", world.account);
    let shown = |mapping: &Value, pointer: &str| mapping.pointer(pointer).cloned().unwrap_or_default();
    let changes = [
        (json!({"batchSize": 3}), "/BatchSize", json!(3)),
        (json!({"maximumBatchingWindowInSeconds": 7}), "/MaximumBatchingWindowInSeconds", json!(7)),
        (json!({"enabled": false}), "/State", json!("Disabled")),
        (
            json!({"functionResponseTypes": ["ReportBatchItemFailures"]}),
            "/FunctionResponseTypes/0",
            json!("ReportBatchItemFailures"),
        ),
        (
            json!({"filterCriteria": {"filter": [{"pattern": "{\"body\":{}}"}]}}),
            "/FilterCriteria/Filters/0/Pattern",
            json!("{\"body\":{}}"),
        ),
        (json!({"scalingConfig": {"maximumConcurrency": 4}}), "/ScalingConfig/MaximumConcurrency", json!(4)),
        (
            json!({"provisionedPollerConfig": {"minimumPollers": 2, "maximumPollers": 5}}),
            "/ProvisionedPollerConfig/MaximumPollers",
            json!(5),
        ),
        (json!({"metricsConfig": {"metrics": ["EventCount"]}}), "/MetricsConfig/Metrics/0", json!("EventCount")),
        (json!({"kmsKeyArn": key}), "/KMSKeyArn", json!(key)),
    ];
    let defaults = world.mapping(&uuid).await.unwrap();
    for (change, pointer, value) in changes {
        let before = world.manners().mark().await.unwrap();
        world.mappings().settle("orders", &from(&queue, &change)).await;
        assert_eq!(shown(&world.mapping(&uuid).await.unwrap(), pointer), value, "{change}");
        world.mappings().settle("orders", &from(&queue, &json!({}))).await;
        let mapping = world.mapping(&uuid).await.unwrap();
        assert_eq!(shown(&mapping, pointer), shown(&defaults, pointer), "{change} was removed");
        let calls = world.calls_since(before).await;
        assert_eq!(writes(&calls), ["UpdateEventSourceMapping"; 2], "{change}");
    }
}

#[tokio::test]
async fn tags_change_by_calls_of_their_own_and_the_owner_stays() {
    let (world, queue) = with_queue().await;
    let uuid = uuid(&world.mappings().settle("orders", &from(&queue, &json!({"tags": {"a": "1", "b": "1"}}))).await);
    let before = world.manners().mark().await.unwrap();
    world.mappings().settle("orders", &from(&queue, &json!({"tags": {"b": "2"}}))).await;
    assert_eq!(writes(&world.calls_since(before).await), ["UntagResource", "TagResource"], "no update of the mapping");
    let tags = world.mapping_tags(&uuid).await;
    assert_eq!((&tags["a"], &tags["b"]), (&json!(null), &json!("2")));
    assert!(tags["lambda-operator.io/owner"].is_string());
}

#[tokio::test]
async fn a_mapping_moves_to_an_alias_in_place() {
    let (world, queue) = with_queue().await;
    let first = uuid(&world.mappings().settle("orders", &from(&queue, &json!({}))).await);
    let version = world.aws.publish_version("hello").await.unwrap();
    world.aws.create_alias("hello", "live", &json!({"FunctionVersion": version})).await.unwrap();
    let object = world.mappings().settle("orders", &from(&queue, &json!({"qualifier": "live"}))).await;
    assert_eq!(uuid(&object), first);
    assert_eq!(object.status.unwrap().qualifier.as_deref(), Some("live"));
    let mapping = world.mapping(&first).await.unwrap();
    assert!(mapping["FunctionArn"].as_str().unwrap().ends_with(":function:hello:live"), "{mapping}");
}

#[tokio::test]
async fn a_stream_and_a_kafka_cluster_have_their_own_settings() {
    let (world, _) = with_queue().await;
    let cluster = format!("arn:aws:kafka:eu-west-1:{}:cluster/c/11111111-2222-3333-4444-555555555555-1", world.account);
    let spec = |change: Value| {
        let mut kafka = json!({"topics": ["orders"], "startingPosition": "LATEST"});
        kafka.as_object_mut().unwrap().extend(change.as_object().unwrap().clone());
        from(&cluster, &kafka)
    };
    let dead = world.aws.create_queue("dead").await.unwrap();
    let failing = json!({"destinationConfig": {"onFailure": {"destinationArn": dead}}, "maximumRetryAttempts": 3});
    let uuid = uuid(&world.mappings().settle("kafka", &spec(failing)).await);
    let mapping = world.mapping(&uuid).await.unwrap();
    assert_eq!(mapping["DestinationConfig"]["OnFailure"]["Destination"], json!(dead));
    assert_eq!((&mapping["MaximumRetryAttempts"], &mapping["Topics"]), (&json!(3), &json!(["orders"])));
    world.mappings().settle("kafka", &spec(json!({}))).await;
    let mapping = world.mapping(&uuid).await.unwrap();
    assert_eq!(mapping["DestinationConfig"]["OnFailure"]["Destination"], json!(null), "removed");
    assert_eq!(mapping["MaximumRetryAttempts"], json!(-1));

    let brokers = json!({"endpoints": {"KAFKA_BOOTSTRAP_SERVERS": "b.example:9092, a.example:9092"}});
    let secret = format!("arn:aws:secretsmanager:eu-west-1:{}:secret:kafka", world.account);
    let own = json!({
        "functionRef": {"name": "hello"}, "selfManagedEventSource": brokers, "topics": ["t"], "startingPosition": "TRIM_HORIZON",
        "sourceAccessConfiguration": [{"type": "BASIC_AUTH", "uri": secret}],
    });
    let object = world.mappings().settle("own-kafka", &own).await;
    let mapping = world.mapping(&support::mappings::uuid(&object)).await.unwrap();
    assert_eq!(mapping["SourceAccessConfigurations"], json!([{"Type": "BASIC_AUTH", "URI": secret}]));
    let before = world.manners().mark().await.unwrap();
    world.mappings().is_looked_at("own-kafka").await;
    assert_eq!(writes(&world.calls_since(before).await), [""; 0], "AWS sorts the brokers");
}
