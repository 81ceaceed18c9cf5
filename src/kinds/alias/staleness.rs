//! How far a read of an alias can be believed: it may predate our last write. Pure: the time is an argument.

use super::observed::Observed;
use super::status::History;
use crate::api::alias::LambdaAlias;
use crate::api::shared::WaitFor;
use crate::core::kind::Situation;
use crate::core::operation::Operation;
use crate::core::outcome::Progress;
use crate::core::ownership::Intent;

/// What to go on waiting for where the read predates our last write; `None` where it can be believed.
#[must_use]
pub fn stale_read(situation: &Situation<'_, LambdaAlias>, observed: Option<&Observed>) -> Option<Progress> {
    let Situation { goal, target: _, history, recorded: _, generation, now } = situation;
    let written = history.past.waits_for(WaitFor::Aws, *now);
    let Some(held) = observed.and_then(|observed| observed.alias.as_ref()) else {
        let created = written && history.claim == Some(Intent::Owned) && !history.past.shown;
        let perhaps = history.claim == Some(Intent::Creating) && history.past.perhaps_created(*generation, *now);
        return match goal.is_leaving() {
            false => created.then(|| Progress::Sent(vec![Operation::CreateAlias])),
            true => (created || perhaps).then_some(Progress::Searching),
        };
    };
    let older = is_older(history, held.revision.as_ref());
    (written && older).then_some(if goal.is_leaving() { Progress::Deleting } else { Progress::Waiting })
}

/// Another revision than the one that our last write answered.
fn is_older(history: &History, revision: Option<&String>) -> bool {
    history.revision.as_ref().zip(revision).is_some_and(|(written, shown)| written != shown)
}
