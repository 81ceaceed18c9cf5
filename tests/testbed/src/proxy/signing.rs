//! Code signing: which configuration a function is linked to.

use hyper::Method;
use serde_json::{Value, json};

use super::recognise::Recognised;
use super::upstream::Upstream;

/// The operations on a function's link; the emulator answers them for functions that are not there, too.
pub(crate) fn is_about_the_link(operation: &str) -> bool {
    operation.ends_with("FunctionCodeSigningConfig")
}

/// The emulator accepts CodeSigningConfigArn in CreateFunction and forgets it.
pub(crate) async fn link(call: &Recognised, request: &Value, upstream: &Upstream) -> Result<(), String> {
    let arn = request.get("CodeSigningConfigArn").and_then(Value::as_str).filter(|arn| !arn.is_empty());
    if let ("CreateFunction", Some(arn), Some(function)) = (call.operation.as_str(), arn, &call.function) {
        let path = format!("/2020-06-30/functions/{function}/code-signing-config");
        let body = json!({"CodeSigningConfigArn": arn}).to_string();
        upstream.ask(call, "lambda", Method::PUT, &path, &body).await?;
    }
    Ok(())
}

/// A function without a link: a 200 without members, by which the SDKs understand an empty ARN.
pub(crate) fn show(body: &mut Value) {
    if body.get("CodeSigningConfigArn").is_none_or(|arn| arn == "") {
        *body = json!({});
    }
}
