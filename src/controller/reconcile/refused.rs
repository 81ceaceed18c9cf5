//! Reports refusals of the API server on the object: by a condition, or by an Event.

use super::events::{About, publish};
use super::failure::Failure;
use super::finished::Finished;
use super::{Reconcile, Requeue};
use crate::controller::managed::Managed;
use crate::core::backoff::Backoff;
use crate::core::conclusion::Conclusion;
use crate::core::outcome::Outcome;
use crate::core::refusal::{Cause, Refusal, Request, Verdict};

impl<K: Managed> Reconcile<'_, K> {
    /// Reports a refusal: by a condition, or by an Event if the status itself is refused.
    pub(super) async fn failed(&self, failure: Failure) -> Result<Finished, Failure> {
        let refusal = match failure.verdict() {
            Verdict::Quiet => return Ok(Finished::quietly(Requeue::Retry(Backoff::ORDINARY))),
            Verdict::Unavailable => return Err(failure),
            Verdict::Refused(refusal) => refusal,
        };
        if refusal.cause == Cause::OutdatedCrd {
            self.context.crd.doubt();
        }
        if failure.request == Request::Status {
            self.say(&refusal).await;
            return Err(failure);
        }
        match self.report(Conclusion::new(Outcome::Refused(refusal.clone()))).await {
            Ok(finished) => Ok(finished),
            Err(second) => match second.verdict() {
                Verdict::Quiet => Ok(Finished::quietly(Requeue::Retry(Backoff::ORDINARY))),
                Verdict::Unavailable => Err(second),
                Verdict::Refused(_) => {
                    self.say(&refusal).await;
                    Err(second)
                }
            },
        }
    }

    /// Publishes the Event, once for each message.
    pub(super) async fn say(&self, refusal: &Refusal) {
        if self.context.statuses.is_news(&self.object.meta().uid.clone().unwrap_or_default(), &refusal.sentence) {
            publish(&self.context.shared, self.object, About::Object, refusal.reason().name(), &refusal.sentence).await;
        }
    }
}
