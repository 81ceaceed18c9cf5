//! The whole decision: from what should be and what is, to the AWS writes that lead from one to the other.

pub mod change;
pub mod diff;
mod fields;
pub mod later;
pub mod step;

use std::collections::BTreeMap;

use super::desired::{Desired, Goal, Leaving, PreDelete, Replacement};
use super::model::{Configuration, Function, Publish, Vpc};
use super::observed::{FailedGroup, Lifecycle, Observed, VersionState};
use super::side;
use super::side::Turn;
use super::status::history::History;
use crate::core::blocked::Blocked;
use crate::core::ownership::{Claim, UserTags};
use crate::core::plan;
use crate::core::values::Knowable;
use step::{Creation, Deployment, Step, Tagging, Untagging};

/// What to do to a function.
pub type Plan = plan::Plan<Step>;

/// Decides. Reconcile runs the answer, `lambda-operator plan` prints it, tests compare it.
#[must_use]
pub fn plan(goal: &Goal, history: &History, observed: Option<&Observed>) -> Plan {
    match (way(goal, history, observed), goal) {
        (Plan::Steps(steps), Goal::Present(desired))
            if desired.only_reports(history) && !is_renamed(desired, observed) =>
        {
            Plan::Drift(steps)
        }
        (plan, _) => plan,
    }
}

/// It has a name that the object had before: that is ours to rewrite, and nobody's drift.
fn is_renamed(desired: &Desired, observed: Option<&Observed>) -> bool {
    let owner = observed.and_then(|observed| observed.owner.known().and_then(Option::as_ref));
    owner.is_some_and(|owner| *owner != desired.ownership.owner && desired.ownership.accepts.contains(owner))
}

/// From what is to what should be.
fn way(goal: &Goal, history: &History, observed: Option<&Observed>) -> Plan {
    match (goal, observed) {
        (Goal::Present(desired), None) => create(desired),
        (Goal::Present(desired), Some(observed)) => present(desired, history, observed),
        // AWS's reads may be stale: that a function is gone which was there is believed at the second read.
        (Goal::Absent(_), None) if history.created => Plan::Wait,
        (Goal::Absent(_) | Goal::Released(_), None) => Plan::Done,
        (Goal::Absent(Leaving { owner: _, former: _, pre_delete }), Some(observed)) => {
            leave(goal, observed, || last_steps(pre_delete, observed))
        }
        (Goal::Released(_), Some(observed)) => {
            leave(goal, observed, || Plan::Steps(vec![Step::UntagResource(Untagging::Owner)]))
        }
    }
}

/// A function is made of code, unless another pipeline is to bring it.
fn create(desired: &Desired) -> Plan {
    let Desired {
        function,
        source,
        identity,
        initial_code: _,
        publish,
        ownership,
        revision: _,
        regrant: _,
        reports_drift: _,
    } = desired;
    if let Some(source) = source {
        return Plan::Steps(vec![Step::CreateFunction(Box::new(Creation {
            function: function.clone(),
            source: source.clone(),
            identity: identity.clone(),
            owner: ownership.owner.clone(),
            publish: publish.clone().filter(|_| !side::delay_publishing(&function.sides)),
        }))]);
    }
    Plan::Blocked(Blocked::InvalidSpec(
        "The function does not exist, and codePolicy Initial without a source cannot create it: name a source for the first code, or deploy the function first and set adoptionPolicy: Adopt.".into(),
    ))
}

/// Executions are stopped, interfaces moved, and then it is deleted, which AWS allows while it is busy.
fn last_steps(pre_delete: &PreDelete, observed: &Observed) -> Plan {
    let PreDelete { security_groups } = pre_delete;
    if !observed.executions.is_empty() {
        return Plan::Steps(observed.executions.iter().cloned().map(Step::StopDurableExecution).collect());
    }
    // One that failed at its creation takes no update, and would never be gone.
    let failed = observed.lifecycle == (Lifecycle::Failed { proven: false });
    let vpc = observed.function.configuration.vpc.as_ref().filter(|_| !failed);
    if let (Some(replacement), Some(vpc)) = (security_groups, vpc) {
        let groups = match (replacement, &observed.default_group) {
            (Replacement::Groups(groups), _) => groups.clone(),
            (Replacement::Default, Some(group)) => [group.clone()].into(),
            (Replacement::Default, None) => {
                return Plan::Blocked(Blocked::InvalidSpec(
                    "The function's VPC has no security group named default: name others in replacementSecurityGroupIds, or set replaceSecurityGroupsOnDestroy to false.".into(),
                ));
            }
        };
        if observed.lifecycle == Lifecycle::Busy {
            return Plan::Wait;
        }
        if vpc.security_groups != groups {
            let moved = Some(Vpc { security_groups: groups, ..vpc.clone() });
            let configuration = Configuration { vpc: moved, ..observed.function.configuration.clone() };
            return Plan::Steps(vec![Step::UpdateFunctionConfiguration(Box::new(configuration))]);
        }
    }
    Plan::Steps(vec![Step::DeleteFunction])
}

