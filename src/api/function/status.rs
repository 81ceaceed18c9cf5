//! The status of a function: every attribute that AWS reports, conditions, and the records that make a restart harmless.
#![allow(unreachable_pub, reason = "KubeSchema repeats each struct in a scope of its own, where `pub` reaches nobody")]

use std::collections::{BTreeMap, BTreeSet};

use kube::KubeSchema;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::api::shared::{AdoptedFrom, CommonRecord, CommonStatus};

/// Observed state of the function. It never holds secret values.
#[derive(Serialize, Deserialize, KubeSchema, Clone, Debug, Default, PartialEq)]
#[serde(rename_all = "camelCase")]
pub struct LambdaFunctionStatus {
    /// The fields that every kind has.
    #[serde(flatten)]
    pub common: CommonStatus,

    /// ARN by which API Gateway invokes the function.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub invoke_arn: Option<String>,
    /// ARN by which API Gateway invokes the function if the response is streamed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub response_streaming_invoke_arn: Option<String>,
    /// ARN of the newest published version that is ready (`…:7`), or `…:$LATEST` while there is none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub qualified_arn: Option<String>,
    /// ARN by which API Gateway invokes the newest published version that is ready, or `$LATEST` while there is none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub qualified_invoke_arn: Option<String>,
    /// Number of the newest published version that is ready, or `$LATEST` while there is none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub version: Option<String>,
    /// Id of the VPC that the function is attached to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub vpc_id: Option<String>,
    /// Time of the function's last change, as AWS writes it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last_modified: Option<String>,
    /// Size of the deployment package in bytes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub source_code_size: Option<i64>,
    /// Base64 SHA-256 of the deployment package, as AWS computes it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub code_sha256: Option<String>,
    /// ARN of the signing job that signed the deployed package.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub signing_job_arn: Option<String>,
    /// ARN of the signing profile version that signed the deployed package.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub signing_profile_version_arn: Option<String>,
    /// ARN of the code signing configuration that AWS last reported; absent if none is attached.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub code_signing_config_arn: Option<String>,
    /// Runtime management that AWS last reported; absent if it is the default `Auto`, or was not read.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub runtime_management_config: Option<RuntimeManagementStatus>,
    /// Reaction to recursive loops that AWS last reported; absent if it is the default `Terminate`, or was not read.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub recursive_loop: Option<String>,
    /// Retention of the function's log group in days that AWS last reported; absent if events never expire, or it was not read.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub log_retention_in_days: Option<i32>,
    /// State of SnapStart, as AWS reports it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub snap_start: Option<SnapStartStatus>,
    /// All tags of the function, those of the operator included, without AWS's own (`aws:*`).
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub tags_all: BTreeMap<String, String>,

    /// Memory of the function in MB, as AWS reports it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub memory_size: Option<i32>,
    /// Time limit of one invocation in seconds, as AWS reports it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub timeout: Option<i32>,
    /// Instruction set of the function, as AWS reports it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub architectures: Vec<String>,
    /// State of the function in AWS: `Active`, `Pending`, `Inactive`, `Failed` and so on.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub state: Option<String>,
    /// Reason for `state`, in AWS's words.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub state_reason: Option<String>,
    /// Code of the reason for `state`, as AWS reports it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub state_reason_code: Option<String>,
    /// Result of the last update in AWS: `Successful`, `InProgress` or `Failed`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last_update_status: Option<String>,
    /// Reason for `lastUpdateStatus`, in AWS's words.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last_update_status_reason: Option<String>,
    /// Code of the reason for `lastUpdateStatus`, as AWS reports it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last_update_status_reason_code: Option<String>,
    /// ARN of the runtime version that the function uses.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub runtime_version_arn: Option<String>,
    /// Container image that the function runs, by digest.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub resolved_image_uri: Option<String>,

    /// Bookkeeping of the operator: facts that AWS does not report and later reconciles need. Do not rely on it; fields can change between releases.
    #[serde(default, skip_serializing_if = "FunctionRecord::is_empty")]
    pub record: FunctionRecord,
}

