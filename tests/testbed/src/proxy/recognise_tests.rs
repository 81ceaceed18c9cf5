//! Requests as the AWS SDKs send them, and their recognised form.

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
fn calls_about_the_family() {
    let arn = "arn%3Aaws%3Alambda%3Aeu-west-1%3A111111111111%3Afunction%3Ahello%3Alive";
    let (hello, live) = (Some("hello"), Some("live"));
    let functions = "/2015-03-31/functions";
    let mappings = "/2015-03-31/event-source-mappings";
    for (method, path, operation, function, qualifier) in [
        (Method::POST, format!("{functions}/hello/policy?Qualifier=live"), "AddPermission", hello, live),
        (Method::GET, format!("{functions}/{arn}/policy"), "GetPolicy", hello, live),
        (Method::DELETE, format!("{functions}/hello/policy/s3?RevisionId=r"), "RemovePermission", hello, None),
        (Method::POST, format!("{mappings}/"), "CreateEventSourceMapping", Some("new"), live),
        (Method::GET, format!("{mappings}?FunctionName=hello%3Alive"), "ListEventSourceMappings", hello, live),
        (Method::GET, mappings.to_owned(), "ListEventSourceMappings", None, None),
        (Method::GET, format!("{mappings}/7e57"), "GetEventSourceMapping", Some("new"), live),
        (Method::PUT, format!("{mappings}/7e57"), "UpdateEventSourceMapping", Some("new"), live),
        (Method::DELETE, format!("{mappings}/7e57"), "DeleteEventSourceMapping", Some("new"), live),
        (Method::POST, "/2021-10-31/functions/hello/url".to_owned(), "CreateFunctionUrlConfig", hello, None),
        (
            Method::PUT,
            "/2021-10-31/functions/hello/url?Qualifier=live".to_owned(),
            "UpdateFunctionUrlConfig",
            hello,
            live,
        ),
        (Method::GET, "/2021-10-31/functions/hello/url".to_owned(), "GetFunctionUrlConfig", hello, None),
        (Method::DELETE, "/2021-10-31/functions/hello/url".to_owned(), "DeleteFunctionUrlConfig", hello, None),
        (Method::GET, "/2021-10-31/functions/hello/urls?MaxItems=1".to_owned(), "ListFunctionUrlConfigs", hello, None),
    ] {
        let call = seen(&method, &path, "lambda", r#"{"FunctionName": "new:live"}"#);
        assert_eq!(call.operation, operation, "{path}");
        assert_eq!((call.function.as_deref(), call.qualifier.as_deref()), (function, qualifier), "{path}");
    }
    for (method, path, operation) in [
        (Method::PUT, "/2019-09-25/functions/hello/event-invoke-config", "PutFunctionEventInvokeConfig"),
        (Method::POST, "/2019-09-25/functions/hello/event-invoke-config", "UpdateFunctionEventInvokeConfig"),
        (Method::GET, "/2019-09-25/functions/hello/event-invoke-config", "GetFunctionEventInvokeConfig"),
        (Method::DELETE, "/2019-09-25/functions/hello/event-invoke-config", "DeleteFunctionEventInvokeConfig"),
        (Method::GET, "/2019-09-25/functions/hello/event-invoke-config/list", "ListFunctionEventInvokeConfigs"),
        (Method::PUT, "/2019-09-30/functions/hello/provisioned-concurrency", "PutProvisionedConcurrencyConfig"),
        (Method::GET, "/2019-09-30/functions/hello/provisioned-concurrency", "GetProvisionedConcurrencyConfig"),
        (Method::DELETE, "/2019-09-30/functions/hello/provisioned-concurrency", "DeleteProvisionedConcurrencyConfig"),
        (
            Method::GET,
            "/2019-09-30/functions/hello/provisioned-concurrency?List=ALL",
            "ListProvisionedConcurrencyConfigs",
        ),
    ] {
        let call = seen(&method, path, "lambda", "");
        assert_eq!((call.operation.as_str(), call.function.as_deref()), (operation, hello), "{path}");
    }
}

#[test]
fn calls_about_what_stands_beside_the_functions() {
    let signing = "arn%3Aaws%3Alambda%3Aeu-west-1%3A111111111111%3Acode-signing-config%3Acsc-1";
    let mapping = "arn%3Aaws%3Alambda%3Aeu-west-1%3A111111111111%3Aevent-source-mapping%3Au";
    for (method, path, operation) in [
        (Method::POST, "/2018-10-31/layers/l/versions".to_owned(), "PublishLayerVersion"),
        (Method::GET, "/2018-10-31/layers/l/versions".to_owned(), "ListLayerVersions"),
        (Method::GET, "/2018-10-31/layers/l/versions/1".to_owned(), "GetLayerVersion"),
        (Method::DELETE, "/2018-10-31/layers/l/versions/1".to_owned(), "DeleteLayerVersion"),
        (Method::GET, "/2018-10-31/layers".to_owned(), "ListLayers"),
        (Method::GET, "/2018-10-31/layers?find=LayerVersion&Arn=x".to_owned(), "GetLayerVersionByArn"),
        (Method::GET, "/2018-10-31/layers/l/versions/1/policy".to_owned(), "GetLayerVersionPolicy"),
        (Method::POST, "/2018-10-31/layers/l/versions/1/policy".to_owned(), "AddLayerVersionPermission"),
        (Method::DELETE, "/2018-10-31/layers/l/versions/1/policy/s".to_owned(), "RemoveLayerVersionPermission"),
        (Method::POST, "/2020-04-22/code-signing-configs".to_owned(), "CreateCodeSigningConfig"),
        (Method::GET, "/2020-04-22/code-signing-configs/".to_owned(), "ListCodeSigningConfigs"),
        (Method::GET, format!("/2020-04-22/code-signing-configs/{signing}"), "GetCodeSigningConfig"),
        (Method::PUT, format!("/2020-04-22/code-signing-configs/{signing}"), "UpdateCodeSigningConfig"),
        (Method::DELETE, format!("/2020-04-22/code-signing-configs/{signing}"), "DeleteCodeSigningConfig"),
        (
            Method::GET,
            format!("/2020-04-22/code-signing-configs/{signing}/functions"),
            "ListFunctionsByCodeSigningConfig",
        ),
        (Method::POST, "/2025-11-30/capacity-providers".to_owned(), "CreateCapacityProvider"),
        (Method::GET, "/2025-11-30/capacity-providers/p".to_owned(), "GetCapacityProvider"),
        (Method::PUT, "/2026-07-09/resource-policy/a".to_owned(), "PutResourcePolicy"),
        (Method::GET, format!("/2017-03-31/tags/{mapping}"), "ListTags"),
        (Method::DELETE, format!("/2017-03-31/tags/{signing}?tagKeys=a"), "UntagResource"),
    ] {
        let call = seen(&method, &path, "lambda", "");
        assert_eq!((call.operation.as_str(), call.function, call.qualifier), (operation, None, None), "{path}");
    }
}

#[test]
fn visits_of_urls() {
    let mut headers = HeaderMap::new();
    headers.insert("host", HeaderValue::from_static("abc.lambda-url.eu-west-1.on.aws"));
    let visit = recognise(&Method::GET, &"/a/b".parse().unwrap(), &headers, b"");
    assert_eq!((visit.service.as_str(), visit.operation.as_str()), ("lambda-url", "InvokeFunctionUrl"));
    let by_path = seen(&Method::GET, "/_aws/lambda-url/abc/", "lambda", "");
    assert_eq!((by_path.service.as_str(), by_path.function), ("lambda-url", None));
}

#[test]
fn a_log_group_belongs_to_its_function() {
    let mut headers = HeaderMap::new();
    let scope = "AWS4-HMAC-SHA256 Credential=111111111111/20260101/eu-west-1/logs/aws4_request, SignedHeaders=host";
    headers.insert(AUTHORIZATION, HeaderValue::from_static(scope));
    headers.insert("x-amz-target", HeaderValue::from_static("Logs_20140328.PutRetentionPolicy"));
    let read = br#"{"logGroupIdentifiers": ["/aws/lambda/hello"]}"#;
    let call = recognise(&Method::POST, &"/".parse().unwrap(), &headers, read);
    assert_eq!(call.function.as_deref(), Some("hello"));
    let body = br#"{"logGroupName": "/aws/lambda/hello", "retentionInDays": 7}"#;
    let call = recognise(&Method::POST, &"/".parse().unwrap(), &headers, body);
    assert_eq!((call.service.as_str(), call.operation.as_str()), ("logs", "PutRetentionPolicy"));
    assert_eq!(call.function.as_deref(), Some("hello"));
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
