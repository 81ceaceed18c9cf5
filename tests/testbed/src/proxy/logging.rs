//! LoggingConfig as AWS keeps it: completed with defaults, and an update changes only what it names.

use serde_json::{Value, json};

/// AWS fills in what was not sent.
pub(crate) fn fill(config: &mut Value) {
    let Some(name) = config.get("FunctionName").and_then(Value::as_str).map(str::to_owned) else { return };
    let Value::Object(fields) = config else { return };
    let Value::Object(logging) = fields.entry("LoggingConfig").or_insert_with(|| json!({})) else { return };
    logging.entry("LogFormat").or_insert_with(|| "Text".into());
    logging.entry("LogGroup").or_insert_with(|| format!("/aws/lambda/{name}").into());
    if logging.get("LogFormat") == Some(&json!("JSON")) {
        logging.entry("ApplicationLogLevel").or_insert_with(|| "INFO".into());
        logging.entry("SystemLogLevel").or_insert_with(|| "INFO".into());
    }
}

/// The request of an update whose LoggingConfig the emulator would take for the whole one; AWS keeps what is not named.
pub(crate) fn complete(operation: &str, request: &Value, current: &Value) -> Option<Value> {
    if operation != "UpdateFunctionConfiguration" {
        return None;
    }
    let sent = request.get("LoggingConfig")?.as_object()?;
    let mut whole = current.get("LoggingConfig").and_then(Value::as_object).cloned().unwrap_or_default();
    whole.extend(sent.clone());
    if whole.get("LogFormat") != Some(&json!("JSON")) {
        // plain text has no levels
        whole.remove("ApplicationLogLevel");
        whole.remove("SystemLogLevel");
    }
    let mut completed = request.clone();
    completed["LoggingConfig"] = Value::Object(whole);
    Some(completed)
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::complete;

    #[test]
    fn an_update_keeps_what_it_does_not_name() {
        let current = json!({"LoggingConfig": {"LogFormat": "JSON", "LogGroup": "/mine", "SystemLogLevel": "WARN"}});
        let update = |sent: Value| {
            let request = json!({"Timeout": 5, "LoggingConfig": sent});
            complete("UpdateFunctionConfiguration", &request, &current)
        };
        let levels = json!({"LogFormat": "JSON", "LogGroup": "/mine", "SystemLogLevel": "DEBUG"});
        let sent = json!({"SystemLogLevel": "DEBUG"});
        assert_eq!(update(sent), Some(json!({"Timeout": 5, "LoggingConfig": levels})));
        let text = json!({"LogFormat": "Text", "LogGroup": "/mine"});
        assert_eq!(update(json!({"LogFormat": "Text"})), Some(json!({"Timeout": 5, "LoggingConfig": text})));
        assert_eq!(complete("UpdateFunctionConfiguration", &json!({"Timeout": 5}), &current), None);
    }
}
