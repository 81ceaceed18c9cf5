//! LambdaEventSourceMapping, the pure part: its observed state, its desired state, and the plan from one to the other. No client, no clock, no environment.

pub mod desired;
pub mod history;
pub mod ignored;
pub mod import;
pub mod in_aws;
pub mod observed;
pub mod plan;
pub mod setting;
pub mod source;
pub mod staleness;
pub mod status;
pub mod step;

use std::collections::BTreeSet;

use k8s_openapi::apimachinery::pkg::apis::meta::v1::ObjectMeta;

use crate::api::condition;
use crate::api::event_source_mapping::spec::LambdaEventSourceMapping;
use crate::api::event_source_mapping::status::LambdaEventSourceMappingStatus;
use crate::api::shared::CommonSpec;
use crate::core::blocked::Blocked;
use crate::core::change::{Change, Reverted};
use crate::core::conclusion::Seen;
use crate::core::consent::Taking;
use crate::core::error::{CallError, GoalError};
use crate::core::goal::Place;
use crate::core::hand_over::ObjectName;
use crate::core::host::FunctionOwner;
use crate::core::kind::{GoalInput, Kind, Names, Situation, Stated, StatusInputOf};
use crate::core::namespace_policy::annotation::Bound;
use crate::core::namespace_policy::demands::{Code, Concurrency, Demands, asks_for_another};
use crate::core::namespace_policy::in_aws::InAws;
use crate::core::outcome::Progress;
use crate::core::past::Past;
use crate::core::plan::Plan;
use crate::core::preview::Preview;
use crate::core::reason::Reason;
use crate::core::references::{Reference, References};
use crate::core::target::Target;
use crate::kinds::function::plan::step::Tagging;
use desired::{Desired, Goal, Leaving};
use history::History;
use observed::{Observed, Query, State};
use status::{Answer, Effects};
use step::Step;

impl Kind for LambdaEventSourceMapping {
    type Status = LambdaEventSourceMappingStatus;
    type Desired = Desired;
    type Leaving = Leaving;
    type History = History;
    type Query = Query;
    type Observed = Observed;
    type Step = Step;
    type Answer = Answer;
    type Effects = Effects;

    const NAMES: Names = Names {
        controller: "lambdaeventsourcemapping",
        short: "lesm",
        noun: desired::NOUN,
        created: condition::MAPPING_CREATED,
        reference: None,
        facts: &["uuid", "state", "stateTransitionReason", "lastProcessingResult"],
    };

    fn metadata(&self) -> &ObjectMeta {
        &self.metadata
    }

    fn common(&self) -> &CommonSpec {
        &self.spec.common
    }

    fn reported(&self) -> Option<&LambdaEventSourceMappingStatus> {
        self.status.as_ref()
    }

    fn references(&self) -> BTreeSet<Reference> {
        desired::function(&self.spec).reference().into_iter().collect()
    }

