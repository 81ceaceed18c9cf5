//! Versions: when one is published, and when none is.

use serde_json::{Value, json};

use crate::network::Network;
use crate::plan::{apply, configuration, empty_plan, is_none};
use support::world::{World, status};

/// With `publish`, and these changes.
fn published(change: &Value) -> Value {
    let mut spec = change.clone();
    spec["publish"] = json!(true);
    spec
}

async fn versions(world: &World) -> Vec<String> {
    let all = world.aws.list_versions("hello").await.unwrap();
    all.iter().map(|version| version["Version"].as_str().unwrap().to_owned()).collect()
}

/// Row 12 (versioned). A function that is created with `publish` has version 1, which its qualified ARNs name.
#[tokio::test]
async fn a_function_is_published_with_its_creation() {
    let world = World::new().await;
    let object = apply(&world, "hello", &published(&json!({})), &["CreateFunction"]).await;
    let status = status(&object);
    assert_eq!(status.version.as_deref(), Some("1"));
    assert!(status.qualified_arn.as_ref().unwrap().ends_with(":function:hello:1"));
    assert!(status.qualified_invoke_arn.as_ref().unwrap().ends_with(":function:hello:1/invocations"));
    assert_eq!(support::world::message(&object, "VersionPublished"), "1");
    empty_plan(&world, "hello", &published(&json!({}))).await;
}

/// Row 13 (versionedUpdate). A change of the code publishes version 2, one of the runtime version 3.
#[tokio::test]
async fn a_change_of_code_or_configuration_publishes_the_next_version() {
    let world = World::new().await;
    apply(&world, "hello", &published(&json!({})), &["CreateFunction"]).await;
    let code = json!({"codeFrom": {"inline": {"main.py": "def handler(event, context): return 'two'"}}});
    let object = apply(&world, "hello", &published(&code), &["UpdateFunctionCode", "PublishVersion"]).await;
    assert_eq!(status(&object).version.as_deref(), Some("2"));
    let mut runtime = code.clone();
    runtime["runtime"] = json!("python3.12");
    let object = apply(&world, "hello", &published(&runtime), &["UpdateFunctionConfiguration", "PublishVersion"]).await;
    assert_eq!(status(&object).version.as_deref(), Some("3"));
    assert_eq!(world.invoke("hello:2").await, "two");
    empty_plan(&world, "hello", &published(&runtime)).await;
    assert_eq!(versions(&world).await, ["$LATEST", "1", "2", "3"]);
}

/// Row 14 (enablePublish). Switching `publish` on publishes what is there; again publishes nothing.
#[tokio::test]
async fn switching_publish_on_publishes_once() {
    let world = World::new().await;
    apply(&world, "hello", &json!({}), &["CreateFunction"]).await;
    let object = apply(&world, "hello", &published(&json!({})), &["PublishVersion"]).await;
    assert_eq!(status(&object).version.as_deref(), Some("1"));
    empty_plan(&world, "hello", &published(&json!({}))).await;
    assert_eq!(versions(&world).await, ["$LATEST", "1"]);
}

/// Row 15 (disablePublish). Switching `publish` off changes nothing in AWS, and version 1 is still the one reported.
#[tokio::test]
async fn switching_publish_off_keeps_the_version() {
    let world = World::new().await;
    apply(&world, "hello", &published(&json!({})), &["CreateFunction"]).await;
    let object = apply(&world, "hello", &json!({}), &[]).await;
    assert_eq!(status(&object).version.as_deref(), Some("1"));
    assert!(status(&object).qualified_arn.as_ref().unwrap().ends_with(":hello:1"));
}

/// Row 27 (loggingConfigWithPublish). Each change of the logging publishes one version, and the same again none. Levels
/// that are left out Terraform keeps, with an empty plan; we put AWS's INFO back, which is a change and a version.
#[tokio::test]
async fn each_change_of_the_logging_publishes_one_version() {
    let world = World::new().await;
    let change = ["UpdateFunctionConfiguration", "PublishVersion"];
    let text = json!({"logFormat": "Text"});
    let plain = json!({"logFormat": "JSON"});
    let level = |level: &str| json!({"logFormat": "JSON", "applicationLogLevel": level, "systemLogLevel": level});
    for (version, logging, writes) in [
        ("1", &text, &["CreateFunction"] as &[&str]),
        ("2", &plain, &change),
        ("3", &level("DEBUG"), &change),
        ("4", &level("WARN"), &change),
        ("5", &plain, &change),
        ("6", &text, &change),
    ] {
        let spec = published(&json!({"loggingConfig": logging}));
        let object = apply(&world, "hello", &spec, writes).await;
        assert_eq!(status(&object).version.as_deref(), Some(version), "{logging}");
        empty_plan(&world, "hello", &spec).await;
    }
    assert_eq!(versions(&world).await, ["$LATEST", "1", "2", "3", "4", "5", "6"]);
}

