//! LambdaPermission, the pure part: the policy as AWS shows it, the desired statement, and the plan from one to the other. No client, no clock, no environment.

pub mod desired;
pub mod history;
pub mod ids;
pub mod ignored;
pub mod import;
pub mod model;
pub mod plan;
pub mod staleness;
pub mod statement;
pub mod status;

use std::collections::BTreeSet;

use k8s_openapi::apimachinery::pkg::apis::meta::v1::ObjectMeta;

use crate::api::condition;
use crate::api::permission::{LambdaPermission, LambdaPermissionStatus};
use crate::api::shared::{AdoptionPolicy, CommonSpec, RecordedClaim};
use crate::core::attached;
use crate::core::attached::history::Claimed;
use crate::core::attached::placed;
use crate::core::attached::status::Answer;
use crate::core::blocked::Blocked;
use crate::core::change::Change;
use crate::core::conclusion::Seen;
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
use crate::core::plan::Plan;
use crate::core::preview::Preview;
use crate::core::reason::Reason;
use crate::core::references::{Reference, References};
use crate::core::target::Target;
use crate::core::values::full;
use desired::{Desired, Goal, Leaving};
use history::History;
use model::Permission;
use plan::{Addition, Step};
use statement::Policy;
use status::Effects;

/// The policy that is read, and the ids of the object's statements in it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Query {
    /// The version or alias that has the policy.
    pub qualifier: Option<String>,
    /// The ids.
    pub ids: Vec<String>,
}

impl Kind for LambdaPermission {
    type Status = LambdaPermissionStatus;
    type Desired = Desired;
    type Leaving = Leaving;
    type History = History;
    type Query = Query;
    type Observed = Policy;
    type Step = Step;
    type Answer = Answer;
    type Effects = Effects;

    const NAMES: Names = Names {
        controller: "lambdapermission",
        short: "lperm",
        noun: "permission",
        created: condition::PERMISSION_CREATED,
        reference: None,
        facts: &["qualifier", "statementId"],
    };

    fn metadata(&self) -> &ObjectMeta {
        &self.metadata
    }

    fn common(&self) -> &CommonSpec {
        &self.spec.common
    }

    fn reported(&self) -> Option<&LambdaPermissionStatus> {
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

    /// Two objects can set the same `statementId`. A derived id belongs to one object only.
    fn stake(&self, resolved: Option<(&Target, &References)>) -> Option<Stake> {
        let past = Past::of(self.status.as_ref());
        let (target, references) = resolved.unzip();
        let target = target.or(past.target.as_ref())?;
        let object = ObjectName::of(&self.metadata);
        let own = || format!("{}/{}", object.namespace, object.name);
        let id = full(self.spec.statement_id.as_ref()).unwrap_or_else(own);
        let (literal, recorded) =
            (self.spec.qualifier.as_ref(), self.status.as_ref().and_then(|status| status.qualifier.as_ref()));
        let policy = desired::function(&self.spec).holder(target, literal, recorded, references)?;
        Some(Stake {
            resource: format!("{policy} {id}"),
            refused: past.refused,
            owned: self.status.as_ref().and_then(|status| status.claim().claim) == Some(RecordedClaim::Owned),
            since: self.metadata.creation_timestamp.as_ref().map(|created| created.0).unwrap_or_default(),
            uid: self.metadata.uid.clone().unwrap_or_default(),
            hand_over: HandOver::of(self.metadata.annotations.as_ref()),
            object,
        })
    }

    /// A statement has no tags and no `adoptFrom`. The taker of a hand-over is an object that claims the same statement.
    fn asks(&self) -> Option<ObjectName> {
        None
    }

    fn history(status: Option<&LambdaPermissionStatus>) -> History {
        History::of(status)
    }

    fn goal(input: &GoalInput<'_, Self>) -> Result<Goal, GoalError> {
        desired::goal(input)
    }

    /// The policy has a quota of its own: without the reservation, each new statement would spend a read of it and then wait for its write.
    fn sure_calls(goal: &Goal, history: &History) -> &'static [Operation] {
        let new = goal.desired().is_some() && history.attached.claim.is_none();
        if new { &[Operation::GetPolicy, Operation::AddPermission] } else { &[] }
    }

    fn query(goal: &Goal, _history: &History) -> Query {
        let place = placed::place(goal);
        Query { qualifier: place.qualifier.clone(), ids: place.ids.all() }
    }

    fn stale_read(situation: &Situation<'_, Self>, observed: Option<&Policy>) -> Option<Progress> {
        staleness::stale_read(situation, observed)
    }

    /// A policy can exist and contain only statements of others.
    fn is_absent(observed: &Policy) -> bool {
        observed.held.is_empty()
    }

    fn left_to_others(goal: &Goal, history: &History, observed: &Policy) -> Option<Goal> {
        let held = plan::current(goal, history, Some(observed)).map(|statement| plan::observed(goal, statement))?;
        placed::left_to_others(goal, &held)
    }

