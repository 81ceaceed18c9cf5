//! What AWS fixes at creation cannot be changed, nor set later, nor taken away; what only looks like a change can.

use serde_json::{Value, json};
use support::admission::Case;

use crate::with;

/// What it shows, from, to, words of the refusal.
type Row = (&'static str, Value, Value, Option<&'static str>);

pub(crate) fn cases() -> Vec<Case> {
    let case = |(what, before, after, refusal): Row| Case {
        what,
        name: None,
        before: Some((before, Value::Null)),
        spec: after,
        refusal,
    };
    let rows = [functions(), names(), regions(), changeable()].into_iter().flatten();
    rows.map(case).chain(own_names()).chain(recorded_regions()).collect()
}

fn of(function: &str) -> Value {
    json!({"functionRef": {"name": function}, "functionVersion": "1"})
}

fn functions() -> Vec<Row> {
    const REFERENCE: Option<&str> = Some("functionRef cannot be changed");
    const NAME: Option<&str> = Some("functionName cannot be changed");
    let in_aws = with(&json!({}));
    let mut emptied = of("hello");
    emptied["functionName"] = json!("");
    vec![
        ("another reference", of("a"), of("b"), REFERENCE),
        ("from a reference to a name", of("hello"), in_aws.clone(), REFERENCE),
        ("from a name to a reference", in_aws.clone(), of("hello"), NAME),
        ("another function", in_aws, with(&json!({"functionName": "other"})), NAME),
        ("the same reference", of("a"), of("a"), None),
        ("an empty function name taken away", emptied, of("hello"), None),
    ]
}

fn names() -> Vec<Row> {
    const FIXED: Option<&str> = Some("spec.name cannot be changed");
    let name = |name: &str| with(&json!({"name": name}));
    let unnamed = with(&json!({}));
    vec![
        ("another name", name("a"), name("b"), FIXED),
        ("another name's case", name("a"), name("A"), FIXED),
        ("a name taken away", name("a"), unnamed.clone(), FIXED),
        ("a name emptied", name("a"), name(""), FIXED),
        ("a name set later", unnamed.clone(), name("b"), FIXED),
        ("the same name", name("a"), name("a"), None),
        ("an empty name taken away", name(""), unnamed, None),
    ]
}

/// The object's own name is the default, and writing a default down is no change.
fn own_names() -> Vec<Case> {
    let named = |name: &str| with(&json!({"name": name}));
    let case = |what, name: &str, before, spec| Case {
        what,
        name: Some(name.to_owned()),
        before: Some((before, Value::Null)),
        spec,
        refusal: None,
    };
    vec![
        case("its own name written down", "own-one", with(&json!({})), named("own-one")),
        case("its own name left out again", "own-two", named("own-two"), with(&json!({}))),
    ]
}

fn regions() -> Vec<Row> {
    const FIXED: Option<&str> = Some("spec.region cannot be changed");
    let region = |region: &str| with(&json!({"region": region}));
    vec![
        ("another region", region("eu-west-1"), region("us-east-1"), FIXED),
        ("a region taken away", region("eu-west-1"), with(&json!({})), FIXED),
        ("a region emptied", region("eu-west-1"), region(""), FIXED),
        ("a region set before anything is recorded", with(&json!({})), region("us-east-1"), None),
    ]
}

/// Once it is recorded where the alias is, only that can be written down.
fn recorded_regions() -> Vec<Case> {
    let case = |what, region: &str, refusal| Case {
        what,
        name: None,
        before: Some((with(&json!({})), json!({"region": "eu-west-1", "observedGeneration": 1}))),
        spec: with(&json!({"region": region})),
        refusal,
    };
    vec![
        case("the recorded region written down", "eu-west-1", None),
        case("another than the recorded region", "us-east-1", Some("spec.region cannot be changed")),
    ]
}

/// What Terraform changes in place changes in place.
fn changeable() -> Vec<Row> {
    let published = json!({"functionRef": {"name": "hello"}, "functionVersionFrom": "Published"});
    let canary = with(&json!({"routingConfig": {"additionalVersionWeights": {"8": "0.1"}}}));
    let description = |text: &str| with(&json!({"description": text}));
    vec![
        ("another version", with(&json!({})), with(&json!({"functionVersion": "8"})), None),
        ("from a version to what is published", of("hello"), published.clone(), None),
        ("from what is published to a version", published, of("hello"), None),
        ("a canary", with(&json!({})), canary.clone(), None),
        ("no canary any more", canary, with(&json!({"functionVersion": "8"})), None),
        ("another description", description("a"), description("b"), None),
    ]
}
