//! The status of a LambdaAlias: its records and its report.

use super::model::{Alias, Member};
use super::plan::Step;
use crate::api::alias::{LambdaAlias, LambdaAliasStatus};
use crate::api::shared::{ClaimRecord, CommonRecord, CommonStatus};
use crate::core::attached::Observed;
use crate::core::attached::history::Claimed;
use crate::core::attached::plan::Wanted;
use crate::core::attached::status as attached;
use crate::core::attached::status::Answer;
use crate::core::conclusion::{Seen, StatusInput};
use crate::core::operation::Operation;
use crate::core::outcome::Outcome;
use crate::core::past::Reported;
use crate::core::references::Parent;
use crate::core::target;

/// Effects of a reconcile that later ones must know.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Effects {
    /// Those of every resource without tags.
    pub attached: attached::Effects,
    /// The version that the alias pointed to before the write.
    pub moved_from: Option<String>,
}

impl From<attached::Effects> for Effects {
    fn from(attached: attached::Effects) -> Self {
        Self { attached, moved_from: None }
    }
}

/// Records a step that AWS accepted.
pub(super) fn accepted(effects: &mut Effects, step: &Step, answer: Answer, observed: Option<&Observed<Alias>>) {
    attached::accepted(&mut effects.attached, step, answer);
    match step {
        Step::Create(Wanted { name: _, model, members }) | Step::Update(Wanted { name: _, model, members }) => {
            let before = observed.map(|held| held.model.version.clone());
            let moves = members.contains(&Member::Version);
            effects.moved_from = before.filter(|before| moves && *before != model.version);
        }
        Step::Delete(_) => {}
    }
}

/// Records in the status what the reconcile observed, did and proved.
pub(super) fn remember(status: &mut LambdaAliasStatus, input: &StatusInput<'_, Observed<Alias>, Effects>) {
    let Effects { attached: effects, moved_from } = &input.conclusion.effects;
    status.name = effects.name.clone().or(status.name.take());
    let shown = match &input.conclusion.seen {
        Seen::Ours(observed) => Some(&**observed),
        Seen::Absent | Seen::Nothing => None,
    };
    if let Some(held) = shown {
        show(status, held);
    }
    // Weights that are reported as drift do not come from a move by AWS.
    let reported = shown.is_some() && matches!(input.conclusion.outcome, Outcome::Drifted(_));
    if reported || input.conclusion.sent.contains(&Operation::DeleteAlias) {
        status.record.moved_from = None;
    }
    attached::remember(status, input, effects, shown);
    status.record.moved_from = moved_from.clone().or(status.record.moved_from.take());
}

