//! LambdaFunctionUrl, the pure part: its observed state, its desired state, and the plan from one to the other. No client, no clock, no environment.

pub mod desired;
pub mod history;
pub mod ignored;
pub mod import;
pub mod model;
pub mod observed;
pub mod plan;
pub mod staleness;
pub mod statements;
pub mod status;

use std::collections::BTreeSet;

use k8s_openapi::apimachinery::pkg::apis::meta::v1::ObjectMeta;

use crate::api::condition;
use crate::api::function_url::{LambdaFunctionUrl, LambdaFunctionUrlStatus};
use crate::api::shared::{AdoptionPolicy, CommonSpec, RecordedClaim};
use crate::core::attached;
use crate::core::attached::history::Claimed;
use crate::core::attached::placed;
use crate::core::attached::status::Answer;
use crate::core::blocked::Blocked;
use crate::core::change::{Change, Reverted};
use crate::core::conclusion::Seen;
use crate::core::error::class::Class;
use crate::core::error::{CallError, GoalError};
use crate::core::goal;
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
use crate::core::plan::{Plan, Write};
use crate::core::preview::Preview;
use crate::core::reason::Reason;
use crate::core::references::{Reference, References};
use crate::core::target::Target;
use desired::{Desired, Goal, Leaving};
use history::History;
use model::{Member, Url};
use observed::{Observed, Query};
use plan::Step;
use status::Effects;

impl Kind for LambdaFunctionUrl {
    type Status = LambdaFunctionUrlStatus;
    type Desired = Desired;
    type Leaving = Leaving;
    type History = History;
    type Query = Query;
    type Observed = Observed;
    type Step = Step;
    type Answer = Answer;
    type Effects = Effects;

    const NAMES: Names = Names {
        controller: "lambdafunctionurl",
        short: "lurl",
        noun: "function URL",
        created: condition::URL_CREATED,
        reference: None,
        facts: &["qualifier", "functionUrl"],
    };

    fn metadata(&self) -> &ObjectMeta {
        &self.metadata
    }

    fn common(&self) -> &CommonSpec {
        &self.spec.common
    }

    fn reported(&self) -> Option<&LambdaFunctionUrlStatus> {
        self.status.as_ref()
    }

    fn references(&self) -> BTreeSet<Reference> {
        desired::function(&self.spec).reference().into_iter().collect()
    }

