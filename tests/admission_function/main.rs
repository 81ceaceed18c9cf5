//! What the API server takes and refuses, by itself: tables of objects, on the newest and on the oldest kube-apiserver.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking, in what it calls too")]

mod accepted;
mod bounds;
mod refused;
mod server;
mod updates;

use lambda_operator::api::function::spec::LambdaFunction;
use serde_json::{Value, json};
use support::admission::{Case, Server};
use testbed::{Bed, Oldest};

/// A spec that is accepted, for cases to change by JSON merge patch.
pub(crate) fn spec_with(change: &Value) -> Value {
    let mut spec = json!({
        "role": "arn:aws:iam::123456789012:role/hello",
        "runtime": "python3.13",
        "handler": "main.handler",
        "codeFrom": {"inline": {"main.py": "def handler(event, context): return 'one'"}},
    });
    merge(&mut spec, change);
    spec
}

fn merge(into: &mut Value, change: &Value) {
    let (Value::Object(fields), Value::Object(changes)) = (&mut *into, change) else {
        *into = change.clone();
        return;
    };
    for (key, value) in changes {
        match value {
            Value::Null => drop(fields.remove(key)),
            value => merge(fields.entry(key.clone()).or_insert(Value::Null), value),
        }
    }
}

fn cases() -> Vec<Case> {
    [accepted::cases(), refused::cases(), updates::cases()].into_iter().flatten().collect()
}

async fn judge(bed: &Bed) {
    let cases = cases();
    let accepted = cases.iter().filter(|case| case.refusal.is_none()).count();
    println!("{accepted} objects to accept, {} to refuse", cases.len() - accepted);
    let server = Server::with_crd::<LambdaFunction>(bed).await;
    let wrong = server.judge(&cases).await;
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    server::ratchets(&server, bed).await;
    let shown = server
        .shown(bed, &[("zip", spec_with(&json!({}))), ("image", spec_with(&accepted::image("r/app:1", &json!({}))))])
        .await;
    assert!(shown.contains("python3.13") && shown.contains("r/app:1"), "runtime or image is a column:\n{shown}");
}

#[tokio::test]
async fn the_newest_api_server_accepts_and_refuses_as_listed() {
    assert!(cases().len() >= 120, "the table has shrunk");
    judge(&Bed::from_env().unwrap()).await;
}

#[tokio::test]
async fn the_oldest_apiserver_takes_and_says_the_same() {
    judge(&Oldest::start().await.unwrap().bed).await;
}
