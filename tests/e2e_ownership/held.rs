//! Objects that are being deleted and held: they say why and how to let go, what they say works, and they heal.

use kube::api::{Patch, PatchParams};
use serde_json::json;
use testbed::{Action, Rule, RuleId};

use crate::hold::{call, written};
use crate::rival::owner;
use support::world::{World, message, spec, spec_with};

async fn denied(world: &World, operation: &str) -> RuleId {
    let denied = Action::error(403, "AccessDeniedException", "User is not authorized");
    let rule = Rule::new("denied", denied).account(&world.account).operation(operation);
    world.manners().add(&rule).await.unwrap()
}

/// It stalls, keeps its finalizer and its function, and gives the sentence that a person reads.
async fn is_held(world: &World, name: &str, reason: &str) -> String {
    let sentence = world.stalled(name, reason).await;
    let object = world.objects().get(name).await.unwrap();
    assert!(object.metadata.deletion_timestamp.is_some() && object.metadata.finalizers.is_some_and(|f| f.len() == 1));
    assert_eq!(owner(world, name).await, format!("test/{}/{name}", world.namespace), "the function is still there");
    let by_hand = format!("kubectl patch lfn -n {} {name} --type=merge -p ", world.namespace);
    assert!(sentence.contains(&by_hand), "{sentence}");
    sentence
}

async fn skip_destroy(world: &World, name: &str) {
    let patch = Patch::Merge(json!({"spec": {"skipDestroy": true}}));
    world.objects().patch(name, &PatchParams::default(), &patch).await.unwrap();
}

#[tokio::test]
async fn a_denied_deletion_is_reported_and_resumes_when_granted() {
    let world = World::new().await;
    world.settle("hello", &spec()).await;
    let rule = denied(&world, "DeleteFunction").await;
    world.delete("hello").await;
    let sentence = is_held(&world, "hello", "AccessDenied").await;
    assert!(sentence.contains("set spec.skipDestroy: true"), "{sentence}");
    world.manners().remove(rule).await.unwrap();
    world.look_now("hello").await;
    world.gone("hello").await;
    assert_eq!(world.function("hello").await, None);
}

#[tokio::test]
async fn skip_destroy_releases_a_blocked_deletion() {
    let world = World::new().await;
    for name in ["hello", "tagged"] {
        world.settle(name, &spec_with(&json!({"tags": {"team": "a"}}))).await;
    }
    denied(&world, "DeleteFunction").await;
    world.delete("hello").await;
    is_held(&world, "hello", "AccessDenied").await;
    let before = world.manners().mark().await.unwrap();
    skip_destroy(&world, "hello").await;
    world.gone("hello").await;
    assert_eq!(written(&world, "hello", before).await, [call("UntagResource", 204)]);
    assert_eq!(world.function("hello").await.unwrap()["Tags"], json!({"team": "a"}));

    // A tag that may not be taken off does not hold the object, for the function stays anyway.
    denied(&world, "UntagResource").await;
    world.delete("tagged").await;
    is_held(&world, "tagged", "AccessDenied").await;
    skip_destroy(&world, "tagged").await;
    world.gone("tagged").await;
    assert_eq!(owner(&world, "tagged").await, format!("test/{}/tagged", world.namespace));
}

/// The edit comes during the look that the deletion is planned from: what was planned no longer holds.
#[tokio::test]
async fn skip_destroy_wins_against_a_deletion_that_is_only_planned() {
    let world = World::new().await;
    world.settle("hello", &spec()).await;
    let before = world.manners().mark().await.unwrap();
    let look = crate::hold::Hold::answers(&world, "GetFunction", "hello", 1).await;
    world.delete("hello").await;
    look.holds(&world, 1).await;
    skip_destroy(&world, "hello").await;
    look.let_go(&world).await;
    world.gone("hello").await;
    assert_eq!(written(&world, "hello", before).await, [call("UntagResource", 204)]);
    assert!(world.function("hello").await.is_some());
}

