//! A resource in AWS that belongs to a function and has no tags: its model, its desired state and its observed state. Every such kind uses them. Pure.

pub mod function;
pub mod history;
pub mod kind;
pub mod placed;
pub mod plan;
pub mod staleness;
pub mod status;

use std::fmt::Debug;

use super::applied::{Applied, hash};
use super::goal;
use super::host::{FunctionOwner, Host};
use super::operation::Operation;
use super::ownership::Rival;
use crate::api::shared::{AdoptionPolicy, CommonSpec, DriftPolicy};
use crate::core::hand_over::ObjectName;
use crate::core::kind::{GoalInput, Kind};

/// The members of a resource's API that a write sends, with one value type for the desired and the observed side.
pub trait Model: Clone + Debug + PartialEq + Send + Sync + 'static {
    /// A member of the API.
    type Member: Copy + Debug + PartialEq + Send + Sync + 'static;

    /// Every member.
    const MEMBERS: &'static [Self::Member];
    /// The calls that write the resource.
    const CALLS: Calls;
    /// The words of messages about the resource.
    const WORDS: Words;

    /// The name of a member in AWS's API.
    fn name(member: Self::Member) -> &'static str;
    /// The name of a member in the spec.
    fn field(member: Self::Member) -> &'static str;
    /// The value of a member as text; empty if it is unset.
    fn text(&self, member: Self::Member) -> String;
    /// Replaces the ignored members with the values that AWS shows.
    #[must_use]
    fn with_ignored(self, have: &Self, is_ignored: impl Fn(Self::Member) -> bool) -> Self;

    /// The members that differ from those of another.
    fn differences(&self, other: &Self) -> Vec<Self::Member> {
        Self::MEMBERS.iter().copied().filter(|member| self.text(*member) != other.text(*member)).collect()
    }

    /// The record of these members after AWS has accepted them.
    fn applied(&self, members: &[Self::Member]) -> Applied {
        members.iter().map(|member| (Self::name(*member).to_owned(), hash(&self.text(*member)))).collect()
    }
}

/// The calls that write a resource. With a Put call the first two are the same.
#[derive(Clone, Copy, Debug)]
pub struct Calls {
    /// Creates the resource.
    pub create: Operation,
    /// Changes the resource.
    pub update: Operation,
    /// Deletes the resource.
    pub delete: Operation,
}

/// The words of messages about a resource.
#[derive(Clone, Copy, Debug)]
pub struct Words {
    /// The kind of the object: `LambdaAlias`.
    pub kind: &'static str,
    /// The noun: `alias`.
    pub noun: &'static str,
    /// The advice to choose another resource, which follows "delete this object and": `create one with another spec.name`.
    pub another: &'static str,
}

/// The goal of such a resource.
pub type Goal<M> = goal::Goal<Desired<M>, Leaving>;

/// The desired state of the resource.
#[derive(Clone, Debug, PartialEq)]
pub struct Desired<M: Model> {
    /// Name of the resource in AWS, within the function: an alias's name, or a qualifier.
    pub name: String,
    /// The desired members.
    pub model: M,
    /// Whether an existing resource that differs is adopted.
    pub adopt: bool,
    /// Whether drift is only reported (`driftPolicy: Report`).
    pub reports_drift: bool,
    /// The functions whose resources this object may change.
    pub host: Host,
    /// Another object that has the same resource.
    pub rival: Option<Rival>,
    /// Members that others manage once the resource exists.
    pub ignored: Vec<M::Member>,
}

impl<M: Model> Desired<M> {
    /// Whether the resource belongs to another object.
    #[must_use]
    pub fn has_rival(&self) -> bool {
        counts(self.rival.as_ref(), &self.host)
    }

    /// Whether a member is ignored.
    #[must_use]
    pub fn leaves(&self, member: M::Member) -> bool {
        self.ignored.contains(&member)
    }
}

/// The resource of an object that is being deleted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Leaving {
    /// Name of the resource in AWS, within the function.
    pub name: String,
    /// The functions whose resources this object may change.
    pub host: Host,
    /// Another object that manages the same resource.
    pub rival: Option<Rival>,
}

impl Leaving {
    /// Whether the resource belongs to another object.
    #[must_use]
    pub fn has_rival(&self) -> bool {
        counts(self.rival.as_ref(), &self.host)
    }
}

/// Whether the claim of a rival counts. On a function that has an owner, an object of another namespace has no claim.
fn counts(rival: Option<&Rival>, host: &Host) -> bool {
    match rival {
        Some(Rival::Within(_)) => true,
        Some(Rival::Elsewhere(_)) => host.is_unowned(),
        None => false,
    }
}

/// The observed state of the resource.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Observed<M> {
    /// Its members.
    pub model: M,
    /// Its ARN.
    pub arn: String,
    /// A value that changes with each change of the resource, if AWS shows one.
    pub revision: Option<String>,
}

/// The read that an observation needs.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Query {
    /// Name of the resource in AWS, within the function.
    pub name: String,
}

/// The functions whose resources the object may change.
#[must_use]
pub fn host<K: Kind>(input: &GoalInput<'_, K>, object: ObjectName) -> Host {
    Host::new(&input.owner, &input.former_owners, input.may_adopt, object)
}

/// The goal of an object that is not being deleted.
#[must_use]
pub fn present<M: Model>(
    name: String,
    model: M,
    common: &CommonSpec,
    ignored: Vec<M::Member>,
    host: Host,
    rival: Option<Rival>,
) -> Goal<M> {
    let adopt = common.adoption_policy == Some(AdoptionPolicy::Adopt);
    let reports_drift = common.drift_policy == Some(DriftPolicy::Report);
    Goal::Present(Box::new(Desired { name, model, adopt, reports_drift, host, rival, ignored }))
}

/// The goal of an object that is being deleted.
#[must_use]
pub fn leaving<M: Model>(name: String, common: &CommonSpec, host: Host, rival: Option<Rival>) -> Goal<M> {
    let leaving = Leaving { name, host, rival };
    if common.skip_destroy.unwrap_or_default() { Goal::Released(leaving) } else { Goal::Absent(leaving) }
}

/// The read for a goal.
#[must_use]
pub fn query<M: Model>(goal: &Goal<M>) -> Query {
    let name = match goal {
        Goal::Present(desired) => &desired.name,
        Goal::Absent(leaving) | Goal::Released(leaving) => &leaving.name,
    };
    Query { name: name.clone() }
}

/// The goal with the owner of the function.
#[must_use]
pub fn with_owner<M: Model>(goal: &Goal<M>, owner: FunctionOwner) -> Goal<M> {
    let known = |leaving: &Leaving| Leaving { host: leaving.host.clone().with_owner(owner.clone()), ..leaving.clone() };
    match goal {
        Goal::Present(desired) => {
            let host = desired.host.clone().with_owner(owner);
            Goal::Present(Box::new(Desired { host, ..(**desired).clone() }))
        }
        Goal::Absent(leaving) => Goal::Absent(known(leaving)),
        Goal::Released(leaving) => Goal::Released(known(leaving)),
    }
}

/// The goal with ignored members as AWS shows them; `None` if nothing is ignored.
#[must_use]
pub fn left_to_others<M: Model>(goal: &Goal<M>, observed: &Observed<M>) -> Option<Goal<M>> {
    let desired = goal.desired().filter(|desired| !desired.ignored.is_empty())?;
    let model = desired.model.clone().with_ignored(&observed.model, |member| desired.leaves(member));
    Some(Goal::Present(Box::new(Desired { model, ..desired.clone() })))
}
