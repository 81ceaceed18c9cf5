//! The plan for a function: the AWS writes that lead from the observed state to the desired state.

pub mod change;
pub mod diff;
pub mod drift;
pub(super) mod fields;
pub mod held;
pub mod later;
pub mod step;
pub mod updates;
pub mod version;

use std::collections::BTreeSet;

use super::desired::{Desired, Goal, Leaving, PreDelete, Replacement};
use super::member::Member;
use super::model::{Configuration, Function, Publish, Vpc};
use super::observed::{Lifecycle, LogGroup, Observed, VersionState};
use super::side;
use super::status::history::History;
use crate::api::function::status::Update;
use crate::core::blocked::{Blocked, Recovery};
use crate::core::ownership::{Claim, not_ours};
use crate::core::plan;
use crate::core::values::Knowable;
use step::{Creation, Step, Tagging, Untagging};

/// The plan for a function.
pub type Plan = plan::Plan<Step>;

/// Plans the writes. The reconcile executes the plan, `lambda-operator plan` prints it, and tests compare it.
#[must_use]
pub fn plan(goal: &Goal, history: &History, observed: Option<&Observed>) -> Plan {
    match (goal, observed) {
        (Goal::Present(desired), None) => create(desired, history),
        (Goal::Present(desired), Some(observed)) => present(desired, history, observed),
        // AWS's reads can be stale: if a function that existed before is missing, a second read must confirm it.
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

/// The creation of a function, which needs a source of code.
fn create(desired: &Desired, history: &History) -> Plan {
    let Desired {
        function,
        source,
        unusable_source,
        identity,
        environment: _,
        unset: _,
        initial_code: _,
        trusts_code: _,
        publish,
        ownership,
        regrant: _,
        reports_drift: _,
        ignored: _,
        own_layers: _,
    } = desired;
    if let Some(source) = source {
        let create = Step::CreateFunction(Box::new(Creation {
            function: function.clone(),
            source: source.clone(),
            identity: identity.clone(),
            owner: ownership.owner.clone(),
            publish: publish.clone().filter(|_| !side::delay_publishing(&function.sides)),
        }));
        let gone = desired.reports_drift && drift::is_deleted_by_others(desired, history);
        return if gone { Plan::Drift(vec![create]) } else { Plan::Steps(vec![create]) };
    }
    Plan::Blocked(unusable_source.clone().unwrap_or_else(|| Blocked::InvalidSpec(
        "The function does not exist, and codePolicy: Initial without a source cannot create it: name a source for the first code, or deploy the function first and set adoptionPolicy: Adopt.".into(),
    )))
}

/// The deletion: first durable executions are stopped, then network interfaces are moved, then the function is deleted. AWS accepts a deletion while
/// it is busy with the function.
fn last_steps(pre_delete: &PreDelete, observed: &Observed) -> Plan {
    let PreDelete { security_groups } = pre_delete;
    if !observed.executions.is_empty() {
        return Plan::Steps(observed.executions.iter().cloned().map(Step::StopDurableExecution).collect());
    }
    // A function that failed at its creation accepts no update, so moving its interfaces would block the deletion forever.
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
            return Plan::Steps(vec![Step::reconfigure(configuration, [Member::VpcConfig])]);
        }
    }
    Plan::Steps(vec![Step::DeleteFunction])
}

/// Deletes or releases the function, if it is ours.
fn leave(goal: &Goal, observed: &Observed, steps: impl FnOnce() -> Plan) -> Plan {
    match &observed.owner {
        Knowable::Unknown => Plan::Blocked(Blocked::OwnershipUnknown),
        // An object that never owned the function must not touch it when it is deleted.
        Knowable::Known(tag) if !tag.as_ref().is_some_and(|tag| goal.claims(tag)) => Plan::Done,
        Knowable::Known(_) if observed.lifecycle == Lifecycle::Deleting => Plan::Wait,
        Knowable::Known(_) => steps(),
    }
}

fn present(desired: &Desired, history: &History, observed: &Observed) -> Plan {
    match desired.ownership.claim(&observed.owner) {
        Claim::Ours => {}
        Claim::Unknown => return Plan::Blocked(Blocked::OwnershipUnknown),
        // AWS is deleting the function. As soon as the name is free, the operator creates the function.
        Claim::Adoptable if observed.lifecycle == Lifecycle::Deleting => return Plan::Wait,
        Claim::Adoptable => {
            // We did not create this function. Our record says "never active", but the function may have been; recreating it could destroy it.
            if observed.lifecycle == (Lifecycle::Failed { proven: false }) {
                return Plan::Blocked(Blocked::FunctionFailed(Recovery::Manual));
            }
            // The only step of its reconcile: if two objects adopt at the same time, both read again, and one finds the other's tag.
            let tag = vec![Step::TagResource(Tagging::Owner(desired.ownership.owner.clone()))];
            let renamed = desired.ownership.is_renamed(observed.owner_name());
            let lost = desired.reports_drift && !history.applied.is_empty() && !renamed;
            return if lost { Plan::Drift(tag) } else { Plan::Steps(tag) };
        }
        Claim::Another(owner) => return Plan::Blocked(not_ours(&desired.ownership.owner, owner)),
        Claim::Unowned => return Plan::Blocked(Blocked::NotOwned(None)),
    }
    if let Some(field) = immutable(&desired.function, &observed.function) {
        return Plan::Blocked(Blocked::Immutable(field));
    }
    if desired.source.is_none() && !desired.leaves_code() {
        return Plan::Blocked(unknown_code(desired));
    }
    // A failed update is not repeated before status has reported the failure.
    let told = history.past.stalled.is_some();
    match observed.lifecycle {
        Lifecycle::Busy | Lifecycle::Deleting => Plan::Wait,
        // It was never active, so nothing is lost, and AWS accepts no other change of it. The object is `Stalled` first, so that a function that
        // fails repeatedly is recreated at a slow pace.
        Lifecycle::Failed { proven: false } if !history.ever_active && desired.source.is_some() && told => {
            Plan::Steps(vec![Step::DeleteFunction])
        }
        Lifecycle::Failed { proven: false } if !history.ever_active => {
            // Without a source it cannot be created again.
            let recovery = if desired.source.is_some() { Recovery::Recreate } else { Recovery::Manual };
            Plan::Blocked(Blocked::FunctionFailed(recovery))
        }
        Lifecycle::Failed { .. } => match drift::sort(desired, history, observed, &BTreeSet::new()) {
            // It was active before, so the same code may make it work again once the cause is fixed.
            Plan::Done => match updates::update_code(desired, observed) {
                Some(step) if told => Plan::Steps(vec![step]),
                Some(_) => Plan::Blocked(Blocked::FunctionFailed(Recovery::Redeploy)),
                None => Plan::Blocked(Blocked::FunctionFailed(Recovery::Manual)),
            },
            plan => plan,
        },
        Lifecycle::UpdateFailed(_) | Lifecycle::Ready | Lifecycle::Impaired => converge(desired, history, observed),
    }
}

