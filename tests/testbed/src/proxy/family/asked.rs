//! One call about a resource of the family: its parameters, and checks whether the things that it names exist.

use hyper::Method;
use hyper::http::request::Parts;
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::Value;

use super::resource::{Resource, is_number};
use super::texts;
use crate::proxy::place::Place;
use crate::proxy::published::{self, Published};
use crate::proxy::recognise::{self, Recognised, parameter};
use crate::proxy::refusal::Refusal;
use crate::proxy::upstream::Upstream;

/// A call.
#[derive(Debug)]
pub(crate) struct Asked<'a> {
    pub(crate) call: &'a Recognised,
    /// The place of the function.
    pub(crate) place: &'a Place,
    /// The body; null if there is none.
    pub(crate) request: Value,
    /// The path after the date.
    pub(crate) path: Vec<String>,
    pub(crate) query: &'a str,
    pub(crate) parts: &'a Parts,
    pub(crate) upstream: &'a Upstream,
    published: &'a Published,
}

impl<'a> Asked<'a> {
    pub(crate) fn new(
        call: &'a Recognised,
        place: &'a Place,
        parts: &'a Parts,
        body: &[u8],
        upstream: &'a Upstream,
        published: &'a Published,
    ) -> Asked<'a> {
        Asked {
            call,
            place,
            request: serde_json::from_slice(body).unwrap_or_default(),
            path: recognise::path_parts(&parts.uri),
            query: parts.uri.query().unwrap_or_default(),
            parts,
            upstream,
            published,
        }
    }

    pub(crate) fn operation(&self) -> &str {
        &self.call.operation
    }

    pub(crate) fn qualifier(&self) -> Option<&str> {
        self.call.qualifier.as_deref()
    }

    /// The function, or the version or alias that the call names.
    pub(crate) fn resource(&self) -> Resource {
        Resource::new(self.place, self.qualifier())
    }

    /// A string of the body; an empty one counts as absent.
    pub(crate) fn text(&self, member: &str) -> Option<&str> {
        self.request.get(member).and_then(Value::as_str).filter(|text| !text.is_empty())
    }

    pub(crate) fn parameter(&self, name: &str) -> Option<String> {
        parameter(self.query, name).filter(|value| !value.is_empty())
    }

    /// The refusal if the function's name contains another qualifier than the call.
    pub(crate) fn two_qualifiers(&self) -> Option<Refusal> {
        let named = self.path.get(1).filter(|_| self.path.first().is_some_and(|first| first == "functions"))?;
        let (_, in_name) = recognise::split_name(named);
        let beside = parameter(self.query, "Qualifier")?;
        (in_name? != beside).then(|| Refusal::invalid(texts::TWO_QUALIFIERS))
    }

    /// Whether the function exists.
    pub(crate) async fn function_exists(&self) -> Result<bool, String> {
        self.exists(None).await
    }

    /// Whether the function exists, or its version or alias.
    pub(crate) async fn exists(&self, qualifier: Option<&str>) -> Result<bool, String> {
        Ok(self.configuration(qualifier).await?.is_some())
    }

    /// The configuration of a function, or of its version or alias, in the emulator.
    pub(crate) async fn configuration(&self, qualifier: Option<&str>) -> Result<Option<Value>, String> {
        if qualifier == Some(published::VERSION) {
            return Ok(self.published.show(self.place).map(|mut shown| shown["Configuration"].take()));
        }
        let query =
            qualifier.map(|qualifier| format!("?Qualifier={}", utf8_percent_encode(qualifier, NON_ALPHANUMERIC)));
        let path = format!("/2015-03-31/functions/{}/configuration{}", self.place.function, query.unwrap_or_default());
        self.upstream.lambda(self.call, &path).await
    }

    /// An alias of the function.
    pub(crate) async fn alias(&self, name: &str) -> Result<Option<Value>, String> {
        let name = utf8_percent_encode(name, NON_ALPHANUMERIC);
        let path = format!("/2015-03-31/functions/{}/aliases/{name}", self.place.function);
        self.upstream.lambda(self.call, &path).await
    }

    /// The refusal if there is no such function, version or alias, with the message that most calls have.
    pub(crate) async fn missing(&self) -> Result<Option<Refusal>, String> {
        let qualifier = self.qualifier();
        if self.exists(qualifier).await? {
            return Ok(None);
        }
        let arn = self.place.qualified(qualifier);
        let alias = qualifier.is_some_and(|qualifier| !qualifier.contains('$') && !is_number(qualifier));
        Ok(Some(not_found(if alias { texts::no_alias(&arn) } else { texts::no_function(&arn) })))
    }

    /// Makes a call to the emulator's Lambda for a part that the emulator needs itself. An error is ignored.
    pub(crate) async fn tell(&self, method: Method, path: &str, body: &Value) -> Result<Option<Value>, String> {
        let body = if body.is_null() { String::new() } else { body.to_string() };
        let answer = self.upstream.ask(self.call, "lambda", method, path, &body).await?;
        Ok((answer.status < 300).then(|| serde_json::from_slice(&answer.body).unwrap_or_default()))
    }
}

/// 404 ResourceNotFoundException.
pub(crate) fn not_found(message: impl Into<String>) -> Refusal {
    Refusal::new(404, "ResourceNotFoundException", message)
}

/// One page of a list, and the marker of the next.
pub(crate) fn page(asked: &Asked<'_>, member: &str, most: usize, items: Vec<Value>) -> Value {
    let number = |name: &str| asked.parameter(name).and_then(|text| text.parse::<usize>().ok());
    let from = number("Marker").unwrap_or(0);
    let count = number("MaxItems").filter(|count| *count > 0).unwrap_or(most).min(most);
    let more = from + count < items.len();
    let mut body = serde_json::json!({ member: items.into_iter().skip(from).take(count).collect::<Vec<_>>() });
    if more {
        body["NextMarker"] = (from + count).to_string().into();
    }
    body
}
