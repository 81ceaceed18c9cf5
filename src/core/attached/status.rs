//! The records of a resource without tags: which of them are written ahead, what a write proves, and what a report adds to the status. Pure.

use super::history::{Claimed, History};
use super::plan::{Step, Wanted};
use super::{Desired, Model, Observed};
use crate::api::shared::{ClaimRecord, RecordedClaim};
use crate::core::applied::Applied;
use crate::core::blocked::Blocked;
use crate::core::conclusion::StatusInput;
use crate::core::error::CallError;
use crate::core::error::class::Class;
use crate::core::outcome::{Outcome, Progress};
use crate::core::ownership::cluster_advice;
use crate::core::reason::Reason;
use crate::core::target::Target;

/// Effects of a reconcile that later ones must know.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Effects {
    /// Name of the resource in AWS, within the function.
    pub name: Option<String>,
    /// The claim: the resource is the object's, or is about to be.
    pub claim: Option<RecordedClaim>,
    /// Hash of the values that AWS accepted, or that are about to be sent, by member.
    pub applied: Applied,
    /// The revision in the answer to the write.
    pub revision: Option<String>,
}

/// The answer to a write.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Answer {
    /// The resource's revision after the call.
    pub revision: Option<String>,
}

/// Write-ahead, because AWS has no tags for the resource. Before the creation: record the target and the members to be created; after a crash, a
/// resource that equals them is ours. Before the first update of such a resource: record that it is ours, because it will no longer equal them.
#[must_use]
pub fn write_ahead<M: Model>(target: &Target, recorded: &History, steps: &[Step<M>]) -> Vec<(Progress, Effects)> {
    let intent = steps.iter().find_map(|step| match step {
        Step::Create(wanted) => creation(target, recorded, wanted).map(|effects| (Progress::Creating, effects)),
        Step::Update(wanted) => recognition(recorded, wanted).map(|effects| (Progress::Waiting, effects)),
        Step::Delete(_) => None,
    });
    intent.into_iter().collect()
}

/// A resource that was ours stays ours. Its absence can be a stale read, and the accepted values are already recorded.
fn creation<M: Model>(target: &Target, recorded: &History, wanted: &Wanted<M>) -> Option<Effects> {
    let Wanted { name, model, members } = wanted;
    let applied = model.applied(members);
    let claimed = match recorded.claim {
        Some(RecordedClaim::Owned) => true,
        Some(RecordedClaim::Creating) => recorded.applied == applied,
        None => false,
    };
    let known = claimed && recorded.past.target.as_ref() == Some(target);
    let claim = Some(RecordedClaim::Creating);
    (!known).then(|| Effects { name: Some(name.clone()), claim, applied, ..Effects::default() })
}

fn recognition<M: Model>(recorded: &History, wanted: &Wanted<M>) -> Option<Effects> {
    let (name, claim) = (Some(wanted.name.clone()), Some(RecordedClaim::Owned));
    let created = recorded.claim == Some(RecordedClaim::Creating);
    created.then(|| Effects { name, claim, ..Effects::default() })
}

/// Records a step that AWS accepted.
pub fn accepted<M: Model>(effects: &mut Effects, step: &Step<M>, answer: Answer) {
    match step {
        Step::Create(Wanted { name, model, members }) | Step::Update(Wanted { name, model, members }) => {
            effects.name = Some(name.clone());
            effects.claim = Some(RecordedClaim::Owned);
            effects.applied.extend(model.applied(members));
            effects.revision = answer.revision;
        }
        Step::Delete(_) => {}
    }
}

/// Records a step that failed. AWS may have carried it out, so the report repeats the write-ahead record. A creation that was refused
/// because the resource exists was certainly not carried out.
pub fn uncertain<M: Model>(effects: &mut Effects, step: &Step<M>, error: &CallError) {
    let exists = matches!(error, CallError::Failed(error) if error.class == Class::AlreadyExists);
    match step {
        Step::Create(Wanted { name, model, members }) if !exists => {
            (effects.name, effects.claim) = (Some(name.clone()), Some(RecordedClaim::Creating));
            effects.applied = model.applied(members);
        }
        Step::Update(Wanted { name, .. }) => {
            (effects.name, effects.claim) = (Some(name.clone()), Some(RecordedClaim::Owned));
        }
        Step::Create(_) | Step::Delete(_) => {}
    }
}

/// A resource that was ours stays ours while it is created again.
pub fn completed(effects: &mut Effects, history: &History) {
    if history.claim == Some(RecordedClaim::Owned) && effects.claim == Some(RecordedClaim::Creating) {
        (effects.claim, effects.applied) = (None, Applied::default());
    }
}