/// Ends our ownership, if it is ours to end.
fn leave(goal: &Goal, observed: &Observed, steps: impl FnOnce() -> Plan) -> Plan {
    match &observed.owner {
        Knowable::Unknown => Plan::Blocked(Blocked::OwnershipUnknown),
        // Deleting an object that was refused the function must not touch the function.
        Knowable::Known(tag) if !tag.as_ref().is_some_and(|tag| goal.claims(tag)) => Plan::Done,
        Knowable::Known(_) if observed.lifecycle == Lifecycle::Deleting => Plan::Wait,
        Knowable::Known(_) => steps(),
    }
}

fn present(desired: &Desired, history: &History, observed: &Observed) -> Plan {
    match desired.ownership.claim(&observed.owner) {
        Claim::Ours => {}
        Claim::Unknown => return Plan::Blocked(Blocked::OwnershipUnknown),
        Claim::Adoptable => {
            // That there was none before tells nothing of one that we did not make: it may have worked, and would be deleted.
            if !history.ever_active && observed.lifecycle == (Lifecycle::Failed { proven: false }) {
                return Plan::Blocked(Blocked::FunctionFailed);
            }
            // Alone in its pass: of two that adopt at once, both look again and one finds the other's name.
            return Plan::Steps(vec![Step::TagResource(Tagging::Owner(desired.ownership.owner.clone()))]);
        }
        Claim::Another(owner) => return Plan::Blocked(Blocked::NotOwned(Some(owner))),
        Claim::Unowned => return Plan::Blocked(Blocked::NotOwned(None)),
    }
    if let Some(field) = immutable(&desired.function, &observed.function) {
        return Plan::Blocked(Blocked::Immutable(field));
    }
    // What failed is not repeated before the user has been told of it.
    let told = history.past.stalled.is_some();
    match observed.lifecycle {
        Lifecycle::Busy | Lifecycle::Deleting => Plan::Wait,
        // It never worked, so nothing is lost, and AWS lets nothing else be done with it. The user is told first: what
        // fails again and again must not be made again and again.
        Lifecycle::Failed { proven: false } if !history.ever_active && desired.source.is_some() && told => {
            Plan::Steps(vec![Step::DeleteFunction])
        }
        // Without code it could not be made again.
        Lifecycle::Failed { proven: false } if !history.ever_active => Plan::Blocked(Blocked::FunctionFailed),
        Lifecycle::Failed { .. } => match differences(desired, history, observed) {
            steps if steps.is_empty() => Plan::Blocked(Blocked::FunctionFailed),
            steps => Plan::Steps(steps),
        },
        Lifecycle::UpdateFailed(_) if !told => Plan::Blocked(Blocked::UpdateFailed),
        // Sent again even where AWS shows the wanted values, and alone: after another update that went well nothing
        // would tell any more that this one failed.
        Lifecycle::UpdateFailed(FailedGroup::Configuration) => Plan::Steps(vec![update_configuration(desired)]),
        Lifecycle::UpdateFailed(FailedGroup::Code) => {
            update_code(desired, observed).map_or(Plan::Blocked(Blocked::UpdateFailed), |step| Plan::Steps(vec![step]))
        }
        Lifecycle::Ready => {
            let mut steps = differences(desired, history, observed);
            // Last, and from what is true in AWS rather than from what this pass did, so that a crash between an
            // update and its publish still ends in a publish.
            if let Some(Publish { to }) = desired.publish.as_ref().filter(|_| observed.published.is_none()) {
                let code_sha256 = observed.attributes.code_sha256.clone().unwrap_or_default();
                steps.push(Step::PublishVersion { code_sha256, to: to.clone() });
            }
            if steps.is_empty() { settled(observed) } else { Plan::Steps(steps) }
        }
    }
}

