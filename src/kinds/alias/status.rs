//! The status of a LambdaAlias: its records and its report.

use crate::api::alias::{AliasRecord, LambdaAliasStatus};
use crate::api::shared::RecordedClaim;
use crate::api::shared::{CommonRecord, CommonStatus};
use crate::core::applied::Applied;
use crate::core::blocked::Blocked;
use crate::core::conclusion::{Seen, StatusInput};
use crate::core::error::CallError;
use crate::core::error::class::Class;
use crate::core::operation::Operation;
use crate::core::outcome::{Outcome, Progress};
use crate::core::ownership::cluster_advice;
use crate::core::past::Reported;
use crate::core::reason::Reason;
use crate::core::target;
use crate::core::target::Target;
use crate::kinds::alias::desired::Desired;
use crate::kinds::alias::history::History;
use crate::kinds::alias::model::Member;
use crate::kinds::alias::observed::Observed;
use crate::kinds::alias::plan::{Step, Wanted};

/// Effects of a reconcile that later ones must know.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Effects {
    /// The alias's name in AWS.
    pub name: Option<String>,
    /// The claim: the alias is the object's, or is about to be.
    pub claim: Option<RecordedClaim>,
    /// Hash of the values that AWS accepted, or that are about to be sent, by member.
    pub applied: Applied,
    /// `RevisionId` that the write answered.
    pub revision: Option<String>,
    /// The version that the alias pointed to before the write.
    pub moved_from: Option<String>,
}

/// The answer to a write.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Answer {
    /// `RevisionId` of the alias after the call.
    pub revision: Option<String>,
}

/// Write-ahead, because AWS has no tags for an alias. Before CreateAlias: record the target and the members to be created; after a crash, an alias
/// that equals them is ours. Before the first UpdateAlias of such an alias: record that it is ours, because it will no longer equal them.
pub(super) fn write_ahead(target: &Target, recorded: &History, steps: &[Step]) -> Vec<(Progress, Effects)> {
    let intent = steps.iter().find_map(|step| match step {
        Step::CreateAlias(wanted) => creation(target, recorded, wanted).map(|effects| (Progress::Creating, effects)),
        Step::UpdateAlias(wanted) => recognition(recorded, wanted).map(|effects| (Progress::Waiting, effects)),
        Step::DeleteAlias(_) => None,
    });
    intent.into_iter().collect()
}

/// An alias that was ours stays ours: its absence can be a stale read, and the values that AWS accepted are recorded.
fn creation(target: &Target, recorded: &History, wanted: &Wanted) -> Option<Effects> {
    let Wanted { name, alias, members } = wanted;
    let applied = alias.applied(members);
    let claimed = match recorded.claim {
        Some(RecordedClaim::Owned) => true,
        Some(RecordedClaim::Creating) => recorded.applied == applied,
        None => false,
    };
    let known = claimed && recorded.past.target.as_ref() == Some(target);
    let claim = Some(RecordedClaim::Creating);
    (!known).then(|| Effects { name: Some(name.clone()), claim, applied, ..Effects::default() })
}

fn recognition(recorded: &History, wanted: &Wanted) -> Option<Effects> {
    let (name, claim) = (Some(wanted.name.clone()), Some(RecordedClaim::Owned));
    let created = recorded.claim == Some(RecordedClaim::Creating);
    created.then(|| Effects { name, claim, ..Effects::default() })
}

/// Records a step that AWS accepted.
pub(super) fn accepted(effects: &mut Effects, step: &Step, answer: Answer, observed: Option<&Observed>) {
    match step {
        Step::CreateAlias(Wanted { name, alias, members }) | Step::UpdateAlias(Wanted { name, alias, members }) => {
            effects.name = Some(name.clone());
            effects.claim = Some(RecordedClaim::Owned);
            effects.applied.extend(alias.applied(members));
            effects.revision = answer.revision;
            let before = observed.map(|held| held.alias.version.clone());
            let moves = members.contains(&Member::Version);
            effects.moved_from = before.filter(|before| moves && *before != alias.version);
        }
        Step::DeleteAlias(_) => {}
    }
}

/// Records a step that failed. AWS may have carried it out, so the report repeats the write-ahead record. A creation that was refused
/// because the alias exists was certainly not carried out.
pub(super) fn uncertain(effects: &mut Effects, step: &Step, error: &CallError) {
    let exists = matches!(error, CallError::Failed(error) if error.class == Class::AlreadyExists);
    match step {
        Step::CreateAlias(Wanted { name, alias, members }) if !exists => {
            (effects.name, effects.claim) = (Some(name.clone()), Some(RecordedClaim::Creating));
            effects.applied = alias.applied(members);
        }
        Step::UpdateAlias(Wanted { name, .. }) => {
            (effects.name, effects.claim) = (Some(name.clone()), Some(RecordedClaim::Owned));
        }
        Step::CreateAlias(_) | Step::DeleteAlias(_) => {}
    }
}

