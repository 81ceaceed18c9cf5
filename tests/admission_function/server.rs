//! What an API server does with objects that an older CRD let in.

use std::time::Duration;

use lambda_operator::api::function::spec::LambdaFunction;
use serde_json::{Value, json};
use support::admission::{Server, crd};
use testbed::Bed;

use crate::spec_with;

/// Much more than a CRD takes to come into force.
const PATIENCE: Duration = Duration::from_secs(30);

/// An object that an older CRD, without the rules of single fields, let in can be changed elsewhere; what is wrong in
/// it cannot become otherwise wrong.
pub(crate) async fn ratchets(server: &Server, bed: &Bed) {
    let current = crd::<LambdaFunction>();
    let mut older: Value = serde_saphyr::from_str(&current).unwrap();
    let spec = older.pointer_mut("/spec/versions/0/schema/openAPIV3Schema/properties/spec/properties").unwrap();
    spec.as_object_mut().unwrap().values_mut().for_each(without_rules);
    bed.apply(&older.to_string()).await.unwrap();
    let wrong = |memory: i32, role: &str| {
        spec_with(
            &json!({"memorySize": memory, "role": role, "layers": ["tools"], "environment": {"variables": {"A-B": "x"}}}),
        )
    };
    let let_in = async || Ok(server.apply("older", &wrong(128, "one"), false).await.map_err(|error| error.to_string()));
    testbed::poll("the older CRD to be in force", PATIENCE, let_in).await.unwrap();
    bed.apply(&current).await.unwrap();
    let refused = async || {
        Ok(match server.apply("newer", &wrong(128, "one"), true).await {
            Ok(_) => Err("a new object that is wrong is let in".into()),
            Err(error) => Ok(error),
        })
    };
    testbed::poll("the CRD to be in force again", PATIENCE, refused).await.unwrap();
    server.apply("older", &wrong(256, "one"), true).await.unwrap();
    let error = server.apply("older", &wrong(256, "two"), true).await.unwrap_err().to_string();
    assert!(error.contains("role must be") && !error.contains("layers"), "{error}");
}

fn without_rules(schema: &mut Value) {
    match schema {
        Value::Object(fields) => {
            fields.remove("x-kubernetes-validations");
            fields.values_mut().for_each(without_rules);
        }
        Value::Array(items) => items.iter_mut().for_each(without_rules),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}
