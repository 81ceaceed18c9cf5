//! Permissions: statements of a function, a version, an alias, under a policy each.

use serde_json::{Value, json};
use testbed::{Bed, Filter};

use crate::{HELLO, account, arn, asked, aws, made, refused};

const POLICY: &str = "/2015-03-31/functions/hello/policy";

fn s3(sid: &str) -> Value {
    json!({"StatementId": sid, "Action": "lambda:InvokeFunction", "Principal": "s3.amazonaws.com"})
}

#[tokio::test]
async fn each_qualifier_has_statements_of_its_own() {
    let aws = aws(1).await;
    let of_the_function = aws.add_permission("hello", None, &s3("s3")).await.unwrap();
    let of_the_alias = aws.add_permission("hello", Some("live"), &s3("s3")).await.unwrap();
    let statement = |resource: String| {
        json!({"Sid": "s3", "Effect": "Allow", "Principal": {"Service": "s3.amazonaws.com"},
               "Action": "lambda:InvokeFunction", "Resource": resource})
    };
    assert_eq!(of_the_function, statement(arn(1, "")));
    assert_eq!(of_the_alias, statement(arn(1, "live")));
    assert_eq!(aws.statements("hello", None).await.unwrap(), [of_the_function]);
    assert_eq!(aws.statements("hello", Some("live")).await.unwrap(), [of_the_alias]);
    let (_, answer) = aws.get_policy("hello", None).await.unwrap();
    let policy: Value = serde_json::from_str(answer["Policy"].as_str().unwrap()).unwrap();
    assert_eq!((&policy["Version"], &policy["Id"]), (&json!("2012-10-17"), &json!("default")));
    aws.remove_permission("hello", None, "s3").await.unwrap();
    assert_eq!(aws.get_policy("hello", None).await.unwrap().0, 404, "with its last statement the policy goes");
    assert_eq!(aws.statements("hello", Some("live")).await.unwrap().len(), 1);

    let calls =
        Bed::from_env().unwrap().manners().calls(&Filter::account(&account(1)).operation("*P?*i*")).await.unwrap();
    let last = calls.iter().rev().find(|call| call.operation == "RemovePermission").unwrap();
    assert_eq!((last.function.as_deref(), last.qualifier.as_deref(), last.status), (Some("hello"), None, 204));
}

#[tokio::test]
async fn a_policys_revision_guards_each_change() {
    let aws = aws(2).await;
    aws.add_permission("hello", None, &s3("one")).await.unwrap();
    let revision = async || aws.get_policy("hello", None).await.unwrap().1["RevisionId"].as_str().unwrap().to_owned();
    let first = revision().await;
    assert_eq!(revision().await, first, "reading moves nothing");
    let text = "The Revision Id provided does not match the latest Revision Id. Call the GetPolicy API to retrieve the \
                latest Revision Id";
    let at = |revision: &str| {
        let mut statement = s3("two");
        statement["RevisionId"] = json!(revision);
        statement
    };
    aws.add_permission("hello", None, &at(&first)).await.unwrap();
    refused(&aws, ("POST", POLICY), at(&first), 412, text).await;
    refused(&aws, ("DELETE", &format!("{POLICY}/one?RevisionId={first}")), Value::Null, 412, text).await;
    let second = revision().await;
    let removal = format!("{POLICY}/one?RevisionId={second}");
    assert_eq!(asked(&aws, ("DELETE", &removal), &Value::Null).await.0, 204);
}

