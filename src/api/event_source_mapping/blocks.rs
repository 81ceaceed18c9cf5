//! The nested blocks of an event source mapping's spec, each with its rules.
#![allow(unreachable_pub, reason = "KubeSchema repeats each struct in a scope of its own, where `pub` reaches nobody")]

use kube::KubeSchema;
use serde::{Deserialize, Serialize};

/// Kafka cluster outside of AWS.
#[derive(Serialize, Deserialize, KubeSchema, Clone, Debug, Default, PartialEq)]
#[serde(rename_all = "camelCase")]
pub struct SelfManagedEventSource {
    /// Endpoints of the cluster.
    pub endpoints: Endpoints,
}

/// Endpoints of a Kafka cluster.
#[derive(Serialize, Deserialize, KubeSchema, Clone, Debug, Default, PartialEq)]
pub struct Endpoints {
    /// Bootstrap brokers: 1 to 10 of `host:port`, separated by commas. Their order does not matter.
    #[serde(rename = "KAFKA_BOOTSTRAP_SERVERS")]
    #[schemars(length(min = 1, max = 3000))]
    #[x_kube(validation = Rule::new("self.matches('^ *[a-zA-Z0-9._-]+:[0-9]{1,5} *(, *[a-zA-Z0-9._-]+:[0-9]{1,5} *){0,9}$')").message("KAFKA_BOOTSTRAP_SERVERS must be 1 to 10 brokers, each host:port, separated by commas"))]
    pub kafka_bootstrap_servers: String,
}

/// Filters of the events that invoke the function.
#[derive(Serialize, Deserialize, KubeSchema, Clone, Debug, Default, PartialEq)]
#[serde(rename_all = "camelCase")]
pub struct FilterCriteria {
    /// Filters, at most 10 (AWS's quota is 5 unless it was raised): an event that matches one of them invokes the function. Their order does not matter. Default and when removed: none, every event invokes the function.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = 10))]
    #[x_kube(merge_strategy = ListMerge::Atomic)]
    pub filter: Option<Vec<Filter>>,
}

/// Filter of events.
#[derive(Serialize, Deserialize, KubeSchema, Clone, Debug, Default, PartialEq)]
#[serde(rename_all = "camelCase")]
pub struct Filter {
    /// Pattern of the filter, as JSON, for instance `{"body":{"kind":["order"]}}`; at most 4096 characters.
    #[schemars(length(min = 1, max = 4096))]
    pub pattern: String,
}

/// Destination of records that were not processed.
#[derive(Serialize, Deserialize, KubeSchema, Clone, Debug, Default, PartialEq)]
#[serde(rename_all = "camelCase")]
pub struct DestinationConfig {
    /// Destination of records that the function could not process. Default and when removed: none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[x_kube(merge_strategy = MapMerge::Atomic)]
    pub on_failure: Option<OnFailure>,
}

/// Destination of records that the function could not process.
#[derive(Serialize, Deserialize, KubeSchema, Clone, Debug, Default, PartialEq)]
#[serde(rename_all = "camelCase")]
pub struct OnFailure {
    /// ARN of an SQS queue, an SNS topic or an S3 bucket, or `kafka://` and the name of a topic of the same cluster.
    #[schemars(length(min = 1, max = 350))]
    #[x_kube(validation = Rule::new("self.startsWith('arn:') || self.startsWith('kafka://')").message("destinationArn must be a whole ARN, or kafka:// and the name of a topic; to have none, remove onFailure"))]
    pub destination_arn: String,
}

/// Limit of concurrent invocations from a queue.
#[derive(Serialize, Deserialize, KubeSchema, Clone, Debug, Default, PartialEq)]
#[serde(rename_all = "camelCase")]
pub struct ScalingConfig {
    /// Maximum number of concurrent invocations for the queue, 2 to 1000. Default and when removed: no limit.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 2, max = 1000))]
    pub maximum_concurrency: Option<i32>,
}

