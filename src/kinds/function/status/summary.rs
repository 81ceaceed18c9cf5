//! The one sentence that sums a pass up: how the object stands, why, and what a person can do.

use super::conclusion::{Seen, StatusInput};
use crate::api::shared::WaitFor;
use crate::core::blocked::Blocked;
use crate::core::change::Change;
use crate::core::operation::Operation;
use crate::core::outcome::{Outcome, Progress};
use crate::core::reason::{Reason, Standing};
use crate::kinds::function::observed::Lifecycle;

/// Longer lists of differences are cut: a condition is read by people.
const MOST_CHANGES: usize = 20;

/// What a pass says in conditions: one reason, one message.
pub(crate) struct Summary {
    pub(crate) reason: Reason,
    pub(crate) message: String,
    /// The wait that the object's timeout bounds, if it is one.
    pub(crate) clock: Option<WaitFor>,
}

pub(crate) fn summary(input: &StatusInput<'_>) -> Summary {
    let Summary { reason, message, clock } =
        of_outcome(&input.conclusion.outcome, &input.conclusion.seen, input.deletion.is_some());
    // These two have a clock of their own, which says how far the next look can be believed.
    let own = matches!(input.conclusion.outcome, Outcome::InProgress(Progress::Removing | Progress::Searching));
    let waits = input.deletion.is_some() && reason.standing() == Standing::Reconciling && !own;
    Summary { reason, message, clock: if waits { Some(WaitFor::Deletion) } else { clock } }
}

fn of_outcome(outcome: &Outcome, seen: &Seen, deletion: bool) -> Summary {
    match outcome {
        Outcome::Settled => {
            Summary { reason: Reason::Available, message: as_far_as_seen(seen), clock: None }
        }
        Outcome::InProgress(work) => working(work, seen),
        Outcome::Released => working(&Progress::Removing, seen),
        Outcome::Suspended => Summary {
            reason: Reason::Suspended,
            message: "Suspended: AWS is not looked at and nothing is changed there, nor deleted; set suspend to false to go on. To let go of the function as it is, set skipDestroy too and delete the object.".into(),
            clock: None,
        },
        Outcome::Drifted(changes) => drifted(changes, seen),
        Outcome::Blocked(blocked) => {
            let (reason, message) = explain(blocked, seen);
            Summary { reason, message, clock: None }
        }
        Outcome::Missing(sentence) => Summary {
            reason: Reason::ReferenceNotFound,
            message: sentence.clone(),
            clock: Some(WaitFor::Reference),
        },
        Outcome::Failed(error) => Summary {
            reason: error.class.reason(),
            message: sentences(&error.to_string(), if deletion { error.last_advice() } else { error.advice() }),
            clock: error.class.wait(),
        },
    }
}

/// A function that works as somebody else wants it is ready; one that is gone, or has failed, is not.
fn drifted(changes: &[Change], seen: &Seen) -> Summary {
    let listed: Vec<_> = changes.iter().take(MOST_CHANGES).map(ToString::to_string).collect();
    let more = changes.len().saturating_sub(MOST_CHANGES);
    let more = if more == 0 { String::new() } else { format!("; and {more} more") };
    let remedy = "driftPolicy is Report, so it is left: change the spec, or set driftPolicy to Correct";
    let what = match seen {
        Seen::Ours(_) => format!("changed the function in AWS (to put it back: {}{more})", listed.join("; ")),
        Seen::Absent => "deleted the function in AWS".into(),
        Seen::Nothing => "took this object's name off the function in AWS".into(),
    };
    let message = format!("Somebody {what}. {remedy}.");
    match seen {
        Seen::Ours(observed) if observed.lifecycle == Lifecycle::Ready => {
            Summary { reason: Reason::Drifted, message, clock: None }
        }
        Seen::Ours(_) | Seen::Absent | Seen::Nothing => {
            Summary { reason: Reason::DriftNotCorrected, message, clock: None }
        }
    }
}

/// What AWS withholds cannot be compared, and is said.
fn as_far_as_seen(seen: &Seen) -> String {
    let withheld = seen.ours().and_then(|observed| observed.attributes.environment_error.as_ref());
    withheld.map_or_else(
        || "The function in AWS is what the spec says.".into(),
        |error| {
            format!(
                "The function in AWS is what the spec says, as far as AWS shows it. It does not show the environment, whose drift is not repaired ({error}): allow the operator kms:Decrypt of the function's key."
            )
        },
    )
}

/// What AWS said, and after a full stop what to do about it.
pub(crate) fn sentences(said: &str, advice: &str) -> String {
    let stop = if advice.is_empty() || said.ends_with(['.', '!', '?', '…']) { "" } else { "." };
    let space = if advice.is_empty() { "" } else { " " };
    format!("{said}{stop}{space}{advice}")
}