/// Copies the attributes that AWS shows.
fn show(status: &mut LambdaAliasStatus, held: &Observed<Alias>) {
    let region = status.common.region.clone().unwrap_or_default();
    status.invoke_arn = Some(target::invoke_arn(&region, &held.arn));
    status.function_version = Some(held.model.version.clone());
    status.additional_version_weights =
        held.model.weights.iter().map(|(version, weight)| (version.clone(), weight.clone())).collect();
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

/// The facts about the alias that objects with an `aliasRef` to it use.
pub(super) fn parent(object: &LambdaAlias) -> Parent {
    let status = object.status.as_ref();
    Parent {
        version: status.and_then(|status| status.function_version.clone()),
        alias: status.and_then(|status| status.name.clone()),
        is_shared: status.is_some_and(|status| !status.additional_version_weights.is_empty()),
        ..Parent::of(&object.metadata, status)
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

impl Claimed for LambdaAliasStatus {
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
    use crate::api::shared::RecordedClaim;
    use crate::core::attached::history::History;
    use crate::core::attached::status::{completed, left, proved, uncertain, write_ahead};
    use crate::core::attached::{Desired, Model};
    use crate::core::error::CallError;
    use crate::core::error::Error;
    use crate::core::past::Past;
    use crate::core::plan::Write;
    use crate::core::target::Target;
    use crate::kinds::alias::desired::live;

    fn wanted(version: &str, members: &[Member]) -> Wanted<Alias> {
        let model = Alias { version: version.into(), ..Alias::default() };
        Wanted { name: "live".into(), model, members: members.to_vec() }
    }

    fn recorded(claim: Option<RecordedClaim>, wanted: &Wanted<Alias>) -> History {
        let past = Past { target: Some(target()), ..Past::default() };
        History { past, claim, applied: wanted.model.applied(&Member::ALL), ..History::default() }
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
        assert_eq!(claim(&none, Step::Create(first.clone())), intent);
        assert_eq!(claim(&creating, Step::Create(first.clone())), None, "known");
        assert_eq!(claim(&creating, Step::Create(second.clone())), intent, "edited since");
        assert_eq!(claim(&owned, Step::Create(second.clone())), None, "it stays ours");
        let ours = Some(Some(RecordedClaim::Owned));
        assert_eq!(claim(&creating, Step::Update(second.clone())), ours, "soon it is not as it was sent");
        assert_eq!(claim(&owned, Step::Update(second)), None);
    }

    #[test]
    fn objects_of_an_alias_see_its_status_and_not_that_of_an_alias_that_was_lost() {
        let mut alias = LambdaAlias::new("object", crate::api::alias::LambdaAliasSpec::default());
        assert_eq!(parent(&alias), Parent::default());
        let mut status =
            LambdaAliasStatus { name: Some("live".into()), function_version: Some("7".into()), ..Default::default() };
        status.common.arn = Some("arn".into());
        (status.common.account, status.common.region) = (Some("1".into()), Some("r".into()));
        status.common.function_name = Some("f".into());
        alias.status = Some(status.clone());
        let seen = parent(&alias);
        assert_eq!((seen.alias.as_deref(), seen.version.as_deref()), (Some("live"), Some("7")));
        assert!(seen.exists && !seen.is_shared && seen.target.is_some(), "{seen:?}");
        status.additional_version_weights = [("6".to_owned(), "0.1".to_owned())].into();
        let lost = serde_json::json!({"type": "Stalled", "status": "True", "reason": "NotOwned", "message": "", "lastTransitionTime": "2026-01-01T00:00:00Z"});
        status.common.conditions = vec![serde_json::from_value(lost).unwrap()];
        alias.status = Some(status);
        let seen = parent(&alias);
        assert!(!seen.exists && seen.is_shared, "{seen:?}");
    }

    #[test]
    fn what_is_left_to_others_or_reported_is_not_recorded_as_accepted() {
        let mut desired =
            Desired { reports_drift: true, ignored: vec![Member::Version], ..live(wanted("1", &[]).model) };
        let names = |effects: attached::Effects| effects.applied.into_keys().collect::<Vec<_>>();
        assert_eq!(names(proved(&desired)), ["Description", "RoutingConfig"]);
        let held = Alias { description: "theirs".into(), ..desired.model.clone() };
        let observed = Observed { model: held, arn: String::new(), revision: None };
        assert_eq!(names(left(&desired, Some(&observed))), ["RoutingConfig"]);
        desired.ignored.clear();
        assert_eq!(names(left(&desired, Some(&observed))), ["FunctionVersion", "RoutingConfig"]);
        assert_eq!(left(&desired, None), attached::Effects::default(), "a deleted alias proves nothing");
    }

    #[test]
    fn an_alias_moves_only_where_its_version_is_sent() {
        let held = wanted("1", &[]).model;
        let observed = Observed { model: held, arn: String::new(), revision: None };
        let moved = |wanted: Wanted<Alias>| {
            let mut effects = Effects::default();
            accepted(&mut effects, &Step::Update(wanted), Answer::default(), Some(&observed));
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
            let mut effects = attached::Effects::default();
            let error = Error::new(step.operation(), code, status, text);
            uncertain(&mut effects, &step, &CallError::Failed(error));
            completed(&mut effects, history);
            effects.claim
        };
        let [create, update] = [Step::Create(wanted.clone()), Step::Update(wanted.clone())];
        let none = recorded(None, &wanted);
        let lost = |step: &Step, history: &History| after(step.clone(), "", 0, "connection reset", history);
        assert_eq!(lost(&create, &none), Some(RecordedClaim::Creating));
        assert_eq!(lost(&create, &recorded(Some(RecordedClaim::Owned), &wanted)), None, "it stays ours");
        assert_eq!(lost(&update, &recorded(Some(RecordedClaim::Creating), &wanted)), Some(RecordedClaim::Owned));
        let exists = after(create, "ResourceConflictException", 409, "Alias already exists: arn", &none);
        assert_eq!(exists, None, "somebody else was faster");
    }
}
