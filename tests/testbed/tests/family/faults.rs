//! What goes wrong with calls about the family: each fault by its name, on the wire, and how it ends.

use serde_json::{Value, json};
use testbed::{Aws, Bed, Filter, Manners, Match};

use crate::{account, asked, aws};

const POLICY: &str = "/2015-03-31/functions/hello/policy";
const MAPPINGS: &str = "/2015-03-31/event-source-mappings";

fn scope(test: u64) -> Match {
    Match { account: Some(account(test)), ..Match::default() }
}

fn manners() -> Manners {
    Bed::from_env().unwrap().manners()
}

fn s3(sid: &str) -> Value {
    json!({"StatementId": sid, "Action": "lambda:InvokeFunction", "Principal": "s3.amazonaws.com"})
}

/// The status and the code of a call while a fault is on.
async fn refused(aws: &Aws, test: u64, fault: &str, (method, path): (&str, &str), body: Value) -> (u16, String) {
    manners().switch_on(fault, &scope(test)).await.unwrap();
    // beyond the quota no fault is reached, and one fault is like that
    let (status, _) = match fault {
        "policy-throttled" => aws.lambda(method, path, Some(&body)).await.unwrap(),
        _ => asked(aws, (method, path), &body).await,
    };
    manners().switch_off(Some(fault), &scope(test)).await.unwrap();
    let calls = manners().calls(&Filter::account(&account(test))).await.unwrap();
    (status, calls.last().unwrap().error_code.clone().unwrap_or_default())
}

#[tokio::test]
async fn faults_of_the_family_have_names() {
    let aws = aws(50).await;
    let queue = aws.create_queue("orders").await.unwrap();
    let mapping = json!({"FunctionName": "hello", "EventSourceArn": queue, "Tags": {"a": "b"}});
    let uuid = aws.create_mapping(&mapping).await.unwrap()["UUID"].as_str().unwrap().to_owned();
    aws.wait_until_mapping_is(&uuid, Some("Enabled")).await.unwrap();
    let (add, create) = (("POST", POLICY), ("POST", MAPPINGS));
    let one = format!("{MAPPINGS}/{uuid}");
    let url = ("POST", "/2021-10-31/functions/hello/url");
    let invoke = ("PUT", "/2019-09-25/functions/hello/event-invoke-config");
    let layer = ("POST", "/2018-10-31/layers/libs/versions");
    for (fault, call, body, status, code) in [
        ("permission-conflict", add, s3("a"), 409, "ResourceConflictException"),
        ("permission-raced", add, s3("a"), 412, "PreconditionFailedException"),
        ("principal-too-new", add, s3("a"), 400, "InvalidParameterValueException"),
        ("policy-full", add, s3("a"), 400, "PolicyLengthExceededException"),
        ("public-access-blocked", add, s3("a"), 400, "PublicPolicyException"),
        ("policy-throttled", ("GET", POLICY), Value::Null, 429, "TooManyRequestsException"),
        ("mapping-role-too-new", create, mapping.clone(), 400, "InvalidParameterValueException"),
        ("mapping-in-use", ("PUT", &one), json!({"BatchSize": 1}), 400, "ResourceInUseException"),
        ("mapping-visibility-too-short", create, mapping.clone(), 400, "InvalidParameterValueException"),
        ("mapping-tags-denied", create, mapping.clone(), 403, "AccessDeniedException"),
        ("mapping-tags-unknown", create, mapping.clone(), 400, "InvalidParameterValueException"),
        ("url-conflict", url, json!({"AuthType": "NONE"}), 409, "ResourceConflictException"),
        ("invoke-config-conflict", invoke, json!({"MaximumRetryAttempts": 1}), 409, "ResourceConflictException"),
        ("destination-not-allowed", invoke, json!({"MaximumRetryAttempts": 1}), 400, "InvalidParameterValueException"),
        ("layer-storage-full", layer, json!({}), 400, "CodeStorageExceededException"),
        (
            "signing-not-in-region",
            ("GET", "/2020-04-22/code-signing-configs/x"),
            Value::Null,
            403,
            "AccessDeniedException",
        ),
    ] {
        assert_eq!(refused(&aws, 50, fault, call, body).await, (status, code.to_owned()), "{fault}");
    }
    assert_eq!(aws.get_policy("hello", None).await.unwrap().0, 404, "none of them did anything");
    assert_eq!(aws.get_url("hello", None).await.unwrap().0, 404);
    for (fault, member, value) in [
        ("mapping-stuck-creating", "State", "Creating"),
        ("mapping-stuck-updating", "State", "Updating"),
        ("mapping-disabled-by-aws", "State", "Disabled"),
        ("mapping-problem", "LastProcessingResult", "PROBLEM: Function call failed"),
    ] {
        manners().switch_on(fault, &scope(50)).await.unwrap();
        assert_eq!(aws.get_mapping(&uuid).await.unwrap().1[member], value, "{fault}");
        manners().switch_off(Some(fault), &scope(50)).await.unwrap();
    }
    aws.put_provisioned("hello", "live", 1).await.unwrap();
    aws.wait_until_provisioned("hello", "live").await.unwrap();
    for (fault, status) in [("provisioned-stuck", "IN_PROGRESS"), ("provisioned-failed", "FAILED")] {
        manners().switch_on(fault, &scope(50)).await.unwrap();
        assert_eq!(aws.get_provisioned("hello", "live").await.unwrap().1["Status"], status, "{fault}");
        manners().switch_off(Some(fault), &scope(50)).await.unwrap();
    }
}

