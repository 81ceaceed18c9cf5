//! What the status of a LambdaAlias remembers and reports.

use crate::api::alias::{AliasRecord, LambdaAliasStatus, RecordedClaim};
use crate::api::shared::{CommonRecord, CommonStatus};
use crate::core::applied::Applied;
use crate::core::blocked::Blocked;
use crate::core::conclusion::{Seen, StatusInput};
use crate::core::outcome::Progress;
use crate::core::ownership::Intent;
use crate::core::past::{Past, Reported};
use crate::core::reason::Reason;
use crate::core::target;
use crate::core::target::Target;
use crate::kinds::alias::desired::Desired;
use crate::kinds::alias::model::Member;
use crate::kinds::alias::observed::Observed;
use crate::kinds::alias::plan::{Step, Wanted};

/// The records of a status that later reconciles decide by. Every one may be missing.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct History {
    /// What every kind records.
    pub past: Past,
    /// Whose the alias is.
    pub claim: Option<Intent>,
    /// What AWS accepted last, by member.
    pub applied: Applied,
    /// `RevisionId` as the last write answered it.
    pub revision: Option<String>,
    /// The version that the alias pointed to before its last move.
    pub moved_from: Option<String>,
}

/// What a reconcile did that later ones must know.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Effects {
    /// The alias's name in AWS.
    pub name: Option<String>,
    /// The alias is, or is about to become, the object's.
    pub claim: Option<RecordedClaim>,
    /// What AWS accepted, or is about to be sent, by member.
    pub applied: Applied,
    /// `RevisionId` as the write answered it.
    pub revision: Option<String>,
    /// The version that the alias moved away from.
    pub moved_from: Option<String>,
}

/// What a write answered.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Answer {
    /// `RevisionId` of the alias after the call.
    pub revision: Option<String>,
}

impl History {
    /// Reads the records out of a status.
    #[must_use]
    pub fn of(status: Option<&LambdaAliasStatus>) -> Self {
        let Some(status) = status else { return Self::default() };
        let AliasRecord { common: _, claim, applied, revision, moved_from } = status.record.clone();
        let claim = claim.map(|claim| match claim {
            RecordedClaim::Creating => Intent::Creating,
            RecordedClaim::Owned => Intent::Owned,
        });
        Self { past: Past::of(Some(status)), claim, applied, revision, moved_from }
    }
}

/// Write-ahead. Before CreateAlias: the target, and what is about to be created, because AWS has no tags for an alias. An alias that equals it
/// after a crash is ours.
pub(super) fn write_ahead(target: &Target, recorded: &History, steps: &[Step]) -> Vec<(Progress, Effects)> {
    let created = steps.iter().find_map(|step| match step {
        Step::CreateAlias(wanted) => Some(wanted),
        Step::UpdateAlias(_) | Step::DeleteAlias(_) => None,
    });
    let Some(Wanted { name, alias, members }) = created else { return Vec::new() };
    let applied = alias.applied(members);
    let known = recorded.claim == Some(Intent::Creating)
        && recorded.applied == applied
        && recorded.past.target.as_ref() == Some(target);
    let effects =
        Effects { name: Some(name.clone()), claim: Some(RecordedClaim::Creating), applied, ..Effects::default() };
    if known { Vec::new() } else { vec![(Progress::Creating, effects)] }
}

/// Takes note of a step that AWS accepted.
pub(super) fn accepted(effects: &mut Effects, step: &Step, answer: Answer, observed: Option<&Observed>) {
    match step {
        Step::CreateAlias(Wanted { name, alias, members }) | Step::UpdateAlias(Wanted { name, alias, members }) => {
            effects.name = Some(name.clone());
            effects.claim = Some(RecordedClaim::Owned);
            effects.applied.extend(alias.applied(members));
            effects.revision = answer.revision;
            let before = observed.and_then(|observed| observed.alias.as_ref()).map(|held| held.alias.version.clone());
            effects.moved_from = before.filter(|before| *before != alias.version);
        }
        Step::DeleteAlias(_) => {}
    }
}

/// What a reconcile proves that finds nothing to do: the alias is the object's, and all of it was accepted.
pub(super) fn proved(desired: &Desired) -> Effects {
    Effects {
        name: Some(desired.name.clone()),
        claim: Some(RecordedClaim::Owned),
        applied: desired.alias.applied(&Member::ALL),
        ..Effects::default()
    }
}

