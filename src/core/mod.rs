//! What every kind needs and no kind is: errors, waits, ownership, values. Pure: no client, no clock, no environment.

pub mod backoff;
pub mod blocked;
pub mod change;
pub mod conclusion;
pub(crate) mod conditions;
pub mod deletion;
pub mod duration;
pub mod error;
pub mod goal;
pub mod kind;
pub mod namespace_policy;
pub mod operation;
pub mod outcome;
pub mod ownership;
pub mod package;
pub mod past;
pub mod plan;
pub mod principal;
pub mod reason;
pub mod references;
pub mod staleness;
pub mod status;
pub(crate) mod summary;
pub mod target;
pub mod timeouts;
pub mod values;
