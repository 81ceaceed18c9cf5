//! A request that the API server did not carry out: judged by the core, and said where the object's owner reads it.

use kube::core::Status;

use super::events::{About, publish};
use super::report::Finished;
use super::{Reconcile, Requeue};
use crate::controller::managed::Managed;
use crate::core::backoff::Backoff;
use crate::core::conclusion::Conclusion;
use crate::core::outcome::Outcome;
use crate::core::refusal::{Answer, Cause, Refusal, Request, Verdict, judge};

/// What was asked, and what came of it.
#[derive(Debug)]
pub(in crate::controller) struct Failure {
    pub(in crate::controller) request: Request,
    pub(in crate::controller) error: kube::Error,
}

impl Failure {
    /// For `map_err`.
    pub(in crate::controller) const fn of(request: Request) -> impl FnOnce(kube::Error) -> Self {
        move |error| Self { request, error }
    }

    fn verdict(&self) -> Verdict {
        match &self.error {
            kube::Error::Api(status) => judge(&self.request, &answer(status)),
            // No answer at all, or one that nobody understands.
            _ => Verdict::Unavailable,
        }
    }
}

/// An answer of the API server as the core sees it.
pub(super) fn answer(status: &Status) -> Answer<'_> {
    let causes = status.details.iter().flat_map(|details| &details.causes);
    Answer { code: status.code, message: &status.message, causes: causes.map(|cause| cause.reason.as_str()).collect() }
}

impl<K: Managed> Reconcile<'_, K> {
    /// Says what the API server refused: by a condition, or by an Event where it is the status that is refused.
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

    /// Once for each sentence.
    pub(super) async fn say(&self, refusal: &Refusal) {
        if self.context.statuses.is_news(&self.object.meta().uid.clone().unwrap_or_default(), &refusal.sentence) {
            publish(&self.context.shared, self.object, About::Object, refusal.reason().name(), &refusal.sentence).await;
        }
    }
}
