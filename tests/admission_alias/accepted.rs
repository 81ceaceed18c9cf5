//! What is fine: every field, every spelling of "absent", and the edges of every range.

use serde_json::{Value, json};
use support::admission::Case;

use crate::with;

pub(crate) fn cases() -> Vec<Case> {
    let case = |(what, spec): Row| Case { what, name: None, before: None, spec, refusal: None };
    [functions(), fields(), weights()].into_iter().flatten().map(case).chain(named()).collect()
}

/// What it shows, and the spec.
type Row = (&'static str, Value);

fn functions() -> Vec<Row> {
    let of = |change: Value| {
        let mut spec = json!({"functionRef": {"name": "hello"}});
        spec.as_object_mut().unwrap().extend(change.as_object().unwrap().clone());
        spec
    };
    vec![
        ("a version of a LambdaFunction", of(json!({"functionVersion": "1"}))),
        ("$LATEST", of(json!({"functionVersion": "$LATEST"}))),
        ("$LATEST.PUBLISHED", of(json!({"functionVersion": "$LATEST.PUBLISHED"}))),
        ("a version with twenty digits", of(json!({"functionVersion": "12345678901234567890"}))),
        ("what is published", of(json!({"functionVersionFrom": "Published"}))),
        (
            "what is published, and an empty version",
            of(json!({"functionVersionFrom": "Published", "functionVersion": ""})),
        ),
        ("a dotted LambdaFunction", json!({"functionRef": {"name": "a.b-c.1"}, "functionVersion": "1"})),
        ("an empty function name beside a reference", of(json!({"functionName": "", "functionVersion": "1"}))),
        ("an empty region beside a reference", of(json!({"region": "", "functionVersion": "1"}))),
        (
            "weights beside what is published",
            of(
                json!({"functionVersionFrom": "Published", "routingConfig": {"additionalVersionWeights": {"1": "0.5"}}}),
            ),
        ),
    ]
}

fn fields() -> Vec<Row> {
    vec![
        ("a function by its name", with(&json!({}))),
        ("a function name of 64 letters", with(&json!({"functionName": "F".repeat(64)}))),
        ("a region", with(&json!({"region": "us-gov-west-1"}))),
        ("a name", with(&json!({"name": "Live_1-b"}))),
        ("an empty name", with(&json!({"name": ""}))),
        ("a name of 128 letters", with(&json!({"name": "n".repeat(128)}))),
        ("a name that begins with digits", with(&json!({"name": "1a"}))),
        ("a description of 256 letters", with(&json!({"description": "d".repeat(256)}))),
        ("timeouts of all shapes", with(&json!({"timeouts": {"create": "90s", "update": "1h30m", "delete": "2h"}}))),
        (
            "everything left to others",
            with(&json!({"ignoreChanges": ["functionVersion", "routingConfig", "description"]})),
        ),
        ("nothing left to others", with(&json!({"ignoreChanges": []}))),
        (
            "all that every kind has",
            with(
                &json!({"adoptionPolicy": "Adopt", "driftPolicy": "Report", "driftCheckInterval": "6h", "suspend": true, "skipDestroy": true, "deletionProtection": true}),
            ),
        ),
    ]
}

fn weights() -> Vec<Row> {
    let weights = |weights: Value| with(&json!({"routingConfig": {"additionalVersionWeights": weights}}));
    vec![
        ("a tenth", weights(json!({"8": "0.1"}))),
        ("nothing for a version", weights(json!({"8": "0"}))),
        ("everything for a version", weights(json!({"8": "1.0"}))),
        ("a weight of sixteen characters", weights(json!({"8": "0.12345678901234"}))),
        ("no weights", weights(json!({}))),
        ("an empty routing", with(&json!({"routingConfig": {}}))),
        (
            "empty weights on $LATEST",
            with(&json!({"functionVersion": "$LATEST", "routingConfig": {"additionalVersionWeights": {}}})),
        ),
    ]
}

/// The object's name is the alias's, unless the spec has another.
fn named() -> Vec<Case> {
    let case = |what, name: String, change: Value| Case {
        what,
        name: Some(name),
        before: None,
        spec: with(&change),
        refusal: None,
    };
    vec![
        case("an object of 128 letters", "n".repeat(128), json!({})),
        case("an object of 253 letters with a name", "n".repeat(253), json!({"name": "live"})),
        case("a dotted object with a name", "a.b".into(), json!({"name": "live"})),
        case("an object of digits with a name", "42".into(), json!({"name": "live"})),
        case("an object that begins with digits", "42a".into(), json!({})),
    ]
}
