//! What `lambda-operator plan` asks of a kind beyond the controller: it may know less, and it looks further ahead. Pure.

use super::kind::{GoalOf, Kind};
use super::plan::Plan;
use super::target::Target;

/// A kind whose changes can be shown before they are made.
pub trait Preview: Kind {
    /// The ARN that AWS gives the resource here.
    fn arn(desired: &Self::Desired, target: &Target) -> String;
    /// The steps of this reconcile and of those that follow it, as far as they can be told.
    fn to_the_end(goal: &GoalOf<Self>, history: &Self::History, observed: Option<&Self::Observed>) -> Plan<Self::Step> {
        Self::plan(goal, history, observed)
    }
    /// Treats the resource as ours if its owner tag ends with `own` (namespace and name), because the cluster's name is unknown.
    fn assume_owner(_desired: &mut Self::Desired, _observed: &Self::Observed, _own: &str) {}
    /// Treats a resource that AWS is busy with as settled. Returns whether AWS was busy.
    fn assume_settled(_observed: &mut Self::Observed) -> bool {
        false
    }
    /// What cannot be told of a step without the object's status.
    fn untold(_step: &Self::Step, _desired: &Self::Desired) -> Option<&'static str> {
        None
    }
}
