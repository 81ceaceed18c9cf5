//! The status of a LambdaFunctionUrl: its records and its report.

use super::desired::{Desired, Goal};
use super::history::{History, Recorded, Unfinished};
use super::model::{Member, Url};
use super::observed::{Observed, Shown};
use super::plan::{Step, as_attached};
use crate::api::function_url::LambdaFunctionUrlStatus;
use crate::api::shared::{ClaimRecord, CommonRecord, CommonStatus, RecordedClaim};
use crate::core::applied::Applied;
use crate::core::attached;
use crate::core::attached::Model;
use crate::core::attached::history::Claimed;
use crate::core::attached::status::Answer;
use crate::core::conclusion::{Seen, StatusInput};
use crate::core::error::CallError;
use crate::core::outcome::Progress;
use crate::core::past::Reported;
use crate::core::target::Target;

/// Effects of a reconcile that later ones must know.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Effects {
    /// Those of every resource without tags.
    pub attached: attached::status::Effects,
    /// The alias.
    pub qualifier: Option<String>,
}

/// Write-ahead: the URL itself, and statements where the records do not expect any. After a crash between two additions, the type may have been changed,
/// and without this record nobody would look for the first statement. A URL that lacks only statements becomes the object's with the first.
#[must_use]
pub(super) fn write_ahead(
    target: &Target,
    recorded: &History,
    qualifier: Option<&String>,
    steps: &[Step],
) -> Vec<(Progress, Effects)> {
    let of_url: Vec<_> = steps.iter().filter_map(as_attached).collect();
    let mut ahead = attached::status::write_ahead(target, &recorded.attached, &of_url);
    let adds = steps.iter().any(|step| matches!(step, Step::Add(_)));
    if adds && !recorded.expects_statements() {
        if ahead.is_empty() {
            ahead.push((Progress::Waiting, attached::status::Effects::default()));
        }
        for (_, effects) in &mut ahead {
            effects.claim = Some(RecordedClaim::Owned);
            Unfinished::Addition.record(&mut effects.applied);
        }
    }
    let effects = |attached| Effects { attached, qualifier: qualifier.cloned() };
    ahead.into_iter().map(|(progress, attached)| (progress, effects(attached))).collect()
}

/// Records a step that AWS accepted.
pub(super) fn accepted(effects: &mut Effects, step: &Step, answer: Answer, goal: &Goal) {
    if let (true, Step::Remove(statement)) = (goal.is_leaving(), step)
        && statement.is_last
    {
        // Both are removed, so the next reconcile of the deletion does not remove them again.
        effects.attached.applied.extend(Url::default().applied(&[Member::Public]));
    }
    let qualifier = match step {
        Step::Url { step: _, qualifier } => qualifier,
        Step::Add(statement) | Step::Remove(statement) => &statement.qualifier,
    };
    effects.qualifier.clone_from(qualifier);
    if let Some(step) = as_attached(step) {
        attached::status::accepted(&mut effects.attached, &step, answer);
    }
}

/// Completes the records of all steps.
pub(super) fn completed(effects: &mut Effects, goal: &Goal, history: &History, steps: &[Step]) {
    attached::status::completed(&mut effects.attached, &history.attached);
    let Some(Desired { attached: desired, place }) = goal.desired() else { return };
    let planned = |of: fn(&Step) -> bool| steps.iter().any(of);
    let wrote = effects.attached.claim == Some(RecordedClaim::Owned);
    let (adds, removes) =
        (planned(|step| matches!(step, Step::Add(_))), planned(|step| matches!(step, Step::Remove(_))));
    // The URL will no longer equal what was created, also if the last of several calls is refused.
    let recognised = planned(|step| matches!(as_attached(step), Some(attached::plan::Step::Update(_))));
    let becomes_ours = adds || recognised && history.attached.claim == Some(RecordedClaim::Creating);
    // The report starts from the status before the write-ahead record, so it repeats that record.
    if becomes_ours && !history.owns() {
        effects.attached.claim = Some(RecordedClaim::Owned);
        effects.qualifier.clone_from(&place.qualifier);
    }
    let (before, after) = (history.statements(&Applied::default()), history.statements(&effects.attached.applied));
    let removed = removes || matches!(before, Recorded::None | Recorded::Removed);
    let unfinished = match desired.model.public.is_empty() {
        // Others may have added some, and they may be left to others no longer.
        _ if desired.leaves(Member::Public) => (wrote && after == Recorded::None).then_some(Unfinished::Others),
        false if (wrote || adds) && after != Recorded::Some => {
            Some(if removed { Unfinished::Removal } else { Unfinished::Addition })
        }
        true if (wrote || removes) && after != Recorded::None => Some(Unfinished::Removal),
        _ => None,
    };
    if let Some(change) = unfinished {
        change.record(&mut effects.attached.applied);
    }
}

