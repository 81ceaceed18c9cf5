//! A kind of resource: all that the controller, `lambda-operator plan` and the tests ask of one. Pure; nothing here names a kind.

use std::collections::BTreeSet;
use std::fmt::Debug;

use k8s_openapi::apimachinery::pkg::apis::meta::v1::ObjectMeta;
use k8s_openapi::jiff::Timestamp;
use serde::Serialize;
use serde::de::DeserializeOwned;

use super::blocked::Blocked;
use super::brake::Repeated;
use super::change::Change;
use super::conclusion::{Conclusion, Seen, StatusInput};
use super::consent::{Owner, Taking};
use super::error::class::Class;
use super::error::{CallError, GoalError};
use super::goal::{Defaults, Goal, Place};
use super::hand_over::ObjectName;
use super::namespace_policy::Policy;
use super::namespace_policy::demands::Demands;
use super::operation::{Access, Operation};
use super::outcome::Progress;
use super::ownership::Stake;
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
    /// In metrics: `lambdafunction`.
    pub controller: &'static str,
    /// Of kubectl: `lfn`.
    pub short: &'static str,
    /// In sentences: `function`.
    pub noun: &'static str,
    /// Type of the condition that the resource exists: `FunctionCreated`.
    pub created: &'static str,
    /// How other objects refer to it, if they do.
    pub reference: Option<references::Kind>,
}

/// The goal of a kind.
pub type GoalOf<K> = Goal<<K as Kind>::Desired, <K as Kind>::Leaving>;
/// The conclusion of a kind.
pub type ConclusionOf<K> = Conclusion<<K as Kind>::Observed, <K as Kind>::Effects>;
/// What the status of a kind follows from.
pub type StatusInputOf<'a, K> = StatusInput<'a, <K as Kind>::Observed, <K as Kind>::Effects>;

