//! Keeps a plan within the policy of the namespace: the policy judges the spec before AWS is read, and here what AWS has wherever the plan would leave
//! it. Otherwise code would run with a role, say, that no spec of the namespace may name. An object that leaves is never held. Pure.

use super::goal::Goal;
use super::kind::{GoalOf, Kind};
use super::namespace_policy::Policy;
use super::namespace_policy::in_aws::InAws;
use super::operation::Access;
use super::plan::{Plan, Write};
use super::target::Target;

/// The inputs for the check of a plan.
pub struct Bounds<'a, K: Kind> {
    /// The policy of the namespace.
    pub policy: &'a Policy,
    /// The goal, with what is left to others as AWS shows it.
    pub goal: &'a GoalOf<K>,
    /// The records of earlier reconciles.
    pub history: &'a K::History,
    /// Where the resource lives.
    pub target: &'a Target,
    /// The resource in AWS.
    pub observed: Option<&'a K::Observed>,
}

impl<K: Kind> Bounds<'_, K> {
    /// The plan, or why it writes nothing: it would leave a value in AWS that the policy does not allow.
    #[must_use]
    pub fn within(&self, plan: Plan<K::Step>) -> Plan<K::Step> {
        let stays = |has: &&InAws<'_>| {
            has.left.is_some()
                || match &plan {
                    Plan::Steps(steps) => !steps.iter().any(|step| self.ends(step, has)),
                    Plan::Done | Plan::Wait | Plan::Drift(_) | Plan::Blocked(_) => false,
                }
        };
        match plan {
            Plan::Done | Plan::Steps(_) => {}
            // These write nothing, and say why.
            Plan::Wait | Plan::Drift(_) | Plan::Blocked(_) => return plan,
        }
        let Some(observed) = self.observed else { return plan };
        let barred = self.barred();
        let Some(has) = barred.iter().find(stays) else { return plan };
        let is_ours = K::is_ours(self.goal, self.history, observed);
        Plan::Blocked(self.policy.keeps_out(K::NAMES.noun, has, is_ours))
    }

    /// The steps of this reconcile: while AWS has a value that the policy does not allow, only those that replace it. If AWS refuses one of them, no
    /// other write makes use of the value.
    #[must_use]
    pub fn first(&self, steps: Vec<K::Step>) -> Vec<K::Step> {
        let barred = self.barred();
        let is_first = |step: &K::Step| barred.iter().any(|has| self.ends(step, has));
        if barred.is_empty() { steps } else { steps.into_iter().filter(is_first).collect() }
    }

    /// The values in AWS that are not allowed.
    fn barred(&self) -> Vec<InAws<'_>> {
        let (Goal::Present(desired), Some(observed)) = (self.goal, self.observed) else { return Vec::new() };
        K::in_aws(desired, observed).into_iter().filter(|has| self.policy.bars(has)).collect()
    }

    /// Whether the value is gone after this step, or is replaced once this step made the resource the object's.
    fn ends(&self, step: &K::Step, has: &InAws<'_>) -> bool {
        let Some(desired) = self.goal.desired() else { return true };
        let replaces = |field: &str| has.is_replaced_by(field);
        step.operation().access() == Access::Delete
            || K::taking(step, self.goal, self.observed).is_some()
            || K::changes(step, self.target, desired, self.observed).iter().any(|change| replaces(&change.field))
    }
}
