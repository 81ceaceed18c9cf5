//! The resource as users see it: `lambda-operator.io/v1alpha1 LambdaFunction`. Types, schema and rules; no logic.

pub mod blocks;
pub mod code;
pub mod condition;
pub mod environment;
mod schema;
pub mod spec;
pub mod status;
pub mod terraform;

pub use spec::{LambdaFunction, LambdaFunctionSpec};
pub use status::{Deployed, LambdaFunctionStatus, Published, Settled, SnapStartStatus, Waiting};

/// The API group of every resource, annotation, tag and finalizer of ours.
pub const GROUP: &str = "lambda-operator.io";

/// Once for each value: gives the function this role and then its own again, which renews the KMS grant of a role that was deleted and made again.
pub const REGRANT_ROLE: &str = "lambda-operator.io/regrant-role";

/// Any new value: look now. Echoed in `status.lastHandledReconcileAt`.
pub const RECONCILE_REQUESTED_AT: &str = "lambda-operator.io/reconcile-requested-at";

/// Held on every object until its function is deleted or released.
pub const FINALIZER: &str = "lambda-operator.io/finalizer";
