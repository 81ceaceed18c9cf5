//! Whatever somebody changes in AWS is put back at the next check, each group by its own call.

use serde_json::json;

use support::world::{World, base64, spec, spec_with, writes, zip};

#[tokio::test]
async fn drift_of_each_group_is_repaired_by_the_call_that_writes_it() {
    let world = World::with(&["--drift-interval", "1s"]).await;
    world.settle("hello", &spec_with(&json!({"tags": {"team": "a"}, "reservedConcurrentExecutions": 5}))).await;
    let good = world.function("hello").await.unwrap();
    let before = world.manners().mark().await.unwrap();

    world
        .aws
        .change_configuration("hello", &json!({"MemorySize": 512, "TracingConfig": {"Mode": "Active"}}))
        .await
        .unwrap();
    world
        .function_until("hello", |f| {
            f["Configuration"]["MemorySize"] == 128 && f["Configuration"]["TracingConfig"]["Mode"] == "PassThrough"
        })
        .await;
    settled(&world).await;

    let zip = zip("main.py", "def handler(event, context): return 'hacked'");
    let body = json!({"ZipFile": base64(&zip)});
    let (status, answer) = world.aws.lambda("PUT", "/2015-03-31/functions/hello/code", Some(&body)).await.unwrap();
    assert_eq!(status, 200, "{answer}");
    world.function_until("hello", |f| f["Configuration"]["CodeSha256"] == good["Configuration"]["CodeSha256"]).await;
    settled(&world).await;

    let body = json!({"ReservedConcurrentExecutions": 9});
    world.aws.lambda("PUT", "/2017-10-31/functions/hello/concurrency", Some(&body)).await.unwrap();
    world.function_until("hello", |f| f["Concurrency"]["ReservedConcurrentExecutions"] == 5).await;

    let arn = format!("arn:aws:lambda:eu-west-1:{}:function:hello", world.account);
    let path = format!("/2017-03-31/tags/{}", arn.replace(':', "%3A"));
    let (status, answer) =
        world.aws.lambda("POST", &path, Some(&json!({"Tags": {"team": "b", "stray": "x"}}))).await.unwrap();
    assert_eq!(status, 204, "{answer}");
    world.function_until("hello", |f| f["Tags"] == good["Tags"]).await;

    let calls = world.calls_since(before).await;
    let expected =
        ["UpdateFunctionConfiguration", "UpdateFunctionCode", "PutFunctionConcurrency", "UntagResource", "TagResource"];
    assert_eq!(writes(&calls), expected);
    let metrics = world.operator.metrics().await.unwrap();
    assert!(metrics.contains("lambda_operator_drift_total{group=\"UpdateFunctionConfiguration\"} 1"), "{metrics}");
}

async fn settled(world: &World) {
    world.function_until("hello", |f| f["Configuration"]["LastUpdateStatus"] == "Successful").await;
    world.ready("hello").await;
}

#[tokio::test]
async fn a_wait_for_drift_check_does_not_delay_an_edit() {
    let world = World::with(&["--drift-interval", "10m"]).await;
    world.settle("hello", &spec()).await;
    world.settle("hello", &spec_with(&json!({"memorySize": 256}))).await;
    assert_eq!(world.function("hello").await.unwrap()["Configuration"]["MemorySize"], 256);
}
