//! What stands beside the functions: versions of layers, code signing configurations, log groups.

use serde_json::{Value, json};

use crate::{HELLO, REGION, account, asked, aws, refused};

const VERSIONS: &str = "/2018-10-31/layers/libs/versions";

#[tokio::test]
async fn each_publish_makes_a_number_that_never_comes_back() {
    let aws = aws(40).await;
    for number in [1, 2] {
        let arn = aws.publish_layer("libs").await.unwrap();
        assert_eq!(arn, format!("arn:aws:lambda:{REGION}:{}:layer:libs:{number}", account(40)));
    }
    let (status, one) = asked(&aws, ("GET", &format!("{VERSIONS}/1")), &Value::Null).await;
    assert_eq!((status, &one["Version"], one.get("LicenseInfo")), (200, &json!(1), None));
    for _ in 0..2 {
        assert_eq!(
            asked(&aws, ("DELETE", &format!("{VERSIONS}/2")), &Value::Null).await.0,
            204,
            "also where there is none"
        );
    }
    assert!(aws.publish_layer("libs").await.unwrap().ends_with(":3"));
    let (_, list) = asked(&aws, ("GET", VERSIONS), &Value::Null).await;
    let numbers: Vec<&Value> =
        list["LayerVersions"].as_array().unwrap().iter().map(|version| &version["Version"]).collect();
    assert_eq!(numbers, [&json!(3), &json!(1)], "the newest first");
    refused(&aws, ("GET", &format!("{VERSIONS}/0")), Value::Null, 400, "Layer Version Cannot be less than 1").await;
    let text = "Error occurred while GetObject. S3 Error Code: NoSuchBucket. S3 Error Message: The specified bucket does \
                not exist";
    let nothing = json!({"Content": {"S3Bucket": format!("none-{}", account(40)), "S3Key": "x.zip"}});
    refused(&aws, ("POST", VERSIONS), nothing, 400, text).await;
}

#[tokio::test]
async fn a_version_of_a_layer_has_a_policy_of_its_own() {
    let aws = aws(41).await;
    let arn = aws.publish_layer("libs").await.unwrap();
    let policy = format!("{VERSIONS}/1/policy");
    let text = "No policy is associated with the given resource.";
    refused(&aws, ("GET", &policy), Value::Null, 404, text).await;
    let all = json!({"StatementId": "s1", "Action": "lambda:GetLayerVersion", "Principal": "*"});
    let (status, added) = asked(&aws, ("POST", &policy), &all).await;
    assert_eq!(status, 201, "{added}");
    let statement: Value = serde_json::from_str(added["Statement"].as_str().unwrap()).unwrap();
    let recorded =
        json!({"Sid": "s1", "Effect": "Allow", "Principal": "*", "Action": "lambda:GetLayerVersion", "Resource": arn});
    assert_eq!((statement, added["RevisionId"].is_string()), (recorded, true));
    let text = "The statement id (s1) provided already exists. Please provide a new statement id, or remove the existing \
                statement.";
    refused(&aws, ("POST", &policy), all.clone(), 409, text).await;
    let text = "Statement none is not found in resource policy.";
    refused(&aws, ("DELETE", &format!("{policy}/none")), Value::Null, 404, text).await;
    let text = "The Revision Id provided does not match the latest Revision Id. Call the GetLayerPolicy API to retrieve the \
                latest Revision Id";
    refused(&aws, ("DELETE", &format!("{policy}/s1?RevisionId=none")), Value::Null, 412, text).await;
    let text = format!("Layer version {} does not exist.", arn.replace("libs:1", "libs:2"));
    for (method, body) in [("GET", Value::Null), ("POST", all)] {
        refused(&aws, (method, &format!("{VERSIONS}/2/policy")), body, 404, &text).await;
    }
    assert_eq!(asked(&aws, ("DELETE", &format!("{policy}/s1")), &Value::Null).await.0, 204);
}

