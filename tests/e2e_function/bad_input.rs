//! Bad input that the API server cannot tell (see tests/admission_function) gets a sentence that says what to do, from AWS or from us.

use serde_json::json;
use testbed::{Action, Rule};

use support::world::{World, spec, spec_with};

async fn warnings(world: &World, name: &str) -> Vec<String> {
    let events = world.events(name).await.into_iter().filter(|event| event.type_.as_deref() == Some("Warning"));
    events.filter_map(|event| event.note).collect()
}

#[tokio::test]
async fn aws_rejections_stall_with_one_event_and_heal_after_an_edit() {
    let world = World::new().await;
    let cases = [
        ("runtime", json!({"runtime": "python2.9"}), "python2.9"),
        ("memory", json!({"memorySize": 20_000}), "failed to satisfy constraint"),
        ("key", json!({"codeFrom": null, "s3Bucket": "nobucket", "s3Key": "k"}), "NoSuchBucket"),
    ];
    for (name, change, words) in cases {
        world.apply(name, &spec_with(&change)).await;
        let message = world.stalled(name, "Rejected").await;
        assert!(
            message.contains(words) && message.ends_with("Correct the spec. Retried as soon as it changes."),
            "{message}"
        );
        let told = world
            .until("the Event", async |world: &World| match warnings(world, name).await {
                notes if notes.is_empty() => Err("none".into()),
                notes => Ok(notes),
            })
            .await;
        assert!(told[0].contains(words), "{told:?}");
        assert_eq!(world.function(name).await, None);
        world.settle(name, &spec()).await;
        assert_eq!(warnings(&world, name).await.len(), 1, "one for each call for help");
    }
    let creations = world.calls().await.iter().filter(|call| call.operation == "CreateFunction").count();
    assert_eq!(creations, 6, "one refused and one good for each: nothing is tried again hot");
}

#[tokio::test]
async fn a_new_role_waits_then_stalls_then_heals() {
    let world = World::new().await;
    let text = "The role defined for the function cannot be assumed by Lambda.";
    let rule =
        Rule::new("new role", Action::error(400, "InvalidParameterValueException", text)).account(&world.account);
    let rule = world.manners().add(&rule.operation("CreateFunction")).await.unwrap();
    world.apply("hello", &spec_with(&json!({"timeouts": {"create": "4s"}}))).await;
    let waiting = world.condition("hello", "Reconciling", "True", Some("WaitingForIAM")).await;
    let message = support::world::message(&waiting, "Reconciling");
    assert!(message.contains(text) && message.contains("trust policy names lambda.amazonaws.com"), "{message}");
    let message = world.stalled("hello", "TimedOut").await;
    assert!(message.contains("after 4s: ") && message.contains(text), "{message}");
    world.manners().remove(rule).await.unwrap();
    world.look_now("hello").await;
    world.ready("hello").await;
}

#[tokio::test]
async fn an_oversized_environment_is_refused_without_an_aws_call() {
    let world = World::new().await;
    let big = json!({"environment": {"variables": {"BIG": "s3cr3t".repeat(680), "SMALL": "x"}}});
    world.apply("hello", &spec_with(&big)).await;
    let message = world.stalled("hello", "InvalidSpec").await;
    assert!(message.contains("BIG") && message.contains("4096"), "{message}");
    assert_eq!(world.calls().await.len(), 0);
    assert!(!world.operator.log().contains("s3cr3t"));
}
