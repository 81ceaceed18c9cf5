//! How far a look can be believed: AWS's reads may be behind its writes, and what is old must not be acted upon. Pure: the time is an argument.

use std::time::Duration;

use k8s_openapi::jiff::{SignedDuration, Timestamp};

use super::desired::Goal;
use super::observed::Observed;
use crate::api::shared::WaitFor;
use crate::core::operation::Operation;
use crate::core::outcome::Progress;
use crate::kinds::function::status::history::History;

/// AWS's reads are behind for seconds. What a look says longer than this after a write is so.
pub const READ_LAG: Duration = Duration::from_secs(20);

/// What to go on waiting for where the look shows the time before our last write; `None` where it can be believed.
#[must_use]
pub fn stale_read(
    goal: &Goal,
    observed: Option<&Observed>,
    history: &History,
    generation: i64,
    now: Timestamp,
) -> Option<Progress> {
    let leaving = match goal {
        Goal::Present(_) => false,
        Goal::Absent { .. } | Goal::Released { .. } => true,
    };
    let Some(observed) = observed else {
        let made = !history.shown && recently(modified(history), now);
        return match leaving {
            false => made.then(|| Progress::Sent(vec![Operation::CreateFunction])),
            true => (made || perhaps_made(history, generation, now)).then_some(Progress::Searching),
        };
    };
    if waits(history, WaitFor::Removal, now)
        && observed.owner.known().is_some_and(|tag| tag.as_ref().is_some_and(|tag| goal.claims(tag)))
    {
        // By now it may be gone, or another's: the call is not sent again upon an old answer.
        return Some(if leaving { Progress::Removing } else { Progress::Sent(vec![Operation::DeleteFunction]) });
    }
    let older = time(observed.attributes.last_modified.as_deref()) < modified(history);
    let old = older && recently(modified(history), now);
    old.then_some(if leaving { Progress::Deleting } else { Progress::Waiting })
}

/// A creation was begun, and no answer to it was heard: when the object goes, one look that finds nothing is no proof.
fn perhaps_made(history: &History, generation: i64, now: Timestamp) -> bool {
    let begun = history.wait.as_ref().filter(|wait| !history.shown && wait.what == WaitFor::Aws);
    begun.is_some_and(|waiting| waiting.generation != generation || recently(Some(waiting.since), now))
}

fn waits(history: &History, what: WaitFor, now: Timestamp) -> bool {
    history.wait.as_ref().is_some_and(|waiting| waiting.what == what && recently(Some(waiting.since), now))
}

fn recently(then: Option<Timestamp>, now: Timestamp) -> bool {
    let lag = SignedDuration::try_from(READ_LAG).unwrap_or_default();
    then.is_some_and(|then| now.duration_since(then) < lag)
}

fn modified(history: &History) -> Option<Timestamp> {
    time(history.modified.as_deref())
}

/// As AWS writes it: `2026-01-31T12:00:00.123+0000`.
fn time(text: Option<&str>) -> Option<Timestamp> {
    Timestamp::strptime("%Y-%m-%dT%H:%M:%S%.f%z", text?).ok()
}

#[cfg(test)]
mod tests;
