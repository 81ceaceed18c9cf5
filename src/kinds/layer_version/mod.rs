//! LambdaLayerVersion, the pure part: its observed state, its desired state, and the plan from one to the other. No client, no clock, no environment.

pub mod desired;
pub mod history;
pub mod import;
pub mod model;
pub mod permissions;
pub mod plan;
pub mod staleness;
pub mod status;

use std::collections::BTreeSet;

use k8s_openapi::apimachinery::pkg::apis::meta::v1::ObjectMeta;

use crate::api::condition;
use crate::api::layer_version::{LambdaLayerVersion, LambdaLayerVersionStatus};
use crate::api::shared::{AdoptionPolicy, CommonSpec};
use crate::core::blocked::Blocked;
use crate::core::change::{Change, Reverted};
use crate::core::conclusion::Seen;
use crate::core::error::{CallError, GoalError};
use crate::core::goal::Place;
use crate::core::hand_over::{HandOver, ObjectName};
use crate::core::kind::{GoalInput, Kind, Names, Situation, Stated, StatusInputOf};
use crate::core::namespace_policy::annotation::Bound;
use crate::core::namespace_policy::demands::{Code, Concurrency, Demands};
use crate::core::namespace_policy::in_aws::InAws;
use crate::core::operation::Operation;
use crate::core::outcome::Progress;
use crate::core::ownership::Stake;
use crate::core::package::Package;
use crate::core::past::Past;
use crate::core::plan::Plan;
use crate::core::preview::Preview;
use crate::core::reason::Reason;
use crate::core::references;
use crate::core::references::{Parent, Reference, References};
use crate::core::target::Target;
use crate::core::values::full;
use crate::core::zip_source;
use desired::{Desired, Goal, Leaving};
use history::History;
use model::{NOUN, Observed, Query, Step};
use status::{Answer, Effects};

impl Kind for LambdaLayerVersion {
    type Status = LambdaLayerVersionStatus;
    type Desired = Desired;
    type Leaving = Leaving;
    type History = History;
    type Query = Query;
    type Observed = Observed;
    type Step = Step;
    type Answer = Answer;
    type Effects = Effects;

    const NAMES: Names = Names {
        controller: "lambdalayerversion",
        short: "llv",
        noun: NOUN,
        created: condition::LAYER_VERSION_CREATED,
        reference: Some(references::Kind::LambdaLayerVersion),
        facts: &["version"],
    };

    fn metadata(&self) -> &ObjectMeta {
        &self.metadata
    }

    fn common(&self) -> &CommonSpec {
        &self.spec.common
    }

    fn reported(&self) -> Option<&LambdaLayerVersionStatus> {
        self.status.as_ref()
    }

    fn references(&self) -> BTreeSet<Reference> {
        zip_source::references(self.spec.code_from.as_ref()).collect()
    }

    fn file(&self) -> Option<&str> {
        self.spec.filename.as_deref().filter(|path| !path.is_empty())
    }

