//! Corrects the answers of the emulator's Lambda, so that they equal AWS's.

use serde_json::{Map, Value};

use super::recognise::Recognised;
use super::{images, logging, managed, network, signing};

const CREATING: &str = "The function is being created.";

/// Corrects the body of a successful answer.
pub(crate) fn mend(call: &Recognised, body: &mut Value) {
    match call.operation.as_str() {
        "CreateFunction"
        | "UpdateFunctionConfiguration"
        | "GetFunctionConfiguration"
        | "UpdateFunctionCode"
        | "PublishVersion" => {
            configuration(body);
            qualify(call, body);
        }
        "GetFunction" => {
            if let Some(inner) = body.get_mut("Configuration") {
                configuration(inner);
                qualify(call, inner);
            }
            if let Some(code) = body.get_mut("Code") {
                images::show_code(code);
            }
            drop_if(body, "Tags", |tags| tags.as_object().is_some_and(Map::is_empty));
            // it belongs to the function, not to a version
            drop_if(body, "Concurrency", |_| call.qualifier.is_some());
        }
        "GetFunctionCodeSigningConfig" => signing::show(body),
        "ListFunctions" => each(body, "Functions", |_| {}),
        "ListVersionsByFunction" => each(body, "Versions", |item| {
            if let Some(version) = item.get("Version").and_then(Value::as_str).map(str::to_owned) {
                append_to_arn(item, &version);
            }
        }),
        _ => {}
    }
}

/// Corrects the body of a 404: AWS names the requested qualifier.
pub(crate) fn mend_not_found(call: &Recognised, body: &mut Value) {
    let (Some(function), Some(qualifier)) = (&call.function, &call.qualifier) else { return };
    for key in ["message", "Message"] {
        if let Some(Value::String(text)) = body.get_mut(key)
            && text.starts_with("Function not found: ")
            && text.ends_with(&format!(":function:{function}"))
        {
            *text = format!("{text}:{qualifier}");
        }
    }
}

fn each(body: &mut Value, list: &str, more: impl Fn(&mut Value)) {
    for item in body.get_mut(list).and_then(Value::as_array_mut).into_iter().flatten() {
        configuration(item);
        // lists do not show states
        for key in ["State", "StateReason", "StateReasonCode", "RuntimeVersionConfig"] {
            drop_if(item, key, |_| true);
        }
        drop_update_status(item);
        more(item);
    }
}

/// One function configuration.
fn configuration(config: &mut Value) {
    states(config);
    logging::fill(config);
    runtime_version(config);
    for key in ["StateReason", "StateReasonCode", "LastUpdateStatusReason", "LastUpdateStatusReasonCode", "KMSKeyArn"] {
        drop_if(config, key, |value| value == "");
    }
    for key in ["Layers", "FileSystemConfigs"] {
        drop_if(config, key, |list| list.as_array().is_some_and(Vec::is_empty));
    }
    drop_if(config, "DeadLetterConfig", |config| config.get("TargetArn").is_none_or(|arn| arn == ""));
    network::show(config);
    images::show(config);
    managed::show(config);
}

/// Corrects the states. During an update AWS shows Active and the emulator shows Pending; during the creation AWS shows no update.
fn states(config: &mut Value) {
    let text = |key: &str| config.get(key).and_then(Value::as_str).unwrap_or_default().to_owned();
    let pending = text("State") == "Pending";
    let updating = text("StateReasonCode") == "Updating" || (!pending && text("LastUpdateStatus") == "InProgress");
    // a version that is published during an update is new, so it is Pending
    let version = !matches!(text("Version").as_str(), "" | "$LATEST");
    let Value::Object(fields) = config else { return };
    if updating && !version {
        fields.insert("State".into(), "Active".into());
        fields.remove("StateReason");
        fields.remove("StateReasonCode");
        fields.insert("LastUpdateStatus".into(), "InProgress".into());
        fields.insert("LastUpdateStatusReason".into(), CREATING.into());
        fields.insert("LastUpdateStatusReasonCode".into(), "Creating".into());
    } else if pending {
        fields.insert("StateReason".into(), CREATING.into());
        fields.insert("StateReasonCode".into(), "Creating".into());
        drop_update_status(config);
    }
}

/// Adds the runtime version, which AWS always shows and the emulator does not have.
fn runtime_version(config: &mut Value) {
    let region = config.get("FunctionArn").and_then(Value::as_str).and_then(|arn| arn.split(':').nth(3));
    let arn = format!("arn:aws:lambda:{}::runtime:{}", region.unwrap_or("us-east-1"), "7e57".repeat(16));
    if let Some(version) = config.pointer_mut("/RuntimeVersionConfig/RuntimeVersionArn")
        && version == ""
    {
        *version = arn.into();
    }
}

