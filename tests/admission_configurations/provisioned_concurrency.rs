//! Provisioned concurrency that is accepted, and that is refused with a message.

use serde_json::{Value, json};
use support::admission::Case;

use crate::{changed, refused_by_both, update};

/// A spec that is accepted, with changes.
pub(crate) fn with(change: &Value) -> Value {
    changed(json!({"functionName": "hello", "qualifier": "7", "provisionedConcurrentExecutions": 2}), change)
}

fn accepted() -> Vec<(&'static str, Value)> {
    vec![
        ("a version", json!({})),
        ("an alias by its name", json!({"qualifier": "live"})),
        ("a function by reference", json!({"functionName": null, "functionRef": {"name": "hello"}})),
        ("an alias by reference", json!({"functionName": null, "qualifier": null, "aliasRef": {"name": "live"}})),
        ("one", json!({"provisionedConcurrentExecutions": 1})),
        ("the amount left to autoscaling", json!({"ignoreChanges": ["provisionedConcurrentExecutions"]})),
        (
            "all that every kind has",
            json!({"adoptionPolicy": "Adopt", "driftPolicy": "Report", "driftCheckInterval": "6h", "suspend": true, "skipDestroy": true, "deletionProtection": true, "region": "eu-west-1", "timeouts": {"create": "90s"}}),
        ),
    ]
}

fn refused() -> Vec<(&'static str, Value, &'static str)> {
    let mut rows = refused_by_both();
    let one = "set exactly one of aliasRef (a LambdaAlias of this namespace) and qualifier";
    rows.extend([
        ("no qualifier", json!({"qualifier": null}), one),
        ("two aliases", json!({"functionName": null, "aliasRef": {"name": "live"}}), one),
        (
            "$LATEST",
            json!({"qualifier": "$LATEST"}),
            "qualifier must be the number of a published version or the name of an alias",
        ),
        ("none", json!({"provisionedConcurrentExecutions": 0}), "spec.provisionedConcurrentExecutions"),
        ("too many", json!({"provisionedConcurrentExecutions": 1_000_001}), "spec.provisionedConcurrentExecutions"),
        ("no amount", json!({"provisionedConcurrentExecutions": null}), "spec.provisionedConcurrentExecutions"),
    ]);
    rows
}

fn updates() -> Vec<Case> {
    let of = |name: &str| with(&json!({"functionName": null, "functionRef": {"name": name}}));
    let alias = |name: &str| with(&json!({"functionName": null, "qualifier": null, "aliasRef": {"name": name}}));
    let at = |region: &str| with(&json!({ "region": region }));
    vec![
        update("another reference", of("a"), of("b"), Some("functionRef cannot be changed")),
        update("another alias", alias("a"), alias("b"), Some("aliasRef cannot be changed")),
        update(
            "another function",
            with(&json!({})),
            with(&json!({"functionName": "other"})),
            Some("functionName cannot be changed, provisioned concurrency cannot move"),
        ),
        update(
            "another version",
            with(&json!({})),
            with(&json!({"qualifier": "8"})),
            Some("qualifier cannot be changed, provisioned concurrency cannot move"),
        ),
        update("another region", at("eu-west-1"), at("us-east-1"), Some("spec.region cannot be changed")),
        update("another amount", with(&json!({})), with(&json!({"provisionedConcurrentExecutions": 9})), None),
    ]
}

pub(crate) fn cases() -> Vec<Case> {
    let case = |what, change: &Value, refusal| Case { what, name: None, before: None, spec: with(change), refusal };
    let mut all: Vec<_> = accepted().iter().map(|(what, change)| case(*what, change, None)).collect();
    all.extend(refused().iter().map(|(what, change, words)| case(*what, change, Some(*words))));
    all.extend(updates());
    all
}
