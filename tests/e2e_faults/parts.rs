//! Faults of one part of a function: what is refused holds back only what needs it, and what is hidden is left alone.

use serde_json::{Value, json};
use testbed::{Action, Rule};

use crate::scene::{Scene, published};
use support::world::{World, message, spec, spec_with, status, writes};

pub(crate) const PARTS: [&str; 5] =
    ["layer-gone", "layers-too-large", "image-deleted", "tags-refused", "image-config-hidden"];

/// Code that differs from that of `spec`.
fn two() -> Value {
    json!({"inline": {"main.py": "def handler(event, context): return 'two'"}})
}

fn image(tag: &str, change: &Value) -> Value {
    let uri = format!("123456789012.dkr.ecr.eu-west-1.amazonaws.com/app:{tag}");
    let mut spec = json!({"role": "arn:aws:iam::123456789012:role/hello", "imageUri": uri});
    for (name, value) in change.as_object().into_iter().flatten() {
        spec[name] = value.clone();
    }
    spec
}

#[tokio::test]
async fn a_layer_that_is_gone_holds_back_no_other_change() {
    let scene = Scene::new().await;
    let world = &scene.world;
    let layer = world.aws.publish_layer("libs").await.unwrap();
    let with = |memory: i32, pin: &str| {
        spec_with(&json!({"layers": [layer], "memorySize": memory, "environment": {"variables": {"PIN": pin}}}))
    };
    world.settle("hello", &with(128, "1234")).await;
    scene.on("layer-gone", "hello").await;
    world.settle("hello", &with(256, "5678")).await;
    let function = world.function("hello").await.unwrap();
    assert_eq!(function["Configuration"]["MemorySize"], 256);
    assert_eq!(function["Configuration"]["Environment"]["Variables"]["PIN"], "5678");
    assert!(scene.met("layer-gone", "hello").await.is_empty());
    world.delete("hello").await;
    world.gone("hello").await;
}

#[tokio::test]
async fn interfaces_move_although_a_layer_is_gone() {
    let scene = Scene::new().await;
    let world = &scene.world;
    let layer = world.aws.publish_layer("libs").await.unwrap();
    let network = world.aws.default_subnet_and_security_group().await.unwrap();
    let group = world.aws.create_security_group(&network.vpc, "own").await.unwrap();
    let vpc = json!({"subnetIds": [network.subnet], "securityGroupIds": [group]});
    let own = json!({"layers": [layer], "vpcConfig": vpc, "replaceSecurityGroupsOnDestroy": true});
    world.settle("hello", &spec_with(&own)).await;
    scene.on("layer-gone", "hello").await;
    world.delete("hello").await;
    world.gone("hello").await;
    assert!(world.function("hello").await.is_none());
}

#[tokio::test]
async fn code_goes_first_where_its_layers_are_refused() {
    let scene = Scene::new().await;
    let world = &scene.world;
    let layer = world.aws.publish_layer("libs").await.unwrap();
    world.settle("hello", &published(&json!({}))).await;
    scene.on("layers-too-large", "hello").await;
    world.apply("hello", &published(&json!({"layers": [layer], "codeFrom": two()}))).await;
    scene.until_done("hello", "UpdateFunctionCode").await;
    let said = world.stalled("hello", "Rejected").await;
    assert!(said.contains("the function runs the current code with its former configuration"), "{said}");
    assert_eq!(scene.versions("hello").await, ["$LATEST", "1"], "no version of new code and old layers");
    scene.off("layers-too-large", "hello").await;
    world.look_now("hello").await;
    let object = world.ready("hello").await;
    assert_eq!(status(&object).version.as_deref(), Some("2"));
    let versions = world.aws.list_versions("hello").await.unwrap();
    let [latest, first, second] = &versions[..] else { panic!("{versions:#?}") };
    assert_eq!(second["Layers"][0]["Arn"], json!(layer));
    assert_eq!(second["CodeSha256"], latest["CodeSha256"]);
    assert_ne!(second["CodeSha256"], first["CodeSha256"]);
    assert_eq!(scene.versions("hello").await, ["$LATEST", "1", "2"]);
}

