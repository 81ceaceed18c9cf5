//! The functions of a kind that only `lambda-operator plan` needs: it can know less than the controller, and it plans further ahead. Pure.

use super::kind::{GoalOf, Kind};
use super::plan::Plan;
use super::references::Parent;
use super::target::Target;

/// A kind with changes that can be previewed.
pub trait Preview: Kind {
    /// The ARN that AWS gives the resource here.
    fn arn(desired: &Self::Desired, target: &Target) -> String;
    /// The steps of this reconcile and of those that follow it, as far as they are known.
    fn to_the_end(goal: &GoalOf<Self>, history: &Self::History, observed: Option<&Self::Observed>) -> Plan<Self::Step> {
        Self::plan(goal, history, observed)
    }
    /// The reads that a plan needs to look past a change that AWS is still applying.
    fn query_ahead(goal: &GoalOf<Self>, history: &Self::History) -> Self::Query {
        Self::query(goal, history)
    }
    /// The value of the resource's owner tag, if it has one that was read.
    fn owner_tag(_observed: &Self::Observed) -> Option<&str> {
        None
    }
    /// Treats the resource with this owner tag as ours, because the cluster's name is unknown.
    fn assume_owner(_desired: &mut Self::Desired, _owner: &str) {}
    /// Completes the facts that other objects see of this one, for an object without a status, by what AWS shows and what is left to do.
    fn foresee(_parent: &mut Parent, _desired: &Self::Desired, _observed: &Self::Observed, _plan: &Plan<Self::Step>) {}
    /// Corrects the facts that other objects see of this one, for an object with a status, which tells them as they were before its spec was
    /// applied.
    fn applied(&self, _parent: &mut Parent) {}
    /// Whether the object follows the newest version that its function publishes.
    fn follows_versions(&self) -> bool {
        false
    }
    /// Whether these steps publish a version, to which the followers then move.
    fn publishes(_steps: &[Self::Step]) -> bool {
        false
    }
    /// Treats a resource as settled if AWS is busy with it and the plan can look past that. Returns whether it did.
    fn assume_settled(_observed: &mut Self::Observed) -> bool {
        false
    }
    /// The fact about a step that is unknown without the object's status, if there is one.
    fn untold(_step: &Self::Step, _desired: &Self::Desired) -> Option<&'static str> {
        None
    }
}
