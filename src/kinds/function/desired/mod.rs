//! Builds the goal of a LambdaFunction. Unset fields get their defaults here, and later code never reads the spec.

pub mod code;
pub(crate) mod configuration;
pub mod demands;
mod environment;
mod faults;
pub mod references;

use std::collections::{BTreeMap, BTreeSet};

use super::ignored::Ignored;
use super::member::Member;
use super::model::{Configuration, Function, Publish};
use super::package_type::PackageType;
use super::side;
use super::side::{Setting, Side, Sides};
use crate::api::function::ignored::IgnoredField;
use crate::api::function::spec::{LambdaFunction, LambdaFunctionSpec};
use crate::api::shared::REGRANT_ROLE;
use crate::api::shared::{AdoptionPolicy, DriftPolicy};
use crate::core::blocked::Blocked;
use crate::core::error::GoalError;
use crate::core::goal;
use crate::core::goal::Defaults;
use crate::core::hand_over::ObjectName;
use crate::core::kind::GoalInput;
use crate::core::operation::Operation;
use crate::core::ownership::Ownership;
use crate::core::tagged;
use crate::core::values::{Knowable, Secret, full};
use crate::kinds::function::observed::query::{Query, VersionQuery};
use crate::kinds::function::plan::diff;
use crate::kinds::function::plan::step::Step;
use crate::kinds::function::status::history::History;
use code::{DesiredCode, Source};
use faults::Faults;

/// The goal of a function.
pub type Goal = goal::Goal<Desired, Leaving>;

/// A function that is being deleted or released.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Leaving {
    /// Value of the owner tag.
    pub owner: String,
    /// Values of the owner tag under the cluster's former names.
    pub former: Vec<String>,
    /// The steps before the deletion.
    pub pre_delete: PreDelete,
}

/// The desired state of a function.
#[derive(Clone, Debug, PartialEq)]
pub struct Desired {
    /// Its configuration, code, tags and so on.
    pub function: Function,
    /// Source of its code; `None` if another pipeline deploys the code from the beginning.
    pub source: Option<Source>,
    /// The error of an unusable source, or of a reference in a field that others manage. It matters only while the function does not exist.
    pub unusable_source: Option<Blocked>,
    /// Identity that is recorded once the source is deployed. A different identity triggers a redeployment.
    pub identity: String,
    /// The environment in a form that can be recorded: names, literal values, and the versions of its references.
    pub environment: Secret,
    /// Members of the configuration that have AWS's default.
    pub unset: BTreeSet<Member>,
    /// Whether another pipeline deploys the code once the function exists.
    pub initial_code: bool,
    /// Whether the existing code can come from another pipeline: this object created the function, or adopted it on request.
    pub trusts_code: bool,
    /// Publish a version whenever no version holds `$LATEST`.
    pub publish: Option<Publish>,
    /// The owner, and the owners from which the function can be adopted.
    pub ownership: Ownership,
    /// The temporary role of a regrant, given once for each value of the annotation.
    pub regrant: Option<String>,
    /// Whether drift is only reported (`driftPolicy: Report`).
    pub reports_drift: bool,
    /// Fields and tags that others manage once the function exists.
    pub ignored: Ignored,
    /// ARNs, without a version, of the layers that objects of the namespace publish.
    pub own_layers: BTreeSet<String>,
}

/// The steps before a function is deleted.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PreDelete {
    /// Security groups to which its network interfaces are moved, so that its own groups can be deleted.
    pub security_groups: Option<Replacement>,
}

/// Security groups to move to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Replacement {
    /// These.
    Groups(BTreeSet<String>),
    /// The VPC's group named `default`.
    Default,
}

impl Desired {
    /// Whether the operator deploys the code of an existing function.
    #[must_use]
    pub const fn deploys_code(&self) -> bool {
        self.source.is_some() && !self.leaves_code()
    }

