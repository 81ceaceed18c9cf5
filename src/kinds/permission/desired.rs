//! Builds the goal of a LambdaPermission: its function and qualifier, the ids of its statement, and its contents.

use super::ids::Ids;
use super::ignored;
use super::model::Permission;
use super::statement::normal;
use crate::api::permission::{LambdaPermission, LambdaPermissionSpec, UrlAuthType};
use crate::core::attached;
use crate::core::attached::Model;
use crate::core::attached::function::Function;
use crate::core::attached::placed;
use crate::core::attached::placed::Placed;
use crate::core::error::GoalError;
use crate::core::hand_over::ObjectName;
use crate::core::kind::GoalInput;
use crate::core::values::full;

/// The goal of the object.
pub type Goal = placed::Goal<Permission, Place>;
/// The desired state.
pub type Desired = Placed<attached::Desired<Permission>, Place>;
/// The statement of an object that is being deleted.
pub type Leaving = Placed<attached::Leaving, Place>;

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

/// The qualifier in the status or the spec; `None` if only the LambdaAlias shows it.
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
    let host = attached::host(input, ObjectName::of(&object.metadata));
    let place = |qualifier: Option<String>| Place {
        resource: target.qualified_arn(qualifier.as_ref()),
        ids: ids.clone(),
        qualifier,
    };
    if object.metadata.deletion_timestamp.is_some() {
        let place = place(told_qualifier(object));
        return Ok(placed::placed(attached::leaving(ids.first(), &spec.common, host, rival.clone()), place));
    }
    let qualifier = function(spec).qualifier(spec.qualifier.as_ref(), history.qualifier.as_ref(), references)?;
    let ignored = ignored::members(spec.ignore_changes.as_ref());
    let goal = attached::present(ids.first(), permission(spec), &spec.common, ignored, host, rival.clone());
    Ok(placed::placed(goal, place(qualifier)))
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