/// Takes over what the reconcile saw, did and proved.
pub(super) fn remember(status: &mut LambdaAliasStatus, input: &StatusInput<'_, Observed, Effects>) {
    let Effects { name, claim, applied, revision, moved_from } = &input.conclusion.effects;
    status.name = name.clone().or(status.name.take());
    if let Seen::Ours(observed) = &input.conclusion.seen {
        show(status, observed);
    }
    let record = &mut status.record;
    record.claim = claim.or(record.claim);
    record.applied.extend(applied.clone());
    record.revision = revision.clone().or(record.revision.take());
    record.moved_from = moved_from.clone().or(record.moved_from.take());
}

/// What AWS shows.
fn show(status: &mut LambdaAliasStatus, observed: &Observed) {
    let Some(held) = &observed.alias else { return };
    let region = status.common.region.clone().unwrap_or_default();
    status.invoke_arn = Some(target::invoke_arn(&region, &held.arn));
    status.function_version = Some(held.alias.version.clone());
    status.additional_version_weights =
        held.alias.weights.iter().map(|(version, weight)| (version.clone(), weight.clone())).collect();
    status.record.revision.clone_from(&held.revision);
    status.common.arn = Some(held.arn.clone());
}

/// Nothing of an alias that is not there; where it lives and how the wait goes stay.
pub(super) fn forget(status: &mut LambdaAliasStatus) {
    // An intent is not about what was there: it is what tells whose the alias is that may appear.
    let creating = status.record.claim == Some(RecordedClaim::Creating);
    let applied = std::mem::take(&mut status.record.applied);
    *status = LambdaAliasStatus {
        common: CommonStatus { arn: None, ..std::mem::take(&mut status.common) },
        name: status.name.take(),
        record: AliasRecord {
            common: std::mem::take(&mut status.record.common),
            claim: creating.then_some(RecordedClaim::Creating),
            applied: if creating { applied } else { Applied::default() },
            ..AliasRecord::default()
        },
        ..LambdaAliasStatus::default()
    };
}

/// Why only a person can help, and what to do.
pub(super) fn explain(blocked: &Blocked) -> (Reason, String) {
    match blocked {
        Blocked::NotOwned(Some(owner)) => (
            Reason::NotOwned,
            format!("The function belongs to {owner}, an object of another namespace or cluster, so no alias is added to it: choose another functionName, or create the alias where the function is managed."),
        ),
        Blocked::NotOwned(None) => (
            Reason::NotOwned,
            "The alias exists in AWS and this object did not create it, so it is not touched: choose another spec.name, set adoptionPolicy: Adopt to take it over, or delete it in AWS.".into(),
        ),
        Blocked::InvalidSpec(sentence) => (Reason::InvalidSpec, sentence.clone()),
        Blocked::InvalidReference(sentence) => (Reason::InvalidReference, sentence.clone()),
        Blocked::Rival(sentence) => (Reason::NotOwned, sentence.clone()),
        Blocked::NotAllowed(sentence) => (Reason::NotAllowed, sentence.clone()),
        Blocked::TargetChanged(sentence) => (Reason::TargetChanged, sentence.clone()),
        Blocked::OwnershipUnknown => {
            (Reason::OwnershipUnknown, "AWS does not show whose the function is: allow the operator lambda:ListTags.".into())
        }
        Blocked::Immutable(field) => {
            (Reason::Immutable, format!("{field} cannot be changed: put the old value back, or delete this object and create another."))
        }
        // Of functions alone.
        Blocked::UpdateFailed | Blocked::FunctionFailed | Blocked::VersionFailed(_) | Blocked::CodeHashMismatch { .. } => {
            (Reason::FunctionFailed, "The function has failed: see its LambdaFunction.".into())
        }
    }
}

impl Reported for LambdaAliasStatus {
    fn common(&self) -> &CommonStatus {
        &self.common
    }

    fn common_mut(&mut self) -> &mut CommonStatus {
        &mut self.common
    }

    fn record(&self) -> &CommonRecord {
        &self.record.common
    }

    fn record_mut(&mut self) -> &mut CommonRecord {
        &mut self.record.common
    }
}
