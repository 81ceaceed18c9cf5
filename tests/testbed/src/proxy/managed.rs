//! CapacityProviderConfig: the creation decides whether a function runs on managed instances.

use serde_json::{Value, json};

use super::refusal::Refusal;
use super::validate::range;

const INNER: &str = "LambdaManagedInstancesCapacityProviderConfig";

/// Whether the function runs on managed instances, or the request creates such a function.
pub(crate) fn is_managed(request: &Value, current: Option<&Value>) -> bool {
    let has = |holder: &Value| holder.get("CapacityProviderConfig").is_some_and(Value::is_object);
    current.map_or_else(|| has(request), has)
}

/// The first refusal of AWS, if there is one.
pub(crate) fn refusal(operation: &str, request: &Value, current: Option<&Value>) -> Option<Refusal> {
    let wanted = request.get("CapacityProviderConfig").filter(|wanted| !wanted.is_null())?;
    let Some(inner) = wanted.get(INNER).filter(|inner| !inner.is_null()) else {
        return Some(Refusal::new(
            400,
            "ValidationException",
            "1 validation error detected: Value null at \
             'capacityProviderConfig.lambdaManagedInstancesCapacityProviderConfig' failed to satisfy constraint: \
             Member must not be null",
        ));
    };
    if operation == "UpdateFunctionConfiguration" && !is_managed(request, current) {
        return Some(Refusal::invalid("CapacityProviderConfig isn't supported for Lambda Default functions."));
    }
    let member = "capacityProviderConfig.lambdaManagedInstancesCapacityProviderConfig\
                  .perExecutionEnvironmentMaxConcurrency";
    range(inner.get("PerExecutionEnvironmentMaxConcurrency"), member, 1, 1600)
}

/// Adds AWS's defaults.
pub(crate) fn complete(operation: &str, request: &mut Value) {
    if operation == "CreateFunction"
        && is_managed(request, None)
        && let Value::Object(fields) = request
    {
        fields.entry("MemorySize").or_insert_with(|| json!(2048));
    }
    let inner = request.get_mut("CapacityProviderConfig").and_then(|config| config.get_mut(INNER));
    let Some(Value::Object(inner)) = inner else { return };
    inner.entry("ExecutionEnvironmentMemoryGiBPerVCpu").or_insert_with(|| json!(2.0));
    inner.entry("PerExecutionEnvironmentMaxConcurrency").or_insert_with(|| json!(16));
}

/// Shows the state of such a function: only its published versions run.
pub(crate) fn show(config: &mut Value) {
    let latest = config.get("Version").is_none_or(|version| version == "$LATEST");
    if latest
        && config.get("CapacityProviderConfig").is_some()
        && let Some(state) = config.get_mut("State")
        && *state == "Active"
    {
        *state = "ActiveNonInvocable".into();
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::{complete, refusal, show};

    #[test]
    fn it_can_be_changed_but_neither_added_nor_cleared() {
        let arn = json!({"CapacityProviderArn": "arn:x"});
        let mut wanted = json!({"CapacityProviderConfig": {"LambdaManagedInstancesCapacityProviderConfig": arn}});
        complete("CreateFunction", &mut wanted);
        assert_eq!(wanted["MemorySize"], 2048);
        let inner = &wanted["CapacityProviderConfig"]["LambdaManagedInstancesCapacityProviderConfig"];
        assert_eq!(inner["PerExecutionEnvironmentMaxConcurrency"], 16);
        let update = |request, current| refusal("UpdateFunctionConfiguration", &request, Some(&current));
        assert_eq!(update(wanted.clone(), wanted.clone()), None);
        let added = update(wanted.clone(), json!({})).unwrap();
        assert_eq!(added.message, "CapacityProviderConfig isn't supported for Lambda Default functions.");
        let cleared = update(json!({"CapacityProviderConfig": {}}), wanted.clone()).unwrap();
        assert_eq!(cleared.code, "ValidationException");
        assert_eq!(refusal("CreateFunction", &wanted, None), None);
    }

    #[test]
    fn unpublished_managed_functions_do_not_run() {
        let state = |version: &str| {
            let mut config = json!({"CapacityProviderConfig": {}, "State": "Active", "Version": version});
            show(&mut config);
            config["State"].clone()
        };
        assert_eq!(state("$LATEST"), "ActiveNonInvocable");
        assert_eq!(state("1"), "Active");
    }
}
