//! Runtime management and recursion: set by calls of their own, and gone with the function.

use serde_json::{Value, json};
use testbed::{Aws, Bed, Filter, Match};

use crate::{REGION, account, aws};

const OLDER: &str =
    "arn:aws:lambda:eu-west-1::runtime:07a48df201798d627f2b950f03bb227aab4a655a1d019c3296406f95937e2525";
const MANAGEMENT: &str = "/2021-07-20/functions/hello/runtime-management-config";
const RECURSION: &str = "/2024-08-31/functions/hello/recursion-config";

async fn made(aws: &Aws) {
    aws.create_function("hello", &json!({"Publish": true})).await.unwrap();
    aws.wait_until_at_rest("hello").await.unwrap();
}

fn arn(test: u64) -> String {
    format!("arn:aws:lambda:{REGION}:{}:function:hello", account(test))
}

/// Sends it; the answer's status, code and text.
async fn said(aws: &Aws, method: &str, path: &str, body: &Value) -> (u16, Option<String>, String) {
    let (status, answer) = aws.lambda(method, path, Some(body)).await.unwrap();
    let text = answer["message"].as_str().or(answer["Message"].as_str()).unwrap_or_default().to_owned();
    let calls = Bed::from_env().unwrap().manners().calls(&Filter::account(aws.account())).await.unwrap();
    (status, calls.last().unwrap().error_code.clone(), text)
}

#[tokio::test]
async fn each_version_has_its_own_mode() {
    let aws = aws(20);
    made(&aws).await;
    let auto = |arn: String| json!({"UpdateRuntimeOn": "Auto", "RuntimeVersionArn": null, "FunctionArn": arn});
    assert_eq!(aws.runtime_management("hello", None).await.unwrap(), (200, auto(arn(20))));
    let newest = aws.get_function("hello").await.unwrap().1["Configuration"]["RuntimeVersionConfig"].clone();

    let put = aws.put_runtime_management("hello", None, "Manual", Some(OLDER)).await.unwrap();
    assert_eq!(put, json!({"UpdateRuntimeOn": "Manual", "RuntimeVersionArn": OLDER, "FunctionArn": arn(20)}));
    assert_eq!(aws.runtime_management("hello", Some("$LATEST")).await.unwrap().1["UpdateRuntimeOn"], "Manual");
    let config = aws.get_function("hello").await.unwrap().1["Configuration"].clone();
    assert_eq!(config["RuntimeVersionConfig"], json!({"RuntimeVersionArn": OLDER}));
    assert!(!config.to_string().contains("UpdateRuntimeOn"), "{config}");
    let (_, first) = aws.runtime_management("hello", Some("1")).await.unwrap();
    assert_eq!(first, auto(format!("{}:1", arn(20))), "the version has a mode of its own");
    aws.put_runtime_management("hello", Some("1"), "FunctionUpdate", None).await.unwrap();

    aws.put_runtime_management("hello", None, "Auto", None).await.unwrap();
    assert_eq!(aws.get_function("hello").await.unwrap().1["Configuration"]["RuntimeVersionConfig"], newest);
    assert_eq!(aws.runtime_management("hello", Some("1")).await.unwrap().1["UpdateRuntimeOn"], "FunctionUpdate");
    assert_eq!(aws.runtime_management("hello", Some("7")).await.unwrap().0, 404);
}

#[tokio::test]
async fn what_is_refused_of_a_mode() {
    let aws = aws(21);
    made(&aws).await;
    let validation = |value: &str, member: &str, constraint: &str| {
        format!("1 validation error detected: Value {value} at '{member}' failed to satisfy constraint: {constraint}")
    };
    let modes = "Member must satisfy enum value set: [Auto, Manual, FunctionUpdate]";
    for (body, text) in [
        (json!({}), validation("null", "updateRuntimeOn", "Member must not be null")),
        (json!({"UpdateRuntimeOn": "auto"}), validation("'auto'", "updateRuntimeOn", modes)),
    ] {
        let expected = (400, Some("ValidationException".to_owned()), text);
        assert_eq!(said(&aws, "PUT", MANAGEMENT, &body).await, expected);
    }
    let bad = json!({"UpdateRuntimeOn": "Manual", "RuntimeVersionArn": "arn:aws:lambda:eu-west-1::layer:x"});
    let (status, code, text) = said(&aws, "PUT", MANAGEMENT, &bad).await;
    assert_eq!((status, code.as_deref()), (400, Some("ValidationException")));
    assert!(
        text.contains("at 'runtimeVersionArn' failed to satisfy constraint: Member must satisfy regular"),
        "{text}"
    );

    let image = json!({"PackageType": "Image", "Code": {"ImageUri": "public.ecr.aws/lambda/python:3.13"}});
    aws.create_function("image", &image).await.unwrap();
    aws.wait_until_at_rest("image").await.unwrap();
    let of_image = MANAGEMENT.replace("hello", "image");
    // what is known is the code, not the text
    for (path, body) in [
        (MANAGEMENT, json!({"UpdateRuntimeOn": "Manual"})),
        (MANAGEMENT, json!({"UpdateRuntimeOn": "Auto", "RuntimeVersionArn": OLDER})),
        (of_image.as_str(), json!({"UpdateRuntimeOn": "FunctionUpdate"})),
    ] {
        let (status, code, text) = said(&aws, "PUT", path, &body).await;
        assert_eq!((status, code.as_deref()), (400, Some("InvalidParameterValueException")), "{body}: {text}");
    }
    assert_eq!(aws.runtime_management("hello", None).await.unwrap().1["UpdateRuntimeOn"], "Auto");
    let (status, code, text) = said(&aws, "GET", &MANAGEMENT.replace("hello", "none"), &Value::Null).await;
    let missing = format!("Function not found: {}", arn(21).replace("hello", "none"));
    assert_eq!((status, code.as_deref(), text), (404, Some("ResourceNotFoundException"), missing));
}

