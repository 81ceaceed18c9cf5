//! The nested blocks of a spec, each with its rules.
#![allow(unreachable_pub, reason = "KubeSchema repeats each struct in a scope of its own, where `pub` reaches nobody")]

use kube::KubeSchema;
use serde::{Deserialize, Serialize};

/// Subnets and security groups of the function's network interfaces.
#[derive(Serialize, Deserialize, KubeSchema, Clone, Debug, Default, PartialEq)]
#[x_kube(validation = Rule::new("(has(self.subnetIds) && size(self.subnetIds) > 0) == (has(self.securityGroupIds) && size(self.securityGroupIds) > 0)").message("subnetIds and securityGroupIds go together: name at least one of each, or none of either"))]
#[serde(rename_all = "camelCase")]
pub struct VpcConfig {
    /// Ids of subnets, at most 16, all of one VPC.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = 16), inner(length(min = 1, max = 64)))]
    #[x_kube(merge_strategy = ListMerge::Atomic)]
    #[x_kube(validation = Rule::new("self.all(id, id.startsWith('subnet-'))").message("subnetIds must be ids of subnets (subnet-…), not names or ARNs"))]
    pub subnet_ids: Option<Vec<String>>,
    /// Ids of security groups, at most 5.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = 5), inner(length(min = 1, max = 64)))]
    #[x_kube(merge_strategy = ListMerge::Atomic)]
    #[x_kube(validation = Rule::new("self.all(id, id.startsWith('sg-'))").message("securityGroupIds must be ids (sg-…), not names or ARNs"))]
    pub security_group_ids: Option<Vec<String>>,
    /// Outbound IPv6 in dual-stack subnets. Default and when removed: false.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ipv6_allowed_for_dual_stack: Option<bool>,
}

/// Where failed events go.
#[derive(Serialize, Deserialize, KubeSchema, Clone, Debug, Default, PartialEq)]
#[serde(rename_all = "camelCase")]
pub struct DeadLetterConfig {
    /// ARN of an SQS queue or SNS topic.
    #[schemars(length(max = 2048))]
    #[x_kube(validation = Rule::new("self.startsWith('arn:')").message("targetArn must be the whole ARN of an SQS queue or SNS topic; to have none, remove deadLetterConfig"))]
    pub target_arn: String,
}

/// Size of `/tmp`.
#[derive(Serialize, Deserialize, KubeSchema, Clone, Debug, Default, PartialEq)]
#[serde(rename_all = "camelCase")]
pub struct EphemeralStorage {
    /// MB, 512 to 32768 (over 10240 only where AWS allows it). Default: 512.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 512, max = 32768))]
    pub size: Option<i32>,
}

/// A mounted file system.
#[derive(Serialize, Deserialize, KubeSchema, Clone, Debug, Default, PartialEq)]
#[serde(rename_all = "camelCase")]
pub struct FileSystemConfig {
    /// ARN of an access point of EFS or S3 Files.
    #[schemars(length(max = 512))]
    #[x_kube(validation = Rule::new("self.startsWith('arn:') && self.contains('access-point')").message("arn must be the ARN of an access point, not of the file system itself"))]
    pub arn: String,
    /// Where it is mounted: `/mnt/` and a name.
    #[schemars(length(max = 160))]
    #[x_kube(validation = Rule::new("self.matches('^/mnt/[a-zA-Z0-9_.-]+$')").message("localMountPath must be /mnt/ and one name of letters, digits, -, _ or ."))]
    pub local_mount_path: String,
    /// `AUTO`, `ENABLED` or `DISABLED`: read from the bucket directly. For S3 Files only; default there: AUTO.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = 16))]
    #[x_kube(validation = Rule::new("self in ['', 'AUTO', 'ENABLED', 'DISABLED']").message("directS3Read is AUTO, ENABLED or DISABLED"))]
    pub direct_s3_read: Option<String>,
}

