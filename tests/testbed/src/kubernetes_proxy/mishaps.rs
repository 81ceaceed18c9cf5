//! Mishaps: requests, reads among them, that go wrong although the apiserver is well.

use std::sync::{Mutex, MutexGuard, PoisonError};

use http_body_util::Full;
use hyper::Response;
use hyper::body::Bytes;
use hyper::header::{CONTENT_TYPE, HeaderValue, RETRY_AFTER};
use serde_json::json;

use super::Write;
use crate::glob;

/// What happens to which requests. What is `None` matches all, texts are globs (`*`, `?`).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mishap {
    /// get, list, watch, create, update, patch or delete.
    pub verb: Option<String>,
    /// lambdafunctions, events, …
    pub resource: Option<String>,
    /// status, …; an empty text or `-` matches only requests about the object itself.
    pub subresource: Option<String>,
    /// How many matching requests pass untouched first.
    pub skip: u32,
    /// How many requests it acts on; `None`: all.
    pub times: Option<u32>,
    /// What goes wrong.
    pub trouble: Trouble,
}

/// What goes wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Trouble {
    /// An answer of this HTTP status; the apiserver does not see the request.
    Status(u16),
    /// A watch that begins well and says at once, as an event, that it failed with this code; then it ends.
    ErrorEvent(u16),
    /// The apiserver does the work, and the connection is dropped without an answer.
    LoseAnswer,
}

/// Names a fault, to end it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct MishapId(u64);

impl Mishap {
    /// All requests, for ever; narrow it by its fields.
    pub fn new(trouble: Trouble) -> Mishap {
        Mishap { verb: None, resource: None, subresource: None, skip: 0, times: None, trouble }
    }

    /// Only this verb on this resource, for instance `patch` and `lambdafunctions/status`; a subresource stands behind a slash.
    pub fn on(self, verb: &str, resource: &str) -> Mishap {
        let (resource, subresource) = resource.split_once('/').unwrap_or((resource, ""));
        let some = |text: &str| Some(text.to_owned());
        Mishap { verb: some(verb), resource: some(resource), subresource: some(subresource), ..self }
    }

    /// The first `count` matching requests pass.
    pub fn skip(self, count: u32) -> Mishap {
        Mishap { skip: count, ..self }
    }

    /// Only `count` requests.
    pub fn times(self, count: u32) -> Mishap {
        Mishap { times: Some(count), ..self }
    }

    fn matches(&self, request: &Write) -> bool {
        glob::optional(self.verb.as_deref(), Some(&request.verb))
            && glob::optional(self.resource.as_deref(), Some(&request.resource))
            && match self.subresource.as_deref() {
                Some("" | "-") => request.subresource.is_none(),
                pattern => glob::optional(pattern, request.subresource.as_deref()),
            }
    }
}

/// The mishaps in force.
#[derive(Debug, Default)]
pub(super) struct Mishaps {
    state: Mutex<(u64, Vec<Active>)>,
}

#[derive(Debug)]
struct Active {
    id: MishapId,
    fault: Mishap,
    matched: u32,
    acted: u32,
}

impl Mishaps {
    pub(super) fn add(&self, fault: Mishap) -> MishapId {
        let mut state = self.state();
        state.0 += 1;
        let id = MishapId(state.0);
        state.1.push(Active { id, fault, matched: 0, acted: 0 });
        id
    }

    pub(super) fn remove(&self, id: MishapId) {
        self.state().1.retain(|active| active.id != id);
    }

    /// On how many requests it acted.
    pub(super) fn acted(&self, id: MishapId) -> u32 {
        self.state().1.iter().find(|active| active.id == id).map_or(0, |active| active.acted)
    }

    /// What is to go wrong with the request, by the first fault that wants it.
    pub(super) fn judge(&self, request: &Write) -> Option<Trouble> {
        let mut state = self.state();
        for active in state.1.iter_mut().filter(|active| active.fault.matches(request)) {
            active.matched += 1;
            if active.matched > active.fault.skip && active.fault.times.is_none_or(|times| active.acted < times) {
                active.acted += 1;
                return Some(active.fault.trouble);
            }
        }
        None
    }

    fn state(&self) -> MutexGuard<'_, (u64, Vec<Active>)> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The answer of an apiserver in that trouble; `None`: there is none.
pub(super) fn answer(trouble: Trouble) -> Option<Response<Full<Bytes>>> {
    let (http_status, body) = match trouble {
        Trouble::Status(code) => (code, status(code)),
        Trouble::ErrorEvent(code) => (200, json!({"type": "ERROR", "object": status(code)})),
        Trouble::LoseAnswer => return None,
    };
    let mut response = Response::new(Full::new(format!("{body}\n").into()));
    *response.status_mut() = hyper::StatusCode::from_u16(http_status).unwrap_or_default();
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    if http_status == 429 {
        response.headers_mut().insert(RETRY_AFTER, HeaderValue::from_static("1"));
    }
    Some(response)
}

/// As Kubernetes puts an error.
fn status(code: u16) -> serde_json::Value {
    let (reason, message) = match code {
        410 => ("Expired", "too old resource version: 1 (2)"),
        429 => ("TooManyRequests", "the server has received too many requests and has asked us to try again later"),
        503 => ("ServiceUnavailable", "the server is currently unable to handle the request"),
        504 => ("Timeout", "the server was unable to return a response in the time allotted"),
        _ => ("InternalError", "etcdserver: leader changed"),
    };
    json!({"kind": "Status", "apiVersion": "v1", "metadata": {}, "status": "Failure", "message": message,
           "reason": reason, "code": code})
}

#[cfg(test)]
mod tests {
    use super::{Mishap, Mishaps, Trouble};
    use crate::kubernetes_proxy::recognise::request;

    #[test]
    fn a_kube_fault_hits_its_target_a_limited_number_of_times() {
        let mishaps = Mishaps::default();
        let trouble = Trouble::Status(503);
        let id = mishaps.add(Mishap::new(trouble).on("patch", "lambdafunctions/status").skip(1).times(1));
        let judged = |method: &str, path: &str| {
            let parts = hyper::Request::builder().method(method).uri(path).body(()).unwrap().into_parts().0;
            mishaps.judge(&request(&parts, b""))
        };
        let object = "/apis/lambda-operator.io/v1alpha1/namespaces/n/lambdafunctions/f";
        let status = format!("{object}/status");
        assert_eq!(judged("PATCH", object), None, "not the object itself");
        assert_eq!(judged("GET", &status), None, "not another verb");
        assert_eq!(judged("PATCH", &status), None, "skipped");
        assert_eq!(judged("PATCH", &status), Some(trouble));
        assert_eq!(judged("PATCH", &status), None, "once");
        assert_eq!(mishaps.acted(id), 1);
        mishaps.remove(id);
        assert_eq!(mishaps.acted(id), 0);
    }
}