/// Nothing differs; but a version may still be on its way.
fn settled(observed: &Observed) -> Plan {
    let Some(VersionState { lifecycle, reason }) = &observed.version else { return Plan::Done };
    match lifecycle {
        Lifecycle::Ready => Plan::Done,
        Lifecycle::Busy | Lifecycle::Deleting => Plan::Wait,
        Lifecycle::UpdateFailed(_) | Lifecycle::Failed { .. } => Plan::Blocked(Blocked::VersionFailed(reason.clone())),
    }
}

/// What cannot change on a living function, and would have to.
fn immutable(want: &Function, have: &Function) -> Option<&'static str> {
    let presence = |f: &Function| (f.configuration.durable.is_some(), f.configuration.capacity_provider.is_some());
    let (durable, capacity) = presence(want);
    let (has_durable, has_capacity) = presence(have);
    [
        ("packageType", want.package != have.package),
        ("tenancyConfig", want.tenancy != have.tenancy),
        ("durableConfig", durable != has_durable),
        ("capacityProviderConfig", capacity != has_capacity),
    ]
    .into_iter()
    .find_map(|(field, differs)| differs.then_some(field))
}

fn update_configuration(desired: &Desired) -> Step {
    Step::UpdateFunctionConfiguration(Box::new(desired.function.configuration.clone()))
}

/// The architecture is named even when it stays: AWS would take x86_64 for granted.
fn update_code(desired: &Desired, observed: &Observed) -> Option<Step> {
    let [wanted, present] = [&desired.function, &observed.function].map(|function| &function.code);
    Some(Step::UpdateFunctionCode(Box::new(Deployment {
        source: desired.source.clone().filter(|_| !desired.initial_code)?,
        identity: desired.identity.clone(),
        kms_key_arn: wanted.kms_key_arn.clone().unwrap_or_default(),
        architecture: wanted.architecture.clone().or_else(|| present.architecture.clone()),
    })))
}

/// One step for each group that differs, in AWS's order.
fn differences(desired: &Desired, history: &History, observed: &Observed) -> Vec<Step> {
    // Destructured without `..`: a new group does not compile until it is planned for.
    let Function { package: _, tenancy: _, configuration, code, sides, concurrency, tags } = &desired.function;
    let now = &observed.function;
    let due = |turn| side::differences(sides, &now.sides, turn).into_iter().map(Step::of_side);
    let mut steps: Vec<_> = due(Turn::First).collect();
    // Configuration before code, as Terraform does: a version published after both holds both.
    // What AWS does not show is written when we have something new to say, and then left alone.
    let unsent = desired.is_unsent(history);
    let unseen = unsent && now.configuration.environment == Knowable::Unknown;
    // So is a key that AWS does not show where there are no variables to encrypt.
    let fields = diff::configuration(configuration, &now.configuration);
    let unshown = fields == ["kmsKeyArn"]
        && now.configuration.kms_key_arn.is_empty()
        && configuration.environment.known().is_some_and(BTreeMap::is_empty);
    if let Some(role) = desired.pending_regrant(history).filter(|_| now.configuration.role == configuration.role) {
        let other = Configuration { role: role.clone(), ..configuration.clone() };
        steps.push(Step::UpdateFunctionConfiguration(Box::new(other)));
    } else if unseen || !(fields.is_empty() || (unshown && !unsent)) {
        steps.push(update_configuration(desired));
    }
    if !diff::code(code, &now.code).is_empty() {
        steps.extend(update_code(desired, observed));
    }
    steps.extend(due(Turn::AfterCode));
    if *concurrency != now.concurrency {
        steps.push(concurrency.map_or(Step::DeleteFunctionConcurrency, Step::PutFunctionConcurrency));
    }
    if let (Knowable::Known(want), Knowable::Known(have)) = (tags, &now.tags) {
        steps.extend(tag_steps(want, have));
    }
    steps
}

fn tag_steps(want: &BTreeMap<String, String>, have: &BTreeMap<String, String>) -> Vec<Step> {
    let differing = want.iter().filter(|(key, value)| have.get(*key) != Some(value));
    let set = UserTags::of(differing.map(|(key, value)| (key.clone(), value.clone())));
    let remove: Vec<_> = have.keys().filter(|key| !want.contains_key(*key)).cloned().collect();
    // Removed first: a function holds at most 50 tags.
    let untag = (!remove.is_empty()).then_some(Step::UntagResource(Untagging::Remove(remove)));
    let tag = (!set.get().is_empty()).then_some(Step::TagResource(Tagging::Set(set)));
    untag.into_iter().chain(tag).collect()
}

#[cfg(test)]
mod tests;
