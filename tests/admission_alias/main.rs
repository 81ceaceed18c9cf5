//! What the API server takes and refuses of LambdaAliases, by itself: a table of objects, on the newest and on the oldest kube-apiserver.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking, in what it calls too")]

mod accepted;
mod refused;
mod updates;

use lambda_operator::api::alias::LambdaAlias;
use serde_json::{Value, json};
use support::admission::{Case, Server, crd};
use testbed::{Bed, Oldest};

/// A spec that is accepted, with changes; `null` takes a field away.
pub(crate) fn with(change: &Value) -> Value {
    let mut spec = json!({"functionName": "hello", "functionVersion": "7"});
    let fields = spec.as_object_mut().unwrap();
    fields.extend(change.as_object().unwrap().clone());
    fields.retain(|_, value| !value.is_null());
    spec
}

fn cases() -> Vec<Case> {
    [accepted::cases(), refused::cases(), updates::cases()].into_iter().flatten().collect()
}

async fn judge(bed: &Bed) {
    let server = Server::with_crd::<LambdaAlias>(bed).await;
    let wrong = server.judge(&cases()).await;
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    let shown = server.shown(bed, &[("live", with(&json!({}))), ("canary", with(&json!({})))]).await;
    assert!(shown.contains("FUNCTION") && shown.contains("VERSION"), "{shown}");
    let chosen =
        ["get", "lalias", "-n", &server.namespace, "--field-selector", "spec.functionName=hello", "-o", "name"];
    let chosen = bed.kubectl_ok(&chosen, None).await.unwrap();
    assert!(chosen.contains("/live\n") && chosen.contains("/canary\n"), "{chosen}");
}

#[tokio::test]
async fn the_newest_api_server_judges_aliases_as_listed() {
    assert!(cases().len() >= 90, "the table has shrunk: {}", cases().len());
    judge(&Bed::from_env().unwrap()).await;
}

#[tokio::test]
async fn the_oldest_api_server_judges_aliases_as_listed() {
    judge(&Oldest::start().await.unwrap().bed).await;
}

/// The messages of all rules in a schema and below it.
fn messages(schema: &Value, all: &mut Vec<String>) {
    let rules = schema["x-kubernetes-validations"].as_array().into_iter().flatten();
    all.extend(rules.map(|rule| rule["message"].as_str().unwrap().to_owned()));
    let inner = schema["properties"].as_object().into_iter().flat_map(|fields| fields.values());
    inner.for_each(|inner| messages(inner, all));
}

#[test]
fn every_rule_of_aliases_refuses_a_case() {
    let crd: Value = serde_saphyr::from_str(&crd::<LambdaAlias>()).unwrap();
    let mut all = Vec::new();
    messages(&crd["spec"]["versions"][0]["schema"]["openAPIV3Schema"], &mut all);
    assert!(all.len() >= 18, "{all:?}");
    let cases = cases();
    let untried = |message: &String| {
        !cases.iter().any(|case| case.refusal.is_some_and(|words| words.len() > 20 && message.contains(words)))
    };
    assert_eq!(all.into_iter().filter(untried).collect::<Vec<_>>(), Vec::<String>::new());
}
