//! LambdaFunction, the pure part: its observed state, its desired state, and the plan from one to the other. No client, no clock, no environment.

pub mod applied;
pub mod desired;
pub mod ignored;
pub mod import;
pub mod in_aws;
pub mod left;
pub mod member;
pub mod model;
pub mod observed;
pub mod package_type;
pub mod part;
pub mod plan;
pub mod side;
pub mod staleness;
pub mod status;

use std::collections::BTreeSet;

use k8s_openapi::apimachinery::pkg::apis::meta::v1::ObjectMeta;

use crate::api::condition;
use crate::api::function::spec::LambdaFunction;
use crate::api::function::status::{LambdaFunctionStatus, Update};
use crate::api::shared::{CommonSpec, REGRANT_ROLE};
use crate::core::applied::Applied;
use crate::core::blocked::Blocked;
use crate::core::change::{Change, Reverted};
use crate::core::conclusion::Seen;
use crate::core::consent::Taking;
use crate::core::error::class::Class;
use crate::core::error::{CallError, GoalError};
use crate::core::goal::Place;
use crate::core::hand_over::ObjectName;
use crate::core::kind::{GoalInput, Kind, Names, Situation, Stated, StatusInputOf};
use crate::core::namespace_policy::Policy;
use crate::core::namespace_policy::demands::Demands;
use crate::core::namespace_policy::in_aws::InAws;
use crate::core::operation::Operation;
use crate::core::outcome::Progress;
use crate::core::package::Package;
use crate::core::plan::Plan;
use crate::core::preview::Preview;
use crate::core::reason::Reason;
use crate::core::references;
use crate::core::references::{Parent, Reference, References};
use crate::core::target::Target;
use crate::core::values::full;
use desired::code::Source;
use desired::{Desired, Goal, Leaving};
use model::Content;
use observed::query::Query;
use observed::{Lifecycle, Observed};
use plan::step::{Step, Tagging};
use status::effects::Effects;
use status::history::History;

/// The parts of a write's answer that are recorded.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Answer {
    /// CodeSha256 of the code that the call deployed.
    pub code_sha256: Option<String>,
    /// Number of the version that the call published.
    pub version: Option<String>,
    /// `LastModified` of the function after the call.
    pub modified: Option<String>,
}

impl Kind for LambdaFunction {
    type Status = LambdaFunctionStatus;
    type Desired = Desired;
    type Leaving = Leaving;
    type History = History;
    type Query = Query;
    type Observed = Observed;
    type Step = Step;
    type Answer = Answer;
    type Effects = Effects;

    const NAMES: Names = Names {
        controller: "lambdafunction",
        short: "lfn",
        noun: "function",
        created: condition::FUNCTION_CREATED,
        reference: Some(references::Kind::LambdaFunction),
        facts: &["functionName", "version", "state", "lastUpdateStatus", "codeSigningConfigArn"],
    };

    fn metadata(&self) -> &ObjectMeta {
        &self.metadata
    }

    fn common(&self) -> &CommonSpec {
        &self.spec.common
    }

    fn reported(&self) -> Option<&LambdaFunctionStatus> {
        self.status.as_ref()
    }

    fn references(&self) -> BTreeSet<Reference> {
        desired::references::references(&self.spec)
    }

    fn file(&self) -> Option<&str> {
        self.spec.filename.as_deref().filter(|path| !path.is_empty())
    }

