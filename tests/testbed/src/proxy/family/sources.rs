//! Event sources: their kinds, the settings that AWS supports for each, and the defaults.

use serde_json::{Map, Value, json};

/// A kind of event source.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Source {
    Queue,
    Kinesis,
    DynamoDb,
    Msk,
    SelfManagedKafka,
    Mq,
    DocumentDb,
}

use Source::{DocumentDb, DynamoDb, Kinesis, Mq, Msk, Queue, SelfManagedKafka};

/// Settings that AWS supports only for some sources.
const MEMBERS: [(&str, &[Source]); 16] = [
    ("ParallelizationFactor", &[Kinesis, DynamoDb]),
    ("TumblingWindowInSeconds", &[Kinesis, DynamoDb]),
    ("MaximumRecordAgeInSeconds", &[Kinesis, DynamoDb, Msk, SelfManagedKafka]),
    ("MaximumRetryAttempts", &[Kinesis, DynamoDb, Msk, SelfManagedKafka]),
    ("BisectBatchOnFunctionError", &[Kinesis, DynamoDb, Msk, SelfManagedKafka]),
    ("DestinationConfig", &[Kinesis, DynamoDb, Msk, SelfManagedKafka]),
    ("FunctionResponseTypes", &[Queue, Kinesis, DynamoDb, Msk, SelfManagedKafka]),
    ("ScalingConfig", &[Queue]),
    ("ProvisionedPollerConfig", &[Queue, Msk, SelfManagedKafka]),
    ("Topics", &[Msk, SelfManagedKafka]),
    ("Queues", &[Mq]),
    ("SourceAccessConfigurations", &[Msk, SelfManagedKafka, Mq, DocumentDb]),
    ("DocumentDBEventSourceConfig", &[DocumentDb]),
    ("AmazonManagedKafkaEventSourceConfig", &[Msk]),
    ("SelfManagedKafkaEventSourceConfig", &[SelfManagedKafka]),
    ("LoggingConfig", &[Msk, SelfManagedKafka]),
];

impl Source {
    /// The source that a request names; `None` if AWS does not support it.
    pub(crate) fn of(request: &Value) -> Option<Source> {
        let arn = request.get("EventSourceArn").and_then(Value::as_str);
        let Some(arn) = arn else {
            return request.get("SelfManagedEventSource").filter(|source| source.is_object()).map(|_| SelfManagedKafka);
        };
        match arn.split(':').nth(2)? {
            "sqs" => Some(Queue),
            "kinesis" => Some(Kinesis),
            "dynamodb" => Some(DynamoDb),
            "kafka" => Some(Msk),
            "mq" => Some(Mq),
            "rds" => Some(DocumentDb),
            _ => None,
        }
    }

    /// Kinesis or DynamoDB.
    pub(crate) fn is_stream(self) -> bool {
        matches!(self, Kinesis | DynamoDb)
    }

    /// The first member that AWS does not support for this source.
    pub(crate) fn unsupported(self, request: &Value) -> Option<&'static str> {
        let said = |member: &str| request.get(member).is_some_and(|value| !value.is_null());
        MEMBERS.iter().find(|(member, sources)| said(member) && !sources.contains(&self)).map(|(member, _)| *member)
    }

    /// The defaults that AWS shows. A source with the default of half a second shows no window.
    pub(crate) fn defaults(self, uuid: &str) -> Map<String, Value> {
        let mut shown = match self {
            Queue => json!({"BatchSize": 10, "MaximumBatchingWindowInSeconds": 0, "FunctionResponseTypes": []}),
            Kinesis | DynamoDb => json!({
                "BatchSize": 100, "MaximumBatchingWindowInSeconds": 0, "FunctionResponseTypes": [],
                "BisectBatchOnFunctionError": false, "MaximumRecordAgeInSeconds": -1, "MaximumRetryAttempts": -1,
                "ParallelizationFactor": 1, "TumblingWindowInSeconds": 0, "DestinationConfig": {"OnFailure": {}},
            }),
            Msk => json!({"BatchSize": 100, "AmazonManagedKafkaEventSourceConfig": {"ConsumerGroupId": uuid}}),
            SelfManagedKafka => {
                json!({"BatchSize": 100, "SelfManagedKafkaEventSourceConfig": {"ConsumerGroupId": uuid}})
            }
            Mq => json!({"BatchSize": 100}),
            DocumentDb => json!({"BatchSize": 100, "DocumentDBEventSourceConfig": {"FullDocument": "Default"}}),
        };
        shown.as_object_mut().map(std::mem::take).unwrap_or_default()
    }

    /// AWS's text for a change by a user.
    pub(crate) fn user_did_it(self) -> &'static str {
        if self.is_stream() { "User action" } else { "USER_INITIATED" }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::Source;

    #[test]
    fn sources_are_known_by_their_arns() {
        let of = |arn: &str| Source::of(&json!({ "EventSourceArn": arn }));
        assert_eq!(of("arn:aws:sqs:eu-west-1:111111111111:q"), Some(Source::Queue));
        assert_eq!(of("arn:aws:kinesis:eu-west-1:111111111111:stream/s"), Some(Source::Kinesis));
        assert_eq!(of("arn:aws:dynamodb:eu-west-1:111111111111:table/t/stream/2026"), Some(Source::DynamoDb));
        assert_eq!(of("arn:aws:s3:::bucket"), None);
        let kafka = json!({"SelfManagedEventSource": {"Endpoints": {"KAFKA_BOOTSTRAP_SERVERS": ["b:1"]}}});
        assert_eq!(Source::of(&kafka), Some(Source::SelfManagedKafka));
        assert_eq!(Source::of(&json!({})), None);
    }

    #[test]
    fn each_source_takes_its_own_members() {
        let destination = json!({"DestinationConfig": {"OnFailure": {"Destination": "arn:x"}}});
        assert_eq!(Source::Queue.unsupported(&destination), Some("DestinationConfig"));
        assert_eq!(Source::Kinesis.unsupported(&destination), None);
        assert_eq!(Source::Kinesis.unsupported(&json!({"ScalingConfig": {}})), Some("ScalingConfig"));
        assert_eq!(Source::Mq.unsupported(&json!({"FunctionResponseTypes": []})), Some("FunctionResponseTypes"));
    }
}
