//! Aliases as AWS has them: kept, refused, looked at too early.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on shall stop, its helpers included")]

mod behind;
mod kept;
mod refused;

use serde_json::json;
use testbed::{Aws, Bed};

const REGION: &str = "eu-west-1";

/// Twelve digits that no other run and no other test has.
fn account(test: u64) -> String {
    format!("{:07}{:05}", std::process::id() % 10_000_000, 700 + test)
}

/// An account that nobody else uses, with the function `hello` in it, which has the versions 1 and 2.
async fn aws(test: u64) -> Aws {
    let aws = Bed::from_env().unwrap().aws(&account(test), REGION);
    aws.create_function("hello", &json!({"Publish": true})).await.unwrap();
    aws.wait_until_at_rest("hello").await.unwrap();
    aws.change_configuration("hello", &json!({"MemorySize": 256})).await.unwrap();
    assert_eq!(aws.publish_version("hello").await.unwrap(), "2");
    aws
}

/// The ARN of `hello`, or of one of its versions or aliases.
fn arn(test: u64, qualifier: &str) -> String {
    let arn = format!("arn:aws:lambda:{REGION}:{}:function:hello", account(test));
    if qualifier.is_empty() { arn } else { format!("{arn}:{qualifier}") }
}
