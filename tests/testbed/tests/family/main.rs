//! What makes a function reachable, as AWS has it: permissions, mappings, URLs, configurations, layers, logs.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on shall stop, its helpers included")]

mod beside;
mod configurations;
mod faults;
mod mappings;
mod permissions;
mod urls;

use std::time::Duration;

use serde_json::{Value, json};
use testbed::{Aws, Bed, poll};

const REGION: &str = "eu-west-1";
const HELLO: &str = "/2015-03-31/functions/hello";

/// Twelve digits that no other run and no other test has.
fn account(test: u64) -> String {
    format!("{:07}{:05}", std::process::id() % 10_000_000, 800 + test)
}

/// An account that nobody else uses, with the function `hello` in it, its version 1 and the alias `live` on it.
async fn aws(test: u64) -> Aws {
    let aws = Bed::from_env().unwrap().aws(&account(test), REGION);
    made(&aws).await;
    aws
}

async fn made(aws: &Aws) {
    aws.create_function("hello", &json!({"Publish": true})).await.unwrap();
    aws.wait_until_at_rest("hello").await.unwrap();
    aws.create_alias("hello", "live", &json!({"FunctionVersion": "1"})).await.unwrap();
}

/// The ARN of `hello`, or of one of its versions or aliases.
fn arn(test: u64, qualifier: &str) -> String {
    let arn = format!("arn:aws:lambda:{REGION}:{}:function:hello", account(test));
    if qualifier.is_empty() { arn } else { format!("{arn}:{qualifier}") }
}

/// A call that AWS refuses with this status, code and text.
async fn refused(aws: &Aws, (method, path): (&str, &str), body: Value, status: u16, text: &str) {
    let (seen, answer) = asked(aws, (method, path), &body).await;
    let said = answer["message"].as_str().or(answer["Message"].as_str()).unwrap_or_default();
    assert_eq!((seen, said), (status, text), "{method} {path} {body}: {answer}");
}

/// The answer to a call, however fast we are.
async fn asked(aws: &Aws, (method, path): (&str, &str), body: &Value) -> (u16, Value) {
    poll("an answer within AWS's quotas", Duration::from_secs(30), async || {
        let (status, answer) = aws.lambda(method, path, Some(body)).await?;
        Ok(if status == 429 { Err(answer.to_string()) } else { Ok((status, answer)) })
    })
    .await
    .unwrap()
}
