//! Runtime management: the time at which AWS may move a version of a function to a newer runtime. The emulator does not have it.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use serde_json::{Value, json};

use super::place::Place;
use super::recognise::Recognised;
use super::refusal::Refusal;
use super::validate;
use crate::http::Answer;

const LATEST: &str = "$LATEST";

/// The settings, by function and version. A version without an entry has AWS's default, Auto.
#[derive(Debug, Default)]
pub(crate) struct Runtimes {
    put: Mutex<HashMap<(Place, String), Value>>,
}

/// GetRuntimeManagementConfig, PutRuntimeManagementConfig.
pub(crate) fn is_about_runtimes(operation: &str) -> bool {
    operation.ends_with("RuntimeManagementConfig")
}

/// The first refusal of a Put. AWS documents the rules; its messages are not known.
pub(crate) fn refusal(operation: &str, request: &Value, current: Option<&Value>) -> Option<Refusal> {
    if operation != "PutRuntimeManagementConfig" {
        return None;
    }
    let mode = request.get("UpdateRuntimeOn").and_then(Value::as_str);
    let arn = request.get("RuntimeVersionArn").and_then(Value::as_str);
    if let Some(arn) = arn.filter(|arn| !is_runtime_version(arn)) {
        let pattern = r"^arn:(aws[a-zA-Z-]*):lambda:[a-z]{2}((-gov)|(-iso(b?)))?-[a-z]+-\d{1}::runtime:.+$";
        let constraint = format!("Member must satisfy regular expression pattern: {pattern}");
        return Some(Refusal::constraint(arn, "runtimeVersionArn", &constraint));
    }
    let image = current.and_then(|current| current.get("PackageType")).is_some_and(|kind| kind == "Image");
    let text = match (mode, arn) {
        _ if image => "Runtime management isn't supported for functions with the package type Image.",
        (Some("Manual"), None) => "RuntimeVersionArn is required when UpdateRuntimeOn is Manual.",
        (Some("Auto" | "FunctionUpdate"), Some(_)) => {
            "RuntimeVersionArn is supported only when UpdateRuntimeOn is Manual."
        }
        _ => return None,
    };
    Some(Refusal::invalid(text))
}

/// The refusal of a Put that violates a constraint.
pub(crate) fn constraint(request: &Value) -> Option<Refusal> {
    validate::required(request, "UpdateRuntimeOn", "updateRuntimeOn").or_else(|| {
        let modes = ["Auto", "Manual", "FunctionUpdate"];
        validate::one_of(request, "/UpdateRuntimeOn", "updateRuntimeOn", &modes)
    })
}

fn is_runtime_version(arn: &str) -> bool {
    let parts: Vec<&str> = arn.splitn(6, ':').collect();
    let ["arn", partition, "lambda", _, _, resource] = parts.as_slice() else { return false };
    partition.starts_with("aws") && ["runtime:", "runtime/"].iter().any(|kind| resource.starts_with(kind))
}

impl Runtimes {
    /// The answer to a call about an existing version.
    pub(crate) fn answer(&self, call: &Recognised, place: &Place, request: &Value) -> Answer {
        let version = call.qualifier.as_deref().unwrap_or(LATEST);
        let key = (place.clone(), version.to_owned());
        if call.operation == "PutRuntimeManagementConfig" {
            self.put().insert(key.clone(), request.clone());
        }
        let put = self.put().get(&key).cloned().unwrap_or_else(|| json!({"UpdateRuntimeOn": "Auto"}));
        let shown = json!({
            "UpdateRuntimeOn": put["UpdateRuntimeOn"], "RuntimeVersionArn": put["RuntimeVersionArn"],
            "FunctionArn": place.qualified(call.qualifier.as_deref()),
        });
        Answer::json(200, &shown)
    }

    /// Adds to a function configuration the runtime version that was chosen with the mode Manual. It never shows the mode.
    pub(crate) fn show(&self, place: &Place, answer: &mut Value) {
        let config = if answer.get("Configuration").is_some() { &mut answer["Configuration"] } else { answer };
        let version = config.get("Version").and_then(Value::as_str).unwrap_or(LATEST).to_owned();
        let chosen = self.put().get(&(place.clone(), version)).and_then(|put| put.get("RuntimeVersionArn").cloned());
        let chosen = chosen.filter(Value::is_string);
        if let (Some(chosen), Some(shown)) = (chosen, config.pointer_mut("/RuntimeVersionConfig/RuntimeVersionArn")) {
            *shown = chosen;
        }
    }

    /// Removes the settings of a deleted version, or of a deleted function with all of its versions.
    pub(crate) fn forget(&self, place: &Place, version: Option<&str>) {
        self.put().retain(|(of, kept), _| of != place || version.is_some_and(|version| version != kept));
    }

    fn put(&self) -> MutexGuard<'_, HashMap<(Place, String), Value>> {
        self.put.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
