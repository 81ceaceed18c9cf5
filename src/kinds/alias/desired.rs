//! Builds the goal of a LambdaAlias: its function, the version that it points to, and the references that both need.

use super::model::{Alias, Weights};
use crate::api::alias::{IgnoredAliasField, LambdaAlias, LambdaAliasSpec, VersionSource};
use crate::api::shared::{AdoptionPolicy, DriftPolicy, HAND_OVER_TO};
use crate::core::blocked::Blocked;
use crate::core::error::GoalError;
use crate::core::goal;
use crate::core::goal::Place;
use crate::core::hand_over::ObjectName;
use crate::core::host::{FunctionOwner, Host};
use crate::core::kind::GoalInput;
use crate::core::ownership::Rival;
use crate::core::references::{Kind, Parent, Reference, References};
use crate::core::target::Target;
use crate::core::values::full;

/// The goal of an alias.
pub type Goal = goal::Goal<Desired, Leaving>;

/// The desired state of an alias.
#[derive(Clone, Debug, PartialEq)]
pub struct Desired {
    /// Name of the alias in AWS.
    pub name: String,
    /// The members of the API that it should have.
    pub alias: Alias,
    /// Whether an existing alias that differs is adopted.
    pub adopt: bool,
    /// A difference that somebody else made is reported and left.
    pub reports_drift: bool,
    /// The functions whose aliases this object may change.
    pub host: Host,
    /// Another object that has the same alias.
    pub rival: Option<Rival>,
    /// Fields that others manage once the alias exists.
    pub ignored: Vec<IgnoredAliasField>,
}

impl Desired {
    /// Whether the alias belongs to another object.
    #[must_use]
    pub fn has_rival(&self) -> bool {
        counts(self.rival.as_ref(), &self.host)
    }
}

/// An alias that leaves.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Leaving {
    /// Name of the alias in AWS.
    pub name: String,
    /// The functions whose aliases this object may change.
    pub host: Host,
    /// Another object that manages the same alias.
    pub rival: Option<Rival>,
}

impl Leaving {
    /// Whether the alias belongs to another object.
    #[must_use]
    pub fn has_rival(&self) -> bool {
        counts(self.rival.as_ref(), &self.host)
    }
}

/// Whether a rival has a claim at all: on a function that has an owner, no object of another namespace has one.
fn counts(rival: Option<&Rival>, host: &Host) -> bool {
    match rival {
        Some(Rival::Within(_)) => true,
        Some(Rival::Elsewhere(_)) => host.is_unowned(),
        None => false,
    }
}

