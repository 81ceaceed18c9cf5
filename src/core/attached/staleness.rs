//! Stale reads of a resource without tags: reads that predate our last write. Pure: the time is an argument.

use k8s_openapi::jiff::Timestamp;

use super::history::History;
use super::{Goal, Model, Observed};
use crate::api::shared::{RecordedClaim, WaitFor};
use crate::core::outcome::Progress;

/// The progress to report if the read is stale, that is, predates our last write; `None` if it is current.
#[must_use]
pub fn stale_read<M: Model>(
    goal: &Goal<M>,
    history: &History,
    observed: Option<&Observed<M>>,
    generation: i64,
    now: Timestamp,
) -> Option<Progress> {
    let written = history.past.has_just_written(now);
    let Some(held) = observed else {
        let ours = written && history.claim == Some(RecordedClaim::Owned);
        let perhaps = history.claim == Some(RecordedClaim::Creating) && history.past.perhaps_created(generation, now);
        return match goal.desired() {
            // Recording a second create call would overwrite the only evidence that the first resource is ours.
            Some(desired) => (ours && !history.past.shown
                || perhaps && desired.model.applied(M::MEMBERS) != history.applied)
                .then(|| Progress::Sent(vec![M::CALLS.create])),
            // It does not matter whether a read has shown the resource before: reads can alternate between old and new.
            None => (ours || perhaps).then_some(Progress::Searching),
        };
    };
    // The deletion of a resource ends the claim. As long as a late read can show the resource, it is not that of somebody else.
    if matches!(goal, Goal::Absent(_)) && history.claim.is_none() && history.past.waits_for(WaitFor::Removal, now) {
        return Some(Progress::Removing);
    }
    // Revisions have no order. After a read has shown ours, a different one is a change by somebody else.
    let unseen = history.past.waits_for(WaitFor::Aws, now);
    (unseen && is_older(history, held.revision.as_ref())).then_some(if goal.is_leaving() {
        Progress::Deleting
    } else {
        Progress::Waiting
    })
}

/// Whether the revision differs from the one in the answer to our last write.
fn is_older(history: &History, revision: Option<&String>) -> bool {
    history.revision.as_ref().zip(revision).is_some_and(|(written, shown)| written != shown)
}
