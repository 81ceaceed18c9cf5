//! For `lambda-operator plan`: checks the owner's consent to a step that takes a resource over. Reads the API server, as the operator does.

use super::cluster::Cluster;
use crate::controller::managed::Managed;
use crate::core::kind::GoalOf;
use crate::core::plan::Plan;

/// The plan, or the reason why the operator would not send its first step. Without a cluster the consent is unknown, and the plan is returned
/// unchanged.
pub(super) async fn agreed<K: Managed>(
    cluster: Option<&Cluster>,
    plan: Plan<K::Step>,
    goal: &GoalOf<K>,
    observed: Option<&K::Observed>,
) -> Plan<K::Step> {
    let (Plan::Steps(steps) | Plan::Drift(steps)) = &plan else { return plan };
    let Some(cluster) = cluster else { return plan };
    let Some(taking) = steps.iter().find_map(|step| K::taking(step, goal, observed)) else { return plan };
    let answer = match taking.asks() {
        Some(owner) => Some(cluster.owner::<K>(&owner).await),
        None => None,
    };
    taking.refusal(answer.as_ref(), K::NAMES.noun, K::NAMES.short).map_or(plan, Plan::Blocked)
}
