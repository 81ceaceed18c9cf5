//! Code signing: the configuration of a function.

use hyper::Method;
use serde_json::{Value, json};

use super::recognise::Recognised;
use super::upstream::Upstream;

/// Whether the operation is about a function's link. The emulator answers these also for functions that do not exist.
pub(crate) fn is_about_the_link(operation: &str) -> bool {
    operation.ends_with("FunctionCodeSigningConfig")
}

/// Links a new function. The emulator accepts CodeSigningConfigArn in CreateFunction, but does not store it.
pub(crate) async fn link(call: &Recognised, request: &Value, upstream: &Upstream) -> Result<(), String> {
    let arn = request.get("CodeSigningConfigArn").and_then(Value::as_str).filter(|arn| !arn.is_empty());
    if let ("CreateFunction", Some(arn), Some(function)) = (call.operation.as_str(), arn, &call.function) {
        let path = format!("/2020-06-30/functions/{function}/code-signing-config");
        let body = json!({"CodeSigningConfigArn": arn}).to_string();
        upstream.ask(call, "lambda", Method::PUT, &path, &body).await?;
    }
    Ok(())
}

/// Corrects the answer for a function without a link: a 200 without members, which the SDKs read as an empty ARN.
pub(crate) fn show(body: &mut Value) {
    if body.get("CodeSigningConfigArn").is_none_or(|arn| arn == "") {
        *body = json!({});
    }
}
