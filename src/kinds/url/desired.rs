//! Builds the goal of a LambdaFunctionUrl: its function and alias, its members, and the statements that its type requires.

use super::ignored;
use super::model::{BUFFERED, Cors, NONE, Public, Url};
use super::statements::Statements;
use crate::api::function_url::{InvokeMode, LambdaFunctionUrl, LambdaFunctionUrlSpec};
use crate::api::permission::UrlAuthType;
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
pub type Goal = placed::Goal<Url, Place>;
/// The desired state.
pub type Desired = Placed<attached::Desired<Url>, Place>;
/// The URL of an object that is being deleted.
pub type Leaving = Placed<attached::Leaving, Place>;

/// The place of a URL.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    /// The alias; `None`: the unqualified function.
    pub qualifier: Option<String>,
    /// Ids of its statements.
    pub statements: Statements,
}

/// The function, as the spec names it.
#[must_use]
pub const fn function(spec: &LambdaFunctionUrlSpec) -> Function<'_> {
    Function {
        reference: spec.function_ref.as_ref(),
        alias: spec.alias_ref.as_ref(),
        name: spec.function_name.as_ref(),
        common: &spec.common,
        noun: <Url as Model>::WORDS.noun,
    }
}

/// The qualifier in the status or the spec; `None` if only the LambdaAlias shows it.
#[must_use]
pub fn told_qualifier(object: &LambdaFunctionUrl) -> Option<String> {
    let recorded = object.status.as_ref().and_then(|status| status.qualifier.clone());
    recorded.or_else(|| full(object.spec.qualifier.as_ref()))
}

/// The object's goal.
///
/// # Errors
/// If the function or the alias does not exist yet. Deletion needs neither.
pub fn goal(input: &GoalInput<'_, LambdaFunctionUrl>) -> Result<Goal, GoalError> {
    let GoalInput {
        object,
        target: _,
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
    let host = attached::host(input, ObjectName::of(&object.metadata));
    let statements = Statements::new(owner, former_owners);
    if object.metadata.deletion_timestamp.is_some() {
        let place = Place { qualifier: told_qualifier(object), statements };
        let name = place.qualifier.clone().unwrap_or_default();
        return Ok(placed::placed(attached::leaving(name, &spec.common, host, rival.clone()), place));
    }
    let qualifier = function(spec).qualifier(spec.qualifier.as_ref(), history.qualifier.as_ref(), references)?;
    let ignored = ignored::members(spec.ignore_changes.as_ref());
    let name = qualifier.clone().unwrap_or_default();
    let goal = attached::present(name, url(spec), &spec.common, ignored, host, rival.clone());
    Ok(placed::placed(goal, Place { qualifier, statements }))
}

fn url(spec: &LambdaFunctionUrlSpec) -> Url {
    let (auth_type, public) = match spec.authorization_type {
        UrlAuthType::None => (NONE, Public::ALL.into()),
        UrlAuthType::AwsIam => ("AWS_IAM", [].into()),
    };
    let invoke_mode = match spec.invoke_mode {
        Some(InvokeMode::ResponseStream) => "RESPONSE_STREAM",
        Some(InvokeMode::Buffered) | None => BUFFERED,
    };
    let cors = spec.cors.clone().unwrap_or_default();
    let all = |values: Option<Vec<String>>| values.into_iter().flatten();
    let cors = Cors {
        credentials: cors.allow_credentials.unwrap_or_default(),
        headers: Cors::headers(all(cors.allow_headers)),
        methods: all(cors.allow_methods).collect(),
        origins: all(cors.allow_origins).collect(),
        exposed: Cors::headers(all(cors.expose_headers)),
        max_age: cors.max_age,
    };
    Url { auth_type: auth_type.into(), cors, invoke_mode: invoke_mode.into(), public }
}
