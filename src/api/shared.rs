//! All that the kinds share: the group, the annotations, the finalizer, and the fields of every spec and status, which each kind flattens into its own.
#![allow(unreachable_pub, reason = "KubeSchema repeats each struct in a scope of its own, where `pub` reaches nobody")]

use std::collections::BTreeMap;

use k8s_openapi::apimachinery::pkg::apis::meta::v1::Condition;
use k8s_openapi::jiff::Timestamp;
use kube::KubeSchema;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::schema;

/// The API group of every resource, annotation, tag and finalizer of ours.
pub const GROUP: &str = "lambda-operator.io";

/// Once for each value: gives the function this role and then its own again, which renews the KMS grant of a role that was deleted and made again.
pub const REGRANT_ROLE: &str = "lambda-operator.io/regrant-role";

/// Any new value: look now. Echoed in `status.lastHandledReconcileAt`.
pub const RECONCILE_REQUESTED_AT: &str = "lambda-operator.io/reconcile-requested-at";

/// On an object: `<namespace>/<name>` of the object of the same kind that takes its resource over. From then on this object writes nothing to AWS, and its
/// deletion leaves the resource as it is.
pub const HAND_OVER_TO: &str = "lambda-operator.io/hand-over-to";

/// On a Namespace: whether its objects may take over what nobody owns any more; `true` or `false`.
pub const ALLOW_ADOPTION: &str = "lambda-operator.io/allow-adoption";

/// Held on every object until its function is deleted or released.
pub const FINALIZER: &str = "lambda-operator.io/finalizer";

/// Fields of every spec.
#[derive(Serialize, Deserialize, KubeSchema, Clone, Debug, Default, PartialEq)]
#[serde(rename_all = "camelCase")]
pub struct CommonSpec {
    /// The AWS region. Default: the operator's. Cannot be changed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = 32))]
    #[x_kube(validation = Rule::new("self.matches('^[a-z0-9-]*$')").message("region must be the code of an AWS region, for instance eu-west-1"))]
    pub region: Option<String>,
    /// `Refuse` (default): a resource that exists in AWS without an owner is not touched. `Adopt`: it is taken over, if the namespace's annotation `lambda-operator.io/allow-adoption` or the operator's `--allow-adoption` allows it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub adoption_policy: Option<AdoptionPolicy>,
    /// Leave the resource in AWS, without an owner, when this object is deleted. Default: false.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub skip_destroy: Option<bool>,
    /// Protection against deletion: while true, the resource stays in AWS and a deleted object waits, until this is false or `skipDestroy` is true. Where the chart's admission policy is installed, the API server refuses the deletion itself. Default and when removed: false.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub deletion_protection: Option<bool>,
    /// How long the operator waits without alarm before it asks for help.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[x_kube(merge_strategy = MapMerge::Atomic)]
    pub timeouts: Option<Timeouts>,
    /// While true AWS is not called at all: nothing is compared, changed or deleted. A deleted object goes at once only with `skipDestroy`, and its resource stays as it is. Where the operator requires a policy of each namespace (`--require-namespace-policy`), a suspended object that is deleted with its namespace is deleted as if it were not suspended. Default: false.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub suspend: Option<bool>,
    /// `Correct` (default): the operator reverts a change that somebody else made in AWS. `Report`: status and an Event show it, and it stays. A change of the spec is always carried out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub drift_policy: Option<DriftPolicy>,
    /// How often a settled object is compared with AWS, for instance `1m` or `6h`; 10s to 24h. Default: the operator's (`--drift-interval`).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(schema_with = "schema::interval")]
    pub drift_check_interval: Option<String>,
}

/// The treatment of a resource that exists and has no owner.
#[derive(Serialize, Deserialize, JsonSchema, Clone, Copy, Debug, Default, PartialEq, Eq)]
#[allow(missing_docs, reason = "a documented variant would lose its place in the schema's enum")]
pub enum AdoptionPolicy {
    #[default]
    Refuse,
    Adopt,
}

/// The treatment of a difference that somebody else made.
#[derive(Serialize, Deserialize, JsonSchema, Clone, Copy, Debug, Default, PartialEq, Eq)]
#[allow(missing_docs, reason = "as above")]
pub enum DriftPolicy {
    #[default]
    Correct,
    Report,
}

/// Durations such as `90s`, `10m` or `1h30m`.
#[derive(Serialize, Deserialize, KubeSchema, Clone, Debug, Default, PartialEq)]
#[serde(rename_all = "camelCase")]
pub struct Timeouts {
    /// For a new resource. Default: 10m.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(schema_with = "schema::duration")]
    pub create: Option<String>,
    /// For a change. Default: 10m.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(schema_with = "schema::duration")]
    pub update: Option<String>,
    /// For a deletion. Default: 10m.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(schema_with = "schema::duration")]
    pub delete: Option<String>,
}

