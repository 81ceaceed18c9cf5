//! One event source mapping: its settings, its state, and their form in AWS's answers.

use std::time::Instant;

use serde_json::{Map, Value, json};

use super::sources::Source;
use crate::proxy::place::Place;

/// The settings of a mapping that answers show in the form of the request.
const SETTINGS: [&str; 25] = [
    "AmazonManagedKafkaEventSourceConfig",
    "BatchSize",
    "BisectBatchOnFunctionError",
    "DestinationConfig",
    "DocumentDBEventSourceConfig",
    "EventSourceArn",
    "FilterCriteria",
    "FunctionResponseTypes",
    "KMSKeyArn",
    "LoggingConfig",
    "MaximumBatchingWindowInSeconds",
    "MaximumRecordAgeInSeconds",
    "MaximumRetryAttempts",
    "MetricsConfig",
    "ParallelizationFactor",
    "ProvisionedPollerConfig",
    "Queues",
    "ScalingConfig",
    "SelfManagedEventSource",
    "SelfManagedKafkaEventSourceConfig",
    "SourceAccessConfigurations",
    "StartingPosition",
    "StartingPositionTimestamp",
    "Topics",
    "TumblingWindowInSeconds",
];

/// The settings that never change.
const FIXED: [&str; 6] =
    ["EventSourceArn", "SelfManagedEventSource", "StartingPosition", "StartingPositionTimestamp", "Topics", "Queues"];

/// The change of a mapping that AWS is applying.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Change {
    Creating,
    Updating,
    Enabling,
    Disabling,
    Deleting,
}

impl Change {
    fn state(self) -> &'static str {
        match self {
            Change::Creating => "Creating",
            Change::Updating => "Updating",
            Change::Enabling => "Enabling",
            Change::Disabling => "Disabling",
            Change::Deleting => "Deleting",
        }
    }
}

/// A mapping.
#[derive(Debug, Clone)]
pub(crate) struct Mapping {
    pub(crate) uuid: String,
    /// The place of its function, which need not exist any more.
    pub(crate) function: Place,
    pub(crate) qualifier: Option<String>,
    pub(crate) source: Source,
    pub(crate) settings: Map<String, Value>,
    pub(crate) tags: Map<String, Value>,
    pub(crate) enabled: bool,
    /// The change in progress, and its end.
    pub(crate) change: Option<(Change, Instant)>,
    pub(crate) modified: f64,
    /// The mapping in the emulator that polls for this one.
    pub(crate) mirror: Option<String>,
}

impl Mapping {
    pub(crate) fn arn(&self) -> String {
        let Place { account, region, function: _ } = &self.function;
        format!("arn:aws:lambda:{region}:{account}:event-source-mapping:{}", self.uuid)
    }

    pub(crate) fn function_arn(&self) -> String {
        self.function.qualified(self.qualifier.as_deref())
    }

    /// The change in progress.
    pub(crate) fn busy(&self, now: Instant) -> Option<Change> {
        self.change.filter(|(_, until)| now < *until).map(|(change, _)| change)
    }

    pub(crate) fn is_gone(&self, now: Instant) -> bool {
        self.change.is_some_and(|(change, until)| change == Change::Deleting && now >= until)
    }