#[tokio::test]
async fn a_loop_is_terminated_unless_it_is_allowed() {
    let aws = aws(22);
    made(&aws).await;
    assert_eq!(aws.recursion("hello").await.unwrap(), (200, json!({"RecursiveLoop": "Terminate"})));
    assert_eq!(aws.put_recursion("hello", "Allow").await.unwrap(), json!({"RecursiveLoop": "Allow"}));
    assert_eq!(aws.recursion("hello").await.unwrap(), (200, json!({"RecursiveLoop": "Allow"})));
    let prefix = "1 validation error detected: Value";
    for (body, text) in [
        (
            json!({"RecursiveLoop": "InvalidValue"}),
            "'InvalidValue' at 'recursiveLoop' failed to satisfy constraint: Member must satisfy enum value set: [Terminate, Allow]",
        ),
        (json!({}), "null at 'recursiveLoop' failed to satisfy constraint: Member must not be null"),
    ] {
        let expected = (400, Some("ValidationException".to_owned()), format!("{prefix} {text}"));
        assert_eq!(said(&aws, "PUT", RECURSION, &body).await, expected);
    }
    let (status, code, text) = said(&aws, "GET", &RECURSION.replace("hello", "none"), &Value::Null).await;
    let missing = format!("Function not found: {}", arn(22).replace("hello", "none"));
    assert_eq!((status, code.as_deref(), text), (404, Some("ResourceNotFoundException"), missing));
}

#[tokio::test]
async fn both_go_with_the_function_and_belong_to_one_account() {
    let aws = aws(23);
    made(&aws).await;
    aws.put_runtime_management("hello", None, "FunctionUpdate", None).await.unwrap();
    aws.put_runtime_management("hello", Some("1"), "FunctionUpdate", None).await.unwrap();
    aws.put_recursion("hello", "Allow").await.unwrap();
    let other = crate::aws(24);
    made(&other).await;
    assert_eq!(other.runtime_management("hello", None).await.unwrap().1["UpdateRuntimeOn"], "Auto");
    assert_eq!(other.recursion("hello").await.unwrap().1["RecursiveLoop"], "Terminate");

    assert_eq!(aws.lambda("DELETE", "/2015-03-31/functions/hello", None).await.unwrap().0, 204);
    assert_eq!(aws.runtime_management("hello", None).await.unwrap().0, 404);
    made(&aws).await;
    for version in ["$LATEST", "1"] {
        assert_eq!(aws.runtime_management("hello", Some(version)).await.unwrap().1["UpdateRuntimeOn"], "Auto");
    }
    assert_eq!(aws.recursion("hello").await.unwrap().1["RecursiveLoop"], "Terminate");
}

#[tokio::test]
async fn a_busy_function_takes_neither_and_looks_can_be_behind() {
    let aws = aws(25);
    aws.create_function("hello", &json!({})).await.unwrap();
    for (path, body) in
        [(MANAGEMENT, json!({"UpdateRuntimeOn": "Auto"})), (RECURSION, json!({"RecursiveLoop": "Allow"}))]
    {
        let (status, code, _) = said(&aws, "PUT", path, &body).await;
        assert_eq!((status, code.as_deref()), (409, Some("ResourceConflictException")), "{path}");
    }
    aws.wait_until_at_rest("hello").await.unwrap();
    let manners = Bed::from_env().unwrap().manners();
    let scope = Match { account: Some(account(25)), ..Match::default() };
    manners.switch_on("stale", &scope).await.unwrap();
    aws.put_recursion("hello", "Allow").await.unwrap();
    aws.put_runtime_management("hello", None, "Manual", Some(OLDER)).await.unwrap();
    let shown = async || {
        let (_, management) = aws.runtime_management("hello", None).await.unwrap();
        let (_, recursion) = aws.recursion("hello").await.unwrap();
        let (_, function) = aws.get_function("hello").await.unwrap();
        let pinned = function["Configuration"]["RuntimeVersionConfig"]["RuntimeVersionArn"] == OLDER;
        (management["UpdateRuntimeOn"].clone(), recursion["RecursiveLoop"].clone(), pinned)
    };
    assert_eq!(shown().await, (json!("Auto"), json!("Terminate"), false));
    manners.switch_off(None, &scope).await.unwrap();
    assert_eq!(shown().await, (json!("Manual"), json!("Allow"), true));
}
