//! What AWS refuses, in its words.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::json;
use testbed::{Bed, Filter, package};

use crate::{PROVIDER, account, aws, settled};

#[tokio::test]
async fn invalid_creations_are_refused_as_at_aws() {
    let aws = aws(2);
    let image = json!({"ImageUri": "public.ecr.aws/lambda/python:3.13"});
    for (overrides, code, part) in [
        (json!({"Code": image}), "InvalidParameterValueException", "Please provide a source for function code."),
        (
            json!({"PackageType": "Image", "Code": image, "Handler": "a.b"}),
            "InvalidParameterValueException",
            "Please don't provide Handler or Runtime or Layer when the intended function PackageType is Image.",
        ),
        (
            json!({"Code": {"ZipFile": STANDARD.encode("no zip")}}),
            "InvalidParameterValueException",
            "Could not unzip uploaded file. Please check your file, then try to upload again.",
        ),
        (
            json!({"Code": {"ZipFile": ""}}),
            "InvalidParameterValueException",
            "Could not unzip uploaded file. Please check your file, then try to upload again.",
        ),
        (
            json!({"DurableConfig": {"RetentionPeriodInDays": 7}}),
            "InvalidParameterValueException",
            "You cannot create a function with a durable configuration without an executionTimeout",
        ),
        (
            json!({"DurableConfig": {"ExecutionTimeout": 60}, "LoggingConfig": {"LogFormat": "Text"}}),
            "InvalidParameterValueException",
            "You cannot use plain text logs with a durable function. Only JSON format logs are supported",
        ),
        (json!({"CapacityProviderConfig": {}}), "ValidationException", "Member must not be null"),
        (json!({"MemorySize": 16384}), "ValidationException", "less than or equal to 10240"),
        (json!({"TenancyConfig": {"TenantIsolationMode": "x"}}), "ValidationException", "[PER_TENANT]"),
        (json!({"PublishTo": "x"}), "ValidationException", "[LATEST_PUBLISHED]"),
        (
            json!({"FileSystemConfigs": [{"Arn": "arn:aws:s3:::bucket", "LocalMountPath": "/mnt/a"}]}),
            "ValidationException",
            "at 'fileSystemConfigs.1.member.arn'",
        ),
        (
            json!({"VpcConfig": {"SubnetIds": [], "SecurityGroupIds": ["sg-1"]}}),
            "InvalidParameterValueException",
            "SubnetIds and SecurityIds must coexist or be both empty list.",
        ),
    ] {
        let refused = aws.create_function("refused", &overrides).await.unwrap_err().to_string();
        assert!(refused.contains("400") && refused.contains(part), "{overrides}: {refused}");
        let calls = Bed::from_env().unwrap().manners().calls(&Filter::account(&account(2))).await.unwrap();
        assert_eq!(calls.last().unwrap().error_code.as_deref(), Some(code), "{overrides}");
    }
}

#[tokio::test]
async fn invalid_updates_are_refused_as_at_aws() {
    let aws = aws(3);
    let image = json!({"ImageUri": "public.ecr.aws/lambda/python:3.13"});
    aws.create_function("zip", &json!({})).await.unwrap();
    aws.create_function("image", &json!({"PackageType": "Image", "Code": image})).await.unwrap();
    aws.create_function("durable", &json!({"DurableConfig": {"ExecutionTimeout": 60}})).await.unwrap();
    let provider = json!({"LambdaManagedInstancesCapacityProviderConfig": {"CapacityProviderArn": PROVIDER}});
    aws.create_function("managed", &json!({"CapacityProviderConfig": provider})).await.unwrap();
    let zip = json!({"ZipFile": STANDARD.encode(package("x = 1"))});
    for (path, body, part) in [
        ("zip/code", image, "Please don't provide ImageUri when updating a function with packageType Zip."),
        ("zip/code", json!({"ZipFile": STANDARD.encode("no zip")}), "Could not unzip uploaded file."),
        ("image/code", zip, "Please provide ImageUri when updating a function with packageType Image."),
        ("image/configuration", json!({"Runtime": "python3.13"}), "Please don't provide Handler or Runtime or Layer"),
        (
            "zip/configuration",
            json!({"DurableConfig": {"ExecutionTimeout": 60}}),
            "You cannot add a durable configuration to a function that was originally created with no durable \
             configuration",
        ),
        ("durable/configuration", json!({"LoggingConfig": {"LogFormat": "Text"}}), "You cannot use plain text logs"),
        (
            "zip/configuration",
            json!({"CapacityProviderConfig": provider}),
            "CapacityProviderConfig isn't supported for Lambda Default functions.",
        ),
        ("managed/configuration", json!({"CapacityProviderConfig": {}}), "Member must not be null"),
    ] {
        let (status, refused) = settled(&aws, "PUT", &format!("/2015-03-31/functions/{path}"), &body).await;
        assert_eq!(status, 400, "{path}: {refused}");
        assert!(refused["message"].as_str().unwrap().contains(part), "{path}: {refused}");
    }
}