    fn state(&self, now: Instant) -> &'static str {
        match self.busy(now) {
            Some(change) => change.state(),
            None if self.enabled => "Enabled",
            None => "Disabled",
        }
    }

    /// Applies the settings of a request. Settings that never change are applied only to a new mapping.
    pub(crate) fn set(&mut self, request: &Value, new: bool) {
        for member in SETTINGS {
            let said = request.get(member).filter(|value| !value.is_null());
            if let Some(value) = said.filter(|_| new || !FIXED.contains(&member)) {
                self.settings.insert(member.to_owned(), completed(member, value, self.settings.get(member)));
            }
        }
        let defaults = self.source.defaults(&self.uuid);
        self.settings.retain(|member, value| defaults.contains_key(member) || !is_empty(member, value));
        for (member, default) in defaults {
            let held = self.settings.entry(member).or_insert_with(|| default.clone());
            if let (Some(held), Value::Object(default)) = (held.as_object_mut(), default) {
                for (member, value) in default {
                    held.entry(member).or_insert(value);
                }
            }
        }
    }

    /// The mapping as AWS shows it. A list does not show filters that a key encrypts.
    pub(crate) fn show(&self, now: Instant, in_list: bool) -> Value {
        let mut shown = self.settings.clone();
        if in_list && shown.contains_key("KMSKeyArn") {
            shown.remove("FilterCriteria");
        }
        let mut add = |member: &str, value: Value| shown.insert(member.to_owned(), value);
        add("UUID", json!(self.uuid));
        add("EventSourceMappingArn", json!(self.arn()));
        add("FunctionArn", json!(self.function_arn()));
        add("LastModified", json!(self.modified));
        add("State", json!(self.state(now)));
        add("StateTransitionReason", json!(self.source.user_did_it()));
        if self.source != Source::Queue {
            add("LastProcessingResult", json!("No records processed"));
        }
        Value::Object(shown)
    }
}

/// A block as AWS stores it: brokers are sorted, and the consumer group stays.
fn completed(member: &str, value: &Value, held: Option<&Value>) -> Value {
    let mut value = value.clone();
    match member {
        "SelfManagedEventSource" => {
            let brokers = value.pointer_mut("/Endpoints/KAFKA_BOOTSTRAP_SERVERS").and_then(Value::as_array_mut);
            if let Some(brokers) = brokers {
                brokers.sort_by_key(ToString::to_string);
            }
        }
        "AmazonManagedKafkaEventSourceConfig" | "SelfManagedKafkaEventSourceConfig" => {
            if let (Some(group), Some(fields)) =
                (held.and_then(|held| held.get("ConsumerGroupId")), value.as_object_mut())
            {
                fields.entry("ConsumerGroupId").or_insert_with(|| group.clone());
            }
        }
        _ => {}
    }
    value
}

