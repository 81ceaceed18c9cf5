//! A finalizer that somebody else takes off, and the Event for whatever an object leaves in AWS.

use k8s_openapi::api::events::v1::Event;
use kube::Api;
use kube::api::{ListParams, Patch, PatchParams};
use serde_json::json;

use support::world::{World, spec, spec_with, writes};

const FINALIZER: &str = "lambda-operator.io/finalizer";

async fn strip(world: &World, name: &str) {
    let patch = json!({"metadata": {"finalizers": null}});
    world.objects().patch(name, &PatchParams::default(), &Patch::Merge(patch)).await.unwrap();
}

async fn edit(world: &World, name: &str, spec: serde_json::Value) {
    let patch = json!({"spec": spec});
    world.objects().patch(name, &PatchParams::default(), &Patch::Merge(patch)).await.unwrap();
}

/// The note of the Event with this reason, once it is there.
async fn told(world: &World, name: &str, reason: &str) -> String {
    world
        .until("an Event", async |world: &World| {
            let events = world.events(name).await;
            let found = events.iter().find(|event| event.reason.as_deref() == Some(reason));
            found.and_then(|event| event.note.clone()).ok_or_else(|| format!("no {reason} in {events:?}"))
        })
        .await
}

async fn held(world: &World, name: &str) {
    world
        .until("the finalizer", async |world: &World| {
            let object = world.objects().get(name).await.unwrap();
            let finalizers = object.metadata.finalizers.unwrap_or_default();
            if finalizers.iter().any(|one| one == FINALIZER) { Ok(()) } else { Err(format!("{finalizers:?}")) }
        })
        .await;
}

/// The operators of the bed check for drift only after minutes, or never where an object is suspended.
#[tokio::test]
async fn a_finalizer_that_somebody_takes_off_is_put_back_at_once() {
    let world = World::with(&["--drift-interval", "1h"]).await;
    world.settle("hello", &spec()).await;
    strip(&world, "hello").await;
    held(&world, "hello").await;

    edit(&world, "hello", json!({"suspend": true})).await;
    world.condition("hello", "Ready", "Unknown", Some("Suspended")).await;
    strip(&world, "hello").await;
    held(&world, "hello").await;

    edit(&world, "hello", json!({"suspend": null})).await;
    world.ready("hello").await;
    world.delete("hello").await;
    world.gone("hello").await;
    assert_eq!(world.function("hello").await, None);
}

#[tokio::test]
async fn what_an_object_leaves_in_aws_is_told_by_an_event() {
    let world = World::new().await;
    for name in ["kept", "asleep", "stolen", "by-hand", "deleted"] {
        world.settle(name, &spec()).await;
    }
    let arn = |name: &str| format!(":function:{name}");
    edit(&world, "kept", json!({"skipDestroy": true})).await;
    edit(&world, "asleep", json!({"skipDestroy": true, "suspend": true})).await;
    for name in ["kept", "asleep"] {
        world.delete(name).await;
        let note = told(&world, name, "Released").await;
        assert!(note.contains(&arn(name)) && note.contains("skipDestroy"), "{note}");
    }

    let function = world.function("stolen").await.unwrap();
    let path = format!("/2017-03-31/tags/{}", function["Configuration"]["FunctionArn"].as_str().unwrap());
    let tags = json!({"Tags": {"lambda-operator.io/owner": "elsewhere/team/stolen"}});
    let (status, answer) = world.aws.lambda("POST", &path, Some(&tags)).await.unwrap();
    assert_eq!(status, 204, "{answer}");
    world.look_now("stolen").await;
    world.stalled("stolen", "NotOwned").await;
    world.delete("stolen").await;
    let note = told(&world, "stolen", "Orphaned").await;
    assert!(note.contains(&arn("stolen")) && note.contains("owner tag"), "{note}");

    // Nothing reconciles it while AWS does not answer, so that its finalizer is there to be taken off.
    edit(&world, "by-hand", json!({"suspend": true})).await;
    world.condition("by-hand", "Ready", "Unknown", Some("Suspended")).await;
    world.delete("by-hand").await;
    strip(&world, "by-hand").await;
    let note = told(&world, "by-hand", "Orphaned").await;
    assert!(note.contains(&arn("by-hand")) && note.contains("finalizer"), "{note}");

    world.delete("deleted").await;
    world.gone("deleted").await;
    let events = world.events("deleted").await;
    let left = |event: &Event| matches!(event.reason.as_deref(), Some("Released" | "Orphaned"));
    assert!(!events.iter().any(left), "{events:?}");
    let metrics = world.operator.metrics().await.unwrap();
    assert!(
        metrics.contains("lambda_operator_resources_left_total{controller=\"lambdafunction\",reason=\"Orphaned\"} 2\n"),
        "{metrics}"
    );
}

