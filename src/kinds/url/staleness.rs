//! Stale reads of a function URL and of its statements: reads that predate our last write. Pure: the time is an argument.

use super::observed::Observed;
use crate::api::function_url::LambdaFunctionUrl;
use crate::api::shared::WaitFor;
use crate::core::attached;
use crate::core::attached::placed::{attached, place};
use crate::core::kind::Situation;
use crate::core::operation::Operation;
use crate::core::outcome::Progress;

/// The progress to report if the read is stale, that is, predates our last write; `None` if it is current.
#[must_use]
pub fn stale_read(situation: &Situation<'_, LambdaFunctionUrl>, observed: Option<&Observed>) -> Option<Progress> {
    let Situation { goal, target: _, history, recorded: _, repeated: _, generation, now } = situation;
    let held = observed.and_then(|observed| observed.attached(&place(goal).statements));
    let stale = attached::staleness::stale_read(&attached(goal), &history.attached, held.as_ref(), *generation, *now);
    let (Some(desired), Some(held), None) = (goal.desired(), &held, &stale) else { return stale };
    let wanted = &desired.attached.model;
    if wanted.public == held.model.public || !history.has_accepted(wanted) {
        return None;
    }
    let past = &history.attached.past;
    if past.waits_for(WaitFor::Removal, *now) {
        return Some(Progress::Sent(vec![Operation::RemovePermission]));
    }
    past.waits_for(WaitFor::Aws, *now).then_some(Progress::Waiting)
}