    /// Whether another pipeline deploys the code of the existing function. If the function has our tag, but this object neither created nor adopted
    /// it, the origin of its code is unknown, and the operator deploys its own.
    #[must_use]
    pub const fn leaves_code(&self) -> bool {
        self.initial_code && self.trusts_code
    }

    /// The temporary role of a regrant that has not been carried out yet.
    #[must_use]
    pub fn pending_regrant(&self, history: &History) -> Option<&String> {
        self.regrant.as_ref().filter(|role| history.last_regranted_role.as_ref() != Some(role))
    }
}

impl Goal {
    /// The value of the owner tag of our function.
    #[must_use]
    pub fn owner(&self) -> &str {
        match self {
            Self::Present(desired) => &desired.ownership.owner,
            Self::Absent(leaving) | Self::Released(leaving) => &leaving.owner,
        }
    }

    /// The calls that are needed in any case, if they are known before the read.
    #[must_use]
    pub const fn sure_calls(&self, history: &History) -> &'static [Operation] {
        match (self, history.created) {
            (Self::Present(_), false) => &[Operation::GetFunction, Operation::CreateFunction],
            (Self::Absent(_), true) => &[Operation::GetFunction, Operation::DeleteFunction],
            (Self::Released(_), true) => &[Operation::GetFunction, Operation::UntagResource],
            // A function that never existed is released without a write.
            (Self::Present(_), true) | (Self::Absent(_) | Self::Released(_), false) => &[],
        }
    }

    /// The temporary role that these steps give the function, if they do.
    #[must_use]
    pub fn regranted(&self, history: &History, steps: &[Step]) -> Option<String> {
        let Self::Present(desired) = self else { return None };
        let gives = |role: &String| {
            steps.iter().any(
                |step| matches!(step, Step::UpdateFunctionConfiguration(change) if change.configuration.role == *role),
            )
        };
        desired.pending_regrant(history).cloned().filter(gives)
    }

    /// Whether a function with this owner tag belongs to this object.
    #[must_use]
    pub fn claims(&self, tag: &str) -> bool {
        match self {
            Self::Present(desired) => desired.ownership.owner == tag,
            Self::Absent(leaving) | Self::Released(leaving) => {
                leaving.owner == tag || leaving.former.iter().any(|former| former == tag)
            }
        }
    }
}

/// The reads that are needed to compare a goal with AWS; an idle check needs only `GetFunction`.
#[must_use]
pub fn query(goal: &Goal, history: &History) -> Query {
    match goal {
        Goal::Present(desired) => {
            let Configuration { snap_start, capacity_provider, .. } = &desired.function.configuration;
            let takes_time = snap_start == "PublishedVersions" || capacity_provider.is_some();
            let to_latest = desired.publish.as_ref().is_some_and(|publish| publish.to.is_some());
            // Without a record of a publication, an existing version may still hold `$LATEST`.
            let versions = VersionQuery {
                known: history.published.clone().filter(|known| known.version.starts_with('$') == to_latest),
                to_latest,
                state: takes_time && !history.past.ready,
            };
            Query {
                sides: side::probes(&asked(desired, history), &history.sides, history.familiar),
                versions: desired.publish.is_some().then_some(versions),
                default_group: false,
                executions: false,
            }
        }
        Goal::Absent(Leaving { owner: _, former: _, pre_delete: PreDelete { security_groups } }) => Query {
            sides: BTreeMap::new(),
            versions: None,
            default_group: *security_groups == Some(Replacement::Default),
            executions: true,
        },
        Goal::Released(_) => Query::default(),
    }
}

/// The side groups to read: all that are not ignored, and the code signing configuration if the spec has one.
fn asked(desired: &Desired, history: &History) -> Sides {
    let wanted = &desired.function.sides;
    if history.creation_pending {
        return wanted.clone();
    }
    // A namespace can require code signing, also if others manage the field.
    let signing = wanted.iter().filter(|(side, setting)| **side == Side::CodeSigning && setting.is_some());
    let signing = signing.map(|(side, setting)| (*side, setting.clone()));
    desired.ignored.own_sides(wanted).into_iter().chain(signing).collect()
}