/// Status has no ARN then, and the answer finds no object that it could be recorded in.
#[tokio::test]
async fn a_finalizer_taken_off_during_the_creation_is_told_by_an_event() {
    let world = World::new().await;
    let creation = crate::hold::Hold::answers(&world, "CreateFunction", "hello", 1).await;
    world.apply("hello", &spec()).await;
    creation.holds(&world, 1).await;
    world.delete("hello").await;
    strip(&world, "hello").await;
    let note = told(&world, "hello", "Orphaned").await;
    assert!(note.contains(":function:hello") && note.contains("was being created"), "{note}");
    creation.let_go(&world).await;
}

/// It reached the API server after the plan was made and before DeleteFunction is sent.
#[tokio::test]
async fn a_suspend_in_the_last_moment_stops_a_deletion() {
    let world = World::new().await;
    world.settle("hello", &spec()).await;
    let before = world.manners().mark().await.unwrap();
    let look = crate::hold::Hold::answers(&world, "GetFunction", "hello", 1).await;
    world.delete("hello").await;
    look.holds(&world, 1).await;
    edit(&world, "hello", json!({"suspend": true})).await;
    look.let_go(&world).await;
    world.condition("hello", "Ready", "Unknown", Some("Suspended")).await;
    let calls = world.calls_since(before).await;
    assert_eq!(writes(&calls), [""; 0], "{calls:?}");
    assert!(world.function("hello").await.is_some());
    edit(&world, "hello", json!({"suspend": null})).await;
    world.gone("hello").await;
    assert_eq!(world.function("hello").await, None);
}

/// A namespace that is being deleted takes no Event about the object, and that is neither an error nor a missing right.
#[tokio::test]
async fn in_a_terminating_namespace_the_event_is_about_the_namespace() {
    let world = World::new().await;
    world.settle("left", &spec_with(&json!({"skipDestroy": true}))).await;
    world.bed.kubectl_ok(&["delete", "namespace", &world.namespace, "--wait=false"], None).await.unwrap();
    world.delete("left").await;
    world.gone("left").await;
    let events: Api<Event> = Api::namespaced(world.client.clone(), "default");
    let note = world
        .until("an Event", async |world: &World| {
            let events = events.list(&ListParams::default()).await.unwrap().items;
            let about = |event: &&Event| {
                event.regarding.as_ref().and_then(|about| about.name.as_ref()) == Some(&world.namespace)
                    && event.reason.as_deref() == Some("Released")
            };
            let found = events.iter().find(about).and_then(|event| event.note.clone());
            found.ok_or_else(|| format!("{} Events", events.len()))
        })
        .await;
    assert!(note.contains("LambdaFunction left") && note.contains(":function:left"), "{note}");
    let log = world.operator.log();
    assert!(!log.contains("Failed to write an Event"), "{log}");
}

/// Deletion asks for nothing but who acts and where.
#[tokio::test]
async fn an_annotation_that_cannot_be_read_never_holds_a_deletion() {
    let world = World::new().await;
    world.settle("hello", &spec()).await;
    let annotations = [
        "lambda-operator.io/allow-adoption=perhaps",
        "lambda-operator.io/unknown=",
        "lambda-operator.io/allowed-regions=",
    ];
    world
        .bed
        .kubectl_ok(&[&["annotate", "namespace", &world.namespace], &annotations[..]].concat(), None)
        .await
        .unwrap();
    world.stalled("hello", "NotAllowed").await;
    world.delete("hello").await;
    world.gone("hello").await;
    assert_eq!(world.function("hello").await, None);
}