/// A kind of resource. The implementor is the object as the API server holds it.
pub trait Kind: Clone + Debug + Serialize + DeserializeOwned + Send + Sync + 'static {
    /// What the operator reports.
    type Status: Reported;
    /// The resource as it should be.
    type Desired: Debug + Send + Sync;
    /// What matters of a resource that leaves.
    type Leaving: Debug + Send + Sync;
    /// What status remembers from earlier reconciles.
    type History: Clone + Debug + Send + Sync;
    /// What to ask AWS.
    type Query: Send + Sync;
    /// What AWS holds.
    type Observed: Clone + Debug + Send + Sync;
    /// One AWS write.
    type Step: Write + Debug + Send + Sync;
    /// What a write answered.
    type Answer: Send;
    /// What later reconciles must know.
    type Effects: Clone + Debug + Default + Send + Sync;

    /// How it is called.
    const NAMES: Names;

    // The object.

    /// Its metadata.
    fn metadata(&self) -> &ObjectMeta;
    /// The fields that every spec has.
    fn common(&self) -> &CommonSpec;
    /// Its status.
    fn reported(&self) -> Option<&Self::Status>;
    /// What the spec refers to in its namespace. A change of any of it wakes the object.
    fn references(&self) -> BTreeSet<Reference>;
    /// The file of the package folder that the spec names.
    fn file(&self) -> Option<&str> {
        None
    }
    /// What a namespace's policy judges.
    fn demands(&self) -> Demands<'_>;
    /// Where the resource is wanted.
    ///
    /// # Errors
    /// Why that cannot be told yet.
    fn place(&self, references: &References) -> Result<Place, GoalError>;
    /// What objects that refer to this one see of it; `None` where nothing refers to the kind.
    fn parent(&self) -> Option<Parent> {
        None
    }
    /// The resource that the object claims, for kinds whose resources have no tags. It is in `target` if that is given, else where status says.
    fn stake(&self, _target: Option<&Target>) -> Option<Stake> {
        None
    }
    /// Whether nothing but a changed spec, or drift, can call for a write.
    fn is_idle(&self, _history: &Self::History) -> bool {
        true
    }

    // The stages.

    /// Reads a status.
    fn history(status: Option<&Self::Status>) -> Self::History;
    /// What should be true of AWS.
    ///
    /// # Errors
    /// Where the spec cannot be carried out, or what it refers to is missing. Deletion needs neither, so it never fails.
    fn goal(input: &GoalInput<'_, Self>) -> Result<GoalOf<Self>, GoalError>;
    /// The goal of an object that leaves, without what the namespace does not allow. No policy holds a deletion, and an edit in its course gains nothing.
    fn allowed_end(goal: GoalOf<Self>, _policy: &Policy) -> GoalOf<Self> {
        goal
    }
    /// The write that will be needed whatever a read shows, as far as can be told before it.
    fn sure_write(goal: &GoalOf<Self>, history: &Self::History) -> Option<Operation>;
    /// What has to be asked to judge a goal.
    fn query(goal: &GoalOf<Self>, history: &Self::History) -> Self::Query;
    /// What to go on waiting for where the read predates our last write; `None` where it can be believed.
    fn stale_read(situation: &Situation<'_, Self>, observed: Option<&Self::Observed>) -> Option<Progress>;
    /// The goal with whatever the spec leaves to others as AWS shows it; `None` where nothing is left to others. All that follows a read goes by it.
    fn left_to_others(
        _goal: &GoalOf<Self>,
        _history: &Self::History,
        _observed: &Self::Observed,
    ) -> Option<GoalOf<Self>> {
        None
    }
    /// Decides.
    fn plan(goal: &GoalOf<Self>, history: &Self::History, observed: Option<&Self::Observed>) -> Plan<Self::Step>;
    /// What a step changes, field by field.
    fn changes(
        step: &Self::Step,
        target: &Target,
        desired: &Self::Desired,
        observed: Option<&Self::Observed>,
    ) -> Vec<Change>;
    /// What must be in status before these steps are sent, so that a crash cannot lose it.
    fn write_ahead(
        situation: &Situation<'_, Self>,
        observed: Option<&Self::Observed>,
        steps: &[Self::Step],
    ) -> Vec<(Progress, Self::Effects)>;
    /// The package that a step carries.
    fn package<'a>(&'a self, _step: &'a Self::Step) -> Option<Package<'a>> {
        None
    }
    /// Whether a step cannot be sent because another was refused, with an error of this class, or held itself.
    fn is_held(_step: &Self::Step, _refused: &Self::Step, _class: Class) -> bool {
        false
    }
    /// The half of a change that is live while the other is refused, in a clause. `unsent` are the planned writes that AWS did not accept.
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
    /// Takes note of a step that failed: where its answer was lost it may be done all the same.
    fn uncertain(effects: &mut Self::Effects, step: &Self::Step, error: &CallError, observed: Option<&Self::Observed>);
    /// Takes note of all steps of a reconcile.
    fn completed(_effects: &mut Self::Effects, _goal: &GoalOf<Self>, _history: &Self::History, _steps: &[Self::Step]) {}
    /// What a reconcile proves that finds nothing to do.
    fn proved(desired: &Self::Desired, history: &Self::History, observed: Option<&Self::Observed>) -> Self::Effects;
    /// What a reconcile leaves behind that only reports drift.
    fn left(_desired: &Self::Desired, _history: &Self::History, _observed: Option<&Self::Observed>) -> Self::Effects {
        Self::Effects::default()
    }
    /// Whether a resource that was read is this object's.
    fn is_ours(goal: &GoalOf<Self>, history: &Self::History, observed: &Self::Observed) -> bool;
    /// The resource that a step makes this object's by its owner tag, if it does: whoever has a say is asked just before it is sent.
    fn taking<'a>(
        _step: &Self::Step,
        _goal: &'a GoalOf<Self>,
        _observed: Option<&'a Self::Observed>,
    ) -> Option<Taking<'a>> {
        None
    }
    /// Whether a step puts back what somebody else changed.
    fn corrects_drift(
        step: &Self::Step,
        desired: &Self::Desired,
        history: &Self::History,
        observed: Option<&Self::Observed>,
    ) -> bool;
    /// Whether AWS accepted the creation, or a read showed the resource.
    fn was_created(history: &Self::History) -> bool;

    // The report.

    /// Takes everything out of a status that is about a resource that is gone.
    fn forget(status: &mut Self::Status);
    /// Takes over what the reconcile saw and did.
    fn remember(status: &mut Self::Status, input: &StatusInputOf<'_, Self>);
    /// The conditions that only this kind has: type, reason and message of each; `Err` where it is false.
    fn conditions(status: &Self::Status) -> Vec<(&'static str, Result<Stated, Stated>)>;
    /// Why only a person can help, and what to do.
    fn explain(blocked: &Blocked, seen: &Seen<Self::Observed>) -> (Reason, String);
    /// That nothing is left to do, and how far that can be told.
    fn settled(_seen: &Seen<Self::Observed>) -> String {
        format!("The {} in AWS is what the spec says.", Self::NAMES.noun)
    }
    /// What AWS is busy with.
    fn working(_observed: Option<&Self::Observed>) -> (Reason, String) {
        (Reason::Updating, "AWS is applying an update.".into())
    }
    /// Whether the resource can be used as it is.
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
    /// In one word.
    pub reason: &'static str,
    /// In a sentence, or what it is about.
    pub message: String,
}

impl Stated {
    /// Both.
    #[must_use]
    pub const fn new(reason: &'static str, message: String) -> Self {
        Self { reason, message }
    }
}

/// All that a goal follows from.
pub struct GoalInput<'a, K: Kind> {
    /// The object.
    pub object: &'a K,
    /// Where the resource lives.
    pub target: &'a Target,
    /// The owner tag's value.
    pub owner: String,
    /// What it was in clusters that are gone.
    pub former_owners: Vec<String>,
    /// What the operator adds.
    pub defaults: &'a Defaults,
    /// What earlier reconciles left behind.
    pub history: &'a K::History,
    /// What the object refers to.
    pub references: &'a References,
    /// Another object, which the same resource belongs to.
    pub rival: Option<String>,
    /// The namespace, or the operator, allows that what nobody owns is taken over.
    pub may_adopt: bool,
    /// The time.
    pub now: Timestamp,
}

