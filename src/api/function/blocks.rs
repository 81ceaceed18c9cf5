//! The nested blocks of a spec, each with its rules.
#![allow(unreachable_pub, reason = "KubeSchema repeats each struct in a scope of its own, where `pub` reaches nobody")]

use kube::KubeSchema;
use serde::{Deserialize, Serialize};

use crate::api::schema;

/// Subnets and security groups of the function's network interfaces.
#[derive(Serialize, Deserialize, KubeSchema, Clone, Debug, Default, PartialEq)]
#[x_kube(validation = Rule::new("(has(self.subnetIds) && size(self.subnetIds) > 0) == (has(self.securityGroupIds) && size(self.securityGroupIds) > 0)").message("subnetIds and securityGroupIds go together: name at least one of each, or none of either"))]
#[serde(rename_all = "camelCase")]
pub struct VpcConfig {
    /// Ids of subnets, at most 16, all in one VPC; needs `securityGroupIds`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = 16), inner(length(min = 1, max = 64)))]
    #[x_kube(merge_strategy = ListMerge::Atomic)]
    #[x_kube(validation = Rule::new("self.all(id, id.startsWith('subnet-'))").message("subnetIds must be ids of subnets (subnet-…), not names or ARNs"))]
    pub subnet_ids: Option<Vec<String>>,
    /// Ids of security groups, at most 5; needs `subnetIds`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = 5), inner(length(min = 1, max = 64)))]
    #[x_kube(merge_strategy = ListMerge::Atomic)]
    #[x_kube(validation = Rule::new("self.all(id, id.startsWith('sg-'))").message("securityGroupIds must be ids (sg-…), not names or ARNs"))]
    pub security_group_ids: Option<Vec<String>>,
    /// If true, outbound IPv6 traffic is allowed in dual-stack subnets. Default and when removed: false.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ipv6_allowed_for_dual_stack: Option<bool>,
}

/// Queue or topic for asynchronous invocations that failed.
#[derive(Serialize, Deserialize, KubeSchema, Clone, Debug, Default, PartialEq)]
#[serde(rename_all = "camelCase")]
pub struct DeadLetterConfig {
    /// ARN of the SQS queue or SNS topic that receives failed asynchronous invocations.
    #[schemars(length(max = 2048))]
    #[x_kube(validation = Rule::new("self.startsWith('arn:')").message("targetArn must be the whole ARN of an SQS queue or SNS topic; to have none, remove deadLetterConfig"))]
    pub target_arn: String,
}

/// Ephemeral storage at `/tmp`.
#[derive(Serialize, Deserialize, KubeSchema, Clone, Debug, Default, PartialEq)]
#[serde(rename_all = "camelCase")]
pub struct EphemeralStorage {
    /// Size of `/tmp` in MB, 512 to 32768 (over 10240 only if AWS allows it). Default and when removed: 512.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 512, max = 32768))]
    pub size: Option<i32>,
}

/// A mounted file system.
#[derive(Serialize, Deserialize, KubeSchema, Clone, Debug, Default, PartialEq)]
#[serde(rename_all = "camelCase")]
pub struct FileSystemConfig {
    /// ARN of the file system's access point, in Amazon EFS or S3 Files.
    #[schemars(length(max = 512))]
    #[x_kube(validation = Rule::new("self.startsWith('arn:') && self.contains('access-point')").message("arn must be the ARN of an access point, not of the file system itself"))]
    pub arn: String,
    /// Path at which the function sees the file system: `/mnt/` and one name.
    #[schemars(length(max = 160))]
    #[x_kube(validation = Rule::new("self.matches('^/mnt/[a-zA-Z0-9_.-]+$')").message("localMountPath must be /mnt/ and one name of letters, digits, -, _ or ."))]
    pub local_mount_path: String,
    /// Direct reads from the S3 bucket, for S3 Files only: `AUTO`, `ENABLED` or `DISABLED`. Default for S3 Files: AUTO.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = 16))]
    #[x_kube(validation = Rule::new("self in ['', 'AUTO', 'ENABLED', 'DISABLED']").message("directS3Read is AUTO, ENABLED or DISABLED"))]
    pub direct_s3_read: Option<String>,
}

