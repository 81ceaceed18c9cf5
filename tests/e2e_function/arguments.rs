//! Every argument beyond the first slice: set, changed, put back when somebody else changes it, and cleared when it is removed.

use serde_json::{Value, json};
use testbed::{Action, Rule};

use support::world::{World, spec, spec_with, writes};

/// One argument's life. `at` is where AWS shows it; `default` what it shows once the argument is removed.
struct Life {
    name: &'static str,
    set: Value,
    changed: Value,
    at: &'static str,
    shows: [Value; 3],
    /// What somebody else does to it, by UpdateFunctionConfiguration.
    meddling: Value,
}

fn lives(account: &str) -> Vec<Life> {
    let queue = |name: &str| format!("arn:aws:sqs:eu-west-1:{account}:{name}");
    let key = |n: u8| format!("arn:aws:kms:eu-west-1:123456789012:key/11111111-2222-3333-4444-55555555555{n}");
    vec![
        Life {
            name: "dead-letter",
            set: json!({"deadLetterConfig": {"targetArn": queue("one")}}),
            changed: json!({"deadLetterConfig": {"targetArn": queue("two")}}),
            at: "/DeadLetterConfig/TargetArn",
            shows: [json!(queue("one")), json!(queue("two")), json!("")],
            meddling: json!({"DeadLetterConfig": {"TargetArn": queue("three")}}),
        },
        Life {
            name: "ephemeral",
            set: json!({"ephemeralStorage": {"size": 1024}}),
            changed: json!({"ephemeralStorage": {"size": 2048}}),
            at: "/EphemeralStorage/Size",
            shows: [json!(1024), json!(2048), json!(512)],
            meddling: json!({"EphemeralStorage": {"Size": 4096}}),
        },
        Life {
            name: "kms",
            set: json!({"kmsKeyArn": key(1), "environment": {"variables": {"AB": "x"}}}),
            changed: json!({"kmsKeyArn": key(2), "environment": {"variables": {"AB": "x"}}}),
            at: "/KMSKeyArn",
            shows: [json!(key(1)), json!(key(2)), json!("")],
            meddling: json!({"KMSKeyArn": key(3)}),
        },
        Life {
            name: "log-level",
            set: json!({"loggingConfig": {"logFormat": "JSON", "applicationLogLevel": "DEBUG"}}),
            changed: json!({"loggingConfig": {"logFormat": "JSON", "applicationLogLevel": "ERROR"}}),
            at: "/LoggingConfig/ApplicationLogLevel",
            shows: [json!("DEBUG"), json!("ERROR"), Value::Null],
            meddling: json!({"LoggingConfig": {"LogFormat": "JSON", "ApplicationLogLevel": "TRACE"}}),
        },
        Life {
            name: "log-group",
            set: json!({"loggingConfig": {"logGroup": "/one"}}),
            changed: json!({"loggingConfig": {"logGroup": "/two"}}),
            at: "/LoggingConfig/LogGroup",
            shows: [json!("/one"), json!("/two"), json!("/aws/lambda/log-group")],
            meddling: json!({"LoggingConfig": {"LogGroup": "/three"}}),
        },
        Life {
            name: "tracing",
            set: json!({"tracingConfig": {"mode": "Active"}}),
            changed: json!({"tracingConfig": {"mode": "PassThrough"}}),
            at: "/TracingConfig/Mode",
            shows: [json!("Active"), json!("PassThrough"), json!("PassThrough")],
            meddling: json!({"TracingConfig": {"Mode": "Active"}}),
        },
        Life {
            name: "snap-start",
            set: json!({"snapStart": {"applyOn": "PublishedVersions"}}),
            changed: json!({"snapStart": {"applyOn": "PublishedVersions"}, "memorySize": 256}),
            at: "/SnapStart/ApplyOn",
            shows: [json!("PublishedVersions"), json!("PublishedVersions"), json!("None")],
            meddling: json!({"SnapStart": {"ApplyOn": "None"}}),
        },
    ]
}

