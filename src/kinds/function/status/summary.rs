//! The one sentence that sums a pass up: how the object stands, why, and what a person can do.

use super::pass::{Pass, Seen};
use crate::api::condition;
use crate::core::blocked::Blocked;
use crate::core::change::Change;
use crate::core::deletion;
use crate::core::error::class::Class;
use crate::core::operation::Operation;
use crate::core::outcome::{Outcome, Work};
use crate::kinds::function::observed::Lifecycle;
use crate::kinds::function::staleness;

/// Longer lists of differences are cut: a condition is read by people.
const MOST_CHANGES: usize = 20;

/// What a pass says in conditions: one reason, one message.
pub(crate) struct Verdict {
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

pub(crate) fn verdict(pass: &Pass<'_>) -> Verdict {
    let Verdict { kind, reason, message, clock } = of_outcome(&pass.outcome, pass.seen, pass.leaving.is_some());
    // These two have a clock of their own, which says how far the next look can be believed.
    let own = matches!(pass.outcome, Outcome::Working(Work::LetGo | Work::Searching));
    let waits = pass.leaving.is_some() && matches!(kind, Kind::Reconciling) && !own;
    Verdict { kind, reason, message, clock: if waits { Some(deletion::CLOCK) } else { clock } }
}

fn of_outcome(outcome: &Outcome, seen: Seen<'_>, leaving: bool) -> Verdict {
    match outcome {
        Outcome::Settled => {
            Verdict { kind: Kind::Ready, reason: "Available", message: as_far_as_seen(seen), clock: None }
        }
        Outcome::Working(work) => working(work, seen),
        Outcome::Suspended => Verdict {
            kind: Kind::Unknown,
            reason: condition::SUSPENDED,
            message: "Suspended: AWS is not looked at and nothing is changed there, nor deleted; set suspend to false to go on. To let go of the function as it is, set skipDestroy too and delete the object.".into(),
            clock: None,
        },
        Outcome::Drifted(changes) => drifted(changes, seen),
        Outcome::Blocked(blocked) => {
            let (reason, message) = explain(blocked, seen);
            Verdict { kind: Kind::Stalled, reason, message, clock: None }
        }
        Outcome::Missing(sentence) => Verdict {
            kind: Kind::Reconciling,
            reason: condition::REFERENCE_NOT_FOUND,
            message: sentence.clone(),
            clock: Some(condition::REFERENCE_NOT_FOUND),
        },
        Outcome::Failed(error) => Verdict {
            kind: if error.class.stalls() { Kind::Stalled } else { Kind::Reconciling },
            reason: error.class.reason(),
            message: sentences(&error.to_string(), if leaving { error.last_advice() } else { error.advice() }),
            clock: error.class.has_clock().then(|| error.class.reason()),
        },
    }
}

/// A function that works as somebody else wants it is ready; one that is gone, or has failed, is not.
fn drifted(changes: &[Change], seen: Seen<'_>) -> Verdict {
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
            Verdict { kind: Kind::Ready, reason: condition::DRIFTED, message, clock: None }
        }
        Seen::Ours(_) | Seen::Absent | Seen::Nothing => {
            Verdict { kind: Kind::Stalled, reason: condition::DRIFT_UNMENDED, message, clock: None }
        }
    }
}

/// What AWS withholds cannot be compared, and is said.
fn as_far_as_seen(seen: Seen<'_>) -> String {
    let withheld = match seen {
        Seen::Ours(observed) => observed.says.environment_error.as_ref(),
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

fn working(work: &Work, seen: Seen<'_>) -> Verdict {
    let says = match seen {
        Seen::Ours(observed) => Some(&observed.says),
        Seen::Nothing | Seen::Absent => None,
    };
    if matches!((work, seen), (Work::Waiting, Seen::Ours(observed)) if observed.version.is_some()) {
        return Verdict {
            kind: Kind::Reconciling,
            reason: "Publishing",
            message: "AWS is preparing the published version; with SnapStart that takes minutes.".into(),
            clock: Some(Class::Busy.reason()),
        };
    }
    let pending = says.is_some_and(|says| says.state.as_deref() == Some("Pending"));
    let (reason, message) = match work {
        Work::Creating => ("Creating", "The function is about to be created.".into()),
        Work::Sent(operations) if operations.contains(&Operation::CreateFunction) => {
            ("Creating", "AWS is creating the function.".into())
        }
        Work::Sent(operations) => {
            let names: Vec<_> = operations.iter().map(|operation| operation.name()).collect();
            ("Updating", format!("Sent {}; AWS is applying it.", names.join(", ")))
        }
        Work::Waiting if pending => ("Creating", "AWS is creating the function.".into()),
        Work::Waiting => ("Updating", "AWS is applying an update.".into()),
        Work::Deleting | Work::Searching | Work::LetGo => ("Deleting", "The function is being deleted.".into()),
    };
    let ends = match work {
        Work::LetGo => true,
        Work::Sent(operations) => operations.contains(&Operation::DeleteFunction),
        Work::Creating | Work::Waiting | Work::Deleting | Work::Searching => false,
    };
    let clock = if ends { staleness::LET_GO } else { Class::Busy.reason() };
    Verdict { kind: Kind::Reconciling, reason, message, clock: Some(clock) }
}

/// Reason and sentence for what only a person can mend.
#[must_use]
pub fn explain(blocked: &Blocked, seen: Seen<'_>) -> (&'static str, String) {
    let says = match seen {
        Seen::Ours(observed) => Some(&observed.says),
        Seen::Nothing | Seen::Absent => None,
    };
    let because = |code: Option<&String>, reason: Option<&String>| {
        let words: Vec<_> = [code, reason].into_iter().flatten().map(String::as_str).collect();
        if words.is_empty() { "AWS gives no reason".to_owned() } else { words.join(": ") }
    };
    match blocked {
        Blocked::NotOurs(Some(owner)) => (
            "Conflict",
            format!("The function exists in AWS and belongs to {owner}, so it is not touched: choose another spec.functionName, or delete that owner's object first."),
        ),
        Blocked::NotOurs(None) => (
            "Conflict",
            "The function exists in AWS and has no owner tag of this operator, so it is not touched: choose another spec.functionName, set adoptionPolicy: Adopt to take it over, or delete it in AWS.".into(),
        ),
        Blocked::TagsWithheld => (
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
                because(says.and_then(|s| s.last_update_status_reason_code.as_ref()), says.and_then(|s| s.last_update_status_reason.as_ref()))
            ),
        ),
        Blocked::FunctionFailed => (
            "FunctionFailed",
            format!(
                "AWS says that the function has failed ({}): mend the cause. One that never worked is made again every few minutes, and at once when the spec changes; one that did is repaired by a change of the spec.",
                because(says.and_then(|s| s.state_reason_code.as_ref()), says.and_then(|s| s.state_reason.as_ref()))
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
        Blocked::IdentityChanged(sentence) => ("IdentityChanged", sentence.clone()),
    }
}
