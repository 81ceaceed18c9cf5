//! The generated policy in front of an AWS that judges it: enough for the operator, and a fence for whoever steals its keys.

use std::path::Path;
use std::process::Command;
use std::time::Duration;

use aws_credential_types::Credentials;
use aws_sdk_lambda::config::{BehaviorVersion, Region};
use aws_sdk_lambda::error::ProvideErrorMetadata;
use serde_json::{Value, json};
use testbed::{Operator, Options, Running};

use crate::iam;
use support::world::{REGION, World, options, spec_with, zip};

const ACCOUNT: &str = "320000000001";

/// What `generate iam` prints for the cluster of these tests.
fn policy(role: &str) -> String {
    let arguments = ["generate", "iam", "--cluster-name", "test", "--no-bucket", "--role-arn", role];
    let output = Command::new(env!("CARGO_BIN_EXE_lambda-operator")).args(arguments).output().unwrap();
    assert!(output.status.success(), "{output:?}");
    let mut policy: Value = serde_json::from_slice(&output.stdout).unwrap();
    for statement in policy["Statement"].as_array_mut().unwrap() {
        // The emulator judges a creation without the name of the function, which AWS knows.
        if statement["Sid"] == "Creation" {
            statement["Resource"] = json!("*");
        }
    }
    policy.to_string()
}

/// Somebody who has the operator's keys.
fn thief(endpoint: &str, key: &str, secret: &str) -> aws_sdk_lambda::Client {
    let config = aws_sdk_lambda::Config::builder()
        .behavior_version(BehaviorVersion::latest())
        .region(Region::new(REGION))
        .endpoint_url(endpoint)
        .credentials_provider(Credentials::new(key, secret, None, None, "stolen"));
    aws_sdk_lambda::Client::from_conf(config.build())
}

/// What AWS said of a call that must not succeed.
fn code<O: std::fmt::Debug, E: ProvideErrorMetadata + std::fmt::Debug>(answer: Result<O, E>) -> String {
    answer.unwrap_err().code().unwrap_or_default().to_owned()
}

#[tokio::test]
async fn a_fenced_policy_is_enough_for_the_operator_and_keeps_it_from_others() {
    let running = Running::start(&Options { signatures: true, ..Options::default() }).await.unwrap();
    let bed = running.bed.clone();
    let chart = Path::new(env!("CARGO_MANIFEST_DIR")).join("charts/lambda-operator");
    let kubeconfig = bed.install(&chart).await.unwrap();
    let root = bed.aws(ACCOUNT, REGION);
    let role = iam::execution_role(&root).await;
    let (key, secret) = iam::user_with(&root, "operator", &policy(&role)).await;
    let environment =
        [("AWS_ACCESS_KEY_ID", key.as_str()), ("AWS_SECRET_ACCESS_KEY", secret.as_str()), ("AWS_REGION", REGION)];
    let options = options(kubeconfig, "", &["--watch-namespace", "default"]);
    let mut operator = Operator::start_as(&bed, &options, &environment).unwrap();
    operator.wait_until_ready(Duration::from_secs(30)).await.unwrap();
    let world = World::around(bed.clone(), ACCOUNT, "default", operator).await;
    for name in ["kept", "going"] {
        world.settle(name, &spec_with(&json!({"role": role, "tags": {"team": "a"}}))).await;
    }
    world.delete("going").await;
    world.gone("going").await;
    assert_eq!(world.function("going").await, None);

    let owner = "lambda-operator.io/owner";
    for (name, tags) in [("untagged", json!({})), ("theirs", json!({owner: "other/ns/theirs"}))] {
        let body = json!({
            "FunctionName": name, "Role": role, "Runtime": "python3.13", "Handler": "main.handler", "Tags": tags,
            "Code": {"ZipFile": support::world::base64(&zip("main.py", "def handler(event, context): return 1"))},
        });
        let (status, answer) = root.lambda("POST", "/2015-03-31/functions", Some(&body)).await.unwrap();
        assert_eq!(status, 201, "{answer}");
        world.function_until(name, |answer| answer["Configuration"]["State"] == "Active").await;
    }
    let thief = thief(&bed.endpoint, &key, &secret);
    for name in ["untagged", "theirs"] {
        let denied = |code: String, call: &str| assert_eq!(code, "AccessDeniedException", "{call} of {name}");
        denied(code(thief.delete_function().function_name(name).send().await), "DeleteFunction");
        let concurrency = thief.put_function_concurrency().function_name(name).reserved_concurrent_executions(0);
        denied(code(concurrency.send().await), "PutFunctionConcurrency");
        denied(code(thief.publish_version().function_name(name).send().await), "PublishVersion");
        let alias = thief.create_alias().function_name(name).name("live").function_version("$LATEST");
        denied(code(alias.send().await), "CreateAlias");
        let arn = format!("arn:aws:lambda:{REGION}:{ACCOUNT}:function:{name}");
        denied(code(thief.untag_resource().resource(&arn).tag_keys("team").send().await), "UntagResource");
        denied(code(thief.tag_resource().resource(&arn).tags(owner, "other/x").send().await), "TagResource");
    }
    let theirs = format!("arn:aws:lambda:{REGION}:{ACCOUNT}:function:theirs");
    let claim = thief.tag_resource().resource(theirs).tags(owner, "test/default/theirs").send().await;
    assert_eq!(code(claim), "AccessDeniedException", "the tag of another cluster's operator");
    let (_, left): (u16, Value) = root.get_function("theirs").await.unwrap();
    assert_eq!(left["Tags"][owner], "other/ns/theirs");
    let kept = thief.put_function_concurrency().function_name("kept").reserved_concurrent_executions(1).send().await;
    assert!(kept.is_ok(), "the cluster's own are not fenced: {kept:?}");
}
