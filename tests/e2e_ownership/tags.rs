//! The owner tag changed by hand under a living object: whose it is, AWS says.

use serde_json::json;

use crate::hold::{call, written};
use crate::rival::owner;
use support::world::{World, spec, spec_with};

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
async fn a_changed_owner_tag_stops_writes_until_restored() {
    let world = World::with(&["--drift-interval", "1s"]).await;
    for (name, value, words) in [("taken", None, "no owner tag"), ("changed", Some("test/other/x"), "test/other/x")] {
        world.settle(name, &spec()).await;
        let before = world.manners().mark().await.unwrap();
        write_owner(&world, name, value).await;
        let message = world.stalled(name, "NotOwned").await;
        assert!(message.contains(words), "{message}");
        world.apply(name, &spec_with(&json!({"memorySize": 256}))).await;
        world.stalled(name, "NotOwned").await;
        assert_eq!(written(&world, name, before).await, [], "an edit is not carried out");
        write_owner(&world, name, Some(&format!("test/{}/{name}", world.namespace))).await;
        world.ready(name).await;
        assert_eq!(written(&world, name, before).await, [call("UpdateFunctionConfiguration", 200)]);
        write_owner(&world, name, value).await;
        world.stalled(name, "NotOwned").await;
        let last = world.manners().mark().await.unwrap();
        world.delete(name).await;
        world.gone(name).await;
        assert_eq!(written(&world, name, last).await, []);
        assert_eq!(owner(&world, name).await, value.unwrap_or_default());
    }
}
