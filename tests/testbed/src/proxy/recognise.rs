//! Recognises a call: service, operation, account, region, function and qualifier of a request.

use hyper::{HeaderMap, Method, Uri};
use percent_encoding::percent_decode_str;
use serde_json::Value;

use super::operations;

/// A recognised request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Recognised {
    pub(crate) service: String,
    pub(crate) operation: String,
    /// The access key in the credential scope.
    pub(crate) access_key: String,
    pub(crate) region: String,
    pub(crate) function: Option<String>,
    pub(crate) qualifier: Option<String>,
    /// Account and region of the function, if the request names it by its ARN.
    pub(crate) place: Option<(String, String)>,
}

/// Recognises a request.
pub(crate) fn recognise(method: &Method, uri: &Uri, headers: &HeaderMap, body: &[u8]) -> Recognised {
    let scope = scope(uri, headers);
    let (access_key, region, service) = match &scope {
        Some((access_key, region, service)) => (access_key.clone(), region.clone(), service.clone()),
        // unsigned: AssumeRoleWithWebIdentity, downloads of packages
        None => (String::new(), "us-east-1".to_owned(), unsigned_service(uri, body).to_owned()),
    };
    let mut recognised = Recognised {
        service,
        operation: String::new(),
        access_key,
        region,
        function: None,
        qualifier: None,
        place: None,
    };
    if visited(uri, headers).is_some() {
        recognised.service = "lambda-url".to_owned();
        recognised.operation = "InvokeFunctionUrl".to_owned();
    } else if recognised.service == "lambda" {
        lambda(&mut recognised, method, uri, body);
    } else {
        recognised.operation = other_operation(method, uri, headers, body);
        recognised.function = function_of_a_log_group(&recognised.service, body);
    }
    recognised
}

/// The function of a log group, by Lambda's default name of groups.
fn function_of_a_log_group(service: &str, body: &[u8]) -> Option<String> {
    let body = (service == "logs").then(|| serde_json::from_slice::<Value>(body).ok())??;
    // A read of one group names it among identifiers.
    let group = body.get("logGroupName").or_else(|| body.pointer("/logGroupIdentifiers/0"))?.as_str()?;
    group.strip_prefix("/aws/lambda/").map(str::to_owned)
}

/// The access key in the signature of a call.
pub(crate) fn access_key(uri: &Uri, headers: &HeaderMap) -> String {
    scope(uri, headers).map(|(access_key, _, _)| access_key).unwrap_or_default()
}

/// The id of the requested function URL: from the host name, or from the path if there can be no host name.
pub(crate) fn visited(uri: &Uri, headers: &HeaderMap) -> Option<String> {
    let host = headers.get("host").and_then(|host| host.to_str().ok()).unwrap_or_default();
    let by_path =
        || uri.path().strip_prefix("/_aws/lambda-url/").map(|rest| rest.split('/').next().unwrap_or_default());
    host.split_once(".lambda-url.").map(|(id, _)| id).or_else(by_path).map(str::to_owned)
}

/// The decoded parts of a Lambda call's path after the date.
pub(crate) fn path_parts(uri: &Uri) -> Vec<String> {
    let parts = uri.path().split('/').filter(|part| !part.is_empty()).skip(1);
    parts.map(|part| percent_decode_str(part).decode_utf8_lossy().into_owned()).collect()
}

/// Access key, region and service of the signature.
fn scope(uri: &Uri, headers: &HeaderMap) -> Option<(String, String, String)> {
    let from_header = headers
        .get("authorization")
        .and_then(|value| value.to_str().ok())
        .and_then(|value| value.split_once("Credential="))
        .map(|(_, rest)| rest.split(',').next().unwrap_or_default().trim().to_owned());
    let credential = from_header.or_else(|| parameter(uri.query().unwrap_or_default(), "X-Amz-Credential"))?;
    let parts: Vec<&str> = credential.split('/').collect();
    match parts.as_slice() {
        [key, _date, region, service, ..] => Some(((*key).to_owned(), (*region).to_owned(), (*service).to_owned())),
        _ => None,
    }
}

