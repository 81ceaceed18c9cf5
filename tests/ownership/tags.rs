//! The owner tag changed by hand under a living object, and a creation whose answer was lost: whose it is, AWS says.

use std::time::Duration;

use futures::StreamExt;
use kube::runtime::{WatchStreamExt, watcher};
use lambda_operator::api::LambdaFunction;
use serde_json::{Value, json};
use testbed::{Action, Rule};

use crate::hold::{call, written};
use crate::rival::owner;
use crate::world::{World, spec, spec_with};

const KEY: &str = "lambda-operator.io/owner";

fn arn(world: &World, function: &str) -> String {
    format!("arn:aws:lambda:eu-west-1:{}:function:{function}", world.account)
}

/// As a person would in the console: another value, or none.
async fn write_owner(world: &World, function: &str, value: Option<&str>) {
    let path = format!("/2017-03-31/tags/{}", arn(world, function));
    let (status, answer) = match value {
        Some(value) => world.aws.lambda("POST", &path, Some(&json!({"Tags": {KEY: value}}))).await.unwrap(),
        None => world.aws.lambda("DELETE", &format!("{path}?tagKeys={KEY}"), None).await.unwrap(),
    };
    assert_eq!(status, 204, "{answer}");
}

#[tokio::test]
async fn a_function_whose_tag_was_taken_or_changed_by_hand_is_not_ours_until_it_is_put_back() {
    let world = World::with(&["--drift-interval", "1s"]).await;
    for (name, value, words) in [("taken", None, "no owner tag"), ("changed", Some("test/other/x"), "test/other/x")] {
        world.settle(name, &spec()).await;
        let before = world.manners().mark().await.unwrap();
        write_owner(&world, name, value).await;
        let message = world.stalled(name, "Conflict").await;
        assert!(message.contains(words), "{message}");
        world.apply(name, &spec_with(&json!({"memorySize": 256}))).await;
        world.stalled(name, "Conflict").await;
        assert_eq!(written(&world, name, before).await, [], "an edit is not carried out");
        write_owner(&world, name, Some(&format!("test/{}/{name}", world.namespace))).await;
        world.ready(name).await;
        assert_eq!(written(&world, name, before).await, [call("UpdateFunctionConfiguration", 200)]);
        write_owner(&world, name, value).await;
        world.stalled(name, "Conflict").await;
        let last = world.manners().mark().await.unwrap();
        world.delete(name).await;
        world.gone(name).await;
        assert_eq!(written(&world, name, last).await, []);
        assert_eq!(owner(&world, name).await, value.unwrap_or_default());
    }
}

/// Every status that the object ever had.
async fn statuses(world: &World, during: impl Future<Output = ()>) -> Vec<LambdaFunction> {
    let events = watcher(world.objects(), watcher::Config::default()).applied_objects();
    let mut events = std::pin::pin!(events);
    let mut seen = Vec::new();
    let mut during = std::pin::pin!(during);
    loop {
        tokio::select! {
            biased;
            event = events.next() => seen.extend(event.and_then(Result::ok)),
            () = &mut during => break,
        }
    }
    while let Ok(Some(event)) = tokio::time::timeout(Duration::from_millis(300), events.next()).await {
        seen.extend(event.ok());
    }
    seen
}

fn conditions(object: &LambdaFunction) -> Vec<Value> {
    let all = object.status.iter().flat_map(|status| &status.conditions);
    all.filter(|c| c.status == "True").map(|c| json!([c.type_, c.reason])).collect()
}

#[tokio::test]
async fn our_own_function_that_exists_already_never_calls_for_help() {
    let world = World::new().await;
    // Lost, and then hidden from the next look: the creation is sent again and refused with "Function already exist".
    let rules = [
        Rule::new("lost", Action::LoseAnswer).operation("CreateFunction").times(1),
        Rule::new("hidden", Action::error(404, "ResourceNotFoundException", "Function not found"))
            .operation("GetFunction")
            .times(2),
    ];
    for rule in rules {
        world.manners().add(&rule.account(&world.account).function("hello")).await.unwrap();
    }
    let seen = statuses(&world, async {
        world.settle("hello", &spec_with(&json!({"publish": true}))).await;
    })
    .await;
    assert_eq!(written(&world, "hello", 0).await, [call("CreateFunction", 0), call("CreateFunction", 409)]);
    let told: Vec<_> = seen.iter().map(conditions).collect();
    assert!(told.iter().flatten().any(|condition| condition == &json!(["Reconciling", "NameTaken"])), "{told:?}");
    assert!(told.iter().flatten().any(|condition| condition == &json!(["Ready", "Available"])), "{told:?}");
    assert!(!told.iter().flatten().any(|condition| condition[0] == "Stalled"), "{told:?}");
}