#[tokio::test]
async fn a_new_image_is_deployed_where_the_running_one_is_gone() {
    let scene = Scene::new().await;
    let world = &scene.world;
    world.settle("hello", &image("1", &json!({}))).await;
    scene.on("image-deleted", "hello").await;
    world.apply("hello", &image("2", &json!({"memorySize": 256}))).await;
    scene.until_done("hello", "UpdateFunctionCode").await;
    scene.off("image-deleted", "hello").await;
    world.look_now("hello").await;
    world.ready("hello").await;
    let function = world.function("hello").await.unwrap();
    assert_eq!(function["Configuration"]["MemorySize"], 256);
    assert!(function["Code"]["ImageUri"].as_str().unwrap().ends_with("app:2"));
}

#[tokio::test]
async fn a_refused_tag_and_concurrency_hold_back_no_release() {
    let scene = Scene::new().await;
    let world = &scene.world;
    world.settle("hello", &published(&json!({}))).await;
    for fault in ["tags-refused", "concurrency-taken"] {
        scene.on(fault, "hello").await;
    }
    let change = json!({"codeFrom": two(), "tags": {"team": "a", "more": "x"}, "reservedConcurrentExecutions": 5, "memorySize": 256});
    world.apply("hello", &published(&change)).await;
    let told = world.stalled("hello", "QuotaExceeded").await;
    assert!(told.contains("UnreservedConcurrentExecution") && told.contains("invalid characters"), "{told}");
    assert_eq!(world.invoke("hello:2").await, "two");
    let object = world.objects().get("hello").await.unwrap();
    assert_eq!(status(&object).version.as_deref(), Some("2"));
    for fault in ["tags-refused", "concurrency-taken"] {
        scene.off(fault, "hello").await;
    }
    world.look_now("hello").await;
    world.ready("hello").await;
    assert_eq!(world.function("hello").await.unwrap()["Tags"]["more"], "x");
    assert_eq!(scene.versions("hello").await, ["$LATEST", "1", "2"]);
}

#[tokio::test]
async fn settings_of_an_image_that_aws_hides_are_left_alone() {
    let scene = Scene::new().await;
    let world = &scene.world;
    let configured = |command: &str| image("1", &json!({"imageConfig": {"command": [command]}}));
    world.settle("hello", &configured("a")).await;
    scene.on("image-config-hidden", "hello").await;
    let before = world.manners().mark().await.unwrap();
    world.look_now("hello").await;
    let object = world.looked("hello").await;
    let told = message(&object, "Ready");
    assert!(told.contains("does not show imageConfig") && told.contains("kms:Decrypt"), "{told}");
    assert_eq!(writes(&world.calls_since(before).await), [""; 0]);
    // What is new is written, once.
    world.settle("hello", &configured("b")).await;
    assert_eq!(writes(&world.calls_since(before).await), ["UpdateFunctionConfiguration"]);
    scene.off("image-config-hidden", "hello").await;
    let config = &world.function("hello").await.unwrap()["Configuration"]["ImageConfigResponse"]["ImageConfig"];
    assert_eq!(config["Command"], json!(["b"]));
}

#[tokio::test]
async fn a_hotfix_is_deployed_although_the_configuration_failed() {
    let scene = Scene::new().await;
    let world = &scene.world;
    world.settle("hello", &spec()).await;
    let failed = "update-failed-SubnetOutOfIPAddresses";
    scene.on(failed, "hello").await;
    world.apply("hello", &spec_with(&json!({"memorySize": 256}))).await;
    world.stalled("hello", "UpdateFailed").await;
    world.apply("hello", &spec_with(&json!({"memorySize": 256, "codeFrom": two()}))).await;
    scene.until_done("hello", "UpdateFunctionCode").await;
    scene.off(failed, "hello").await;
    world.look_now("hello").await;
    world.ready("hello").await;
    assert_eq!(world.invoke("hello").await, "two");
}

