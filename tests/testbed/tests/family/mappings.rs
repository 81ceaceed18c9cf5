//! Event source mappings: their states, their sources, what is unique, what outlives the function.

use serde_json::{Value, json};
use testbed::{Bed, Filter};

use crate::{HELLO, account, arn, asked, aws, made, refused};

const MAPPINGS: &str = "/2015-03-31/event-source-mappings";

fn uuid(mapping: &Value) -> String {
    mapping["UUID"].as_str().unwrap().to_owned()
}

#[tokio::test]
async fn a_mapping_is_made_changed_and_deleted_in_time() {
    let aws = aws(10).await;
    let queue = aws.create_queue("orders").await.unwrap();
    let wanted = json!({"FunctionName": "hello:live", "EventSourceArn": queue, "Tags": {"team": "shop"}});
    let made = aws.create_mapping(&wanted).await.unwrap();
    let uuid = uuid(&made);
    assert_eq!((&made["State"], &made["FunctionArn"]), (&json!("Creating"), &json!(arn(10, "live"))));
    assert_eq!((&made["BatchSize"], &made["StateTransitionReason"]), (&json!(10), &json!("USER_INITIATED")));
    assert_eq!((made.get("Tags"), made.get("Qualifier")), (None, None));
    let path = format!("{MAPPINGS}/{uuid}");
    let in_use = "Cannot update the event source mapping because it is in use";
    refused(&aws, ("PUT", &path), json!({"BatchSize": 5}), 400, in_use).await;
    aws.wait_until_mapping_is(&uuid, Some("Enabled")).await.unwrap();
    let updating = aws.update_mapping(&uuid, &json!({"BatchSize": 5})).await.unwrap();
    assert_eq!((&updating["State"], &updating["BatchSize"]), (&json!("Updating"), &json!(5)));
    aws.wait_until_mapping_is(&uuid, Some("Enabled")).await.unwrap();
    assert_eq!(aws.update_mapping(&uuid, &json!({"Enabled": false})).await.unwrap()["State"], "Disabling");
    aws.wait_until_mapping_is(&uuid, Some("Disabled")).await.unwrap();
    let moved = aws.update_mapping(&uuid, &json!({"FunctionName": "hello"})).await.unwrap();
    assert_eq!((&moved["FunctionArn"], &moved["BatchSize"]), (&json!(arn(10, "")), &json!(5)));

    let tags = format!("/2017-03-31/tags/{}", made["EventSourceMappingArn"].as_str().unwrap().replace(':', "%3A"));
    assert_eq!(asked(&aws, ("GET", &tags), &Value::Null).await, (200, json!({"Tags": {"team": "shop"}})));
    assert_eq!(asked(&aws, ("POST", &tags), &json!({"Tags": {"a": "b"}})).await.0, 204);
    assert_eq!(asked(&aws, ("DELETE", &format!("{tags}?tagKeys=team")), &Value::Null).await.0, 204);
    assert_eq!(asked(&aws, ("GET", &tags), &Value::Null).await.1, json!({"Tags": {"a": "b"}}));

    aws.wait_until_mapping_is(&uuid, Some("Disabled")).await.unwrap();
    aws.delete_mapping(&uuid).await.unwrap();
    assert_eq!(aws.get_mapping(&uuid).await.unwrap().1["State"], "Deleting");
    aws.wait_until_mapping_is(&uuid, None).await.unwrap();
    refused(&aws, ("DELETE", &path), Value::Null, 404, "The resource you requested does not exist.").await;
    let calls =
        Bed::from_env().unwrap().manners().calls(&Filter::account(&account(10)).operation("*Mapping")).await.unwrap();
    let created = calls.iter().find(|call| call.operation == "CreateEventSourceMapping").unwrap();
    let updated = calls.iter().find(|call| call.operation == "UpdateEventSourceMapping" && call.status == 202).unwrap();
    for call in [created, updated] {
        assert_eq!((call.function.as_deref(), call.qualifier.as_deref()), (Some("hello"), Some("live")), "{call:?}");
    }
}

