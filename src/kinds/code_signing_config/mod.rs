//! LambdaCodeSigningConfig, the pure part: its observed state, its desired state, and the plan from one to the other. No client, no clock, no environment.

pub mod desired;
pub mod history;
pub mod import;
pub mod model;
pub mod plan;
pub mod staleness;
pub mod status;

use std::collections::BTreeSet;

use k8s_openapi::apimachinery::pkg::apis::meta::v1::ObjectMeta;

use crate::api::code_signing_config::{LambdaCodeSigningConfig, LambdaCodeSigningConfigStatus};
use crate::api::condition;
use crate::api::shared::CommonSpec;
use crate::core::attached::Model;
use crate::core::blocked::Blocked;
use crate::core::change::{Change, Reverted};
use crate::core::conclusion::Seen;
use crate::core::consent::Taking;
use crate::core::error::{CallError, GoalError};
use crate::core::goal::Place;
use crate::core::hand_over::ObjectName;
use crate::core::kind::{GoalInput, Kind, Names, Situation, Stated, StatusInputOf};
use crate::core::namespace_policy::annotation::Bound;
use crate::core::namespace_policy::demands::{Code, Concurrency, Demands, asks_for_another};
use crate::core::namespace_policy::in_aws::InAws;
use crate::core::operation::Operation;
use crate::core::outcome::Progress;
use crate::core::plan::Plan;
use crate::core::preview::Preview;
use crate::core::reason::Reason;
use crate::core::references;
use crate::core::references::{Parent, Reference, References};
use crate::core::target::Target;
use crate::core::values::full;
use crate::kinds::function::plan::step::Tagging;
use desired::{Desired, Goal, Leaving};
use history::History;
use model::{NOUN, Observed, Query, Step};
use status::{Answer, Effects};

impl Kind for LambdaCodeSigningConfig {
    type Status = LambdaCodeSigningConfigStatus;
    type Desired = Desired;
    type Leaving = Leaving;
    type History = History;
    type Query = Query;
    type Observed = Observed;
    type Step = Step;
    type Answer = Answer;
    type Effects = Effects;

    const NAMES: Names = Names {
        controller: "lambdacodesigningconfig",
        short: "lcsc",
        noun: NOUN,
        created: condition::CODE_SIGNING_CONFIG_CREATED,
        reference: Some(references::Kind::LambdaCodeSigningConfig),
        facts: &["configId", "untrustedArtifactOnDeployment"],
    };

    fn metadata(&self) -> &ObjectMeta {
        &self.metadata
    }

    fn common(&self) -> &CommonSpec {
        &self.spec.common
    }

    fn reported(&self) -> Option<&LambdaCodeSigningConfigStatus> {
        self.status.as_ref()
    }

    fn references(&self) -> BTreeSet<Reference> {
        BTreeSet::new()
    }

    /// The region is checked as part of the target.
    fn demands(&self) -> Demands<'_> {
        let taken = self.spec.arn.as_deref().filter(|arn| !arn.is_empty());
        Demands {
            named: taken.map(|arn| (Bound::CodeSigningConfigs, arn)).into_iter().collect(),
            concurrency: Concurrency::None,
            code: Code::None,
            adopts: asks_for_another(
                self.metadata.namespace.as_deref(),
                self.spec.adopt_from.as_deref(),
                &self.spec.common,
            ),
        }
    }

    /// A code signing configuration belongs to no function, so its place has no name.
    fn place(&self, _references: &References) -> Result<Place, GoalError> {
        Ok(Place { region: full(self.spec.common.region.as_ref()), name: String::new() })
    }

    fn parent(&self) -> Option<Parent> {
        Some(status::parent(self))
    }

    fn asks(&self) -> Option<ObjectName> {
        desired::asks(self)
    }

    fn history(status: Option<&LambdaCodeSigningConfigStatus>) -> History {
        History::of(status)
    }

    fn goal(input: &GoalInput<'_, Self>) -> Result<Goal, GoalError> {
        desired::goal(input)
    }

    fn sure_calls(goal: &Goal, history: &History) -> &'static [Operation] {
        let creates = goal.desired().is_some_and(|desired| desired.named.is_none());
        let new = creates && history.arn.is_none() && history.past.perhaps_created.is_none();
        if new { &[Operation::ListCodeSigningConfigs, Operation::CreateCodeSigningConfig] } else { &[] }
    }

    fn query(goal: &Goal, history: &History) -> Query {
        desired::query(goal, history)
    }

    fn stale_read(situation: &Situation<'_, Self>, observed: Option<&Observed>) -> Option<Progress> {
        staleness::stale_read(situation, observed)
    }

    /// The creation sends every member, also those in `ignoreChanges`.
    fn left_to_others(goal: &Goal, _history: &History, observed: &Observed) -> Option<Goal> {
        let desired = goal.desired().filter(|desired| !desired.ignored.is_empty())?;
        let config = desired.config.clone().with_ignored(&observed.config, |member| desired.ignored.contains(&member));
        Some(Goal::Present(Box::new(Desired { config, ..desired.clone() })))
    }

    /// No annotation of a namespace limits publishers, policies or descriptions.
    fn in_aws<'a>(_desired: &Desired, _observed: &'a Observed) -> Vec<InAws<'a>> {
        Vec::new()
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

    fn is_searched_for(step: &Step) -> bool {
        matches!(step, Step::Create(_))
    }

    fn accepted(effects: &mut Effects, step: &Step, answer: Answer, goal: &Goal, observed: Option<&Observed>) {
        status::accepted(effects, step, answer, goal.desired(), observed);
    }

    /// Nothing has to be recorded: if the answer is lost, the owner tag shows the owner, and the next read shows the members.
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
        history.past.shown || history.arn.is_some()
    }

    fn forget(status: &mut LambdaCodeSigningConfigStatus) {
        status::forget(status);
    }

    fn remember(status: &mut LambdaCodeSigningConfigStatus, input: &StatusInputOf<'_, Self>) {
        status::remember(status, input);
    }

    fn conditions(_status: &LambdaCodeSigningConfigStatus) -> Vec<(&'static str, Result<Stated, Stated>)> {
        Vec::new()
    }

    fn explain(blocked: &Blocked, _seen: &Seen<Observed>) -> (Reason, String) {
        status::explain(blocked)
    }

    fn held(observed: &Observed) -> Option<String> {
        status::held(observed)
    }
}

impl Preview for LambdaCodeSigningConfig {
    /// The ARN as the plan prints it. AWS assigns its last part.
    fn arn(desired: &Desired, target: &Target) -> String {
        desired.named.clone().unwrap_or_else(|| format!("{}(assigned by AWS)", target.code_signing_config("")))
    }

    fn owner_tag(observed: &Observed) -> Option<&str> {
        observed.tags.owner_name()
    }

    fn assume_owner(desired: &mut Desired, owner: &str) {
        owner.clone_into(&mut desired.ownership.owner);
    }

    fn foresee(parent: &mut Parent, _desired: &Desired, observed: &Observed, _plan: &Plan<Step>) {
        parent.arn = Some(observed.arn.clone());
    }
}
