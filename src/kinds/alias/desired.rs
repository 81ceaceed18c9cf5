//! Builds the goal of a LambdaAlias: its function, the version that it points to, and the references that both need.

use super::history::History;
use super::ignored;
use super::model::{Alias, Member, Weights};
use crate::api::alias::{LambdaAlias, LambdaAliasSpec, VersionSource};
use crate::api::shared::DriftPolicy;
use crate::core::attached;
use crate::core::attached::function::Function;
use crate::core::attached::plan::is_drifted;
#[cfg(test)]
use crate::core::attached::{Desired, Leaving};
use crate::core::attached::{Goal, Model};
use crate::core::blocked::Blocked;
use crate::core::error::GoalError;
use crate::core::hand_over::ObjectName;
#[cfg(test)]
use crate::core::host::Host;
use crate::core::kind::GoalInput;
use crate::core::references::{Parent, Reference, References};
use crate::core::target::Target;
use crate::core::values::full;

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

/// The ARN of the alias with this name of the target's function.
#[must_use]
pub fn arn(target: &Target, name: &str) -> String {
    format!("{}:{name}", target.arn())
}

/// The function, as the spec names it.
#[must_use]
pub const fn function(spec: &LambdaAliasSpec) -> Function<'_> {
    Function {
        reference: spec.function_ref.as_ref(),
        alias: None,
        name: spec.function_name.as_ref(),
        common: &spec.common,
        noun: <Alias as Model>::WORDS.noun,
    }
}

/// The object's goal.
///
/// # Errors
/// If the function, or the version, does not exist yet. Deletion needs neither.
pub fn goal(input: &GoalInput<'_, LambdaAlias>) -> Result<Goal<Alias>, GoalError> {
    let GoalInput {
        object,
        target: _,
        owner: _,
        former_owners: _,
        defaults: _,
        history: _,
        references,
        rival,
        may_adopt: _,
        now: _,
    } = input;
    let (spec, name) = (&object.spec, name(object));
    let host = attached::host(input, self::object(object));
    if object.metadata.deletion_timestamp.is_some() {
        return Ok(attached::leaving(name, &spec.common, host, rival.clone()));
    }
    let alias = Alias {
        version: version(spec, references)?,
        description: spec.description.clone().unwrap_or_default(),
        weights: weights(spec),
    };
    if alias.weights.iter().any(|(version, _)| *version == alias.version) {
        return Err(GoalError::Blocked(Blocked::InvalidSpec(format!(
            "The alias already points to version {}, which additionalVersionWeights names too: name another version there, or remove routingConfig.",
            alias.version
        ))));
    }
    let ignored = ignored::members(spec.ignore_changes.as_ref());
    Ok(attached::present(name, alias, &spec.common, ignored, host, rival.clone()))
}

fn weights(spec: &LambdaAliasSpec) -> Weights {
    let weights = spec.routing_config.as_ref().and_then(|routing| routing.additional_version_weights.as_ref());
    weights.map(Weights::parse).unwrap_or_default()
}

/// The weights that an existing alias gets from the spec; `None` if the spec leaves them as they are in AWS.
pub(super) fn weights_to_apply(object: &LambdaAlias) -> Option<Weights> {
    let (spec, history) = (&object.spec, History::of(object.status.as_ref()));
    let alias = Alias { weights: weights(spec), ..Alias::default() };
    let ignored = ignored::members(spec.ignore_changes.as_ref()).contains(&Member::Routing);
    let reported = spec.common.drift_policy == Some(DriftPolicy::Report)
        && is_drifted(&alias, &history.attached.applied, Member::Routing);
    (!ignored && !reported).then_some(alias.weights)
}

/// The version to point to.
fn version(spec: &LambdaAliasSpec, references: &References) -> Result<String, GoalError> {
    match (&spec.function_version_from, function(spec).parent(references)?) {
        (Some(VersionSource::Published), Some((reference, parent))) => published(&reference, parent),
        (Some(VersionSource::Published), None) => Err(GoalError::Blocked(Blocked::InvalidSpec(
            "functionVersionFrom needs a LambdaFunction: set functionRef, or name the version in functionVersion."
                .into(),
        ))),
        (None, _) => Ok(spec.function_version.clone().unwrap_or_default()),
    }
}

