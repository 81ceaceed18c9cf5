//! LambdaAlias, the pure part: its observed state, its desired state, and the plan from one to the other. No client, no clock, no environment.

pub mod desired;
pub mod history;
pub mod ignored;
pub mod import;
pub mod model;
pub mod plan;
pub mod staleness;
pub mod status;

use std::collections::BTreeSet;

use k8s_openapi::apimachinery::pkg::apis::meta::v1::ObjectMeta;

use crate::api::alias::{LambdaAlias, LambdaAliasStatus, VersionSource};
use crate::api::condition;
use crate::api::shared::RecordedClaim;
use crate::api::shared::{AdoptionPolicy, CommonSpec};
use crate::core::attached;
use crate::core::attached::history::Claimed;
use crate::core::attached::status::Answer;
use crate::core::attached::{Desired, Goal, Leaving, Observed, Query};
use crate::core::blocked::Blocked;
use crate::core::change::{Change, Reverted};
use crate::core::conclusion::Seen;
use crate::core::error::{CallError, GoalError};
use crate::core::goal::Place;
use crate::core::hand_over::{HandOver, ObjectName};
use crate::core::host::FunctionOwner;
use crate::core::kind::{GoalInput, Kind, Names, Situation, Stated, StatusInputOf};
use crate::core::namespace_policy::annotation::Bound;
use crate::core::namespace_policy::demands::{Code, Concurrency, Demands};
use crate::core::namespace_policy::in_aws::InAws;
use crate::core::operation::Operation;
use crate::core::outcome::Progress;
use crate::core::ownership::Stake;
use crate::core::past::Past;
use crate::core::plan::Plan;
use crate::core::preview::Preview;
use crate::core::reason::Reason;
use crate::core::references;
use crate::core::references::{Parent, Reference, References};
use crate::core::target::Target;
use history::History;
use model::Alias;
use plan::Step;
use status::Effects;

impl Kind for LambdaAlias {
    type Status = LambdaAliasStatus;
    type Desired = Desired<Alias>;
    type Leaving = Leaving;
    type History = History;
    type Query = Query;
    type Observed = Observed<Alias>;
    type Step = Step;
    type Answer = Answer;
    type Effects = Effects;

    const NAMES: Names = Names {
        controller: "lambdaalias",
        short: "lalias",
        noun: "alias",
        created: condition::ALIAS_CREATED,
        reference: Some(references::Kind::LambdaAlias),
        facts: &["name", "functionVersion", "additionalVersionWeights"],
    };

    fn metadata(&self) -> &ObjectMeta {
        &self.metadata
    }

    fn common(&self) -> &CommonSpec {
        &self.spec.common
    }

    fn reported(&self) -> Option<&LambdaAliasStatus> {
        self.status.as_ref()
    }

    fn references(&self) -> BTreeSet<Reference> {
        desired::function(&self.spec).reference().into_iter().collect()
    }