/// What the stages ask of Kubernetes.
pub trait Cluster<K: Kind>: Send {
    /// What the API server answered, if it refused.
    type Error;
    /// Held while a package is in memory.
    type Permit: Send;
    /// Writes the status now, so that a crash cannot lose what it says.
    fn record(&mut self, conclusion: ConclusionOf<K>) -> impl Future<Output = Result<(), Self::Error>> + Send;
    /// Asks the API server itself, not the cache, whether the object is still what the plan was made for.
    fn still_wants(&self, access: Access) -> impl Future<Output = Result<bool, Self::Error>> + Send;
    /// Asks the API server itself for the object of this kind that an owner tag names: its consent must not come from the cache.
    fn owner(&self, name: &ObjectName) -> impl Future<Output = Result<Owner, Self::Error>> + Send;
    /// The bytes of a package.
    fn package(&self, package: Package<'_>) -> impl Future<Output = Result<(Vec<u8>, Self::Permit), NotLoaded>> + Send;
    /// The object.
    fn object(&self) -> &K;
}

/// What the stages of one reconcile start from.
pub struct Situation<'a, K: Kind> {
    /// What should be true of AWS.
    pub goal: &'a GoalOf<K>,
    /// Where the resource lives.
    pub target: &'a Target,
    /// What earlier reconciles recorded, or could not write.
    pub history: &'a K::History,
    /// What the API server holds of the history.
    pub recorded: &'a K::History,
    /// How often AWS has accepted a write that had no effect yet.
    pub repeated: &'a Repeated,
    /// The generation of the object.
    pub generation: i64,
    /// The time.
    pub now: Timestamp,
}

/// The only seam to AWS: read one resource, or do one step to it.
pub trait Aws<K: Kind>: Send + Sync {
    /// Keeps room for a write that is sure to come: asked before a read is spent.
    ///
    /// # Errors
    /// How long until there is room.
    fn reserve(&self, _operation: Operation) -> Result<(), CallError> {
        Ok(())
    }
    /// What AWS holds; `None` where there is nothing.
    fn observe(&self, query: &K::Query) -> impl Future<Output = Result<Option<K::Observed>, CallError>> + Send;
    /// Does one write. `package` holds the bytes of a step that carries code from Kubernetes.
    fn execute(
        &self,
        step: &K::Step,
        package: Option<Vec<u8>>,
    ) -> impl Future<Output = Result<K::Answer, CallError>> + Send;
}