fn published(reference: &Reference, parent: &Parent) -> Result<String, GoalError> {
    if !parent.publishes {
        return Err(GoalError::Blocked(Blocked::InvalidReference(format!(
            "{reference} publishes no versions that the alias could follow: set publish: true in the LambdaFunction, or name a version in functionVersion."
        ))));
    }
    parent.version.clone().ok_or_else(|| {
        let state = parent.unusable(reference, &format!("{reference} has no published version that is ready"));
        GoalError::Waiting(format!(
            "{state}; kubectl describe lfn {name} shows why. The operator updates the alias as soon as a version is ready.",
            name = reference.name
        ))
    })
}

/// For tests: the desired alias `live` of an object in the namespace `n`. The owner of its function was not read yet.
#[cfg(test)]
pub(super) fn live(model: Alias) -> Desired<Alias> {
    Desired {
        name: "live".into(),
        model,
        adopt: false,
        reports_drift: false,
        host: host_of_live(),
        rival: None,
        ignored: Vec::new(),
    }
}

/// For tests: the same alias while its object is being deleted.
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
    use crate::api::alias::{IgnoredAliasField, LambdaAliasStatus, RoutingConfig};
    use crate::api::shared::FunctionRef;
    use crate::core::goal::Defaults;
    use crate::core::reason::Reason;
    use crate::core::references::Parent;

    fn goal_of(spec: LambdaAliasSpec, parent: Parent) -> Result<Goal<Alias>, GoalError> {
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
        let version = |goal: Goal<Alias>| goal.desired().map(|desired| desired.model.version.clone());
        assert_eq!(version(of(parent()).unwrap()).as_deref(), Some("3"));
        assert!(matches!(of(Parent { version: None, ..parent() }), Err(GoalError::Waiting(_))));
        assert!(matches!(of(Parent { exists: false, ..parent() }), Err(GoalError::Waiting(_))));
        assert!(matches!(of(Parent { leaving: true, ..parent() }), Err(GoalError::Waiting(_))));
        assert!(matches!(of(Parent { handed_over: true, ..parent() }), Err(GoalError::Waiting(_))));
        let unpublished = of(Parent { version: None, blocked: Some(Reason::Rejected), ..parent() });
        let Err(GoalError::Waiting(sentence)) = unpublished else { panic!("{unpublished:?}") };
        assert!(sentence.starts_with("LambdaFunction f is blocked (Rejected); kubectl describe lfn f"), "{sentence}");
        let silent = of(Parent { publishes: false, ..parent() });
        assert!(matches!(silent, Err(GoalError::Blocked(Blocked::InvalidReference(_)))));
    }

    #[test]
    fn weights_of_the_spec_are_applied_unless_it_leaves_them_as_they_are() {
        let with = |weight: Option<&str>, change: &dyn Fn(&mut LambdaAlias)| {
            let weights = weight.map(|weight| [("1".to_owned(), weight.to_owned())].into());
            let routing = RoutingConfig { additional_version_weights: weights };
            let spec = LambdaAliasSpec { routing_config: Some(routing), ..LambdaAliasSpec::default() };
            let mut object = LambdaAlias::new("live", spec);
            let mut status = LambdaAliasStatus::default();
            let accepted = Alias { weights: Weights::of([("1".to_owned(), 0.5)]), ..Alias::default() };
            status.record.claim.applied = accepted.applied(&[Member::Routing]);
            object.status = Some(status);
            change(&mut object);
            weights_to_apply(&object).map(|weights| weights.text())
        };
        let text = |text: &str| Some(text.to_owned());
        assert_eq!(with(None, &|_| ()), text(""));
        assert_eq!(with(Some("0.1"), &|_| ()), text("1=0.1"));
        let ignores = |object: &mut LambdaAlias| {
            object.spec.ignore_changes = Some(vec![IgnoredAliasField::RoutingConfig]);
        };
        assert_eq!([with(None, &ignores), with(Some("0.1"), &ignores)], [None, None]);
        let reports = |object: &mut LambdaAlias| object.spec.common.drift_policy = Some(DriftPolicy::Report);
        assert_eq!(with(Some("0.5"), &reports), None, "what others changed is reported");
        assert_eq!(with(None, &reports), text(""), "an edit");
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