    fn demands(&self) -> Demands<'_> {
        // A function that functionRef or aliasRef names is not listed here. Its name in AWS is checked as part of the target.
        let function = self.spec.function_name.as_deref().filter(|name| !name.is_empty());
        Demands {
            named: function.map(|name| (Bound::FunctionNames, name)).into_iter().collect(),
            concurrency: Concurrency::None,
            code: Code::None,
            adopts: self.spec.common.adoption_policy == Some(AdoptionPolicy::Adopt),
        }
    }

    fn place(&self, references: &References) -> Result<goal::Place, GoalError> {
        desired::function(&self.spec).place(references)
    }

    /// A function, or an alias of it, has one URL, which two objects can claim.
    fn stake(&self, resolved: Option<(&Target, &References)>) -> Option<Stake> {
        let past = Past::of(self.status.as_ref());
        let (target, references) = resolved.unzip();
        let target = target.or(past.target.as_ref())?;
        let (literal, recorded) =
            (self.spec.qualifier.as_ref(), self.status.as_ref().and_then(|status| status.qualifier.as_ref()));
        Some(Stake {
            resource: desired::function(&self.spec).holder(target, literal, recorded, references)?,
            refused: past.refused,
            owned: self.status.as_ref().and_then(|status| status.claim().claim) == Some(RecordedClaim::Owned),
            since: self.metadata.creation_timestamp.as_ref().map(|created| created.0).unwrap_or_default(),
            uid: self.metadata.uid.clone().unwrap_or_default(),
            object: ObjectName::of(&self.metadata),
            hand_over: HandOver::of(self.metadata.annotations.as_ref()),
        })
    }

    /// AWS removes the URL of a deleted alias some time later, and its address can stay.
    fn outlived_by(&self) -> Option<String> {
        let alias = self.status.as_ref()?.qualifier.as_ref()?;
        Past::of(self.status.as_ref()).target.map(|target| target.qualified_arn(Some(alias)))
    }

    /// A function URL has no tags and no `adoptFrom`. The taker of a hand-over is an object that claims the same URL.
    fn asks(&self) -> Option<ObjectName> {
        None
    }

    fn history(status: Option<&LambdaFunctionUrlStatus>) -> History {
        History::of(status)
    }

    fn goal(input: &GoalInput<'_, Self>) -> Result<Goal, GoalError> {
        desired::goal(input)
    }

    /// The policy has a quota of its own: without the reservation, each new URL would spend a read of it and then wait for its write.
    fn sure_calls(goal: &Goal, history: &History) -> &'static [Operation] {
        let new = goal.desired().is_some() && history.attached.claim.is_none();
        if new {
            &[Operation::GetFunctionUrlConfig, Operation::GetPolicy, Operation::CreateFunctionUrlConfig]
        } else {
            &[]
        }
    }

    /// The policy is read only if it has, or should have, statements of the URL, and they are not left to others.
    fn query(goal: &Goal, history: &History) -> Query {
        let place = placed::place(goal);
        let wanted = goal.desired().is_none_or(|desired| !desired.attached.model.public.is_empty());
        let left = goal.desired().is_some_and(|desired| desired.attached.leaves(Member::Public)) && history.owns();
        let ids = (!left && (wanted || history.may_have_statements())).then(|| place.statements.ids());
        Query { qualifier: place.qualifier.clone(), ids }
    }

    fn stale_read(situation: &Situation<'_, Self>, observed: Option<&Observed>) -> Option<Progress> {
        staleness::stale_read(situation, observed)
    }

    /// Statements can remain after their URL is deleted.
    fn is_absent(observed: &Observed) -> bool {
        observed.url.is_none()
    }

    fn left_to_others(goal: &Goal, _history: &History, observed: &Observed) -> Option<Goal> {
        let held = observed.attached(&placed::place(goal).statements)?;
        placed::left_to_others(goal, &held)
    }

    /// No annotation of a namespace limits authorization types, modes or CORS.
    fn in_aws<'a>(_desired: &Desired, _observed: &'a Observed) -> Vec<InAws<'a>> {
        Vec::new()
    }

    fn needs_owner(goal: &Goal, history: &History, observed: Option<&Observed>) -> bool {
        plan::needs_owner(goal, history, observed)
    }

    fn with_owner(goal: &Goal, owner: FunctionOwner) -> Option<Goal> {
        Some(placed::with_owner(goal, owner))
    }

    fn plan(goal: &Goal, history: &History, observed: Option<&Observed>) -> Plan<Step> {
        plan::plan(goal, history, observed)
    }

    fn changes(step: &Step, _target: &Target, desired: &Desired, observed: Option<&Observed>) -> Vec<Change> {
        let held = observed.and_then(|observed| observed.attached(&desired.place.statements));
        plan::as_attached(step).map(|step| attached::plan::changes(&step, held.as_ref())).unwrap_or_default()
    }

    fn write_ahead(
        situation: &Situation<'_, Self>,
        _observed: Option<&Observed>,
        steps: &[Step],
    ) -> Vec<(Progress, Effects)> {
        let qualifier = placed::place(situation.goal).qualifier.as_ref();
        status::write_ahead(situation.target, situation.recorded, qualifier, steps)
    }

    fn accepted(effects: &mut Effects, step: &Step, answer: Answer, goal: &Goal, _observed: Option<&Observed>) {
        status::accepted(effects, step, answer, goal);
    }

    fn uncertain(effects: &mut Effects, step: &Step, error: &CallError, _observed: Option<&Observed>) {
        status::uncertain(effects, step, error);
    }

    /// A change of the statements is recorded with its last call, so each call needs the calls before it. A URL is created only after the statements of
    /// an earlier one are removed: its record says that there are none.
    fn is_held(step: &Step, refused: &Step, _class: Class) -> bool {
        let of_statements = |step: &Step| matches!(step, Step::Add(_) | Step::Remove(_));
        of_statements(refused) && (of_statements(step) || step.operation() == Operation::CreateFunctionUrlConfig)
    }

    fn completed(effects: &mut Effects, goal: &Goal, history: &History, steps: &[Step]) {
        status::completed(effects, goal, history, steps);
    }

    fn proved(desired: &Desired, _history: &History, observed: Option<&Observed>) -> Effects {
        status::recorded(desired, attached::status::proved(&desired.attached), observed)
    }

    fn left(desired: &Desired, _history: &History, observed: Option<&Observed>) -> Effects {
        let held = observed.and_then(|observed| observed.attached(&desired.place.statements));
        status::recorded(desired, attached::status::left(&desired.attached, held.as_ref()), observed)
    }

    fn is_ours(goal: &Goal, history: &History, observed: &Observed) -> bool {
        let held = observed.attached(&placed::place(goal).statements);
        held.is_some_and(|held| attached::plan::is_ours(&placed::attached(goal), &history.attached, &held))
    }

    fn reverts(step: &Step, desired: &Desired, history: &History, _observed: Option<&Observed>) -> Reverted {
        let step = plan::as_attached(step);
        step.map_or(Reverted::Nothing, |step| attached::plan::reverts(&step, &desired.attached, &history.attached))
    }

    fn was_created(history: &History) -> bool {
        history.attached.past.shown || history.attached.claim == Some(RecordedClaim::Owned)
    }

    fn forget(status: &mut LambdaFunctionUrlStatus) {
        status::forget(status);
    }

    fn remember(status: &mut LambdaFunctionUrlStatus, input: &StatusInputOf<'_, Self>) {
        status::remember(status, input);
    }

    fn conditions(_status: &LambdaFunctionUrlStatus) -> Vec<(&'static str, Result<Stated, Stated>)> {
        Vec::new()
    }

    fn explain(blocked: &Blocked, _seen: &Seen<Observed>) -> (Reason, String) {
        attached::status::explain::<Url>(blocked)
    }
}