fn unsigned_service(uri: &Uri, body: &[u8]) -> &'static str {
    if is_lambda_path(uri.path()) {
        "lambda"
    } else if body.starts_with(b"Action=AssumeRole") || body.windows(17).any(|part| part == b"Action=AssumeRole") {
        "sts"
    } else {
        "unknown"
    }
}

/// `/2015-03-31/functions/…`
fn is_lambda_path(path: &str) -> bool {
    let date = path.trim_start_matches('/').split('/').next().unwrap_or_default();
    date.len() == 10 && date.starts_with("20") && date.split('-').count() == 3
}

fn other_operation(method: &Method, uri: &Uri, headers: &HeaderMap, body: &[u8]) -> String {
    if let Some(target) = headers.get("x-amz-target").and_then(|value| value.to_str().ok()) {
        return target.rsplit('.').next().unwrap_or(target).to_owned();
    }
    let form = headers
        .get("content-type")
        .and_then(|value| value.to_str().ok())
        .is_some_and(|value| value.starts_with("application/x-www-form-urlencoded"));
    let action = if form { parameter(&String::from_utf8_lossy(body), "Action") } else { None };
    let action = action.or_else(|| parameter(uri.query().unwrap_or_default(), "Action"));
    action.unwrap_or_else(|| format!("{method} {}", uri.path()))
}

/// The decoded value of a parameter in `a=b&c=d`.
pub(crate) fn parameter(query: &str, name: &str) -> Option<String> {
    let value = query.split('&').find_map(|pair| {
        let (key, value) = pair.split_once('=').unwrap_or((pair, ""));
        (key == name).then_some(value)
    })?;
    Some(percent_decode_str(&value.replace('+', " ")).decode_utf8_lossy().into_owned())
}

fn lambda(recognised: &mut Recognised, method: &Method, uri: &Uri, body: &[u8]) {
    let decoded = path_parts(uri);
    let parts: Vec<&str> = decoded.iter().map(String::as_str).collect();
    recognised.operation = operations::name(method, &parts, uri);
    let in_body = |member: &str| -> Option<String> {
        let body = serde_json::from_slice::<Value>(body).ok()?;
        body.get(member).and_then(Value::as_str).map(str::to_owned)
    };
    let named = match parts.as_slice() {
        ["functions"] if method == Method::POST => in_body("FunctionName"),
        ["event-source-mappings"] if method == Method::GET => {
            uri.query().and_then(|query| parameter(query, "FunctionName"))
        }
        ["event-source-mappings", ..] => in_body("FunctionName"),
        // resources other than functions have their own tags
        ["tags", arn, ..] if arn.starts_with("arn:") && !arn.contains(":function:") => None,
        // the ARN of an execution begins with the function's ARN, and continues with slashes
        ["durable-executions", arn, ..] => arn.split('/').next().map(str::to_owned),
        // an ARN that is not encoded would be split at a slash, but the ARN of a function has none
        ["functions" | "tags", name, ..] => Some((*name).to_owned()),
        _ => None,
    };
    if let Some(named) = named {
        recognised.place = place(&named);
        let (function, qualifier) = split_name(&named);
        recognised.function = Some(function);
        recognised.qualifier = qualifier;
    }
    let qualifier = match parts.as_slice() {
        ["functions", _, "aliases"] if method == Method::POST => in_body("Name"),
        ["functions", _, "aliases", alias] => Some((*alias).to_owned()),
        _ => uri.query().and_then(|query| parameter(query, "Qualifier")),
    };
    recognised.qualifier = qualifier.or(recognised.qualifier.take());
}

/// Account and region of a function's ARN.
fn place(name: &str) -> Option<(String, String)> {
    match name.split(':').collect::<Vec<_>>().as_slice() {
        ["arn", _, "lambda", region, account, "function", ..] => Some(((*account).to_owned(), (*region).to_owned())),
        _ => None,
    }
}

/// Name and qualifier of `name`, `name:qualifier`, `account:function:name[:qualifier]` or an ARN.
pub(crate) fn split_name(name: &str) -> (String, Option<String>) {
    let tail = match name.split_once("function:") {
        Some((_, tail)) => tail,
        None => name,
    };
    match tail.split_once(':') {
        Some((function, qualifier)) => (function.to_owned(), Some(qualifier.to_owned())),
        None => (tail.to_owned(), None),
    }
}
