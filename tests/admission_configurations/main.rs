//! LambdaFunctionEventInvokeConfig and LambdaProvisionedConcurrencyConfig: the objects that the API server accepts and refuses without the operator.
//! Tables of objects, on the newest and on the oldest kube-apiserver.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking, in what it calls too")]

mod event_invoke_config;
mod provisioned_concurrency;

use lambda_operator::api::event_invoke_config::LambdaFunctionEventInvokeConfig;
use lambda_operator::api::provisioned_concurrency::LambdaProvisionedConcurrencyConfig;
use serde_json::{Value, json};
use support::admission::{Case, Server, untried_rules};
use testbed::{Bed, Oldest};

/// A spec with changes; `null` removes a field.
pub(crate) fn changed(mut spec: Value, change: &Value) -> Value {
    let fields = spec.as_object_mut().unwrap();
    fields.extend(change.as_object().unwrap().clone());
    fields.retain(|_, value| !value.is_null());
    spec
}

/// Specs that are refused for both kinds.
pub(crate) fn refused_by_both() -> Vec<(&'static str, Value, &'static str)> {
    let one = "set exactly one of functionRef (a LambdaFunction of this namespace), aliasRef";
    vec![
        ("no function", json!({"functionName": null}), one),
        ("two functions", json!({"functionRef": {"name": "hello"}}), one),
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
            json!({"functionName": null, "qualifier": null, "aliasRef": {"name": "Live"}}),
            "name must be the name of a LambdaAlias in this namespace",
        ),
        (
            "a region beside a reference",
            json!({"functionName": null, "functionRef": {"name": "hello"}, "region": "eu-west-1"}),
            "the region is the one of the LambdaFunction or LambdaAlias that the spec names",
        ),
        ("a region in words", json!({"region": "Ireland"}), "region must be the code of an AWS region"),
        ("a time without a unit", json!({"timeouts": {"create": "90"}}), "timeouts must be durations such as 90s"),
        (
            "checks each second",
            json!({"driftCheckInterval": "1s"}),
            "driftCheckInterval must be a duration between 10s and 24h",
        ),
        ("the qualifier left to others", json!({"ignoreChanges": ["qualifier"]}), "Unsupported value"),
    ]
}

/// An update from one spec to another.
pub(crate) const fn update(what: &'static str, before: Value, spec: Value, refusal: Option<&'static str>) -> Case {
    Case { what, name: None, before: Some((before, Value::Null)), spec, refusal }
}

async fn judge(bed: &Bed) {
    let server = Server::with_crd::<LambdaFunctionEventInvokeConfig>(bed).await;
    let mut wrong = server.judge(&event_invoke_config::cases()).await;
    let shown = server.shown(bed, &[("async", event_invoke_config::with(&json!({})))]).await;
    assert!(shown.contains("FUNCTION") && shown.contains("QUALIFIER"), "{shown}");
    let server = Server::with_crd::<LambdaProvisionedConcurrencyConfig>(bed).await;
    wrong.extend(server.judge(&provisioned_concurrency::cases()).await);
    let shown = server.shown(bed, &[("warm", provisioned_concurrency::with(&json!({})))]).await;
    assert!(shown.contains("REQUESTED") && shown.contains("ALLOCATED"), "{shown}");
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[tokio::test]
async fn the_newest_api_server_judges_configurations_as_listed() {
    judge(&Bed::from_env().unwrap()).await;
}

#[tokio::test]
async fn the_oldest_api_server_judges_configurations_as_listed() {
    judge(&Oldest::start().await.unwrap().bed).await;
}

#[test]
fn every_rule_of_configurations_refuses_a_case() {
    let none = Vec::<String>::new();
    assert_eq!(untried_rules::<LambdaFunctionEventInvokeConfig>(&event_invoke_config::cases()), none);
    assert_eq!(untried_rules::<LambdaProvisionedConcurrencyConfig>(&provisioned_concurrency::cases()), none);
}