fn seen(function: &Value, at: &str) -> Value {
    // AWS says "none" by an empty text, by null and by leaving it out.
    function["Configuration"].pointer(at).cloned().filter(|value| *value != json!("")).unwrap_or(Value::Null)
}

async fn live(world: &World, life: &Life) {
    let Life { name, set, changed, at, shows, meddling } = life;
    let normal = |value: &Value| if *value == json!("") { Value::Null } else { value.clone() };
    let [first, second, default] = shows.each_ref().map(normal);
    world.settle(name, &spec_with(set)).await;
    assert_eq!(seen(&world.function(name).await.unwrap(), at), first, "{name} set");
    world.settle(name, &spec_with(changed)).await;
    assert_eq!(seen(&world.function(name).await.unwrap(), at), second, "{name} changed");
    world.aws.change_configuration(name, meddling).await.unwrap();
    world.look_now(name).await;
    world.function_until(name, |function| seen(function, at) == second).await;
    world.settle(name, &spec()).await;
    assert_eq!(seen(&world.function(name).await.unwrap(), at), default, "{name} removed");
}

#[tokio::test]
async fn every_argument_is_set_changed_repaired_and_removed() {
    let world = World::new().await;
    for queue in ["one", "two", "three"] {
        let form = format!("Action=CreateQueue&Version=2012-11-05&QueueName={queue}");
        let (status, answer) = world.aws.query("sqs", &form).await.unwrap();
        assert_eq!(status, 200, "{answer}");
    }
    let lives = lives(&world.account);
    futures::future::join_all(lives.iter().map(|life| live(&world, life))).await;
}

#[tokio::test]
async fn file_systems_and_ipv6_come_and_go_with_their_vpc() {
    let world = World::new().await;
    let network = world.aws.default_subnet_and_security_group().await.unwrap();
    let point =
        |n: u8| format!("arn:aws:elasticfilesystem:eu-west-1:123456789012:access-point/fsap-0123456789abcdef{n}");
    let vpc = json!({"subnetIds": [network.subnet], "securityGroupIds": [network.security_group], "ipv6AllowedForDualStack": true});
    let with = |files: Value| spec_with(&json!({"vpcConfig": vpc, "fileSystemConfig": files}));
    world.settle("hello", &with(json!([{"arn": point(1), "localMountPath": "/mnt/a"}]))).await;
    let function = world.function("hello").await.unwrap();
    assert_eq!(function["Configuration"]["VpcConfig"]["Ipv6AllowedForDualStack"], true);
    assert_eq!(function["Configuration"]["FileSystemConfigs"][0]["Arn"], json!(point(1)));
    world.settle("hello", &with(json!([{"arn": point(2), "localMountPath": "/mnt/b"}]))).await;
    let function = world.function("hello").await.unwrap();
    assert_eq!(function["Configuration"]["FileSystemConfigs"][0]["LocalMountPath"], "/mnt/b");
    world.settle("hello", &spec()).await;
    let function = world.function("hello").await.unwrap();
    let none = |value: &Value| value.as_array().is_none_or(Vec::is_empty);
    assert!(
        none(&function["Configuration"]["FileSystemConfigs"])
            && none(&function["Configuration"]["VpcConfig"]["SubnetIds"])
    );
}

#[tokio::test]
async fn creation_only_arguments_are_sent_at_creation() {
    let world = World::new().await;
    let tenancy = json!({"tenancyConfig": {"tenantIsolationMode": "PER_TENANT"}});
    world.settle("tenants", &spec_with(&tenancy)).await;
    let function = world.function("tenants").await.unwrap();
    assert_eq!(function["Configuration"]["TenancyConfig"]["TenantIsolationMode"], "PER_TENANT");
    let durable =
        |timeout: i32| spec_with(&json!({"durableConfig": {"executionTimeout": timeout, "retentionPeriod": 7}}));
    world.settle("durable", &durable(300)).await;
    world.settle("durable", &durable(600)).await;
    let function = world.function("durable").await.unwrap();
    assert_eq!(function["Configuration"]["DurableConfig"]["ExecutionTimeout"], 600);
    let error = world.try_apply("durable", &spec()).await.unwrap_err().to_string();
    assert!(error.contains("durableConfig cannot be added or removed"), "{error}");
}