/// The effects of a reconcile that found no difference: the resource is the object's, and AWS accepted all members that are not ignored.
#[must_use]
pub fn proved<M: Model>(desired: &Desired<M>) -> Effects {
    let ours = M::MEMBERS.iter().copied().filter(|member| !desired.leaves(*member));
    Effects {
        name: Some(desired.name.clone()),
        claim: Some(RecordedClaim::Owned),
        applied: desired.model.applied(&ours.collect::<Vec<_>>()),
        ..Effects::default()
    }
}

/// The effects of a reconcile that only reports drift: the resource is the object's, and AWS accepted the members without drift.
#[must_use]
pub fn left<M: Model>(desired: &Desired<M>, observed: Option<&Observed<M>>) -> Effects {
    let Some(held) = observed else { return Effects::default() };
    let differing = desired.model.differences(&held.model);
    let Effects { mut applied, name, claim, revision } = proved(desired);
    applied.retain(|name, _| differing.iter().all(|member| M::name(*member) != name));
    Effects { name, claim, applied, revision }
}

/// Adds the effects to the record. `shown` is the revision of the resource that AWS showed, if it is the object's.
pub fn remember<M: Model, O, E>(
    status: &mut impl Claimed,
    input: &StatusInput<'_, O, E>,
    effects: &Effects,
    shown: Option<&Observed<M>>,
) {
    let Effects { name: _, claim, applied, revision } = effects;
    if let Some(held) = shown {
        status.claim_mut().revision.clone_from(&held.revision);
    }
    // The function is gone, and AWS deleted the resource with it.
    if matches!(input.conclusion.outcome, Outcome::Waiting(_)) {
        status.record_mut().last_reconciled = None;
    }
    let record = status.claim_mut();
    if input.conclusion.sent.contains(&M::CALLS.delete) {
        *record = ClaimRecord::default();
    }
    // The answer to a creation can lack a revision, and the one before it is of a resource that is gone.
    if input.conclusion.sent.contains(&M::CALLS.create) {
        record.revision = None;
    }
    record.claim = claim.or(record.claim);
    record.applied.extend(applied.clone());
    record.revision = revision.clone().or(record.revision.take());
}

/// Reason and message for a cause of `Stalled`: what happened, then what to do.
#[must_use]
pub fn explain<M: Model>(blocked: &Blocked) -> (Reason, String) {
    let super::Words { kind: _, noun, another } = M::WORDS;
    match blocked {
        Blocked::NotOwned(Some(owner)) => (
            Reason::NotOwned,
            format!("The function belongs to {owner}, an object of another namespace or cluster, so no {noun} of it is changed: create the {noun} in the namespace that manages the function, or delete this object and create one with another functionName."),
        ),
        Blocked::OtherCluster(owner) => (
            Reason::NotOwned,
            format!("The function belongs to {owner}, an object of this namespace in another cluster, so no {noun} of it is changed. {}", cluster_advice(owner)),
        ),
        Blocked::NotOwned(None) => (
            Reason::NotOwned,
            format!("The {noun} exists in AWS and this object did not create it, so it is not changed: set adoptionPolicy: Adopt to take it over, delete it in AWS, or delete this object and {another}."),
        ),
        Blocked::InvalidSpec(sentence) => (Reason::InvalidSpec, sentence.clone()),
        Blocked::InvalidReference(sentence) => (Reason::InvalidReference, sentence.clone()),
        Blocked::Rival(sentence) => (Reason::NotOwned, sentence.clone()),
        Blocked::NotAllowed(sentence) => (Reason::NotAllowed, sentence.clone()),
        Blocked::DeletionProtected(sentence) => (Reason::DeletionProtected, sentence.clone()),
        Blocked::TargetChanged(sentence) => (Reason::TargetChanged, sentence.clone()),
        Blocked::OwnershipUnknown => {
            (Reason::OwnershipUnknown, "AWS does not show the owner of the function, so nothing is written: allow the operator's AWS identity lambda:ListTags.".into())
        }
        Blocked::Immutable(field) => {
            (Reason::Immutable, format!("AWS cannot change {field} of an existing {noun}: restore the old value, or delete this object and create another."))
        }
        Blocked::AllocationFailed(said) => (
            Reason::AllocationFailed,
            format!("AWS could not allocate the {noun} ({}). If the function fails while it starts, correct the function and publish a version. The operator requests the {noun} again every few minutes.", said.trim_end_matches('.')),
        ),
        Blocked::DisabledByAws(sentence) => (Reason::MappingDisabled, sentence.clone()),
        Blocked::NotConverging(sentence) => (Reason::NotConverging, sentence.clone()),
        // These occur only with LambdaFunctions.
        Blocked::UpdateFailed(_) | Blocked::FunctionFailed(_) | Blocked::FunctionInactive | Blocked::VersionFailed(_) | Blocked::CodeHashMismatch { .. } => {
            (Reason::FunctionFailed, "The function has failed: see its LambdaFunction.".into())
        }
    }
}
