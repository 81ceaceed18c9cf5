//! The summary of a reconcile: one reason and one message, which says what happened and what to do.

use super::change::{Change, Reverted};
use super::conclusion::Seen;
use super::error::Error;
use super::kind::{Kind, StatusInputOf};
use super::operation::{Access, Operation};
use super::outcome::{Outcome, Progress};
use super::reason::{Reason, Standing};
use crate::api::shared::{HAND_OVER_TO, WaitFor};

/// Longer lists of differences are cut, so that a condition stays readable.
const MOST_CHANGES: usize = 20;

/// Reason and message of a reconcile's conditions.
pub(super) struct Summary {
    pub(super) reason: Reason,
    pub(super) message: String,
    /// The wait that the object's timeout limits, if this is one.
    pub(super) clock: Option<WaitFor>,
}

pub(super) fn summary<K: Kind>(input: &StatusInputOf<'_, K>) -> Summary {
    let Summary { reason, message, clock } =
        of_outcome::<K>(&input.conclusion.outcome, &input.conclusion.seen, input.deletion.is_some());
    let message = sentences(&message, &reverted(&input.conclusion.reverted, K::NAMES.noun));
    let message = sentences(&message, &refused(&input.conclusion.refused));
    let message = sentences(&message, input.conclusion.not_converging.as_deref().unwrap_or_default());
    let live = input.conclusion.live.map(|live| format!("Until then, {live}.")).unwrap_or_default();
    let message = sentences(&message, &live);
    // These two waits have their own clock, by which the next reconcile recognises stale reads.
    let own = matches!(input.conclusion.outcome, Outcome::InProgress(Progress::Removing | Progress::Searching));
    let waits = input.deletion.is_some() && reason.standing() == Standing::Reconciling && !own;
    Summary { reason, message, clock: if waits { Some(WaitFor::Deletion) } else { clock } }
}

fn of_outcome<K: Kind>(outcome: &Outcome, seen: &Seen<K::Observed>, deletion: bool) -> Summary {
    match outcome {
        Outcome::Settled => Summary { reason: Reason::Available, message: K::settled(seen), clock: None },
        Outcome::InProgress(work) => working::<K>(work, seen),
        Outcome::Released => working::<K>(&Progress::Removing, seen),
        Outcome::Suspended => Summary {
            reason: Reason::Suspended,
            message: format!(
                "Reconciliation is suspended: the operator makes no AWS calls for this object. Set suspend to false to resume. To release the {} and leave it untouched, set skipDestroy too and delete the object.",
                K::NAMES.noun
            ),
            clock: None,
        },
        Outcome::Unselected(sentence) => {
            Summary { reason: Reason::NotSelected, message: sentence.clone(), clock: None }
        }
        Outcome::HandingOver(taker) => Summary {
            reason: Reason::HandingOver,
            message: format!(
                "The annotation {HAND_OVER_TO} gives the {noun} to the object {taker}, so this object writes nothing to AWS, and its deletion leaves the {noun} as it is: delete this object once {taker} is Ready, or remove the annotation to keep the {noun}.",
                noun = K::NAMES.noun
            ),
            clock: None,
        },
        Outcome::Drifted(changes) => drifted::<K>(changes, seen),
        Outcome::Blocked(blocked) => {
            let (reason, message) = K::explain(blocked, seen);
            Summary { reason, message, clock: None }
        }
        Outcome::Refused(refusal) => {
            Summary { reason: refusal.reason(), message: refusal.sentence.clone(), clock: None }
        }
        Outcome::Missing(sentence) => {
            Summary { reason: Reason::ReferenceNotFound, message: sentence.clone(), clock: Some(WaitFor::Reference) }
        }
        Outcome::Waiting(sentence) => {
            Summary { reason: Reason::WaitingForFunction, message: sentence.clone(), clock: Some(WaitFor::Function) }
        }
        Outcome::Failed(error) => Summary {
            reason: error.class.reason(),
            message: sentences(&error.to_string(), if deletion { error.last_advice() } else { error.advice() }),
            clock: error.class.wait(),
        },
    }
}

/// The drift that the accepted writes correct: fields, never values. The next reconcile no longer knows it, so an Event and the log keep it.
fn reverted(all: &[Reverted], noun: &str) -> String {
    let mut fields: Vec<&str> = Vec::new();
    for reverted in all {
        match reverted {
            Reverted::Nothing => {}
            Reverted::Deletion => return format!("The operator corrected drift: the {noun} was deleted in AWS."),
            Reverted::Fields(names) => fields.extend(names.iter().map(String::as_str)),
        }
    }
    let listed: Vec<_> = fields.iter().take(MOST_CHANGES).copied().collect();
    match fields.len().saturating_sub(MOST_CHANGES) {
        0 if listed.is_empty() => String::new(),
        0 => format!("The operator corrected drift of {}.", listed.join(", ")),
        more => format!("The operator corrected drift of {}, and {more} more.", listed.join(", ")),
    }
}

