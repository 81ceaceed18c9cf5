//! The one report of a reconcile: its conclusion becomes a status, an Event, and the time of the next reconcile; or the finalizer goes.

use std::time::{Duration, Instant};

use k8s_openapi::jiff::Timestamp;
use kube::ResourceExt;

use super::failure::Failure;
use super::finished::{Finished, News};
use super::leftover::tell;
use super::status_write::{EventPolicy, write_status};
use super::{Reconcile, finalizer, requested};
use crate::api::condition;
use crate::controller::backoff::Requeue;
use crate::controller::managed::Managed;
use crate::core::backoff::Backoff;
use crate::core::blocked::Blocked;
use crate::core::conclusion::{Conclusion, StatusInput};
use crate::core::deletion::Deletion;
use crate::core::error::Error;
use crate::core::error::class::Class;
use crate::core::kind::ConclusionOf;
use crate::core::leftover::Leftover;
use crate::core::outcome::{Outcome, Progress};
use crate::core::past::Reported;
use crate::core::reason::Reason;
use crate::core::refusal::Request;
use crate::core::status::status;
use crate::core::timeouts::timeout;

impl<K: Managed> Reconcile<'_, K> {
    /// Writes the status and the Event if they are new.
    pub(super) async fn report(&self, conclusion: ConclusionOf<K>) -> Result<Finished, Failure> {
        if matches!(conclusion.outcome, Outcome::Released) {
            return self.release(&conclusion).await;
        }
        let requeue = self.in_family(requeue(&conclusion, self.drift_interval()), &conclusion);
        if conclusion.is_quiet() {
            return Ok(Finished::quietly(requeue));
        }
        let (namespace, name) = (self.object.namespace().unwrap_or_default(), self.object.name_any());
        // This reconcile may have written a status already; what it reported then is not reported again.
        let before = self.context.statuses.latest(self.object);
        let input = StatusInput {
            conclusion: &conclusion,
            generation: self.object.meta().generation.unwrap_or_default(),
            identity: self.identity.as_deref(),
            references: self.references.fingerprint(),
            timeout: timeout(self.object.common(), self.phase()),
            requested: requested(self.object).cloned(),
            shown: Some(before.as_ref().map(|before| before.common().conditions.as_slice()).unwrap_or_default()),
            deletion: self.is_leaving().then_some(Deletion {
                namespace: &namespace,
                name: &name,
                skip_destroy: self.object.common().skip_destroy.unwrap_or_default(),
            }),
        };
        let after = status::<K>(self.known.as_ref(), &input, Timestamp::now());
        let overdue = after.common().conditions.iter().any(|c| c.reason == Reason::TimedOut.name());
        // An object that made progress has no backoff, nor does one that waits for the account's token bucket.
        let slower =
            overdue && conclusion.sent.is_empty() && !conclusion.takes_back && !is_throttled(&conclusion.outcome);
        let requeue = if slower { Requeue::Retry(Backoff::OVERDUE) } else { requeue };
        // A wait is not reported while it lasts, and its timeout is reported once.
        let events = match event_policy(&conclusion) {
            EventPolicy::Never if overdue => EventPolicy::News,
            policy => policy,
        };
        let written = write_status(self.context, self.object, before.as_ref(), &after, events).await;
        let written = written.map_err(Failure::of(Request::Status))?;
        if conclusion.takes_back {
            return Ok(Finished::quietly(requeue));
        }
        let alarming = after.common().conditions.iter().any(|c| c.type_ == condition::STALLED);
        let ready = after.common().conditions.iter().find(|c| c.type_ == condition::READY).filter(|_| written).cloned();
        let news = ready.map(|c| News { reason: c.reason, message: c.message, alarming });
        // Drift that is only reported counts once.
        let counts = news.is_some() || !matches!(conclusion.outcome, Outcome::Drifted(_));
        let drift = if counts { conclusion.drift } else { Vec::new() };
        Ok(Finished { requeue, sent: conclusion.sent, drift, news })
    }

    /// The drift check of an object comes with those of the other objects of its function.
    fn in_family(&self, requeue: Requeue, conclusion: &ConclusionOf<K>) -> Requeue {
        match (requeue, &conclusion.target) {
            (Requeue::DriftCheck(interval), Some(target)) => {
                let family = K::family(target);
                Requeue::DriftCheck(self.context.shared.families.next(family.as_ref(), interval, Instant::now()))
            }
            (requeue, _) => requeue,
        }
    }

    /// Removes the finalizer, because the object has nothing left to do in AWS. A resource that stays there is reported once the object is gone.
    async fn release(&self, conclusion: &ConclusionOf<K>) -> Result<Finished, Failure> {
        if !self.context.shared.aws.may_call() {
            return Ok(Finished::quietly(Requeue::Retry(Backoff::ORDINARY)));
        }
        let uid = self.object.uid().unwrap_or_default();
        // Record that we remove the finalizer, so that the end of the object does not look as if somebody else had removed it.
        self.context.released.mark(&uid, ());
        if let Err(error) = finalizer::take(&self.objects(), self.object).await {
            self.context.released.forget(&uid);
            return Err(Failure { request: Request::Release, error });
        }
        let leftover = self.leftover(conclusion);
        if let Some(leftover) = &leftover {
            tell(self.context, self.object, leftover).await;
        }
        let (reason, message, alarming) = match leftover {
            Some(Leftover { reason, sentence }) => (reason.name(), sentence, reason == Reason::Orphaned),
            None => ("Released", "The object has nothing left to do in AWS".into(), false),
        };
        let news = Some(News { reason: reason.into(), message, alarming });
        Ok(Finished { news, ..Finished::quietly(self.forget()) })
    }
}

