//! The trait of a kind of resource, as the controller, `lambda-operator plan` and the tests use it. Pure; nothing here names a kind.

use std::collections::BTreeSet;
use std::fmt::Debug;

use k8s_openapi::apimachinery::pkg::apis::meta::v1::ObjectMeta;
use k8s_openapi::jiff::Timestamp;
use serde::Serialize;
use serde::de::DeserializeOwned;

use super::blocked::Blocked;
use super::brake::Repeated;
use super::change::{Change, Reverted};
use super::conclusion::{Conclusion, Seen, StatusInput};
use super::consent::{Owner, Taking};
use super::error::class::Class;
use super::error::{CallError, GoalError};
use super::goal::{Defaults, Goal, Place};
use super::hand_over::ObjectName;
use super::host::FunctionOwner;
use super::namespace_policy::Policy;
use super::namespace_policy::demands::Demands;
use super::namespace_policy::in_aws::InAws;
use super::operation::{Access, Operation};
use super::outcome::Progress;
use super::ownership::{Rival, Stake};
use super::package::{NotLoaded, Package};
use super::past::Reported;
use super::plan::{Plan, Write};
use super::reason::Reason;
use super::references;
use super::references::{Parent, Reference, References};
use super::target::Target;
use crate::api::shared::CommonSpec;

/// The names of a kind.
#[derive(Clone, Copy, Debug)]
pub struct Names {
    /// The name in metrics: `lambdafunction`.
    pub controller: &'static str,
    /// The short name in kubectl: `lfn`.
    pub short: &'static str,
    /// The noun in sentences: `function`.
    pub noun: &'static str,
    /// Type of the condition that the resource exists: `FunctionCreated`.
    pub created: &'static str,
    /// The kind of reference by which other objects name it, if they do.
    pub reference: Option<references::Kind>,
    /// The fields of its status that `lambda-operator status` shows.
    pub facts: &'static [&'static str],
}

/// The goal of a kind.
pub type GoalOf<K> = Goal<<K as Kind>::Desired, <K as Kind>::Leaving>;
/// The conclusion of a kind.
pub type ConclusionOf<K> = Conclusion<<K as Kind>::Observed, <K as Kind>::Effects>;
/// The input of a kind's status.
pub type StatusInputOf<'a, K> = StatusInput<'a, <K as Kind>::Observed, <K as Kind>::Effects>;