/// Records of earlier reconciles. Losing a part costs at most one redundant AWS call or deployment.
#[derive(Serialize, Deserialize, KubeSchema, Clone, Debug, Default, PartialEq)]
#[serde(rename_all = "camelCase")]
pub struct FunctionRecord {
    /// The fields that every kind has.
    #[serde(flatten)]
    pub common: CommonRecord,
    /// Whether the function has ever been invocable: `false` from just before its creation, absent if unknown. The operator deletes and recreates only a function that has never been invocable.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ever_active: Option<bool>,
    /// Source and hash of the code that was last deployed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub deployed: Option<Deployed>,
    /// Version that was last published, and the state of `$LATEST` at that time.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub published: Option<Published>,
    /// Hash of the desired value that AWS last accepted, by member of the API. A difference is drift only while that value is still desired. For a Secret the hash covers its version, never its contents.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub applied: BTreeMap<String, String>,
    /// Updates that AWS accepted and has not yet reported as successful.
    #[serde(default, skip_serializing_if = "Updates::is_empty")]
    pub updates: Updates,
    /// Value of the annotation `lambda-operator.io/regrant-role` that was last carried out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last_regranted_role: Option<String>,
    /// `true` after the object adopted the function, because the spec asked for it (`adoptionPolicy`, `adoptFrom`). With `codePolicy: Initial` the operator then leaves its code as it is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub adopted: Option<bool>,
    /// Owner from which `adoptFrom` took the function over. The operator does not carry out `adoptFrom` with this owner again.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub adopted_from: Option<AdoptedFrom>,
    /// `true` from just before the creation until the whole spec has been applied once. Until then the operator also sets fields in `ignoreChanges` that need a call of their own after CreateFunction.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub creation_pending: Option<bool>,
}

impl FunctionRecord {
    /// Whether nothing is recorded.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}

/// Runtime management as AWS reports it.
#[derive(Serialize, Deserialize, KubeSchema, Clone, Debug, Default, PartialEq)]
#[serde(rename_all = "camelCase")]
pub struct RuntimeManagementStatus {
    /// Time at which AWS moves the function to a newer version of its runtime: `FunctionUpdate` or `Manual`.
    pub update_runtime_on: String,
    /// ARN of the runtime version that the function stays on; only with `updateRuntimeOn: Manual`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub runtime_version_arn: Option<String>,
}

/// SnapStart as AWS reports it.
#[derive(Serialize, Deserialize, KubeSchema, Clone, Debug, Default, PartialEq)]
#[serde(rename_all = "camelCase")]
pub struct SnapStartStatus {
    /// Status of SnapStart's optimization: `On` or `Off`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub optimization_status: Option<String>,
}

/// Source and hash of deployed code. Losing it costs at most one redundant deployment.
#[derive(Serialize, Deserialize, KubeSchema, Clone, Debug, Default, PartialEq)]
#[serde(rename_all = "camelCase")]
pub struct Deployed {
    /// Identity of the deployed code's source: bucket, key and version; a hash of files; of a Secret its uid, resourceVersion and the names of its keys, never a hash of its values.
    pub source: String,
    /// Base64 SHA-256 of the deployed code, as AWS answered it.
    pub code_sha256: String,
}

/// A published version, and the `$LATEST` that it holds. Losing it costs at most one redundant version.
#[derive(Serialize, Deserialize, KubeSchema, Clone, Debug, Default, PartialEq, Eq)]
#[serde(rename_all = "camelCase")]
pub struct Published {
    /// Number of the version that was last published.
    pub version: String,
    /// `LastModified` of the `$LATEST` that the version was published from.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last_modified: Option<String>,
    /// CodeSha256 of the `$LATEST` that the version was published from.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub code_sha256: Option<String>,
    /// Hash of the desired state when the version was published, if AWS showed all of it. For references the hash covers their versions, never their contents.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub fingerprint: Option<String>,
}

/// An AWS call that updates a function. AWS accepts it first and can roll it back later.
#[derive(Serialize, Deserialize, JsonSchema, Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Update {
    /// `UpdateFunctionConfiguration`.
    Configuration,
    /// `UpdateFunctionCode`.
    Code,
}

/// Updates in progress, and those that failed. If it is lost, the operator guesses from AWS's reason code which update failed.
#[derive(Serialize, Deserialize, KubeSchema, Clone, Debug, Default, PartialEq, Eq)]
#[serde(rename_all = "camelCase")]
pub struct Updates {
    /// Update that AWS accepted last: `Configuration` or `Code`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last: Option<Update>,
    /// `LastModified` of the function before the update that AWS accepted last.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub since: Option<String>,
    /// Updates that failed and have not succeeded since: `Configuration`, `Code` or both.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub failed: BTreeSet<Update>,
    /// Members of the configuration that were sent since its last successful update.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub members: BTreeSet<String>,
}

impl Updates {
    /// Whether nothing is recorded.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}
