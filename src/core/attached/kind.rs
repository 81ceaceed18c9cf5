//! The trait for kinds that belong to a function, have no tags in AWS, and share their goal, plan and records with each other. Each of them is a
//! [`Kind`]. Pure; nothing here names a kind.

use std::collections::BTreeSet;
use std::fmt::Debug;

use k8s_openapi::apimachinery::pkg::apis::meta::v1::ObjectMeta;
use serde::Serialize;
use serde::de::DeserializeOwned;

use super::function::Function;
use super::history::{Claimed, History};
use super::plan::{Plan, Step};
use super::status::{Answer, Effects};
use super::{Desired, Goal, Leaving, Model, Observed, Query};
use crate::api::shared::{AdoptionPolicy, CommonSpec, RecordedClaim};
use crate::core::attached;
use crate::core::blocked::Blocked;
use crate::core::change::Change;
use crate::core::conclusion::Seen;
use crate::core::error::{CallError, GoalError};
use crate::core::goal::Place;
use crate::core::hand_over::{HandOver, ObjectName};
use crate::core::host::FunctionOwner;
use crate::core::kind::{GoalInput, Kind, Names, Situation, Stated, StatusInputOf};
use crate::core::namespace_policy::annotation::Bound;
use crate::core::namespace_policy::demands::{Code, Concurrency, Demands};
use crate::core::namespace_policy::in_aws::InAws;
use crate::core::outcome::Progress;
use crate::core::ownership::Stake;
use crate::core::past::{Past, Reported};
use crate::core::plan;
use crate::core::preview::Preview;
use crate::core::reason::Reason;
use crate::core::references::{Parent, Reference, References};
use crate::core::target::Target;

/// A status that records the qualifier of the resource.
pub trait Qualified: Claimed {
    /// The qualifier, fixed before the resource was created.
    fn qualifier(&self) -> Option<&String>;
    /// Mutable access to it.
    fn qualifier_mut(&mut self) -> &mut Option<String>;
}

/// A kind of resource without tags that belongs to a function, a version or an alias. The implementor is the object as the API server holds it.
pub trait Attached: Clone + Debug + Serialize + DeserializeOwned + Send + Sync + 'static {
    /// The status of the object.
    type Status: Qualified;
    /// The members that a write sends.
    type Model: Model;

    /// The names of the kind.
    const NAMES: Names;
    /// The qualifier of a resource whose spec names none; empty if a spec always names one.
    const UNQUALIFIED: &'static str;

    /// The object's metadata.
    fn metadata(&self) -> &ObjectMeta;
    /// The fields that all kinds have in their spec.
    fn common(&self) -> &CommonSpec;
    /// The object's status.
    fn reported(&self) -> Option<&Self::Status>;
    /// The function, as the spec names it.
    fn function(&self) -> Function<'_>;
    /// `qualifier` of the spec.
    fn qualifier(&self) -> Option<&String>;
    /// The concurrency that the object takes from the account's other functions.
    fn concurrency(&self) -> Concurrency {
        Concurrency::None
    }
    /// The values in AWS that the policy of a namespace limits.
    fn in_aws<'a>(_desired: &Desired<Self::Model>, _observed: &'a Observed<Self::Model>) -> Vec<InAws<'a>> {
        Vec::new()
    }
    /// The members that `ignoreChanges` leaves to others.
    fn ignored(&self) -> Vec<<Self::Model as Model>::Member>;
    /// The desired members. `parent` is the LambdaFunction or LambdaAlias that the spec names.
    fn model(&self, parent: Option<&Parent>) -> Self::Model;
    /// Copies the attributes that AWS shows into a status; clears them if there is no resource.
    fn show(status: &mut Self::Status, shown: Option<&Self::Model>);

    /// Adapts the plan to states that no member shows, such as an allocation in progress.
    fn judged(
        plan: Plan<Self::Model>,
        _desired: &Desired<Self::Model>,
        _history: &History,
        _observed: Option<&Observed<Self::Model>>,
    ) -> Plan<Self::Model> {
        plan
    }
    /// The message of an object that is in sync.
    fn settled(_seen: Option<&Observed<Self::Model>>) -> String {
        format!("The {} in AWS matches the spec.", Self::NAMES.noun)
    }
    /// The message about the change that AWS is applying.
    fn working(_observed: Option<&Observed<Self::Model>>) -> String {
        "AWS is applying an update.".into()
    }
}

/// Namespace and name of the object.
fn object(metadata: &ObjectMeta) -> ObjectName {
    let [namespace, name] = [&metadata.namespace, &metadata.name].map(|part| part.clone().unwrap_or_default());
    ObjectName { namespace, name }
}

/// The ARN of the resource.
fn arn(target: &Target, qualifier: &str) -> String {
    format!("{}:{qualifier}", target.arn())
}

