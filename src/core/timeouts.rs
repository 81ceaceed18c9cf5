//! The timeouts of an object's waits, and its drift interval.

use std::time::Duration;

use super::duration::duration;
use crate::api::shared::{CommonSpec, Timeouts};

/// The phase of an object, which selects its timeout.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Phase {
    /// The spec has never been fully applied.
    Create,
    /// The spec has been fully applied before.
    Update,
    /// The object is being deleted.
    Delete,
}

/// The object's timeout for its phase; ten minutes if it has none.
#[must_use]
pub fn timeout(common: &CommonSpec, phase: Phase) -> Duration {
    const DEFAULT: Duration = Duration::from_secs(600);
    let Some(Timeouts { create, update, delete }) = &common.timeouts else { return DEFAULT };
    let limit = match phase {
        Phase::Create => create,
        Phase::Update => update,
        Phase::Delete => delete,
    };
    limit.as_deref().and_then(duration).unwrap_or(DEFAULT)
}

/// The object's own interval between two comparisons with AWS.
#[must_use]
pub fn drift_interval(common: &CommonSpec) -> Option<Duration> {
    common.drift_check_interval.as_deref().and_then(duration)
}