/// The goal with the owner of the function.
#[must_use]
pub fn with_owner(goal: &Goal, owner: FunctionOwner) -> Goal {
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

/// The alias's name in AWS.
#[must_use]
pub fn name(object: &LambdaAlias) -> String {
    full(object.spec.name.as_ref()).or_else(|| object.metadata.name.clone()).unwrap_or_default()
}

/// Namespace and name of the object.
#[must_use]
pub fn object(object: &LambdaAlias) -> ObjectName {
    let [namespace, name] =
        [&object.metadata.namespace, &object.metadata.name].map(|part| part.clone().unwrap_or_default());
    ObjectName { namespace, name }
}

/// The ARN of an alias of the function here.
#[must_use]
pub fn arn(target: &Target, name: &str) -> String {
    format!("{}:{name}", target.arn())
}

/// The LambdaFunction that the spec names.
#[must_use]
pub fn reference(spec: &LambdaAliasSpec) -> Option<Reference> {
    let function = spec.function_ref.as_ref()?;
    Some(Reference { kind: Kind::LambdaFunction, name: function.name.clone() })
}

/// Region and name of the function.
///
/// # Errors
/// If the LambdaFunction does not exist or has no target yet.
pub fn place(spec: &LambdaAliasSpec, references: &References) -> Result<Place, GoalError> {
    let Some(reference) = reference(spec) else {
        let name = spec.function_name.clone().unwrap_or_default();
        return Ok(Place { region: full(spec.common.region.as_ref()), name });
    };
    let Some(parent) = &references.parent else {
        return Err(GoalError::Waiting(format!(
            "{reference} does not exist in this namespace: create it, or correct functionRef. The operator creates the alias as soon as the function exists."
        )));
    };
    match &parent.target {
        Some(Target { account: _, region, name }) => Ok(Place { region: Some(region.clone()), name: name.clone() }),
        None => Err(nowhere(&reference)),
    }
}

/// The object's goal.
///
/// # Errors
/// If the function, or the version, does not exist yet. Deletion needs neither.
pub fn goal(input: &GoalInput<'_, LambdaAlias>) -> Result<Goal, GoalError> {
    let GoalInput {
        object,
        target: _,
        owner,
        former_owners,
        defaults: _,
        history: _,
        references,
        rival,
        may_adopt,
        now: _,
    } = input;
    let (spec, name) = (&object.spec, name(object));
    let host = Host::new(owner, former_owners, *may_adopt, self::object(object));
    if object.metadata.deletion_timestamp.is_some() {
        let leaving = Leaving { name, host, rival: rival.clone() };
        let keep = spec.common.skip_destroy.unwrap_or_default();
        return Ok(if keep { Goal::Released(leaving) } else { Goal::Absent(leaving) });
    }
    let weights = spec.routing_config.as_ref().and_then(|routing| routing.additional_version_weights.as_ref());
    let alias = Alias {
        version: version(spec, references)?,
        description: spec.description.clone().unwrap_or_default(),
        weights: weights.map(Weights::parse).unwrap_or_default(),
    };
    if alias.weights.iter().any(|(version, _)| *version == alias.version) {
        return Err(GoalError::Blocked(Blocked::InvalidSpec(format!(
            "The alias already points to version {}, which additionalVersionWeights names too: name another version there, or remove routingConfig.",
            alias.version
        ))));
    }
    Ok(Goal::Present(Box::new(Desired {
        name,
        alias,
        adopt: spec.common.adoption_policy == Some(AdoptionPolicy::Adopt),
        reports_drift: spec.common.drift_policy == Some(DriftPolicy::Report),
        host,
        rival: rival.clone(),
        ignored: spec.ignore_changes.clone().unwrap_or_default(),
    })))
}

/// The version to point to.
fn version(spec: &LambdaAliasSpec, references: &References) -> Result<String, GoalError> {
    let parent = match (reference(spec), &references.parent) {
        (Some(reference), Some(parent)) => Some((present(&reference, parent)?, reference)),
        (Some(reference), None) => return Err(nowhere(&reference)),
        (None, _) => None,
    };
    match (&spec.function_version_from, parent) {
        (Some(VersionSource::Published), Some((parent, reference))) => published(&reference, parent),
        (Some(VersionSource::Published), None) => Err(GoalError::Blocked(Blocked::InvalidSpec(
            "functionVersionFrom needs a LambdaFunction: set functionRef, or name the version in functionVersion."
                .into(),
        ))),
        (None, _) => Ok(spec.function_version.clone().unwrap_or_default()),
    }
}

/// The function, if it exists in AWS and is not being deleted.
fn present<'a>(reference: &Reference, parent: &'a Parent) -> Result<&'a Parent, GoalError> {
    if parent.leaving {
        return Err(GoalError::Waiting(format!(
            "{reference} is being deleted, and AWS deletes its aliases with it. Delete this object too, or create the LambdaFunction again."
        )));
    }
    if parent.handed_over {
        return Err(GoalError::Waiting(format!(
            "{reference} hands its function over to another object, so the alias is left as it is. Create it where the function goes, or remove the annotation {HAND_OVER_TO} from {reference}."
        )));
    }
    if parent.exists { Ok(parent) } else { Err(nowhere(reference)) }
}

