//! The condition types and reasons that a status can show. Strings only; when each is set is decided by the kinds.

/// The function in AWS is what the spec says and is ready to be invoked.
pub const READY: &str = "Ready";
/// We are on it: present only while true, never beside `Stalled`.
pub const RECONCILING: &str = "Reconciling";
/// Only a person can help: present only while true, never beside `Reconciling`.
pub const STALLED: &str = "Stalled";
/// The function exists in AWS; the message is its ARN.
pub const FUNCTION_CREATED: &str = "FunctionCreated";
/// A published version holds what `$LATEST` holds; the message is its number.
pub const VERSION_PUBLISHED: &str = "VersionPublished";
/// The function is attached to a VPC; the message is the VPC's id.
pub const VPC_CONNECTED: &str = "VpcConnected";

/// The reason of a wait for a Secret, ConfigMap, key or file.
pub const REFERENCE_NOT_FOUND: &str = "ReferenceNotFound";

/// The reason of an object that its user has suspended.
pub const SUSPENDED: &str = "Suspended";

/// The reason of a difference that somebody else made and the user wants only to be told of.
pub const DRIFTED: &str = "Drifted";

/// The same where the function is gone, or does not work as it is.
pub const DRIFT_NOT_CORRECTED: &str = "DriftUnmended";

/// The reason of a wait that has outlasted the object's timeout.
pub const TIMED_OUT: &str = "TimedOut";
