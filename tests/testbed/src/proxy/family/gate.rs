//! May the caller do this? The emulator knows, where it checks signatures.

use hyper::body::Bytes;
use hyper::http::request::Parts;

use crate::http::Answer;
use crate::proxy::recognise;
use crate::proxy::upstream::Upstream;

/// The emulator's denial, if it denies the call. A caller whose key is an account's number is never denied anything.
///
/// The call goes there as it came, since its signature covers all of it. What the emulator makes of it beyond the
/// denial is shown to nobody: the tables are here.
pub(crate) async fn denial(parts: &Parts, body: &Bytes, upstream: &Upstream) -> Result<Option<Answer>, String> {
    let key = recognise::access_key(&parts.uri, &parts.headers);
    if key.len() == 12 && key.bytes().all(|byte| byte.is_ascii_digit()) {
        return Ok(None);
    }
    let answer = upstream.forward(parts, body.clone()).await?;
    let denied = matches!(answer.status, 401 | 403) || (answer.status == 400 && is_about_the_signature(&answer));
    Ok(denied.then_some(answer))
}

fn is_about_the_signature(answer: &Answer) -> bool {
    let code = crate::proxy::refusal::error_code(answer).unwrap_or_default();
    code.contains("Signature") || code.contains("Token")
}
