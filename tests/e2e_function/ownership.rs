//! A function without our owner tag is never changed and never deleted, whatever happens to objects that want it.

use serde_json::{Value, json};
use testbed::{Action, Rule};

use support::world::{World, base64, operations, spec, spec_with, status, writes, zip};

/// Somebody else's function, made without the operator.
async fn foreign(world: &World, name: &str, tags: &Value) {
    let body = json!({
        "FunctionName": name, "Role": "arn:aws:iam::123456789012:role/theirs", "Runtime": "python3.12", "Handler": "main.x",
        "Code": {"ZipFile": base64(&zip("main.py", "x = 1"))}, "Tags": tags,
    });
    let (status, answer) = world.aws.lambda("POST", "/2015-03-31/functions", Some(&body)).await.unwrap();
    assert_eq!(status, 201, "{answer}");
}

#[tokio::test]
async fn a_function_without_an_owner_is_refused_and_survives() {
    let world = World::new().await;
    foreign(&world, "hello", &json!({"made": "by hand"})).await;
    world.apply("hello", &spec()).await;
    let message = world.stalled("hello", "NotOwned").await;
    assert!(message.contains("no owner tag"), "{message}");
    world.delete("hello").await;
    world.gone("hello").await;
    let function = world.function("hello").await.unwrap();
    assert_eq!(function["Configuration"]["Role"], "arn:aws:iam::123456789012:role/theirs");
    assert_eq!(function["Tags"], json!({"made": "by hand"}));
    assert_eq!(writes(&world.calls().await), [""; 0]);
}

#[tokio::test]
async fn another_owners_function_is_refused_by_name() {
    let world = World::new().await;
    foreign(&world, "hello", &json!({"lambda-operator.io/owner": "other/ns/obj"})).await;
    world.apply("hello", &spec()).await;
    let message = world.stalled("hello", "NotOwned").await;
    assert!(message.contains("other/ns/obj"), "{message}");
    world.delete("hello").await;
    world.gone("hello").await;
    assert!(world.function("hello").await.is_some());
    assert_eq!(writes(&world.calls().await), [""; 0]);
}

#[tokio::test]
async fn of_two_objects_with_one_function_name_the_first_keeps_it() {
    let world = World::new().await;
    let named = spec_with(&json!({"functionName": "shared"}));
    world.settle("first", &named).await;
    world.apply("second", &named).await;
    let message = world.stalled("second", "NotOwned").await;
    assert!(message.contains(&format!("test/{}/first", world.namespace)), "{message}");
    world.delete("second").await;
    world.gone("second").await;
    let object = world.ready("first").await;
    assert_eq!(status(&object).state.as_deref(), Some("Active"));
    assert!(world.function("shared").await.is_some());
    assert_eq!(writes(&world.calls().await), ["CreateFunction"]);
}

#[tokio::test]
async fn a_lost_answer_to_create_function_is_continued() {
    let world = World::new().await;
    let lost = Rule::new("lost", Action::LoseAnswer).account(&world.account).operation("CreateFunction").times(1);
    world.manners().add(&lost).await.unwrap();
    world.settle("hello", &spec_with(&json!({"publish": true}))).await;
    let calls = world.calls().await;
    assert_eq!(writes(&calls), ["CreateFunction"], "{:?}", operations(&calls));
    assert!(world.operator.log().contains("AWSUnavailable"));
    let notes: Vec<_> =
        world.events("hello").await.into_iter().filter(|e| e.type_.as_deref() == Some("Warning")).collect();
    assert_eq!(notes, [], "nobody was alarmed");
}

#[tokio::test]
async fn withheld_tags_stop_every_write() {
    let world = World::with(&["--drift-interval", "1s"]).await;
    world.settle("hello", &spec()).await;
    let rule = world.withhold_tags().await;
    let before = world.manners().mark().await.unwrap();
    world.apply("hello", &spec_with(&json!({"memorySize": 256}))).await;
    let message = world.stalled("hello", "OwnershipUnknown").await;
    assert!(message.contains("lambda:ListTags"), "{message}");
    assert_eq!(writes(&world.calls_since(before).await), [""; 0]);
    world.manners().remove(rule).await.unwrap();
    world.settle("hello", &spec_with(&json!({"memorySize": 512}))).await;
}