/// Provisioned event pollers.
#[derive(Serialize, Deserialize, KubeSchema, Clone, Debug, Default, PartialEq)]
#[serde(rename_all = "camelCase")]
pub struct ProvisionedPollerConfig {
    /// Minimum number of event pollers, 1 to 200, for a queue 2 to 200. Default: AWS chooses it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 1, max = 200))]
    pub minimum_pollers: Option<i32>,
    /// Maximum number of event pollers, 1 to 2000, for a queue 2 to 10000. Default: AWS chooses it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 1, max = 10000))]
    pub maximum_pollers: Option<i32>,
    /// Name of a group of Kafka mappings that share their event pollers: at most 128 letters, digits, hyphens or underscores. Default: none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = 128))]
    #[x_kube(validation = Rule::new("self.matches('^[a-zA-Z0-9_-]*$')").message("pollerGroupName must be at most 128 letters, digits, - or _"))]
    pub poller_group_name: Option<String>,
}

/// Metrics that AWS publishes about the mapping.
#[derive(Serialize, Deserialize, KubeSchema, Clone, Debug, Default, PartialEq)]
#[serde(rename_all = "camelCase")]
pub struct MetricsConfig {
    /// Groups of metrics: `EventCount`, `ErrorCount` and `KafkaMetrics`; the last two only for Kafka. Default and when removed: none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = 8), inner(length(min = 1, max = 64)))]
    #[x_kube(merge_strategy = ListMerge::Atomic)]
    pub metrics: Option<Vec<String>>,
}

/// Log of the event pollers of Kafka.
#[derive(Serialize, Deserialize, KubeSchema, Clone, Debug, Default, PartialEq)]
#[serde(rename_all = "camelCase")]
pub struct MappingLoggingConfig {
    /// Lowest level that AWS logs: `DEBUG`, `INFO` or `WARN`. Default and when removed: AWS's default.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = 16))]
    #[x_kube(validation = Rule::new("self.matches('^[A-Z]*$')").message("systemLogLevel must be one of AWS's levels, in capitals, for instance INFO"))]
    pub system_log_level: Option<String>,
}

/// Settings of a cluster of Amazon MSK.
#[derive(Serialize, Deserialize, KubeSchema, Clone, Debug, Default, PartialEq)]
#[serde(rename_all = "camelCase")]
pub struct ManagedKafkaConfig {
    /// Consumer group that the mapping joins: at most 200 characters. Default: the mapping's UUID. Cannot be changed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = 200))]
    #[x_kube(validation = Rule::new("self.matches('^[a-zA-Z0-9 /*:_+=.@-]*$')").message("consumerGroupId must be letters, digits, spaces and - / * : _ + = . @"))]
    pub consumer_group_id: Option<String>,
    /// Schema registry of the events; needs `provisionedPollerConfig`. Default and when removed: none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[x_kube(merge_strategy = MapMerge::Atomic)]
    pub schema_registry_config: Option<SchemaRegistryConfig>,
}

/// Settings of a Kafka cluster outside of AWS.
#[derive(Serialize, Deserialize, KubeSchema, Clone, Debug, Default, PartialEq)]
#[serde(rename_all = "camelCase")]
pub struct SelfManagedKafkaConfig {
    /// Consumer group that the mapping joins: at most 200 characters. Default: the mapping's UUID. Cannot be changed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = 200))]
    #[x_kube(validation = Rule::new("self.matches('^[a-zA-Z0-9 /*:_+=.@-]*$')").message("consumerGroupId must be letters, digits, spaces and - / * : _ + = . @"))]
    pub consumer_group_id: Option<String>,
    /// Consumption mode: `Stream` or `Queue`. Default: `Stream`. Cannot be changed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = 32))]
    #[x_kube(validation = Rule::new("self.matches('^[A-Za-z]*$')").message("consumptionMode must be Stream or Queue"))]
    pub consumption_mode: Option<String>,
    /// Schema registry of the events; needs `provisionedPollerConfig`. Default and when removed: none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[x_kube(merge_strategy = MapMerge::Atomic)]
    pub schema_registry_config: Option<SchemaRegistryConfig>,
}

