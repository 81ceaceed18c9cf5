//! DurableConfig as AWS treats it: it can only be set at the creation, it needs JSON logs, and its members are changed one by one.

use serde_json::{Map, Value, json};

use super::refusal::Refusal;
use super::validate::range;

/// The longest timeout of an invocation, in seconds. It is the default of a durable function.
const LONGEST_INVOCATION: i64 = 900;

/// The first refusal of AWS, if there is one.
pub(crate) fn refusal(operation: &str, request: &Value, current: Option<&Value>) -> Option<Refusal> {
    let wanted = request.get("DurableConfig").filter(|wanted| !wanted.is_null());
    let held = current.and_then(|current| current.get("DurableConfig"));
    let durable = if operation == "CreateFunction" { wanted } else { held };
    if let Some(wanted) = wanted {
        if operation == "UpdateFunctionConfiguration" && held.is_none() {
            return Some(Refusal::invalid(
                "You cannot add a durable configuration to a function that was originally created with no durable \
                 configuration",
            ));
        }
        if operation == "CreateFunction" && wanted.get("ExecutionTimeout").is_none_or(Value::is_null) {
            return Some(Refusal::invalid(
                "You cannot create a function with a durable configuration without an executionTimeout",
            ));
        }
        let member = "durableConfig.executionTimeout";
        let refusal = range(wanted.get("ExecutionTimeout"), member, 1, 31_622_400)
            .or_else(|| range(wanted.get("RetentionPeriodInDays"), "durableConfig.retentionPeriodInDays", 1, 90));
        if refusal.is_some() {
            return refusal;
        }
    }
    let plain = request.pointer("/LoggingConfig/LogFormat").is_some_and(|format| format == "Text");
    (plain && durable.is_some()).then(|| {
        Refusal::invalid("You cannot use plain text logs with a durable function. Only JSON format logs are supported")
    })
}

/// The defaults of CreateFunction.
pub(crate) fn complete_new(request: &mut Value) {
    let Some(durable) = request.get_mut("DurableConfig").and_then(Value::as_object_mut) else { return };
    durable.entry("RetentionPeriodInDays").or_insert_with(|| 14.into());
    no_empty_key(durable);
    let execution = durable.get("ExecutionTimeout").and_then(Value::as_i64).unwrap_or(LONGEST_INVOCATION);
    let Value::Object(fields) = request else { return };
    fields.entry("Timeout").or_insert_with(|| execution.min(LONGEST_INVOCATION).into());
    if let Value::Object(logging) = fields.entry("LoggingConfig").or_insert_with(|| json!({})) {
        logging.entry("LogFormat").or_insert_with(|| "JSON".into());
    }
}

/// An update keeps the members that it does not name.
pub(crate) fn complete(request: &mut Value, current: &Value) {
    let Some(sent) = request.get_mut("DurableConfig").and_then(Value::as_object_mut) else { return };
    for (member, held) in current.get("DurableConfig").and_then(Value::as_object).into_iter().flatten() {
        sent.entry(member.clone()).or_insert_with(|| held.clone());
    }
    no_empty_key(sent);
}

fn no_empty_key(durable: &mut Map<String, Value>) {
    if durable.get("KMSKeyArn").is_some_and(|key| key == "") {
        durable.remove("KMSKeyArn");
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::{complete, complete_new, refusal};

    #[test]
    fn refusals() {
        let text = |operation: &str, request, current| {
            refusal(operation, &request, Some(&current)).map(|refusal| refusal.message).unwrap_or_default()
        };
        let (update, plain) = ("UpdateFunctionConfiguration", json!({}));
        let durable = json!({"DurableConfig": {"ExecutionTimeout": 60}});
        assert!(text(update, durable.clone(), plain.clone()).starts_with("You cannot add a durable configuration"));
        assert_eq!(text(update, durable.clone(), durable.clone()), "");
        let late = json!({"DurableConfig": {"RetentionPeriodInDays": 7}});
        assert!(text("CreateFunction", late.clone(), plain.clone()).ends_with("without an executionTimeout"));
        assert_eq!(text(update, late, durable.clone()), "");
        let long = json!({"DurableConfig": {"ExecutionTimeout": 60, "RetentionPeriodInDays": 91}});
        assert!(text("CreateFunction", long, plain.clone()).contains("less than or equal to 90"));
        let logs = json!({"LoggingConfig": {"LogFormat": "Text"}});
        assert!(text(update, logs.clone(), durable).starts_with("You cannot use plain text logs"));
        assert_eq!(text(update, logs, plain), "");
    }

    #[test]
    fn defaults_and_kept_members() {
        let mut new = json!({"DurableConfig": {"ExecutionTimeout": 60, "KMSKeyArn": ""}});
        complete_new(&mut new);
        let held = json!({"ExecutionTimeout": 60, "RetentionPeriodInDays": 14});
        assert_eq!(new, json!({"DurableConfig": held, "Timeout": 60, "LoggingConfig": {"LogFormat": "JSON"}}));
        let mut update = json!({"DurableConfig": {"RetentionPeriodInDays": 3}});
        complete(&mut update, &new);
        assert_eq!(update["DurableConfig"], json!({"ExecutionTimeout": 60, "RetentionPeriodInDays": 3}));
    }
}
