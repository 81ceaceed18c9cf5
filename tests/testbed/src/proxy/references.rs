//! Things of other services that a request names and that must exist: S3 objects, subnets, security groups.

use hyper::Method;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::Value;

use super::recognise::Recognised;
use super::refusal::{Refusal, element};
use super::upstream::Upstream;

/// A key is a path: its slashes stay.
const KEY: &AsciiSet = &NON_ALPHANUMERIC.remove(b'/').remove(b'-').remove(b'_').remove(b'.').remove(b'~');

/// The refusal if the body of Create or Update* names something that does not exist.
pub(crate) async fn check(call: &Recognised, body: &Value, upstream: &Upstream) -> Result<Option<Refusal>, String> {
    let code = match call.operation.as_str() {
        "CreateFunction" => body.get("Code"),
        "UpdateFunctionCode" => Some(body),
        _ => None,
    };
    if let Some(refusal) = s3_object(call, code, upstream).await? {
        return Ok(Some(refusal));
    }
    if matches!(call.operation.as_str(), "CreateFunction" | "UpdateFunctionConfiguration") {
        let subnets = ids(body, "/VpcConfig/SubnetIds");
        if let Some(refusal) = ec2(call, upstream, "DescribeSubnets", "SubnetId", &subnets).await? {
            return Ok(Some(refusal));
        }
        let groups = ids(body, "/VpcConfig/SecurityGroupIds");
        return ec2(call, upstream, "DescribeSecurityGroups", "GroupId", &groups).await;
    }
    Ok(None)
}

/// The refusal if a package in S3 does not exist.
pub(crate) async fn s3_object(
    call: &Recognised,
    code: Option<&Value>,
    upstream: &Upstream,
) -> Result<Option<Refusal>, String> {
    let field = |name: &str| code.and_then(|code| code.get(name)).and_then(Value::as_str);
    let (Some(bucket), Some(key)) = (field("S3Bucket"), field("S3Key")) else { return Ok(None) };
    let object = format!("/{bucket}/{}", utf8_percent_encode(key, KEY));
    let exists = async |path: String| {
        let answer = upstream.ask(call, "s3", Method::HEAD, &path, "").await?;
        Ok::<bool, String>(answer.status < 400)
    };
    let (error, message) = if !exists(format!("/{bucket}")).await? {
        ("NoSuchBucket", "The specified bucket does not exist")
    } else if !exists(object.clone()).await? && field("S3ObjectVersion").is_none() {
        ("NoSuchKey", "The specified key does not exist.")
    } else if let Some(version) = field("S3ObjectVersion")
        && !exists(format!("{object}?versionId={}", utf8_percent_encode(version, NON_ALPHANUMERIC))).await?
    {
        ("NoSuchVersion", "The specified version does not exist.")
    } else {
        return Ok(None);
    };
    Ok(Some(Refusal::invalid(format!(
        "Error occurred while GetObject. S3 Error Code: {error}. S3 Error Message: {message}"
    ))))
}

fn ids(body: &Value, pointer: &str) -> Vec<String> {
    let ids = body.pointer(pointer).and_then(Value::as_array);
    ids.into_iter().flatten().filter_map(|id| id.as_str().map(str::to_owned)).collect()
}

async fn ec2(
    call: &Recognised,
    upstream: &Upstream,
    operation: &str,
    parameter: &str,
    ids: &[String],
) -> Result<Option<Refusal>, String> {
    for id in ids {
        let id = utf8_percent_encode(id, NON_ALPHANUMERIC);
        let path = format!("/?Action={operation}&Version=2016-11-15&{parameter}.1={id}");
        let answer = upstream.ask(call, "ec2", Method::POST, &path, "").await?;
        let text = String::from_utf8_lossy(&answer.body);
        if let (true, Some(code), Some(message)) =
            (answer.status >= 400, element(&text, "Code"), element(&text, "Message"))
        {
            return Ok(Some(Refusal::invalid(format!(
                "Error occurred while {operation}. EC2 Error Code: {code}. EC2 Error Message: {message}"
            ))));
        }
    }
    Ok(None)
}