fn event_policy<O, E>(conclusion: &Conclusion<O, E>) -> EventPolicy {
    match &conclusion.outcome {
        // The next reconcile no longer knows of drift that was corrected, also where another write is refused as before.
        _ if !conclusion.reverted.is_empty() => EventPolicy::Always,
        Outcome::InProgress(_) if !conclusion.sent.is_empty() => EventPolicy::Always,
        Outcome::InProgress(_) | Outcome::Released => EventPolicy::Never,
        Outcome::Settled
        | Outcome::Suspended
        | Outcome::Unselected(_)
        | Outcome::HandingOver(_)
        | Outcome::Blocked(_)
        | Outcome::Missing(_)
        | Outcome::Waiting(_)
        | Outcome::Refused(_)
        | Outcome::Failed(_) => EventPolicy::News,
        Outcome::Drifted(_) => EventPolicy::Words,
    }
}

fn is_throttled(outcome: &Outcome) -> bool {
    matches!(outcome, Outcome::Failed(error) if error.class == Class::Throttled)
}

/// The next reconcile.
fn requeue<O, E>(conclusion: &Conclusion<O, E>, interval: Duration) -> Requeue {
    if let Some(due) = conclusion.postponed {
        return Requeue::After(due);
    }
    match &conclusion.outcome {
        Outcome::Settled | Outcome::Drifted(_) => Requeue::DriftCheck(interval),
        // An edit ends this state and triggers the next reconcile.
        Outcome::Suspended | Outcome::Unselected(_) | Outcome::HandingOver(_) => Requeue::Idle,
        Outcome::Released => Requeue::Forget,
        Outcome::InProgress(_) if conclusion.outdated => Requeue::Retry(Backoff::ORDINARY),
        Outcome::InProgress(Progress::Sent(_) | Progress::Deleting | Progress::Removing)
            if !conclusion.sent.is_empty() && !conclusion.busy =>
        {
            Requeue::Now
        }
        Outcome::InProgress(_) => Requeue::Busy,
        Outcome::Blocked(Blocked::NotOwned(_) | Blocked::OtherCluster(_)) => Requeue::NotOwned(interval),
        Outcome::Blocked(Blocked::Rival(_)) => Requeue::Retry(Backoff::RIVAL),
        Outcome::Blocked(_) => Requeue::Retry(soonest(Backoff::SLOW, &conclusion.refused)),
        // A watch triggers a reconcile when a reference appears, but a file has no watch.
        Outcome::Missing(_) | Outcome::Waiting(_) | Outcome::Refused(_) => Requeue::Retry(Backoff::ORDINARY),
        Outcome::Failed(error) => Requeue::Retry(soonest(error.class.pace(), &conclusion.refused)),
    }
}

/// The refusal with the shortest backoff decides.
fn soonest(pace: Backoff, refused: &[Error]) -> Backoff {
    let paces = refused.iter().map(|error| error.class.pace());
    paces.fold(pace, |soonest, pace| if pace.first < soonest.first { pace } else { soonest })
}
