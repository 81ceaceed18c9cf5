//! What a crash leaves attached is found again: a code signing configuration that the next edit does not want.

use serde_json::json;
use testbed::Operator;

use crate::hold::Hold;
use support::world::{World, installed, options, spec, spec_with};

#[tokio::test]
async fn code_signing_attached_before_a_crash_is_removed_later() {
    let mut world = World::new().await;
    world.settle("hello", &spec()).await;
    // It comes first, and status would tell of it after the call that follows.
    let next = Hold::requests(&world, "UpdateFunctionConfiguration", "hello", 1).await;
    let config = format!("arn:aws:lambda:eu-west-1:{}:code-signing-config:csc-0123456789abcdef1", world.account);
    world.apply("hello", &spec_with(&json!({"codeSigningConfigArn": config, "memorySize": 256}))).await;
    next.holds(&world, 1).await;
    assert_eq!(attached(&world).await, config);
    let arguments = ["--watch-namespace", world.namespace.as_str()];
    let options = options(installed(&world.bed).await, &world.account, &arguments);
    world.operator.kill().await;
    let objects = kube::Api::<lambda_operator::api::function::spec::LambdaFunction>::namespaced(
        world.client.clone(),
        &world.namespace,
    );
    let none = json!({"spec": {"codeSigningConfigArn": null, "memorySize": null}});
    objects.patch("hello", &kube::api::PatchParams::default(), &kube::api::Patch::Merge(none)).await.unwrap();
    world.operator = Operator::start(&world.bed, options).await.unwrap();
    next.let_go(&world).await;
    world.ready("hello").await;
    assert_eq!(attached(&world).await, "");
}

async fn attached(world: &World) -> String {
    let path = "/2020-06-30/functions/hello/code-signing-config";
    let (status, answer) = world.aws.lambda("GET", path, None).await.unwrap();
    assert_eq!(status, 200, "{answer}");
    answer["CodeSigningConfigArn"].as_str().unwrap_or_default().to_owned()
}
