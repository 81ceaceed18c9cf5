//! How a story ended: all that AWS and Kubernetes hold of it, without times, ids and names, so that ends can be compared.

use std::collections::BTreeMap;

use lambda_operator::api::function::spec::LambdaFunction;
use serde_json::{Value, json};

use crate::batch::{FUNCTION, Slot};
use support::world::World;

/// What differs between any two runs: times, ids, links that hold a time, and the echo of a request to look.
const OF_THE_RUN: [&str; 9] = [
    "LastModified",
    "lastModified",
    "RevisionId",
    "Location",
    "lastTransitionTime",
    "since",
    "uid",
    "lastHandledReconcileAt",
    "lastWrite",
];

/// Everything that is left.
pub(crate) async fn end(world: &World, slot: &Slot) -> Value {
    let aws = world.bed.aws(&world.account, &slot.region);
    let (status, function) = aws.get_function(FUNCTION).await.unwrap();
    let versions = if status == 200 { aws.list_versions(FUNCTION).await.unwrap() } else { Vec::new() };
    let (_, all) = aws.lambda("GET", "/2015-03-31/functions", None).await.unwrap();
    let names: Vec<_> =
        all["Functions"].as_array().into_iter().flatten().map(|function| function["FunctionName"].clone()).collect();
    let object = world.objects().get_opt(&slot.name).await.unwrap();
    let mut end = json!({
        "function": {"status": status, "answer": if status == 200 { function } else { Value::Null }},
        "versions": versions,
        "functions in the region": names,
        "object": object.as_ref().map(told),
    });
    forget(&mut end);
    let text = end.to_string().replace(&slot.name, "NAME").replace(&slot.region, "REGION");
    let text = text.replace(&world.namespace, "NAMESPACE").replace(&world.account, "ACCOUNT");
    serde_json::from_str(&text).unwrap()
}

/// What the object says; its conditions by their type.
fn told(object: &LambdaFunction) -> Value {
    let mut status = json!(object.status);
    let conditions = status["conditions"].take();
    let by_type: BTreeMap<_, _> =
        conditions.as_array().into_iter().flatten().map(|c| (c["type"].to_string(), c)).collect();
    status["conditions"] = json!(by_type);
    json!({"generation": object.metadata.generation, "finalizers": object.metadata.finalizers, "status": status})
}

fn forget(value: &mut Value) {
    match value {
        Value::Object(fields) => {
            fields.retain(|name, _| !OF_THE_RUN.contains(&name.as_str()));
            fields.values_mut().for_each(forget);
        }
        Value::Array(items) => items.iter_mut().for_each(forget),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

/// Each place where `found` is not `wanted`.
pub(crate) fn differences(wanted: &Value, found: &Value) -> Vec<String> {
    let (wanted, found) = (leaves(wanted), leaves(found));
    let places: std::collections::BTreeSet<_> = wanted.keys().chain(found.keys()).collect();
    let shown = |leaf: Option<&Value>| leaf.map_or("nothing".to_owned(), Value::to_string);
    places
        .into_iter()
        .filter(|place| wanted.get(*place) != found.get(*place))
        .map(|place| format!("{place}: {} and not {}", shown(found.get(place)), shown(wanted.get(place))))
        .collect()
}

/// Every value that holds no other, by its JSON pointer.
fn leaves(value: &Value) -> BTreeMap<String, Value> {
    fn walk(value: &Value, place: String, leaves: &mut BTreeMap<String, Value>) {
        match value {
            Value::Object(fields) if !fields.is_empty() => {
                for (name, value) in fields {
                    walk(value, format!("{place}/{name}"), leaves);
                }
            }
            Value::Array(items) if !items.is_empty() => {
                for (index, value) in items.iter().enumerate() {
                    walk(value, format!("{place}/{index}"), leaves);
                }
            }
            leaf => drop(leaves.insert(place, leaf.clone())),
        }
    }
    let mut all = BTreeMap::new();
    walk(value, String::new(), &mut all);
    all
}

#[test]
fn differences_name_the_place_and_both_values() {
    let wanted = json!({"a": [{"b": 1}, 2], "c": {}});
    assert_eq!(differences(&wanted, &wanted), Vec::<String>::new());
    let found = json!({"a": [{"b": 3}], "c": {}, "d": null});
    assert_eq!(
        differences(&wanted, &found),
        ["/a/0/b: 3 and not 1", "/a/1: nothing and not 2", "/d: null and not nothing"]
    );
}
