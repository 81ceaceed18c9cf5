//! LambdaFunctionUrl: the objects that the API server accepts and refuses without the operator. A table of objects, on the newest and on the oldest
//! kube-apiserver.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking, in what it calls too")]

use lambda_operator::api::function_url::LambdaFunctionUrl;
use serde_json::{Value, json};
use support::admission::{Case, Server, untried_rules};
use testbed::{Bed, Oldest};

/// A spec that is accepted, with changes; `null` removes a field.
fn with(change: &Value) -> Value {
    let mut spec = json!({"functionName": "hello", "authorizationType": "AWS_IAM"});
    let fields = spec.as_object_mut().unwrap();
    fields.extend(change.as_object().unwrap().clone());
    fields.retain(|_, value| !value.is_null());
    spec
}

fn case(what: &'static str, change: &Value, refusal: Option<&'static str>) -> Case {
    Case { what, name: None, before: None, spec: with(change), refusal }
}

fn cors(cors: &Value) -> Value {
    json!({ "cors": cors })
}

fn accepted() -> Vec<Case> {
    let rows = [
        ("a function by its name", json!({})),
        ("a function by reference", json!({"functionName": null, "functionRef": {"name": "hello"}})),
        ("an alias by reference", json!({"functionName": null, "aliasRef": {"name": "live"}})),
        ("an alias by its name", json!({"qualifier": "live"})),
        ("everyone", json!({"authorizationType": "NONE"})),
        ("a stream", json!({"invokeMode": "RESPONSE_STREAM"})),
        ("no answers to browsers", cors(&json!({}))),
        (
            "all answers to browsers",
            cors(
                &json!({"allowCredentials": true, "allowHeaders": ["X-One"], "allowMethods": ["GET", "PUT", "HEAD", "POST", "PATCH", "DELETE"], "allowOrigins": ["https://a.example"], "exposeHeaders": ["x-two"], "maxAge": 86_400}),
            ),
        ),
        ("every method and every site", cors(&json!({"allowMethods": ["*"], "allowOrigins": ["*"]}))),
        (
            "everything left to others",
            json!({"ignoreChanges": ["authorizationType", "invokeMode", "cors", "publicAccess"]}),
        ),
        (
            "all that every kind has",
            json!({"adoptionPolicy": "Adopt", "driftPolicy": "Report", "driftCheckInterval": "6h", "suspend": true, "skipDestroy": true, "deletionProtection": true, "region": "eu-west-1", "timeouts": {"create": "90s"}}),
        ),
    ];
    rows.iter().map(|(what, change)| case(what, change, None)).collect()
}

const ONE: &str = "set exactly one of functionRef (a LambdaFunction of this namespace), aliasRef";

fn refused() -> Vec<Case> {
    let alias = "qualifier must be the name of an alias: AWS has no URL of a version";
    let rows = [
        ("no function", json!({"functionName": null}), ONE),
        ("two functions", json!({"functionRef": {"name": "hello"}}), ONE),
        (
            "an ARN as a name",
            json!({"functionName": "arn:aws:lambda:eu-west-1:1:function:f"}),
            "functionName must be 1 to 64 letters",
        ),
        (
            "a reference in capitals",
            json!({"functionName": null, "functionRef": {"name": "Hello"}}),
            "name must be the name of a LambdaFunction in this namespace",
        ),
        (
            "an alias in capitals",
            json!({"functionName": null, "aliasRef": {"name": "Live"}}),
            "name must be the name of a LambdaAlias in this namespace",
        ),
        (
            "two aliases",
            json!({"functionName": null, "aliasRef": {"name": "live"}, "qualifier": "live"}),
            "the qualifier is the alias that aliasRef names",
        ),
        ("a version", json!({"qualifier": "7"}), alias),
        ("$LATEST", json!({"qualifier": "$LATEST"}), alias),
        (
            "a region beside a reference",
            json!({"functionName": null, "functionRef": {"name": "hello"}, "region": "eu-west-1"}),
            "the region is the one of the object that functionRef or aliasRef names",
        ),
        ("a region in words", json!({"region": "Ireland"}), "region must be the code of an AWS region"),
        ("no type", json!({"authorizationType": null}), "spec.authorizationType: Required"),
        ("another type", json!({"authorizationType": "OPEN"}), "Unsupported value"),
        ("another mode", json!({"invokeMode": "STREAM"}), "Unsupported value"),
        (
            "a method that browsers do not use",
            cors(&json!({"allowMethods": ["TRACE"]})),
            "allowMethods must name GET, PUT, HEAD, POST, PATCH, DELETE or *",
        ),
        ("an empty site", cors(&json!({"allowOrigins": [""]})), "allowOrigins"),
        ("two days", cors(&json!({"maxAge": 172_800})), "spec.cors.maxAge"),
        ("a negative time", cors(&json!({"maxAge": -1})), "spec.cors.maxAge"),
        ("the alias left to others", json!({"ignoreChanges": ["qualifier"]}), "Unsupported value"),
        ("a time without a unit", json!({"timeouts": {"create": "90"}}), "timeouts must be durations such as 90s"),
        (
            "checks each second",
            json!({"driftCheckInterval": "1s"}),
            "driftCheckInterval must be a duration between 10s and 24h",
        ),
    ];
    rows.iter().map(|(what, change, words)| case(what, change, Some(words))).collect()
}

fn updates() -> Vec<Case> {
    let of = |name: &str| json!({"functionName": null, "functionRef": {"name": name}});
    let alias = |name: &str| json!({"functionName": null, "aliasRef": {"name": name}});
    let none = json!({});
    let rows = [
        ("another reference", of("a"), of("b"), Some("functionRef cannot be changed")),
        ("another alias", alias("a"), alias("b"), Some("aliasRef cannot be changed")),
        ("another function", none.clone(), json!({"functionName": "other"}), Some("functionName cannot be changed")),
        ("a qualifier set later", none.clone(), json!({"qualifier": "live"}), Some("qualifier cannot be changed")),
        (
            "another region",
            json!({"region": "eu-west-1"}),
            json!({"region": "us-east-1"}),
            Some("spec.region cannot be changed"),
        ),
        ("another type", none.clone(), json!({"authorizationType": "NONE"}), None),
        ("another mode", none.clone(), json!({"invokeMode": "RESPONSE_STREAM"}), None),
        ("no answers to browsers any more", cors(&json!({"allowOrigins": ["*"]})), none, None),
    ];
    let update = |(what, before, after, refusal): (&'static str, Value, Value, Option<&'static str>)| Case {
        what,
        name: None,
        before: Some((with(&before), Value::Null)),
        spec: with(&after),
        refusal,
    };
    rows.into_iter().map(update).collect()
}

fn cases() -> Vec<Case> {
    [accepted(), refused(), updates()].into_iter().flatten().collect()
}

async fn judge(bed: &Bed) {
    let server = Server::with_crd::<LambdaFunctionUrl>(bed).await;
    let wrong = server.judge(&cases()).await;
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    let shown = server.shown(bed, &[("web", with(&json!({})))]).await;
    assert!(shown.contains("FUNCTION") && shown.contains("URL"), "{shown}");
}

#[tokio::test]
async fn the_newest_api_server_judges_urls_as_listed() {
    judge(&Bed::from_env().unwrap()).await;
}

#[tokio::test]
async fn the_oldest_api_server_judges_urls_as_listed() {
    judge(&Oldest::start().await.unwrap().bed).await;
}

#[test]
fn every_rule_of_urls_refuses_a_case() {
    assert_eq!(untried_rules::<LambdaFunctionUrl>(&cases()), Vec::<String>::new());
}
