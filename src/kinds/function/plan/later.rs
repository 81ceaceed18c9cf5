//! The steps of later reconciles, for `lambda-operator plan`: what follows from the steps of this one.

use super::plan;
use super::step::{Step, Tagging};
use super::{drift, version};
use crate::core::operation::Operation;
use crate::core::plan::{Plan, Write};
use crate::core::values::Knowable;
use crate::kinds::function::desired::{Desired, Goal};
use crate::kinds::function::model::{Content, Publish};
use crate::kinds::function::observed::Observed;
use crate::kinds::function::side;
use crate::kinds::function::side::Side;
use crate::kinds::function::status::history::History;

/// The steps of this reconcile, and those of the reconciles that will follow it.
#[must_use]
pub fn to_the_end(goal: &Goal, history: &History, observed: Option<&Observed>) -> Plan<Step> {
    let mut steps = match plan(goal, history, observed) {
        Plan::Steps(steps) => steps,
        // The operator would only report them.
        drift @ Plan::Drift(_) => return drift,
        end @ (Plan::Done | Plan::Wait | Plan::Blocked(_)) => return end,
    };
    match (steps.as_slice(), goal, observed) {
        ([Step::TagResource(Tagging::Owner(owner))], _, Some(observed)) => {
            let adopted = Observed { owner: Knowable::Known(Some(owner.clone())), ..observed.clone() };
            match plan(goal, history, Some(&adopted)) {
                Plan::Steps(more) => steps.extend(more),
                Plan::Blocked(blocked) => return Plan::Blocked(blocked),
                Plan::Done | Plan::Wait | Plan::Drift(_) => {}
            }
        }
        ([Step::DeleteFunction], Goal::Present(_), Some(_)) => {
            if let Plan::Steps(more) = plan(goal, history, None) {
                steps.extend(more);
            }
        }
        _ => {}
    }
    if let Goal::Present(desired) = goal {
        steps.extend(later(desired, history, observed, &steps));
    }
    Plan::Steps(steps)
}

/// The steps that will be planned once these steps are done.
fn later(desired: &Desired, history: &History, observed: Option<&Observed>, steps: &[Step]) -> Vec<Step> {
    let has = |operation| steps.iter().any(|step| step.operation() == operation);
    let mut later = Vec::new();
    if has(Operation::CreateFunction) {
        let sides = side::after_creation(&desired.function.sides);
        // Lambda creates the log group at the first invocation, so a new function has none.
        later.extend(sides.contains_key(&Side::LogRetention).then_some(Step::CreateLogGroup));
        later.extend(sides.into_iter().map(Step::of_side));
    }
    if let Some(reserved) = desired.function.concurrency.filter(|_| has(Operation::CreateFunction)) {
        later.push(Step::PutFunctionConcurrency(reserved));
    }
    // After a change, a version that holds the current state will no longer hold `$LATEST`.
    let unpublished = steps.iter().any(|step| matches!(step, Step::CreateFunction(made) if made.publish.is_none()));
    let changes = has(Operation::UpdateFunctionConfiguration) || has(Operation::UpdateFunctionCode) || unpublished;
    if let Some(publish) = desired.publish.as_ref().filter(|_| changes && !has(Operation::PublishVersion))
        && publishes(desired, history, observed, steps, publish)
    {
        later.push(Step::PublishVersion { code_sha256: String::new(), revision: None, to: publish.to.clone() });
    }
    later
}

/// Whether a publication follows these steps, which change what a version holds. With drift that is left, the function does not match the spec; and
/// after drift that is corrected, the version from before it holds the function again.
fn publishes(
    desired: &Desired,
    history: &History,
    observed: Option<&Observed>,
    steps: &[Step],
    publish: &Publish,
) -> bool {
    let has = |operation| steps.iter().any(|step| step.operation() == operation);
    let Some(observed) = observed.filter(|_| !has(Operation::CreateFunction)) else { return true };
    if desired.reports_drift && drift::of_a_version(desired, history, observed) {
        return false;
    }
    let mut after = observed.clone();
    if has(Operation::UpdateFunctionCode) {
        let Content::Sha256(hash) = &desired.function.code.content else { return true };
        after.attributes.code_sha256 = Some(hash.clone());
    }
    let published = history.published.as_ref().filter(|published| version::is_of_kind(published, publish.to.as_ref()));
    !published.is_some_and(|published| version::holds_desired(published, desired, &after))
}