fn working(work: &Progress, seen: &Seen) -> Summary {
    let attributes = seen.ours().map(|observed| &observed.attributes);
    if matches!((work, seen), (Progress::Waiting, Seen::Ours(observed)) if observed.version.is_some()) {
        return Summary {
            reason: Reason::Publishing,
            message: "AWS is preparing the published version; with SnapStart that takes minutes.".into(),
            clock: Some(WaitFor::Aws),
        };
    }
    let pending = attributes.is_some_and(|attributes| attributes.state.as_deref() == Some("Pending"));
    let (reason, message) = match work {
        Progress::Creating => (Reason::Creating, "The function is about to be created.".into()),
        Progress::Sent(operations) if operations.contains(&Operation::CreateFunction) => {
            (Reason::Creating, "AWS is creating the function.".into())
        }
        Progress::Sent(operations) => {
            let names: Vec<_> = operations.iter().map(|operation| operation.name()).collect();
            (Reason::Updating, format!("Sent {}; AWS is applying it.", names.join(", ")))
        }
        Progress::Waiting if pending => (Reason::Creating, "AWS is creating the function.".into()),
        Progress::Waiting => (Reason::Updating, "AWS is applying an update.".into()),
        Progress::Deleting | Progress::Searching | Progress::Removing => {
            (Reason::Deleting, "The function is being deleted.".into())
        }
    };
    let ends = match work {
        Progress::Removing => true,
        Progress::Sent(operations) => operations.contains(&Operation::DeleteFunction),
        Progress::Creating | Progress::Waiting | Progress::Deleting | Progress::Searching => false,
    };
    let clock = if ends { WaitFor::Removal } else { WaitFor::Aws };
    Summary { reason, message, clock: Some(clock) }
}

/// Reason and sentence for what only a person can mend.
#[must_use]
pub fn explain(blocked: &Blocked, seen: &Seen) -> (Reason, String) {
    let attributes = seen.ours().map(|observed| &observed.attributes);
    let because = |code: Option<&String>, reason: Option<&String>| {
        let words: Vec<_> = [code, reason].into_iter().flatten().map(String::as_str).collect();
        if words.is_empty() { "AWS gives no reason".to_owned() } else { words.join(": ") }
    };
    match blocked {
        Blocked::NotOwned(Some(owner)) => (
            Reason::NotOwned,
            format!("The function exists in AWS and belongs to {owner}, so it is not touched: choose another spec.functionName, or delete that owner's object first."),
        ),
        Blocked::NotOwned(None) => (
            Reason::NotOwned,
            "The function exists in AWS and has no owner tag of this operator, so it is not touched: choose another spec.functionName, set adoptionPolicy: Adopt to take it over, or delete it in AWS.".into(),
        ),
        Blocked::OwnershipUnknown => (
            Reason::OwnershipUnknown,
            "The function exists, but its tags cannot be read, so whose it is cannot be told and nothing is written: allow the operator lambda:ListTags.".into(),
        ),
        Blocked::Immutable(field) => (
            Reason::Immutable,
            format!("{field} cannot be changed on a living function: put the old value back, or delete this object and create another."),
        ),
        Blocked::UpdateFailed => (
            Reason::UpdateFailed,
            format!(
                "AWS took the last update back and still runs what was there before ({}): mend the cause; it is sent again every few minutes, and at once when the spec changes.",
                because(attributes.and_then(|s| s.last_update_status_reason_code.as_ref()), attributes.and_then(|s| s.last_update_status_reason.as_ref()))
            ),
        ),
        Blocked::FunctionFailed => (
            Reason::FunctionFailed,
            format!(
                "AWS says that the function has failed ({}): mend the cause. One that never worked is made again every few minutes, and at once when the spec changes; one that did is repaired by a change of the spec.",
                because(attributes.and_then(|s| s.state_reason_code.as_ref()), attributes.and_then(|s| s.state_reason.as_ref()))
            ),
        ),
        Blocked::VersionFailed(reason) => (
            Reason::VersionFailed,
            format!("The published version will not become ready ({reason}): mend the cause and change the function; the next change publishes another."),
        ),
        Blocked::CodeHashMismatch { said, is } => (
            Reason::CodeHashMismatch,
            format!("spec.codeSha256 says {said}, and the source's code has {is}: correct codeSha256, or the source."),
        ),
        Blocked::InvalidSpec(sentence) => (Reason::InvalidSpec, sentence.clone()),
        Blocked::NotAllowed(sentence) => (Reason::NotAllowed, sentence.clone()),
        Blocked::TargetChanged(sentence) => (Reason::TargetChanged, sentence.clone()),
    }
}