#[tokio::test]
async fn an_inactive_function_is_judged_by_its_reason() {
    let scene = Scene::new().await;
    let world = &scene.world;
    let inactive = |code: &str| {
        let shown = json!({"State": "Inactive", "StateReasonCode": code, "StateReason": "the test bed says so"});
        Rule::new(code, Action::PatchAnswer(json!({ "Configuration": shown })))
            .account(&world.account)
            .operation("GetFunction")
            .agent("*/*")
    };
    world.settle("hello", &spec()).await;
    let rule = world.manners().add(&inactive("Idle")).await.unwrap();
    world.look_now("hello").await;
    world.looked("hello").await;
    world.ready("hello").await;
    world.manners().remove(rule).await.unwrap();
    let rule = world.manners().add(&inactive("ImageAccessDenied")).await.unwrap();
    world.look_now("hello").await;
    let told = world.stalled("hello", "FunctionInactive").await;
    assert!(told.contains("ImageAccessDenied"), "{told}");
    world.manners().remove(rule).await.unwrap();
    world.look_now("hello").await;
    world.ready("hello").await;
}

#[tokio::test]
async fn a_function_that_failed_after_it_worked_gets_its_code_again() {
    let scene = Scene::new().await;
    let world = &scene.world;
    world.settle("hello", &spec()).await;
    let shown = json!({"State": "Failed", "StateReasonCode": "ImageDeleted", "StateReason": "gone", "LastUpdateStatus": "Successful"});
    let failed = Rule::new("failed", Action::PatchAnswer(json!({ "Configuration": shown })))
        .account(&world.account)
        .operation("GetFunction")
        .agent("*/*");
    let rule = world.manners().add(&failed).await.unwrap();
    world.look_now("hello").await;
    world.stalled("hello", "FunctionFailed").await;
    assert_eq!(scene.count("hello", "UpdateFunctionCode").await, 0, "the user is told first");
    world.look_now("hello").await;
    scene.until_sent("hello", "UpdateFunctionCode", 1).await;
    world.manners().remove(rule).await.unwrap();
    world.look_now("hello").await;
    world.ready("hello").await;
    assert_eq!(scene.count("hello", "DeleteFunction").await, 0);
}

#[tokio::test]
async fn writes_without_effect_end_in_a_call_for_help() {
    let scene = Scene::new().await;
    let world = &scene.world;
    world.settle("hello", &spec()).await;
    let stuck = Rule::new("stuck", Action::PatchAnswer(json!({"Configuration": {"MemorySize": 999}})))
        .account(&world.account)
        .operation("GetFunction")
        .agent("*/*");
    let rule = world.manners().add(&stuck).await.unwrap();
    world.look_now("hello").await;
    let told = world.stalled("hello", "NotConverging").await;
    assert!(told.contains("memorySize") && told.contains("999"), "{told}");
    let sent = scene.count("hello", "UpdateFunctionConfiguration").await;
    assert_eq!(sent, 5);
    world.look_now("hello").await;
    world.looked("hello").await;
    assert_eq!(scene.count("hello", "UpdateFunctionConfiguration").await, sent, "it is not sent again");
    world.manners().remove(rule).await.unwrap();
    world.look_now("hello").await;
    world.ready("hello").await;
}

/// A world whose operator looks for drift each second.
async fn watchful() -> World {
    World::with(&["--drift-interval", "1s"]).await
}

#[tokio::test]
async fn reported_drift_outlasts_a_suspend_and_other_edits() {
    let world = watchful().await;
    let reporting = |change: &Value| {
        let mut spec = spec_with(change);
        spec["driftPolicy"] = json!("Report");
        spec
    };
    world.settle("hello", &reporting(&json!({}))).await;
    world.aws.change_configuration("hello", &json!({"MemorySize": 512})).await.unwrap();
    world.condition("hello", "Ready", "True", Some("Drifted")).await;
    let before = world.manners().mark().await.unwrap();
    world.apply("hello", &reporting(&json!({"suspend": true}))).await;
    world.condition("hello", "Ready", "Unknown", Some("Suspended")).await;
    world.apply("hello", &reporting(&json!({"tags": {"team": "a"}}))).await;
    world.condition("hello", "Ready", "True", Some("Drifted")).await;
    assert_eq!(writes(&world.calls_since(before).await), ["TagResource"]);
    assert_eq!(world.function("hello").await.unwrap()["Configuration"]["MemorySize"], 512);
}