    fn demands(&self) -> Demands<'_> {
        desired::demands::demands(self)
    }

    fn referred_demands<'a>(&self, references: &'a References) -> Demands<'a> {
        desired::demands::referred(self, references)
    }

    fn place(&self, _references: &References) -> Result<Place, GoalError> {
        Ok(Place { region: full(self.spec.common.region.as_ref()), name: desired::name(self).to_owned() })
    }

    fn parent(&self) -> Option<Parent> {
        Some(status::parent(self))
    }

    fn asks(&self) -> Option<ObjectName> {
        desired::asks(self)
    }

    /// Whether the annotation that renews the role's grant has been carried out, if it is set.
    fn is_idle(&self, history: &History) -> bool {
        let asked = self.metadata.annotations.as_ref().and_then(|annotations| annotations.get(REGRANT_ROLE));
        asked == history.last_regranted_role.as_ref()
    }

    fn history(status: Option<&LambdaFunctionStatus>) -> History {
        History::of(status)
    }

    fn goal(input: &GoalInput<'_, Self>) -> Result<Goal, GoalError> {
        desired::goal(input)
    }

    fn allowed_end(goal: Goal, policy: &Policy) -> Goal {
        desired::demands::allowed_end(goal, policy)
    }

    fn sure_calls(goal: &Goal, history: &History) -> &'static [Operation] {
        goal.sure_calls(history)
    }

    fn query(goal: &Goal, history: &History) -> Query {
        desired::query(goal, history)
    }

    fn stale_read(situation: &Situation<'_, Self>, observed: Option<&Observed>) -> Option<Progress> {
        let Situation { goal, target: _, history, recorded: _, repeated: _, generation, now } = situation;
        staleness::stale_read(goal, observed, history, *generation, *now)
    }

    fn left_to_others(goal: &Goal, history: &History, observed: &Observed) -> Option<Goal> {
        left::left_to_others(goal, history, observed)
    }

    fn in_aws<'a>(desired: &Desired, observed: &'a Observed) -> Vec<InAws<'a>> {
        in_aws::in_aws(desired, observed)
    }

    fn plan(goal: &Goal, history: &History, observed: Option<&Observed>) -> Plan<Step> {
        left::uncreatable(goal, observed).map_or_else(|| plan::plan(goal, history, observed), Plan::Blocked)
    }

    fn changes(step: &Step, target: &Target, desired: &Desired, observed: Option<&Observed>) -> Vec<Change> {
        plan::change::changes(step, &target.name, desired, observed)
    }

    fn write_ahead(
        situation: &Situation<'_, Self>,
        observed: Option<&Observed>,
        steps: &[Step],
    ) -> Vec<(Progress, Effects)> {
        status::effects::write_ahead(situation.target, situation.recorded, observed, steps)
    }

    fn package<'a>(&'a self, step: &'a Step) -> Option<Package<'a>> {
        let (Source::Zip(zip), _) = step.deploys()? else { return None };
        zip.package(self.spec.code_from.as_ref())
    }

    fn live_half(unsent: &[Operation]) -> Option<&'static str> {
        plan::held::live_half(unsent)
    }

    fn is_held(step: &Step, refused: &Step, class: Class) -> bool {
        plan::held::is_held(step, refused, class)
    }

    fn accepted(effects: &mut Effects, step: &Step, answer: Answer, goal: &Goal, observed: Option<&Observed>) {
        effects.record(step, answer, goal.desired(), observed);
    }

    fn uncertain(effects: &mut Effects, step: &Step, error: &CallError, observed: Option<&Observed>) {
        effects.record_uncertain(step, error, observed);
    }

    fn completed(effects: &mut Effects, goal: &Goal, history: &History, steps: &[Step]) {
        effects.regranted = goal.regranted(history, steps).filter(|_| effects.updated == Some(Update::Configuration));
    }

    fn proved(desired: &Desired, history: &History, observed: Option<&Observed>) -> Effects {
        Effects::proved(desired, history, observed)
    }

    /// If the record was lost, a reported difference counts as drift from now on.
    fn left(desired: &Desired, history: &History, _observed: Option<&Observed>) -> Effects {
        let applied = if history.is_lost() { applied::everything_of_ours(desired) } else { Applied::default() };
        Effects { applied, ..Effects::default() }
    }

    fn is_ours(goal: &Goal, _history: &History, observed: &Observed) -> bool {
        observed.owner_name().is_some_and(|tag| goal.claims(tag))
    }

    fn taking<'a>(step: &Step, goal: &'a Goal, observed: Option<&'a Observed>) -> Option<Taking<'a>> {
        let Step::TagResource(Tagging::Owner(_)) = step else { return None };
        let from = observed.and_then(|observed| observed.owner.known()).and_then(Option::as_deref);
        Some(Taking { ownership: &goal.desired()?.ownership, from })
    }

    fn reverts(step: &Step, desired: &Desired, history: &History, observed: Option<&Observed>) -> Reverted {
        plan::drift::reverts(desired, history, observed, step)
    }

    fn was_created(history: &History) -> bool {
        history.created
    }

    fn forget(status: &mut LambdaFunctionStatus) {
        status::forget(status);
    }

    fn remember(status: &mut LambdaFunctionStatus, input: &StatusInputOf<'_, Self>) {
        status::remember(status, input);
    }

    fn conditions(status: &LambdaFunctionStatus) -> Vec<(&'static str, Result<Stated, Stated>)> {
        status::conditions(status)
    }

    fn explain(blocked: &Blocked, seen: &Seen<Observed>) -> (Reason, String) {
        status::words::explain(blocked, seen)
    }

    fn settled(seen: &Seen<Observed>) -> String {
        status::words::settled(seen)
    }

    fn working(observed: Option<&Observed>) -> (Reason, String) {
        status::words::working(observed)
    }

    fn is_usable(observed: &Observed) -> bool {
        matches!(observed.lifecycle, Lifecycle::Ready)
    }
}

impl Preview for LambdaFunction {
    fn arn(_desired: &Desired, target: &Target) -> String {
        target.arn()
    }

    fn to_the_end(goal: &Goal, history: &History, observed: Option<&Observed>) -> Plan<Step> {
        let plan = || plan::later::to_the_end(goal, history, observed);
        left::uncreatable(goal, observed).map_or_else(plan, Plan::Blocked)
    }

    fn owner_tag(observed: &Observed) -> Option<&str> {
        observed.owner_name()
    }

    fn assume_owner(desired: &mut Desired, owner: &str) {
        owner.clone_into(&mut desired.ownership.owner);
    }

    fn foresee(parent: &mut Parent, _desired: &Desired, observed: &Observed, _plan: &Plan<Step>) {
        parent.version = parent.version.take().or_else(|| observed.published.clone());
    }

    fn publishes(steps: &[Step]) -> bool {
        let publishes = |step: &Step| match step {
            Step::CreateFunction(made) => made.publish.is_some(),
            Step::PublishVersion { .. } => true,
            _ => false,
        };
        steps.iter().any(publishes)
    }

    fn assume_settled(observed: &mut Observed) -> bool {
        let busy = observed.lifecycle == Lifecycle::Busy;
        if busy {
            observed.lifecycle = Lifecycle::Ready;
        }
        busy
    }

    fn untold(step: &Step, desired: &Desired) -> Option<&'static str> {
        let undeployed = desired.function.code.content == Content::Undeployed;
        (undeployed && matches!(step, Step::UpdateFunctionCode(_))).then_some("without the object's status in the cluster it is unknown whether this code is already deployed; set codeSha256 to compare it")
    }
}
