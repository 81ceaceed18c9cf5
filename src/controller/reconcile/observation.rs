//! The stages that read AWS: the resource, the owner of its function, and whether a read is too old to be believed.

use crate::core::conclusion::{Conclusion, Seen};
use crate::core::error::CallError;
use crate::core::error::class::Class;
use crate::core::goal::Goal;
use crate::core::host::missing;
use crate::core::kind::{Aws, ConclusionOf, GoalOf, Kind, Situation, Tagged};
use crate::core::outcome::{Outcome, Progress};
use crate::core::plan::Plan;

/// Observes AWS.
///
/// # Errors
/// If the read fails.
pub async fn observe<K: Kind, A: Aws<K>>(
    situation: &Situation<'_, K>,
    aws: &A,
) -> Result<Option<K::Observed>, Box<ConclusionOf<K>>> {
    observe_by(situation, &K::query(situation.goal, situation.history), aws).await
}

/// Observes AWS by these reads.
///
/// # Errors
/// If the read fails.
pub async fn observe_by<K: Kind, A: Aws<K>>(
    situation: &Situation<'_, K>,
    query: &K::Query,
    aws: &A,
) -> Result<Option<K::Observed>, Box<ConclusionOf<K>>> {
    let Situation { goal, history, .. } = situation;
    let stopped = |error| stopped(situation, error);
    // Otherwise thousands of new objects would each spend a read, exceed the rate limit with their write, and spend another read.
    aws.reserve(K::sure_calls(goal, history)).map_err(stopped)?;
    aws.observe(query).await.map_err(stopped)
}

/// Observes AWS. A read that was made for another object proves only that nothing has to be done: before everything else AWS is read again.
pub(super) async fn observe_surely<K: Kind, A: Aws<K>>(
    situation: &Situation<'_, K>,
    aws: &A,
) -> Result<Option<K::Observed>, Box<ConclusionOf<K>>> {
    let Situation { goal, history, .. } = situation;
    let observed = observe(situation, aws).await?;
    if !aws.refresh() {
        return Ok(observed);
    }
    let left = observed.as_ref().and_then(|observed| K::left_to_others(goal, history, observed));
    let plan = K::plan(left.as_ref().unwrap_or(goal), history, observed.as_ref());
    if matches!(plan, Plan::Done) { Ok(observed) } else { observe(situation, aws).await }
}

/// If the plan depends on the owner of the function, reads the owner from AWS and returns the goal with it.
///
/// # Errors
/// If the read fails.
pub async fn ask_owner<K: Kind, A: Tagged>(
    situation: &Situation<'_, K>,
    aws: &A,
    observed: Option<&K::Observed>,
) -> Result<Option<GoalOf<K>>, Box<ConclusionOf<K>>> {
    let Situation { goal, target, history, .. } = situation;
    if !K::needs_owner(goal, history, observed) {
        return Ok(None);
    }
    match aws.function_owner().await {
        Ok(owner) => Ok(K::with_owner(goal, owner)),
        Err(CallError::Failed(error)) if error.class == Class::NotFound => {
            // The function no longer exists, and AWS has deleted the resource with it. A later read shows that.
            let outcome = match goal.is_leaving() {
                true => Outcome::InProgress(Progress::Deleting),
                false => Outcome::Waiting(missing(&target.arn(), K::NAMES.noun)),
            };
            let seen = if observed.is_none_or(K::is_absent) { Seen::Absent } else { Seen::Nothing };
            Err(Box::new(Conclusion::new(outcome).at(target).saw(seen)))
        }
        Err(error) => Err(stopped(situation, error)),
    }
}

/// The conclusion of a read that failed.
fn stopped<K: Kind>(situation: &Situation<'_, K>, error: CallError) -> Box<ConclusionOf<K>> {
    let Situation { goal, target, .. } = situation;
    Box::new(match error {
        CallError::Postponed(due) => {
            Conclusion { postponed: Some(due), ..Conclusion::new(Outcome::InProgress(waiting(goal))) }
        }
        CallError::Failed(error) => Conclusion::new(Outcome::Failed(error)).at(target),
    })
}

/// Ends the reconcile if the read is stale.
pub(super) fn believe<K: Kind>(
    situation: &Situation<'_, K>,
    observed: Option<&K::Observed>,
) -> Result<(), Box<ConclusionOf<K>>> {
    match K::stale_read(situation, observed) {
        Some(progress) => Err(Box::new(Conclusion::new(Outcome::InProgress(progress)).at(situation.target))),
        None => Ok(()),
    }
}

/// The progress of an object that only waits.
pub(super) const fn waiting<D, L>(goal: &Goal<D, L>) -> Progress {
    if goal.is_leaving() { Progress::Deleting } else { Progress::Waiting }
}