/// Overrides of what an image starts.
#[derive(Serialize, Deserialize, KubeSchema, Clone, Debug, Default, PartialEq)]
#[serde(rename_all = "camelCase")]
pub struct ImageConfig {
    /// Arguments of the entry point.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = 1500), inner(length(max = 4096)))]
    #[x_kube(merge_strategy = ListMerge::Atomic)]
    pub command: Option<Vec<String>>,
    /// The executable.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = 1500), inner(length(max = 4096)))]
    #[x_kube(merge_strategy = ListMerge::Atomic)]
    pub entry_point: Option<Vec<String>>,
    /// The working directory.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = 1000))]
    pub working_directory: Option<String>,
}

/// Where and how a function logs.
#[derive(Serialize, Deserialize, KubeSchema, Clone, Debug, Default, PartialEq)]
#[x_kube(validation = Rule::new("(has(self.logFormat) && self.logFormat == 'JSON') || ((!has(self.applicationLogLevel) || self.applicationLogLevel == '') && (!has(self.systemLogLevel) || self.systemLogLevel == ''))").message("log levels need logFormat: JSON: set it, or remove applicationLogLevel and systemLogLevel"))]
#[serde(rename_all = "camelCase")]
pub struct LoggingConfig {
    /// `Text` or `JSON`. Default: Text; JSON for a durable function and on managed instances, which cannot log text.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = 8))]
    #[x_kube(validation = Rule::new("self in ['', 'Text', 'JSON']").message("logFormat is Text or JSON"))]
    pub log_format: Option<String>,
    /// `TRACE` (most) to `FATAL` (least): lines of the function itself, with JSON. Default: INFO.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = 8))]
    #[x_kube(validation = Rule::new("self in ['', 'TRACE', 'DEBUG', 'INFO', 'WARN', 'ERROR', 'FATAL']").message("applicationLogLevel is TRACE, DEBUG, INFO, WARN, ERROR or FATAL"))]
    pub application_log_level: Option<String>,
    /// `DEBUG`, `INFO` or `WARN`: lines of the platform, with JSON. Default: INFO.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = 8))]
    #[x_kube(validation = Rule::new("self in ['', 'DEBUG', 'INFO', 'WARN']").message("systemLogLevel is DEBUG, INFO or WARN"))]
    pub system_log_level: Option<String>,
    /// The log group. Default: `/aws/lambda/NAME`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = 512))]
    #[x_kube(validation = Rule::new("self.matches('^[.#A-Za-z0-9_/-]*$')").message("logGroup holds letters, digits and . - _ / # only: the group's name, not its ARN"))]
    pub log_group: Option<String>,
}

/// Snapshots of initialised functions.
#[derive(Serialize, Deserialize, KubeSchema, Clone, Debug, Default, PartialEq)]
#[serde(rename_all = "camelCase")]
pub struct SnapStart {
    /// `PublishedVersions` or `None`.
    #[schemars(length(max = 32))]
    #[x_kube(validation = Rule::new("self in ['PublishedVersions', 'None']").message("applyOn is PublishedVersions or None"))]
    pub apply_on: String,
}

/// Tracing with X-Ray.
#[derive(Serialize, Deserialize, KubeSchema, Clone, Debug, Default, PartialEq)]
#[serde(rename_all = "camelCase")]
pub struct TracingConfig {
    /// `Active` or `PassThrough`.
    #[schemars(length(max = 16))]
    #[x_kube(validation = Rule::new("self in ['Active', 'PassThrough']").message("mode is Active or PassThrough"))]
    pub mode: String,
}

