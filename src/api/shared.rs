//! Shared by all kinds: the group, the annotations, the finalizer, and the fields of every spec and status, which each kind flattens into its own.
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

/// Annotation whose new value is carried out once: the function gets this role and then its own again. That renews the KMS grant of a role that was deleted and recreated.
pub const REGRANT_ROLE: &str = "lambda-operator.io/regrant-role";

/// Annotation that requests a reconcile whenever its value changes. The handled value is shown in `status.lastHandledReconcileAt`.
pub const RECONCILE_REQUESTED_AT: &str = "lambda-operator.io/reconcile-requested-at";

/// On an object: `<namespace>/<name>` of the object of the same kind that takes its resource over. From then on this object writes nothing to AWS, and its
/// deletion leaves the resource as it is.
pub const HAND_OVER_TO: &str = "lambda-operator.io/hand-over-to";

/// On a Namespace: whether its objects may adopt resources without an owner; `true` or `false`.
pub const ALLOW_ADOPTION: &str = "lambda-operator.io/allow-adoption";

/// Finalizer that every object holds until its AWS resource is deleted or released.
pub const FINALIZER: &str = "lambda-operator.io/finalizer";

/// Fields of every spec.
#[derive(Serialize, Deserialize, KubeSchema, Clone, Debug, Default, PartialEq)]
#[serde(rename_all = "camelCase")]
pub struct CommonSpec {
    /// AWS region of the resource, for instance `eu-west-1`. Default: the region that the namespace names, or the operator's. Cannot be changed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = 32))]
    #[x_kube(validation = Rule::new("self.matches('^[a-z0-9-]*$')").message("region must be the code of an AWS region, for instance eu-west-1"))]
    pub region: Option<String>,
    /// Treatment of a resource that exists in AWS without an owner. `Refuse` (default): the operator does not touch it. `Adopt`: the operator takes it over, if the namespace's annotation `lambda-operator.io/allow-adoption` or the operator's `--allow-adoption` allows it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub adoption_policy: Option<AdoptionPolicy>,
    /// If true, the resource stays in AWS, without an owner, when this object is deleted. Default: false.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub skip_destroy: Option<bool>,
    /// Protection against deletion: while true, the resource stays in AWS and a deleted object waits, until this is false or `skipDestroy` is true. Where the chart's admission policy is installed, the API server refuses the deletion itself. Protection of an alias does not keep its function, and AWS deletes the aliases of a function with it: protect the function too. Default and when removed: false.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub deletion_protection: Option<bool>,
    /// Time limits of creation, update and deletion, each such as `90s`, `10m` or `1h30m`. When a limit has passed, the object is `Stalled` with reason `TimedOut`; retries continue. When removed: 10m each.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[x_kube(merge_strategy = MapMerge::Atomic)]
    pub timeouts: Option<Timeouts>,
    /// If true, reconciliation is suspended: the operator makes no AWS calls for this object. A suspended object that is deleted waits until it is resumed, unless `skipDestroy` is set; then it is removed and its resource is left untouched. With `--require-namespace-policy`, an object that is deleted with its namespace is deleted as if it were not suspended. Default: false.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub suspend: Option<bool>,
    /// Treatment of changes made outside this object. `Correct` (default): the operator reverts them. `Report`: it sets reason `Drifted` and emits an Event, but changes nothing. Changes of the spec are always applied.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub drift_policy: Option<DriftPolicy>,
    /// Interval between two comparisons of this object with AWS, such as `1m` or `6h`, 10s to 24h. Default and when removed: the operator's (flag `--drift-interval`).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(schema_with = "schema::interval")]
    pub drift_check_interval: Option<String>,
}

/// Treatment of a resource that exists in AWS without an owner.
#[derive(Serialize, Deserialize, JsonSchema, Clone, Copy, Debug, Default, PartialEq, Eq)]
#[allow(missing_docs, reason = "a documented variant would lose its place in the schema's enum")]
pub enum AdoptionPolicy {
    #[default]
    Refuse,
    Adopt,
}

/// Treatment of changes made outside the object.
#[derive(Serialize, Deserialize, JsonSchema, Clone, Copy, Debug, Default, PartialEq, Eq)]
#[allow(missing_docs, reason = "as above")]
pub enum DriftPolicy {
    #[default]
    Correct,
    Report,
}

/// Time limits of creation, update and deletion, each such as `90s`, `10m` or `1h30m`.
#[derive(Serialize, Deserialize, KubeSchema, Clone, Debug, Default, PartialEq)]
#[serde(rename_all = "camelCase")]
pub struct Timeouts {
    /// Time limit for the creation of the resource, such as `90s`, `10m` or `1h30m`. Default and when removed: 10m.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(schema_with = "schema::duration")]
    pub create: Option<String>,
    /// Time limit for an update of the resource, such as `90s`, `10m` or `1h30m`. Default and when removed: 10m.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(schema_with = "schema::duration")]
    pub update: Option<String>,
    /// Time limit for the deletion of the resource, such as `90s`, `10m` or `1h30m`. Default and when removed: 10m.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(schema_with = "schema::duration")]
    pub delete: Option<String>,
}

/// Fields of every status.
#[derive(Serialize, Deserialize, KubeSchema, Clone, Debug, Default, PartialEq)]
#[serde(rename_all = "camelCase")]
pub struct CommonStatus {
    /// Generation of the object that this status describes; -1 until the operator has processed the object.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub observed_generation: Option<i64>,
    /// Conditions of the object. `Ready` is always present; `Reconciling` (in progress) and `Stalled` (action required) only while true. Each kind adds its own.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[x_kube(merge_strategy = ListMerge::Map(vec!["type".into()]))]
    pub conditions: Vec<Condition>,