    /// No annotation of a namespace limits actions, principals or sources.
    fn in_aws<'a>(_desired: &Desired, _observed: &'a Policy) -> Vec<InAws<'a>> {
        Vec::new()
    }

    fn needs_owner(goal: &Goal, history: &History, observed: Option<&Policy>) -> bool {
        plan::needs_owner(goal, history, observed)
    }

    fn with_owner(goal: &Goal, owner: FunctionOwner) -> Option<Goal> {
        Some(placed::with_owner(goal, owner))
    }

    fn plan(goal: &Goal, history: &History, observed: Option<&Policy>) -> Plan<Step> {
        plan::plan(goal, history, observed)
    }

    fn changes(step: &Step, _target: &Target, _desired: &Desired, _observed: Option<&Policy>) -> Vec<Change> {
        match step {
            Step::Add(addition) => attached::plan::changes(&addition.step, addition.replaces.as_ref()),
            Step::Remove(_) => Vec::new(),
        }
    }

    fn write_ahead(
        situation: &Situation<'_, Self>,
        _observed: Option<&Policy>,
        steps: &[Step],
    ) -> Vec<(Progress, Effects)> {
        let additions = steps.iter().filter_map(|step| match step {
            Step::Add(addition) => Some(addition),
            Step::Remove(_) => None,
        });
        let ahead = |addition: &Addition| {
            let steps = std::slice::from_ref(&addition.step);
            let effects = attached::status::write_ahead(situation.target, &situation.recorded.attached, steps);
            let id = matches!(addition.step, attached::plan::Step::Create(_)).then(|| addition.id.clone());
            let qualifier = addition.qualifier.clone();
            effects.into_iter().map(move |(progress, attached)| {
                let (id, qualifier) = (id.clone(), qualifier.clone());
                (progress, Effects { attached, id, qualifier, replacement: None })
            })
        };
        additions.flat_map(|addition| ahead(addition).collect::<Vec<_>>()).collect()
    }

    fn accepted(effects: &mut Effects, step: &Step, answer: Answer, _goal: &Goal, _observed: Option<&Policy>) {
        status::accepted(effects, step, answer);
    }

    fn uncertain(effects: &mut Effects, step: &Step, error: &CallError, _observed: Option<&Policy>) {
        status::uncertain(effects, step, error);
    }

    /// If the removal is refused, the addition after it is not sent: both statements have the same id, or the policy has no room for both.
    fn is_held(step: &Step, refused: &Step, _class: crate::core::error::class::Class) -> bool {
        matches!((step, refused), (Step::Add(_), Step::Remove(_)))
    }

    fn completed(effects: &mut Effects, _goal: &Goal, history: &History, _steps: &[Step]) {
        attached::status::completed(&mut effects.attached, &history.attached);
    }

    fn proved(desired: &Desired, history: &History, observed: Option<&Policy>) -> Effects {
        let goal = Goal::Present(Box::new(desired.clone()));
        let statement = plan::current(&goal, history, observed);
        status::proved(desired, attached::status::proved(&desired.attached), statement)
    }

    fn left(desired: &Desired, history: &History, observed: Option<&Policy>) -> Effects {
        let goal = Goal::Present(Box::new(desired.clone()));
        let statement = plan::current(&goal, history, observed);
        let held = statement.map(|statement| plan::observed(&goal, statement));
        status::proved(desired, attached::status::left(&desired.attached, held.as_ref()), statement)
    }

    fn is_ours(goal: &Goal, history: &History, observed: &Policy) -> bool {
        let held = plan::current(goal, history, Some(observed)).map(|statement| plan::observed(goal, statement));
        let known = plan::known(goal, history);
        held.is_some_and(|held| attached::plan::is_ours(&placed::attached(goal), &known, &held))
    }

    fn corrects_drift(step: &Step, desired: &Desired, history: &History, _observed: Option<&Policy>) -> bool {
        match step {
            Step::Add(addition) => attached::plan::corrects_drift(&addition.step, &desired.attached, &history.attached),
            Step::Remove(_) => false,
        }
    }

    fn was_created(history: &History) -> bool {
        history.attached.past.shown || history.attached.claim == Some(RecordedClaim::Owned)
    }

    fn forget(status: &mut LambdaPermissionStatus) {
        status::forget(status);
    }

    fn remember(status: &mut LambdaPermissionStatus, input: &StatusInputOf<'_, Self>) {
        status::remember(status, input);
    }

    fn conditions(status: &LambdaPermissionStatus) -> Vec<(&'static str, Result<Stated, Stated>)> {
        status::conditions(status)
    }

    fn explain(blocked: &Blocked, _seen: &Seen<Policy>) -> (Reason, String) {
        attached::status::explain::<Permission>(blocked)
    }
}

impl Preview for LambdaPermission {
    fn arn(desired: &Desired, _target: &Target) -> String {
        desired.place.resource.clone()
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;
    use crate::core::references::Parent;

    #[test]
    fn a_statement_of_an_alias_is_no_claim_to_that_of_the_function() {
        let object = |parent: &Value| -> LambdaPermission {
            let mut spec = json!({
                "action": "lambda:InvokeFunction", "principal": "s3.amazonaws.com", "statementId": "s3",
            });
            spec.as_object_mut().unwrap().extend(parent.as_object().unwrap().clone());
            let object = json!({
                "apiVersion": "lambda-operator.io/v1alpha1", "kind": "LambdaPermission",
                "metadata": {"name": "s3", "namespace": "n"}, "spec": spec,
                "status": {"account": "1", "region": "r", "functionName": "f"},
            });
            serde_json::from_value(object).unwrap()
        };
        let target = Target { account: "1".into(), region: "r".into(), name: "f".into() };
        let alias = Parent { target: Some(target.clone()), alias: Some("live".into()), ..Parent::default() };
        let known = References { parent: Some(alias), ..References::default() };
        let resource = |parent: &Value, resolved| object(parent).stake(resolved).map(|stake| stake.resource);
        let (of_function, of_alias) = (json!({"functionRef": {"name": "f"}}), json!({"aliasRef": {"name": "object"}}));
        assert_eq!(resource(&of_function, None), Some(format!("{} s3", target.arn())));
        assert_eq!(resource(&of_alias, Some((&target, &known))), Some(format!("{}:live s3", target.arn())));
        assert_eq!(resource(&of_alias, None), None, "before its alias is recorded");
    }
}
