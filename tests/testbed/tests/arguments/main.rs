//! Every argument of a function, through the proxy: set, read back, cleared, published, refused as AWS does it.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on shall stop, its helpers included")]

mod beside;
mod kept;
mod refused;
mod runtimes;
mod versions;

use std::time::Duration;

use serde_json::Value;
use testbed::{Aws, Bed, Error, poll};

const REGION: &str = "eu-west-1";
const PATIENCE: Duration = Duration::from_secs(20);
const PROVIDER: &str = "arn:aws:lambda:eu-west-1:111111111111:capacity-provider:here";
const KEY: &str = "arn:aws:kms:eu-west-1:111111111111:key/11111111-1111-1111-1111-111111111111";

/// Twelve digits that no other run and no other test has.
fn account(test: u64) -> String {
    format!("{:07}{test:05}", std::process::id() % 10_000_000)
}

/// An account that nobody else uses.
fn aws(test: u64) -> Aws {
    Bed::from_env().unwrap().aws(&account(test), REGION)
}

/// The answer to a call that AWS does not find too early or too fast.
async fn settled(aws: &Aws, method: &str, path: &str, body: &Value) -> (u16, Value) {
    poll("an answer that is no 409 and no 429", PATIENCE, async || {
        let (status, answer) = aws.lambda(method, path, Some(body)).await?;
        Ok::<_, Error>(if matches!(status, 409 | 429) { Err(answer.to_string()) } else { Ok((status, answer)) })
    })
    .await
    .unwrap()
}
