//! How far a look can be believed: AWS's reads may be behind its writes, and what is old must not be acted upon. Pure: the time is an argument.

use std::time::Duration;

use k8s_openapi::jiff::{SignedDuration, Timestamp};

use super::desired::Goal;
use super::observed::Observed;
use crate::core::error::class::Class;
use crate::core::operation::Operation;
use crate::core::outcome::Work;
use crate::kinds::function::status::history::Memory;

/// AWS's reads are behind for seconds. What a look says longer than this after a write is so.
pub const LAG: Duration = Duration::from_secs(20);

/// The name of the wait that begins with the last call for a function.
pub(crate) const LET_GO: &str = "LetGo";

/// What to go on waiting for where the look shows the time before our last write; `None` where it can be believed.
#[must_use]
pub fn behind(
    goal: &Goal,
    observed: Option<&Observed>,
    memory: &Memory,
    generation: i64,
    now: Timestamp,
) -> Option<Work> {
    let leaving = match goal {
        Goal::Present(_) => false,
        Goal::Absent { .. } | Goal::Released { .. } => true,
    };
    let Some(observed) = observed else {
        let made = !memory.shown && recently(modified(memory), now);
        return match leaving {
            false => made.then(|| Work::Sent(vec![Operation::CreateFunction])),
            true => (made || perhaps_made(memory, generation, now)).then_some(Work::Searching),
        };
    };
    if waits(memory, LET_GO, now)
        && observed.owner.known().is_some_and(|tag| tag.as_ref().is_some_and(|tag| goal.claims(tag)))
    {
        // By now it may be gone, or another's: the call is not sent again upon an old answer.
        return Some(if leaving { Work::LetGo } else { Work::Sent(vec![Operation::DeleteFunction]) });
    }
    let older = time(observed.says.last_modified.as_deref()) < modified(memory);
    let old = older && recently(modified(memory), now);
    old.then_some(if leaving { Work::Deleting } else { Work::Waiting })
}

/// A creation was begun, and no answer to it was heard: when the object goes, one look that finds nothing is no proof.
fn perhaps_made(memory: &Memory, generation: i64, now: Timestamp) -> bool {
    let begun = memory.waiting.as_ref().filter(|waiting| !memory.shown && waiting.reason == Class::Busy.reason());
    begun.is_some_and(|waiting| waiting.generation != generation || recently(Some(waiting.since), now))
}

fn waits(memory: &Memory, reason: &str, now: Timestamp) -> bool {
    memory.waiting.as_ref().is_some_and(|waiting| waiting.reason == reason && recently(Some(waiting.since), now))
}

fn recently(then: Option<Timestamp>, now: Timestamp) -> bool {
    let lag = SignedDuration::try_from(LAG).unwrap_or_default();
    then.is_some_and(|then| now.duration_since(then) < lag)
}

fn modified(memory: &Memory) -> Option<Timestamp> {
    time(memory.modified.as_deref())
}

/// As AWS writes it: `2026-01-31T12:00:00.123+0000`.
fn time(text: Option<&str>) -> Option<Timestamp> {
    Timestamp::strptime("%Y-%m-%dT%H:%M:%S%.f%z", text?).ok()
}

#[cfg(test)]
mod tests;
