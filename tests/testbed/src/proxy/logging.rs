//! LoggingConfig as AWS stores it: completed with defaults, and an update changes only the members that it names.

use serde_json::{Value, json};

/// Adds AWS's defaults.
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

/// Completes the LoggingConfig of an update: AWS keeps the members that it does not name, and the emulator would clear them.
pub(crate) fn complete(request: &mut Value, current: &Value) {
    let Some(sent) = request.get("LoggingConfig").and_then(Value::as_object) else { return };
    let mut whole = current.get("LoggingConfig").and_then(Value::as_object).cloned().unwrap_or_default();
    whole.extend(sent.clone());
    if whole.get("LogFormat") != Some(&json!("JSON")) {
        // plain text has no levels
        whole.remove("ApplicationLogLevel");
        whole.remove("SystemLogLevel");
    }
    request["LoggingConfig"] = Value::Object(whole);
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::complete;

    #[test]
    fn omitted_logging_values_stay_unchanged() {
        let current = json!({"LoggingConfig": {"LogFormat": "JSON", "LogGroup": "/mine", "SystemLogLevel": "WARN"}});
        let update = |sent: Value| {
            let mut request = json!({"LoggingConfig": sent});
            complete(&mut request, &current);
            request["LoggingConfig"].clone()
        };
        let levels = json!({"LogFormat": "JSON", "LogGroup": "/mine", "SystemLogLevel": "DEBUG"});
        assert_eq!(update(json!({"SystemLogLevel": "DEBUG"})), levels);
        let text = json!({"LogFormat": "Text", "LogGroup": "/mine"});
        assert_eq!(update(json!({"LogFormat": "Text"})), text);
    }
}
