//! The one sentence that sums a pass up: how the object stands, why, and what a person can do.

use super::pass::{Seen, StatusInput};
use crate::api::condition;
use crate::core::blocked::Blocked;
use crate::core::change::Change;
use crate::core::deletion;
use crate::core::error::class::Class;
use crate::core::operation::Operation;
use crate::core::outcome::{Outcome, Progress};
use crate::kinds::function::observed::Lifecycle;
use crate::kinds::function::staleness;

/// Longer lists of differences are cut: a condition is read by people.
const MOST_CHANGES: usize = 20;

/// What a pass says in conditions: one reason, one message.
pub(crate) struct Summary {
    pub(crate) kind: Kind,
    pub(crate) reason: &'static str,
    pub(crate) message: String,
    /// The name of the wait that the object's timeout bounds, if it is one.
    pub(crate) clock: Option<&'static str>,
}

pub(crate) enum Kind {
    Ready,
    Reconciling,
    Stalled,
    /// Nobody looks.
    Unknown,
}

pub(crate) fn summary(pass: &StatusInput<'_>) -> Summary {
    let Summary { kind, reason, message, clock } = of_outcome(&pass.outcome, pass.seen, pass.deletion.is_some());
    // These two have a clock of their own, which says how far the next look can be believed.
    let own = matches!(pass.outcome, Outcome::InProgress(Progress::Removing | Progress::Searching));
    let waits = pass.deletion.is_some() && matches!(kind, Kind::Reconciling) && !own;
    Summary { kind, reason, message, clock: if waits { Some(deletion::CLOCK) } else { clock } }
}

fn of_outcome(outcome: &Outcome, seen: Seen<'_>, deletion: bool) -> Summary {
    match outcome {
        Outcome::Settled => {
            Summary { kind: Kind::Ready, reason: "Available", message: as_far_as_seen(seen), clock: None }
        }
        Outcome::InProgress(work) => working(work, seen),
        Outcome::Suspended => Summary {
            kind: Kind::Unknown,
            reason: condition::SUSPENDED,
            message: "Suspended: AWS is not looked at and nothing is changed there, nor deleted; set suspend to false to go on. To let go of the function as it is, set skipDestroy too and delete the object.".into(),
            clock: None,
        },
        Outcome::Drifted(changes) => drifted(changes, seen),
        Outcome::Blocked(blocked) => {
            let (reason, message) = explain(blocked, seen);
            Summary { kind: Kind::Stalled, reason, message, clock: None }
        }
        Outcome::Missing(sentence) => Summary {
            kind: Kind::Reconciling,
            reason: condition::REFERENCE_NOT_FOUND,
            message: sentence.clone(),
            clock: Some(condition::REFERENCE_NOT_FOUND),
        },
        Outcome::Failed(error) => Summary {
            kind: if error.class.stalls() { Kind::Stalled } else { Kind::Reconciling },
            reason: error.class.reason(),
            message: sentences(&error.to_string(), if deletion { error.last_advice() } else { error.advice() }),
            clock: error.class.has_clock().then(|| error.class.reason()),
        },
    }
}

/// A function that works as somebody else wants it is ready; one that is gone, or has failed, is not.
fn drifted(changes: &[Change], seen: Seen<'_>) -> Summary {
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
            Summary { kind: Kind::Ready, reason: condition::DRIFTED, message, clock: None }
        }
        Seen::Ours(_) | Seen::Absent | Seen::Nothing => {
            Summary { kind: Kind::Stalled, reason: condition::DRIFT_NOT_CORRECTED, message, clock: None }
        }
    }
}