    /// A namespace's annotations bound the layer's name, its package, its region, by its place, and its adoption.
    fn demands(&self) -> Demands<'_> {
        let packages = self.spec.filename.as_deref().map(|path| (Bound::Packages, path));
        let buckets = self.spec.s3_bucket.as_deref().map(|bucket| (Bound::Buckets, bucket));
        let mut named = vec![(Bound::Layers, desired::name(self))];
        named.extend(packages.into_iter().chain(buckets).filter(|(_, value)| !value.is_empty()));
        Demands {
            named,
            concurrency: Concurrency::None,
            // AWS checks the signature when a function is given the layer.
            code: Code::None,
            adopts: self.spec.common.adoption_policy == Some(AdoptionPolicy::Adopt),
        }
    }

    /// It belongs to no function.
    fn place(&self, _references: &References) -> Result<Place, GoalError> {
        Ok(Place { region: full(self.spec.common.region.as_ref()), name: String::new() })
    }

    /// Functions follow the version of the object's newest generation.
    fn parent(&self) -> Option<Parent> {
        Some(status::parent(self))
    }

    /// A layer has no tags, so the record of the object tells whose it is.
    fn stake(&self, resolved: Option<(&Target, &References)>) -> Option<Stake> {
        let past = Past::of(self.status.as_ref());
        let target = resolved.map(|(target, _)| target).or(past.target.as_ref())?;
        Some(Stake {
            resource: target.layer(desired::name(self)),
            refused: past.refused,
            owned: self.status.as_ref().is_some_and(|status| !status.record.versions.is_empty()),
            since: self.metadata.creation_timestamp.as_ref().map(|created| created.0).unwrap_or_default(),
            uid: self.metadata.uid.clone().unwrap_or_default(),
            object: desired::object_name(self),
            hand_over: HandOver::of(self.metadata.annotations.as_ref()),
        })
    }

    /// It claims the layer itself.
    fn asks(&self) -> Option<ObjectName> {
        None
    }

    fn history(status: Option<&LambdaLayerVersionStatus>) -> History {
        History::of(status)
    }

    fn goal(input: &GoalInput<'_, Self>) -> Result<Goal, GoalError> {
        desired::goal(input)
    }

    /// Only a layer that nobody has is published, but a second read for each of many new layers would cost more than the reservation for one of others.
    fn sure_calls(goal: &Goal, history: &History) -> &'static [Operation] {
        let adopts = goal.desired().is_none_or(|desired| desired.adopt || desired.rival.is_some());
        let new = !adopts && history.versions.is_empty() && history.publishing.is_none();
        if new { &[Operation::ListLayerVersions, Operation::PublishLayerVersion] } else { &[] }
    }

    fn query(goal: &Goal, history: &History) -> Query {
        desired::query(goal, history)
    }

    fn stale_read(situation: &Situation<'_, Self>, observed: Option<&Observed>) -> Option<Progress> {
        staleness::stale_read(situation, observed)
    }

    fn is_absent(observed: &Observed) -> bool {
        observed.is_absent()
    }

    /// No annotation bounds what a version shows.
    fn in_aws<'a>(_desired: &Desired, _observed: &'a Observed) -> Vec<InAws<'a>> {
        Vec::new()
    }

    fn plan(goal: &Goal, history: &History, observed: Option<&Observed>) -> Plan<Step> {
        plan::plan(goal, history, observed)
    }

    fn changes(step: &Step, _target: &Target, desired: &Desired, observed: Option<&Observed>) -> Vec<Change> {
        plan::changes(step, desired, observed)
    }

    fn write_ahead(
        _situation: &Situation<'_, Self>,
        observed: Option<&Observed>,
        steps: &[Step],
    ) -> Vec<(Progress, Effects)> {
        status::write_ahead(observed, steps)
    }

    fn is_searched_for(step: &Step) -> bool {
        matches!(step, Step::Publish(_))
    }

    fn package<'a>(&'a self, step: &'a Step) -> Option<Package<'a>> {
        match step {
            Step::Publish(publication) => publication.source.package(self.spec.code_from.as_ref()),
            Step::Delete(_) | Step::AddPermission(_) | Step::RemovePermission(_) => None,
        }
    }

    fn accepted(effects: &mut Effects, step: &Step, answer: Answer, _goal: &Goal, observed: Option<&Observed>) {
        status::accepted(effects, step, &answer, observed);
    }

    fn uncertain(effects: &mut Effects, step: &Step, error: &CallError, observed: Option<&Observed>) {
        status::uncertain(effects, step, error, observed);
    }

    fn proved(desired: &Desired, history: &History, observed: Option<&Observed>) -> Effects {
        status::proved(desired, history, observed)
    }

    fn shown(effects: &mut Effects, goal: &Goal, history: &History, observed: Option<&Observed>) {
        status::shown(effects, goal, history, observed);
    }

    fn is_ours(goal: &Goal, _history: &History, observed: &Observed) -> bool {
        plan::is_ours(goal, observed)
    }

    fn reverts(step: &Step, desired: &Desired, history: &History, _observed: Option<&Observed>) -> Reverted {
        plan::reverts(step, desired, history)
    }

    fn was_created(history: &History) -> bool {
        history.current.is_some()
    }

    fn forget(status: &mut LambdaLayerVersionStatus) {
        status::forget(status);
    }

    fn remember(status: &mut LambdaLayerVersionStatus, input: &StatusInputOf<'_, Self>) {
        status::remember(status, input);
    }

    fn conditions(_status: &LambdaLayerVersionStatus) -> Vec<(&'static str, Result<Stated, Stated>)> {
        Vec::new()
    }

    fn explain(blocked: &Blocked, _seen: &Seen<Observed>) -> (Reason, String) {
        status::explain(blocked)
    }

    fn working(_observed: Option<&Observed>) -> (Reason, String) {
        let sentence =
            "The last publication got no answer, so the operator looks for its version before it publishes again.";
        (Reason::Updating, sentence.into())
    }
}

impl Preview for LambdaLayerVersion {
    /// AWS assigns the number.
    fn arn(desired: &Desired, target: &Target) -> String {
        format!("{}:(assigned by AWS)", target.layer(&desired.name))
    }

    /// A publication makes another version than the one that AWS shows.
    fn foresee(parent: &mut Parent, _desired: &Desired, observed: &Observed, plan: &Plan<Step>) {
        let held = observed.held().filter(|_| matches!(plan, Plan::Done));
        parent.arn = held.map(|version| version.arn.clone());
    }
}