/// An alias that was ours stays ours while it is created again.
pub(super) fn completed(effects: &mut Effects, history: &History) {
    if history.claim == Some(RecordedClaim::Owned) && effects.claim == Some(RecordedClaim::Creating) {
        (effects.claim, effects.applied) = (None, Applied::default());
    }
}

/// The effects of a reconcile that found no difference: the alias is the object's, and AWS accepted all members that are not ignored.
pub(super) fn proved(desired: &Desired) -> Effects {
    let ours = Member::ALL.into_iter().filter(|member| !desired.leaves(*member));
    Effects {
        name: Some(desired.name.clone()),
        claim: Some(RecordedClaim::Owned),
        applied: desired.alias.applied(&ours.collect::<Vec<_>>()),
        ..Effects::default()
    }
}

/// The effects of a reconcile that only reports drift: the alias is the object's, and AWS accepted the members without drift.
pub(super) fn left(desired: &Desired, observed: Option<&Observed>) -> Effects {
    let Some(held) = observed else { return Effects::default() };
    let differing = desired.alias.differences(&held.alias);
    let Effects { mut applied, name, claim, revision, moved_from } = proved(desired);
    applied.retain(|name, _| differing.iter().all(|member| member.name() != name));
    Effects { name, claim, applied, revision, moved_from }
}

/// Records in the status what the reconcile observed, did and proved.
pub(super) fn remember(status: &mut LambdaAliasStatus, input: &StatusInput<'_, Observed, Effects>) {
    let Effects { name, claim, applied, revision, moved_from } = &input.conclusion.effects;
    status.name = name.clone().or(status.name.take());
    if let Seen::Ours(observed) = &input.conclusion.seen {
        show(status, observed);
        // Weights that are reported as drift do not come from a move by AWS.
        if matches!(input.conclusion.outcome, Outcome::Drifted(_)) {
            status.record.moved_from = None;
        }
    }
    let record = &mut status.record;
    // The function is gone, and AWS deleted the alias with it.
    if matches!(input.conclusion.outcome, Outcome::Waiting(_)) {
        record.common.last_reconciled = None;
    }
    if input.conclusion.sent.contains(&Operation::DeleteAlias) {
        *record = AliasRecord { common: std::mem::take(&mut record.common), ..AliasRecord::default() };
    }
    record.claim = claim.or(record.claim);
    record.applied.extend(applied.clone());
    record.revision = revision.clone().or(record.revision.take());
    record.moved_from = moved_from.clone().or(record.moved_from.take());
}

/// Copies the attributes that AWS shows.
fn show(status: &mut LambdaAliasStatus, held: &Observed) {
    let region = status.common.region.clone().unwrap_or_default();
    status.invoke_arn = Some(target::invoke_arn(&region, &held.arn));
    status.function_version = Some(held.alias.version.clone());
    status.additional_version_weights =
        held.alias.weights.iter().map(|(version, weight)| (version.clone(), weight.clone())).collect();
    status.record.revision.clone_from(&held.revision);
    status.common.arn = Some(held.arn.clone());
}

/// Clears the attributes of an alias that is absent. The target, the wait and the record stay: they decide ownership if the alias appears later,
/// because the read was stale or a creation is in progress.
pub(super) fn forget(status: &mut LambdaAliasStatus) {
    *status = LambdaAliasStatus {
        common: CommonStatus { arn: None, ..std::mem::take(&mut status.common) },
        name: status.name.take(),
        record: std::mem::take(&mut status.record),
        ..LambdaAliasStatus::default()
    };
}