/// The qualifier, as far as it is known without the LambdaAlias: the recorded one, or that of the spec.
fn known<K: Attached>(object: &K) -> Option<String> {
    let recorded = object.reported().and_then(Qualified::qualifier).cloned();
    let named = || object.qualifier().filter(|name| !name.is_empty()).cloned();
    recorded
        .or_else(|| if object.function().alias.is_some() { None } else { named().or(Some(K::UNQUALIFIED.to_owned())) })
}

fn goal<K: Attached>(input: &GoalInput<'_, K>) -> Result<Goal<K::Model>, GoalError> {
    let (object, references) = (input.object, input.references);
    let common = object.common();
    let host = attached::host(input, self::object(object.metadata()));
    if object.metadata().deletion_timestamp.is_some() {
        // If no qualifier is known, none was written ahead, so nothing was created.
        let name = known(object).unwrap_or_default();
        return Ok(attached::leaving(name, common, host, input.rival.clone()));
    }
    let (function, recorded) = (object.function(), object.reported().and_then(Qualified::qualifier));
    let qualifier = function.qualifier(object.qualifier(), recorded, references)?;
    let name = qualifier.unwrap_or_else(|| K::UNQUALIFIED.to_owned());
    let model = object.model(references.parent.as_ref());
    Ok(attached::present(name, model, common, object.ignored(), host, input.rival.clone()))
}

impl<K: Attached> Kind for K {
    type Status = K::Status;
    type Desired = Desired<K::Model>;
    type Leaving = Leaving;
    type History = History;
    type Query = Query;
    type Observed = Observed<K::Model>;
    type Step = Step<K::Model>;
    type Answer = Answer;
    type Effects = Effects;

    const NAMES: Names = <K as Attached>::NAMES;

    fn metadata(&self) -> &ObjectMeta {
        Attached::metadata(self)
    }

    fn common(&self) -> &CommonSpec {
        Attached::common(self)
    }

    fn reported(&self) -> Option<&K::Status> {
        Attached::reported(self)
    }

    fn references(&self) -> BTreeSet<Reference> {
        self.function().reference().into_iter().collect()
    }