/// The object's goal.
///
/// # Errors
/// If the spec cannot be applied, or a reference is missing. Deletion needs neither, so it never fails.
pub fn goal(given: &GoalInput<'_, LambdaFunction>) -> Result<Goal, GoalError> {
    // The owner tag shows the owner of a function, so another object with the same function is found by reading AWS.
    let GoalInput { object, target, owner, former_owners, defaults, history, references, rival: _, may_adopt, now } =
        given;
    let (spec, owner, former) = (&object.spec, owner.clone(), former_owners.clone());
    if object.metadata.deletion_timestamp.is_some() {
        let leaving = Leaving { owner, former, pre_delete: pre_delete(spec) };
        let keep = spec.common.skip_destroy.unwrap_or_default();
        return Ok(if keep { Goal::Released(leaving) } else { Goal::Absent(leaving) });
    }
    let ignored = Ignored::of(spec, defaults);
    let mut faults = Faults::new(&ignored, history);
    let signed_by = references::signing_config(spec, target, references, &mut faults)?;
    let again = history.looks_at_code_again(object, *now);
    let DesiredCode { package, source, identity, code, initial, unusable } =
        code::desired_code(spec, ignored.has_code(), references, history, again)?;
    let configuration = configuration::configuration(spec, target, package, references, &mut faults)?;
    let defaults_of_aws = Configuration::aws_defaults_like(&configuration, &target.name);
    let set = diff::configuration(&configuration, &defaults_of_aws);
    let function = Function {
        package,
        tenancy: spec.tenancy_config.as_ref().map(|tenancy| tenancy.tenant_isolation_mode.clone()),
        configuration,
        code,
        storage_mode: full(spec.s3_object_storage_mode.as_ref()),
        sides: sides(spec, package, signed_by),
        concurrency: spec.reserved_concurrent_executions.filter(|reserved| *reserved >= 0),
        tags: Knowable::Known(tags(spec, defaults)?),
    };
    Ok(Goal::Present(Box::new(Desired {
        function,
        source,
        unusable_source: unusable.or(faults.into_first()).map(GoalError::into_blocked),
        identity,
        environment: environment::identity(spec.environment.as_ref(), references),
        unset: Member::ALL.into_iter().filter(|member| !set.contains(member)).collect(),
        initial_code: initial,
        trusts_code: code::is_trusted(spec, history),
        publish: spec.publish.unwrap_or_default().then(|| Publish { to: full(spec.publish_to.as_ref()) }),
        ownership: Ownership {
            owner,
            adopt: spec.common.adoption_policy == Some(AdoptionPolicy::Adopt),
            former,
            from: adopt_from(object, history),
            open: *may_adopt,
            uid: object.metadata.uid.clone().unwrap_or_default(),
        },
        // With an ignored role, a regrant could not restore the original one.
        regrant: regrant(object).filter(|_| !ignored.has(IgnoredField::Role)),
        reports_drift: spec.common.drift_policy == Some(DriftPolicy::Report),
        ignored,
        own_layers: references::own_layers(references),
    })))
}

/// The side groups. `signed_by` is the code signing configuration that the spec names by an object; an image has none.
fn sides(spec: &LambdaFunctionSpec, package: PackageType, signed_by: Option<String>) -> Sides {
    let mut sides = side::wanted(spec, package);
    if let (Some(arn), Some(signing)) = (signed_by, sides.get_mut(&Side::CodeSigning)) {
        *signing = Some(Setting::CodeSigning(arn));
    }
    sides
}

/// The owner that `adoptFrom` names, unless this object took the function over from it before. So a function does not move back and forth between two
/// objects that name each other.
fn adopt_from(object: &LambdaFunction, history: &History) -> Option<String> {
    let uid = object.metadata.uid.as_deref().unwrap_or_default();
    let spent = |from: &String| history.adopted_from.as_ref().is_some_and(|one| one.owner == *from && one.uid == uid);
    full(object.spec.adopt_from.as_ref()).filter(|from| !spent(from))
}