#[tokio::test]
async fn a_package_key_is_part_of_the_code() {
    let world = World::new().await;
    let key = "arn:aws:kms:eu-west-1:123456789012:key/11111111-2222-3333-4444-555555555555";
    world.settle("hello", &spec_with(&json!({"sourceKmsKeyArn": key}))).await;
    assert_eq!(world.function("hello").await.unwrap()["Code"]["SourceKMSKeyArn"], key);
    let before = world.manners().mark().await.unwrap();
    world.settle("hello", &spec()).await;
    assert_eq!(writes(&world.calls_since(before).await), ["UpdateFunctionCode"]);
    assert_eq!(world.function("hello").await.unwrap()["Code"].get("SourceKMSKeyArn"), None);
}

#[tokio::test]
async fn code_signing_is_attached_swapped_and_removed() {
    let world = World::new().await;
    let config =
        |n: u8| format!("arn:aws:lambda:eu-west-1:{}:code-signing-config:csc-0123456789abcdef{n}", world.account);
    let signed = |n: u8| spec_with(&json!({"codeSigningConfigArn": config(n)}));
    let attached = async || {
        let (_, answer) =
            world.aws.lambda("GET", "/2020-06-30/functions/hello/code-signing-config", None).await.unwrap();
        answer["CodeSigningConfigArn"].as_str().unwrap_or_default().to_owned()
    };
    world.settle("hello", &signed(1)).await;
    assert_eq!(attached().await, config(1));
    let object = world.settle("hello", &signed(2)).await;
    assert_eq!(attached().await, config(2));
    assert_eq!(support::world::status(&object).code_signing_config_arn.as_deref(), Some(&*config(2)));
    world.settle("hello", &spec()).await;
    assert_eq!(attached().await, "");
    let before = world.manners().mark().await.unwrap();
    world.look_now("hello").await;
    let check = world
        .until("the check", async |world: &World| match world.calls_since(before).await {
            calls if calls.is_empty() => Err("none".into()),
            calls => Ok(calls),
        })
        .await;
    let asked = support::world::operations(&check);
    assert_eq!(asked, ["GetFunction"], "signing is asked about only where it is used");
}

#[tokio::test]
async fn an_image_is_created_swapped_and_configured() {
    let world = World::new().await;
    let image = |tag: &str, command: &str| {
        json!({
            "role": "arn:aws:iam::123456789012:role/hello", "imageUri": format!("123456789012.dkr.ecr.eu-west-1.amazonaws.com/app:{tag}"),
            "layers": [], "imageConfig": {"command": [command], "entryPoint": ["/bin/x"], "workingDirectory": "/srv"},
        })
    };
    world.settle("hello", &image("1", "a")).await;
    let function = world.function("hello").await.unwrap();
    assert_eq!(function["Configuration"]["PackageType"], "Image");
    assert_eq!(function["Configuration"]["ImageConfigResponse"]["ImageConfig"]["Command"], json!(["a"]));
    let before = world.manners().mark().await.unwrap();
    world.settle("hello", &image("2", "b")).await;
    assert_eq!(writes(&world.calls_since(before).await), ["UpdateFunctionConfiguration", "UpdateFunctionCode"]);
    let mut plain = image("2", "b");
    plain.as_object_mut().unwrap().remove("imageConfig");
    world.settle("hello", &plain).await;
    let function = world.function("hello").await.unwrap();
    let config = &function["Configuration"]["ImageConfigResponse"]["ImageConfig"];
    assert!(config["Command"].is_null() && config["EntryPoint"].is_null(), "{config}");
    assert!(function["Code"]["ImageUri"].as_str().unwrap().ends_with("app:2"));
}

