//! Names that all resources share: the group, the annotations, the finalizer.

/// The API group of every resource, annotation, tag and finalizer of ours.
pub const GROUP: &str = "lambda-operator.io";

/// Once for each value: gives the function this role and then its own again, which renews the KMS grant of a role that was deleted and made again.
pub const REGRANT_ROLE: &str = "lambda-operator.io/regrant-role";

/// Any new value: look now. Echoed in `status.lastHandledReconcileAt`.
pub const RECONCILE_REQUESTED_AT: &str = "lambda-operator.io/reconcile-requested-at";

/// Held on every object until its function is deleted or released.
pub const FINALIZER: &str = "lambda-operator.io/finalizer";
