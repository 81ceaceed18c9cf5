//! Function URLs: of a function and of its aliases.

use serde_json::{Value, json};

use testbed::{Bed, Filter};

use crate::{HELLO, arn, asked, aws, made, refused};

const URL: &str = "/2021-10-31/functions/hello/url";

#[tokio::test]
async fn a_url_is_kept_changed_and_cleared_as_at_aws() {
    let aws = aws(20).await;
    let made = aws.create_url("hello", Some("live"), &json!({"AuthType": "NONE"})).await.unwrap();
    let members: Vec<&String> = made.as_object().unwrap().keys().collect();
    assert_eq!(members, ["AuthType", "CreationTime", "FunctionArn", "FunctionUrl"], "as recorded");
    assert_eq!(made["FunctionArn"], arn(20, "live"));
    let address = made["FunctionUrl"].as_str().unwrap().to_owned();
    assert!(address.starts_with("https://") && address.ends_with(".lambda-url.eu-west-1.on.aws/"), "{address}");

    let (status, shown) = aws.get_url("hello", Some("live")).await.unwrap();
    assert_eq!(
        (status, &shown["InvokeMode"], &shown["CreationTime"]),
        (200, &json!("BUFFERED"), &made["CreationTime"])
    );
    assert!(shown["LastModifiedTime"].is_string() && shown.get("Cors").is_none());
    let cors = json!({"AllowOrigins": ["*"], "AllowHeaders": ["X-Own"]});
    aws.update_url("hello", Some("live"), &json!({ "Cors": cors })).await.unwrap();
    let updated = aws.update_url("hello", Some("live"), &json!({"AuthType": "AWS_IAM"})).await.unwrap();
    assert_eq!(updated["Cors"], json!({"AllowOrigins": ["*"], "AllowHeaders": ["x-own"]}), "what is left out stays");
    assert_eq!((&updated["FunctionUrl"], updated.get("InvokeMode")), (&json!(address), None));
    let cleared = aws.update_url("hello", Some("live"), &json!({"Cors": {}})).await.unwrap();
    assert_eq!((&cleared["AuthType"], cleared.get("Cors")), (&json!("AWS_IAM"), None));

    aws.create_url("hello", None, &json!({"AuthType": "AWS_IAM", "InvokeMode": "RESPONSE_STREAM"})).await.unwrap();
    let (_, list) = asked(&aws, ("GET", "/2021-10-31/functions/hello/urls"), &Value::Null).await;
    let of: Vec<&Value> =
        list["FunctionUrlConfigs"].as_array().unwrap().iter().map(|url| &url["FunctionArn"]).collect();
    assert_eq!(of, [&json!(arn(20, "")), &json!(arn(20, "live"))]);
    aws.delete_url("hello", None).await.unwrap();
    assert_eq!(aws.get_url("hello", None).await.unwrap().0, 404);
    assert_eq!(aws.get_url("hello", Some("live")).await.unwrap().0, 200, "the alias keeps its own");
}

#[tokio::test]
async fn what_aws_refuses_of_urls() {
    let aws = aws(21).await;
    let open = || json!({"AuthType": "NONE"});
    aws.create_url("hello", None, &open()).await.unwrap();
    let exists = format!(
        "Failed to create function url config for [functionArn = {}]. Error message:  FunctionUrlConfig exists for this \
         Lambda function",
        arn(21, "")
    );
    refused(&aws, ("POST", URL), open(), 409, &exists).await;
    let not_there = "The resource you requested does not exist.";
    for method in ["GET", "DELETE"] {
        refused(&aws, (method, &format!("{URL}?Qualifier=live")), Value::Null, 404, not_there).await;
        refused(&aws, (method, "/2021-10-31/functions/nobody/url"), Value::Null, 404, not_there).await;
    }
    for path in [format!("{URL}?Qualifier=none"), "/2021-10-31/functions/nobody/url".to_owned()] {
        refused(&aws, ("POST", &path), open(), 404, "Function does not exist").await;
    }
    refused(&aws, ("GET", "/2021-10-31/functions/nobody/urls"), Value::Null, 404, "Function does not exist").await;
    for (qualifier, sent) in [("1", "1"), ("$LATEST", "%24LATEST")] {
        let text = format!(
            r"1 validation error detected: Value '{qualifier}' at 'qualifier' failed to satisfy constraint: Member must satisfy regular expression pattern: ((?!^\d+$)^[0-9a-zA-Z-_]+$)"
        );
        refused(&aws, ("POST", &format!("{URL}?Qualifier={sent}")), open(), 400, &text).await;
    }
}

#[tokio::test]
async fn urls_go_with_the_alias_and_the_function_and_never_come_back() {
    let aws = aws(22).await;
    let open = json!({"AuthType": "NONE"});
    let address = async |alias: Option<&str>| {
        aws.create_url("hello", alias, &open).await.unwrap()["FunctionUrl"].as_str().unwrap().to_owned()
    };
    let (own, live) = (address(None).await, address(Some("live")).await);
    aws.delete_alias("hello", "live").await.unwrap();
    aws.create_alias("hello", "live", &json!({"FunctionVersion": "1"})).await.unwrap();
    assert_eq!(aws.get_url("hello", Some("live")).await.unwrap().0, 404);
    assert_ne!(address(Some("live")).await, live);
    assert_eq!(asked(&aws, ("DELETE", HELLO), &Value::Null).await.0, 204);
    made(&aws).await;
    for alias in [None, Some("live")] {
        assert_eq!(aws.get_url("hello", alias).await.unwrap().0, 404);
    }
    assert_ne!(address(None).await, own);
}

#[tokio::test]
async fn an_open_url_answers_once_both_statements_are_there() {
    let aws = aws(23).await;
    let url = aws.create_url("hello", None, &json!({"AuthType": "NONE"})).await.unwrap();
    let forbidden = async || {
        let (status, answer) = aws.visit(&url).await.unwrap();
        assert!(status == 403 && answer["Message"].as_str().unwrap().starts_with("Forbidden."), "{status}: {answer}");
    };
    forbidden().await;
    let of_the_url = json!({"StatementId": "url", "Action": "lambda:InvokeFunctionUrl", "Principal": "*",
                            "FunctionUrlAuthType": "NONE"});
    aws.add_permission("hello", None, &of_the_url).await.unwrap();
    forbidden().await;
    let of_the_function = json!({"StatementId": "function", "Action": "lambda:InvokeFunction", "Principal": "*",
                                 "InvokedViaFunctionUrl": true});
    aws.add_permission("hello", None, &of_the_function).await.unwrap();
    assert_eq!(aws.visit(&url).await.unwrap(), (200, json!("hi")));
    aws.update_url("hello", None, &json!({"AuthType": "AWS_IAM"})).await.unwrap();
    assert_eq!(aws.visit(&url).await.unwrap().0, 403, "it wants a signature");
    aws.delete_url("hello", None).await.unwrap();
    assert_eq!(aws.visit(&url).await.unwrap(), (403, json!({"Message": null})));
    let visits = Filter::account("000000000000").operation("InvokeFunctionUrl").function("hello");
    assert!(
        !Bed::from_env().unwrap().manners().calls(&visits).await.unwrap().is_empty(),
        "the journal names the function"
    );
}