/// The refusals beside the one that the reason names.
fn refused(errors: &[Error]) -> String {
    let all: Vec<_> = errors.iter().map(ToString::to_string).collect();
    if all.is_empty() { String::new() } else { format!("Also refused: {}", all.join("; ")) }
}

/// Drift that is only reported. The object stays ready if the resource can be used; it is not ready if the resource is gone or has failed.
fn drifted<K: Kind>(changes: &[Change], seen: &Seen<K::Observed>) -> Summary {
    let noun = K::NAMES.noun;
    let listed: Vec<_> = changes.iter().take(MOST_CHANGES).map(ToString::to_string).collect();
    let more = changes.len().saturating_sub(MOST_CHANGES);
    let more = if more == 0 { String::new() } else { format!("; and {more} more") };
    let remedy = "It is not corrected because driftPolicy is Report. Change the spec to accept it, or set driftPolicy to Correct";
    let what = match seen {
        Seen::Ours(_) => format!("the {noun} was changed in AWS (a correction would set {}{more})", listed.join("; ")),
        Seen::Absent => format!("the {noun} was deleted in AWS"),
        Seen::Nothing => format!("the {noun} in AWS lost the owner tag of this object"),
    };
    let message = format!("Drift detected: {what}. {remedy}.");
    let usable = seen.ours().is_some_and(K::is_usable);
    Summary { reason: if usable { Reason::Drifted } else { Reason::DriftNotCorrected }, message, clock: None }
}

/// Joins two sentences: what happened, and after a full stop what to do.
pub(super) fn sentences(said: &str, advice: &str) -> String {
    let stop = if advice.is_empty() || said.ends_with(['.', '!', '?', '…']) { "" } else { "." };
    let space = if advice.is_empty() { "" } else { " " };
    format!("{said}{stop}{space}{advice}")
}

fn working<K: Kind>(work: &Progress, seen: &Seen<K::Observed>) -> Summary {
    let noun = K::NAMES.noun;
    let includes = |operations: &[Operation], access| operations.iter().any(|operation| operation.access() == access);
    let creates = |operations: &[Operation]| {
        includes(operations, Access::Create) || matches!(seen, Seen::Absent) && includes(operations, Access::Put)
    };
    let (reason, message) = match work {
        Progress::Creating => (Reason::Creating, format!("The {noun} is about to be created.")),
        Progress::Sent(operations) if creates(operations) => (Reason::Creating, format!("AWS is creating the {noun}.")),
        Progress::Sent(operations) => {
            let names: Vec<_> = operations.iter().map(|operation| operation.name()).collect();
            (Reason::Updating, format!("Sent {}; AWS is applying it.", names.join(", ")))
        }
        Progress::Waiting => K::working(seen.ours()),
        Progress::Behind(sentence) => (Reason::Deleting, sentence.clone()),
        Progress::Deleting | Progress::Searching | Progress::Removing => {
            let held = seen.ours().and_then(K::held);
            (Reason::Deleting, held.unwrap_or_else(|| format!("The {noun} is being deleted.")))
        }
    };
    let ends = match work {
        Progress::Removing => true,
        Progress::Sent(operations) => operations.last().is_some_and(|operation| operation.access() == Access::Delete),
        Progress::Creating | Progress::Waiting | Progress::Deleting | Progress::Behind(_) | Progress::Searching => {
            false
        }
    };
    let clock = if ends { WaitFor::Removal } else { WaitFor::Aws };
    Summary { reason, message, clock: Some(clock) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn corrected_drift_is_named_by_its_fields() {
        let fields = |names: &[String]| Reverted::fields(names.iter().cloned());
        let named = ["memorySize", "tags.team"].map(String::from);
        let said = reverted(&[fields(&named[..1]), fields(&named[1..])], "function");
        assert_eq!(said, "The operator corrected drift of memorySize, tags.team.");
        assert_eq!(
            reverted(&[Reverted::Deletion], "alias"),
            "The operator corrected drift: the alias was deleted in AWS."
        );
        assert_eq!(reverted(&[], "alias"), "", "an edit");
        let many: Vec<_> = (0..23).map(|number| format!("tags.{number}")).collect();
        let said = reverted(&[fields(&many)], "function");
        assert!(said.ends_with("tags.19, and 3 more.") && !said.contains("tags.20"), "{said}");
    }
}
