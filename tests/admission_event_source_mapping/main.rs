//! LambdaEventSourceMapping: the objects that the API server accepts and refuses without the operator. A table of objects, on the newest and on the
//! oldest kube-apiserver.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking, in what it calls too")]

mod refused;

use lambda_operator::api::event_source_mapping::spec::LambdaEventSourceMapping;
use serde_json::{Value, json};
use support::admission::{Case, Server, crd};
use testbed::{Bed, Oldest};

pub(crate) const QUEUE: &str = "arn:aws:sqs:eu-west-1:123456789012:orders";
pub(crate) const STREAM: &str = "arn:aws:kinesis:eu-west-1:123456789012:stream/clicks";
pub(crate) const TABLE: &str = "arn:aws:dynamodb:eu-west-1:123456789012:table/t/stream/2026-01-01T00:00:00.000";
pub(crate) const CLUSTER: &str = "arn:aws:kafka:eu-west-1:123456789012:cluster/c/1";
pub(crate) const BROKER: &str = "arn:aws:mq:eu-west-1:123456789012:broker:b:1";
pub(crate) const DOCUMENTS: &str = "arn:aws:rds:eu-west-1:123456789012:cluster:c";

/// A spec for this source, with changes; `null` removes a field.
pub(crate) fn of(source: &str, change: &Value) -> Value {
    let mut spec = json!({"functionName": "hello", "eventSourceArn": source});
    let fields = spec.as_object_mut().unwrap();
    let access = json!([{"type": "BASIC_AUTH", "uri": "arn:aws:secretsmanager:eu-west-1:123456789012:secret:s"}]);
    let needed = match source {
        STREAM | TABLE => json!({"startingPosition": "LATEST"}),
        CLUSTER => json!({"topics": ["t"], "startingPosition": "LATEST"}),
        BROKER => json!({"queues": ["q"], "sourceAccessConfiguration": access}),
        DOCUMENTS => json!({
            "startingPosition": "LATEST", "sourceAccessConfiguration": access,
            "documentDbEventSourceConfig": {"databaseName": "d"},
        }),
        _ => json!({}),
    };
    fields.extend(needed.as_object().unwrap().clone());
    fields.extend(change.as_object().unwrap().clone());
    fields.retain(|_, value| !value.is_null());
    spec
}

/// The same for a Kafka cluster outside of AWS.
pub(crate) fn own(change: &Value) -> Value {
    let mut fields = json!({
        "eventSourceArn": null, "topics": ["t"],
        "selfManagedEventSource": {"endpoints": {"KAFKA_BOOTSTRAP_SERVERS": "a.example:9092, b.example:9092"}},
        "sourceAccessConfiguration": [{"type": "IAM_AUTH"}],
    });
    fields.as_object_mut().unwrap().extend(change.as_object().unwrap().clone());
    of("", &fields)
}

