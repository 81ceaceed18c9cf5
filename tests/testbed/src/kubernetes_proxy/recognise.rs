//! Which write is this? Verb, resource, subresource, namespace and name of a request.

use hyper::Method;
use hyper::http::request::Parts;
use serde_json::Value;

use super::Write;

/// `None`: it only reads.
pub(super) fn write(parts: &Parts, body: &[u8]) -> Option<Write> {
    let verb = match parts.method {
        Method::POST => "create",
        Method::PUT => "update",
        Method::PATCH => "patch",
        Method::DELETE => "delete",
        _ => return None,
    };
    let place = place(parts.uri.path());
    // who creates names the object in the body
    let created = || {
        let body: Value = serde_json::from_slice(body).unwrap_or_default();
        body.pointer("/metadata/name").and_then(Value::as_str).map(str::to_owned)
    };
    let name = place.name.map(str::to_owned).or_else(|| if verb == "create" { created() } else { None });
    Some(Write {
        verb: verb.to_owned(),
        resource: place.resource.to_owned(),
        subresource: place.subresource.map(str::to_owned),
        namespace: place.namespace.map(str::to_owned),
        name,
        status: 0,
        held: false,
        ended: false,
    })
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

    use super::{Place, place, write};

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

    #[test]
    fn a_creation_is_named_in_its_body_and_a_read_is_no_write() {
        let request = |method: &str| {
            let request = Request::builder().method(method).uri("/apis/events.k8s.io/v1/namespaces/n/events?x=y");
            request.body(()).unwrap().into_parts().0
        };
        let event = write(&request("POST"), br#"{"metadata": {"name": "f.1"}}"#).unwrap();
        assert_eq!((event.verb.as_str(), event.resource.as_str()), ("create", "events"));
        assert_eq!((event.namespace.as_deref(), event.name.as_deref()), (Some("n"), Some("f.1")));
        assert_eq!(write(&request("GET"), b""), None);
    }
}
