//! What is set is shown, and what is cleared is shown as AWS shows it.

use serde_json::{Value, json};
use testbed::{Aws, package};

use crate::{KEY, PROVIDER, REGION, aws};

const ELASTIC: &str = "arn:aws:elasticfilesystem:eu-west-1:111111111111:access-point/fsap-0123456789abcdef0";
const OBJECTS: &str =
    "arn:aws:s3files:eu-west-1:111111111111:file-system/fs-0123456789abcdef0/access-point/fsap-0123456789abcdef0";

/// One argument: what is sent with the creation and with an update, and what GetFunction shows each time.
struct Row {
    name: &'static str,
    made_with: Value,
    shown: Value,
    updated_with: Value,
    then_shown: Value,
}

/// Null: the member is absent.
fn assert_shown(name: &str, config: &Value, shown: &Value) {
    for (member, wanted) in shown.as_object().unwrap() {
        assert_eq!(config.get(member).unwrap_or(&Value::Null), wanted, "{name}: {member} of {config}");
    }
}

fn plain_rows() -> Vec<Row> {
    vec![
        Row {
            name: "environment",
            made_with: json!({"Environment": {"Variables": {"A": "b", "EMPTY": ""}}}),
            shown: json!({"Environment": {"Variables": {"A": "b", "EMPTY": ""}}}),
            updated_with: json!({"Environment": {}}),
            then_shown: json!({"Environment": {"Variables": {}}}),
        },
        Row {
            name: "key-without-environment",
            made_with: json!({"KMSKeyArn": KEY}),
            shown: json!({"KMSKeyArn": KEY, "Environment": null}),
            updated_with: json!({"KMSKeyArn": ""}),
            then_shown: json!({"KMSKeyArn": null}),
        },
        Row {
            name: "storage-and-tracing",
            made_with: json!({"EphemeralStorage": {"Size": 1024}, "TracingConfig": {"Mode": "Active"}}),
            shown: json!({"EphemeralStorage": {"Size": 1024}, "TracingConfig": {"Mode": "Active"}}),
            updated_with: json!({"EphemeralStorage": {"Size": 512}, "TracingConfig": {"Mode": "PassThrough"}}),
            then_shown: json!({"EphemeralStorage": {"Size": 512}, "TracingConfig": {"Mode": "PassThrough"}}),
        },
        Row {
            name: "levels-of-json",
            made_with: json!({"LoggingConfig": {"LogFormat": "JSON", "LogGroup": "/mine", "SystemLogLevel": "WARN"}}),
            shown: json!({"LoggingConfig": {"LogFormat": "JSON", "LogGroup": "/mine", "SystemLogLevel": "WARN",
                                            "ApplicationLogLevel": "INFO"}}),
            updated_with: json!({"LoggingConfig": {"LogFormat": "Text"}}),
            then_shown: json!({"LoggingConfig": {"LogFormat": "Text", "LogGroup": "/mine"}}),
        },
        Row {
            name: "snap-start",
            made_with: json!({"SnapStart": {"ApplyOn": "PublishedVersions"}}),
            shown: json!({"SnapStart": {"ApplyOn": "PublishedVersions", "OptimizationStatus": "Off"}}),
            updated_with: json!({"SnapStart": {"ApplyOn": "None"}}),
            then_shown: json!({"SnapStart": {"ApplyOn": "None", "OptimizationStatus": "Off"}}),
        },
        Row {
            name: "nothing-said",
            made_with: json!({}),
            shown: json!({
                "Timeout": 3, "MemorySize": 128, "EphemeralStorage": {"Size": 512}, "Architectures": ["x86_64"],
                "TracingConfig": {"Mode": "PassThrough"}, "SnapStart": {"ApplyOn": "None", "OptimizationStatus": "Off"},
                "LoggingConfig": {"LogFormat": "Text", "LogGroup": "/aws/lambda/nothing-said"}, "VpcConfig": null,
                "DeadLetterConfig": null, "Layers": null, "FileSystemConfigs": null, "KMSKeyArn": null,
                "DurableConfig": null, "TenancyConfig": null, "CapacityProviderConfig": null,
            }),
            updated_with: json!({"Description": "now"}),
            then_shown: json!({"Description": "now", "VpcConfig": null}),
        },
    ]
}