#[tokio::test]
async fn a_deletion_waits_for_aws_stalls_and_completes() {
    let world = World::new().await;
    world.settle("patient", &spec()).await;
    for name in ["urgent", "by-hand"] {
        world.settle(name, &spec_with(&json!({"timeouts": {"delete": "2s"}}))).await;
    }
    let away = Rule::new("away", Action::LoseRequest).account(&world.account).operation("GetFunction");
    let away = [
        world.manners().add(&away.clone().function("patient")).await.unwrap(),
        world.manners().add(&away.clone().function("urgent")).await.unwrap(),
        world.manners().add(&away.function("by-hand")).await.unwrap(),
    ];
    for name in ["patient", "urgent", "by-hand"] {
        world.delete(name).await;
    }
    let object = world.condition("patient", "Reconciling", "True", Some("AWSUnavailable")).await;
    assert!(!message(&object, "Reconciling").contains("finalizer"), "no alarm yet");
    for name in ["urgent", "by-hand"] {
        let sentence = world.stalled(name, "TimedOut").await;
        assert!(sentence.contains("after 2s") && !sentence.contains("skipDestroy"), "{sentence}");
    }
    // What it says works, to the letter.
    let sentence = world.stalled("by-hand", "TimedOut").await;
    let command = sentence.split_once("kubectl ").unwrap().1.trim_end_matches('.').to_owned();
    let arguments: Vec<_> = command.split(' ').map(|word| word.trim_matches('\'')).collect();
    world.bed.kubectl_ok(&arguments, None).await.unwrap();
    world.gone("by-hand").await;
    for rule in away {
        world.manners().remove(rule).await.unwrap();
    }
    assert!(!owner(&world, "by-hand").await.is_empty(), "the function stays as it is");
    world.gone("patient").await;
    world.look_now("urgent").await;
    world.gone("urgent").await;
    for name in ["patient", "urgent"] {
        assert_eq!(world.function(name).await, None);
    }
}

#[tokio::test]
async fn tags_that_cannot_be_read_hold_the_object_until_they_can() {
    let world = World::new().await;
    world.settle("hello", &spec()).await;
    let rule = world.withhold_tags().await;
    let before = world.manners().mark().await.unwrap();
    world.delete("hello").await;
    let sentence = world.stalled("hello", "OwnershipUnknown").await;
    assert!(sentence.contains("remove the finalizer") && !sentence.contains("skipDestroy"), "{sentence}");
    assert_eq!(written(&world, "hello", before).await, []);
    world.manners().remove(rule).await.unwrap();
    world.look_now("hello").await;
    world.gone("hello").await;
    assert_eq!(world.function("hello").await, None);
}

/// Where the API server did not refuse the deletion. It is asked for before the protection is, because a policy of another test may hold in this cluster.
#[tokio::test]
async fn a_protected_object_waits_with_its_resource_until_the_protection_ends() {
    let world = World::new().await;
    for name in ["hello", "kept"] {
        world.settle(name, &spec()).await;
    }
    world.aliases().settle("live", &json!({"functionRef": {"name": "hello"}, "functionVersion": "$LATEST"})).await;
    let merge = PatchParams::default();
    let (suspended, protected) = (json!({"suspend": true}), json!({"suspend": null, "deletionProtection": true}));
    let end = json!({"deletionProtection": false});
    let patch = |spec: &serde_json::Value| Patch::Merge(json!({"spec": spec}));
    for name in ["hello", "kept"] {
        world.objects().patch(name, &merge, &patch(&suspended)).await.unwrap();
        world.condition(name, "Ready", "Unknown", Some("Suspended")).await;
        world.delete(name).await;
        world.objects().patch(name, &merge, &patch(&protected)).await.unwrap();
        let sentence = is_held(&world, name, "DeletionProtected").await;
        assert!(sentence.contains(&format!(":function:{name} stays in AWS")), "{sentence}");
        let command = "--type=merge -p '{\"spec\":{\"deletionProtection\":false}}'";
        assert!(sentence.contains(command) && sentence.contains("set spec.skipDestroy: true"), "{sentence}");
    }
    world.aliases().api().patch("live", &merge, &patch(&suspended)).await.unwrap();
    world.aliases().condition("live", "Ready", "Unknown", Some("Suspended")).await;
    world.aliases().delete("live").await;
    world.aliases().api().patch("live", &merge, &patch(&protected)).await.unwrap();
    let sentence = world.aliases().says("live", "Stalled", "DeletionProtected").await;
    assert!(sentence.contains(":function:hello:live stays in AWS"), "{sentence}");

    world.aliases().api().patch("live", &merge, &patch(&end)).await.unwrap();
    world.aliases().is_gone("live").await;
    world.objects().patch("hello", &merge, &patch(&end)).await.unwrap();
    world.gone("hello").await;
    assert_eq!(world.function("hello").await, None);
    skip_destroy(&world, "kept").await;
    world.gone("kept").await;
    assert!(world.function("kept").await.is_some());
}
