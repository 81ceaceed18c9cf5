//! Which request is this? Verb, resource, subresource, namespace and name.

use hyper::header::ACCEPT;
use hyper::http::request::Parts;
use hyper::{Method, Request};
use serde_json::Value;

use super::Write;

/// One read, or the beginning of a watch.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Read {
    /// secrets, lambdafunctions, …
    pub resource: String,
    /// Where it is.
    pub namespace: Option<String>,
    /// The object's name; `None`: a list, or a watch of all.
    pub name: Option<String>,
    /// The form that was asked for: the header `Accept`.
    pub accept: String,
    /// Objects in a page, where pages were asked for.
    pub limit: Option<u32>,
    /// Bytes of the answer, where it is a list.
    pub bytes: Option<usize>,
}

/// `None`: it writes.
pub(super) fn read<Body>(request: &Request<Body>) -> Option<Read> {
    let place = (request.method() == Method::GET).then(|| place(request.uri().path()))?;
    let accept = request.headers().get(ACCEPT).and_then(|value| value.to_str().ok()).unwrap_or_default();
    Some(Read {
        resource: place.resource.to_owned(),
        namespace: place.namespace.map(str::to_owned),
        name: place.name.map(str::to_owned),
        accept: accept.to_owned(),
        limit: parameter(request.uri().query(), "limit").and_then(|limit| limit.parse().ok()),
        bytes: None,
    })
}

fn parameter<'a>(query: Option<&'a str>, name: &str) -> Option<&'a str> {
    let mut pairs = query.unwrap_or_default().split('&').filter_map(|pair| pair.split_once('='));
    pairs.find(|(key, _)| *key == name).map(|(_, value)| value)
}

/// Whether it changes nothing.
pub(super) fn only_reads(request: &Write) -> bool {
    matches!(request.verb.as_str(), "get" | "list" | "watch")
}

/// In the words of the apiserver's audit log.
pub(super) fn request(parts: &Parts, body: &[u8]) -> Write {
    let place = place(parts.uri.path());
    let watches = parts.uri.query().unwrap_or_default().split('&').any(|pair| matches!(pair, "watch=true" | "watch=1"));
    let verb = match parts.method {
        Method::POST => "create",
        Method::PUT => "update",
        Method::PATCH => "patch",
        Method::DELETE => "delete",
        _ if watches => "watch",
        _ if place.name.is_none() => "list",
        _ => "get",
    };
    // who creates names the object in the body
    let created = || {
        let body: Value = serde_json::from_slice(body).unwrap_or_default();
        body.pointer("/metadata/name").and_then(Value::as_str).map(str::to_owned)
    };
    let name = place.name.map(str::to_owned).or_else(|| if verb == "create" { created() } else { None });
    Write {
        verb: verb.to_owned(),
        resource: place.resource.to_owned(),
        subresource: place.subresource.map(str::to_owned),
        namespace: place.namespace.map(str::to_owned),
        name,
        status: 0,
        held: false,
        ended: false,
    }
}

#[derive(Debug, Default, PartialEq)]
struct Place<'a> {
    namespace: Option<&'a str>,
    resource: &'a str,
    name: Option<&'a str>,
    subresource: Option<&'a str>,
}

/// Reads `/api/v1/…` and `/apis/GROUP/VERSION/…`.
fn place(path: &str) -> Place<'_> {
    let mut parts = path.split('/').filter(|part| !part.is_empty());
    let before_version = if parts.next() == Some("apis") { 1 } else { 0 };
    let parts: Vec<&str> = parts.skip(before_version + 1).collect();
    let (namespace, rest) = match parts.as_slice() {
        // a namespace is an object, too, and has subresources
        ["namespaces", _, "status" | "finalize"] => (None, parts.as_slice()),
        ["namespaces", namespace, rest @ ..] if !rest.is_empty() => (Some(*namespace), rest),
        all => (None, all),
    };
    Place {
        namespace,
        resource: rest.first().copied().unwrap_or_default(),
        name: rest.get(1).copied(),
        subresource: rest.get(2).copied(),
    }
}

#[cfg(test)]
mod tests {
    use hyper::Request;

    use super::{Place, only_reads, place, read, request};

    #[test]
    fn paths() {
        let status = place("/apis/lambda-operator.io/v1alpha1/namespaces/n/lambdafunctions/f/status");
        let wanted =
            Place { namespace: Some("n"), resource: "lambdafunctions", name: Some("f"), subresource: Some("status") };
        assert_eq!(status, wanted);
        let secret = Place { namespace: Some("n"), resource: "secrets", name: None, subresource: None };
        assert_eq!(place("/api/v1/namespaces/n/secrets"), secret);
        let namespace = Place { namespace: None, resource: "namespaces", name: Some("n"), subresource: None };
        assert_eq!(place("/api/v1/namespaces/n"), namespace);
        assert_eq!(place("/api/v1/namespaces/n/finalize").subresource, Some("finalize"));
    }

    fn recognised(method: &str, path: &str, body: &[u8]) -> super::Write {
        request(&Request::builder().method(method).uri(path).body(()).unwrap().into_parts().0, body)
    }

    #[test]
    fn a_creation_is_named_in_its_body() {
        let path = "/apis/events.k8s.io/v1/namespaces/n/events?x=y";
        let event = recognised("POST", path, br#"{"metadata": {"name": "f.1"}}"#);
        assert_eq!((event.verb.as_str(), event.resource.as_str()), ("create", "events"));
        assert_eq!((event.namespace.as_deref(), event.name.as_deref()), (Some("n"), Some("f.1")));
        assert!(!only_reads(&event));
    }

    #[test]
    fn read_kinds_are_distinguished() {
        for (path, verb) in [
            ("/api/v1/namespaces/n/secrets", "list"),
            ("/api/v1/namespaces/n/secrets/s", "get"),
            ("/api/v1/secrets?watch=true&resourceVersion=7", "watch"),
        ] {
            let read = recognised("GET", path, b"");
            assert_eq!((read.verb.as_str(), read.resource.as_str()), (verb, "secrets"));
            assert!(only_reads(&read));
        }
    }

    #[test]
    fn a_read_is_recognised_by_its_query() {
        let request = |path: &str| Request::get(path).header("accept", "application/json;as=Table").body(()).unwrap();
        let one = read(&request("/api/v1/namespaces/n/secrets/s")).unwrap();
        assert_eq!((one.resource.as_str(), one.name.as_deref()), ("secrets", Some("s")));
        assert_eq!(one.accept, "application/json;as=Table");
        assert_eq!(read(&request("/api/v1/secrets?watch=true")).unwrap().name, None);
        assert_eq!(read(&request("/api/v1/secrets?&limit=20&continue=x")).unwrap().limit, Some(20));
        assert_eq!(read(&Request::post("/api/v1/namespaces").body(()).unwrap()), None);
    }
}
