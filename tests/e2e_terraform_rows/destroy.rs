//! The end of a function.

use serde_json::{Value, json};
use testbed::{Action, Rule};

use crate::network::Network;
use crate::plan::apply;
use support::world::{World, operations, spec_with, writes};

/// Deletes the object, waits for its end, and tells the writes.
async fn destroy(world: &World, name: &str) -> Vec<String> {
    let before = world.manners().mark().await.unwrap();
    world.delete(name).await;
    world.gone(name).await;
    writes(&world.calls_since(before).await).into_iter().map(str::to_owned).collect()
}

/// Row 35 (VPC_withInvocation). A function in a VPC is invoked, and its end is as clean as any.
#[tokio::test]
async fn a_vpc_function_that_ran_is_destroyed() {
    let world = World::new().await;
    let network = Network::of(&world).await;
    apply(&world, "hello", &network.small(), &["CreateFunction"]).await;
    assert_eq!(world.invoke("hello").await, "one");
    assert_eq!(destroy(&world, "hello").await, ["DeleteFunction"]);
    assert_eq!(world.function("hello").await, None);
}

/// Row 38 (VPC_properIAMDependencies). The role and its policies outlive the function, which needs them for its end:
/// the operator deletes the function alone and never asks IAM for anything.
#[tokio::test]
async fn the_role_outlives_the_function() {
    let world = World::new().await;
    let network = Network::of(&world).await;
    let trust = "%7B%22Version%22%3A%222012-10-17%22%2C%22Statement%22%3A%5B%5D%7D";
    let role = format!("Action=CreateRole&RoleName=hello&AssumeRolePolicyDocument={trust}&Version=2010-05-08");
    let (status, answer) = world.aws.query("iam", &role).await.unwrap();
    assert_eq!(status, 200, "{answer}");
    let mut spec = network.small();
    spec["role"] = json!(format!("arn:aws:iam::{}:role/hello", world.account));
    apply(&world, "hello", &spec, &["CreateFunction"]).await;
    assert_eq!(destroy(&world, "hello").await, ["DeleteFunction"]);
    let (status, answer) = world.aws.query("iam", "Action=GetRole&RoleName=hello&Version=2010-05-08").await.unwrap();
    assert_eq!(status, 200, "{answer}");
    let filter = testbed::Filter::account(&world.account).service("iam").not_by_tests();
    assert_eq!(operations(&world.manners().calls(&filter).await.unwrap()), [""; 0]);
}

/// Destroys a function while nobody may delete it yet, to see the groups that it is moved to; tells all writes.
async fn groups_at_the_end(world: &World, spec: &Value, groups: &[&String]) -> Vec<String> {
    world.settle("hello", &spec_with(spec)).await;
    let before = world.manners().mark().await.unwrap();
    let held = Action::error(503, "ServiceUnavailableException", "Not yet.");
    let held = Rule::new("held", held).account(&world.account).operation("DeleteFunction");
    let held = world.manners().add(&held).await.unwrap();
    world.delete("hello").await;
    world
        .function_until("hello", |function| {
            let config = &function["Configuration"];
            config["VpcConfig"]["SecurityGroupIds"] == json!(groups) && config["LastUpdateStatus"] == "Successful"
        })
        .await;
    world.manners().remove(held).await.unwrap();
    world.gone("hello").await;
    assert_eq!(world.function("hello").await, None);
    let mut all: Vec<String> = writes(&world.calls_since(before).await).into_iter().map(str::to_owned).collect();
    // As often as it was held.
    all.dedup();
    all
}

/// Row 39 (VPC_replaceSGWithDefault). Before its end the function is moved to the VPC's group `default`, so that its
/// own is free at once.
#[tokio::test]
async fn the_default_group_replaces_the_functions_own_before_its_end() {
    let world = World::new().await;
    let network = Network::of(&world).await;
    let mut spec = network.small();
    spec["replaceSecurityGroupsOnDestroy"] = json!(true);
    let writes = groups_at_the_end(&world, &spec, &[&network.default_group]).await;
    assert_eq!(writes, ["UpdateFunctionConfiguration", "DeleteFunction"]);
}

/// Row 40 (VPC_replaceSGWithCustom). The same, with a group that the spec names.
#[tokio::test]
async fn a_chosen_group_replaces_the_own_group_on_deletion() {
    let world = World::new().await;
    let network = Network::of(&world).await;
    let mut spec = network.small();
    spec["replaceSecurityGroupsOnDestroy"] = json!(true);
    spec["replacementSecurityGroupIds"] = json!([network.groups[1]]);
    let writes = groups_at_the_end(&world, &spec, &[&network.groups[1]]).await;
    assert_eq!(writes, ["UpdateFunctionConfiguration", "DeleteFunction"]);
}

/// Row 58 (skipDestroy). The function is still there after its object is gone. Terraform makes no call at all; we take
/// our owner tag off, so that others may adopt it.
#[tokio::test]
async fn skip_destroy_leaves_the_function() {
    let world = World::new().await;
    world.settle("hello", &spec_with(&json!({"skipDestroy": true, "tags": {"team": "a"}}))).await;
    assert_eq!(destroy(&world, "hello").await, ["UntagResource"]);
    assert_eq!(world.function("hello").await.unwrap()["Tags"], json!({"team": "a"}));
    assert_eq!(world.invoke("hello").await, "one");
}
