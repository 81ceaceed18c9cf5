//! Stale reads of a function: reads that predate our last write. Pure: the time is an argument.

use k8s_openapi::jiff::Timestamp;

use super::desired::Goal;
use super::observed::Observed;
use crate::api::shared::WaitFor;
use crate::core::operation::Operation;
use crate::core::outcome::Progress;
use crate::core::staleness::aws_time;
use crate::kinds::function::status::history::History;

/// The progress to report if the read is stale, that is, predates our last write; `None` if it is current.
#[must_use]
pub fn stale_read(
    goal: &Goal,
    observed: Option<&Observed>,
    history: &History,
    generation: i64,
    now: Timestamp,
) -> Option<Progress> {
    let leaving = goal.is_leaving();
    let Some(observed) = observed else {
        let written = history.past.has_just_written(now);
        return match leaving {
            false => (!history.past.shown && written).then(|| Progress::Sent(vec![Operation::CreateFunction])),
            // It does not matter whether a read has shown the function before: if reads alternate, believing one would leave the function behind.
            true => (written || history.past.perhaps_created(generation, now)).then_some(Progress::Searching),
        };
    };
    if history.past.waits_for(WaitFor::Removal, now)
        && observed.owner.known().is_some_and(|tag| tag.as_ref().is_some_and(|tag| goal.claims(tag)))
    {
        // The function may be gone by now, or belong to somebody else, so the call is not repeated because of an old answer.
        return Some(if leaving { Progress::Removing } else { Progress::Sent(vec![Operation::DeleteFunction]) });
    }
    let older = time(observed.attributes.last_modified.as_deref()) < modified(history);
    let old = older && history.past.has_just_written(now);
    old.then_some(if leaving { Progress::Deleting } else { Progress::Waiting })
}

fn modified(history: &History) -> Option<Timestamp> {
    time(history.modified.as_deref())
}

fn time(text: Option<&str>) -> Option<Timestamp> {
    aws_time(text?)
}

#[cfg(test)]
mod tests;