/// Reason and message for a cause of `Stalled`.
pub(super) fn explain(blocked: &Blocked) -> (Reason, String) {
    match blocked {
        Blocked::NotOwned(Some(owner)) => (
            Reason::NotOwned,
            format!("The function belongs to {owner}, an object of another namespace or cluster, so no alias is added to it: create the alias in the namespace that manages the function, or delete this object and create one with another functionName."),
        ),
        Blocked::OtherCluster(owner) => (
            Reason::NotOwned,
            format!("The function belongs to {owner}, an object of this namespace in another cluster, so no alias is added to it. {}", cluster_advice(owner)),
        ),
        Blocked::NotOwned(None) => (
            Reason::NotOwned,
            "The alias exists in AWS and this object did not create it, so it is not touched: set adoptionPolicy: Adopt to take it over, delete it in AWS, or delete this object and create one with another spec.name.".into(),
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
            (Reason::Immutable, format!("AWS cannot change {field} of an existing alias: restore the old value, or delete this object and create another."))
        }
        Blocked::NotConverging(sentence) => (Reason::NotConverging, sentence.clone()),
        // Of functions alone.
        Blocked::UpdateFailed(_) | Blocked::FunctionFailed(_) | Blocked::FunctionInactive | Blocked::VersionFailed(_) | Blocked::CodeHashMismatch { .. } => {
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::core::error::Error;
    use crate::core::past::Past;
    use crate::core::plan::Write;
    use crate::kinds::alias::desired::live;
    use crate::kinds::alias::model::Alias;

    fn wanted(version: &str, members: &[Member]) -> Wanted {
        let alias = Alias { version: version.into(), ..Alias::default() };
        Wanted { name: "live".into(), alias, members: members.to_vec() }
    }

    fn recorded(claim: Option<RecordedClaim>, wanted: &Wanted) -> History {
        let past = Past { target: Some(target()), ..Past::default() };
        History { past, claim, applied: wanted.alias.applied(&Member::ALL), ..History::default() }
    }

    fn target() -> Target {
        Target { account: "123456789012".into(), region: "eu-west-1".into(), name: "f".into() }
    }

    #[test]
    fn what_a_crash_would_make_unknowable_is_written_ahead() {
        let [first, second] = ["1", "2"].map(|version| wanted(version, &Member::ALL));
        let claim = |recorded: &History, step: Step| {
            write_ahead(&target(), recorded, &[step]).first().map(|(_, effects)| effects.claim)
        };
        let (none, creating) = (recorded(None, &first), recorded(Some(RecordedClaim::Creating), &first));
        let owned = recorded(Some(RecordedClaim::Owned), &first);
        let intent = Some(Some(RecordedClaim::Creating));
        assert_eq!(claim(&none, Step::CreateAlias(first.clone())), intent);
        assert_eq!(claim(&creating, Step::CreateAlias(first.clone())), None, "known");
        assert_eq!(claim(&creating, Step::CreateAlias(second.clone())), intent, "edited since");
        assert_eq!(claim(&owned, Step::CreateAlias(second.clone())), None, "it stays ours");
        let ours = Some(Some(RecordedClaim::Owned));
        assert_eq!(claim(&creating, Step::UpdateAlias(second.clone())), ours, "soon it is not as it was sent");
        assert_eq!(claim(&owned, Step::UpdateAlias(second)), None);
    }

    #[test]
    fn what_is_left_to_others_or_reported_is_not_recorded_as_accepted() {
        let mut desired = Desired {
            reports_drift: true,
            ignored: vec![crate::api::alias::IgnoredAliasField::FunctionVersion],
            ..live(wanted("1", &[]).alias)
        };
        let names = |effects: Effects| effects.applied.into_keys().collect::<Vec<_>>();
        assert_eq!(names(proved(&desired)), ["Description", "RoutingConfig"]);
        let held = Alias { description: "theirs".into(), ..desired.alias.clone() };
        let observed = Observed { alias: held, arn: String::new(), revision: None };
        assert_eq!(names(left(&desired, Some(&observed))), ["RoutingConfig"]);
        desired.ignored.clear();
        assert_eq!(names(left(&desired, Some(&observed))), ["FunctionVersion", "RoutingConfig"]);
        assert_eq!(left(&desired, None), Effects::default(), "a deleted alias proves nothing");
    }

    #[test]
    fn an_alias_moves_only_where_its_version_is_sent() {
        let held = wanted("1", &[]).alias;
        let observed = Observed { alias: held, arn: String::new(), revision: None };
        let moved = |wanted: Wanted| {
            let mut effects = Effects::default();
            accepted(&mut effects, &Step::UpdateAlias(wanted), Answer::default(), Some(&observed));
            effects.moved_from
        };
        assert_eq!(moved(wanted("2", &[Member::Version])).as_deref(), Some("1"));
        assert_eq!(moved(wanted("2", &[Member::Description])), None);
        assert_eq!(moved(wanted("1", &Member::ALL)), None);
    }

    #[test]
    fn a_report_repeats_what_was_written_ahead_unless_it_was_certainly_not_done() {
        let wanted = wanted("1", &Member::ALL);
        let after = |step: Step, code: &str, status, text: &'static str, history: &History| {
            let mut effects = Effects::default();
            let error = Error::new(step.operation(), code, status, text);
            uncertain(&mut effects, &step, &CallError::Failed(error));
            completed(&mut effects, history);
            effects.claim
        };
        let [create, update] = [Step::CreateAlias(wanted.clone()), Step::UpdateAlias(wanted.clone())];
        let none = recorded(None, &wanted);
        let lost = |step: &Step, history: &History| after(step.clone(), "", 0, "connection reset", history);
        assert_eq!(lost(&create, &none), Some(RecordedClaim::Creating));
        assert_eq!(lost(&create, &recorded(Some(RecordedClaim::Owned), &wanted)), None, "it stays ours");
        assert_eq!(lost(&update, &recorded(Some(RecordedClaim::Creating), &wanted)), Some(RecordedClaim::Owned));
        let exists = after(create, "ResourceConflictException", 409, "Alias already exists: arn", &none);
        assert_eq!(exists, None, "somebody else was faster");
    }
}
