//! How far a read can be believed: AWS's reads are eventually consistent, and what predates our last write is not acted upon. Pure: the time is an argument.

use std::time::Duration;

use k8s_openapi::jiff::{SignedDuration, Timestamp};

use super::past::Past;
use crate::api::shared::WaitFor;

/// AWS's reads lag for seconds. What a read says longer than this after a write is so.
pub const READ_LAG: Duration = Duration::from_secs(20);

/// Whether that was so short a time ago that reads may not show it.
#[must_use]
pub fn is_recent(then: Option<Timestamp>, now: Timestamp) -> bool {
    let lag = SignedDuration::try_from(READ_LAG).unwrap_or_default();
    then.is_some_and(|then| now.duration_since(then) < lag)
}

impl Past {
    /// Whether a wait for this began a short time ago.
    #[must_use]
    pub fn waits_for(&self, what: WaitFor, now: Timestamp) -> bool {
        self.wait.as_ref().is_some_and(|wait| wait.what == what && is_recent(Some(wait.since), now))
    }

    /// Whether a creation was begun and no answer to it was heard: when the object goes, one read that finds nothing is no proof.
    #[must_use]
    pub fn perhaps_created(&self, generation: i64, now: Timestamp) -> bool {
        let begun = self.wait.as_ref().filter(|wait| !self.shown && wait.what == WaitFor::Aws);
        begun.is_some_and(|wait| wait.generation != generation || is_recent(Some(wait.since), now))
    }
}
