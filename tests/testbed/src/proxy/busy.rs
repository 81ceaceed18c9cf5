//! Refusals because of the state of a function: it is being created or changed, or it is not the revision that the caller expects.

use serde_json::Value;

use super::images;
use super::recognise::Recognised;
use super::refusal::Refusal;
use super::upstream::Upstream;

/// AWS keeps this much of an account's concurrency unreserved.
const MIN_UNRESERVED: i64 = 100;

/// Whether an operation needs a function without a change in progress.
pub(crate) fn needs_rest(operation: &str) -> bool {
    matches!(
        operation,
        "UpdateFunctionCode"
            | "UpdateFunctionConfiguration"
            | "PublishVersion"
            | "PutFunctionConcurrency"
            | "PutRuntimeManagementConfig"
            | "PutFunctionRecursionConfig"
    )
}

/// The function's configuration in the emulator; `None` if there is no such function.
pub(crate) async fn current(call: &Recognised, upstream: &Upstream) -> Result<Option<Value>, String> {
    let Some(function) = &call.function else { return Ok(None) };
    let mut current = upstream.lambda(call, &format!("/2015-03-31/functions/{function}/configuration")).await?;
    if let Some(config) = &mut current {
        // PublishVersion names an image by the digest that the proxy shows
        images::show(config);
    }
    Ok(current)
}

/// The refusal of a change if the function does not have the revision or the code that the caller expects.
pub(crate) fn other_than_meant(request: &Value, config: &Value) -> Option<Refusal> {
    let differs = |wanted: &str, held: &str| {
        let wanted = request.get(wanted).and_then(Value::as_str).filter(|text| !text.is_empty())?;
        let held = config.get(held).and_then(Value::as_str).unwrap_or_default();
        (wanted != held).then(|| (wanted.to_owned(), held.to_owned()))
    };
    if differs("RevisionId", "RevisionId").is_some() {
        let text = "The Revision Id provided does not match the latest Revision Id. Call the GetFunction/GetAlias API \
                    to retrieve the latest Revision Id";
        return Some(Refusal::new(412, "PreconditionFailedException", text));
    }
    let (wanted, held) = differs("CodeSha256", "CodeSha256")?;
    Some(Refusal::invalid(format!(
        "CodeSHA256 ({wanted}) is different from current CodeSHA256 in $LATEST ({held}). \
         Please try again with the CodeSHA256 in $LATEST."
    )))
}

/// The refusal if the function is Pending or InProgress.
pub(crate) fn not_at_rest(config: &Value) -> Option<Refusal> {
    let text = |key: &str| config.get(key).and_then(Value::as_str).unwrap_or_default();
    let updating = text("StateReasonCode") == "Updating";
    if text("State") == "Pending" && !updating {
        return Some(Refusal::conflict(
            "The operation cannot be performed at this time. The function is currently in the following state: Pending",
        ));
    }
    (updating || text("LastUpdateStatus") == "InProgress").then(|| {
        Refusal::conflict(format!(
            "The operation cannot be performed at this time. An update is in progress for resource: {}",
            text("FunctionArn")
        ))
    })
}

/// The refusal if PutFunctionConcurrency would leave too little for the other functions.
pub(crate) async fn check_concurrency(
    call: &Recognised,
    body: &Value,
    upstream: &Upstream,
) -> Result<Option<Refusal>, String> {
    let Some(wanted) = body.get("ReservedConcurrentExecutions").and_then(Value::as_i64) else { return Ok(None) };
    if wanted < 0 {
        return Ok(Some(Refusal::constraint(
            &wanted.to_string(),
            "reservedConcurrentExecutions",
            "Member must have value greater than or equal to 0",
        )));
    }
    let function = call.function.as_deref().unwrap_or_default();
    let settings = upstream.lambda(call, "/2016-08-19/account-settings/").await?;
    let unreserved = settings
        .as_ref()
        .and_then(|settings| settings.pointer("/AccountLimit/UnreservedConcurrentExecutions").and_then(Value::as_i64));
    let path = format!("/2019-09-30/functions/{function}/concurrency");
    let current = upstream.lambda(call, &path).await?;
    let current = current
        .as_ref()
        .and_then(|answer| answer.get("ReservedConcurrentExecutions").and_then(Value::as_i64))
        .unwrap_or_default();
    let left = unreserved.unwrap_or(i64::MAX).saturating_add(current).saturating_sub(wanted);
    Ok((left < MIN_UNRESERVED).then(|| {
        Refusal::invalid(format!(
            "Specified ReservedConcurrentExecutions for function decreases account's UnreservedConcurrentExecution \
             below its minimum value of [{MIN_UNRESERVED}]."
        ))
    }))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::{not_at_rest, other_than_meant};

    #[test]
    fn pending_and_in_progress_are_distinguished() {
        let pending =
            not_at_rest(&json!({"State": "Pending", "StateReasonCode": "Creating", "LastUpdateStatus": "InProgress"}));
        assert!(pending.unwrap().message.ends_with("in the following state: Pending"));
        let updating = json!({"State": "Pending", "StateReasonCode": "Updating", "LastUpdateStatus": "InProgress",
                              "FunctionArn": "arn:x"});
        assert!(not_at_rest(&updating).unwrap().message.ends_with("An update is in progress for resource: arn:x"));
        assert_eq!(not_at_rest(&json!({"State": "Active", "LastUpdateStatus": "Successful"})), None);
    }

    #[test]
    fn publish_is_refused_when_another_code_or_revision_is_there() {
        let config = json!({"RevisionId": "r1", "CodeSha256": "c1"});
        assert_eq!(other_than_meant(&json!({"RevisionId": "r1", "CodeSha256": "c1"}), &config), None);
        assert_eq!(other_than_meant(&json!({"CodeSha256": ""}), &config), None);
        assert_eq!(other_than_meant(&json!({"RevisionId": "r2"}), &config).unwrap().status, 412);
        let other = other_than_meant(&json!({"CodeSha256": "c2"}), &config).unwrap();
        assert!(other.message.starts_with("CodeSHA256 (c2) is different from current CodeSHA256 in $LATEST (c1)."));
    }
}