/// Overrides of a container image's entry point, command and working directory.
#[derive(Serialize, Deserialize, KubeSchema, Clone, Debug, Default, PartialEq)]
#[serde(rename_all = "camelCase")]
pub struct ImageConfig {
    /// Arguments of the container image's entry point. When removed: the image's own.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = 1500), inner(length(max = 4096)))]
    #[x_kube(merge_strategy = ListMerge::Atomic)]
    pub command: Option<Vec<String>>,
    /// Executable that the container image starts, with its first arguments. When removed: the image's own.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = 1500), inner(length(max = 4096)))]
    #[x_kube(merge_strategy = ListMerge::Atomic)]
    pub entry_point: Option<Vec<String>>,
    /// Working directory of the container image's entry point. When removed: the image's own.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = 1000))]
    pub working_directory: Option<String>,
}

/// Log format, log levels and log group of a function.
#[derive(Serialize, Deserialize, KubeSchema, Clone, Debug, Default, PartialEq)]
#[x_kube(validation = Rule::new("(has(self.logFormat) && self.logFormat == 'JSON') || ((!has(self.applicationLogLevel) || self.applicationLogLevel == '') && (!has(self.systemLogLevel) || self.systemLogLevel == ''))").message("log levels need logFormat: JSON: set it, or remove applicationLogLevel and systemLogLevel"))]
#[serde(rename_all = "camelCase")]
pub struct LoggingConfig {
    /// Log format: `Text` or `JSON`. Default: Text, or JSON for a durable function and on managed instances, which cannot log text.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = 8))]
    #[x_kube(validation = Rule::new("self in ['', 'Text', 'JSON']").message("logFormat is Text or JSON"))]
    pub log_format: Option<String>,
    /// Lowest level of the function's own log lines: `TRACE`, `DEBUG`, `INFO`, `WARN`, `ERROR` or `FATAL`; needs `logFormat: JSON`. Default: INFO.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = 8))]
    #[x_kube(validation = Rule::new("self in ['', 'TRACE', 'DEBUG', 'INFO', 'WARN', 'ERROR', 'FATAL']").message("applicationLogLevel is TRACE, DEBUG, INFO, WARN, ERROR or FATAL"))]
    pub application_log_level: Option<String>,
    /// Lowest level of Lambda's own log lines: `DEBUG`, `INFO` or `WARN`; needs `logFormat: JSON`. Default: INFO.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = 8))]
    #[x_kube(validation = Rule::new("self in ['', 'DEBUG', 'INFO', 'WARN']").message("systemLogLevel is DEBUG, INFO or WARN"))]
    pub system_log_level: Option<String>,
    /// Name of the CloudWatch log group. Default and when removed: `/aws/lambda/NAME`, with the function's name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = 512))]
    #[x_kube(validation = Rule::new("self.matches('^[.#A-Za-z0-9_/-]*$')").message("logGroup holds letters, digits and . - _ / # only: the group's name, not its ARN"))]
    pub log_group: Option<String>,
}

/// Snapshots of initialised functions, which make starts faster.
#[derive(Serialize, Deserialize, KubeSchema, Clone, Debug, Default, PartialEq)]
#[serde(rename_all = "camelCase")]
pub struct SnapStart {
    /// Use of SnapStart: `PublishedVersions` takes a snapshot of each published version, `None` takes none.
    #[schemars(length(max = 32))]
    #[x_kube(validation = Rule::new("self in ['PublishedVersions', 'None']").message("applyOn is PublishedVersions or None"))]
    pub apply_on: String,
}

/// Tracing with X-Ray.
#[derive(Serialize, Deserialize, KubeSchema, Clone, Debug, Default, PartialEq)]
#[serde(rename_all = "camelCase")]
pub struct TracingConfig {
    /// Tracing mode: `Active` samples and traces invocations, `PassThrough` traces only if the caller did.
    #[schemars(length(max = 16))]
    #[x_kube(validation = Rule::new("self in ['Active', 'PassThrough']").message("mode is Active or PassThrough"))]
    pub mode: String,
}