#[tokio::test]
async fn what_aws_refuses_of_mappings() {
    let aws = aws(11).await;
    let queue = aws.create_queue("orders").await.unwrap();
    let create = ("POST", MAPPINGS);
    let wanted = |more: Value| {
        let mut request = json!({"FunctionName": "hello", "EventSourceArn": queue});
        request.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        request
    };
    refused(&aws, create, json!({"FunctionName": "hello"}), 400, "Unrecognized event source.").await;
    refused(&aws, create, wanted(json!({"FunctionName": "nobody"})), 400, "Function does not exist").await;
    let missing = wanted(json!({"EventSourceArn": queue.replace("orders", "nothing")}));
    let text = "Error occurred while ReceiveMessage. SQS Error Code: AWS.SimpleQueueService.NonExistentQueue. SQS Error \
                Message: The specified queue does not exist for this wsdl version.";
    refused(&aws, create, missing, 400, text).await;
    let text = "Maximum batch window in seconds must be greater than 0 if maximum batch size is greater than 10";
    refused(&aws, create, wanted(json!({"BatchSize": 100})), 400, text).await;
    let text = "Invalid filter pattern definition.";
    let broken = json!({"FilterCriteria": {"Filters": [{"Pattern": "{"}]}});
    refused(&aws, create, wanted(broken), 400, text).await;
    let text = "Unsupported DestinationConfig parameter for given event source mapping type.";
    let destination = json!({"DestinationConfig": {"OnFailure": {"Destination": queue}}});
    refused(&aws, create, wanted(destination), 400, text).await;
    let stream = format!("arn:aws:kinesis:eu-west-1:{}:stream/none", account(11));
    let text = format!("Stream not found: {stream}");
    let request = wanted(json!({"EventSourceArn": stream, "StartingPosition": "LATEST"}));
    refused(&aws, create, request, 400, &text).await;
    aws.change_configuration("hello", &json!({"Timeout": 60})).await.unwrap();
    let text = "Queue visibility timeout: 30 seconds is less than Function timeout: 60 seconds";
    refused(&aws, create, wanted(json!({})), 400, text).await;
    aws.wait_until_at_rest("hello").await.unwrap();
    aws.change_configuration("hello", &json!({"Timeout": 3})).await.unwrap();
    let first = uuid(&aws.create_mapping(&wanted(json!({}))).await.unwrap());
    let text = format!(
        "An event source mapping with SQS arn (\" {queue} \") and function (\" hello \") already exists. Please update or \
         delete the existing mapping with UUID {first}"
    );
    refused(&aws, create, wanted(json!({})), 409, &text).await;
    let tags =
        format!("/2017-03-31/tags/arn%3Aaws%3Alambda%3Aeu-west-1%3A{}%3Aevent-source-mapping%3Anone", account(11));
    let text =
        format!("Event source mapping not found: arn:aws:lambda:eu-west-1:{}:event-source-mapping:none", account(11));
    refused(&aws, ("GET", &tags), Value::Null, 404, &text).await;
}

#[tokio::test]
async fn mappings_are_listed_by_function_and_source_and_outlive_the_function() {
    let aws = aws(12).await;
    let (one, two) = (aws.create_queue("one").await.unwrap(), aws.create_queue("two").await.unwrap());
    for (function, queue) in [("hello", &one), ("hello", &two), ("hello:live", &one)] {
        aws.create_mapping(&json!({"FunctionName": function, "EventSourceArn": queue})).await.unwrap();
    }
    let listed = async |query: &str| {
        let (status, answer) = asked(&aws, ("GET", &format!("{MAPPINGS}?{query}")), &Value::Null).await;
        assert_eq!(status, 200, "{answer}");
        answer["EventSourceMappings"].as_array().unwrap().len()
    };
    let source = format!("EventSourceArn={}", one.replace(':', "%3A"));
    let counts = [listed("").await, listed("FunctionName=hello").await, listed("FunctionName=hello%3Alive").await];
    assert_eq!((counts, listed(&source).await), ([3, 2, 1], 2));
    let (_, page) = asked(&aws, ("GET", &format!("{MAPPINGS}?MaxItems=2")), &Value::Null).await;
    assert!(page["NextMarker"].is_string(), "{page}");
    assert_eq!(aws.list_mappings().await.unwrap().len(), 3);
    assert_eq!(asked(&aws, ("DELETE", HELLO), &Value::Null).await.0, 204);
    let left = aws.list_mappings().await.unwrap();
    assert_eq!(left.len(), 3);
    aws.wait_until_mapping_is(&uuid(&left[0]), Some("Enabled")).await.unwrap();
    made(&aws).await;
    assert_eq!(listed("FunctionName=hello").await, 2, "they are the new function's");
}

#[tokio::test]
async fn a_message_reaches_the_function_through_its_mapping() {
    let aws = aws(13).await;
    let queue = aws.create_queue("orders").await.unwrap();
    let made = aws.create_mapping(&json!({"FunctionName": "hello", "EventSourceArn": queue})).await.unwrap();
    aws.wait_until_mapping_is(&uuid(&made), Some("Enabled")).await.unwrap();
    let url = aws.target("sqs", "AmazonSQS.GetQueueUrl", &json!({"QueueName": "orders"})).await.unwrap().1["QueueUrl"]
        .clone();
    let sent =
        aws.target("sqs", "AmazonSQS.SendMessage", &json!({"QueueUrl": url, "MessageBody": "hi"})).await.unwrap();
    assert_eq!(sent.0, 200, "{}", sent.1);
    let question = json!({"QueueUrl": url, "AttributeNames": ["All"]});
    // Longer than a message is hidden: where the emulator's worker does not start, the next try finds it again.
    testbed::poll("the message to be taken", std::time::Duration::from_secs(90), async || {
        let (_, answer) = aws.target("sqs", "AmazonSQS.GetQueueAttributes", &question).await?;
        let left = ["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"];
        let none = left.iter().all(|name| answer["Attributes"][*name] == "0");
        Ok(if none { Ok(()) } else { Err(answer.to_string()) })
    })
    .await
    .unwrap();
}
