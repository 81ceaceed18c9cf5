//! What AWS holds of each kind, read by somebody else, without AWS's own ids and times, and without the names of account and region.

use std::time::Duration;

use serde_json::{Map, Value, json};
use testbed::{Aws, poll};

use super::table::LAYER;
use super::{ALIAS, FUNCTION};

/// More than AWS's quotas ever need.
const PATIENCE: Duration = Duration::from_secs(30);

/// AWS's own ids, times and states of a moment.
const OWN: [&str; 17] = [
    "UUID",
    "EventSourceMappingArn",
    "LastModified",
    "LastModifiedTime",
    "CreationTime",
    "StateTransitionReason",
    "LastProcessingResult",
    "LastUpdateStatusReason",
    "RevisionId",
    "Version",
    "Location",
    "FunctionUrl",
    "Sid",
    "CodeSigningConfigId",
    "CodeSigningConfigArn",
    "AllocatedProvisionedConcurrentExecutions",
    "AvailableProvisionedConcurrentExecutions",
];

/// The answer to a read; `None` if AWS has no such thing.
async fn read(aws: &Aws, path: &str) -> Option<Value> {
    let read = poll(path, PATIENCE, async || {
        let (status, answer) = aws.lambda("GET", path, None).await?;
        Ok(match status {
            200 => Ok(Some(answer)),
            404 => Ok(None),
            _ => Err(format!("{status}: {answer}")),
        })
    });
    read.await.unwrap()
}

/// The items of a list.
pub(super) async fn list(aws: &Aws, path: &str, member: &str) -> Vec<Value> {
    let answer = read(aws, path).await.unwrap_or_default();
    answer[member].as_array().cloned().unwrap_or_default()
}

async fn tags(aws: &Aws, arn: &Value) -> Value {
    let path = format!("/2017-03-31/tags/{}", arn.as_str().unwrap_or_default().replace(':', "%3A"));
    read(aws, &path).await.unwrap_or_default()["Tags"].take()
}

/// Without what differs from one account, region, object and time to the next.
fn simplified(value: &Value, aws: &Aws) -> Value {
    match value {
        Value::Object(fields) => {
            let kept = fields.iter().filter(|(name, value)| !OWN.contains(&name.as_str()) && !value.is_null());
            let simple = kept.map(|(name, value)| match name.as_str() {
                "lambda-operator.io/owner" => (name.clone(), json!("an object")),
                _ => (name.clone(), simplified(value, aws)),
            });
            Value::Object(simple.collect::<Map<_, _>>())
        }
        Value::Array(items) => Value::Array(items.iter().map(|item| simplified(item, aws)).collect()),
        Value::String(text) => json!(text.replace(aws.account(), "ACCOUNT").replace(aws.region(), "REGION")),
        Value::Null | Value::Bool(_) | Value::Number(_) => value.clone(),
    }
}

fn of(what: &str) -> String {
    format!("/{what}").replace("FUNCTION", FUNCTION).replace("ALIAS", ALIAS)
}

pub(super) async fn function(aws: Aws) -> Vec<Value> {
    let found = read(&aws, &of("2015-03-31/functions/FUNCTION")).await;
    found.iter().map(|answer| simplified(answer, &aws)).collect()
}

/// A version is told by its age: `newest`, or its number.
pub(super) async fn aliases(aws: Aws) -> Vec<Value> {
    let versions = list(&aws, &of("2015-03-31/functions/FUNCTION/versions"), "Versions").await;
    let newest = versions.last().map(|version| version["Version"].clone()).unwrap_or_default();
    let found = list(&aws, &of("2015-03-31/functions/FUNCTION/aliases"), "Aliases").await;
    let told = |alias: &Value| {
        let mut alias = simplified(alias, &aws);
        if alias["FunctionVersion"] == newest {
            alias["FunctionVersion"] = json!("newest");
        }
        alias
    };
    found.iter().map(told).collect()
}