fn published(reference: &Reference, parent: &Parent) -> Result<String, GoalError> {
    if !parent.publishes {
        return Err(GoalError::Blocked(Blocked::InvalidReference(format!(
            "{reference} publishes no versions that the alias could follow: set publish: true in the LambdaFunction, or name a version in functionVersion."
        ))));
    }
    parent.version.clone().ok_or_else(|| {
        GoalError::Waiting(format!(
            "{reference} has no published version that is ready. The operator updates the alias as soon as there is one."
        ))
    })
}

fn nowhere(reference: &Reference) -> GoalError {
    GoalError::Waiting(format!(
        "The function of {reference} does not exist in AWS yet; kubectl describe lfn {} shows why. The operator creates the alias as soon as the function exists.",
        reference.name
    ))
}

/// An alias named `live` of the namespace `n`, whose function's owner was not read, for tests.
#[cfg(test)]
pub(super) fn live(alias: Alias) -> Desired {
    Desired {
        name: "live".into(),
        alias,
        adopt: false,
        reports_drift: false,
        host: host_of_live(),
        rival: None,
        ignored: Vec::new(),
    }
}

/// The same alias while it leaves, for tests.
#[cfg(test)]
pub(super) fn live_leaves() -> Leaving {
    Leaving { name: "live".into(), host: host_of_live(), rival: None }
}

#[cfg(test)]
fn host_of_live() -> Host {
    Host::new("c/n/live", &[], false, ObjectName { namespace: "n".into(), name: "live".into() })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::api::alias::{FunctionRef, RoutingConfig};
    use crate::core::goal::Defaults;
    use crate::kinds::alias::history::History;

    fn goal_of(spec: LambdaAliasSpec, parent: Parent) -> Result<Goal, GoalError> {
        goal(&GoalInput {
            object: &LambdaAlias::new("live", spec),
            target: &Target { account: "1".into(), region: "r".into(), name: "f".into() },
            owner: "c/n/live".into(),
            former_owners: vec!["old/n/live".into()],
            defaults: &Defaults::default(),
            history: &History::default(),
            references: &References { parent: Some(parent), ..References::default() },
            now: k8s_openapi::jiff::Timestamp::UNIX_EPOCH,
            rival: None,
            may_adopt: true,
        })
    }

    fn follows() -> LambdaAliasSpec {
        LambdaAliasSpec {
            function_ref: Some(FunctionRef { name: "f".into() }),
            function_version_from: Some(VersionSource::Published),
            ..LambdaAliasSpec::default()
        }
    }

    fn parent() -> Parent {
        Parent { exists: true, publishes: true, version: Some("3".into()), ..Parent::default() }
    }

    #[test]
    fn an_alias_follows_a_version_that_is_ready_of_a_function_that_stays() {
        let of = |parent| goal_of(follows(), parent);
        let version = |goal: Goal| goal.desired().map(|desired| desired.alias.version.clone());
        assert_eq!(version(of(parent()).unwrap()).as_deref(), Some("3"));
        assert!(matches!(of(Parent { version: None, ..parent() }), Err(GoalError::Waiting(_))));
        assert!(matches!(of(Parent { exists: false, ..parent() }), Err(GoalError::Waiting(_))));
        assert!(matches!(of(Parent { leaving: true, ..parent() }), Err(GoalError::Waiting(_))));
        assert!(matches!(of(Parent { handed_over: true, ..parent() }), Err(GoalError::Waiting(_))));
        let silent = of(Parent { publishes: false, ..parent() });
        assert!(matches!(silent, Err(GoalError::Blocked(Blocked::InvalidReference(_)))));
    }

    /// The schema cannot check this, because the object does not say which version was published.
    #[test]
    fn a_version_that_is_followed_has_no_share_beside_itself() {
        let weights = |version: &str| Some([(version.to_owned(), "0.1".to_owned())].into());
        let with = |version| {
            let routing_config = Some(RoutingConfig { additional_version_weights: weights(version) });
            goal_of(LambdaAliasSpec { routing_config, ..follows() }, parent())
        };
        assert!(matches!(with("3"), Err(GoalError::Blocked(Blocked::InvalidSpec(_)))));
        assert!(with("2").is_ok());
    }
}
