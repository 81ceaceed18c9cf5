//! LambdaAlias, the pure part: its observed state, its desired state, and the plan from one to the other. No client, no clock, no environment.

pub mod desired;
pub mod history;
pub mod ignored;
pub mod import;
pub mod model;
pub mod observed;
pub mod plan;
pub mod staleness;
pub mod status;

use std::collections::BTreeSet;

use k8s_openapi::apimachinery::pkg::apis::meta::v1::ObjectMeta;

use crate::api::alias::{LambdaAlias, LambdaAliasStatus};
use crate::api::condition;
use crate::api::shared::RecordedClaim;
use crate::api::shared::{AdoptionPolicy, CommonSpec};
use crate::core::blocked::Blocked;
use crate::core::change::Change;
use crate::core::conclusion::Seen;
use crate::core::error::{CallError, GoalError};
use crate::core::goal::Place;
use crate::core::hand_over::HandOver;
use crate::core::host::FunctionOwner;
use crate::core::kind::{GoalInput, Kind, Names, Situation, Stated, StatusInputOf};
use crate::core::namespace_policy::annotation::Bound;
use crate::core::namespace_policy::demands::{Code, Demands};
use crate::core::operation::Operation;
use crate::core::outcome::Progress;
use crate::core::ownership::Stake;
use crate::core::past::Past;
use crate::core::plan::Plan;
use crate::core::preview::Preview;
use crate::core::reason::Reason;
use crate::core::references::{Reference, References};
use crate::core::target::Target;
use desired::{Desired, Goal, Leaving};
use history::History;
use observed::{Observed, Query};
use plan::Step;
use status::{Answer, Effects};

impl Kind for LambdaAlias {
    type Status = LambdaAliasStatus;
    type Desired = Desired;
    type Leaving = Leaving;
    type History = History;
    type Query = Query;
    type Observed = Observed;
    type Step = Step;
    type Answer = Answer;
    type Effects = Effects;

    const NAMES: Names = Names {
        controller: "lambdaalias",
        short: "lalias",
        noun: "alias",
        created: condition::ALIAS_CREATED,
        reference: None,
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
        desired::reference(&self.spec).into_iter().collect()
    }

    fn demands(&self) -> Demands<'_> {
        // The function that functionRef names is judged by the place that it gives.
        let function = self.spec.function_name.as_deref().filter(|name| !name.is_empty());
        Demands {
            named: function.map(|name| (Bound::FunctionNames, name)).into_iter().collect(),
            reserved_concurrency: 0,
            code: Code::None,
            adopts: self.spec.common.adoption_policy == Some(AdoptionPolicy::Adopt),
        }
    }

    fn place(&self, references: &References) -> Result<Place, GoalError> {
        desired::place(&self.spec, references)
    }

    /// AWS has no tags for an alias, so two objects can claim the same one.
    fn stake(&self, target: Option<&Target>) -> Option<Stake> {
        let past = Past::of(self.status.as_ref());
        let target = target.or(past.target.as_ref())?;
        Some(Stake {
            resource: desired::arn(target, &desired::name(self)),
            refused: past.refused,
            owned: History::of(self.status.as_ref()).claim == Some(RecordedClaim::Owned),
            since: self.metadata.creation_timestamp.as_ref().map(|created| created.0).unwrap_or_default(),
            uid: self.metadata.uid.clone().unwrap_or_default(),
            object: desired::object(self),
            hand_over: HandOver::of(self.metadata.annotations.as_ref()),
        })
    }

    fn history(status: Option<&LambdaAliasStatus>) -> History {
        History::of(status)
    }

    fn goal(input: &GoalInput<'_, Self>) -> Result<Goal, GoalError> {
        desired::goal(input)
    }

    /// An alias's reads and writes share one quota, so no write is reserved.
    fn sure_write(_goal: &Goal, _history: &History) -> Option<Operation> {
        None
    }

    fn query(goal: &Goal, _history: &History) -> Query {
        match goal {
            Goal::Present(desired) => Query { name: desired.name.clone() },
            Goal::Absent(leaving) | Goal::Released(leaving) => Query { name: leaving.name.clone() },
        }
    }

    fn stale_read(situation: &Situation<'_, Self>, observed: Option<&Observed>) -> Option<Progress> {
        staleness::stale_read(situation, observed)
    }

    fn left_to_others(goal: &Goal, _history: &History, observed: &Observed) -> Option<Goal> {
        ignored::left_to_others(goal, observed)
    }

    fn needs_owner(goal: &Goal, history: &History, observed: Option<&Observed>) -> bool {
        plan::needs_owner(goal, history, observed)
    }

    fn with_owner(goal: &Goal, owner: FunctionOwner) -> Option<Goal> {
        Some(desired::with_owner(goal, owner))
    }

    fn plan(goal: &Goal, history: &History, observed: Option<&Observed>) -> Plan<Step> {
        plan::plan(goal, history, observed)
    }

    fn changes(step: &Step, _target: &Target, _desired: &Desired, observed: Option<&Observed>) -> Vec<Change> {
        plan::changes(step, observed)
    }

    fn write_ahead(
        situation: &Situation<'_, Self>,
        _observed: Option<&Observed>,
        steps: &[Step],
    ) -> Vec<(Progress, Effects)> {
        status::write_ahead(situation.target, situation.recorded, steps)
    }

    fn accepted(effects: &mut Effects, step: &Step, answer: Answer, _goal: &Goal, observed: Option<&Observed>) {
        status::accepted(effects, step, answer, observed);
    }

    fn uncertain(effects: &mut Effects, step: &Step, error: &CallError, _observed: Option<&Observed>) {
        status::uncertain(effects, step, error);
    }

    fn completed(effects: &mut Effects, _goal: &Goal, history: &History, _steps: &[Step]) {
        status::completed(effects, history);
    }

    fn proved(desired: &Desired, _history: &History, _observed: Option<&Observed>) -> Effects {
        status::proved(desired)
    }

    fn left(desired: &Desired, _history: &History, observed: Option<&Observed>) -> Effects {
        status::left(desired, observed)
    }

    fn is_ours(goal: &Goal, history: &History, observed: &Observed) -> bool {
        plan::is_ours(goal, history, observed)
    }

    fn corrects_drift(step: &Step, desired: &Desired, history: &History, _observed: Option<&Observed>) -> bool {
        plan::corrects_drift(step, desired, history)
    }

    fn was_created(history: &History) -> bool {
        history.past.shown || history.claim == Some(RecordedClaim::Owned)
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

    fn explain(blocked: &Blocked, _seen: &Seen<Observed>) -> (Reason, String) {
        status::explain(blocked)
    }

    fn working(observed: Option<&Observed>) -> (Reason, String) {
        let weights = observed.map(|observed| observed.alias.weights.text());
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
    fn arn(desired: &Desired, target: &Target) -> String {
        desired::arn(target, &desired.name)
    }
}
