//! What every kind needs and no kind is: errors, waits, ownership, values. Pure: no client, no clock, no environment.

pub mod backoff;
pub mod blocked;
pub mod change;
pub mod deletion;
pub mod duration;
pub mod error;
pub mod namespace_policy;
pub mod operation;
pub mod outcome;
pub mod ownership;
pub mod principal;
pub mod reason;
pub mod references;
pub mod target;
pub mod values;
