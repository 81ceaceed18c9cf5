//! What can be told to be wrong from the object alone is refused at apply, with a sentence that says what to do.

use serde_json::{Value, json};
use support::admission::Case;

use crate::with;

/// What it shows, the spec, words of the refusal.
type Row = (&'static str, Value, &'static str);

pub(crate) fn cases() -> Vec<Case> {
    let rows = [functions(), versions(), weights(), scalars()].into_iter().flatten();
    let case = |(what, spec, words): Row| Case { what, name: None, before: None, spec, refusal: Some(words) };
    rows.map(case).chain(named()).collect()
}

fn functions() -> Vec<Row> {
    const ONE: &str = "set exactly one of functionRef (a LambdaFunction of this namespace) and functionName";
    const NAME: &str = "functionName must be 1 to 64 letters";
    const REFERENCE: &str = "name must be the name of a LambdaFunction in this namespace";
    let reference = |name: &str| with(&json!({"functionName": null, "functionRef": {"name": name}}));
    vec![
        ("no function", with(&json!({"functionName": null})), ONE),
        ("an empty function name", with(&json!({"functionName": ""})), ONE),
        ("two functions", with(&json!({"functionRef": {"name": "hello"}})), ONE),
        ("an ARN", with(&json!({"functionName": "arn:aws:lambda:eu-west-1:1:function:f"})), NAME),
        ("a qualified name", with(&json!({"functionName": "hello:live"})), NAME),
        (
            "a function name of 65 letters",
            with(&json!({"functionName": "f".repeat(65)})),
            "spec.functionName: Too long",
        ),
        (
            "no name in the reference",
            with(&json!({"functionName": null, "functionRef": {}})),
            "functionRef.name: Required",
        ),
        ("an empty reference", reference(""), "spec.functionRef.name"),
        ("a reference in capitals", reference("Hello"), REFERENCE),
        ("a reference to elsewhere", reference("other/hello"), REFERENCE),
        ("a reference of 254 letters", reference(&"f".repeat(254)), "spec.functionRef.name: Too long"),
        (
            "a region beside a reference",
            with(&json!({"functionName": null, "functionRef": {"name": "hello"}, "region": "eu-west-1"})),
            "the region is the one of the LambdaFunction that functionRef names",
        ),
    ]
}

fn versions() -> Vec<Row> {
    const ONE: &str = "set exactly one of functionVersion (a number, or $LATEST) and functionVersionFrom";
    const NUMBER: &str = "functionVersion must be the number of a published version";
    let version = |version: &str| with(&json!({"functionVersion": version}));
    vec![
        ("no version", with(&json!({"functionVersion": null})), ONE),
        ("an empty version", version(""), ONE),
        (
            "two versions",
            json!({"functionRef": {"name": "hello"}, "functionVersion": "1", "functionVersionFrom": "Published"}),
            ONE,
        ),
        ("another alias", version("live"), NUMBER),
        ("latest in small letters", version("$latest"), NUMBER),
        ("a number without quotes", with(&json!({"functionVersion": 7})), "functionVersion"),
        ("a version of 21 digits", version(&"1".repeat(21)), "spec.functionVersion: Too long"),
        (
            "another source",
            with(&json!({"functionVersion": null, "functionVersionFrom": "Newest"})),
            "Unsupported value",
        ),
        (
            "what is published of a function in AWS",
            with(&json!({"functionVersion": null, "functionVersionFrom": "Published"})),
            "functionVersionFrom follows a LambdaFunction",
        ),
    ]
}

fn weights() -> Vec<Row> {
    const DECIMAL: &str = "weights must be decimals from 0 to 1";
    const VERSIONS: &str = "additionalVersionWeights must name published versions";
    const LATEST: &str = "$LATEST cannot share calls with another version";
    let weights = |weights: Value| with(&json!({"routingConfig": {"additionalVersionWeights": weights}}));
    let of = |version: &str| {
        with(&json!({"functionVersion": version, "routingConfig": {"additionalVersionWeights": {"8": "0.1"}}}))
    };
    vec![
        ("two more versions", weights(json!({"8": "0.1", "9": "0.1"})), "Too many"),
        ("a number as a weight", weights(json!({"8": 0.1})), "additionalVersionWeights"),
        ("more than everything", weights(json!({"8": "1.1"})), DECIMAL),
        ("two", weights(json!({"8": "2"})), DECIMAL),
        ("less than nothing", weights(json!({"8": "-0.1"})), DECIMAL),
        ("per cent", weights(json!({"8": "10%"})), DECIMAL),
        ("an exponent", weights(json!({"8": "1e-1"})), DECIMAL),
        ("no number before the point", weights(json!({"8": ".1"})), DECIMAL),
        ("an empty weight", weights(json!({"8": ""})), DECIMAL),
        ("a weight of 17 characters", weights(json!({"8": "0.123456789012345"})), "Too long"),
        ("a weight for an alias", weights(json!({"live": "0.1"})), VERSIONS),
        ("a weight for $LATEST", weights(json!({"$LATEST": "0.1"})), VERSIONS),
        ("weights on $LATEST", of("$LATEST"), LATEST),
        ("weights on $LATEST.PUBLISHED", of("$LATEST.PUBLISHED"), LATEST),
        (
            "a weight for its own version",
            of("8"),
            "additionalVersionWeights names the version that functionVersion names already",
        ),
    ]
}

fn scalars() -> Vec<Row> {
    const NAME: &str = "name must be 1 to 128 letters, digits, - or _, and not digits alone";
    const TIME: &str = "timeouts must be durations such as 90s";
    let name = |name: &str| with(&json!({"name": name}));
    vec![
        ("a name of digits", name("42"), NAME),
        ("a name with a dot", name("a.b"), NAME),
        ("a name with a dollar", name("$LATEST"), NAME),
        ("a name of 129 letters", name(&"n".repeat(129)), "spec.name: Too long"),
        ("a description of 257 letters", with(&json!({"description": "d".repeat(257)})), "spec.description: Too long"),
        ("a region in words", with(&json!({"region": "Ireland"})), "region must be the code of an AWS region"),
        ("a time without a unit", with(&json!({"timeouts": {"create": "90"}})), TIME),
        ("a time in days", with(&json!({"timeouts": {"update": "1d"}})), TIME),
        ("a time out of order", with(&json!({"timeouts": {"delete": "1s1h"}})), TIME),
        (
            "checks each second",
            with(&json!({"driftCheckInterval": "1s"})),
            "driftCheckInterval must be a duration between 10s and 24h",
        ),
        ("protection in words", with(&json!({"deletionProtection": "yes"})), "deletionProtection"),
        ("a change of the name left to others", with(&json!({"ignoreChanges": ["name"]})), "Unsupported value"),
        ("tags left to others", with(&json!({"ignoreTags": ["a"]})), "ignoreTags"),
        ("a field of functions", with(&json!({"runtime": "python3.13"})), "runtime"),
    ]
}

/// Without a name in the spec the object's own has to be one that AWS takes.
fn named() -> Vec<Case> {
    const RENAME: &str = "metadata.name is not a name that Lambda allows for an alias";
    let case = |what, name: String, change: Value| Case {
        what,
        name: Some(name),
        before: None,
        spec: with(&change),
        refusal: Some(RENAME),
    };
    vec![
        case("a dotted object", "a.b".into(), json!({})),
        case("a dotted object and an empty name", "a.b".into(), json!({"name": ""})),
        case("an object of digits", "42".into(), json!({})),
        case("an object of 129 letters", "n".repeat(129), json!({})),
    ]
}
