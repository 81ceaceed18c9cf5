//! Event invoke configurations that are accepted, and those that are refused with a message.

use serde_json::{Value, json};
use support::admission::Case;

use crate::{changed, refused_by_both, update};

/// A spec that is accepted, with changes.
pub(crate) fn with(change: &Value) -> Value {
    changed(json!({"functionName": "hello", "maximumRetryAttempts": 1}), change)
}

const QUEUE: &str = "arn:aws:sqs:eu-west-1:123456789012:failed";

fn on(block: &str, arn: &str) -> Value {
    json!({"destinationConfig": {block: {"destination": arn}}})
}

/// A spec with this destination and no other setting.
fn on_alone(block: &str, arn: &str) -> Value {
    json!({"maximumRetryAttempts": null, "destinationConfig": {block: {"destination": arn}}})
}

fn accepted() -> Vec<(&'static str, Value)> {
    vec![
        ("a function by its name", json!({})),
        ("a function by reference", json!({"functionName": null, "functionRef": {"name": "hello"}})),
        ("an alias by reference", json!({"functionName": null, "aliasRef": {"name": "live"}})),
        ("an alias by its name", json!({"qualifier": "live"})),
        ("a version", json!({"qualifier": "7"})),
        ("$LATEST", json!({"qualifier": "$LATEST"})),
        ("$LATEST.PUBLISHED", json!({"qualifier": "$LATEST.PUBLISHED"})),
        ("an empty qualifier", json!({"qualifier": ""})),
        ("no retries and the shortest time", json!({"maximumRetryAttempts": 0, "maximumEventAgeInSeconds": 60})),
        ("the most of both", json!({"maximumRetryAttempts": 2, "maximumEventAgeInSeconds": 21_600})),
        ("a queue alone", on_alone("onFailure", QUEUE)),
        ("a bucket for failures", on("onFailure", "arn:aws:s3:::failed")),
        ("an event bus in China", on("onSuccess", "arn:aws-cn:events:cn-north-1:123456789012:event-bus/b")),
        ("an empty destination", on("onSuccess", "")),
        (
            "everything left to others",
            json!({"ignoreChanges": ["maximumEventAgeInSeconds", "maximumRetryAttempts", "destinationConfig"]}),
        ),
        (
            "all that every kind has",
            json!({"adoptionPolicy": "Adopt", "driftPolicy": "Report", "driftCheckInterval": "6h", "suspend": true, "skipDestroy": true, "deletionProtection": true, "region": "eu-west-1", "timeouts": {"create": "90s"}}),
        ),
    ]
}

fn refused() -> Vec<(&'static str, Value, &'static str)> {
    let mut rows = refused_by_both();
    let nothing = "set at least one of maximumEventAgeInSeconds, maximumRetryAttempts and a destination";
    rows.extend([
        ("nothing", json!({"maximumRetryAttempts": null}), nothing),
        ("an empty destination alone", on_alone("onFailure", ""), nothing),
        ("no destinations", json!({"maximumRetryAttempts": null, "destinationConfig": {}}), nothing),
        (
            "two aliases",
            json!({"functionName": null, "aliasRef": {"name": "live"}, "qualifier": "live"}),
            "aliasRef names the alias: remove qualifier",
        ),
        (
            "an ARN as a qualifier",
            json!({"qualifier": "f:live"}),
            "qualifier must be the number of a version, the name of an alias, or $LATEST",
        ),
        (
            "a bucket for successes",
            on("onSuccess", "arn:aws:s3:::done"),
            "onSuccess cannot be a bucket, because AWS accepts a bucket only in onFailure",
        ),
        ("a name as a destination", on("onFailure", "failed"), "destination must be an ARN, for instance"),
        ("three retries", json!({"maximumRetryAttempts": 3}), "spec.maximumRetryAttempts"),
        ("too short a time", json!({"maximumEventAgeInSeconds": 59}), "spec.maximumEventAgeInSeconds"),
        ("too long a time", json!({"maximumEventAgeInSeconds": 21_601}), "spec.maximumEventAgeInSeconds"),
    ]);
    rows
}

fn updates() -> Vec<Case> {
    let of = |name: &str| with(&json!({"functionName": null, "functionRef": {"name": name}}));
    let alias = |name: &str| with(&json!({"functionName": null, "aliasRef": {"name": name}}));
    let at = |region: &str| with(&json!({ "region": region }));
    vec![
        update("another reference", of("a"), of("b"), Some("functionRef cannot be changed")),
        update("another alias", alias("a"), alias("b"), Some("aliasRef cannot be changed")),
        update(
            "another function",
            with(&json!({})),
            with(&json!({"functionName": "other"})),
            Some("functionName cannot be changed, an event invoke configuration cannot move"),
        ),
        update(
            "another qualifier",
            with(&json!({})),
            with(&json!({"qualifier": "live"})),
            Some("qualifier cannot be changed, an event invoke configuration cannot move"),
        ),
        update("the same qualifier in words", with(&json!({})), with(&json!({"qualifier": "$LATEST"})), None),
        update("another region", at("eu-west-1"), at("us-east-1"), Some("spec.region cannot be changed")),
        update("fewer retries", with(&json!({})), with(&json!({"maximumRetryAttempts": 0})), None),
    ]
}

pub(crate) fn cases() -> Vec<Case> {
    let case = |what, change: &Value, refusal| Case { what, name: None, before: None, spec: with(change), refusal };
    let mut all: Vec<_> = accepted().iter().map(|(what, change)| case(*what, change, None)).collect();
    all.extend(refused().iter().map(|(what, change, words)| case(*what, change, Some(*words))));
    all.extend(updates());
    all
}