/// Adds the requested qualifier, or the created version, to the ARN. The ARN in the answer to CreateFunction has none.
fn qualify(call: &Recognised, config: &mut Value) {
    let made = match call.operation.as_str() {
        "PublishVersion" | "UpdateFunctionCode" => {
            config.get("Version").and_then(Value::as_str).filter(|version| *version != "$LATEST").map(str::to_owned)
        }
        "CreateFunction" => None,
        _ => call.qualifier.clone(),
    };
    if let Some(qualifier) = made {
        append_to_arn(config, &qualifier);
    }
}

fn append_to_arn(config: &mut Value, qualifier: &str) {
    if let Some(Value::String(arn)) = config.get_mut("FunctionArn") {
        // arn:aws:lambda:region:account:function:name has seven parts
        if arn.split(':').count() == 7 {
            *arn = format!("{arn}:{qualifier}");
        }
    }
}

fn drop_update_status(config: &mut Value) {
    for key in ["LastUpdateStatus", "LastUpdateStatusReason", "LastUpdateStatusReasonCode"] {
        drop_if(config, key, |_| true);
    }
}

fn drop_if(object: &mut Value, key: &str, condition: impl Fn(&Value) -> bool) {
    if let Value::Object(fields) = object
        && fields.get(key).is_some_and(condition)
    {
        fields.remove(key);
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::{mend, mend_not_found};
    use crate::proxy::recognise::Recognised;

    fn call(operation: &str, qualifier: Option<&str>) -> Recognised {
        Recognised {
            service: "lambda".to_owned(),
            operation: operation.to_owned(),
            access_key: "111111111111".to_owned(),
            region: "eu-west-1".to_owned(),
            function: Some("hello".to_owned()),
            qualifier: qualifier.map(str::to_owned),
            place: None,
        }
    }

    fn mended(operation: &str, qualifier: Option<&str>, mut body: Value) -> Value {
        mend(&call(operation, qualifier), &mut body);
        body
    }

    #[test]
    fn an_unknown_version_is_named() {
        let arn = "arn:aws:lambda:eu-west-1:111111111111:function:hello";
        let mut body = json!({"message": format!("Function not found: {arn}")});
        mend_not_found(&call("GetFunction", None), &mut body);
        assert_eq!(body["message"], format!("Function not found: {arn}"));
        mend_not_found(&call("GetFunction", Some("9")), &mut body);
        assert_eq!(body["message"], format!("Function not found: {arn}:9"));
    }

    #[test]
    fn an_update_leaves_the_function_active() {
        let body = mended(
            "UpdateFunctionConfiguration",
            None,
            json!({"FunctionName": "hello", "Version": "$LATEST", "State": "Pending", "Layers": [], "KMSKeyArn": "",
                   "StateReason": "The function is being updated.", "StateReasonCode": "Updating",
                   "LastUpdateStatus": "InProgress", "LastUpdateStatusReason": "", "LastUpdateStatusReasonCode": ""}),
        );
        assert_eq!(
            body,
            json!({"FunctionName": "hello", "Version": "$LATEST", "State": "Active", "LastUpdateStatus": "InProgress",
                   "LastUpdateStatusReason": "The function is being created.",
                   "LastUpdateStatusReasonCode": "Creating",
                   "LoggingConfig": {"LogFormat": "Text", "LogGroup": "/aws/lambda/hello"}})
        );
    }

    #[test]
    fn a_new_function_has_no_update_status() {
        let body = mended(
            "GetFunction",
            None,
            json!({"Tags": {}, "Configuration": {"FunctionName": "hello", "State": "Pending",
                   "StateReasonCode": "Creating", "LastUpdateStatus": "InProgress", "LastUpdateStatusReason": "",
                   "LoggingConfig": {"LogFormat": "JSON"}}}),
        );
        assert_eq!(
            body,
            json!({"Configuration": {"FunctionName": "hello", "State": "Pending",
                   "StateReason": "The function is being created.", "StateReasonCode": "Creating",
                   "LoggingConfig": {"LogFormat": "JSON", "LogGroup": "/aws/lambda/hello",
                                     "ApplicationLogLevel": "INFO", "SystemLogLevel": "INFO"}}})
        );
    }

    #[test]
    fn arns_name_versions_where_aws_does() {
        let arn = "arn:aws:lambda:eu-west-1:111111111111:function:hello";
        let config = json!({"FunctionName": "hello", "FunctionArn": arn, "Version": "2"});
        assert_eq!(mended("PublishVersion", None, config.clone())["FunctionArn"], format!("{arn}:2"));
        assert_eq!(mended("CreateFunction", None, config.clone())["FunctionArn"], arn);
        let asked = mended("GetFunction", Some("2"), json!({"Configuration": config}));
        assert_eq!(asked["Configuration"]["FunctionArn"], format!("{arn}:2"));
    }
}
