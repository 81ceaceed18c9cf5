//! How long an object may wait before a person is asked, and how often it is compared with AWS.

use std::time::Duration;

use super::duration::duration;
use crate::api::shared::{CommonSpec, Timeouts};

/// What the object is doing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Phase {
    /// Nothing of it was ever applied.
    Create,
    /// It was applied before.
    Update,
    /// It is being deleted.
    Delete,
}

/// The object's own limit for what it is doing, or ten minutes.
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

/// The object's own time between two comparisons with AWS.
#[must_use]
pub fn drift_interval(common: &CommonSpec) -> Option<Duration> {
    common.drift_check_interval.as_deref().and_then(duration)
}
