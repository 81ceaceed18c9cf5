//! A failed request to the API server, and its classification by the core.

use kube::core::Status;

use crate::core::refusal::{Answer, Refusal, Request, Verdict, judge};

/// The request and its error.
#[derive(Debug)]
pub(in crate::controller) struct Failure {
    pub(in crate::controller) request: Request,
    pub(in crate::controller) error: kube::Error,
}

impl Failure {
    /// Creates it, for use in `map_err`.
    pub(in crate::controller) const fn of(request: Request) -> impl FnOnce(kube::Error) -> Self {
        move |error| Self { request, error }
    }

    pub(super) fn verdict(&self) -> Verdict {
        match (&self.error, &self.request) {
            (kube::Error::Api(status), request) => judge(request, &answer(status)),
            (kube::Error::SerdeError(_), Request::Reference(reference)) => {
                Verdict::Refused(Refusal::unreadable(reference))
            }
            // There is no answer, or it cannot be parsed.
            _ => Verdict::Unavailable,
        }
    }
}

/// Converts an answer of the API server for the core.
pub(super) fn answer(status: &Status) -> Answer<'_> {
    let causes = status.details.iter().flat_map(|details| &details.causes);
    Answer { code: status.code, message: &status.message, causes: causes.map(|cause| cause.reason.as_str()).collect() }
}