/// Updates of the runtime by AWS.
#[derive(Serialize, Deserialize, KubeSchema, Clone, Debug, Default, PartialEq)]
#[x_kube(validation = Rule::new("(has(self.updateRuntimeOn) && self.updateRuntimeOn == 'Manual') == (has(self.runtimeVersionArn) && self.runtimeVersionArn != '')").message("runtimeVersionArn goes with updateRuntimeOn: Manual: set both, or remove runtimeVersionArn and set Auto or FunctionUpdate"))]
#[serde(rename_all = "camelCase")]
pub struct RuntimeManagementConfig {
    /// Time at which AWS moves the function to a newer version of its runtime: `Auto` (as AWS rolls it out), `FunctionUpdate` (at the next change of code or configuration) or `Manual` (never; the function stays on `runtimeVersionArn`). Default and when removed: Auto.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = 32))]
    #[x_kube(validation = Rule::new("self in ['', 'Auto', 'FunctionUpdate', 'Manual']").message("updateRuntimeOn is Auto, FunctionUpdate or Manual"))]
    pub update_runtime_on: Option<String>,
    /// ARN of the runtime version that the function stays on, only with `updateRuntimeOn: Manual`. `status.runtimeVersionArn` shows the version in use. When removed: none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = 2048))]
    #[x_kube(validation = Rule::new("self == '' || self.matches('^arn:aws[a-zA-Z-]*:lambda:[a-z0-9-]+:[0-9]*:runtime[:/].+$')").message("runtimeVersionArn must be the whole ARN of a runtime version, for instance arn:aws:lambda:eu-west-1::runtime:HASH"))]
    pub runtime_version_arn: Option<String>,
}

/// Tenant isolation.
#[derive(Serialize, Deserialize, KubeSchema, Clone, Debug, Default, PartialEq)]
#[serde(rename_all = "camelCase")]
pub struct TenancyConfig {
    /// Mode of tenant isolation: `PER_TENANT` gives each tenant execution environments of its own.
    #[schemars(length(max = 32))]
    #[x_kube(validation = Rule::new("self == 'PER_TENANT'").message("tenantIsolationMode is PER_TENANT; to have none, remove tenancyConfig"))]
    pub tenant_isolation_mode: String,
}

/// Durable executions: AWS keeps their state, and they resume after interruptions.
#[derive(Serialize, Deserialize, KubeSchema, Clone, Debug, Default, PartialEq)]
#[serde(rename_all = "camelCase")]
pub struct DurableConfig {
    /// Time limit of a whole durable execution in seconds, 1 to 31622400.
    #[schemars(range(min = 1, max = 31_622_400))]
    pub execution_timeout: i32,
    /// Days for which AWS keeps the history of a durable execution, 1 to 90. Default: 14.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 1, max = 90))]
    pub retention_period: Option<i32>,
    /// ARN of the KMS key that encrypts inputs, outputs and errors of durable executions. Default and when removed: a key that AWS owns.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = 2048))]
    #[x_kube(validation = Rule::new("self == '' || self.startsWith('arn:')").message("kmsKeyArn must be the key's whole ARN"))]
    pub kms_key_arn: Option<String>,
}

/// Managed instances that a function runs on.
#[derive(Serialize, Deserialize, KubeSchema, Clone, Debug, Default, PartialEq)]
#[serde(rename_all = "camelCase")]
pub struct CapacityProviderConfig {
    /// Capacity provider of the managed instances, and its settings for this function.
    pub lambda_managed_instances_capacity_provider_config: ManagedInstances,
}

/// A capacity provider of managed instances.
#[derive(Serialize, Deserialize, KubeSchema, Clone, Debug, Default, PartialEq)]
#[serde(rename_all = "camelCase")]
pub struct ManagedInstances {
    /// ARN of the capacity provider that runs the managed instances.
    #[schemars(length(max = 512))]
    #[x_kube(validation = Rule::new("self.startsWith('arn:')").message("capacityProviderArn must be the provider's whole ARN"))]
    pub capacity_provider_arn: String,
    /// Memory per vCPU of an execution environment in GiB, 2 to 8, for instance 2.5. Default: AWS chooses. When removed: the function keeps the value it has.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 2, max = 8))]
    pub execution_environment_memory_gib_per_vcpu: Option<f64>,
    /// Concurrent invocations of one execution environment, 1 to 1600. Default: AWS chooses. When removed: the function keeps the value it has.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 1, max = 1600))]
    pub per_execution_environment_max_concurrency: Option<i32>,
}

/// A LambdaLayerVersion of the same namespace.
#[derive(Serialize, Deserialize, KubeSchema, Clone, Debug, Default, PartialEq, Eq)]
#[serde(rename_all = "camelCase")]
pub struct LayerRef {
    /// Name of the LambdaLayerVersion, in this object's namespace.
    #[schemars(length(min = 1, max = 253))]
    #[x_kube(validation = Rule::new(schema::OBJECT_NAME).message("name must be the name of a LambdaLayerVersion in this namespace"))]
    pub name: String,
}