/// The object that `adoptFrom` names, until the function is taken over from it.
#[must_use]
pub fn asks(object: &LambdaFunction) -> Option<ObjectName> {
    object.spec.adopt_from.as_ref()?;
    let from = adopt_from(object, &History::of(object.status.as_ref()))?;
    from.split_once('/').and_then(|(_, giver)| ObjectName::parse(giver))
}

/// The function's name in AWS.
#[must_use]
pub fn name(object: &LambdaFunction) -> &str {
    let said = object.spec.function_name.as_deref().filter(|name| !name.is_empty());
    said.or(object.metadata.name.as_deref()).unwrap_or_default()
}

/// The role that the annotation names; the function's own role needs no regrant.
fn regrant(object: &LambdaFunction) -> Option<String> {
    let asked = object.metadata.annotations.as_ref()?.get(REGRANT_ROLE)?;
    (!asked.is_empty() && *asked != object.spec.role).then(|| asked.clone())
}

fn pre_delete(spec: &LambdaFunctionSpec) -> PreDelete {
    let groups: BTreeSet<_> = spec.replacement_security_group_ids.iter().flatten().cloned().collect();
    let security_groups = spec.replace_security_groups_on_destroy.unwrap_or_default().then_some(if groups.is_empty() {
        Replacement::Default
    } else {
        Replacement::Groups(groups)
    });
    PreDelete { security_groups }
}

fn tags(spec: &LambdaFunctionSpec, defaults: &Defaults) -> Result<BTreeMap<String, String>, GoalError> {
    tagged::wanted(spec.tags.as_ref(), defaults, "function")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::api::shared::AdoptedFrom;

    #[test]
    fn adopt_from_is_spent_by_the_object_that_carried_it_out() {
        let spec = LambdaFunctionSpec { adopt_from: Some("c/b/giver".into()), ..LambdaFunctionSpec::default() };
        let mut object = LambdaFunction::new("f", spec);
        object.metadata.uid = Some("1".into());
        let spent = |owner: &str, uid: &str| History {
            adopted_from: Some(AdoptedFrom { owner: owner.into(), uid: uid.into() }),
            ..History::default()
        };
        assert_eq!(adopt_from(&object, &History::default()).as_deref(), Some("c/b/giver"));
        assert_eq!(adopt_from(&object, &spent("c/b/giver", "1")), None);
        assert!(adopt_from(&object, &spent("c/b/other", "1")).is_some(), "an edit names another");
        assert!(
            adopt_from(&object, &spent("c/b/giver", "2")).is_some(),
            "a status that was copied from another object"
        );
    }

    #[test]
    fn no_source_of_tags_can_set_a_reserved_key() {
        let of = |key: &str| BTreeMap::from([(key.to_owned(), "x".to_owned())]);
        for key in ["lambda-operator.io/owner", " Lambda-Operator.IO/owner", "AWS:x", " "] {
            let spec = LambdaFunctionSpec { tags: Some(of(key)), ..LambdaFunctionSpec::default() };
            assert!(tags(&spec, &Defaults::default()).is_err(), "{key}");
            assert!(
                tags(&LambdaFunctionSpec::default(), &Defaults { tags: of(key), ..Defaults::default() }).is_err(),
                "{key}"
            );
        }
        assert_eq!(
            tags(&LambdaFunctionSpec::default(), &Defaults { tags: of("team"), ..Defaults::default() }),
            Ok(of("team"))
        );
    }

    #[test]
    fn deleting_without_a_function_needs_no_budget() {
        let write = |goal: &Goal, created| goal.sure_calls(&History { created, ..History::default() }).last().copied();
        let (absent, released) = (Goal::Absent(Leaving::default()), Goal::Released(Leaving::default()));
        assert_eq!([write(&absent, false), write(&released, false)], [None, None]);
        assert_eq!(write(&absent, true), Some(Operation::DeleteFunction));
        assert_eq!(write(&released, true), Some(Operation::UntagResource));
    }
}
