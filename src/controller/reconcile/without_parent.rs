//! The resource of an object that waits for the function or alias that it belongs to. AWS deletes most resources with their function or alias, and the
//! status then no longer shows them.

use std::time::Duration;

use k8s_openapi::apimachinery::pkg::apis::meta::v1::Time;
use k8s_openapi::jiff::{SignedDuration, Timestamp};
use kube::ResourceExt;

use super::observation::observe;
use super::{Reconcile, Requeue, Stop, identity, requested, stages};
use crate::api::shared::WaitFor;
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

/// The time in which AWS can still show what it has deleted. An answer that shows the resource is believed only after it.
const LAG: SignedDuration = SignedDuration::from_secs(60);

/// What a read shows of the resource.
enum Found {
    /// AWS no longer has it.
    Gone(Target),
    /// AWS has it.
    There,
    /// Nothing: the read fails, or is not to be believed.
    Unknown,
    /// Nothing yet: the account's token bucket postpones the read for this time.
    Later(Duration),
}

impl<K: Managed> Reconcile<'_, K> {
    /// If an object waits for its function or alias and AWS no longer has the resource that its status shows, adds that to the conclusion.
    pub(super) async fn without_parent(&self, stop: Stop<K>, policy: &Policy, caller: &Caller) -> Stop<K> {
        let Stop::Conclusion(conclusion) = stop else { return stop };
        if !matches!(conclusion.outcome, Outcome::Waiting(_)) || !self.may_be_lost() {
            return Stop::Conclusion(conclusion);
        }
        match self.look(policy, caller).await {
            Found::Gone(target) => conclusion.at(&target).saw(Seen::Absent).into(),
            Found::There => {
                if self.waits_for_longer_than(LAG) {
                    let uid = self.object.uid().unwrap_or_default();
                    self.context.outlasting.mark(&uid, self.references.fingerprint());
                }
                Stop::Conclusion(conclusion)
            }
            Found::Unknown => Stop::Conclusion(conclusion),
            Found::Later(due) if self.is_told() => Stop::Quiet(Requeue::After(due)),
            Found::Later(_) => {
                // The report answers the request, and the retry after it reads.
                self.context.outlasting.forget(&self.object.uid().unwrap_or_default());
                Stop::Conclusion(conclusion)
            }
        }
    }

    /// Whether a read can show something new. The wait itself is reported first. A resource that AWS still has is read as that of an object in sync: at each
    /// drift check, edit, request and change of its function, and not at each retry. That of a function that is handed over is not read at all.
    fn may_be_lost(&self) -> bool {
        let is_shown = self.known.as_ref().is_some_and(|known| known.common().arn.is_some());
        is_shown
            && self.waits_for_longer_than(SignedDuration::ZERO)
            && !self.references.parent.as_ref().is_some_and(|parent| parent.handed_over)
            && !(self.is_told() && self.outlasts())
            && self.context.shared.aws.may_call()
    }

    /// Whether AWS had the resource when it was last read, not long ago, and nothing that the object refers to has changed since.
    fn outlasts(&self) -> bool {
        let uid = self.object.uid().unwrap_or_default();
        self.context.outlasting.within(&uid, &self.references.fingerprint(), self.drift_interval())
    }

    /// Whether the status says all that is known without a read: nobody has edited the object, or asked for a reconcile, since it was written.
    fn is_told(&self) -> bool {
        let told = self.known.as_ref().map(Reported::common);
        told.is_some_and(|told| {
            told.observed_generation == self.object.meta().generation
                && told.last_handled_reconcile_at.as_ref() == requested(self.object)
        })
    }

    fn waits_for_longer_than(&self, time: SignedDuration) -> bool {
        let wait = self.past.wait.as_ref().filter(|wait| wait.what == WaitFor::Function);
        wait.is_some_and(|wait| Timestamp::now().duration_since(wait.since) >= time)
    }

    /// Reads the resource that the status shows. Without its function or alias the object has no goal, so the read is that of its deletion.
    async fn look(&self, policy: &Policy, caller: &Caller) -> Found {
        let shared = &self.context.shared;
        let (aws, extra_regions, now) = (&shared.aws, &shared.settings.extra_regions, Timestamp::now());
        let mut object = self.object.clone();
        object.meta_mut().deletion_timestamp = Some(Time(now));
        let references = References::default();
        let target = identity::target(aws, caller, policy, &object, &self.past, &references, extra_regions).await;
        let Ok(target) = target else { return Found::Unknown };
        let _turn = match self.turn(&target) {
            Ok(turn) => turn,
            Err(Stop::Quiet(Requeue::After(due))) => return Found::Later(due),
            Err(_) => return Found::Unknown,
        };
        let (object, history) = (&object, &self.history);
        let given = stages::Given { object, target: &target, history, references: &references, rival: None, now };
        let Ok(goal) = stages::goal(&shared.settings.identity, policy, given) else { return Found::Unknown };
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
        match observe(&situation, &remote).await {
            Ok(observed) if !observed.as_ref().is_none_or(K::is_absent) => Found::There,
            Ok(observed) if K::stale_read(&situation, observed.as_ref()).is_some() => Found::Unknown,
            Ok(_) => Found::Gone(target),
            Err(conclusion) => conclusion.postponed.map_or(Found::Unknown, Found::Later),
        }
    }
}
