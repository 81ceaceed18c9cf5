//! The desired state of an event source mapping, and every rule that the object alone can decide.
#![allow(unreachable_pub, reason = "KubeSchema repeats each struct in a scope of its own, where `pub` reaches nobody")]

use std::collections::BTreeMap;

use kube::{CustomResource, KubeSchema};
use serde::{Deserialize, Serialize};

use super::blocks::{
    DestinationConfig, DocumentDbConfig, FilterCriteria, ManagedKafkaConfig, MappingLoggingConfig, MetricsConfig,
    ProvisionedPollerConfig, ScalingConfig, SelfManagedEventSource, SelfManagedKafkaConfig, SourceAccess,
};
use super::ignored::IgnoredMappingField;
use super::status::LambdaEventSourceMappingStatus;
use crate::api::schema;
use crate::api::shared::{AliasRef, CommonSpec, FunctionRef};

/// Desired state of the event source mapping: a queue, stream or topic whose records invoke a function. An unset field has AWS's default, and removing a field restores that default, unless the field's description says otherwise.
#[derive(CustomResource, KubeSchema, Serialize, Deserialize, Clone, Debug, Default, PartialEq)]
#[kube(
    group = "lambda-operator.io",
    version = "v1alpha1",
    kind = "LambdaEventSourceMapping",
    plural = "lambdaeventsourcemappings",
    singular = "lambdaeventsourcemapping",
    shortname = "lesm",
    category = "aws",
    namespaced,
    status = "LambdaEventSourceMappingStatus",
    derive = "PartialEq",
    doc = "LambdaEventSourceMapping manages one event source mapping of AWS Lambda and keeps it in sync with this spec.",
    selectable = ".spec.functionName",
    printcolumn(name = "Ready", type_ = "string", json_path = ".status.conditions[?(@.type=='Ready')].status"),
    printcolumn(name = "Status", type_ = "string", json_path = ".status.conditions[?(@.type=='Ready')].reason"),
    printcolumn(name = "Function", type_ = "string", json_path = ".status.functionName"),
    printcolumn(name = "Qualifier", type_ = "string", json_path = ".status.qualifier"),
    printcolumn(name = "State", type_ = "string", json_path = ".status.state"),
    printcolumn(name = "Age", type_ = "date", json_path = ".metadata.creationTimestamp"),
    printcolumn(name = "Region", type_ = "string", json_path = ".status.region", priority = 1),
    printcolumn(name = "Source", type_ = "string", json_path = ".spec.eventSourceArn", priority = 1),
    printcolumn(name = "Result", type_ = "string", json_path = ".status.lastProcessingResult", priority = 1),
    validation = Rule::new("size(self.metadata.name) <= 127")
        .message("metadata.name must have at most 127 characters: it is part of the owner tag in AWS, which holds 256"),
    validation = Rule::new("has(oldSelf.spec.region) && oldSelf.spec.region != '' ? has(self.spec.region) && self.spec.region == oldSelf.spec.region : !has(self.spec.region) || self.spec.region == '' || !has(oldSelf.status) || !has(oldSelf.status.region) || self.spec.region == oldSelf.status.region")
        .message("spec.region cannot be changed, an event source mapping cannot move: put the old region back (status.region), or create another object for the other region")
)]
#[x_kube(
    validation = Rule::new(r"[has(self.functionRef), has(self.aliasRef), has(self.functionName) && self.functionName != ''].filter(named, named).size() == 1")
        .message("set exactly one of functionRef (a LambdaFunction of this namespace), aliasRef (a LambdaAlias of this namespace) and functionName (a function's name in AWS)"),
    validation = Rule::new(r"has(self.functionRef) == has(oldSelf.functionRef) && (!has(self.functionRef) || self.functionRef == oldSelf.functionRef)")
        .message("functionRef cannot be changed: put the old one back; for an alias or version of the same function, set qualifier; for another function, delete this object and create another, which reads a stream from its startingPosition"),
    validation = Rule::new(r"has(self.aliasRef) == has(oldSelf.aliasRef) && (!has(self.aliasRef) || self.aliasRef == oldSelf.aliasRef)")
        .message("aliasRef cannot be changed: put the old one back; for another alias of the same function, annotate this object with lambda-operator.io/hand-over-to and create another, which takes the mapping over with adoptFrom and keeps its position in the stream; for another function, delete this object and create another, which reads a stream from its startingPosition"),
    validation = Rule::new(r"(has(self.functionName) ? self.functionName : '') == (has(oldSelf.functionName) ? oldSelf.functionName : '')")
        .message("functionName cannot be changed: put the old one back; for an alias or version of the same function, set qualifier; for another function, delete this object and create another, which reads a stream from its startingPosition"),
    validation = Rule::new(r"(!has(self.functionRef) && !has(self.aliasRef)) || !has(self.region) || self.region == ''")
        .message("the region is the one of the object that functionRef or aliasRef names: remove region"),
    validation = Rule::new(r"!has(self.aliasRef) || !has(self.qualifier) || self.qualifier == ''")
        .message("aliasRef names the alias: remove qualifier"),
    validation = Rule::new(r"(has(self.eventSourceArn) && self.eventSourceArn != '') != has(self.selfManagedEventSource)")
        .message("set exactly one of eventSourceArn (a queue, stream, broker or cluster of AWS) and selfManagedEventSource (another Kafka cluster)"),
    validation = Rule::new(r"(has(self.eventSourceArn) ? self.eventSourceArn : '') == (has(oldSelf.eventSourceArn) ? oldSelf.eventSourceArn : '')")
        .message("eventSourceArn cannot be changed, AWS fixes it at creation: put the old value back, or delete this object and create another"),
    validation = Rule::new(r"!has(oldSelf.startingPosition) || oldSelf.startingPosition == '' || !has(self.startingPosition) || self.startingPosition in ['', oldSelf.startingPosition]")
        .message("startingPosition cannot be changed, AWS fixes it at creation: put the old value back, or delete this object and create another"),
    validation = Rule::new(r"!has(oldSelf.startingPositionTimestamp) || oldSelf.startingPositionTimestamp == '' || !has(self.startingPositionTimestamp) || self.startingPositionTimestamp in ['', oldSelf.startingPositionTimestamp] || timestamp(self.startingPositionTimestamp) == timestamp(oldSelf.startingPositionTimestamp)")
        .message("startingPositionTimestamp cannot be changed, AWS fixes it at creation: put the old value back, or delete this object and create another"),
    validation = Rule::new(r"has(self.selfManagedEventSource) == has(oldSelf.selfManagedEventSource) && (!has(self.selfManagedEventSource) || self.selfManagedEventSource == oldSelf.selfManagedEventSource)")
        .message("selfManagedEventSource cannot be changed, AWS fixes it at creation: put the old value back, or delete this object and create another"),
    validation = Rule::new(r"(has(self.topics) ? self.topics : []) == (has(oldSelf.topics) ? oldSelf.topics : [])")
        .message("topics cannot be changed, AWS fixes it at creation: put the old value back, or delete this object and create another"),
    validation = Rule::new(r"(has(self.queues) ? self.queues : []) == (has(oldSelf.queues) ? oldSelf.queues : [])")
        .message("queues cannot be changed, AWS fixes it at creation: put the old value back, or delete this object and create another"),
    validation = Rule::new(r"(has(self.amazonManagedKafkaEventSourceConfig) && has(self.amazonManagedKafkaEventSourceConfig.consumerGroupId) ? self.amazonManagedKafkaEventSourceConfig.consumerGroupId : '') == (has(oldSelf.amazonManagedKafkaEventSourceConfig) && has(oldSelf.amazonManagedKafkaEventSourceConfig.consumerGroupId) ? oldSelf.amazonManagedKafkaEventSourceConfig.consumerGroupId : '')")
        .message("consumerGroupId cannot be changed, AWS fixes it at creation: put the old value back, or delete this object and create another"),
    validation = Rule::new(r"(has(self.selfManagedKafkaEventSourceConfig) && has(self.selfManagedKafkaEventSourceConfig.consumerGroupId) ? self.selfManagedKafkaEventSourceConfig.consumerGroupId : '') == (has(oldSelf.selfManagedKafkaEventSourceConfig) && has(oldSelf.selfManagedKafkaEventSourceConfig.consumerGroupId) ? oldSelf.selfManagedKafkaEventSourceConfig.consumerGroupId : '')")
        .message("consumerGroupId cannot be changed, AWS fixes it at creation: put the old value back, or delete this object and create another"),
    validation = Rule::new(r"(has(self.selfManagedKafkaEventSourceConfig) && has(self.selfManagedKafkaEventSourceConfig.consumptionMode) ? self.selfManagedKafkaEventSourceConfig.consumptionMode : '') == (has(oldSelf.selfManagedKafkaEventSourceConfig) && has(oldSelf.selfManagedKafkaEventSourceConfig.consumptionMode) ? oldSelf.selfManagedKafkaEventSourceConfig.consumptionMode : '')")
        .message("consumptionMode cannot be changed, AWS fixes it at creation: put the old value back, or delete this object and create another"),
    validation = Rule::new(r"!((has(self.eventSourceArn) && self.eventSourceArn != '' && (self.eventSourceArn.matches('^arn:[^:]*:kinesis:') || self.eventSourceArn.matches('^arn:[^:]*:dynamodb:'))) || (has(self.eventSourceArn) && self.eventSourceArn != '' && (self.eventSourceArn.matches('^arn:[^:]*:rds:')))) || (has(self.startingPosition) && self.startingPosition != '')")
        .message("a stream is read from a position: set startingPosition (TRIM_HORIZON, LATEST, or for Kinesis AT_TIMESTAMP)"),
    validation = Rule::new(r"!((has(self.eventSourceArn) && self.eventSourceArn != '' && (self.eventSourceArn.matches('^arn:[^:]*:sqs:'))) || (has(self.eventSourceArn) && self.eventSourceArn != '' && (self.eventSourceArn.matches('^arn:[^:]*:mq:')))) || !(has(self.startingPosition) && self.startingPosition != '')")
        .message("startingPosition is for streams and Kafka, a queue has none: remove it"),
    validation = Rule::new(r"!(has(self.eventSourceArn) && self.eventSourceArn != '' && (self.eventSourceArn.matches('^arn:[^:]*:dynamodb:'))) || !has(self.startingPosition) || self.startingPosition != 'AT_TIMESTAMP'")
        .message("DynamoDB has no AT_TIMESTAMP: set startingPosition to TRIM_HORIZON or LATEST"),
    validation = Rule::new(r"(has(self.startingPosition) && self.startingPosition == 'AT_TIMESTAMP') == (has(self.startingPositionTimestamp) && self.startingPositionTimestamp != '')")
        .message("startingPosition: AT_TIMESTAMP and startingPositionTimestamp go together: set both, or neither"),
    validation = Rule::new(r"!(has(self.eventSourceArn) && self.eventSourceArn != '' && (self.eventSourceArn.matches('^arn:[^:]*:sqs:'))) || !has(self.batchSize) || self.batchSize <= 10 || (has(self.maximumBatchingWindowInSeconds) && self.maximumBatchingWindowInSeconds >= 1)")
        .message("a batch of more than 10 needs time to fill: set maximumBatchingWindowInSeconds to 1 or more, or batchSize to 10 or less"),
    validation = Rule::new(r"!(has(self.eventSourceArn) && self.eventSourceArn != '' && (self.eventSourceArn.matches('^arn:[^:]*:sqs:'))) || !self.eventSourceArn.endsWith('.fifo') || ((!has(self.batchSize) || self.batchSize <= 10) && (!has(self.maximumBatchingWindowInSeconds) || self.maximumBatchingWindowInSeconds == 0))")
        .message("a FIFO queue has batches of at most 10 and no batching window: set batchSize to 10 or less, and remove maximumBatchingWindowInSeconds"),
    validation = Rule::new(r"(has(self.eventSourceArn) && self.eventSourceArn != '' && (self.eventSourceArn.matches('^arn:[^:]*:kinesis:') || self.eventSourceArn.matches('^arn:[^:]*:dynamodb:'))) || ((!has(self.parallelizationFactor)) && (!has(self.tumblingWindowInSeconds) || self.tumblingWindowInSeconds == 0))")
        .message("parallelizationFactor and tumblingWindowInSeconds are for Kinesis and DynamoDB: remove them"),
    validation = Rule::new(r"(has(self.eventSourceArn) && self.eventSourceArn != '' && (self.eventSourceArn.matches('^arn:[^:]*:kinesis:') || self.eventSourceArn.matches('^arn:[^:]*:dynamodb:'))) || (has(self.selfManagedEventSource) || (has(self.eventSourceArn) && self.eventSourceArn != '' && (self.eventSourceArn.matches('^arn:[^:]*:kafka:')))) || (!has(self.maximumRecordAgeInSeconds) && !has(self.maximumRetryAttempts) && !has(self.bisectBatchOnFunctionError) && !has(self.destinationConfig))")
        .message("maximumRecordAgeInSeconds, maximumRetryAttempts, bisectBatchOnFunctionError and destinationConfig are for Kinesis, DynamoDB and Kafka: remove them (a queue has its own dead-letter queue)"),
    validation = Rule::new(r"(has(self.eventSourceArn) && self.eventSourceArn != '' && (self.eventSourceArn.matches('^arn:[^:]*:sqs:'))) || !has(self.scalingConfig)")
        .message("scalingConfig is for SQS: remove it"),
    validation = Rule::new(r"!has(self.scalingConfig) || !has(self.scalingConfig.maximumConcurrency) || !has(self.provisionedPollerConfig)")
        .message("scalingConfig and provisionedPollerConfig exclude each other: remove one of them"),
    validation = Rule::new(r"(has(self.eventSourceArn) && self.eventSourceArn != '' && (self.eventSourceArn.matches('^arn:[^:]*:sqs:'))) || (has(self.selfManagedEventSource) || (has(self.eventSourceArn) && self.eventSourceArn != '' && (self.eventSourceArn.matches('^arn:[^:]*:kafka:')))) || !has(self.provisionedPollerConfig)")
        .message("provisionedPollerConfig is for SQS and Kafka: remove it"),
    validation = Rule::new(r"(has(self.selfManagedEventSource) || (has(self.eventSourceArn) && self.eventSourceArn != '' && (self.eventSourceArn.matches('^arn:[^:]*:kafka:')))) ? has(self.topics) && size(self.topics) == 1 : !has(self.topics) || size(self.topics) == 0")
        .message("topics holds the one topic of a Kafka cluster: set it for Kafka, and remove it for other sources"),
    validation = Rule::new(r"(has(self.eventSourceArn) && self.eventSourceArn != '' && (self.eventSourceArn.matches('^arn:[^:]*:mq:'))) ? has(self.queues) && size(self.queues) == 1 : !has(self.queues) || size(self.queues) == 0")
        .message("queues holds the one queue of an Amazon MQ broker: set it for Amazon MQ, and remove it for other sources"),
    validation = Rule::new(r"(has(self.eventSourceArn) && self.eventSourceArn != '' && (self.eventSourceArn.matches('^arn:[^:]*:rds:'))) == has(self.documentDbEventSourceConfig)")
        .message("documentDbEventSourceConfig belongs to a DocumentDB cluster: set it for DocumentDB, and remove it for other sources"),
    validation = Rule::new(r"(has(self.eventSourceArn) && self.eventSourceArn != '' && (self.eventSourceArn.matches('^arn:[^:]*:kafka:'))) || !has(self.amazonManagedKafkaEventSourceConfig)")
        .message("amazonManagedKafkaEventSourceConfig is for Amazon MSK: remove it"),
    validation = Rule::new(r"has(self.selfManagedEventSource) || !has(self.selfManagedKafkaEventSourceConfig)")
        .message("selfManagedKafkaEventSourceConfig is for selfManagedEventSource: remove it"),
    validation = Rule::new(r"!((has(self.eventSourceArn) && self.eventSourceArn != '' && (self.eventSourceArn.matches('^arn:[^:]*:sqs:'))) || (has(self.eventSourceArn) && self.eventSourceArn != '' && (self.eventSourceArn.matches('^arn:[^:]*:kinesis:') || self.eventSourceArn.matches('^arn:[^:]*:dynamodb:')))) || !has(self.sourceAccessConfiguration) || size(self.sourceAccessConfiguration) == 0")
        .message("sourceAccessConfiguration is for Kafka, Amazon MQ and DocumentDB: remove it"),
    validation = Rule::new(r"!(has(self.selfManagedEventSource) || (has(self.eventSourceArn) && self.eventSourceArn != '' && (self.eventSourceArn.matches('^arn:[^:]*:mq:'))) || (has(self.eventSourceArn) && self.eventSourceArn != '' && (self.eventSourceArn.matches('^arn:[^:]*:rds:')))) || (has(self.sourceAccessConfiguration) && size(self.sourceAccessConfiguration) > 0)")
        .message("this source needs access: set sourceAccessConfiguration, for instance BASIC_AUTH with the ARN of a secret"),
    validation = Rule::new(r"(has(self.selfManagedEventSource) || (has(self.eventSourceArn) && self.eventSourceArn != '' && (self.eventSourceArn.matches('^arn:[^:]*:kafka:')))) || !has(self.loggingConfig)")
        .message("loggingConfig is for Kafka: remove it"),
    validation = Rule::new(r"!has(self.selfManagedKafkaEventSourceConfig) || !has(self.selfManagedKafkaEventSourceConfig.consumptionMode) || self.selfManagedKafkaEventSourceConfig.consumptionMode != 'Queue' || ((!has(self.startingPosition) || self.startingPosition == '') && (!has(self.maximumBatchingWindowInSeconds) || self.maximumBatchingWindowInSeconds == 0))")
        .message("consumptionMode: Queue has no position and no batching window: remove startingPosition, startingPositionTimestamp and maximumBatchingWindowInSeconds"),
    validation = Rule::new(r"(has(self.sourceAccessConfiguration) ? self.sourceAccessConfiguration.filter(one, one.type == 'VIRTUAL_HOST') : []) == (has(oldSelf.sourceAccessConfiguration) ? oldSelf.sourceAccessConfiguration.filter(one, one.type == 'VIRTUAL_HOST') : [])")
        .message("the virtual host (VIRTUAL_HOST) cannot be changed, AWS fixes it at creation: put the old value back, or delete this object and create another")
)]
#[serde(rename_all = "camelCase")]
pub struct LambdaEventSourceMappingSpec {
    /// LambdaFunction in this object's namespace that the mapping invokes; set exactly one of `functionRef`, `aliasRef` and `functionName`. Cannot be changed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[x_kube(merge_strategy = MapMerge::Atomic)]
    pub function_ref: Option<FunctionRef>,
    /// LambdaAlias in this object's namespace that the mapping invokes; it also determines the function. Set exactly one of `functionRef`, `aliasRef` and `functionName`. Cannot be changed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[x_kube(merge_strategy = MapMerge::Atomic)]
    pub alias_ref: Option<AliasRef>,
    /// Name of the function in AWS, for a function that no LambdaFunction of this namespace manages; set exactly one of `functionRef`, `aliasRef` and `functionName`. Cannot be changed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = 64))]
    #[x_kube(validation = Rule::new("self.matches('^[a-zA-Z0-9_-]*$')").message("functionName must be 1 to 64 letters, digits, - or _: the name alone, not an ARN, and without a qualifier"))]
    pub function_name: Option<String>,
    /// Alias or version of the function that the mapping invokes: the name of an alias, or the number of a version in quotes. Default and when removed: the function itself.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = 128))]
    #[x_kube(validation = Rule::new("self.matches('^[a-zA-Z0-9_-]*$')").message("qualifier must be the name of an alias, or the number of a version in quotes"))]
    pub qualifier: Option<String>,
    /// ARN of the event source: an SQS queue, a Kinesis stream or its consumer, a DynamoDB stream, an Amazon MSK cluster or VPC connection, an Amazon MQ broker, or a DocumentDB cluster; set exactly one of `eventSourceArn` and `selfManagedEventSource`. Cannot be changed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = 1024))]
    #[x_kube(validation = Rule::new("self == '' || self.matches('^arn:[a-zA-Z0-9-]*:[a-z0-9-]+:[a-z0-9-]*:[0-9]{12}:.+$')").message("eventSourceArn must be the whole ARN of the queue, stream, broker or cluster"))]
    pub event_source_arn: Option<String>,
    /// Kafka cluster outside of AWS; set exactly one of `selfManagedEventSource` and `eventSourceArn`. Cannot be changed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[x_kube(merge_strategy = MapMerge::Atomic)]
    pub self_managed_event_source: Option<SelfManagedEventSource>,
    /// Name of the Kafka topic: a list with one entry. Kafka needs it. Cannot be changed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = 1), inner(length(min = 1, max = 249)))]
    #[x_kube(merge_strategy = ListMerge::Atomic)]
    pub topics: Option<Vec<String>>,
    /// Name of the queue at an Amazon MQ broker: a list with one entry. Amazon MQ needs it. Cannot be changed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = 1), inner(length(min = 1, max = 1000)))]
    #[x_kube(merge_strategy = ListMerge::Atomic)]
    pub queues: Option<Vec<String>>,
    /// Position from which a stream or topic is read: `TRIM_HORIZON`, `LATEST`, or `AT_TIMESTAMP`, which DynamoDB does not have. Kinesis, DynamoDB and DocumentDB need it. Can be added, but not changed. Default: AWS chooses one. When removed: the mapping stays as it is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = 32))]
    #[x_kube(validation = Rule::new("self.matches('^[A-Z_]*$')").message("startingPosition must be TRIM_HORIZON, LATEST or AT_TIMESTAMP"))]
    pub starting_position: Option<String>,
    /// Time from which `startingPosition: AT_TIMESTAMP` reads, such as `2026-01-31T08:00:00Z`, not in the future. Cannot be changed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = 40))]
    #[x_kube(validation = Rule::new("self == '' || self.matches('^[0-9]{4}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])T([01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9]([.][0-9]{1,9})?(Z|[+-]([01][0-9]|2[0-3]):[0-5][0-9])$')").message("startingPositionTimestamp must be a time such as 2026-01-31T08:00:00Z"))]
    pub starting_position_timestamp: Option<String>,
    /// Whether the mapping reads records. If false, it keeps its position in a stream. Default and when removed: true.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub enabled: Option<bool>,
    /// Maximum number of records of one invocation, 1 to 10000, for a FIFO queue 1 to 10. Default and when removed: 10 for SQS, 100 for other sources.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 1, max = 10000))]
    pub batch_size: Option<i32>,
    /// Maximum time to collect records before an invocation, in seconds, 0 to 300. Default: 0 for SQS, Kinesis and DynamoDB, 500 ms for other sources. When removed: 0 for SQS, Kinesis and DynamoDB; for other sources the value stays, because AWS cannot restore 500 ms.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 0, max = 300))]
    pub maximum_batching_window_in_seconds: Option<i32>,
    /// Number of batches of one shard that are processed at the same time, 1 to 10, for Kinesis and DynamoDB. Default and when removed: 1.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 1, max = 10))]
    pub parallelization_factor: Option<i32>,
    /// Age in seconds at which AWS discards a record, 60 to 604800, or -1 for no limit, for Kinesis, DynamoDB and Kafka. Default and when removed: -1.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = -1, max = 604_800))]
    #[x_kube(validation = Rule::new("self == -1 || self >= 60").message("maximumRecordAgeInSeconds must be -1 (no limit), or 60 to 604800"))]
    pub maximum_record_age_in_seconds: Option<i32>,
    /// Number of retries after which AWS discards a record, 0 to 10000, or -1 for no limit, for Kinesis, DynamoDB and Kafka. Default and when removed: -1.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = -1, max = 10000))]
    pub maximum_retry_attempts: Option<i32>,
    /// Whether AWS splits a batch that fails into two batches, for Kinesis, DynamoDB and Kafka. Default and when removed: false.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub bisect_batch_on_function_error: Option<bool>,
    /// Length of the tumbling window in seconds, 0 to 900, for Kinesis and DynamoDB. Default and when removed: 0.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 0, max = 900))]
    pub tumbling_window_in_seconds: Option<i32>,
    /// Response types of the function: with `ReportBatchItemFailures`, the function reports which records of a batch failed. Not for Amazon MQ and DocumentDB. Default and when removed: none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = 4), inner(length(min = 1, max = 64)))]
    #[x_kube(merge_strategy = ListMerge::Atomic)]
    pub function_response_types: Option<Vec<String>>,
    /// Filters of the records that invoke the function. Default and when removed: none, every record invokes the function.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[x_kube(merge_strategy = MapMerge::Atomic)]
    pub filter_criteria: Option<FilterCriteria>,
    /// ARN of the KMS key that encrypts the filters; the key itself, not an alias. Default and when removed: a key that AWS owns.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = 2048))]
    #[x_kube(validation = Rule::new("self == '' || (self.startsWith('arn:') && self.contains(':key/'))").message("kmsKeyArn must be the key's whole ARN, with :key/ in it"))]
    pub kms_key_arn: Option<String>,
    /// Destination of records that were not processed, for Kinesis, DynamoDB and Kafka. Default and when removed: none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[x_kube(merge_strategy = MapMerge::Atomic)]
    pub destination_config: Option<DestinationConfig>,
    /// Limit of concurrent invocations, for SQS. Default and when removed: no limit.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[x_kube(merge_strategy = MapMerge::Atomic)]
    pub scaling_config: Option<ScalingConfig>,
    /// Event pollers that are always ready, for SQS and Kafka. Default and when removed: none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[x_kube(merge_strategy = MapMerge::Atomic)]
    pub provisioned_poller_config: Option<ProvisionedPollerConfig>,
    /// Metrics that AWS publishes about the mapping. Default and when removed: none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[x_kube(merge_strategy = MapMerge::Atomic)]
    pub metrics_config: Option<MetricsConfig>,
    /// Log of the event pollers, for Kafka. Default and when removed: AWS's default.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[x_kube(merge_strategy = MapMerge::Atomic)]
    pub logging_config: Option<MappingLoggingConfig>,
    /// Consumer group and schema registry, for Amazon MSK. Default: a consumer group of the mapping, no schema registry. When removed: no schema registry.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[x_kube(merge_strategy = MapMerge::Atomic)]
    pub amazon_managed_kafka_event_source_config: Option<ManagedKafkaConfig>,
    /// Consumer group, consumption mode and schema registry, for `selfManagedEventSource`. Default: a consumer group of the mapping, no schema registry. When removed: no schema registry.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[x_kube(merge_strategy = MapMerge::Atomic)]
    pub self_managed_kafka_event_source_config: Option<SelfManagedKafkaConfig>,
    /// Authentication and network of the event source, at most 23 entries, for Kafka, Amazon MQ and DocumentDB. Default and when removed: none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = 23))]
    #[x_kube(merge_strategy = ListMerge::Atomic)]
    pub source_access_configuration: Option<Vec<SourceAccess>>,
    /// Database and collection of the change stream; DocumentDB needs it. Default: none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[x_kube(merge_strategy = MapMerge::Atomic)]
    pub document_db_event_source_config: Option<DocumentDbConfig>,
    /// Tags of the event source mapping, at most 49 together with the default tags of the namespace and the operator. Keys that begin with `aws:` or `lambda-operator.io/` are reserved. When removed: the tags are removed from the mapping.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(schema_with = "schema::tags")]
    #[x_kube(merge_strategy = MapMerge::Atomic)]
    #[x_kube(validation = Rule::new("self.all(key, !key.matches('^(?i:[\\\\s\\\\p{Z}]*(aws:|lambda-operator\\\\.io/|$))'))").message("tag keys must not be empty and must not begin with aws: or lambda-operator.io/, which are reserved: rename the tag"))]
    #[x_kube(validation = Rule::new("self.all(key, !key.matches('^[\\\\s\\\\p{Z}]|[\\\\s\\\\p{Z}]$'))").message("tag keys must not begin or end with white space: remove it"))]
    #[x_kube(validation = Rule::new("self.all(key, size(key) <= 128)").message("tag keys must have at most 128 characters: shorten the key"))]
    #[x_kube(validation = Rule::new(schema::TAG_KEYS).message("tag keys must hold only letters, digits, spaces and _ . : / = + - @: rename the tag"))]
    pub tags: Option<BTreeMap<String, String>>,
    /// Owner from which the mapping is taken over, once: the exact value `cluster/namespace/name` of the mapping's tag `lambda-operator.io/owner`. If the owner's object exists, it must agree by the annotation `lambda-operator.io/hand-over-to: <namespace>/<name of this object>`. If it is gone and was in another namespace, the namespace's annotation `lambda-operator.io/allow-adoption: "true"` is needed. Default and when removed: no owner.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = 256))]
    #[x_kube(validation = Rule::new("self == '' || self.matches('^[^/]+/[^/]+/[^/]+$')").message("adoptFrom must be the whole owner, cluster/namespace/name: the value of the mapping's tag lambda-operator.io/owner"))]
    pub adopt_from: Option<String>,
    /// Fields that others manage once the mapping exists, for instance a runbook that sets `enabled`: the operator sets them at creation, and neither compares nor changes them afterwards. Default: none. When removed: the spec's values are applied again.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = 32))]
    #[x_kube(merge_strategy = ListMerge::Atomic)]
    pub ignore_changes: Option<Vec<IgnoredMappingField>>,
    /// Keys of tags that others manage, at most 50; a `*` at the end matches any rest, as in `cost:*`. The operator neither changes nor removes a tag that matches this list or its flag `--ignore-tags`. When removed: such tags are removed, unless `tags` names them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = 50), inner(length(min = 1, max = 129)))]
    #[x_kube(merge_strategy = ListMerge::Atomic)]
    #[x_kube(validation = Rule::new(schema::TAG_PATTERNS).message("ignoreTags must hold keys of tags, or their beginnings with a * at the end: letters, digits, spaces and _ . : / = + - @"))]
    #[x_kube(validation = Rule::new("self.all(key, !key.startsWith('aws:') && !key.startsWith('lambda-operator.io/'))").message("ignoreTags must not name aws: or lambda-operator.io/: AWS's own tags are left alone anyway, and the operator's own cannot be"))]
    pub ignore_tags: Option<Vec<String>>,
    /// The fields that every kind has.
    #[serde(flatten)]
    pub common: CommonSpec,
}
