//! One function from its creation to its end: what is called, what is reported, what stays.

use serde_json::json;

use support::world::{World, operations, spec, spec_with, status};

#[tokio::test]
async fn a_function_is_created_and_every_attribute_is_reported() {
    let world = World::new().await;
    let object = world.settle("hello", &spec()).await;
    let arn = format!("arn:aws:lambda:eu-west-1:{}:function:hello", world.account);
    let invoke = |arn: &str| format!("arn:aws:apigateway:eu-west-1:lambda:path/2015-03-31/functions/{arn}/invocations");
    let status = status(&object);
    assert_eq!(status.common.arn.as_deref(), Some(&*arn));
    assert_eq!(status.invoke_arn.as_deref(), Some(&*invoke(&arn)));
    assert_eq!(status.qualified_arn.as_deref(), Some(&*format!("{arn}:$LATEST")));
    assert_eq!(status.qualified_invoke_arn.as_deref(), Some(&*invoke(&format!("{arn}:$LATEST"))));
    assert_eq!(status.version.as_deref(), Some("$LATEST"));
    assert_eq!(
        (status.common.account.as_deref(), status.common.region.as_deref()),
        (Some(&*world.account), Some("eu-west-1"))
    );
    assert_eq!((status.memory_size, status.timeout), (Some(128), Some(3)));
    assert_eq!(status.architectures, ["x86_64"]);
    assert_eq!(status.state.as_deref(), Some("Active"));
    assert_eq!(status.tags_all["lambda-operator.io/owner"], format!("test/{}/hello", world.namespace));
    let function = world.function("hello").await.unwrap();
    assert_eq!(status.code_sha256.as_deref(), function["Configuration"]["CodeSha256"].as_str());
    assert_eq!(status.source_code_size, function["Configuration"]["CodeSize"].as_i64());
    assert_eq!(status.last_modified.as_deref(), function["Configuration"]["LastModified"].as_str());
    assert_eq!(world.invoke("hello").await, "one");
}

#[tokio::test]
async fn a_creation_takes_one_write_and_at_most_six_calls() {
    let world = World::new().await;
    world.settle("hello", &spec()).await;
    let calls = world.calls().await;
    let operations = operations(&calls);
    assert_eq!(operations[..2], ["GetFunction", "CreateFunction"], "{operations:?}");
    assert!(operations[2..].iter().all(|operation| *operation == "GetFunction"), "{operations:?}");
    assert!(operations.len() <= 6, "{operations:?}");
}

#[tokio::test]
async fn where_it_lives_is_written_down_before_it_is_created() {
    let world = World::new().await;
    world
        .manners()
        .add(
            &testbed::Rule::new("denied", testbed::Action::error(403, "AccessDeniedException", "no"))
                .account(&world.account)
                .operation("CreateFunction"),
        )
        .await
        .unwrap();
    world.apply("hello", &spec()).await;
    world.stalled("hello", "AccessDenied").await;
    let object = world.objects().get("hello").await.unwrap();
    assert_eq!(status(&object).common.function_name.as_deref(), Some("hello"));
    assert_eq!(status(&object).common.account.as_deref(), Some(&*world.account));
}

#[tokio::test]
async fn deleting_the_object_deletes_the_function() {
    let world = World::new().await;
    world.settle("hello", &spec()).await;
    world.delete("hello").await;
    world.gone("hello").await;
    assert_eq!(world.function("hello").await, None);
}

#[tokio::test]
async fn skip_destroy_leaves_the_function_without_an_owner() {
    let world = World::new().await;
    world.settle("hello", &spec_with(&json!({"skipDestroy": true, "tags": {"team": "a"}}))).await;
    world.delete("hello").await;
    world.gone("hello").await;
    let function = world.function("hello").await.unwrap();
    assert_eq!(function["Tags"], json!({"team": "a"}));
}

#[tokio::test]
async fn a_function_that_vanished_is_created_again() {
    let world = World::with(&["--drift-interval", "1s"]).await;
    world.settle("hello", &spec()).await;
    let (status, _) = world.aws.lambda("DELETE", "/2015-03-31/functions/hello", None).await.unwrap();
    assert_eq!(status, 204);
    world.function_until("hello", |_| true).await;
    world.ready("hello").await;
}

