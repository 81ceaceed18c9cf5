//! Errors that the object alone shows are refused at the apply, with a message that says what to do.

use serde_json::{Value, json};
use support::admission::Case;

use crate::{BROKER, CLUSTER, DOCUMENTS, QUEUE, STREAM, TABLE, of, own};

/// The spec, and a part of the refusal.
type Row = (Value, &'static str);

pub(crate) fn cases() -> Vec<Case> {
    let rows = [functions(), sources(), settings(), scalars(), tags()].into_iter().flatten();
    let case = |(spec, words): Row| Case { what: words, name: None, before: None, spec, refusal: Some(words) };
    let long = Case {
        what: "a long name",
        name: Some("m".repeat(128)),
        before: None,
        spec: of(QUEUE, &json!({})),
        refusal: Some("metadata.name must have at most 127 characters"),
    };
    rows.map(case).chain([long]).collect()
}

fn functions() -> Vec<Row> {
    const ONE: &str = "set exactly one of functionRef (a LambdaFunction of this namespace), aliasRef";
    let reference = |field: &str, name: &str| of(QUEUE, &json!({"functionName": null, field: {"name": name}}));
    let with = |field: &str, change: Value| {
        let mut spec = reference(field, "hello");
        spec.as_object_mut().unwrap().extend(change.as_object().unwrap().clone());
        spec
    };
    vec![
        (of(QUEUE, &json!({"functionName": null})), ONE),
        (of(QUEUE, &json!({"functionRef": {"name": "hello"}})), ONE),
        (of(QUEUE, &json!({"functionName": "hello:live"})), "functionName must be 1 to 64 letters"),
        (reference("functionRef", "Hello"), "name must be the name of a LambdaFunction in this namespace"),
        (reference("aliasRef", "Live"), "name must be the name of a LambdaAlias in this namespace"),
        (
            with("functionRef", json!({"region": "eu-west-1"})),
            "the region is the one of the object that functionRef or aliasRef names",
        ),
        (with("aliasRef", json!({"qualifier": "live"})), "aliasRef names the alias: remove qualifier"),
        (of(QUEUE, &json!({"qualifier": "$LATEST"})), "qualifier must be the name of an alias"),
    ]
}

fn sources() -> Vec<Row> {
    const ONE: &str = "set exactly one of eventSourceArn (a queue, stream, broker or cluster of AWS)";
    let brokers = json!({"endpoints": {"KAFKA_BOOTSTRAP_SERVERS": "a.example"}});
    vec![
        (of(QUEUE, &json!({"eventSourceArn": null})), ONE),
        (own(&json!({"eventSourceArn": CLUSTER})), ONE),
        (of(QUEUE, &json!({"eventSourceArn": "orders"})), "eventSourceArn must be the whole ARN"),
        (own(&json!({"selfManagedEventSource": brokers})), "KAFKA_BOOTSTRAP_SERVERS must be 1 to 10 brokers"),
        (of(STREAM, &json!({"startingPosition": null})), "a stream is read from a position: set startingPosition"),
        (of(QUEUE, &json!({"startingPosition": "LATEST"})), "startingPosition is for streams and Kafka"),
        (
            of(
                TABLE,
                &json!({"startingPosition": "AT_TIMESTAMP", "startingPositionTimestamp": "2026-01-31T08:00:00Z"}),
            ),
            "DynamoDB has no AT_TIMESTAMP",
        ),
        (
            of(STREAM, &json!({"startingPosition": "AT_TIMESTAMP"})),
            "startingPosition: AT_TIMESTAMP and startingPositionTimestamp go together",
        ),
        (
            of(STREAM, &json!({"startingPosition": "latest"})),
            "startingPosition must be TRIM_HORIZON, LATEST or AT_TIMESTAMP",
        ),
        (
            of(STREAM, &json!({"startingPosition": "AT_TIMESTAMP", "startingPositionTimestamp": "today"})),
            "startingPositionTimestamp must be a time",
        ),
        (
            of(
                STREAM,
                &json!({"startingPosition": "AT_TIMESTAMP", "startingPositionTimestamp": "2026-13-31T08:00:00Z"}),
            ),
            "startingPositionTimestamp must be a time",
        ),
        (
            of(
                STREAM,
                &json!({"startingPosition": "AT_TIMESTAMP", "startingPositionTimestamp": "2026-01-31T25:00:00Z"}),
            ),
            "startingPositionTimestamp must be a time",
        ),
        (
            of(
                STREAM,
                &json!({"startingPosition": "AT_TIMESTAMP", "startingPositionTimestamp": "2026-01-31T08:00:00.1234567890Z"}),
            ),
            "startingPositionTimestamp must be a time",
        ),
        (of(CLUSTER, &json!({"topics": null})), "topics holds the one topic of a Kafka cluster"),
        (of(QUEUE, &json!({"topics": ["t"]})), "topics holds the one topic of a Kafka cluster"),
        (of(BROKER, &json!({"queues": null})), "queues holds the one queue of an Amazon MQ broker"),
        (
            of(DOCUMENTS, &json!({"documentDbEventSourceConfig": null})),
            "documentDbEventSourceConfig belongs to a DocumentDB cluster",
        ),
        (own(&json!({"sourceAccessConfiguration": null})), "this source needs access: set sourceAccessConfiguration"),
    ]
}

fn settings() -> Vec<Row> {
    let fifo = "arn:aws:sqs:eu-west-1:123456789012:orders.fifo";
    vec![
        (of(QUEUE, &json!({"batchSize": 11})), "a batch of more than 10 needs time to fill"),
        (of(fifo, &json!({"maximumBatchingWindowInSeconds": 1})), "a FIFO queue has batches of at most 10"),
        (
            of(QUEUE, &json!({"parallelizationFactor": 2})),
            "parallelizationFactor and tumblingWindowInSeconds are for Kinesis",
        ),
        (of(QUEUE, &json!({"maximumRetryAttempts": 2})), "destinationConfig are for Kinesis, DynamoDB and Kafka"),
        (of(STREAM, &json!({"scalingConfig": {"maximumConcurrency": 2}})), "scalingConfig is for SQS: remove it"),
        (
            of(
                QUEUE,
                &json!({"scalingConfig": {"maximumConcurrency": 2}, "provisionedPollerConfig": {"minimumPollers": 2}}),
            ),
            "scalingConfig and provisionedPollerConfig exclude each other",
        ),
        (of(STREAM, &json!({"provisionedPollerConfig": {}})), "provisionedPollerConfig is for SQS and Kafka"),
        (
            of(QUEUE, &json!({"amazonManagedKafkaEventSourceConfig": {}})),
            "amazonManagedKafkaEventSourceConfig is for Amazon MSK",
        ),
        (
            of(CLUSTER, &json!({"selfManagedKafkaEventSourceConfig": {}})),
            "selfManagedKafkaEventSourceConfig is for selfManagedEventSource",
        ),
        (
            of(QUEUE, &json!({"sourceAccessConfiguration": [{"type": "IAM_AUTH"}]})),
            "sourceAccessConfiguration is for Kafka, Amazon MQ and DocumentDB",
        ),
        (of(QUEUE, &json!({"loggingConfig": {}})), "loggingConfig is for Kafka: remove it"),
        (
            own(
                &json!({"selfManagedKafkaEventSourceConfig": {"consumptionMode": "Queue"}, "startingPosition": "LATEST"}),
            ),
            "consumptionMode: Queue has no position and no batching window",
        ),
        (
            own(
                &json!({"selfManagedKafkaEventSourceConfig": {"consumptionMode": "Queue"}, "maximumBatchingWindowInSeconds": 1}),
            ),
            "consumptionMode: Queue has no position and no batching window",
        ),
    ]
}

fn scalars() -> Vec<Row> {
    let failing = |arn: &str| json!({"destinationConfig": {"onFailure": {"destinationArn": arn}}});
    vec![
        (of(STREAM, &json!({"maximumRecordAgeInSeconds": 5})), "maximumRecordAgeInSeconds must be -1"),
        (of(QUEUE, &json!({"kmsKeyArn": "alias/k"})), "kmsKeyArn must be the key's whole ARN"),
        (of(STREAM, &failing("dead")), "destinationArn must be a whole ARN, or kafka://"),
        (
            of(CLUSTER, &json!({"provisionedPollerConfig": {"pollerGroupName": "a b"}})),
            "pollerGroupName must be at most 128 letters",
        ),
        (
            of(CLUSTER, &json!({"loggingConfig": {"systemLogLevel": "debug"}})),
            "systemLogLevel must be one of AWS's levels",
        ),
        (
            of(CLUSTER, &json!({"amazonManagedKafkaEventSourceConfig": {"consumerGroupId": "#"}})),
            "consumerGroupId must be letters, digits, spaces",
        ),
        (
            own(&json!({"selfManagedKafkaEventSourceConfig": {"consumptionMode": "a b"}})),
            "consumptionMode must be Stream or Queue",
        ),
        (
            of(BROKER, &json!({"sourceAccessConfiguration": [{"type": "basic"}]})),
            "type must be one of AWS's, in capitals",
        ),
        (of(QUEUE, &json!({"batchSize": 0})), "spec.batchSize"),
        (of(QUEUE, &json!({"region": "EU"})), "region must be the code of an AWS region"),
        (of(QUEUE, &json!({"adoptFrom": "other"})), "adoptFrom must be the whole owner"),
        (of(QUEUE, &json!({"driftCheckInterval": "1s"})), "driftCheckInterval must be a duration between 10s and 24h"),
        (of(QUEUE, &json!({"timeouts": {"create": "soon"}})), "timeouts must be durations such as 90s"),
    ]
}

fn tags() -> Vec<Row> {
    let tag = |key: &str| of(QUEUE, &json!({"tags": {key: "x"}}));
    vec![
        (tag("aws:x"), "tag keys must not be empty and must not begin with aws:"),
        (tag(" x"), "tag keys must not begin or end with white space"),
        (tag(&"k".repeat(129)), "tag keys must have at most 128 characters"),
        (tag("a#b"), "tag keys must hold only letters, digits, spaces"),
        (of(QUEUE, &json!({"ignoreTags": ["a#"]})), "ignoreTags must hold keys of tags"),
        (of(QUEUE, &json!({"ignoreTags": ["aws:x"]})), "ignoreTags must not name aws: or lambda-operator.io/"),
    ]
}

/// Changes of settings that AWS fixes at the creation.
pub(crate) fn updates() -> Vec<Case> {
    let other = "arn:aws:sqs:eu-west-1:123456789012:other";
    let servers = json!({"endpoints": {"KAFKA_BOOTSTRAP_SERVERS": "c.example:9092"}});
    let at = |time: &str| of(STREAM, &json!({"startingPosition": "AT_TIMESTAMP", "startingPositionTimestamp": time}));
    let reference = |field: &str, name: &str| of(QUEUE, &json!({"functionName": null, field: {"name": name}}));
    let host = |host: &str| {
        let secret = "arn:aws:secretsmanager:eu-west-1:123456789012:secret:s";
        let access = json!([{"type": "BASIC_AUTH", "uri": secret}, {"type": "VIRTUAL_HOST", "uri": host}]);
        of(BROKER, &json!({"sourceAccessConfiguration": access}))
    };
    let mode = |mode: &str| own(&json!({"selfManagedKafkaEventSourceConfig": {"consumptionMode": mode}}));
    let group = |group: &str| of(CLUSTER, &json!({"amazonManagedKafkaEventSourceConfig": {"consumerGroupId": group}}));
    [
        (of(QUEUE, &json!({})), of(other, &json!({})), "eventSourceArn cannot be changed, AWS fixes it"),
        (
            of(STREAM, &json!({})),
            of(STREAM, &json!({"startingPosition": "TRIM_HORIZON"})),
            "startingPosition cannot be changed, AWS fixes it",
        ),
        (
            at("2026-01-31T08:00:00Z"),
            at("2026-01-31T09:00:00Z"),
            "startingPositionTimestamp cannot be changed, AWS fixes it",
        ),
        (
            own(&json!({})),
            own(&json!({"selfManagedEventSource": servers})),
            "selfManagedEventSource cannot be changed, AWS fixes it",
        ),
        (of(CLUSTER, &json!({})), of(CLUSTER, &json!({"topics": ["u"]})), "topics cannot be changed, AWS fixes it"),
        (of(BROKER, &json!({})), of(BROKER, &json!({"queues": ["p"]})), "queues cannot be changed, AWS fixes it"),
        (group("a"), group("b"), "consumerGroupId cannot be changed, AWS fixes it"),
        (mode("Stream"), mode("Queue"), "consumptionMode cannot be changed, AWS fixes it"),
        (host("/a"), host("/b"), "the virtual host (VIRTUAL_HOST) cannot be changed, AWS fixes it"),
        (of(BROKER, &json!({})), host("/a"), "the virtual host (VIRTUAL_HOST) cannot be changed, AWS fixes it"),
        (
            of(QUEUE, &json!({})),
            of(QUEUE, &json!({"functionName": "other"})),
            "functionName cannot be changed: put the old one back; for an alias or version of the same function, set qualifier",
        ),
        (
            reference("functionRef", "a"),
            reference("functionRef", "b"),
            "functionRef cannot be changed: put the old one back; for an alias or version of the same function, set qualifier",
        ),
        (
            reference("aliasRef", "a"),
            reference("aliasRef", "b"),
            "aliasRef cannot be changed: put the old one back; for another alias of the same function, annotate this object",
        ),
        (
            of(QUEUE, &json!({"region": "eu-west-1"})),
            of(QUEUE, &json!({"region": "eu-west-2"})),
            "spec.region cannot be changed, an event source mapping",
        ),
    ]
    .into_iter()
    .map(|(before, spec, words)| Case {
        what: words,
        name: None,
        before: Some((before, json!({}))),
        spec,
        refusal: Some(words),
    })
    .collect()
}