/// Updates of the runtime by AWS.
#[derive(Serialize, Deserialize, KubeSchema, Clone, Debug, Default, PartialEq)]
#[x_kube(validation = Rule::new("(has(self.updateRuntimeOn) && self.updateRuntimeOn == 'Manual') == (has(self.runtimeVersionArn) && self.runtimeVersionArn != '')").message("runtimeVersionArn goes with updateRuntimeOn: Manual: set both, or remove runtimeVersionArn and set Auto or FunctionUpdate"))]
#[serde(rename_all = "camelCase")]
pub struct RuntimeManagementConfig {
    /// Time at which AWS moves the function to a newer version of its runtime: `Auto` (as AWS rolls it out), `FunctionUpdate` (at the next change of code or configuration) or `Manual` (never; `runtimeVersionArn` stays). Default and when removed: Auto.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = 32))]
    #[x_kube(validation = Rule::new("self in ['', 'Auto', 'FunctionUpdate', 'Manual']").message("updateRuntimeOn is Auto, FunctionUpdate or Manual"))]
    pub update_runtime_on: Option<String>,
    /// ARN of the runtime version that the function stays on, with `Manual` and only there; `status.runtimeVersionArn` names the one in use. When removed: none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = 2048))]
    #[x_kube(validation = Rule::new("self == '' || self.matches('^arn:aws[a-zA-Z-]*:lambda:[a-z0-9-]+:[0-9]*:runtime[:/].+$')").message("runtimeVersionArn must be the whole ARN of a runtime version, for instance arn:aws:lambda:eu-west-1::runtime:HASH"))]
    pub runtime_version_arn: Option<String>,
}

/// Tenant isolation.
#[derive(Serialize, Deserialize, KubeSchema, Clone, Debug, Default, PartialEq)]
#[serde(rename_all = "camelCase")]
pub struct TenancyConfig {
    /// `PER_TENANT`: an execution environment of its own for each tenant.
    #[schemars(length(max = 32))]
    #[x_kube(validation = Rule::new("self == 'PER_TENANT'").message("tenantIsolationMode is PER_TENANT; to have none, remove tenancyConfig"))]
    pub tenant_isolation_mode: String,
}

/// Durable executions: their state is kept, and they go on after interruptions.
#[derive(Serialize, Deserialize, KubeSchema, Clone, Debug, Default, PartialEq)]
#[serde(rename_all = "camelCase")]
pub struct DurableConfig {
    /// Seconds that a whole execution may take, 1 to 31622400.
    #[schemars(range(min = 1, max = 31_622_400))]
    pub execution_timeout: i32,
    /// Days that the history of an execution is kept, 1 to 90. Default: 14.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 1, max = 90))]
    pub retention_period: Option<i32>,
    /// ARN of the KMS key for inputs, outputs and errors. When removed: AWS's own key.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = 2048))]
    #[x_kube(validation = Rule::new("self == '' || self.startsWith('arn:')").message("kmsKeyArn must be the key's whole ARN"))]
    pub kms_key_arn: Option<String>,
}

/// Managed instances.
#[derive(Serialize, Deserialize, KubeSchema, Clone, Debug, Default, PartialEq)]
#[serde(rename_all = "camelCase")]
pub struct CapacityProviderConfig {
    /// The provider and its settings.
    pub lambda_managed_instances_capacity_provider_config: ManagedInstances,
}

/// A capacity provider of managed instances.
#[derive(Serialize, Deserialize, KubeSchema, Clone, Debug, Default, PartialEq)]
#[serde(rename_all = "camelCase")]
pub struct ManagedInstances {
    /// ARN of the capacity provider.
    #[schemars(length(max = 512))]
    #[x_kube(validation = Rule::new("self.startsWith('arn:')").message("capacityProviderArn must be the provider's whole ARN"))]
    pub capacity_provider_arn: String,
    /// GiB of memory per vCPU, 2 to 8, for instance 2.5. Left out: AWS chooses, and keeps what was there.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 2, max = 8))]
    pub execution_environment_memory_gib_per_vcpu: Option<f64>,
    /// Concurrent invocations of one environment, 1 to 1600. Left out: AWS chooses, and keeps what was there.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 1, max = 1600))]
    pub per_execution_environment_max_concurrency: Option<i32>,
}