/// What AWS withholds cannot be compared, and is said.
fn as_far_as_seen(seen: Seen<'_>) -> String {
    let withheld = match seen {
        Seen::Ours(observed) => observed.attributes.environment_error.as_ref(),
        Seen::Nothing | Seen::Absent => None,
    };
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

fn working(work: &Progress, seen: Seen<'_>) -> Summary {
    let attributes = match seen {
        Seen::Ours(observed) => Some(&observed.attributes),
        Seen::Nothing | Seen::Absent => None,
    };
    if matches!((work, seen), (Progress::Waiting, Seen::Ours(observed)) if observed.version.is_some()) {
        return Summary {
            kind: Kind::Reconciling,
            reason: "Publishing",
            message: "AWS is preparing the published version; with SnapStart that takes minutes.".into(),
            clock: Some(Class::Busy.reason()),
        };
    }
    let pending = attributes.is_some_and(|attributes| attributes.state.as_deref() == Some("Pending"));
    let (reason, message) = match work {
        Progress::Creating => ("Creating", "The function is about to be created.".into()),
        Progress::Sent(operations) if operations.contains(&Operation::CreateFunction) => {
            ("Creating", "AWS is creating the function.".into())
        }
        Progress::Sent(operations) => {
            let names: Vec<_> = operations.iter().map(|operation| operation.name()).collect();
            ("Updating", format!("Sent {}; AWS is applying it.", names.join(", ")))
        }
        Progress::Waiting if pending => ("Creating", "AWS is creating the function.".into()),
        Progress::Waiting => ("Updating", "AWS is applying an update.".into()),
        Progress::Deleting | Progress::Searching | Progress::Removing => {
            ("Deleting", "The function is being deleted.".into())
        }
    };
    let ends = match work {
        Progress::Removing => true,
        Progress::Sent(operations) => operations.contains(&Operation::DeleteFunction),
        Progress::Creating | Progress::Waiting | Progress::Deleting | Progress::Searching => false,
    };
    let clock = if ends { staleness::REMOVING } else { Class::Busy.reason() };
    Summary { kind: Kind::Reconciling, reason, message, clock: Some(clock) }
}

/// Reason and sentence for what only a person can mend.
#[must_use]
pub fn explain(blocked: &Blocked, seen: Seen<'_>) -> (&'static str, String) {
    let attributes = match seen {
        Seen::Ours(observed) => Some(&observed.attributes),
        Seen::Nothing | Seen::Absent => None,
    };
    let because = |code: Option<&String>, reason: Option<&String>| {
        let words: Vec<_> = [code, reason].into_iter().flatten().map(String::as_str).collect();
        if words.is_empty() { "AWS gives no reason".to_owned() } else { words.join(": ") }
    };
    match blocked {
        Blocked::NotOwned(Some(owner)) => (
            "Conflict",
            format!("The function exists in AWS and belongs to {owner}, so it is not touched: choose another spec.functionName, or delete that owner's object first."),
        ),
        Blocked::NotOwned(None) => (
            "Conflict",
            "The function exists in AWS and has no owner tag of this operator, so it is not touched: choose another spec.functionName, set adoptionPolicy: Adopt to take it over, or delete it in AWS.".into(),
        ),
        Blocked::OwnershipUnknown => (
            "TagsWithheld",
            "The function exists, but its tags cannot be read, so whose it is cannot be told and nothing is written: allow the operator lambda:ListTags.".into(),
        ),
        Blocked::Immutable(field) => (
            "Immutable",
            format!("{field} cannot be changed on a living function: put the old value back, or delete this object and create another."),
        ),
        Blocked::UpdateFailed => (
            "UpdateFailed",
            format!(
                "AWS took the last update back and still runs what was there before ({}): mend the cause; it is sent again every few minutes, and at once when the spec changes.",
                because(attributes.and_then(|s| s.last_update_status_reason_code.as_ref()), attributes.and_then(|s| s.last_update_status_reason.as_ref()))
            ),
        ),
        Blocked::FunctionFailed => (
            "FunctionFailed",
            format!(
                "AWS says that the function has failed ({}): mend the cause. One that never worked is made again every few minutes, and at once when the spec changes; one that did is repaired by a change of the spec.",
                because(attributes.and_then(|s| s.state_reason_code.as_ref()), attributes.and_then(|s| s.state_reason.as_ref()))
            ),
        ),
        Blocked::VersionFailed(reason) => (
            "VersionFailed",
            format!("The published version will not become ready ({reason}): mend the cause and change the function; the next change publishes another."),
        ),
        Blocked::CodeHashMismatch { said, is } => (
            "CodeHashMismatch",
            format!("spec.codeSha256 says {said}, and the source's code has {is}: correct codeSha256, or the source."),
        ),
        Blocked::InvalidSpec(sentence) => ("InvalidSpec", sentence.clone()),
        Blocked::NotAllowed(sentence) => ("NotAllowed", sentence.clone()),
        Blocked::TargetChanged(sentence) => ("IdentityChanged", sentence.clone()),
    }
}
