//! Completes requests before the emulator sees them: a member that the request does not name has AWS's default, or keeps its value.

use serde_json::{Value, json};

use super::{durable, files, logging, managed, network};

/// Members that UpdateFunctionConfiguration does not have. The emulator would accept them.
const NOT_OF_AN_UPDATE: [&str; 5] = ["TenancyConfig", "Architectures", "PackageType", "Code", "Tags"];

/// The completed request.
pub(crate) fn whole(operation: &str, request: &Value, current: Option<&Value>) -> Value {
    let mut whole = request.clone();
    match operation {
        "CreateFunction" => {
            durable::complete_new(&mut whole);
            network::complete_new(&mut whole);
            managed::complete(operation, &mut whole);
            files::complete(&mut whole);
        }
        "UpdateFunctionConfiguration" => {
            if let Value::Object(fields) = &mut whole {
                fields.retain(|name, _| !NOT_OF_AN_UPDATE.contains(&name.as_str()));
            }
            if let Some(current) = current {
                durable::complete(&mut whole, current);
                logging::complete(&mut whole, current);
                network::complete(&mut whole, current);
            }
            managed::complete(operation, &mut whole);
            files::complete(&mut whole);
        }
        "UpdateFunctionCode" => {
            // the key belongs to the package that it came with
            if let Value::Object(fields) = &mut whole {
                fields.entry("SourceKMSKeyArn").or_insert_with(|| json!(""));
            }
        }
        _ => {}
    }
    if operation != "UpdateFunctionCode"
        && let Some(Value::Object(environment)) = whole.get_mut("Environment")
    {
        environment.entry("Variables").or_insert_with(|| json!({}));
    }
    whole
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::whole;

    #[test]
    fn an_update_accepts_only_known_fields() {
        let request = json!({"TenancyConfig": {"TenantIsolationMode": "PER_TENANT"}, "Timeout": 5, "Environment": {}});
        let taken = whole("UpdateFunctionConfiguration", &request, Some(&json!({})));
        assert_eq!(taken, json!({"Timeout": 5, "Environment": {"Variables": {}}}));
        assert_eq!(whole("GetFunction", &json!({"a": 1}), None), json!({"a": 1}));
    }

    #[test]
    fn a_package_without_a_key_has_none() {
        assert_eq!(whole("UpdateFunctionCode", &json!({}), None)["SourceKMSKeyArn"], "");
    }
}