/// Fields of every status.
#[derive(Serialize, Deserialize, KubeSchema, Clone, Debug, Default, PartialEq)]
#[serde(rename_all = "camelCase")]
pub struct CommonStatus {
    /// The generation that all of this status speaks of; -1 until the operator has looked at the object.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub observed_generation: Option<i64>,
    /// `Ready` is always present, `Reconciling` or `Stalled` only while it is true. Each kind adds conditions of its own.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[x_kube(merge_strategy = ListMerge::Map(vec!["type".into()]))]
    pub conditions: Vec<Condition>,

    /// The value of the annotation `lambda-operator.io/reconcile-requested-at` that was looked at last.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last_handled_reconcile_at: Option<String>,

    /// The AWS account in which the resource lives, fixed before it is created.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub account: Option<String>,
    /// The region in which the resource lives, fixed before it is created.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub region: Option<String>,
    /// The function's name in AWS, fixed before the resource is created.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub function_name: Option<String>,
    /// ARN of the AWS identity that acts for this object: the role that its namespace names, else the operator's own.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub identity: Option<String>,

    /// ARN of the resource; of a function without a version.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub arn: Option<String>,
}

/// Fields of every status record.
#[derive(Serialize, Deserialize, KubeSchema, Clone, Debug, Default, PartialEq)]
#[serde(rename_all = "camelCase")]
pub struct CommonRecord {
    /// Generation and references that were last fully applied.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last_reconciled: Option<AppliedGeneration>,
    /// The wait that is under way, and since when.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub wait: Option<Wait>,
    /// When AWS answered the operator's last write, by the operator's clock. For some seconds after it, AWS may show the state before the write.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<k8s_openapi::apimachinery::pkg::apis::meta::v1::Time>")]
    pub last_write: Option<Timestamp>,
    /// Since when AWS may hold a resource that it has not shown yet: a creation got no answer that proves that nothing was created. A deleted object then stays until AWS has shown for some seconds that there is none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<k8s_openapi::apimachinery::pkg::apis::meta::v1::Time>")]
    pub perhaps_created: Option<Timestamp>,
    /// Writes that AWS accepted and that had no effect yet: a hash of each, and how often it was accepted.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub repeated: BTreeMap<String, i32>,
}

/// What status says of a resource that has no tags in AWS.
#[derive(Serialize, Deserialize, JsonSchema, Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs, reason = "a documented variant would lose its place in the schema's enum")]
pub enum RecordedClaim {
    Creating,
    Owned,
}

/// A former owner, and the object that took the function from it.
#[derive(Serialize, Deserialize, KubeSchema, Clone, Debug, Default, PartialEq, Eq)]
#[serde(rename_all = "camelCase")]
pub struct AdoptedFrom {
    /// Owner tag of the function before it was taken over.
    pub owner: String,
    /// uid of the object that took the function over.
    pub uid: String,
}

/// A generation of the object together with the versions of what it refers to.
#[derive(Serialize, Deserialize, KubeSchema, Clone, Debug, Default, PartialEq)]
#[serde(rename_all = "camelCase")]
pub struct AppliedGeneration {
    /// Generation of the object.
    pub generation: i64,
    /// Hash of the versions of everything that the spec refers to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub references: Option<String>,
}

/// A wait with a clock: if it outlasts the object's timeout, the object becomes `Stalled`.
#[derive(Serialize, Deserialize, KubeSchema, Clone, Debug, PartialEq)]
#[serde(rename_all = "camelCase")]
pub struct Wait {
    /// What the operator waits for.
    #[serde(rename = "for")]
    pub what: WaitFor,
    /// When the wait began.
    #[schemars(with = "k8s_openapi::apimachinery::pkg::apis::meta::v1::Time")]
    pub since: Timestamp,
    /// Generation of the object that waits; a new generation restarts the clock.
    pub generation: i64,
}

/// What a wait with a clock is for.
#[derive(Serialize, Deserialize, JsonSchema, Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs, reason = "a documented variant would lose its place in the schema's enum")]
pub enum WaitFor {
    // AWS applies a change, or a create may have been heard.
    Aws,
    // The last call for a resource was sent: it is gone as soon as AWS shows it.
    Removal,
    // Whatever holds an object that is being deleted.
    Deletion,
    Reference,
    Iam,
    Credentials,
    Replicas,
    Resource,
    Function,
}
