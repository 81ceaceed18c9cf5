//! The fields of an event source mapping that others can manage.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// A field of the spec that `ignoreChanges` can name: every field that AWS can change on an existing event source mapping.
#[derive(Serialize, Deserialize, JsonSchema, Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[serde(rename_all = "camelCase")]
#[allow(
    missing_docs,
    reason = "a documented variant would lose its place in the schema's enum; each is the field's name"
)]
pub enum IgnoredMappingField {
    Qualifier,
    Enabled,
    BatchSize,
    MaximumBatchingWindowInSeconds,
    ParallelizationFactor,
    MaximumRecordAgeInSeconds,
    MaximumRetryAttempts,
    BisectBatchOnFunctionError,
    TumblingWindowInSeconds,
    FunctionResponseTypes,
    FilterCriteria,
    KmsKeyArn,
    DestinationConfig,
    ScalingConfig,
    ProvisionedPollerConfig,
    MetricsConfig,
    LoggingConfig,
    SourceAccessConfiguration,
    SchemaRegistryConfig,
    DocumentDbEventSourceConfig,
    Tags,
}