/// A kind of resource. The implementor is the object as the API server holds it.
pub trait Kind: Clone + Debug + Serialize + DeserializeOwned + Send + Sync + 'static {
    /// The status of the object.
    type Status: Reported;
    /// The desired state of the resource.
    type Desired: Debug + Send + Sync;
    /// The facts that the deletion or release of a resource needs.
    type Leaving: Debug + Send + Sync;
    /// The records of earlier reconciles, read from the status.
    type History: Clone + Debug + Send + Sync;
    /// The reads that an observation needs.
    type Query: Send + Sync;
    /// The observed state of the resource in AWS.
    type Observed: Clone + Debug + Send + Sync;
    /// One AWS write.
    type Step: Write + Debug + Send + Sync;
    /// The answer to a write.
    type Answer: Send;
    /// The effects of a reconcile that later reconciles must know.
    type Effects: Clone + Debug + Default + Send + Sync;

    /// The names of the kind.
    const NAMES: Names;

    // The object.

    /// The object's metadata.
    fn metadata(&self) -> &ObjectMeta;
    /// The fields that all kinds have in their spec.
    fn common(&self) -> &CommonSpec;
    /// The object's status.
    fn reported(&self) -> Option<&Self::Status>;
    /// The objects of its namespace that the spec refers to. A change of one of them triggers a reconcile.
    fn references(&self) -> BTreeSet<Reference>;
    /// The file of the package folder that the spec names.
    fn file(&self) -> Option<&str> {
        None
    }
    /// The requests of the object that a namespace's policy can refuse.
    fn demands(&self) -> Demands<'_>;
    /// The requests that are known only with the references, which a namespace's policy can refuse as well.
    fn referred_demands<'a>(&self, _references: &'a References) -> Demands<'a> {
        Demands::default()
    }
    /// Region and name of the desired resource.
    ///
    /// # Errors
    /// If they are not known yet.
    fn place(&self, references: &References) -> Result<Place, GoalError>;
    /// The facts that objects see of this one when they refer to it; `None` if no kind refers to this kind.
    fn parent(&self) -> Option<Parent> {
        None
    }
    /// The resource that the object claims, for kinds without tags in AWS. `resolved` is its target with its references, as they resolve now; if it is
    /// missing, the status decides.
    fn stake(&self, _resolved: Option<(&Target, &References)>) -> Option<Stake> {
        None
    }
    /// ARN of the resource that has to outlive the object's, by the status: AWS does not delete the object's resource with it, or not properly.
    fn outlived_by(&self) -> Option<String> {
        None
    }
    /// The object that it asks for its resource by `adoptFrom`, until it has it.
    fn asks(&self) -> Option<ObjectName>;
    /// The resources that are checked for drift together with the one at this target, so that they share reads; `None`: it is checked alone.
    fn family(target: &Target) -> Option<Target> {
        target.function_name().map(|_| target.clone())
    }
    /// Whether only a changed spec or drift can require a write.
    fn is_idle(&self, _history: &Self::History) -> bool {
        true
    }

    // The stages.

    /// Reads a status.
    fn history(status: Option<&Self::Status>) -> Self::History;
    /// The goal of the object.
    ///
    /// # Errors
    /// If the spec cannot be applied, or a reference is missing. Deletion needs neither, so it never fails.
    fn goal(input: &GoalInput<'_, Self>) -> Result<GoalOf<Self>, GoalError>;
    /// The goal of an object that is being deleted, without the requests that the namespace does not allow. A policy never blocks a deletion, and an
    /// edit during the deletion does not circumvent the policy.
    fn allowed_end(goal: GoalOf<Self>, _policy: &Policy) -> GoalOf<Self> {
        goal
    }
    /// The calls that are needed whatever the read shows, if they are known before it: the reads and then the write. Empty if no write is sure.
    fn sure_calls(_goal: &GoalOf<Self>, _history: &Self::History) -> &'static [Operation] {
        &[]
    }
    /// The reads that are needed to compare a goal with AWS.
    fn query(goal: &GoalOf<Self>, history: &Self::History) -> Self::Query;
    /// The progress to report if the read is stale, that is, predates our last write; `None` if it is current.
    fn stale_read(situation: &Situation<'_, Self>, observed: Option<&Self::Observed>) -> Option<Progress>;
    /// Whether an observation shows that the resource does not exist: it is about what would hold the resource.
    fn is_absent(_observed: &Self::Observed) -> bool {
        false
    }
    /// The goal with the values that AWS shows in all fields of `ignoreChanges`; `None` if nothing is ignored. All stages after the read use it.
    fn left_to_others(
        _goal: &GoalOf<Self>,
        _history: &Self::History,
        _observed: &Self::Observed,
    ) -> Option<GoalOf<Self>> {
        None
    }
    /// Whether the plan depends on the owner of the function that the resource belongs to, and that owner was not read yet.
    fn needs_owner(_goal: &GoalOf<Self>, _history: &Self::History, _observed: Option<&Self::Observed>) -> bool {
        false
    }
    /// The goal with the owner of that function. All later stages use it.
    fn with_owner(_goal: &GoalOf<Self>, _owner: FunctionOwner) -> Option<GoalOf<Self>> {
        None
    }
    /// The values that AWS has and that a namespace's policy bounds. `desired` has what is left to others as AWS shows it.
    fn in_aws<'a>(desired: &Self::Desired, observed: &'a Self::Observed) -> Vec<InAws<'a>>;
    /// Plans the steps from the observed state to the goal.
    fn plan(goal: &GoalOf<Self>, history: &Self::History, observed: Option<&Self::Observed>) -> Plan<Self::Step>;
    /// The changes of a step, field by field.
    fn changes(
        step: &Self::Step,
        target: &Target,
        desired: &Self::Desired,
        observed: Option<&Self::Observed>,
    ) -> Vec<Change>;
    /// The effects that must be in the status before these steps are sent, so that a crash cannot lose them.
    fn write_ahead(
        situation: &Situation<'_, Self>,
        observed: Option<&Self::Observed>,
        steps: &[Self::Step],
    ) -> Vec<(Progress, Self::Effects)>;
    /// Whether later reconciles search for what this step made before they send it again, because its record was written ahead. If it was certainly not
    /// sent, the record is taken back.
    fn is_searched_for(_step: &Self::Step) -> bool {
        false
    }
    /// The package that a step sends.
    fn package<'a>(&'a self, _step: &'a Self::Step) -> Option<Package<'a>> {
        None
    }
    /// Whether a step is held back because another step was refused with an error of this class, or was itself held back.
    fn is_held(_step: &Self::Step, _refused: &Self::Step, _class: Class) -> bool {
        false
    }
    /// A clause for the message: the half of a change that AWS accepted while it refused the other half. `unsent` are the planned writes that AWS did
    /// not accept.
    fn live_half(_unsent: &[Operation]) -> Option<&'static str> {
        None
    }
    /// Takes note of a step that AWS accepted. `observed` is what the read before it showed.
    fn accepted(
        effects: &mut Self::Effects,
        step: &Self::Step,
        answer: Self::Answer,
        goal: &GoalOf<Self>,
        observed: Option<&Self::Observed>,
    );
    /// Records a step that failed. If its answer was lost, AWS may have carried it out.
    fn uncertain(effects: &mut Self::Effects, step: &Self::Step, error: &CallError, observed: Option<&Self::Observed>);
    /// Records that all steps of a reconcile were tried.
    fn completed(_effects: &mut Self::Effects, _goal: &GoalOf<Self>, _history: &Self::History, _steps: &[Self::Step]) {}
    /// The effects of a reconcile that found no difference: they prove facts that an earlier crash may have lost.
    fn proved(desired: &Self::Desired, history: &Self::History, observed: Option<&Self::Observed>) -> Self::Effects;
    /// The effects of a reconcile that only reports drift.
    fn left(_desired: &Self::Desired, _history: &Self::History, _observed: Option<&Self::Observed>) -> Self::Effects {
        Self::Effects::default()
    }
    /// Adds the effects that the read alone proves, whatever was planned or sent.
    fn shown(
        _effects: &mut Self::Effects,
        _goal: &GoalOf<Self>,
        _history: &Self::History,
        _observed: Option<&Self::Observed>,
    ) {
    }
    /// Whether a resource that was read is this object's.
    fn is_ours(goal: &GoalOf<Self>, history: &Self::History, observed: &Self::Observed) -> bool;
    /// The resource whose ownership a step changes by writing the owner tag, if it does. The stages read the consent of its owner just before they
    /// send the step.
    fn taking<'a>(
        _step: &Self::Step,
        _goal: &'a GoalOf<Self>,
        _observed: Option<&'a Self::Observed>,
    ) -> Option<Taking<'a>> {
        None
    }
    /// What a step reverts of what somebody else did, which is drift.
    fn reverts(
        step: &Self::Step,
        desired: &Self::Desired,
        history: &Self::History,
        observed: Option<&Self::Observed>,
    ) -> Reverted;
    /// Whether AWS accepted the creation, or a read showed the resource.
    fn was_created(history: &Self::History) -> bool;

    // The report.

    /// Removes from a status everything about a resource that no longer exists.
    fn forget(status: &mut Self::Status);
    /// Records in a status what the reconcile observed and did.
    fn remember(status: &mut Self::Status, input: &StatusInputOf<'_, Self>);
    /// The conditions that only this kind has: type, reason and message of each; `Err` if it is false.
    fn conditions(status: &Self::Status) -> Vec<(&'static str, Result<Stated, Stated>)>;
    /// Reason and message for a cause of `Stalled`: what happened, then what to do.
    fn explain(blocked: &Blocked, seen: &Seen<Self::Observed>) -> (Reason, String);
    /// The message of an object that is in sync, with the facts that AWS does not show.
    fn settled(_seen: &Seen<Self::Observed>) -> String {
        format!("The {} in AWS matches the spec.", Self::NAMES.noun)
    }
    /// Reason and message for the change that AWS is applying.
    fn working(_observed: Option<&Self::Observed>) -> (Reason, String) {
        (Reason::Updating, "AWS is applying an update.".into())
    }
    /// The message of a deletion that waits for others, if the read shows them: who they are, then what to do.
    fn held(_observed: &Self::Observed) -> Option<String> {
        None
    }
    /// Whether the resource can be used in its observed state.
    fn is_usable(_observed: &Self::Observed) -> bool {
        true
    }
}

/// Namespace and name: the last parts of an owner.
pub(crate) fn own_name<K: Kind>(object: &K) -> String {
    let [namespace, name] =
        [&object.metadata().namespace, &object.metadata().name].map(|part| part.as_deref().unwrap_or_default());
    format!("{namespace}/{name}")
}

/// Reason and message of a condition.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stated {
    /// The reason, in CamelCase.
    pub reason: &'static str,
    /// The message: a sentence, or the value that the condition is about.
    pub message: String,
}

