//! Checks the permissions of a caller. The emulator knows them, if it checks signatures.

use hyper::Method;
use hyper::body::Bytes;
use hyper::http::request::Parts;
use serde_json::Value;

use crate::http::Answer;
use crate::proxy::recognise::{self, Recognised};
use crate::proxy::upstream::Upstream;

/// The emulator's denial, if it denies the call. A caller whose key is an account's number is never denied anything.
///
/// The call is forwarded unchanged, because its signature covers all of it. The rest of the emulator's answer is not used, because the proxy has its
/// own tables. A mapping that the emulator has created is deleted, because it would poll.
pub(crate) async fn denial(
    call: &Recognised,
    parts: &Parts,
    body: &Bytes,
    upstream: &Upstream,
) -> Result<Option<Answer>, String> {
    let key = recognise::access_key(&parts.uri, &parts.headers);
    if key.len() == 12 && key.bytes().all(|byte| byte.is_ascii_digit()) {
        return Ok(None);
    }
    let answer = upstream.forward(parts, body.clone()).await?;
    if call.operation == "CreateEventSourceMapping" && answer.status == 202 {
        let made: Value = serde_json::from_slice(&answer.body).unwrap_or_default();
        let path = format!("/2015-03-31/event-source-mappings/{}", made["UUID"].as_str().unwrap_or_default());
        upstream.ask(call, "lambda", Method::DELETE, &path, "").await?;
    }
    let denied = matches!(answer.status, 401 | 403) || (answer.status == 400 && is_about_the_signature(&answer));
    Ok(denied.then_some(answer))
}

fn is_about_the_signature(answer: &Answer) -> bool {
    let code = crate::proxy::refusal::error_code(answer).unwrap_or_default();
    code.contains("Signature") || code.contains("Token")
}