fn newer_rows() -> Vec<Row> {
    let provided = |gib: f64, most: u32| {
        json!({"LambdaManagedInstancesCapacityProviderConfig": {
            "CapacityProviderArn": PROVIDER, "ExecutionEnvironmentMemoryGiBPerVCpu": gib,
            "PerExecutionEnvironmentMaxConcurrency": most,
        }})
    };
    vec![
        Row {
            name: "durable",
            made_with: json!({"DurableConfig": {"ExecutionTimeout": 3600, "KMSKeyArn": KEY}}),
            shown: json!({"DurableConfig": {"ExecutionTimeout": 3600, "RetentionPeriodInDays": 14, "KMSKeyArn": KEY},
                          "Timeout": 900, "LoggingConfig": {"LogFormat": "JSON", "LogGroup": "/aws/lambda/durable",
                          "ApplicationLogLevel": "INFO", "SystemLogLevel": "INFO"}}),
            updated_with: json!({"DurableConfig": {"RetentionPeriodInDays": 3, "KMSKeyArn": ""}}),
            then_shown: json!({"DurableConfig": {"ExecutionTimeout": 3600, "RetentionPeriodInDays": 3}}),
        },
        Row {
            name: "tenants",
            made_with: json!({"TenancyConfig": {"TenantIsolationMode": "PER_TENANT"}}),
            shown: json!({"TenancyConfig": {"TenantIsolationMode": "PER_TENANT"}}),
            // no member of this call: AWS reads over it
            updated_with: json!({"TenancyConfig": null, "Timeout": 5}),
            then_shown: json!({"TenancyConfig": {"TenantIsolationMode": "PER_TENANT"}, "Timeout": 5}),
        },
        Row {
            name: "capacity",
            made_with: json!({"MemorySize": 16384, "Timeout": 5400, "CapacityProviderConfig": {
                "LambdaManagedInstancesCapacityProviderConfig": {"CapacityProviderArn": PROVIDER}}}),
            shown: json!({"CapacityProviderConfig": provided(2.0, 16), "State": "ActiveNonInvocable",
                          "MemorySize": 16384, "Timeout": 5400}),
            updated_with: json!({"CapacityProviderConfig": provided(4.0, 8)}),
            then_shown: json!({"CapacityProviderConfig": provided(4.0, 8)}),
        },
        Row {
            name: "image-config",
            made_with: json!({"PackageType": "Image", "Code": {"ImageUri": "public.ecr.aws/lambda/python:3.13"},
                              "ImageConfig": {"Command": ["a.b"], "EntryPoint": ["/run"], "WorkingDirectory": "/w"}}),
            shown: json!({"Runtime": null, "Handler": null, "RuntimeVersionConfig": null, "ImageUri": null,
                          "ImageConfigResponse": {"ImageConfig": {"Command": ["a.b"], "EntryPoint": ["/run"],
                                                                  "WorkingDirectory": "/w"}}}),
            updated_with: json!({"ImageConfig": {}}),
            then_shown: json!({"ImageConfigResponse": null, "PackageType": "Image"}),
        },
    ]
}

