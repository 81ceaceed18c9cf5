//! The twelve perpetual differences of Terraform, each silent here: what AWS answered is written once and never again.

use serde_json::{Value, json};
use testbed::{Action, Rule};

use support::world::{World, spec, spec_with, writes};

/// Settles the spec; then two more passes over what AWS answered must write nothing.
async fn is_silent(world: &World, name: &str, spec: &Value) {
    world.settle(name, spec).await;
    for _ in 0..2 {
        let before = world.manners().mark().await.unwrap();
        world.look_now(name).await;
        world
            .until("another pass", async |world: &World| {
                let calls = world.calls_since(before).await;
                if calls.iter().any(|call| call.function.as_deref() == Some(name)) {
                    Ok(())
                } else {
                    Err("none".into())
                }
            })
            .await;
        world.ready(name).await;
        assert_eq!(writes(&world.calls_since(before).await), [""; 0], "{spec}");
    }
}

const KEY: &str = "arn:aws:kms:eu-west-1:123456789012:key/11111111-2222-3333-4444-555555555555";

#[tokio::test]
async fn trap_1_a_kms_key_without_environment() {
    let world = World::new().await;
    is_silent(&world, "hello", &spec_with(&json!({"kmsKeyArn": KEY}))).await;
}

#[tokio::test]
async fn trap_2_log_levels_that_json_brings_by_itself() {
    let world = World::new().await;
    is_silent(&world, "hello", &spec_with(&json!({"loggingConfig": {"logFormat": "JSON"}}))).await;
    is_silent(&world, "hello", &spec_with(&json!({"loggingConfig": {"logFormat": "Text", "applicationLogLevel": ""}})))
        .await;
}

#[tokio::test]
async fn trap_3_empty_blocks() {
    let world = World::new().await;
    let empty = json!({
        "environment": {"variables": {}}, "imageConfig": {"command": []}, "vpcConfig": {"subnetIds": [], "securityGroupIds": []},
        "layers": [], "fileSystemConfig": [], "loggingConfig": {}, "ephemeralStorage": {},
    });
    is_silent(&world, "hello", &spec_with(&empty)).await;
}

#[tokio::test]
async fn trap_4_snap_start_none() {
    let world = World::new().await;
    is_silent(&world, "hello", &spec_with(&json!({"snapStart": {"applyOn": "None"}}))).await;
}

#[tokio::test]
async fn default_tracing_mode_is_no_diff() {
    let world = World::new().await;
    is_silent(&world, "hello", &spec_with(&json!({"tracingConfig": {"mode": "PassThrough"}}))).await;
}

#[tokio::test]
async fn trap_6_a_source_hash_that_is_not_awss() {
    let world = World::new().await;
    is_silent(&world, "hello", &spec_with(&json!({"sourceCodeHash": "d41d8cd98f00b204e9800998ecf8427e-2"}))).await;
}

#[tokio::test]
async fn trap_7_the_order_of_security_groups_and_subnets() {
    let world = World::new().await;
    let network = world.aws.default_subnet_and_security_group().await.unwrap();
    world
        .settle(
            "hello",
            &spec_with(
                &json!({"vpcConfig": {"subnetIds": [network.subnet], "securityGroupIds": [network.security_group]}}),
            ),
        )
        .await;
    // As AWS may answer: in another order than they were given.
    let (one, two) = (&network.security_group, "sg-00000000");
    let answer = json!({"Configuration": {"VpcConfig": {"SecurityGroupIds": [two, one]}}});
    let rule = Rule::new("order", Action::PatchAnswer(answer)).account(&world.account).operation("GetFunction");
    world.manners().add(&rule).await.unwrap();
    let both = json!({"vpcConfig": {"subnetIds": [network.subnet], "securityGroupIds": [one, two]}});
    is_silent(&world, "hello", &spec_with(&both)).await;
}

