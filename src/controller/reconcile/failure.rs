//! A request that the API server did not carry out, as the core judges it.

use kube::core::Status;

use crate::core::refusal::{Answer, Refusal, Request, Verdict, judge};

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

    pub(super) fn verdict(&self) -> Verdict {
        match (&self.error, &self.request) {
            (kube::Error::Api(status), request) => judge(request, &answer(status)),
            (kube::Error::SerdeError(_), Request::Reference(reference)) => {
                Verdict::Refused(Refusal::unreadable(reference))
            }
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