impl Preview for LambdaFunctionUrl {
    fn arn(desired: &Desired, target: &Target) -> String {
        target.qualified_arn(desired.place.qualifier.as_ref())
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;
    use crate::core::references::Parent;

    fn url(spec: &Value, status: &Value) -> LambdaFunctionUrl {
        let object = json!({
            "apiVersion": "lambda-operator.io/v1alpha1", "kind": "LambdaFunctionUrl",
            "metadata": {"name": "web", "namespace": "n"}, "spec": spec, "status": status,
        });
        serde_json::from_value(object).unwrap()
    }

    #[test]
    fn the_url_of_an_alias_is_no_claim_to_that_of_the_function() {
        let target = Target { account: "1".into(), region: "r".into(), name: "f".into() };
        let alias = Parent { target: Some(target.clone()), alias: Some("live".into()), ..Parent::default() };
        let [none, known] = [None, Some(alias)].map(|parent| References { parent, ..References::default() });
        let (nothing, status) = (json!({}), json!({"account": "1", "region": "r", "functionName": "f"}));
        let of_function = url(&json!({"functionRef": {"name": "f"}, "authorizationType": "NONE"}), &status);
        let of_alias =
            |status: &Value| url(&json!({"aliasRef": {"name": "object"}, "authorizationType": "NONE"}), status);
        let resource = |object: &LambdaFunctionUrl, resolved| object.stake(resolved).map(|stake| stake.resource);
        let of = |qualifier: &str| Some(format!("{}{qualifier}", target.arn()));
        assert_eq!(resource(&of_function, Some((&target, &none))), of(""));
        assert_eq!(resource(&of_alias(&nothing), Some((&target, &known))), of(":live"));
        assert_eq!(resource(&of_alias(&status), None), None, "before its alias is recorded");
        let recorded = json!({"account": "1", "region": "r", "functionName": "f", "qualifier": "live"});
        assert_eq!(resource(&of_alias(&recorded), None), of(":live"));
    }
}
