//! The fields of a function that others can manage.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// A field of the spec that `ignoreChanges` can name: every field that AWS can change on an existing function.
#[derive(Serialize, Deserialize, JsonSchema, Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[serde(rename_all = "camelCase")]
#[allow(
    missing_docs,
    reason = "a documented variant would lose its place in the schema's enum; each is the field's name"
)]
pub enum IgnoredField {
    Role,
    Runtime,
    Handler,
    Description,
    MemorySize,
    Timeout,
    Architectures,
    Environment,
    Layers,
    VpcConfig,
    Tags,
    ReservedConcurrentExecutions,
    S3Bucket,
    S3Key,
    S3ObjectVersion,
    S3ObjectStorageMode,
    CodeFrom,
    Filename,
    ImageUri,
    SourceCodeHash,
    CodeSha256,
    SourceKmsKeyArn,
    CodeSigningConfigArn,
    RuntimeManagementConfig,
    RecursiveLoop,
    LogRetentionInDays,
    DeadLetterConfig,
    EphemeralStorage,
    FileSystemConfig,
    ImageConfig,
    KmsKeyArn,
    LoggingConfig,
    SnapStart,
    TracingConfig,
    DurableConfig,
    CapacityProviderConfig,
}
