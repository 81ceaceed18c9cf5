//! What all resources share: the group, the annotations, the finalizer, and the wait that a status records.
#![allow(unreachable_pub, reason = "KubeSchema repeats each struct in a scope of its own, where `pub` reaches nobody")]

use k8s_openapi::jiff::Timestamp;
use kube::KubeSchema;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// The API group of every resource, annotation, tag and finalizer of ours.
pub const GROUP: &str = "lambda-operator.io";

/// Once for each value: gives the function this role and then its own again, which renews the KMS grant of a role that was deleted and made again.
pub const REGRANT_ROLE: &str = "lambda-operator.io/regrant-role";

/// Any new value: look now. Echoed in `status.lastHandledReconcileAt`.
pub const RECONCILE_REQUESTED_AT: &str = "lambda-operator.io/reconcile-requested-at";

/// Held on every object until its function is deleted or released.
pub const FINALIZER: &str = "lambda-operator.io/finalizer";

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
}
