//! The client of the emulator: it forwards calls unchanged, and makes calls of the proxy itself.

use http_body_util::Full;
use hyper::body::Bytes;
use hyper::header::{CONNECTION, CONTENT_LENGTH, EXPECT, TRANSFER_ENCODING};
use hyper::http::request::Parts;
use hyper::{Method, Request};
use serde_json::Value;

use super::recognise::Recognised;
use crate::http::{Answer, Http};

/// The emulator.
#[derive(Debug, Clone)]
pub(crate) struct Upstream {
    http: Http,
    authority: String,
}

impl Upstream {
    pub(crate) fn new(authority: String) -> Upstream {
        Upstream { http: Http::new(), authority }
    }

    /// Forwards a call. `Err` if there is no answer.
    pub(crate) async fn forward(&self, parts: &Parts, body: Bytes) -> Result<Answer, String> {
        let path = parts.uri.path_and_query().map_or("/", |path| path.as_str());
        let uri = format!("http://{}{path}", self.authority);
        let mut request = Request::builder().method(parts.method.clone()).uri(uri);
        if let Some(headers) = request.headers_mut() {
            *headers = parts.headers.clone();
            // these headers belong to the connection, not to the call
            for name in [CONNECTION, CONTENT_LENGTH, EXPECT, TRANSFER_ENCODING] {
                headers.remove(name);
            }
        }
        let request = request.body(Full::new(body)).map_err(|error| error.to_string())?;
        let mut answer = self.http.pass(request).await?;
        answer.headers.remove(CONNECTION);
        answer.headers.remove(TRANSFER_ENCODING);
        if parts.method != Method::HEAD {
            // the body can be corrected, which changes its length
            answer.headers.remove(CONTENT_LENGTH);
        }
        Ok(answer)
    }

    /// Makes a call to the emulator on behalf of `caller`, without journal and quota.
    pub(crate) async fn ask(
        &self,
        caller: &Recognised,
        service: &str,
        method: Method,
        path: &str,
        body: &str,
    ) -> Result<Answer, String> {
        let url = format!("http://{}{path}", self.authority);
        let credential = credential(caller, service);
        let headers = [("authorization", credential.as_str())];
        self.http.send(method, &url, &headers, body.to_owned()).await.map_err(|error| error.to_string())
    }

    /// The same for a service whose operations are named in a header.
    pub(crate) async fn ask_target(
        &self,
        caller: &Recognised,
        service: &str,
        target: &str,
        body: &Value,
    ) -> Result<Answer, String> {
        let url = format!("http://{}/", self.authority);
        let credential = credential(caller, service);
        let headers = [
            ("authorization", credential.as_str()),
            ("content-type", "application/x-amz-json-1.1"),
            ("x-amz-target", target),
        ];
        self.http.send(Method::POST, &url, &headers, body.to_string()).await.map_err(|error| error.to_string())
    }

    /// The JSON that the emulator's Lambda answers to a GET; `None` unless it is a 200.
    pub(crate) async fn lambda(&self, caller: &Recognised, path: &str) -> Result<Option<Value>, String> {
        let answer = self.ask(caller, "lambda", Method::GET, path, "").await?;
        Ok(if answer.status == 200 { serde_json::from_slice(&answer.body).ok() } else { None })
    }
}

/// The credential of `caller` for a service of the emulator.
pub(crate) fn credential(caller: &Recognised, service: &str) -> String {
    format!(
        "AWS4-HMAC-SHA256 Credential={}/20260101/{}/{service}/aws4_request, SignedHeaders=host, Signature=0",
        caller.access_key, caller.region
    )
}