#[tokio::test]
async fn a_lost_image_creation_is_still_recorded_as_ours() {
    let world = World::new().await;
    let lost = Rule::new("lost", Action::LoseAnswer).account(&world.account).operation("CreateFunction").times(1);
    world.manners().add(&lost).await.unwrap();
    let image = |hash: &str| {
        json!({
            "role": "arn:aws:iam::123456789012:role/hello", "sourceCodeHash": hash,
            "imageUri": "123456789012.dkr.ecr.eu-west-1.amazonaws.com/app:1",
        })
    };
    world.settle("hello", &image("one")).await;
    let before = world.manners().mark().await.unwrap();
    world.settle("hello", &image("two")).await;
    assert_eq!(writes(&world.calls_since(before).await), ["UpdateFunctionCode"]);
}

#[tokio::test]
async fn a_role_is_regranted_once_per_annotation_value() {
    let world = World::new().await;
    let object = world.settle("hello", &spec()).await;
    let other = "arn:aws:iam::123456789012:role/other";
    let annotate = async |role: &str| {
        let patch = json!({"metadata": {"annotations": {"lambda-operator.io/regrant-role": role}}});
        let params = kube::api::PatchParams::default();
        world.objects().patch("hello", &params, &kube::api::Patch::Merge(patch)).await.unwrap();
    };
    let before = world.manners().mark().await.unwrap();
    annotate(other).await;
    world
        .until("the role to be granted anew", async |world: &World| {
            let object = world.objects().get("hello").await.unwrap();
            let done = support::world::status(&object).record.last_regranted_role.as_deref() == Some(other);
            let ready = object
                .status
                .iter()
                .flat_map(|s| &s.common.conditions)
                .any(|c| c.type_ == "Ready" && c.status == "True");
            if done && ready { Ok(()) } else { Err(format!("{:?}", object.status)) }
        })
        .await;
    let twice = ["UpdateFunctionConfiguration", "UpdateFunctionConfiguration"];
    assert_eq!(writes(&world.calls_since(before).await), twice);
    assert_eq!(world.function("hello").await.unwrap()["Configuration"]["Role"], json!(object.spec.role));
    world.looked("hello").await;
    world.ready("hello").await;
    assert_eq!(writes(&world.calls_since(before).await), twice, "once for each value");
}

#[tokio::test]
async fn a_package_in_s3_is_referred_to_until_the_spec_asks_for_a_copy() {
    let world = World::new().await;
    let bucket = format!("referred-{}", world.account);
    let put = async |text: &str| world.aws.put_object(&bucket, "p.zip", &support::world::zip("main.py", text)).await;
    put("def handler(event, context): return 'one'").await.unwrap();
    let spec = |mode: Value, hash: &str| {
        spec_with(&json!({"codeFrom": null, "s3Bucket": bucket, "s3Key": "p.zip", "s3ObjectStorageMode": mode,
            "sourceCodeHash": hash}))
    };
    let refers = async || world.function("hello").await.unwrap()["Code"]["ResolvedS3Object"]["S3Key"] == "p.zip";
    let before = world.manners().mark().await.unwrap();
    world.settle("hello", &spec(json!("REFERENCE"), "1")).await;
    assert!(refers().await);
    // AWS copies with each update of the code that does not say otherwise.
    put("def handler(event, context): return 'two'").await.unwrap();
    world.settle("hello", &spec(Value::Null, "2")).await;
    assert_eq!(world.invoke("hello").await, "two");
    assert!(refers().await, "unset is as it is");
    world.settle("hello", &spec(json!("COPY"), "2")).await;
    assert!(!refers().await);
    world.settle("hello", &spec(json!("REFERENCE"), "2")).await;
    assert!(refers().await);
    let update = "UpdateFunctionCode";
    assert_eq!(writes(&world.calls_since(before).await), ["CreateFunction", update, update, update]);
}