/// Schema registry of Kafka events.
#[derive(Serialize, Deserialize, KubeSchema, Clone, Debug, Default, PartialEq)]
#[serde(rename_all = "camelCase")]
pub struct SchemaRegistryConfig {
    /// ARN of the registry in AWS Glue, or URL of another registry.
    #[schemars(length(min = 1, max = 10000))]
    pub schema_registry_uri: String,
    /// Format in which the function receives records: `JSON` or `SOURCE`.
    #[schemars(length(min = 1, max = 16))]
    pub event_record_format: String,
    /// Authentication at the registry, at most 5 entries. Default and when removed: none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = 5))]
    #[x_kube(merge_strategy = ListMerge::Atomic)]
    pub access_config: Option<Vec<SchemaAccess>>,
    /// Parts of a record that are validated against the registry's schema, at most 2. Default and when removed: none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = 2))]
    #[x_kube(merge_strategy = ListMerge::Atomic)]
    pub schema_validation_config: Option<Vec<SchemaValidation>>,
}

/// Authentication at a schema registry.
#[derive(Serialize, Deserialize, KubeSchema, Clone, Debug, Default, PartialEq)]
pub struct SchemaAccess {
    /// Kind of authentication: `BASIC_AUTH`, `CLIENT_CERTIFICATE_TLS_AUTH`, `SERVER_ROOT_CA_CERTIFICATE`, or another kind that AWS supports.
    #[serde(rename = "type")]
    #[schemars(length(min = 1, max = 64))]
    pub type_: String,
    /// ARN of the secret in Secrets Manager.
    #[schemars(length(min = 1, max = 10000))]
    pub uri: String,
}

/// A part of a record that is validated against the registry's schema.
#[derive(Serialize, Deserialize, KubeSchema, Clone, Debug, Default, PartialEq)]
pub struct SchemaValidation {
    /// Part of the record: `KEY` or `VALUE`.
    #[schemars(length(min = 1, max = 16))]
    pub attribute: String,
}

/// Authentication at the event source, or network access to it.
#[derive(Serialize, Deserialize, KubeSchema, Clone, Debug, Default, PartialEq)]
pub struct SourceAccess {
    /// Kind of the entry: `BASIC_AUTH`, `VPC_SUBNET`, `VPC_SECURITY_GROUP`, `SASL_SCRAM_512_AUTH`, `VIRTUAL_HOST`, or another kind that AWS supports.
    #[serde(rename = "type")]
    #[schemars(length(min = 1, max = 64))]
    #[x_kube(validation = Rule::new("self.matches('^[A-Z0-9_]+$')").message("type must be one of AWS's, in capitals, for instance BASIC_AUTH"))]
    pub type_: String,
    /// Value of the entry: the ARN of a secret, `subnet:` and an id, `security_group:` and an id, or the name of a virtual host. Default: none, for kinds such as `IAM_AUTH`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = 200))]
    pub uri: Option<String>,
}

/// Change stream of DocumentDB.
#[derive(Serialize, Deserialize, KubeSchema, Clone, Debug, Default, PartialEq)]
#[serde(rename_all = "camelCase")]
pub struct DocumentDbConfig {
    /// Name of the database, at most 63 characters.
    #[schemars(length(min = 1, max = 63))]
    pub database_name: String,
    /// Name of the collection, at most 57 characters. Default and when removed: every collection of the database.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = 57))]
    pub collection_name: Option<String>,
    /// Content of the event of an updated document: with `UpdateLookup` the whole document, with `Default` only the change. Default and when removed: `Default`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = 32))]
    pub full_document: Option<String>,
}