impl Stated {
    /// A reason with its message.
    #[must_use]
    pub const fn new(reason: &'static str, message: String) -> Self {
        Self { reason, message }
    }
}

/// The input of a goal.
pub struct GoalInput<'a, K: Kind> {
    /// The object.
    pub object: &'a K,
    /// Account, region and name of the resource.
    pub target: &'a Target,
    /// Value of the owner tag.
    pub owner: String,
    /// Values that the owner tag has under the cluster's former names.
    pub former_owners: Vec<String>,
    /// Settings of the operator for every object.
    pub defaults: &'a Defaults,
    /// The records of earlier reconciles.
    pub history: &'a K::History,
    /// The contents of the object's references.
    pub references: &'a References,
    /// Another object to which the same resource belongs, if there is one.
    pub rival: Option<Rival>,
    /// Whether the namespace or the operator allows the adoption of a resource without an owner.
    pub may_adopt: bool,
    /// The time.
    pub now: Timestamp,
}

/// The Kubernetes side of the stages.
pub trait Cluster<K: Kind>: Send {
    /// A refusal by the API server.
    type Error;
    /// Held while a package is in memory.
    type Permit: Send;
    /// Writes the status at once, so that a crash cannot lose it.
    fn record(&mut self, conclusion: ConclusionOf<K>) -> impl Future<Output = Result<(), Self::Error>> + Send;
    /// Whether the plan still fits the object, by an uncached read from the API server.
    fn still_wants(&self, access: Access) -> impl Future<Output = Result<bool, Self::Error>> + Send;
    /// Reads the object of this kind that an owner tag names from the API server, because a cached consent can be outdated.
    fn owner(&self, name: &ObjectName) -> impl Future<Output = Result<Owner, Self::Error>> + Send;
    /// The bytes of a package.
    fn package(&self, package: Package<'_>) -> impl Future<Output = Result<(Vec<u8>, Self::Permit), NotLoaded>> + Send;
    /// The object.
    fn object(&self) -> &K;
}

/// The input of the stages of one reconcile.
pub struct Situation<'a, K: Kind> {
    /// The goal.
    pub goal: &'a GoalOf<K>,
    /// Where the resource lives.
    pub target: &'a Target,
    /// The records of earlier reconciles, including those that could not be written yet.
    pub history: &'a K::History,
    /// The records that the API server has stored.
    pub recorded: &'a K::History,
    /// The number of times that AWS has accepted each write without effect so far.
    pub repeated: &'a Repeated,
    /// The generation of the object.
    pub generation: i64,
    /// The time.
    pub now: Timestamp,
}

/// The function that a resource is, or belongs to.
pub trait Tagged: Send + Sync {
    /// Whether the observation used a read that was made for another object. From then on, each read is made for this one.
    fn refresh(&self) -> bool {
        false
    }
    /// The owner tag of the function. Its absence is an error.
    fn function_owner(&self) -> impl Future<Output = Result<FunctionOwner, CallError>> + Send;
}

/// The AWS side of the stages: read one resource, or execute one step.
pub trait Aws<K: Kind>: Tagged {
    /// Reserves the calls that end with a write that is certain, before a read is spent.
    ///
    /// # Errors
    /// `Postponed` with the time until the rate limit allows them.
    fn reserve(&self, _calls: &[Operation]) -> Result<(), CallError> {
        Ok(())
    }
    /// Reads the resource; `None` if it does not exist.
    fn observe(&self, query: &K::Query) -> impl Future<Output = Result<Option<K::Observed>, CallError>> + Send;
    /// Executes one write. `package` holds the bytes of a step that sends code from Kubernetes.
    fn execute(
        &self,
        step: &K::Step,
        package: Option<Vec<u8>>,
    ) -> impl Future<Output = Result<K::Answer, CallError>> + Send;
}
