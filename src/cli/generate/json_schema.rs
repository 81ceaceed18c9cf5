//! The JSON schema of a kind for editors and kubeconform: built from the CRD, strict about unknown fields. Pure.

use serde_json::{Map, Value, json};

use crate::api::shared::GROUP;

/// Builds the schema from the CRD, as text.
pub(super) fn of(crd: &Value) -> String {
    let mut schema = crd.pointer("/spec/versions/0/schema/openAPIV3Schema").cloned().unwrap_or_default();
    plain(&mut schema);
    if let Value::Object(root) = &mut schema {
        root.insert("$schema".into(), json!("http://json-schema.org/draft-07/schema#"));
        root.insert("required".into(), json!(["apiVersion", "kind", "metadata", "spec"]));
        if let Some(Value::Object(properties)) = root.get_mut("properties") {
            identify(properties, super::crd::kind_of(crd));
        }
    }
    format!("{schema:#}\n")
}

/// Adds `apiVersion`, `kind` and `metadata`. Metadata belongs to Kubernetes and is checked by others.
fn identify(properties: &mut Map<String, Value>, kind: &str) {
    properties.insert("apiVersion".into(), json!({"type": "string", "enum": [format!("{GROUP}/v1alpha1")]}));
    properties.insert("kind".into(), json!({"type": "string", "enum": [kind]}));
    properties.insert("metadata".into(), json!({"type": "object"}));
}

/// Removes extensions that only an API server understands, and refuses unknown fields, as the API server does with strict field validation.
fn plain(value: &mut Value) {
    match value {
        Value::Object(fields) => {
            let strict = fields.contains_key("properties") && fields.get("type").is_some_and(|kind| kind == "object");
            fields.retain(|key, _| !key.starts_with("x-kubernetes-"));
            // These formats do not exist in JSON schema.
            if fields.get("format").and_then(Value::as_str).is_some_and(|format| format.starts_with("int")) {
                fields.remove("format");
            }
            if strict {
                fields.entry("additionalProperties").or_insert(json!(false));
            }
            fields.values_mut().for_each(plain);
        }
        Value::Array(items) => items.iter_mut().for_each(plain),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}