    fn demands(&self) -> Demands<'_> {
        // A function that functionRef names is not listed here. Its name in AWS is checked as part of the target.
        let function = self.spec.function_name.as_deref().filter(|name| !name.is_empty());
        Demands {
            named: function.map(|name| (Bound::FunctionNames, name)).into_iter().collect(),
            concurrency: Concurrency::None,
            code: Code::None,
            adopts: self.spec.common.adoption_policy == Some(AdoptionPolicy::Adopt),
        }
    }

    fn place(&self, references: &References) -> Result<Place, GoalError> {
        desired::function(&self.spec).place(references)
    }

    fn parent(&self) -> Option<Parent> {
        Some(status::parent(self))
    }

    /// AWS has no tags for an alias, so two objects can claim the same one.
    fn stake(&self, resolved: Option<(&Target, &References)>) -> Option<Stake> {
        let past = Past::of(self.status.as_ref());
        let target = resolved.map(|(target, _)| target).or(past.target.as_ref())?;
        Some(Stake {
            resource: desired::arn(target, &desired::name(self)),
            refused: past.refused,
            owned: self.status.as_ref().and_then(|status| status.claim().claim) == Some(RecordedClaim::Owned),
            since: self.metadata.creation_timestamp.as_ref().map(|created| created.0).unwrap_or_default(),
            uid: self.metadata.uid.clone().unwrap_or_default(),
            object: desired::object(self),
            hand_over: HandOver::of(self.metadata.annotations.as_ref()),
        })
    }

    /// An alias has no tags and no `adoptFrom`. The taker of a hand-over is an object that claims the same alias.
    fn asks(&self) -> Option<ObjectName> {
        None
    }

    fn history(status: Option<&LambdaAliasStatus>) -> History {
        History::of(status)
    }

    fn goal(input: &GoalInput<'_, Self>) -> Result<Goal<Alias>, GoalError> {
        desired::goal(input)
    }

    fn sure_calls(goal: &Goal<Alias>, history: &History) -> &'static [Operation] {
        let new = goal.desired().is_some() && history.attached.claim.is_none();
        if new { &[Operation::GetAlias, Operation::CreateAlias] } else { &[] }
    }

    fn query(goal: &Goal<Alias>, _history: &History) -> Query {
        attached::query(goal)
    }

    fn stale_read(situation: &Situation<'_, Self>, observed: Option<&Observed<Alias>>) -> Option<Progress> {
        staleness::stale_read(situation, observed)
    }

    fn left_to_others(goal: &Goal<Alias>, _history: &History, observed: &Observed<Alias>) -> Option<Goal<Alias>> {
        attached::left_to_others(goal, observed)
    }

    /// No annotation of a namespace limits versions, weights or descriptions.
    fn in_aws<'a>(_desired: &Desired<Alias>, _observed: &'a Observed<Alias>) -> Vec<InAws<'a>> {
        Vec::new()
    }

    fn needs_owner(goal: &Goal<Alias>, history: &History, observed: Option<&Observed<Alias>>) -> bool {
        plan::needs_owner(goal, history, observed)
    }

    fn with_owner(goal: &Goal<Alias>, owner: FunctionOwner) -> Option<Goal<Alias>> {
        Some(attached::with_owner(goal, owner))
    }

    fn plan(goal: &Goal<Alias>, history: &History, observed: Option<&Observed<Alias>>) -> Plan<Step> {
        plan::plan(goal, history, observed)
    }

    fn changes(
        step: &Step,
        _target: &Target,
        _desired: &Desired<Alias>,
        observed: Option<&Observed<Alias>>,
    ) -> Vec<Change> {
        attached::plan::changes(step, observed)
    }

    fn write_ahead(
        situation: &Situation<'_, Self>,
        _observed: Option<&Observed<Alias>>,
        steps: &[Step],
    ) -> Vec<(Progress, Effects)> {
        let ahead = attached::status::write_ahead(situation.target, &situation.recorded.attached, steps);
        ahead.into_iter().map(|(progress, effects)| (progress, effects.into())).collect()
    }

    fn accepted(
        effects: &mut Effects,
        step: &Step,
        answer: Answer,
        _goal: &Goal<Alias>,
        observed: Option<&Observed<Alias>>,
    ) {
        status::accepted(effects, step, answer, observed);
    }

    fn uncertain(effects: &mut Effects, step: &Step, error: &CallError, _observed: Option<&Observed<Alias>>) {
        attached::status::uncertain(&mut effects.attached, step, error);
    }

    fn completed(effects: &mut Effects, _goal: &Goal<Alias>, history: &History, _steps: &[Step]) {
        attached::status::completed(&mut effects.attached, &history.attached);
    }

    fn proved(desired: &Desired<Alias>, _history: &History, _observed: Option<&Observed<Alias>>) -> Effects {
        attached::status::proved(desired).into()
    }

    fn left(desired: &Desired<Alias>, _history: &History, observed: Option<&Observed<Alias>>) -> Effects {
        attached::status::left(desired, observed).into()
    }

    fn is_ours(goal: &Goal<Alias>, history: &History, observed: &Observed<Alias>) -> bool {
        attached::plan::is_ours(goal, &history.attached, observed)
    }

    fn reverts(
        step: &Step,
        desired: &Desired<Alias>,
        history: &History,
        _observed: Option<&Observed<Alias>>,
    ) -> Reverted {
        attached::plan::reverts(step, desired, &history.attached)
    }

    fn was_created(history: &History) -> bool {
        history.attached.past.shown || history.attached.claim == Some(RecordedClaim::Owned)
    }

    fn forget(status: &mut LambdaAliasStatus) {
        status::forget(status);
    }

    fn remember(status: &mut LambdaAliasStatus, input: &StatusInputOf<'_, Self>) {
        status::remember(status, input);
    }

    fn conditions(_status: &LambdaAliasStatus) -> Vec<(&'static str, Result<Stated, Stated>)> {
        Vec::new()
    }

    fn explain(blocked: &Blocked, _seen: &Seen<Observed<Alias>>) -> (Reason, String) {
        attached::status::explain::<Alias>(blocked)
    }

    fn working(observed: Option<&Observed<Alias>>) -> (Reason, String) {
        let weights = observed.map(|observed| observed.model.weights.text());
        match weights.filter(|weights| !weights.is_empty()) {
            Some(weights) => (
                Reason::Updating,
                format!(
                    "AWS is moving provisioned concurrency to the alias's version; until then it routes a share of the invocations to the previous version ({weights})."
                ),
            ),
            None => (Reason::Updating, "AWS is applying an update.".into()),
        }
    }
}

impl Preview for LambdaAlias {
    fn arn(desired: &Desired<Alias>, target: &Target) -> String {
        desired::arn(target, &desired.name)
    }

    fn follows_versions(&self) -> bool {
        match self.spec.function_version_from {
            Some(VersionSource::Published) => true,
            None => false,
        }
    }

    fn foresee(parent: &mut Parent, desired: &Desired<Alias>, observed: &Observed<Alias>, plan: &Plan<Step>) {
        let alias = plan::after(plan, &observed.model);
        parent.alias = Some(desired.name.clone());
        parent.version = Some(alias.version.clone());
        parent.is_shared = !alias.weights.is_empty();
    }

    fn applied(&self, parent: &mut Parent) {
        if let Some(weights) = desired::weights_to_apply(self) {
            parent.is_shared = !weights.is_empty();
        }
    }
}
