//! Event invoke configurations and provisioned concurrency: one per qualifier, and each goes with what it is of.

use serde_json::{Value, json};

use crate::{HELLO, arn, asked, aws, made, refused};

const INVOKE: &str = "/2019-09-25/functions/hello/event-invoke-config";
const PROVISIONED: &str = "/2019-09-30/functions/hello/provisioned-concurrency";

#[tokio::test]
async fn an_event_invoke_configuration_is_put_updated_and_deleted() {
    let aws = aws(30).await;
    let put = aws.put_invoke_config("hello", None, &json!({"MaximumRetryAttempts": 1})).await.unwrap();
    assert_eq!(put["FunctionArn"], arn(30, "$LATEST"));
    assert_eq!(put["DestinationConfig"], json!({"OnFailure": {}, "OnSuccess": {}}));
    assert_eq!((put.get("MaximumEventAgeInSeconds"), put["LastModified"].is_number()), (None, true));
    aws.put_invoke_config("hello", Some("live"), &json!({"MaximumEventAgeInSeconds": 60})).await.unwrap();
    let queue = aws.create_queue("dead").await.unwrap();
    let destination = json!({"DestinationConfig": {"OnFailure": {"Destination": queue}}});
    let (status, updated) = asked(&aws, ("POST", INVOKE), &destination).await;
    assert_eq!((status, &updated["MaximumRetryAttempts"]), (200, &json!(1)), "an update keeps what it leaves out");
    let put = aws.put_invoke_config("hello", None, &destination).await.unwrap();
    assert_eq!(put.get("MaximumRetryAttempts"), None, "a put forgets it");
    let (_, list) = asked(&aws, ("GET", &format!("{INVOKE}/list")), &Value::Null).await;
    assert_eq!(list["FunctionEventInvokeConfigs"].as_array().unwrap().len(), 2);
    assert_eq!(asked(&aws, ("DELETE", INVOKE), &Value::Null).await.0, 204);
    assert_eq!(aws.get_invoke_config("hello", Some("live")).await.unwrap().0, 200);
    aws.delete_alias("hello", "live").await.unwrap();
    aws.create_alias("hello", "live", &json!({"FunctionVersion": "1"})).await.unwrap();
    let text = format!("The function {} doesn't have an EventInvokeConfig", arn(30, "live"));
    refused(&aws, ("GET", &format!("{INVOKE}?Qualifier=live")), Value::Null, 404, &text).await;
    aws.put_invoke_config("hello", None, &json!({"MaximumRetryAttempts": 0})).await.unwrap();
    assert_eq!(asked(&aws, ("DELETE", HELLO), &Value::Null).await.0, 204);
    made(&aws).await;
    let text = format!("The function {} doesn't have an EventInvokeConfig", arn(30, "$LATEST"));
    refused(&aws, ("GET", INVOKE), Value::Null, 404, &text).await;
}

#[tokio::test]
async fn what_aws_refuses_of_event_invoke_configurations() {
    let aws = aws(31).await;
    let put = ("PUT", INVOKE);
    let nothing = "You must specify at least one of error handling or destination setting.";
    refused(&aws, put, json!({}), 400, nothing).await;
    let failure = |arn: &str| json!({"DestinationConfig": {"OnFailure": {"Destination": arn}}});
    let itself = "You can't specify the function as a destination for itself.";
    refused(&aws, put, failure(&arn(31, "")), 400, itself).await;
    let missing = arn(31, "").replace("hello", "doesnotexist");
    refused(&aws, put, failure(&missing), 400, &format!("The destination ARN {missing} is invalid.")).await;
    let nobody = "/2019-09-25/functions/nobody/event-invoke-config";
    refused(&aws, ("PUT", nobody), json!({"MaximumRetryAttempts": 1}), 404, "The function doesn't exist.").await;
    refused(&aws, ("GET", &format!("{nobody}/list")), Value::Null, 404, "The function doesn't exist.").await;
    let text = format!("The function {} doesn't have an EventInvokeConfig", arn(31, "$LATEST"));
    for method in ["GET", "POST", "DELETE"] {
        refused(&aws, (method, INVOKE), json!({"MaximumRetryAttempts": 1}), 404, &text).await;
    }
}

