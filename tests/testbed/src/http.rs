//! A small HTTP client for loopback: whole bodies, no redirects, no TLS.

use http_body_util::{BodyExt, Full};
use hyper::body::Bytes;
use hyper::header::{CONTENT_TYPE, HeaderValue};
use hyper::{HeaderMap, Method, Request};
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;
use serde_json::Value;

use crate::error::Error;

/// A client with a pool of connections; belongs to the runtime that it was first used in.
#[derive(Debug, Clone)]
pub(crate) struct Http {
    client: Client<HttpConnector, Full<Bytes>>,
}

/// A whole answer.
#[derive(Debug, Clone)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Bytes,
}

impl Answer {
    /// An answer of our own.
    pub(crate) fn json(status: u16, body: &Value) -> Answer {
        let mut headers = HeaderMap::new();
        headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
        Answer { status, headers, body: body.to_string().into() }
    }

    /// An answer of whatever form.
    pub(crate) fn raw(status: u16, form: &str, body: &str) -> Answer {
        let mut headers = HeaderMap::new();
        headers.extend(HeaderValue::from_str(form).ok().map(|form| (CONTENT_TYPE, form)));
        Answer { status, headers, body: body.to_owned().into() }
    }

    /// 204.
    pub(crate) fn no_content() -> Answer {
        Answer { status: 204, headers: HeaderMap::new(), body: Bytes::new() }
    }

    /// Changes a body that is JSON.
    pub(crate) fn edit(&mut self, edit: impl FnOnce(&mut Value)) {
        if let Ok(mut body) = serde_json::from_slice::<Value>(&self.body) {
            edit(&mut body);
            self.body = body.to_string().into();
        }
    }
}

impl Http {
    pub(crate) fn new() -> Http {
        Http { client: Client::builder(TokioExecutor::new()).build_http() }
    }

    pub(crate) async fn get(&self, url: &str) -> Result<Answer, Error> {
        self.send(Method::GET, url, &[], Bytes::new()).await
    }

    /// One request; an answer of any status is `Ok`.
    pub(crate) async fn send(
        &self,
        method: Method,
        url: &str,
        headers: &[(&str, &str)],
        body: impl Into<Bytes>,
    ) -> Result<Answer, Error> {
        let no_answer = |reason: String| Error::NoAnswer { url: url.to_owned(), reason };
        let mut request = Request::builder().method(method).uri(url);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let request = request.body(Full::new(body.into())).map_err(|error| no_answer(error.to_string()))?;
        self.pass(request).await.map_err(no_answer)
    }

    /// A request as it is.
    pub(crate) async fn pass(&self, request: Request<Full<Bytes>>) -> Result<Answer, String> {
        let (parts, body) = self.client.request(request).await.map_err(|error| chain(&error))?.into_parts();
        let body = body.collect().await.map_err(|error| chain(&error))?.to_bytes();
        Ok(Answer { status: parts.status.as_u16(), headers: parts.headers, body })
    }
}

/// An error and its causes; hyper's own text names only the outermost.
fn chain(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(inner) = cause {
        text = format!("{text}: {inner}");
        cause = inner.source();
    }
    text
}