    /// Value of the annotation `lambda-operator.io/reconcile-requested-at` that was last handled.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last_handled_reconcile_at: Option<String>,

    /// AWS account of the resource, fixed before the resource is created.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub account: Option<String>,
    /// AWS region of the resource, fixed before the resource is created.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub region: Option<String>,
    /// Name of the function in AWS, fixed before the resource is created; absent for a resource that belongs to no function.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub function_name: Option<String>,
    /// ARN of the AWS identity that acts for this object: the role that the namespace names, or the operator's own.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub identity: Option<String>,

    /// ARN of the resource in AWS; for a function, without a version.
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
    /// Current wait: its cause, its start and the generation that waits. Absent while nothing is waited for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub wait: Option<Wait>,
    /// Time at which AWS answered the operator's last write, by the operator's clock. For some seconds after it, reads can still show the earlier state.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<k8s_openapi::apimachinery::pkg::apis::meta::v1::Time>")]
    pub last_write: Option<Timestamp>,
    /// Time since which AWS may hold a resource that no read has shown: a create call got no answer that proves that nothing was created. A deleted object then stays until reads have shown for some seconds that there is none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<k8s_openapi::apimachinery::pkg::apis::meta::v1::Time>")]
    pub perhaps_created: Option<Timestamp>,
    /// Writes that AWS accepted without effect so far: a hash of each, and the number of times that it was accepted.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub repeated: BTreeMap<String, i32>,
}

/// A LambdaFunction of the same namespace.
#[derive(Serialize, Deserialize, KubeSchema, Clone, Debug, Default, PartialEq, Eq)]
#[serde(rename_all = "camelCase")]
pub struct FunctionRef {
    /// Name of the LambdaFunction, in this object's namespace.
    #[schemars(length(min = 1, max = 253))]
    #[x_kube(validation = Rule::new(schema::OBJECT_NAME).message("name must be the name of a LambdaFunction in this namespace"))]
    pub name: String,
}

/// Record of the claim to a resource that has no tags in AWS.
#[derive(Serialize, Deserialize, KubeSchema, Clone, Debug, Default, PartialEq)]
#[serde(rename_all = "camelCase")]
pub struct ClaimRecord {
    /// Ownership of the resource, which has no tags in AWS: `Creating` from just before the create call, `Owned` once AWS answered it or the resource was adopted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub claim: Option<RecordedClaim>,
    /// Hash of the desired value that AWS last accepted, by member of the API. A difference is drift only while that value is still desired.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub applied: BTreeMap<String, String>,
    /// Revision that the last write answered. A read that shows another one soon after is stale.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub revision: Option<String>,
}

/// Ownership, as status records it, of a resource that has no tags in AWS.
#[derive(Serialize, Deserialize, JsonSchema, Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs, reason = "a documented variant would lose its place in the schema's enum")]
pub enum RecordedClaim {
    Creating,
    Owned,
}

/// A LambdaAlias of the same namespace.
#[derive(Serialize, Deserialize, KubeSchema, Clone, Debug, Default, PartialEq, Eq)]
#[serde(rename_all = "camelCase")]
pub struct AliasRef {
    /// Name of the LambdaAlias, in this object's namespace.
    #[schemars(length(min = 1, max = 253))]
    #[x_kube(validation = Rule::new(schema::OBJECT_NAME).message("name must be the name of a LambdaAlias in this namespace"))]
    pub name: String,
}

/// A LambdaCodeSigningConfig of the same namespace.
#[derive(Serialize, Deserialize, KubeSchema, Clone, Debug, Default, PartialEq, Eq)]
#[serde(rename_all = "camelCase")]
pub struct CodeSigningConfigRef {
    /// Name of the LambdaCodeSigningConfig, in this object's namespace.
    #[schemars(length(min = 1, max = 253))]
    #[x_kube(validation = Rule::new(schema::OBJECT_NAME).message("name must be the name of a LambdaCodeSigningConfig in this namespace"))]
    pub name: String,
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
    /// Generation of the object that was applied.
    pub generation: i64,
    /// Hash of the versions of all objects and files that the spec refers to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub references: Option<String>,
}

/// A wait with a clock: if it outlasts the object's timeout, the object becomes `Stalled`.
#[derive(Serialize, Deserialize, KubeSchema, Clone, Debug, PartialEq)]
#[serde(rename_all = "camelCase")]
pub struct Wait {
    /// Cause of the wait, for instance `Aws` (AWS applies a change) or `Reference` (a Secret or ConfigMap is missing).
    #[serde(rename = "for")]
    pub what: WaitFor,
    /// Start of the wait.
    #[schemars(with = "k8s_openapi::apimachinery::pkg::apis::meta::v1::Time")]
    pub since: Timestamp,
    /// Generation of the object that waits; a new generation restarts the timeout.
    pub generation: i64,
}

/// Cause of a wait that has a timeout.
#[derive(Serialize, Deserialize, JsonSchema, Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs, reason = "a documented variant would lose its place in the schema's enum")]
pub enum WaitFor {
    // AWS applies a change, or a create call without an answer may have succeeded.
    Aws,
    // The deletion was accepted, and reads do not show yet that the resource is gone.
    Removal,
    // Any other cause that holds an object that is being deleted.
    Deletion,
    Reference,
    Iam,
    Credentials,
    Replicas,
    Resource,
    Function,
}