#[tokio::test]
async fn a_code_signing_configuration_is_kept_and_stays_while_it_is_used() {
    let aws = aws(42).await;
    let configs = "/2020-04-22/code-signing-configs";
    let publishers =
        json!({"SigningProfileVersionArns": ["arn:aws:signer:eu-west-1:111111111111:/signing-profiles/test"]});
    let wanted = json!({"AllowedPublishers": publishers, "Description": "ours", "Tags": {"a": "b"}});
    let (status, made) = asked(&aws, ("POST", configs), &wanted).await;
    let config = &made["CodeSigningConfig"];
    let policies = json!({"UntrustedArtifactOnDeployment": "Warn"});
    assert_eq!((status, &config["CodeSigningPolicies"], config.get("Tags")), (201, &policies, None));
    let arn = config["CodeSigningConfigArn"].as_str().unwrap();
    let encoded = arn.replace(':', "%3A");
    let path = format!("{configs}/{encoded}");
    let enforce = json!({"CodeSigningPolicies": {"UntrustedArtifactOnDeployment": "Enforce"}});
    assert_eq!(asked(&aws, ("PUT", &path), &enforce).await.0, 200);
    let (_, shown) = asked(&aws, ("GET", &path), &Value::Null).await;
    let shown = &shown["CodeSigningConfig"];
    assert_eq!(
        (&shown["CodeSigningPolicies"], &shown["Description"]),
        (&enforce["CodeSigningPolicies"], &json!("ours"))
    );
    let (_, tags) = asked(&aws, ("GET", &format!("/2017-03-31/tags/{encoded}")), &Value::Null).await;
    assert_eq!(tags, json!({"Tags": {"a": "b"}}));
    let link = "/2020-06-30/functions/hello/code-signing-config";
    let put = asked(&aws, ("PUT", link), &json!({ "CodeSigningConfigArn": arn })).await;
    assert_eq!(put.0, 200, "{}", put.1);
    let (_, functions) = asked(&aws, ("GET", &format!("{path}/functions")), &Value::Null).await;
    assert_eq!(functions, json!({"FunctionArns": [crate::arn(42, "")]}));
    assert_eq!(asked(&aws, ("DELETE", &path), &Value::Null).await.0, 409);
    assert_eq!(asked(&aws, ("DELETE", HELLO), &Value::Null).await.0, 204);
    assert_eq!(asked(&aws, ("DELETE", &path), &Value::Null).await.0, 204);
    let text = format!("The Lambda code signing configuration {arn} can not be found.");
    refused(&aws, ("GET", &path), Value::Null, 404, &text).await;
    assert_eq!(asked(&aws, ("GET", configs), &Value::Null).await, (200, json!({"CodeSigningConfigs": []})));
}

#[tokio::test]
async fn log_groups_have_a_retention_and_are_found_by_their_names() {
    let aws = aws(43).await;
    let call = async |operation: &str, body: Value| {
        aws.target("logs", &format!("Logs_20140328.{operation}"), &body).await.unwrap()
    };
    let hello = "/aws/lambda/hello";
    let retain =
        async |days: u32| call("PutRetentionPolicy", json!({"logGroupName": hello, "retentionInDays": days})).await;
    assert_eq!(retain(7).await.0, 400, "the function was not invoked yet");
    for name in [hello, "/aws/lambda/hello-too", "other"] {
        assert_eq!(call("CreateLogGroup", json!({ "logGroupName": name })).await.0, 200);
    }
    let (status, exists) = call("CreateLogGroup", json!({ "logGroupName": hello })).await;
    assert!(status == 400 && exists["__type"].as_str().unwrap().contains("ResourceAlreadyExistsException"), "{exists}");
    assert_eq!(retain(7).await.0, 200);
    assert_eq!(retain(8).await.0, 400, "no such number of days");
    let arn = format!("arn:aws:logs:{REGION}:{}:log-group:other", account(43));
    let (_, found) = call("DescribeLogGroups", json!({"logGroupIdentifiers": [hello, arn, "none"]})).await;
    let groups = found["logGroups"].as_array().unwrap();
    let seen: Vec<_> =
        groups.iter().map(|group| (group["logGroupName"].as_str().unwrap(), &group["retentionInDays"])).collect();
    assert_eq!(seen, [(hello, &json!(7)), ("other", &Value::Null)]);
    assert_eq!(call("DeleteRetentionPolicy", json!({ "logGroupName": hello })).await.0, 200);
    let (_, found) = call("DescribeLogGroups", json!({ "logGroupIdentifiers": [hello] })).await;
    assert_eq!(found["logGroups"][0].get("retentionInDays"), None);
}