    fn demands(&self) -> Demands<'_> {
        // A function that functionRef or aliasRef names is not listed here. Its name in AWS is checked as part of the target.
        let function = self.function().name.map(String::as_str).filter(|name| !name.is_empty());
        Demands {
            named: function.map(|name| (Bound::FunctionNames, name)).into_iter().collect(),
            concurrency: self.concurrency(),
            code: Code::None,
            adopts: Attached::common(self).adoption_policy == Some(AdoptionPolicy::Adopt),
        }
    }

    fn place(&self, references: &References) -> Result<Place, GoalError> {
        self.function().place(references)
    }

    /// AWS has no tags for the resource, so two objects can claim the same one.
    fn stake(&self, resolved: Option<(&Target, &References)>) -> Option<Stake> {
        let past = Past::of(Attached::reported(self));
        let (target, references) = resolved.unzip();
        let (target, metadata) = (target.or(past.target.as_ref())?, Attached::metadata(self));
        let recorded = Attached::reported(self).and_then(Qualified::qualifier);
        let unqualified = K::UNQUALIFIED.to_owned();
        let literal = self.qualifier().filter(|name| !name.is_empty()).or(Some(&unqualified));
        Some(Stake {
            resource: self.function().holder(target, literal, recorded, references)?,
            refused: past.refused,
            owned: Attached::reported(self).and_then(|status| status.claim().claim) == Some(RecordedClaim::Owned),
            since: metadata.creation_timestamp.as_ref().map(|created| created.0).unwrap_or_default(),
            uid: metadata.uid.clone().unwrap_or_default(),
            object: object(metadata),
            hand_over: HandOver::of(metadata.annotations.as_ref()),
        })
    }

    fn asks(&self) -> Option<ObjectName> {
        None
    }

    fn history(status: Option<&K::Status>) -> History {
        History::of(status)
    }

    fn goal(input: &GoalInput<'_, Self>) -> Result<Goal<K::Model>, GoalError> {
        goal(input)
    }

    fn query(goal: &Goal<K::Model>, _history: &History) -> Query {
        attached::query(goal)
    }

    fn stale_read(situation: &Situation<'_, Self>, observed: Option<&Observed<K::Model>>) -> Option<Progress> {
        let Situation { goal, target: _, history, recorded: _, repeated: _, generation, now } = situation;
        attached::staleness::stale_read(goal, history, observed, *generation, *now)
    }

    fn left_to_others(
        goal: &Goal<K::Model>,
        _history: &History,
        observed: &Observed<K::Model>,
    ) -> Option<Goal<K::Model>> {
        attached::left_to_others(goal, observed)
    }

    fn in_aws<'a>(desired: &Desired<K::Model>, observed: &'a Observed<K::Model>) -> Vec<InAws<'a>> {
        <K as Attached>::in_aws(desired, observed)
    }

    fn needs_owner(goal: &Goal<K::Model>, history: &History, observed: Option<&Observed<K::Model>>) -> bool {
        attached::plan::needs_owner(goal, history, observed)
    }

    fn with_owner(goal: &Goal<K::Model>, owner: FunctionOwner) -> Option<Goal<K::Model>> {
        Some(attached::with_owner(goal, owner))
    }

    fn plan(
        goal: &Goal<K::Model>,
        history: &History,
        observed: Option<&Observed<K::Model>>,
    ) -> plan::Plan<Step<K::Model>> {
        let plan = attached::plan::plan(goal, history, observed);
        match goal.desired() {
            Some(desired) => K::judged(plan, desired, history, observed),
            None => plan,
        }
    }

    fn changes(
        step: &Step<K::Model>,
        _target: &Target,
        _desired: &Desired<K::Model>,
        observed: Option<&Observed<K::Model>>,
    ) -> Vec<Change> {
        attached::plan::changes(step, observed)
    }

    fn write_ahead(
        situation: &Situation<'_, Self>,
        _observed: Option<&Observed<K::Model>>,
        steps: &[Step<K::Model>],
    ) -> Vec<(Progress, Effects)> {
        attached::status::write_ahead(situation.target, situation.recorded, steps)
    }

    fn accepted(
        effects: &mut Effects,
        step: &Step<K::Model>,
        answer: Answer,
        _goal: &Goal<K::Model>,
        _observed: Option<&Observed<K::Model>>,
    ) {
        attached::status::accepted(effects, step, answer);
    }

    fn uncertain(
        effects: &mut Effects,
        step: &Step<K::Model>,
        error: &CallError,
        _observed: Option<&Observed<K::Model>>,
    ) {
        attached::status::uncertain(effects, step, error);
    }

    fn completed(effects: &mut Effects, _goal: &Goal<K::Model>, history: &History, _steps: &[Step<K::Model>]) {
        attached::status::completed(effects, history);
    }

    fn proved(desired: &Desired<K::Model>, _history: &History, _observed: Option<&Observed<K::Model>>) -> Effects {
        attached::status::proved(desired)
    }

    fn left(desired: &Desired<K::Model>, _history: &History, observed: Option<&Observed<K::Model>>) -> Effects {
        attached::status::left(desired, observed)
    }

    fn is_ours(goal: &Goal<K::Model>, history: &History, observed: &Observed<K::Model>) -> bool {
        attached::plan::is_ours(goal, history, observed)
    }

    fn corrects_drift(
        step: &Step<K::Model>,
        desired: &Desired<K::Model>,
        history: &History,
        observed: Option<&Observed<K::Model>>,
    ) -> bool {
        // A kind can send members again that do not differ; that is no correction of drift.
        let differs = observed.is_none_or(|held| !desired.model.differences(&held.model).is_empty());
        differs && attached::plan::corrects_drift(step, desired, history)
    }

    fn was_created(history: &History) -> bool {
        history.past.shown || history.claim == Some(RecordedClaim::Owned)
    }

    /// The target, the qualifier and the record stay: they decide ownership if the resource appears later.
    fn forget(status: &mut K::Status) {
        status.common_mut().arn = None;
        K::show(status, None);
    }

    fn remember(status: &mut K::Status, input: &StatusInputOf<'_, Self>) {
        let effects = &input.conclusion.effects;
        let qualifier = status.qualifier_mut();
        *qualifier = effects.name.clone().or(qualifier.take());
        let shown = match &input.conclusion.seen {
            Seen::Ours(observed) => Some(&**observed),
            Seen::Absent | Seen::Nothing => None,
        };
        if let Some(held) = shown {
            status.common_mut().arn = Some(held.arn.clone());
            K::show(status, Some(&held.model));
        }
        attached::status::remember(status, input, effects, shown);
    }

    fn conditions(_status: &K::Status) -> Vec<(&'static str, Result<Stated, Stated>)> {
        Vec::new()
    }

    fn explain(blocked: &Blocked, _seen: &Seen<Observed<K::Model>>) -> (Reason, String) {
        attached::status::explain::<K::Model>(blocked)
    }

    fn settled(seen: &Seen<Observed<K::Model>>) -> String {
        <K as Attached>::settled(seen.ours())
    }

    fn working(observed: Option<&Observed<K::Model>>) -> (Reason, String) {
        (Reason::Updating, <K as Attached>::working(observed))
    }
}

impl<K: Attached> Preview for K {
    fn arn(desired: &Desired<K::Model>, target: &Target) -> String {
        arn(target, &desired.name)
    }
}