/// Records a step that failed. AWS may have carried it out.
pub(super) fn uncertain(effects: &mut Effects, step: &Step, error: &CallError) {
    match step {
        Step::Url { step, qualifier } => {
            attached::status::uncertain(&mut effects.attached, step, error);
            effects.qualifier.clone_from(qualifier);
        }
        Step::Add(_) | Step::Remove(_) => {}
    }
}

/// The effects of a URL that equals the spec, or of which drift is only reported. Statements that differ are not recorded.
pub(super) fn recorded(
    desired: &Desired,
    mut effects: attached::status::Effects,
    observed: Option<&Observed>,
) -> Effects {
    let statements = &desired.place.statements;
    let differ = |observed: &Observed| observed.public(statements) != desired.attached.model.public;
    if observed.is_some_and(|observed| differ(observed) || observed.has_strays(statements)) {
        effects.applied.remove(Url::name(Member::Public));
    }
    Effects { attached: effects, qualifier: desired.place.qualifier.clone() }
}

/// Records in the status what the reconcile observed, did and proved.
pub(super) fn remember(status: &mut LambdaFunctionUrlStatus, input: &StatusInput<'_, Observed, Effects>) {
    let Effects { attached: effects, qualifier } = &input.conclusion.effects;
    status.qualifier = qualifier.clone().or(status.qualifier.take());
    let url = match &input.conclusion.seen {
        Seen::Ours(observed) => observed.url.as_ref(),
        Seen::Absent | Seen::Nothing => None,
    };
    if let Some(url) = url {
        show(status, url);
    }
    let shown = url.map(|url| attached::Observed {
        model: url.model.clone(),
        arn: url.arn.clone(),
        revision: url.modified.clone(),
    });
    attached::status::remember::<Url, _, _>(status, input, effects, shown.as_ref());
}

/// Copies the attributes that AWS shows.
fn show(status: &mut LambdaFunctionUrlStatus, url: &Shown) {
    let Shown { model: _, arn, address, created, modified: _ } = url;
    let id = address.strip_prefix("https://").and_then(|host| host.split('.').next());
    status.url_id = id.map(str::to_owned);
    status.function_url = Some(address.clone());
    status.creation_time = Some(created.clone());
    status.common.arn = Some(arn.clone());
}

/// Clears the attributes of a URL that is absent. The target, the wait and the record stay: they decide ownership if the URL appears later, because
/// the read was stale or a creation is in progress.
pub(super) fn forget(status: &mut LambdaFunctionUrlStatus) {
    *status = LambdaFunctionUrlStatus {
        common: CommonStatus { arn: None, ..std::mem::take(&mut status.common) },
        qualifier: status.qualifier.take(),
        record: std::mem::take(&mut status.record),
        ..LambdaFunctionUrlStatus::default()
    };
}

impl Reported for LambdaFunctionUrlStatus {
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

impl Claimed for LambdaFunctionUrlStatus {
    fn claim(&self) -> &ClaimRecord {
        &self.record.claim
    }

    fn claim_mut(&mut self) -> &mut ClaimRecord {
        &mut self.record.claim
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::core::conclusion::Conclusion;
    use crate::core::operation::Operation;
    use crate::core::outcome::Outcome;

    #[test]
    fn the_revision_of_a_url_that_is_gone_is_not_compared_with_the_next_one() {
        let mut status = LambdaFunctionUrlStatus::default();
        status.record.claim.revision = Some("old".into());
        let mut conclusion = Conclusion::new(Outcome::InProgress(Progress::Waiting)).saw(Seen::Absent);
        conclusion.sent = vec![Operation::CreateFunctionUrlConfig];
        let input = StatusInput {
            conclusion: &conclusion,
            generation: 1,
            identity: None,
            references: String::new(),
            timeout: std::time::Duration::ZERO,
            requested: None,
            shown: None,
            deletion: None,
        };
        remember(&mut status, &input);
        assert_eq!(status.record.claim.revision, None, "the answer to the creation has none");
    }
}