/// Rows about things that must exist in the account.
async fn rows_with_neighbours(aws: &Aws) -> Vec<Row> {
    let network = aws.default_subnet_and_security_group().await.unwrap();
    let (subnets, groups) = (json!([network.subnet]), json!([network.security_group]));
    let queue = format!("arn:aws:sqs:{REGION}:{}:letters", aws.account());
    let layers = [aws.publish_layer("one").await.unwrap(), aws.publish_layer("two").await.unwrap()];
    let vpc = json!({"SubnetIds": subnets, "SecurityGroupIds": groups});
    let shown_vpc = |dual_stack: bool| {
        json!({"SubnetIds": subnets, "SecurityGroupIds": groups, "VpcId": network.vpc,
               "Ipv6AllowedForDualStack": dual_stack})
    };
    vec![
        Row {
            name: "vpc",
            made_with: json!({"VpcConfig": vpc}),
            shown: json!({"VpcConfig": shown_vpc(false)}),
            updated_with: json!({"VpcConfig": {"SubnetIds": [], "SecurityGroupIds": []}}),
            then_shown: json!({"VpcConfig": {"SubnetIds": [], "SecurityGroupIds": [], "VpcId": ""}}),
        },
        Row {
            name: "dual-stack",
            made_with: json!({"VpcConfig": vpc}),
            shown: json!({"VpcConfig": shown_vpc(false)}),
            // what is not named stays
            updated_with: json!({"VpcConfig": {"Ipv6AllowedForDualStack": true}}),
            then_shown: json!({"VpcConfig": shown_vpc(true)}),
        },
        Row {
            name: "files",
            made_with: json!({"VpcConfig": vpc, "FileSystemConfigs": [{"Arn": ELASTIC, "LocalMountPath": "/mnt/a"}]}),
            shown: json!({"FileSystemConfigs": [{"Arn": ELASTIC, "LocalMountPath": "/mnt/a"}]}),
            updated_with: json!({"FileSystemConfigs": []}),
            then_shown: json!({"FileSystemConfigs": null}),
        },
        Row {
            name: "files-in-s3",
            made_with: json!({"VpcConfig": vpc, "FileSystemConfigs": [{"Arn": OBJECTS, "LocalMountPath": "/mnt/b"}]}),
            shown: json!({"FileSystemConfigs": [
                {"Arn": OBJECTS, "LocalMountPath": "/mnt/b", "S3FilesConfig": {"DirectS3Read": "AUTO"}}]}),
            updated_with: json!({"FileSystemConfigs": []}),
            then_shown: json!({"FileSystemConfigs": null}),
        },
        Row {
            name: "dead-letters",
            made_with: json!({"DeadLetterConfig": {"TargetArn": queue}}),
            shown: json!({"DeadLetterConfig": {"TargetArn": queue}}),
            updated_with: json!({"DeadLetterConfig": {"TargetArn": ""}}),
            then_shown: json!({"DeadLetterConfig": null}),
        },
        Row {
            name: "layers",
            made_with: json!({"Layers": layers}),
            shown: json!({"Layers": layers.map(|arn| json!({"Arn": arn, "CodeSize": package("x = 1\n").len()}))}),
            updated_with: json!({"Layers": []}),
            then_shown: json!({"Layers": null}),
        },
    ]
}

#[tokio::test]
async fn every_argument_is_kept_and_cleared_as_at_aws() {
    let neighbourhood = aws(1);
    let mut rows = plain_rows();
    rows.extend(newer_rows());
    rows.extend(rows_with_neighbours(&neighbourhood).await);
    let together = async {
        let rows = rows.into_iter().map(|row| tokio::task::spawn_local(try_out(neighbourhood.clone(), row)));
        for row in rows.collect::<Vec<_>>() {
            row.await.unwrap();
        }
    };
    tokio::task::LocalSet::new().run_until(together).await;
}

async fn try_out(aws: Aws, row: Row) {
    let Row { name, made_with, shown, updated_with, then_shown } = row;
    aws.create_function(name, &made_with).await.unwrap();
    let made = aws.wait_until_at_rest(name).await.unwrap();
    assert_shown(name, &made, &shown);
    aws.change_configuration(name, &updated_with).await.unwrap();
    let updated = aws.wait_until_at_rest(name).await.unwrap();
    assert_shown(name, &updated, &then_shown);
}