/// The statements of the function's policy: those for everybody, or the others.
async fn statements(aws: &Aws, for_everybody: bool) -> Vec<Value> {
    let found = aws.statements(FUNCTION, None).await.unwrap();
    let wanted = found.iter().filter(|statement| (statement["Principal"] == "*") == for_everybody);
    wanted.map(|statement| simplified(statement, aws)).collect()
}

pub(super) async fn permissions(aws: Aws) -> Vec<Value> {
    statements(&aws, false).await
}

/// The URL, and the statements that open it.
pub(super) async fn urls(aws: Aws) -> Vec<Value> {
    let url = read(&aws, &of("2021-10-31/functions/FUNCTION/url")).await;
    url.iter().map(|url| simplified(url, &aws)).chain(statements(&aws, true).await).collect()
}

pub(super) async fn invoke_configs(aws: Aws) -> Vec<Value> {
    let found = read(&aws, &of("2019-09-25/functions/FUNCTION/event-invoke-config")).await;
    found.iter().map(|config| with_defaults(simplified(config, &aws))).collect()
}

/// AWS shows a number that nobody has sent as nothing, and means its default.
fn with_defaults(mut config: Value) -> Value {
    for (member, default) in [("MaximumRetryAttempts", 2), ("MaximumEventAgeInSeconds", 21_600)] {
        if config[member].is_null() {
            config[member] = json!(default);
        }
    }
    config
}

/// Of the alias, and of version 1.
pub(super) async fn provisioned(aws: Aws) -> Vec<Value> {
    let mut all = Vec::new();
    for qualifier in [ALIAS, "1"] {
        let path = of(&format!("2019-09-30/functions/FUNCTION/provisioned-concurrency?Qualifier={qualifier}"));
        all.extend(read(&aws, &path).await.map(|config| simplified(&config, &aws)));
    }
    all
}

pub(super) async fn mappings(aws: Aws) -> Vec<Value> {
    let mut all = Vec::new();
    for mapping in list(&aws, "/2015-03-31/event-source-mappings", "EventSourceMappings").await {
        // It goes by itself.
        if mapping["State"] != "Deleting" {
            let mut simple = simplified(&mapping, &aws);
            simple["Tags"] = simplified(&tags(&aws, &mapping["EventSourceMappingArn"]).await, &aws);
            all.push(simple);
        }
    }
    all
}

pub(super) async fn signing_configs(aws: Aws) -> Vec<Value> {
    let mut all = Vec::new();
    for config in list(&aws, "/2020-04-22/code-signing-configs/", "CodeSigningConfigs").await {
        let mut simple = simplified(&config, &aws);
        simple["Tags"] = simplified(&tags(&aws, &config["CodeSigningConfigArn"]).await, &aws);
        all.push(simple);
    }
    all
}

/// The versions of the layer without their numbers, each with its package and the statements of its policy.
pub(super) async fn layer_versions(aws: Aws) -> Vec<Value> {
    let path = format!("/2018-10-31/layers/{LAYER}/versions");
    let mut all = Vec::new();
    for listed in list(&aws, &path, "LayerVersions").await {
        let version = format!("{path}/{}", listed["Version"]);
        // It may go between the two reads.
        let Some(shown) = read(&aws, &version).await else { continue };
        let policy = read(&aws, &format!("{version}/policy")).await.unwrap_or_default();
        let policy: Value = serde_json::from_str(policy["Policy"].as_str().unwrap_or("null")).unwrap();
        let statements = policy["Statement"].as_array().cloned().unwrap_or_default();
        let principals = statements.iter().map(|one| simplified(&json!([one["Sid"], one["Principal"]]), &aws));
        all.push(json!({
            "Description": shown["Description"],
            "CodeSha256": shown["Content"]["CodeSha256"],
            "Policy": principals.collect::<Vec<_>>(),
        }));
    }
    all
}