/// Row 36 (VPCPublishNo_changes). With VPC and `publish`, the same again is still version 1.
#[tokio::test]
async fn a_vpc_function_is_not_published_again_without_a_change() {
    let world = World::new().await;
    let network = Network::of(&world).await;
    let spec = published(&network.small());
    apply(&world, "hello", &spec, &["CreateFunction"]).await;
    let object = empty_plan(&world, "hello", &spec).await;
    assert_eq!(status(&object).version.as_deref(), Some("1"));
    assert_eq!(versions(&world).await, ["$LATEST", "1"]);
}

/// Row 37 (VPCPublishHas_changes). A change of the VPC is published as version 2.
#[tokio::test]
async fn a_change_of_the_vpc_is_published() {
    let world = World::new().await;
    let network = Network::of(&world).await;
    apply(&world, "hello", &published(&network.small()), &["CreateFunction"]).await;
    let mut other = published(&network.small());
    other["vpcConfig"]["securityGroupIds"] = json!(network.groups);
    let object = apply(&world, "hello", &other, &["UpdateFunctionConfiguration", "PublishVersion"]).await;
    assert_eq!(status(&object).version.as_deref(), Some("2"));
    empty_plan(&world, "hello", &other).await;
}

/// Row 48 (snapStart). SnapStart is on for published versions, whose snapshot we wait for and Terraform does not;
/// removed, it is off.
#[tokio::test]
async fn snap_start_is_switched_on_and_off() {
    let world = World::new().await;
    let on = published(&json!({"snapStart": {"applyOn": "PublishedVersions"}}));
    let object = apply(&world, "hello", &on, &["CreateFunction"]).await;
    assert_eq!(status(&object).version.as_deref(), Some("1"));
    assert_eq!(configuration(&world, "hello").await["SnapStart"]["ApplyOn"], "PublishedVersions");
    let (_, version) = world.aws.get_function("hello:1").await.unwrap();
    assert_eq!(version["Configuration"]["State"], "Active", "waited for: {version:#}");
    empty_plan(&world, "hello", &on).await;
    let off = published(&json!({}));
    apply(&world, "hello", &off, &["UpdateFunctionConfiguration", "PublishVersion"]).await;
    assert_eq!(configuration(&world, "hello").await["SnapStart"]["ApplyOn"], "None");
    empty_plan(&world, "hello", &off).await;
    empty_plan(&world, "hello", &published(&json!({"snapStart": {"applyOn": "None"}}))).await;
}

/// Row 59 (capacityProvider). A function on managed instances is created and published to `$LATEST.PUBLISHED`, which is
/// what runs there.
#[tokio::test]
async fn a_function_on_managed_instances_is_published_to_latest() {
    let world = World::new().await;
    let arn = format!("arn:aws:lambda:eu-west-1:{}:capacity-provider:mine", world.account);
    let with = |more: &Value| {
        let mut spec = published(more);
        spec["publishTo"] = json!("LATEST_PUBLISHED");
        spec["capacityProviderConfig"] =
            json!({"lambdaManagedInstancesCapacityProviderConfig": {"capacityProviderArn": arn}});
        spec
    };
    let object = apply(&world, "hello", &with(&json!({})), &["CreateFunction"]).await;
    assert_eq!(status(&object).state.as_deref(), Some("ActiveNonInvocable"));
    assert_eq!(status(&object).version.as_deref(), Some("$LATEST.PUBLISHED"));
    let held = configuration(&world, "hello").await["CapacityProviderConfig"].take();
    assert_eq!(held["LambdaManagedInstancesCapacityProviderConfig"]["CapacityProviderArn"], arn);
    // What the spec leaves to AWS, AWS fills in.
    assert!(!is_none(&held["LambdaManagedInstancesCapacityProviderConfig"]["PerExecutionEnvironmentMaxConcurrency"]));
    empty_plan(&world, "hello", &with(&json!({}))).await;
    let larger = with(&json!({"memorySize": 4096}));
    apply(&world, "hello", &larger, &["UpdateFunctionConfiguration", "PublishVersion"]).await;
    let path = "/2015-03-31/functions/hello?Qualifier=$LATEST.PUBLISHED";
    let (_, version) = world.aws.lambda("GET", path, None).await.unwrap();
    assert_eq!(version["Configuration"]["MemorySize"], 4096, "{version:#}");
    empty_plan(&world, "hello", &larger).await;
}
