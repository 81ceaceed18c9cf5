//! Deletion in whatever state the function and the spec are: the function is gone before its object is.

use k8s_openapi::api::core::v1::Secret;
use kube::Api;
use kube::api::{DeleteParams, PostParams};
use serde_json::{Value, json};
use testbed::{Action, Rule};

use crate::hold::{call, written};
use support::world::{World, base64, spec, spec_with, zip};

/// Deletes the object; when it is gone, so is the function.
async fn goes(world: &World, name: &str) {
    world.delete(name).await;
    world.gone(name).await;
    assert_eq!(world.function(name).await, None, "the finalizer of {name} was taken off too early");
}

/// AWS says this of the function's configuration from now on.
async fn pretend(world: &World, function: &str, configuration: &Value) {
    let answer = Action::PatchAnswer(json!({"Configuration": configuration}));
    let rule = Rule::new("pretended", answer).account(&world.account).operation("GetFunction").function(function);
    world.manners().add(&rule).await.unwrap();
}

#[tokio::test]
async fn a_function_goes_while_it_is_pending_updating_or_failed() {
    let world = World::new().await;
    let states = [
        ("pending", json!({"State": "Pending", "StateReasonCode": "Creating"}), "Reconciling", "Creating"),
        ("updating", json!({"LastUpdateStatus": "InProgress"}), "Reconciling", "Updating"),
        ("failed", json!({"State": "Failed", "StateReasonCode": "InternalError"}), "Stalled", "FunctionFailed"),
        (
            "taken-back",
            json!({"LastUpdateStatus": "Failed", "LastUpdateStatusReasonCode": "InvalidSubnet"}),
            "Stalled",
            "UpdateFailed",
        ),
    ];
    for (name, configuration, type_, reason) in states {
        world.settle(name, &spec()).await;
        pretend(&world, name, &configuration).await;
        world.look_now(name).await;
        world.condition(name, type_, "True", Some(reason)).await;
        let before = world.manners().mark().await.unwrap();
        goes(&world, name).await;
        assert_eq!(written(&world, name, before).await, [call("DeleteFunction", 204)], "{name}");
    }
}

#[tokio::test]
async fn deletion_during_creation_leaves_nothing() {
    let world = World::new().await;
    for moment in ["requests", "answers"] {
        let hold = match moment {
            "requests" => crate::hold::Hold::requests(&world, "CreateFunction", moment, 1).await,
            _ => crate::hold::Hold::answers(&world, "CreateFunction", moment, 1).await,
        };
        world.apply(moment, &spec()).await;
        hold.holds(&world, 1).await;
        world.delete(moment).await;
        hold.let_go(&world).await;
        world.gone(moment).await;
        assert_eq!(world.function(moment).await, None, "the finalizer was taken off too early");
        assert_eq!(written(&world, moment, 0).await, [call("CreateFunction", 201), call("DeleteFunction", 204)]);
    }
}

/// AWS's answers may be older than what it was told.
#[tokio::test]
async fn a_function_that_aws_does_not_show_yet_is_not_taken_for_gone() {
    let world = World::new().await;
    world.settle("hello", &spec()).await;
    let hidden = Action::error(404, "ResourceNotFoundException", "Function not found");
    let rule = Rule::new("hidden", hidden).account(&world.account).operation("GetFunction");
    world.manners().add(&rule.agent("*/*").times(1)).await.unwrap();
    goes(&world, "hello").await;
}

async fn secret(world: &World, name: &str, key: &str, bytes: &[u8]) {
    let secret: Secret =
        serde_json::from_value(json!({"metadata": {"name": name}, "data": {key: base64(bytes)}})).unwrap();
    let secrets: Api<Secret> = Api::namespaced(world.client.clone(), &world.namespace);
    secrets.create(&PostParams::default(), &secret).await.unwrap();
}

async fn no_secret(world: &World, name: &str) {
    let secrets: Api<Secret> = Api::namespaced(world.client.clone(), &world.namespace);
    secrets.delete(name, &DeleteParams::default()).await.unwrap();
}

#[tokio::test]
async fn a_spec_that_cannot_be_carried_out_is_no_reason_to_stay() {
    let world = World::new().await;
    secret(&world, "values", "password", b"x").await;
    secret(&world, "package", "code.zip", &zip("main.py", "def handler(event, context): return 'one'")).await;
    let value =
        json!({"environment": {"valueFrom": {"PASSWORD": {"secretKeyRef": {"name": "values", "key": "password"}}}}});
    let code = json!({"codeFrom": {"inline": null, "secretRef": {"name": "package", "key": "code.zip"}}});
    world.settle("value-gone", &spec_with(&value)).await;
    world.settle("code-gone", &spec_with(&code)).await;
    no_secret(&world, "values").await;
    no_secret(&world, "package").await;
    let edits = [
        ("rejected", json!({"runtime": "python2.9"}), "Stalled", "Rejected"),
        (
            "invalid",
            json!({"environment": {"variables": {"BIG": "x".repeat(4000), "MORE": "x".repeat(200)}}}),
            "Stalled",
            "InvalidSpec",
        ),
        ("hash", json!({"codeSha256": "d3Jvbmc="}), "Stalled", "CodeHashMismatch"),
    ];
    for (name, change, type_, reason) in &edits {
        world.settle(name, &spec()).await;
        world.apply(name, &spec_with(change)).await;
        world.condition(name, type_, "True", Some(reason)).await;
    }
    for name in ["value-gone", "code-gone"] {
        world.condition(name, "Reconciling", "True", Some("ReferenceNotFound")).await;
    }
    for name in ["value-gone", "code-gone", "rejected", "invalid", "hash"] {
        let before = world.manners().mark().await.unwrap();
        goes(&world, name).await;
        assert_eq!(written(&world, name, before).await, [call("DeleteFunction", 204)], "{name}");
    }
}
