//! Requests as the AWS SDKs send them, and what they are.

use hyper::header::{AUTHORIZATION, CONTENT_TYPE, HeaderValue};
use hyper::{HeaderMap, Method};

use super::recognise::{Recognised, recognise};

fn seen(method: &Method, path: &str, service: &str, body: &str) -> Recognised {
    let mut headers = HeaderMap::new();
    let scope = format!(
        "AWS4-HMAC-SHA256 Credential=111111111111/20260101/eu-west-1/{service}/aws4_request, SignedHeaders=host, Signature=0"
    );
    headers.insert(AUTHORIZATION, HeaderValue::from_str(&scope).unwrap());
    if service == "sts" {
        headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/x-www-form-urlencoded"));
    }
    recognise(method, &path.parse().unwrap(), &headers, body.as_bytes())
}

#[test]
fn lambda_calls() {
    let arn = "arn%3Aaws%3Alambda%3Aeu-west-1%3A111111111111%3Afunction%3Ahello";
    let cases = [
        (Method::POST, "/2015-03-31/functions".to_owned(), "CreateFunction", Some("new"), None),
        (Method::GET, "/2015-03-31/functions/?MaxItems=5".to_owned(), "ListFunctions", None, None),
        (Method::GET, "/2015-03-31/functions/hello".to_owned(), "GetFunction", Some("hello"), None),
        (Method::GET, "/2015-03-31/functions/hello:3".to_owned(), "GetFunction", Some("hello"), Some("3")),
        (
            Method::GET,
            "/2015-03-31/functions/hello?Qualifier=%24LATEST".to_owned(),
            "GetFunction",
            Some("hello"),
            Some("$LATEST"),
        ),
        (
            Method::PUT,
            format!("/2015-03-31/functions/{arn}/configuration"),
            "UpdateFunctionConfiguration",
            Some("hello"),
            None,
        ),
        (
            Method::PUT,
            "/2017-10-31/functions/111111111111%3Afunction%3Ahello/concurrency".to_owned(),
            "PutFunctionConcurrency",
            Some("hello"),
            None,
        ),
        (
            Method::GET,
            "/2019-09-30/functions/hello/concurrency".to_owned(),
            "GetFunctionConcurrency",
            Some("hello"),
            None,
        ),
        (
            Method::DELETE,
            "/2020-06-30/functions/hello/code-signing-config".to_owned(),
            "DeleteFunctionCodeSigningConfig",
            Some("hello"),
            None,
        ),
        (Method::POST, format!("/2017-03-31/tags/{arn}"), "TagResource", Some("hello"), None),
        (Method::POST, "/2015-03-31/functions/hello/versions".to_owned(), "PublishVersion", Some("hello"), None),
        (Method::POST, "/2015-03-31/functions/hello/invocations".to_owned(), "Invoke", Some("hello"), None),
        (Method::GET, "/2016-08-19/account-settings/".to_owned(), "GetAccountSettings", None, None),
    ];
    for (method, path, operation, function, qualifier) in cases {
        let call = seen(&method, &path, "lambda", r#"{"FunctionName": "new"}"#);
        assert_eq!(call.operation, operation, "{path}");
        assert_eq!((call.function.as_deref(), call.qualifier.as_deref()), (function, qualifier), "{path}");
        assert_eq!((call.access_key.as_str(), call.region.as_str()), ("111111111111", "eu-west-1"));
    }
}

#[test]
fn calls_about_aliases() {
    let arn = "arn%3Aaws%3Alambda%3Aeu-west-1%3A111111111111%3Afunction%3Ahello";
    let aliases = "/2015-03-31/functions/hello/aliases";
    for (method, path, operation, alias) in [
        (Method::POST, aliases.to_owned(), "CreateAlias", Some("new")),
        (Method::GET, format!("{aliases}?FunctionVersion=1"), "ListAliases", None),
        (Method::GET, format!("{aliases}/live"), "GetAlias", Some("live")),
        (Method::PUT, format!("/2015-03-31/functions/{arn}/aliases/live"), "UpdateAlias", Some("live")),
        (Method::DELETE, format!("{aliases}/live"), "DeleteAlias", Some("live")),
    ] {
        let call = seen(&method, &path, "lambda", r#"{"Name": "new", "FunctionVersion": "1"}"#);
        assert_eq!(call.operation, operation, "{path}");
        assert_eq!((call.function.as_deref(), call.qualifier.as_deref()), (Some("hello"), alias), "{path}");
    }
}

#[test]
fn calls_about_runtimes_and_recursion() {
    let path = "/2021-07-20/functions/hello/runtime-management-config?Qualifier=3";
    let call = seen(&Method::PUT, path, "lambda", "{}");
    assert_eq!((call.operation.as_str(), call.qualifier.as_deref()), ("PutRuntimeManagementConfig", Some("3")));
    let path = "/2024-08-31/functions/hello/recursion-config";
    assert_eq!(seen(&Method::GET, path, "lambda", "").operation, "GetFunctionRecursionConfig");
}

#[test]
fn calls_about_executions() {
    let list = "/2025-12-01/functions/hello/durable-executions?Statuses=RUNNING";
    assert_eq!(seen(&Method::GET, list, "lambda", "").operation, "ListDurableExecutionsByFunction");
    let arn =
        "arn%3Aaws%3Alambda%3Aeu-west-1%3A111111111111%3Afunction%3Ahello%3A%24LATEST%2Fdurable-execution%2Fa%2Fb";
    let stop = seen(&Method::POST, &format!("/2025-12-01/durable-executions/{arn}/stop"), "lambda", "");
    assert_eq!(stop.operation, "StopDurableExecution");
    assert_eq!((stop.function.as_deref(), stop.qualifier.as_deref()), (Some("hello"), Some("$LATEST")));
}

#[test]
fn calls_of_other_services() {
    let call = seen(&Method::POST, "/", "sts", "Action=GetCallerIdentity&Version=2011-06-15");
    assert_eq!((call.service.as_str(), call.operation.as_str()), ("sts", "GetCallerIdentity"));
    let call = seen(&Method::HEAD, "/bucket/key", "s3", "");
    assert_eq!((call.service.as_str(), call.operation.as_str()), ("s3", "HEAD /bucket/key"));
    let uri = "/bucket/key?X-Amz-Credential=222222222222%2F20260101%2Feu-west-1%2Fs3%2Faws4_request";
    let call = recognise(&Method::GET, &uri.parse().unwrap(), &HeaderMap::new(), b"");
    assert_eq!((call.service.as_str(), call.access_key.as_str()), ("s3", "222222222222"));
}

#[test]
fn unsigned_calls() {
    let uri = "/".parse().unwrap();
    let body = b"Version=2011-06-15&Action=AssumeRoleWithWebIdentity";
    assert_eq!(recognise(&Method::POST, &uri, &HeaderMap::new(), body).service, "sts");
    let uri = "/2015-03-31/functions/x".parse().unwrap();
    assert_eq!(recognise(&Method::GET, &uri, &HeaderMap::new(), b"").service, "lambda");
}