#[tokio::test]
async fn provisioned_concurrency_is_allocated_in_time_and_moves_with_its_alias() {
    let aws = aws(32).await;
    let put = aws.put_provisioned("hello", "live", 2).await.unwrap();
    let (requested, allocated) =
        (&put["RequestedProvisionedConcurrentExecutions"], &put["AllocatedProvisionedConcurrentExecutions"]);
    assert_eq!((&put["Status"], requested, allocated), (&json!("IN_PROGRESS"), &json!(2), &json!(0)));
    let ready = aws.wait_until_provisioned("hello", "live").await.unwrap();
    assert_eq!(ready["AvailableProvisionedConcurrentExecutions"], 2);
    let (_, list) = asked(&aws, ("GET", &format!("{PROVISIONED}?List=ALL")), &Value::Null).await;
    assert_eq!(list["ProvisionedConcurrencyConfigs"][0]["FunctionArn"], arn(32, "live"));

    aws.change_configuration("hello", &json!({"MemorySize": 256})).await.unwrap();
    assert_eq!(aws.publish_version("hello").await.unwrap(), "2");
    let moved = aws.update_alias("hello", "live", &json!({"FunctionVersion": "2"})).await.unwrap();
    assert_eq!(moved["RoutingConfig"], json!({"AdditionalVersionWeights": {"1": 0.5}}), "weights that nobody set");
    let text = "Alias with weights can not be used with Provisioned Concurrency";
    let more = json!({"ProvisionedConcurrentExecutions": 3});
    refused(&aws, ("PUT", &format!("{PROVISIONED}?Qualifier=live")), more, 400, text).await;
    aws.wait_until_provisioned("hello", "live").await.unwrap();
    assert_eq!(aws.get_alias("hello", "live").await.unwrap().1.get("RoutingConfig"), None);

    aws.delete_alias("hello", "live").await.unwrap();
    let text = format!("Cannot find alias arn: {}", arn(32, "live"));
    refused(&aws, ("GET", &format!("{PROVISIONED}?Qualifier=live")), Value::Null, 404, &text).await;
    let (_, list) = asked(&aws, ("GET", &format!("{PROVISIONED}?List=ALL")), &Value::Null).await;
    assert_eq!(list, json!({"ProvisionedConcurrencyConfigs": []}), "as recorded");
}

#[tokio::test]
async fn what_aws_refuses_of_provisioned_concurrency() {
    let aws = aws(33).await;
    let amount = |amount: i64| json!({ "ProvisionedConcurrentExecutions": amount });
    let of = |qualifier: &str| format!("{PROVISIONED}?Qualifier={qualifier}");
    let unpublished = "Provisioned Concurrency Configs cannot be applied to unpublished function versions.";
    refused(&aws, ("PUT", &of("%24LATEST")), amount(1), 400, unpublished).await;
    let neither = "The function resource provided must be an alias or a published version.";
    for method in ["GET", "DELETE"] {
        refused(&aws, (method, &of("%24LATEST")), Value::Null, 400, neither).await;
        let text = format!("Function not found: {}", arn(33, "10"));
        refused(&aws, (method, &of("10")), Value::Null, 404, &text).await;
    }
    let none = "No Provisioned Concurrency Config found for this function";
    refused(&aws, ("GET", &of("1")), Value::Null, 404, none).await;
    assert_eq!(asked(&aws, ("DELETE", &of("1")), &Value::Null).await.0, 204, "deleting what is not there is done");
    aws.put_provisioned("hello", "1", 1).await.unwrap();
    let text = "Alias can't be used for Provisioned Concurrency configuration on an already Provisioned version";
    refused(&aws, ("PUT", &of("live")), amount(1), 409, text).await;
    assert_eq!(asked(&aws, ("DELETE", &of("1")), &Value::Null).await.0, 204);
    aws.put_provisioned("hello", "live", 1).await.unwrap();
    let text = "Version is pointed by a Provisioned Concurrency alias";
    refused(&aws, ("PUT", &of("1")), amount(1), 409, text).await;
    let text = "Specified ConcurrentExecutions for function decreases account's UnreservedConcurrentExecution below its \
                minimum value of [100].";
    refused(&aws, ("PUT", &of("live")), amount(950), 400, text).await;
    let text = "Specified ConcurrentExecutions for function is greater than account's unreserved concurrency [1000].";
    refused(&aws, ("PUT", &of("live")), amount(1001), 400, text).await;
}