#[tokio::test]
async fn an_idle_check_is_one_call_and_no_write_to_kubernetes() {
    let world = World::with(&["--drift-interval", "1s"]).await;
    let settled = world.settle("hello", &spec_with(&json!({"publish": true, "tags": {"team": "a"}}))).await;
    let before = world.manners().mark().await.unwrap();
    let calls = world
        .until("three checks", async |world: &World| match world.calls_since(before).await {
            calls if calls.len() >= 3 => Ok(calls),
            calls => Err(format!("{calls:?}")),
        })
        .await;
    assert!(operations(&calls).iter().all(|operation| *operation == "GetFunction"), "{:?}", operations(&calls));
    let gaps = calls.windows(2).map(|pair| pair[1].at_ms - pair[0].at_ms);
    assert!(gaps.into_iter().all(|gap| gap >= 850), "each check is one call: {calls:?}");
    let now = world.objects().get("hello").await.unwrap();
    assert_eq!(now.metadata.resource_version, settled.metadata.resource_version, "nothing was written");
}

#[tokio::test]
async fn before_it_is_deleted_its_interfaces_move_to_other_groups() {
    let world = World::new().await;
    let network = world.aws.default_subnet_and_security_group().await.unwrap();
    let own = world.aws.create_security_group(&network.vpc, "own").await.unwrap();
    let vpc = json!({"subnetIds": [network.subnet], "securityGroupIds": [own]});
    let cases = [
        ("default", json!({"vpcConfig": vpc, "replaceSecurityGroupsOnDestroy": true})),
        (
            "named",
            json!({"vpcConfig": vpc, "replaceSecurityGroupsOnDestroy": true, "replacementSecurityGroupIds": [network.security_group]}),
        ),
    ];
    for (name, spec) in cases {
        world.settle(name, &spec_with(&spec)).await;
        let before = world.manners().mark().await.unwrap();
        world.delete(name).await;
        world.gone(name).await;
        let calls = world.calls_since(before).await;
        assert_eq!(support::world::writes(&calls), ["UpdateFunctionConfiguration", "DeleteFunction"], "{name}");
        assert_eq!(world.function(name).await, None);
    }
    let filter =
        testbed::Filter::account(&world.account).service("ec2").operation("DescribeSecurityGroups").not_by_tests();
    let asked = world.manners().calls(&filter).await.unwrap();
    assert!(
        !asked.is_empty() && asked.iter().all(|call| call.status == 200),
        "EC2 is asked for the default group alone: {asked:?}"
    );
}

#[tokio::test]
async fn running_durable_executions_are_stopped_before_the_end() {
    let world = World::new().await;
    world.settle("hello", &spec_with(&json!({"durableConfig": {"executionTimeout": 3600}}))).await;
    world.manners().start_executions(&world.account, "eu-west-1", "hello", 3).await.unwrap();
    let before = world.manners().mark().await.unwrap();
    world.delete("hello").await;
    world.gone("hello").await;
    let calls = world.calls_since(before).await;
    let stop = "StopDurableExecution";
    assert_eq!(support::world::writes(&calls), [stop, stop, stop, "DeleteFunction"]);
}

#[tokio::test]
async fn paused_durable_executions_are_stopped_too() {
    let world = World::new().await;
    world.settle("hello", &spec_with(&json!({"durableConfig": {"executionTimeout": 3600}}))).await;
    for status in ["PAUSED", "PAUSING", "RUNNING"] {
        world.manners().start_executions_as(&world.account, "eu-west-1", "hello", 1, status).await.unwrap();
    }
    let before = world.manners().mark().await.unwrap();
    world.delete("hello").await;
    world.gone("hello").await;
    let stop = "StopDurableExecution";
    let calls = world.calls_since(before).await;
    assert_eq!(support::world::writes(&calls), [stop, stop, stop, "DeleteFunction"]);
}