/// Why the plan is blocked: the code has an unknown origin, no adoption is requested, and the spec has no source to replace it.
fn unknown_code(desired: &Desired) -> Blocked {
    desired.unusable_source.clone().unwrap_or_else(|| Blocked::InvalidSpec(
        "The function has this object's owner tag, and this object neither created it nor was asked to take it over, so its code is not trusted: set adoptionPolicy: Adopt to leave the code as it is, or name a source for it.".into(),
    ))
}

/// Plans all differences, the failed updates that are sent again, and then the version of both.
fn converge(desired: &Desired, history: &History, observed: &Observed) -> Plan {
    let repeated = updates::to_repeat(desired, history, observed);
    let publish = publish(desired, history, observed, &repeated);
    let plan = match (drift::sort(desired, history, observed, &repeated), publish) {
        (Plan::Steps(mut steps), publish) => {
            // The earlier steps change the revision, so PublishVersion cannot name one.
            steps.extend(publish.map(Step::of_any_revision));
            Plan::Steps(steps)
        }
        (Plan::Done | Plan::Drift(_), Some(publish)) => Plan::Steps(vec![publish]),
        (Plan::Done, None) => settled(observed, &repeated),
        // A failure, or a change in progress, matters more than drift.
        (Plan::Drift(drift), None) => match settled(observed, &repeated) {
            Plan::Done => Plan::Drift(drift),
            plan @ (Plan::Steps(_) | Plan::Drift(_) | Plan::Wait | Plan::Blocked(_)) => plan,
        },
        (plan @ (Plan::Wait | Plan::Blocked(_)), _) => plan,
    };
    if observed.log_group == LogGroup::ReadFailed { reading_again(plan) } else { plan }
}

/// The plan, followed by the read that failed. While something else has to be done or told, that comes first.
fn reading_again(plan: Plan) -> Plan {
    match plan {
        Plan::Done => Plan::Steps(vec![Step::DescribeLogGroups]),
        Plan::Steps(mut steps) => {
            steps.push(Step::DescribeLogGroups);
            Plan::Steps(steps)
        }
        plan @ (Plan::Drift(_) | Plan::Wait | Plan::Blocked(_)) => plan,
    }
}

/// The publication, which comes last. It follows from the state in AWS, not from the steps of this reconcile, so that a crash between an update and
/// its publication still leads to one. A version must match the spec completely: none of its parts may have failed or have drift that is not
/// corrected.
fn publish(desired: &Desired, history: &History, observed: &Observed, repeated: &BTreeSet<Update>) -> Option<Step> {
    let Publish { to } = desired.publish.as_ref()?;
    let held =
        observed.published.is_some() || version::is_held(history.published.as_ref(), desired, observed, to.as_ref());
    let mixture = !repeated.is_empty()
        || matches!(observed.lifecycle, Lifecycle::UpdateFailed(_))
        || desired.reports_drift && drift::of_a_version(desired, history, observed);
    (!held && !mixture).then(|| Step::PublishVersion {
        code_sha256: observed.attributes.code_sha256.clone().unwrap_or_default(),
        revision: observed.attributes.revision_id.clone(),
        to: to.clone(),
    })
}

/// The plan without differences: an update may have failed, and a version may not be ready yet.
fn settled(observed: &Observed, repeated: &BTreeSet<Update>) -> Plan {
    if let Some(half) = updates::failed_half(repeated, observed) {
        return Plan::Blocked(Blocked::UpdateFailed(half));
    }
    if observed.lifecycle == Lifecycle::Impaired {
        return Plan::Blocked(Blocked::FunctionInactive);
    }
    let Some(VersionState { lifecycle, reason }) = &observed.version else { return Plan::Done };
    match lifecycle {
        Lifecycle::Ready | Lifecycle::Impaired => Plan::Done,
        Lifecycle::Busy | Lifecycle::Deleting => Plan::Wait,
        Lifecycle::UpdateFailed(_) | Lifecycle::Failed { .. } => Plan::Blocked(Blocked::VersionFailed(reason.clone())),
    }
}

/// The field that differs and that AWS cannot change on an existing function, if there is one.
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

#[cfg(test)]
mod tests;