fn accepted() -> Vec<Case> {
    let case = |(what, spec): (&'static str, Value)| Case { what, name: None, before: None, spec, refusal: None };
    let registry = json!({
        "schemaRegistryUri": "arn:aws:glue:eu-west-1:123456789012:registry/r", "eventRecordFormat": "JSON",
        "accessConfig": [{"type": "BASIC_AUTH", "uri": "arn:aws:secretsmanager:eu-west-1:123456789012:secret:s"}],
        "schemaValidationConfig": [{"attribute": "VALUE"}],
    });
    let failing = json!({
        "maximumRecordAgeInSeconds": 60, "maximumRetryAttempts": 0, "bisectBatchOnFunctionError": true,
        "destinationConfig": {"onFailure": {"destinationArn": "arn:aws:sqs:eu-west-1:123456789012:dead"}},
        "functionResponseTypes": ["ReportBatchItemFailures"], "parallelizationFactor": 10,
        "tumblingWindowInSeconds": 900, "batchSize": 10000, "maximumBatchingWindowInSeconds": 300,
    });
    let at = json!({"startingPosition": "AT_TIMESTAMP", "startingPositionTimestamp": "2026-01-31T08:00:00Z"});
    vec![
        ("a queue", of(QUEUE, &json!({}))),
        (
            "a queue with everything",
            of(
                QUEUE,
                &json!({
                    "batchSize": 100, "maximumBatchingWindowInSeconds": 1, "scalingConfig": {"maximumConcurrency": 2},
                    "filterCriteria": {"filter": [{"pattern": "{}"}]}, "enabled": false, "tags": {"team": "a"},
                    "metricsConfig": {"metrics": ["EventCount"]}, "qualifier": "live", "adoptFrom": "c/n/m",
                    "kmsKeyArn": "arn:aws:kms:eu-west-1:123456789012:key/k", "ignoreChanges": ["enabled", "tags"],
                    "ignoreTags": ["cost:*"],
                }),
            ),
        ),
        ("a FIFO queue", of("arn:aws:sqs:eu-west-1:123456789012:orders.fifo", &json!({"batchSize": 10}))),
        (
            "pollers of a queue",
            of(QUEUE, &json!({"provisionedPollerConfig": {"minimumPollers": 2, "maximumPollers": 10000}})),
        ),
        ("a stream with everything", of(STREAM, &failing)),
        ("a stream from a time", of(STREAM, &at)),
        ("a table", of(TABLE, &json!({"startingPosition": "TRIM_HORIZON"}))),
        (
            "a cluster of MSK",
            of(
                CLUSTER,
                &json!({
                    "amazonManagedKafkaEventSourceConfig": {"consumerGroupId": "g", "schemaRegistryConfig": registry},
                    "provisionedPollerConfig": {"pollerGroupName": "g"}, "loggingConfig": {"systemLogLevel": "DEBUG"},
                    "destinationConfig": {"onFailure": {"destinationArn": "kafka://dead"}},
                }),
            ),
        ),
        ("another Kafka", own(&json!({"selfManagedKafkaEventSourceConfig": {"consumptionMode": "Queue"}}))),
        ("a broker", of(BROKER, &json!({}))),
        ("documents", of(DOCUMENTS, &json!({}))),
        ("a LambdaFunction", of(QUEUE, &json!({"functionName": null, "functionRef": {"name": "hello"}}))),
        ("a LambdaAlias", of(QUEUE, &json!({"functionName": null, "aliasRef": {"name": "live"}}))),
        ("a source of the future", of("arn:aws:new:eu-west-1:123456789012:x", &json!({}))),
        (
            "empty for absent",
            of(
                QUEUE,
                &json!({
                    "qualifier": "", "startingPosition": "", "kmsKeyArn": "", "topics": [], "queues": [], "region": "",
                }),
            ),
        ),
    ]
    .into_iter()
    .map(case)
    .collect()
}

/// Changes of settings that AWS fixes at the creation, where nothing has been created or nothing changes.
fn added() -> Vec<Case> {
    let at = |time: &str| json!({"startingPosition": "AT_TIMESTAMP", "startingPositionTimestamp": time});
    let none = || json!({"startingPosition": null});
    let cases = [
        ("a position that was missing", CLUSTER, none(), json!({"startingPosition": "LATEST"})),
        ("a position that is removed again", CLUSTER, json!({"startingPosition": "LATEST"}), none()),
        ("a time that is removed again", CLUSTER, at("2026-01-31T08:00:00Z"), none()),
        ("the same time in other words", STREAM, at("2026-01-31T08:00:00Z"), at("2026-01-31T09:00:00.0+01:00")),
    ];
    let case = |(what, source, before, after): (&'static str, &str, Value, Value)| Case {
        what,
        name: None,
        before: Some((of(source, &before), json!({}))),
        spec: of(source, &after),
        refusal: None,
    };
    cases.into_iter().map(case).collect()
}

fn cases() -> Vec<Case> {
    [accepted(), added(), refused::cases(), refused::updates()].into_iter().flatten().collect()
}

async fn judge(bed: &Bed) {
    let server = Server::with_crd::<LambdaEventSourceMapping>(bed).await;
    let wrong = server.judge(&cases()).await;
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    let shown = server.shown(bed, &[("orders", of(QUEUE, &json!({})))]).await;
    assert!(shown.contains("FUNCTION") && shown.contains("QUALIFIER") && shown.contains("STATE"), "{shown}");
}

#[tokio::test]
async fn the_newest_api_server_judges_mappings_as_listed() {
    judge(&Bed::from_env().unwrap()).await;
}

#[tokio::test]
async fn the_oldest_api_server_judges_mappings_as_listed() {
    judge(&Oldest::start().await.unwrap().bed).await;
}

/// The messages of all rules in a schema and below it.
fn messages(schema: &Value, all: &mut Vec<String>) {
    let rules = schema["x-kubernetes-validations"].as_array().into_iter().flatten();
    all.extend(rules.map(|rule| rule["message"].as_str().unwrap().to_owned()));
    let inner = schema["properties"].as_object().into_iter().flat_map(|fields| fields.values());
    inner.for_each(|inner| messages(inner, all));
    messages_of_items(schema, all);
}

fn messages_of_items(schema: &Value, all: &mut Vec<String>) {
    if schema["items"].is_object() {
        messages(&schema["items"], all);
    }
}

#[test]
fn every_rule_of_mappings_refuses_a_case() {
    let crd: Value = serde_saphyr::from_str(&crd::<LambdaEventSourceMapping>()).unwrap();
    let mut all = Vec::new();
    messages(&crd["spec"]["versions"][0]["schema"]["openAPIV3Schema"], &mut all);
    assert!(all.len() >= 50, "{all:?}");
    let cases = cases();
    let untried = |message: &String| {
        !cases.iter().any(|case| case.refusal.is_some_and(|words| words.len() > 20 && message.contains(words)))
    };
    assert_eq!(all.into_iter().filter(untried).collect::<Vec<_>>(), Vec::<String>::new());
}