#[tokio::test]
async fn lost_answers_of_the_family_did_their_work() {
    let aws = aws(51).await;
    let queue = aws.create_queue("orders").await.unwrap();
    for fault in ["permission-add-lost", "mapping-create-lost", "url-create-lost", "layer-publish-lost"] {
        manners().switch_on(fault, &scope(51)).await.unwrap();
    }
    assert!(aws.add_permission("hello", None, &s3("lost")).await.is_err());
    assert_eq!(aws.statements("hello", None).await.unwrap()[0]["Sid"], "lost");
    let mapping = json!({"FunctionName": "hello", "EventSourceArn": queue});
    assert!(aws.create_mapping(&mapping).await.is_err());
    assert_eq!(aws.list_mappings().await.unwrap()[0]["EventSourceArn"], queue);
    let (status, again) = asked(&aws, ("POST", MAPPINGS), &mapping).await;
    assert!(status == 409 && again["message"].as_str().unwrap().contains("with UUID"), "{again}");
    assert!(aws.create_url("hello", None, &json!({"AuthType": "NONE"})).await.is_err());
    assert_eq!(aws.get_url("hello", None).await.unwrap().0, 200);
    assert!(aws.publish_layer("libs").await.is_err());
    assert!(aws.publish_layer("libs").await.unwrap().ends_with(":2"), "the lost one has a number");
    manners().switch_off(None, &scope(51)).await.unwrap();
}

#[tokio::test]
async fn looks_at_the_family_are_behind_its_writes() {
    let aws = aws(52).await;
    let queue = aws.create_queue("orders").await.unwrap();
    for fault in ["policy-stale", "url-stale", "mapping-not-listed", "invoke-config-stale"] {
        manners().switch_on(fault, &scope(52)).await.unwrap();
    }
    aws.add_permission("hello", Some("live"), &s3("s3")).await.unwrap();
    aws.create_url("hello", Some("live"), &json!({"AuthType": "NONE"})).await.unwrap();
    aws.create_mapping(&json!({"FunctionName": "hello", "EventSourceArn": queue})).await.unwrap();
    aws.put_invoke_config("hello", None, &json!({"MaximumRetryAttempts": 1})).await.unwrap();
    assert_eq!(aws.get_policy("hello", Some("live")).await.unwrap().0, 404, "just after the statement");
    assert_eq!(aws.get_url("hello", Some("live")).await.unwrap().0, 404);
    assert_eq!(aws.list_mappings().await.unwrap(), Vec::<Value>::new());
    assert_eq!(aws.get_invoke_config("hello", None).await.unwrap().0, 404);
    let looks = manners().calls(&Filter::account(&account(52)).operation("GetPolicy")).await.unwrap();
    assert_eq!(looks.last().unwrap().rule.as_deref(), Some("policy-stale"), "the journal names it");
    manners().switch_off(None, &scope(52)).await.unwrap();
    assert_eq!(aws.statements("hello", Some("live")).await.unwrap().len(), 1);
    assert_eq!(aws.get_url("hello", Some("live")).await.unwrap().0, 200);
    assert_eq!(aws.list_mappings().await.unwrap().len(), 1);
    assert_eq!(aws.get_invoke_config("hello", None).await.unwrap().0, 200);
}

#[tokio::test]
async fn faults_of_log_groups_are_about_logs_alone() {
    let aws = aws(53).await;
    let retain = async || {
        let body = json!({"logGroupName": "/aws/lambda/hello", "retentionInDays": 7});
        aws.target("logs", "Logs_20140328.PutRetentionPolicy", &body).await.unwrap()
    };
    let create = json!({"logGroupName": "/aws/lambda/hello"});
    assert_eq!(aws.target("logs", "Logs_20140328.CreateLogGroup", &create).await.unwrap().0, 200);
    for fault in ["log-group-busy", "log-group-missing", "retention-denied", "logs-throttled"] {
        manners().switch_on(fault, &Match { function: Some("hello".to_owned()), ..scope(53) }).await.unwrap();
        assert_eq!(retain().await.0, 400, "{fault}");
        assert_eq!(aws.get_function("hello").await.unwrap().0, 200);
        manners().switch_off(Some(fault), &scope(53)).await.unwrap();
    }
    assert_eq!(retain().await.0, 200);
}
