//! Builds the goal of a LambdaPermission: its function and qualifier, the ids of its statement, and its contents.

use super::ids::Ids;
use super::ignored;
use super::model::Permission;
use super::statement::normal;
use crate::api::permission::{LambdaPermission, LambdaPermissionSpec, UrlAuthType};
use crate::core::attached;
use crate::core::attached::Model;
use crate::core::attached::function::Function;
use crate::core::error::GoalError;
use crate::core::goal;
use crate::core::hand_over::ObjectName;
use crate::core::host::{FunctionOwner, Host};
use crate::core::kind::GoalInput;
use crate::core::target::Target;
use crate::core::values::full;

/// The goal of the object.
pub type Goal = goal::Goal<Desired, Leaving>;

/// The desired statement.
#[derive(Clone, Debug, PartialEq)]
pub struct Desired {
    /// Its contents, and the right to it.
    pub attached: attached::Desired<Permission>,
    /// Its place.
    pub place: Place,
}

/// A statement that leaves.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Leaving {
    /// The right to it.
    pub attached: attached::Leaving,
    /// Its place.
    pub place: Place,
}

/// The place of a statement: a policy, and the ids that it can have there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    /// The version or alias that has the policy; `None`: the unqualified function.
    pub qualifier: Option<String>,
    /// The ids.
    pub ids: Ids,
    /// ARN of the function, version or alias that has the policy.
    pub resource: String,
}

/// The function, as the spec names it.
#[must_use]
pub const fn function(spec: &LambdaPermissionSpec) -> Function<'_> {
    Function {
        reference: spec.function_ref.as_ref(),
        alias: spec.alias_ref.as_ref(),
        name: spec.function_name.as_ref(),
        common: &spec.common,
        noun: <Permission as Model>::WORDS.noun,
    }
}

/// Namespace and name of the object.
#[must_use]
pub fn object(object: &LambdaPermission) -> ObjectName {
    let [namespace, name] =
        [&object.metadata.namespace, &object.metadata.name].map(|part| part.clone().unwrap_or_default());
    ObjectName { namespace, name }
}

/// ARN of the function, version or alias here.
#[must_use]
pub fn resource(target: &Target, qualifier: Option<&String>) -> String {
    let qualifier = qualifier.map(|qualifier| format!(":{qualifier}")).unwrap_or_default();
    format!("{}{qualifier}", target.arn())
}

/// The qualifier that status or spec tell without the alias's status.
#[must_use]
pub fn told_qualifier(object: &LambdaPermission) -> Option<String> {
    let recorded = object.status.as_ref().and_then(|status| status.qualifier.clone());
    recorded.or_else(|| full(object.spec.qualifier.as_ref()))
}

/// The object's goal.
///
/// # Errors
/// If the function or the alias does not exist yet. Deletion needs neither.
pub fn goal(input: &GoalInput<'_, LambdaPermission>) -> Result<Goal, GoalError> {
    let GoalInput {
        object,
        target,
        owner,
        former_owners,
        defaults: _,
        history,
        references,
        rival,
        may_adopt: _,
        now: _,
    } = input;
    let spec = &object.spec;
    let ids = Ids::new(full(spec.statement_id.as_ref()), owner, former_owners);
    let host = attached::host(input, self::object(object));
    let place = |qualifier: Option<String>| Place {
        resource: resource(target, qualifier.as_ref()),
        ids: ids.clone(),
        qualifier,
    };
    if object.metadata.deletion_timestamp.is_some() {
        let place = place(told_qualifier(object));
        return Ok(match attached::leaving::<Permission>(ids.first(), &spec.common, host, rival.clone()) {
            goal::Goal::Absent(attached) => Goal::Absent(Leaving { attached, place }),
            goal::Goal::Released(attached) => Goal::Released(Leaving { attached, place }),
            goal::Goal::Present(attached) => Goal::Present(Box::new(Desired { attached: *attached, place })),
        });
    }
    let qualifier = function(spec).qualifier(spec.qualifier.as_ref(), history.qualifier.as_ref(), references)?;
    let ignored = ignored::members(spec.ignore_changes.as_ref());
    let attached = attached::desired(ids.first(), permission(spec), &spec.common, ignored, host, rival.clone());
    Ok(Goal::Present(Box::new(Desired { attached, place: place(qualifier) })))
}

fn permission(spec: &LambdaPermissionSpec) -> Permission {
    let text = |field: &Option<String>| field.clone().unwrap_or_default();
    let auth_type = spec.function_url_auth_type.map(|auth_type| match auth_type {
        UrlAuthType::None => "NONE",
        UrlAuthType::AwsIam => "AWS_IAM",
    });
    Permission {
        action: spec.action.clone(),
        principal: normal(&spec.principal),
        source_arn: text(&spec.source_arn),
        source_account: text(&spec.source_account),
        principal_org_id: text(&spec.principal_org_id),
        event_source_token: text(&spec.event_source_token),
        function_url_auth_type: auth_type.unwrap_or_default().to_owned(),
        via_url: spec.invoked_via_function_url.unwrap_or_default(),
        other: String::new(),
    }
}

/// The goal as every resource without tags has it.
#[must_use]
pub fn attached(goal: &Goal) -> attached::Goal<Permission> {
    match goal {
        Goal::Present(desired) => goal::Goal::Present(Box::new(desired.attached.clone())),
        Goal::Absent(leaving) => goal::Goal::Absent(leaving.attached.clone()),
        Goal::Released(leaving) => goal::Goal::Released(leaving.attached.clone()),
    }
}

/// The goal with the owner of the function.
#[must_use]
pub fn with_owner(goal: &Goal, owner: FunctionOwner) -> Goal {
    let known = |leaving: &Leaving| {
        let host = leaving.attached.host.clone().with_owner(owner.clone());
        let attached = attached::Leaving { host, ..leaving.attached.clone() };
        Leaving { attached, place: leaving.place.clone() }
    };
    match goal {
        Goal::Present(desired) => {
            let host = desired.attached.host.clone().with_owner(owner);
            let attached = attached::Desired { host, ..desired.attached.clone() };
            Goal::Present(Box::new(Desired { attached, place: desired.place.clone() }))
        }
        Goal::Absent(leaving) => Goal::Absent(known(leaving)),
        Goal::Released(leaving) => Goal::Released(known(leaving)),
    }
}

/// Where the statement of a goal is, and the right to it.
#[must_use]
pub fn place(goal: &Goal) -> (&Place, &Host) {
    match goal {
        Goal::Present(desired) => (&desired.place, &desired.attached.host),
        Goal::Absent(leaving) | Goal::Released(leaving) => (&leaving.place, &leaving.attached.host),
    }
}
