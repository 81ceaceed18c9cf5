//! What a crash leaves set is found again: a side group (code signing, runtime management, recursion) that the next edit does not want.

use serde_json::{Value, json};
use testbed::Operator;

use crate::hold::Hold;
use support::world::{World, installed, options, spec, spec_with};

#[tokio::test]
async fn code_signing_attached_before_a_crash_is_removed_later() {
    let world = World::new().await;
    world.settle("hello", &spec()).await;
    // It comes first, and status would tell of it after the call that follows.
    let next = Hold::requests(&world, "UpdateFunctionConfiguration", "hello", 1).await;
    let config = format!("arn:aws:lambda:eu-west-1:{}:code-signing-config:csc-0123456789abcdef1", world.account);
    world.apply("hello", &spec_with(&json!({"codeSigningConfigArn": config, "memorySize": 256}))).await;
    next.holds(&world, 1).await;
    assert_eq!(attached(&world).await, config);
    let world = edited_while_away(world, &json!({"codeSigningConfigArn": null, "memorySize": null})).await;
    next.let_go(&world).await;
    world.ready("hello").await;
    assert_eq!(attached(&world).await, "");
}

#[tokio::test]
async fn side_groups_set_before_a_crash_are_reset_later() {
    let world = World::new().await;
    world.settle("hello", &spec()).await;
    // They come before it, and status would tell of them after it.
    let next = Hold::requests(&world, "PutFunctionConcurrency", "hello", 1).await;
    let change = json!({
        "recursiveLoop": "Allow", "runtimeManagementConfig": {"updateRuntimeOn": "FunctionUpdate"},
        "reservedConcurrentExecutions": 5,
    });
    world.apply("hello", &spec_with(&change)).await;
    next.holds(&world, 1).await;
    assert_eq!(beside(&world).await, ["Allow", "FunctionUpdate"]);
    let none = json!({"recursiveLoop": null, "runtimeManagementConfig": null, "reservedConcurrentExecutions": null});
    let world = edited_while_away(world, &none).await;
    next.let_go(&world).await;
    world.ready("hello").await;
    assert_eq!(beside(&world).await, ["Terminate", "Auto"]);
}

/// The operator dies, the spec changes, and another operator starts.
async fn edited_while_away(mut world: World, change: &Value) -> World {
    let arguments = ["--watch-namespace", world.namespace.as_str()];
    let options = options(installed(&world.bed).await, &world.account, &arguments);
    let objects = world.objects();
    world.operator.kill().await;
    let patch = kube::api::Patch::Merge(json!({"spec": change}));
    objects.patch("hello", &kube::api::PatchParams::default(), &patch).await.unwrap();
    world.operator = Operator::start(&world.bed, options).await.unwrap();
    world
}

/// Recursion and runtime management as AWS holds them.
async fn beside(world: &World) -> [String; 2] {
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let recursion = world.aws.recursion("hello").await.unwrap().1;
    let runtime = world.aws.runtime_management("hello", None).await.unwrap().1;
    [text(&recursion["RecursiveLoop"]), text(&runtime["UpdateRuntimeOn"])]
}

async fn attached(world: &World) -> String {
    let path = "/2020-06-30/functions/hello/code-signing-config";
    let (status, answer) = world.aws.lambda("GET", path, None).await.unwrap();
    assert_eq!(status, 200, "{answer}");
    answer["CodeSigningConfigArn"].as_str().unwrap_or_default().to_owned()
}
