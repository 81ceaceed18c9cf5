//! Whatever somebody changes in AWS is put back at the next check, each group by its own call.

use k8s_openapi::api::events::v1::Event;
use serde_json::json;
use testbed::{Action, Rule};

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

#[tokio::test]
async fn drift_that_is_corrected_beside_a_refusal_is_told_by_an_event() {
    let world = World::new().await;
    world.settle("hello", &spec_with(&json!({"tags": {"team": "a"}}))).await;
    let denied = Action::error(403, "AccessDeniedException", "User is not authorized to perform this action");
    let rule = Rule::new("denied", denied).account(&world.account).operation("UpdateFunctionConfiguration");
    world.manners().add(&rule).await.unwrap();
    world.apply("hello", &spec_with(&json!({"tags": {"team": "a"}, "memorySize": 256}))).await;
    world.stalled("hello", "AccessDenied").await;

    let arn = format!("arn:aws:lambda:eu-west-1:{}:function:hello", world.account).replace(':', "%3A");
    let path = format!("/2017-03-31/tags/{arn}?tagKeys=team");
    let (status, answer) = world.aws.lambda("DELETE", &path, None).await.unwrap();
    assert_eq!(status, 204, "{answer}");
    world.look_now("hello").await;
    world.function_until("hello", |f| f["Tags"]["team"] == "a").await;
    world
        .until("an Event that names the tag", async |world: &World| {
            let events = world.events("hello").await;
            let told = |event: &Event| {
                event.note.as_deref().is_some_and(|note| note.contains("The operator corrected drift of tags.team."))
            };
            if events.iter().any(told) { Ok(()) } else { Err(format!("{events:#?}")) }
        })
        .await;
}