    fn demands(&self) -> Demands<'_> {
        // A function that functionRef or aliasRef names is not listed here. Its name in AWS is checked as part of the target.
        let function = self.spec.function_name.iter().map(|name| (Bound::FunctionNames, name.as_str()));
        let key = self.spec.kms_key_arn.iter().map(|key| (Bound::KmsKeys, key.as_str()));
        let access = self.spec.source_access_configuration.iter().flatten();
        let network = access.filter_map(|one| in_aws::network(one.uri.as_deref()));
        Demands {
            named: function.chain(key).filter(|(_, name)| !name.is_empty()).chain(network).collect(),
            concurrency: Concurrency::None,
            code: Code::None,
            adopts: asks_for_another(
                self.metadata.namespace.as_deref(),
                self.spec.adopt_from.as_deref(),
                &self.spec.common,
            ),
        }
    }

    fn place(&self, references: &References) -> Result<Place, GoalError> {
        desired::function(&self.spec).place(references)
    }

    /// AWS keeps a mapping whose function is deleted.
    fn outlived_by(&self) -> Option<String> {
        Past::of(self.status.as_ref()).target.map(|target| target.arn())
    }

    /// One list shows the mappings of all functions of an account and region.
    fn family(target: &Target) -> Option<Target> {
        Some(Target { name: String::new(), ..target.clone() })
    }

    fn asks(&self) -> Option<ObjectName> {
        desired::asks(self)
    }

    fn history(status: Option<&LambdaEventSourceMappingStatus>) -> History {
        History::of(status)
    }

    fn goal(input: &GoalInput<'_, Self>) -> Result<Goal, GoalError> {
        desired::goal(input)
    }

    fn query(goal: &Goal, history: &History) -> Query {
        desired::query(goal, history)
    }

    fn stale_read(situation: &Situation<'_, Self>, observed: Option<&Observed>) -> Option<Progress> {
        staleness::stale_read(situation, observed)
    }

    fn in_aws<'a>(desired: &Desired, observed: &'a Observed) -> Vec<InAws<'a>> {
        in_aws::in_aws(desired, observed)
    }

    fn needs_owner(goal: &Goal, history: &History, observed: Option<&Observed>) -> bool {
        plan::needs_owner(goal, history, observed)
    }

    fn with_owner(goal: &Goal, owner: FunctionOwner) -> Option<Goal> {
        desired::with_owner(goal, owner)
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

    fn accepted(effects: &mut Effects, step: &Step, answer: Answer, goal: &Goal, observed: Option<&Observed>) {
        status::accepted(effects, step, answer, goal.desired(), observed);
    }

    /// Nothing has to be recorded: if the answer is lost, the owner tag shows the owner, and the next read shows the settings.
    fn uncertain(_effects: &mut Effects, _step: &Step, _error: &CallError, _observed: Option<&Observed>) {}

    fn proved(desired: &Desired, history: &History, observed: Option<&Observed>) -> Effects {
        status::proved(desired, history, observed)
    }

    fn left(desired: &Desired, history: &History, observed: Option<&Observed>) -> Effects {
        status::left(desired, history, observed)
    }

    fn is_ours(goal: &Goal, history: &History, observed: &Observed) -> bool {
        plan::is_ours(goal, history, observed)
    }

    fn taking<'a>(step: &Step, goal: &'a Goal, observed: Option<&'a Observed>) -> Option<Taking<'a>> {
        let Step::Tag(_, Tagging::Owner(_)) = step else { return None };
        let from = observed.and_then(|observed| observed.tags.owner_name());
        Some(Taking { ownership: &goal.desired()?.ownership, from })
    }

    fn reverts(step: &Step, desired: &Desired, history: &History, observed: Option<&Observed>) -> Reverted {
        plan::reverts(step, desired, history, observed)
    }

    fn was_created(history: &History) -> bool {
        history.past.shown || history.uuid.is_some()
    }

    fn forget(status: &mut LambdaEventSourceMappingStatus) {
        status::forget(status);
    }

    fn remember(status: &mut LambdaEventSourceMappingStatus, input: &StatusInputOf<'_, Self>) {
        status::remember(status, input);
    }

    fn conditions(status: &LambdaEventSourceMappingStatus) -> Vec<(&'static str, Result<Stated, Stated>)> {
        status::conditions(status)
    }

    fn explain(blocked: &Blocked, _seen: &Seen<Observed>) -> (Reason, String) {
        status::explain(blocked)
    }

    fn settled(seen: &Seen<Observed>) -> String {
        status::settled(seen)
    }

    fn working(observed: Option<&Observed>) -> (Reason, String) {
        status::working(observed)
    }
}

impl Preview for LambdaEventSourceMapping {
    /// The ARN as the plan prints it. AWS assigns its last part.
    fn arn(desired: &Desired, target: &Target) -> String {
        format!("{} of {}", desired::NOUN, target.arn()) + " from " + &desired.origin.text()
    }

    fn owner_tag(observed: &Observed) -> Option<&str> {
        observed.tags.owner_name()
    }

    fn assume_owner(desired: &mut Desired, owner: &str) {
        owner.clone_into(&mut desired.ownership.owner);
    }

    fn query_ahead(goal: &Goal, history: &History) -> Query {
        Query { past_busy: true, ..desired::query(goal, history) }
    }

    /// Without the tags nothing tells whose it is, and a plan would show no changes.
    fn assume_settled(observed: &mut Observed) -> bool {
        let settles = observed.state.settles() && observed.tags.owner().is_some();
        if settles {
            observed.state = State::Enabled;
        }
        settles
    }
}
