//! Stale reads of a policy: reads that predate our last write. Pure: the time is an argument.

use super::plan::{current, known, observed};
use super::statement::Policy;
use crate::api::permission::LambdaPermission;
use crate::api::shared::{RecordedClaim, WaitFor};
use crate::core::attached;
use crate::core::attached::placed::attached;
use crate::core::kind::Situation;
use crate::core::operation::Operation;
use crate::core::outcome::Progress;

/// The progress to report if the read is stale, that is, predates our last write; `None` if it is current.
#[must_use]
pub fn stale_read(situation: &Situation<'_, LambdaPermission>, policy: Option<&Policy>) -> Option<Progress> {
    let Situation { goal, target: _, history, recorded: _, repeated: _, generation, now } = situation;
    let held = current(goal, history, policy).map(|statement| observed(goal, statement));
    let known = if held.is_some() { known(goal, history) } else { history.attached.clone() };
    let stale = attached::staleness::stale_read(&attached(goal), &known, held.as_ref(), *generation, *now);
    let past = &history.attached.past;
    let owned = history.attached.claim == Some(RecordedClaim::Owned);
    if stale.is_some() || goal.is_leaving() {
        return stale;
    }
    // Between the removal of a statement and the addition of the one that takes its place.
    if held.is_none() && owned && past.waits_for(WaitFor::Aws, *now) {
        return Some(Progress::Waiting);
    }
    let others = policy.is_some_and(|policy| policy.held.len() > 1);
    (others && past.waits_for(WaitFor::Removal, *now)).then(|| Progress::Sent(vec![Operation::RemovePermission]))
}
