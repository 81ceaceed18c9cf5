//! What a function is, without its name and without what differs from one function to the next.

use lambda_operator::api::function::spec::LambdaFunction;
use serde_json::{Value, json};

use crate::world::{World, status};

/// AWS's own numbers, times and names.
const OWN: [&str; 8] = [
    "FunctionName",
    "FunctionArn",
    "LastModified",
    "RevisionId",
    "Version",
    "Location",
    "MasterArn",
    "LastUpdateStatusReason",
];

/// What status says of a name, a time or an earlier pass.
const OWN_IN_STATUS: [&str; 15] = [
    "observedGeneration",
    "lastHandledReconcileAt",
    "conditions",
    "account",
    "region",
    "functionName",
    "arn",
    "invokeArn",
    "responseStreamingInvokeArn",
    "qualifiedArn",
    "qualifiedInvokeArn",
    "version",
    "lastModified",
    "record",
    "tagsAll",
];

/// All that can be seen of an object's function.
pub async fn picture(world: &World, name: &str, object: &LambdaFunction) -> Result<Value, String> {
    let answer = world.function(name).await.ok_or("there is no function")?;
    let path = format!("/2020-06-30/functions/{name}/code-signing-config");
    let signing = asked(world, &path).await?;
    let recursion = asked(world, &format!("/2024-08-31/functions/{name}/recursion-config")).await?;
    let path = format!("/2021-07-20/functions/{name}/runtime-management-config");
    let runtime = match object.spec.image_uri {
        Some(_) => Value::Null,
        None => asked(world, &path).await?,
    };
    let mut status = serde_json::to_value(status(object)).map_err(|error| error.to_string())?;
    if let Some(fields) = status.as_object_mut() {
        fields.retain(|field, _| !OWN_IN_STATUS.contains(&field.as_str()));
    }
    let published = match object.spec.publish {
        Some(true) => published(world, name, object).await?,
        Some(false) | None => Value::Null,
    };
    let signing = signing["CodeSigningConfigArn"].clone();
    let mut all = json!({"function": answer, "signing": signing, "runtime": runtime, "recursion": recursion, "published": published, "status": status});
    simplify(&mut all, name);
    Ok(all)
}

/// What the published version holds.
async fn published(world: &World, name: &str, object: &LambdaFunction) -> Result<Value, String> {
    let version = status(object).version.clone().unwrap_or_default();
    if version == "$LATEST" {
        return Err("no version is published".into());
    }
    let path = format!("/2015-03-31/functions/{name}?Qualifier={version}");
    Ok(asked(world, &path).await?["Configuration"].clone())
}

/// AWS's answer; the operator's calls and these share a quota, so it is waited for.
async fn asked(world: &World, path: &str) -> Result<Value, String> {
    world
        .until(path, async |world: &World| match world.aws.lambda("GET", path, None).await.unwrap() {
            (200, answer) => Ok(Ok(answer)),
            (429, answer) => Err(answer.to_string()),
            (code, answer) => Ok(Err(format!("{path}: {code} {answer}"))),
        })
        .await
}

/// AWS says "none" in many ways; values of users stay as they are.
fn simplify(value: &mut Value, name: &str) {
    match value {
        Value::Object(fields) => {
            fields.retain(|field, _| !OWN.contains(&field.as_str()));
            for (field, value) in fields.iter_mut() {
                match field.as_str() {
                    "Variables" => {}
                    "Tags" => drop(value.as_object_mut().and_then(|tags| tags.remove("lambda-operator.io/owner"))),
                    _ => simplify(value, name),
                }
            }
            fields.retain(|_, value| !is_none(value));
        }
        Value::Array(items) => items.iter_mut().for_each(|item| simplify(item, name)),
        Value::String(text) if *text == format!("/aws/lambda/{name}") => *text = "/aws/lambda/NAME".into(),
        Value::String(_) | Value::Number(_) | Value::Bool(_) | Value::Null => {}
    }
}

fn is_none(value: &Value) -> bool {
    match value {
        Value::Null | Value::Bool(false) => true,
        Value::String(text) => text.is_empty(),
        Value::Array(items) => items.is_empty(),
        Value::Object(fields) => fields.is_empty(),
        Value::Bool(true) | Value::Number(_) => false,
    }
}

/// The members that differ, by their path: what is there, and what should be.
pub fn differences(is: &Value, should_be: &Value) -> Vec<String> {
    let mut found = Vec::new();
    compare(is, should_be, "", &mut found);
    found
}

fn compare(is: &Value, should_be: &Value, at: &str, found: &mut Vec<String>) {
    let (Some(one), Some(other)) = (is.as_object(), should_be.as_object()) else {
        if is != should_be {
            found.push(format!("{at} is {is} and should be {should_be}"));
        }
        return;
    };
    let mut names: Vec<_> = one.keys().chain(other.keys()).collect();
    names.sort_unstable();
    names.dedup();
    for name in names {
        compare(&is[name], &should_be[name], &format!("{at}/{name}"), found);
    }
}