#[tokio::test]
async fn what_aws_refuses_of_permissions() {
    let aws = aws(3).await;
    let (add, of_alias) = (("POST", POLICY), format!("{POLICY}?Qualifier=none"));
    aws.add_permission("hello", None, &s3("s3")).await.unwrap();
    let taken = "The statement id (s3) provided already exists. Please provide a new statement id, or remove the existing \
                 statement.";
    refused(&aws, add, s3("s3"), 409, taken).await;
    let latest = format!("{POLICY}?Qualifier=%24LATEST");
    refused(&aws, ("POST", &latest), s3("a"), 400, "We currently do not support adding policies for $LATEST.").await;
    let no_alias = format!("Cannot find alias arn: {}", arn(3, "none"));
    refused(&aws, ("POST", &of_alias), s3("a"), 404, &no_alias).await;
    let number = format!("{POLICY}?Qualifier=42");
    refused(&aws, ("POST", &number), s3("a"), 404, &format!("Function not found: {}", arn(3, "42"))).await;
    let invalid = "The provided principal was invalid. Please check the principal and try again.";
    let mut nobody = s3("a");
    nobody["Principal"] = json!("invalid.nonaws.com");
    refused(&aws, add, nobody, 400, invalid).await;

    let not_there = "The resource you requested does not exist.";
    refused(&aws, ("GET", &format!("{POLICY}?Qualifier=live")), Value::Null, 404, not_there).await;
    refused(&aws, ("GET", "/2015-03-31/functions/nobody/policy"), Value::Null, 404, not_there).await;
    let no_statement = "Statement other is not found in resource policy.";
    refused(&aws, ("DELETE", &format!("{POLICY}/other")), Value::Null, 404, no_statement).await;
    let no_policy = "No policy is associated with the given resource.";
    refused(&aws, ("DELETE", &format!("{POLICY}/s3?Qualifier=live")), Value::Null, 404, no_policy).await;
    let nobody = arn(3, "").replace("hello", "nobody");
    let path = "/2015-03-31/functions/nobody/policy/s3";
    refused(&aws, ("DELETE", path), Value::Null, 404, &format!("No policy found for: {nobody}")).await;
    let two = format!("{HELLO}:other/policy?Qualifier=live");
    let text = "The derived qualifier from the function name does not match the specified qualifier.";
    refused(&aws, ("GET", &two), Value::Null, 400, text).await;
}

#[tokio::test]
async fn a_policy_is_full_at_20480_characters() {
    let aws = aws(4).await;
    let long = |number: usize| {
        let mut statement = s3(&format!("{number:0100}"));
        statement["SourceArn"] = json!(format!("arn:aws:s3:::{}", "x".repeat(1500)));
        statement
    };
    let mut last = (201, Value::Null);
    for number in 0..15 {
        last = asked(&aws, ("POST", POLICY), &long(number)).await;
        if last.0 != 201 {
            break;
        }
    }
    let text = last.1["message"].as_str().unwrap_or_default();
    assert!(last.0 == 400 && text.ends_with("is bigger than the limit (20480)."), "{last:?}");
    let (_, answer) = aws.get_policy("hello", None).await.unwrap();
    assert!(answer["Policy"].as_str().unwrap().len() <= 20_480);
    let calls =
        Bed::from_env().unwrap().manners().calls(&Filter::account(&account(4)).operation("Add*")).await.unwrap();
    assert_eq!(calls.last().unwrap().error_code.as_deref(), Some("PolicyLengthExceededException"));
}

#[tokio::test]
async fn policies_go_with_the_function_and_with_the_alias() {
    let aws = aws(5).await;
    aws.add_permission("hello", None, &s3("s3")).await.unwrap();
    aws.add_permission("hello", Some("live"), &s3("s3")).await.unwrap();
    aws.delete_alias("hello", "live").await.unwrap();
    aws.create_alias("hello", "live", &json!({"FunctionVersion": "1"})).await.unwrap();
    assert_eq!(aws.statements("hello", Some("live")).await.unwrap(), Vec::<Value>::new());
    assert_eq!(aws.statements("hello", None).await.unwrap().len(), 1);
    assert_eq!(asked(&aws, ("DELETE", HELLO), &Value::Null).await.0, 204);
    made(&aws).await;
    assert_eq!(aws.statements("hello", None).await.unwrap(), Vec::<Value>::new());
}

#[tokio::test]
async fn of_two_statements_at_once_none_is_lost() {
    let aws = aws(6).await;
    let adds: Vec<_> = (0..8)
        .map(|number| {
            let aws = aws.clone();
            tokio::spawn(async move { aws.lambda("POST", POLICY, Some(&s3(&format!("s{number}")))).await })
        })
        .collect();
    let mut added = 0;
    for add in adds {
        let (status, answer) = add.await.unwrap().unwrap();
        added += usize::from(status == 201);
        let text = "The function could not be updated due to a concurrent update operation.";
        assert!(status == 201 || (status == 409 && answer["message"] == text), "{status}: {answer}");
    }
    assert!(added > 0);
    assert_eq!(aws.statements("hello", None).await.unwrap().len(), added);
}
