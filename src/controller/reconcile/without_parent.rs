//! The resource of an object that waits for the function or alias that it belongs to. AWS deletes most resources with their function or alias, and the
//! status then no longer shows them.

use k8s_openapi::apimachinery::pkg::apis::meta::v1::Time;
use k8s_openapi::jiff::Timestamp;

use super::observation::observe;
use super::{Reconcile, Stop, identity, stages};
use crate::aws::client::Caller;
use crate::aws::client::recent::Freshness;
use crate::controller::managed::Managed;
use crate::core::conclusion::Seen;
use crate::core::kind::Situation;
use crate::core::namespace_policy::Policy;
use crate::core::outcome::Outcome;
use crate::core::past::Reported;
use crate::core::references::References;
use crate::core::target::Target;

impl<K: Managed> Reconcile<'_, K> {
    /// If an object waits for its function or alias and AWS no longer has the resource that its status shows, adds that to the conclusion.
    pub(super) async fn without_parent(&self, stop: Stop<K>, policy: &Policy, caller: &Caller) -> Stop<K> {
        let Stop::Conclusion(conclusion) = stop else { return stop };
        if !matches!(conclusion.outcome, Outcome::Waiting(_)) {
            return Stop::Conclusion(conclusion);
        }
        match self.lost(policy, caller).await {
            Some(target) => conclusion.at(&target).saw(Seen::Absent).into(),
            None => Stop::Conclusion(conclusion),
        }
    }

    /// The target of the resource that the status shows, if a read shows that it is gone. Without its function or alias the object has no goal, so the
    /// read is that of its deletion. A read that fails proves nothing.
    async fn lost(&self, policy: &Policy, caller: &Caller) -> Option<Target> {
        let shared = &self.context.shared;
        let is_shown = self.known.as_ref().is_some_and(|known| known.common().arn.is_some());
        if !is_shown || !shared.aws.may_call() {
            return None;
        }
        let (aws, extra_regions, now) = (&shared.aws, &shared.settings.extra_regions, Timestamp::now());
        let mut object = self.object.clone();
        object.meta_mut().deletion_timestamp = Some(Time(now));
        let references = References::default();
        let target = identity::target(aws, caller, policy, &object, &self.past, &references, extra_regions).await;
        let target = target.ok()?;
        let _turn = self.turn(&target).ok()?;
        let (object, history) = (&object, &self.history);
        let given = stages::Given { object, target: &target, history, references: &references, rival: None, now };
        let goal = stages::goal(&shared.settings.identity, policy, given).ok()?;
        let withheld = references.withheld();
        let remote = K::remote(aws, caller, target.clone(), self.holder(), withheld, Freshness::Own);
        let situation: Situation<'_, K> = Situation {
            goal: &goal,
            target: &target,
            history,
            recorded: history,
            repeated: &self.past.repeated,
            generation: self.object.meta().generation.unwrap_or_default(),
            now,
        };
        let observed = observe(&situation, &remote).await.ok()?;
        let is_absent = observed.as_ref().is_none_or(K::is_absent);
        let is_stale = K::stale_read(&situation, observed.as_ref()).is_some();
        (is_absent && !is_stale).then_some(target)
    }
}
