//! What the operator reports and remembers: every attribute AWS gives, conditions, and the records that make a restart harmless.
#![allow(unreachable_pub, reason = "KubeSchema repeats each struct in a scope of its own, where `pub` reaches nobody")]

use std::collections::{BTreeMap, BTreeSet};

use kube::KubeSchema;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::api::shared::{AdoptedFrom, CommonRecord, CommonStatus};

/// Observed state. It holds no secret value, and no time that changes without news.
#[derive(Serialize, Deserialize, KubeSchema, Clone, Debug, Default, PartialEq)]
#[serde(rename_all = "camelCase")]
pub struct LambdaFunctionStatus {
    /// The fields that every kind has.
    #[serde(flatten)]
    pub common: CommonStatus,

    /// ARN that API Gateway invokes the function by.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub invoke_arn: Option<String>,
    /// ARN that API Gateway invokes the function by when it streams its response.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub response_streaming_invoke_arn: Option<String>,
    /// ARN of the newest published version that is ready (`…:7`), or `…:$LATEST` while there is none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub qualified_arn: Option<String>,
    /// ARN that API Gateway invokes that version by.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub qualified_invoke_arn: Option<String>,
    /// The newest published version that is ready, or `$LATEST` while there is none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub version: Option<String>,
    /// Id of the VPC that the function is attached to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub vpc_id: Option<String>,
    /// When AWS last changed the function, as AWS writes it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last_modified: Option<String>,
    /// Size of the deployment package in bytes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub source_code_size: Option<i64>,
    /// Base64 SHA-256 of the deployment package, as AWS computes it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub code_sha256: Option<String>,
    /// ARN of the signing job.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub signing_job_arn: Option<String>,
    /// ARN of the signing profile version.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub signing_profile_version_arn: Option<String>,
    /// The code signing configuration that AWS last named; absent where none is attached.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub code_signing_config_arn: Option<String>,
    /// The runtime management that AWS last named; absent where it is the default, `Auto`, or was not asked.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub runtime_management_config: Option<RuntimeManagementStatus>,
    /// The answer to recursive loops that AWS last named; absent where it is the default, `Terminate`, or was not asked.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub recursive_loop: Option<String>,
    /// SnapStart as it is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub snap_start: Option<SnapStartStatus>,
    /// Every tag on the function, those of the operator included, without AWS's own (`aws:*`).
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub tags_all: BTreeMap<String, String>,

    /// The memory in force, in MB.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub memory_size: Option<i32>,
    /// The time limit in force, in seconds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub timeout: Option<i32>,
    /// The instruction set in force.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub architectures: Vec<String>,
    /// `Active`, `Pending`, `Inactive`, `Failed` and so on, as AWS says.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub state: Option<String>,
    /// Why the function is in that state.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub state_reason: Option<String>,
    /// The code of that reason.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub state_reason_code: Option<String>,
    /// `Successful`, `InProgress` or `Failed`: how the last update went.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last_update_status: Option<String>,
    /// Why the last update went so.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last_update_status_reason: Option<String>,
    /// The code of that reason.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last_update_status_reason_code: Option<String>,
    /// ARN of the runtime version in use.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub runtime_version_arn: Option<String>,
    /// The image in use, by digest.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub resolved_image_uri: Option<String>,

    /// Bookkeeping of the operator: what AWS cannot tell and later reconciles need. Do not rely on it; fields can change between releases.
    #[serde(default, skip_serializing_if = "FunctionRecord::is_empty")]
    pub record: FunctionRecord,
}

/// What earlier reconciles recorded. Losing a part costs at most one redundant AWS call or deployment.
#[derive(Serialize, Deserialize, KubeSchema, Clone, Debug, Default, PartialEq)]
#[serde(rename_all = "camelCase")]
pub struct FunctionRecord {
    /// The fields that every kind has.
    #[serde(flatten)]
    pub common: CommonRecord,
    /// Whether the function was ever invocable: `false` from just before its creation, absent if unknown. Only a function that was never invocable is deleted and created again.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ever_active: Option<bool>,
    /// Source of the code that was deployed last.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub deployed: Option<Deployed>,
    /// Version that was published last, and what `$LATEST` was when it was.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub published: Option<Published>,
    /// By member of the API, a hash of the desired value that AWS accepted last: a difference is drift only where that value is still desired. Of a Secret it holds the version, never the contents.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub applied: BTreeMap<String, String>,
    /// Updates that AWS accepted and has not reported as successful.
    #[serde(default, skip_serializing_if = "Updates::is_empty")]
    pub updates: Updates,
    /// Value of the annotation `lambda-operator.io/regrant-role` that was last carried out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last_regranted_role: Option<String>,
    /// `true` after the function was taken over from nobody or from another owner, as the spec asked: `codePolicy: Initial` then leaves its code as it is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub adopted: Option<bool>,
    /// Owner that `adoptFrom` took the function from; `adoptFrom` with that owner is spent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub adopted_from: Option<AdoptedFrom>,
    /// `true` from just before the creation until all of the spec is applied for the first time. Only then `ignoreChanges` leaves to others what AWS sets after a creation by calls of its own.
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
    /// `FunctionUpdate` or `Manual`: the time at which AWS moves the function to a newer version of its runtime.
    pub update_runtime_on: String,
    /// ARN of the runtime version that the function stays on, with `Manual`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub runtime_version_arn: Option<String>,
}

/// SnapStart as AWS reports it.
#[derive(Serialize, Deserialize, KubeSchema, Clone, Debug, Default, PartialEq)]
#[serde(rename_all = "camelCase")]
pub struct SnapStartStatus {
    /// `On` or `Off`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub optimization_status: Option<String>,
}

/// Which source gave which code. Lost, it costs at most one redundant deployment.
#[derive(Serialize, Deserialize, KubeSchema, Clone, Debug, Default, PartialEq)]
#[serde(rename_all = "camelCase")]
pub struct Deployed {
    /// Identity of the source: bucket, key and version; a hash of files; of a Secret its uid, resourceVersion and the names of its keys, never a hash of what it holds.
    pub source: String,
    /// What AWS answered as the hash of that code.
    pub code_sha256: String,
}

/// A published version, and the `$LATEST` that it holds. Lost, it costs at most one more version.
#[derive(Serialize, Deserialize, KubeSchema, Clone, Debug, Default, PartialEq, Eq)]
#[serde(rename_all = "camelCase")]
pub struct Published {
    /// The version's number.
    pub version: String,
    /// `LastModified` of the `$LATEST` that it was published from.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last_modified: Option<String>,
    /// CodeSha256 of the `$LATEST` that it was published from.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub code_sha256: Option<String>,
    /// A hash of what was desired then, if AWS showed all of it. Of references it holds the version, never what they hold.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub fingerprint: Option<String>,
}

/// An AWS call that updates a function, which AWS accepts first and may take back later.
#[derive(Serialize, Deserialize, JsonSchema, Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Update {
    /// `UpdateFunctionConfiguration`.
    Configuration,
    /// `UpdateFunctionCode`.
    Code,
}

/// Updates on their way, and those that failed. Lost, the reason code of AWS tells which update failed, which is a guess.
#[derive(Serialize, Deserialize, KubeSchema, Clone, Debug, Default, PartialEq, Eq)]
#[serde(rename_all = "camelCase")]
pub struct Updates {
    /// Update that AWS accepted last.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last: Option<Update>,
    /// `LastModified` before that update was sent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub since: Option<String>,
    /// Updates that failed and have not succeeded since.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub failed: BTreeSet<Update>,
    /// Members of the configuration that were sent since an update of it succeeded.
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
