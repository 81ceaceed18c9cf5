//! For a planned step that takes a resource over: checks the owner's consent, as the operator does, once the file is applied. Reads the API server.

use super::planner::Planner;
use crate::cli::cluster::Cluster;
use crate::cli::manifest;
use crate::controller::managed::Managed;
use crate::core::consent::Owner;
use crate::core::hand_over::{HandOver, ObjectName};
use crate::core::kind::GoalOf;
use crate::core::plan::Plan;

impl Planner {
    /// The plan, or the reason why the operator would not send its first step. Without a cluster the consent is unknown, and the plan is returned
    /// unchanged.
    pub(super) async fn agreed<K: Managed>(
        &self,
        plan: Plan<K::Step>,
        goal: &GoalOf<K>,
        observed: Option<&K::Observed>,
    ) -> Plan<K::Step> {
        let (Plan::Steps(steps) | Plan::Drift(steps)) = &plan else { return plan };
        let Some(cluster) = &self.cluster else { return plan };
        let Some(taking) = steps.iter().find_map(|step| K::taking(step, goal, observed)) else { return plan };
        let answer = match taking.asks() {
            Some(owner) => Some(self.owner::<K>(cluster, &owner).await),
            None => None,
        };
        taking.refusal(answer.as_ref(), K::NAMES.noun, K::NAMES.short).map_or(plan, Plan::Blocked)
    }

    /// The object that an owner tag names: the one of the file, because it will be applied, or the one of the cluster.
    async fn owner<K: Managed>(&self, cluster: &Cluster, name: &ObjectName) -> Owner {
        let planned = self.file.object(&K::kind(&()), &name.namespace, &name.name).and_then(manifest::object::<K>);
        let Some(Ok(mut object)) = planned else { return cluster.owner::<K>(name).await };
        object.meta_mut().namespace = Some(name.namespace.clone());
        let unread = self.live(&mut object).await.err();
        once_applied(HandOver::of(object.meta().annotations.as_ref()), unread)
    }
}

/// The answer of an owner of the file. Its annotation can also be in the cluster alone, which cannot be read for this reason.
fn once_applied(hand_over: Option<HandOver>, unread: Option<String>) -> Owner {
    match (hand_over, unread) {
        (None, Some(why)) => Owner::Unreadable(why),
        (hand_over, _) => Owner::Living(hand_over),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_owner_of_the_file_answers_by_its_annotation_there() {
        let to = ObjectName::parse("a/taker").map(HandOver::To);
        let why = || Some("forbidden".to_owned());
        assert_eq!(once_applied(to.clone(), None), Owner::Living(to.clone()));
        assert_eq!(once_applied(None, None), Owner::Living(None));
        assert_eq!(once_applied(to.clone(), why()), Owner::Living(to), "whatever the cluster has");
        assert_eq!(once_applied(None, why()), Owner::Unreadable("forbidden".into()));
    }
}