#[tokio::test]
async fn capacity_provider_defaults_are_no_diff() {
    let world = World::new().await;
    let provider = "arn:aws:lambda:eu-west-1:123456789012:capacity-provider:cp";
    let config = json!({"lambdaManagedInstancesCapacityProviderConfig": {"capacityProviderArn": provider}});
    world.apply("hello", &spec_with(&json!({"capacityProviderConfig": config}))).await;
    let filled = json!({"Configuration": {"CapacityProviderConfig": {"LambdaManagedInstancesCapacityProviderConfig": {
        "CapacityProviderArn": provider, "ExecutionEnvironmentMemoryGiBPerVCpu": 4.0, "PerExecutionEnvironmentMaxConcurrency": 64}}}});
    let rule = Rule::new("filled", Action::PatchAnswer(filled)).account(&world.account).operation("GetFunction");
    world.manners().add(&rule).await.unwrap();
    is_silent(&world, "hello", &spec_with(&json!({"capacityProviderConfig": config}))).await;
    let memory = &world.function("hello").await.unwrap()["Configuration"]["MemorySize"];
    assert_eq!(*memory, 2048, "managed instances have no less");
}

#[tokio::test]
async fn trap_9_direct_reads_that_aws_turns_on_for_s3_files() {
    let world = World::new().await;
    let network = world.aws.default_subnet_and_security_group().await.unwrap();
    let files = json!({
        "vpcConfig": {"subnetIds": [network.subnet], "securityGroupIds": [network.security_group]},
        "fileSystemConfig": [{"arn": "arn:aws:s3files:eu-west-1:123456789012:file-system/fs-0123456789abcdef0/access-point/fsap-0123456789abcdef0", "localMountPath": "/mnt/data"}],
    });
    is_silent(&world, "hello", &spec_with(&files)).await;
}

#[tokio::test]
async fn removed_arguments_return_to_the_default_once() {
    let world = World::new().await;
    let set =
        json!({"ephemeralStorage": {"size": 1024}, "loggingConfig": {"logGroup": "/mine"}, "architectures": ["arm64"]});
    is_silent(&world, "hello", &spec_with(&set)).await;
    is_silent(&world, "hello", &spec()).await;
    let function = world.function("hello").await.unwrap();
    assert_eq!(function["Configuration"]["EphemeralStorage"]["Size"], 512);
    assert_eq!(function["Configuration"]["LoggingConfig"]["LogGroup"], "/aws/lambda/hello");
    assert_eq!(function["Configuration"]["Architectures"], json!(["arm64"]), "the one that stays as it is");
}

#[tokio::test]
async fn trap_11_tags_that_may_not_be_read_are_not_no_tags() {
    let world = World::new().await;
    world.settle("hello", &spec_with(&json!({"tags": {"team": "a"}}))).await;
    world.withhold_tags().await;
    let before = world.manners().mark().await.unwrap();
    world.look_now("hello").await;
    world.stalled("hello", "OwnershipUnknown").await;
    assert_eq!(writes(&world.calls_since(before).await), [""; 0]);
}

#[tokio::test]
async fn trap_12_default_tags() {
    let world = World::with(&["--default-tags", "team=platform,cost=7"]).await;
    is_silent(&world, "hello", &spec_with(&json!({"tags": {"team": "mine"}}))).await;
    let function = world.function("hello").await.unwrap();
    assert_eq!((&function["Tags"]["team"], &function["Tags"]["cost"]), (&json!("mine"), &json!("7")));
}

#[tokio::test]
async fn an_undecryptable_environment_is_written_once_per_edit() {
    let world = World::new().await;
    let with = |value: &str| spec_with(&json!({"environment": {"variables": {"STAGE": value}}}));
    world.settle("hello", &with("one")).await;
    let error = json!({"ErrorCode": "AccessDeniedException", "Message": "Lambda was unable to decrypt"});
    let hidden = json!({"Configuration": {"Environment": {"Variables": null, "Error": error}}});
    let rule = Rule::new("hidden", Action::PatchAnswer(hidden)).account(&world.account).operation("GetFunction");
    let rule = world.manners().add(&rule).await.unwrap();
    is_silent(&world, "hello", &with("one")).await;
    let object = world.objects().get("hello").await.unwrap();
    let message = support::world::message(&object, "Ready");
    assert!(message.contains("unable to decrypt") && message.contains("kms:Decrypt"), "{message}");
    let before = world.manners().mark().await.unwrap();
    is_silent(&world, "hello", &with("two")).await;
    assert_eq!(writes(&world.calls_since(before).await), ["UpdateFunctionConfiguration"]);
    world.manners().remove(rule).await.unwrap();
    world.function_until("hello", |f| f["Configuration"]["Environment"]["Variables"]["STAGE"] == "two").await;
}