/// Whether the value clears the setting.
fn is_empty(member: &str, value: &Value) -> bool {
    let list = |name: &str| value.get(name).and_then(Value::as_array).is_none_or(Vec::is_empty);
    match member {
        "FilterCriteria" => list("Filters"),
        "MetricsConfig" => list("Metrics"),
        _ => match value {
            Value::Object(fields) => fields.is_empty(),
            Value::Array(items) => items.is_empty(),
            Value::String(text) => text.is_empty(),
            Value::Null | Value::Bool(_) | Value::Number(_) => false,
        },
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use std::time::{Duration, Instant};

    use serde_json::{Map, Value, json};

    use super::{Change, Mapping, Source};
    use crate::proxy::place::Place;

    pub(crate) fn made(request: &Value) -> Mapping {
        let function = Place { account: "111111111111".into(), region: "eu-west-1".into(), function: "f".into() };
        let mut mapping = Mapping {
            uuid: "u".into(),
            function,
            qualifier: None,
            source: Source::of(request).unwrap(),
            settings: Map::new(),
            tags: Map::new(),
            enabled: true,
            change: Some((Change::Creating, Instant::now() + Duration::from_secs(60))),
            modified: 1.5,
            mirror: None,
        };
        mapping.set(request, true);
        mapping
    }

    #[test]
    fn a_queues_mapping_is_shown_as_recorded() {
        let queue = "arn:aws:sqs:eu-west-1:111111111111:q";
        let mapping = made(&json!({"EventSourceArn": queue, "BatchSize": 1}));
        let recorded = json!({"BatchSize": 1, "EventSourceArn": queue, "FunctionResponseTypes": [],
            "EventSourceMappingArn": "arn:aws:lambda:eu-west-1:111111111111:event-source-mapping:u",
            "FunctionArn": "arn:aws:lambda:eu-west-1:111111111111:function:f", "LastModified": 1.5,
            "MaximumBatchingWindowInSeconds": 0, "State": "Creating", "StateTransitionReason": "USER_INITIATED",
            "UUID": "u"});
        assert_eq!(mapping.show(Instant::now(), false), recorded);
    }

    #[test]
    fn a_streams_mapping_is_shown_as_recorded() {
        let stream = "arn:aws:dynamodb:eu-west-1:111111111111:table/t/stream/2026";
        let destination = json!({"OnFailure": {"Destination": "arn:aws:sqs:eu-west-1:111111111111:dead"}});
        let mapping = made(&json!({"EventSourceArn": stream, "BatchSize": 1, "MaximumRetryAttempts": 1,
            "MaximumBatchingWindowInSeconds": 1, "StartingPosition": "TRIM_HORIZON", "DestinationConfig": destination}));
        let recorded = json!({"BatchSize": 1, "BisectBatchOnFunctionError": false, "DestinationConfig": destination,
            "EventSourceArn": stream, "FunctionArn": "arn:aws:lambda:eu-west-1:111111111111:function:f",
            "EventSourceMappingArn": "arn:aws:lambda:eu-west-1:111111111111:event-source-mapping:u",
            "FunctionResponseTypes": [], "LastModified": 1.5, "LastProcessingResult": "No records processed",
            "MaximumBatchingWindowInSeconds": 1, "MaximumRecordAgeInSeconds": -1, "MaximumRetryAttempts": 1,
            "ParallelizationFactor": 1, "StartingPosition": "TRIM_HORIZON", "State": "Creating",
            "StateTransitionReason": "User action", "TumblingWindowInSeconds": 0, "UUID": "u"});
        assert_eq!(mapping.show(Instant::now(), false), recorded);
    }

    #[test]
    fn what_is_empty_is_cleared_and_what_is_left_out_stays() {
        let mut mapping = made(&json!({"EventSourceArn": "arn:aws:sqs:eu-west-1:111111111111:q", "BatchSize": 5,
            "FilterCriteria": {"Filters": [{"Pattern": "{}"}]}, "ScalingConfig": {"MaximumConcurrency": 2},
            "KMSKeyArn": "arn:aws:kms:x", "MetricsConfig": {"Metrics": ["EventCount"]}}));
        assert!(mapping.show(Instant::now(), false).get("FilterCriteria").is_some());
        assert_eq!(mapping.show(Instant::now(), true).get("FilterCriteria"), None, "encrypted, in a list");
        mapping.set(&json!({"ScalingConfig": {}, "EventSourceArn": "arn:aws:sqs:eu-west-1:111111111111:other"}), false);
        let shown = mapping.show(Instant::now(), false);
        assert_eq!((shown.get("ScalingConfig"), &shown["BatchSize"]), (None, &json!(5)));
        assert_eq!(shown["EventSourceArn"], "arn:aws:sqs:eu-west-1:111111111111:q", "it never changes");
        mapping.set(&json!({"FilterCriteria": {}, "KMSKeyArn": "", "MetricsConfig": {"Metrics": []}}), false);
        let shown = mapping.show(Instant::now(), false);
        let left = ["FilterCriteria", "KMSKeyArn", "MetricsConfig"].map(|member| shown.get(member).is_some());
        assert_eq!(left, [false; 3]);
        let mut stream = made(&json!({"EventSourceArn": "arn:aws:kinesis:eu-west-1:111111111111:stream/s",
            "StartingPosition": "LATEST", "DestinationConfig": {"OnFailure": {"Destination": "arn:x"}}}));
        stream.set(&json!({"DestinationConfig": {}}), false);
        assert_eq!(stream.show(Instant::now(), false)["DestinationConfig"], json!({"OnFailure": {}}));
    }

    #[test]
    fn kafka_has_sorted_brokers_and_a_consumer_group_of_its_own() {
        let servers = |list: Value| json!({"Endpoints": {"KAFKA_BOOTSTRAP_SERVERS": list}});
        let mapping = made(&json!({"SelfManagedEventSource": servers(json!(["b:2", "a:1"])), "Topics": ["t"]}));
        let shown = mapping.show(Instant::now(), false);
        assert_eq!(shown["SelfManagedEventSource"], servers(json!(["a:1", "b:2"])));
        assert_eq!(shown["SelfManagedKafkaEventSourceConfig"], json!({"ConsumerGroupId": "u"}));
    }
}
