//! A name that is used again: the new function has nothing of the old one, and the end of the old one is not the new one's.

use serde_json::{Value, json};
use testbed::{Action, Rule};

use crate::hold::{Hold, call, written};
use crate::rival::{Rival, foreign, namespace, owner, untouched};
use support::world::{World, spec_with, status, zip};

/// The versions that AWS lists, `$LATEST` not among them.
async fn versions(world: &World, function: &str) -> Vec<String> {
    let all = world.aws.list_versions(function).await.unwrap();
    let numbers = all.iter().filter_map(|version| version["Version"].as_str().map(str::to_owned));
    numbers.filter(|number| number != "$LATEST").collect()
}

/// Code in S3, whose equality nothing but a record proves: a record of the old function would be believed.
fn from_s3(memory: i32) -> Value {
    spec_with(
        &json!({"codeFrom": null, "s3Bucket": "code", "s3Key": "hello.zip", "publish": true, "memorySize": memory}),
    )
}

#[tokio::test]
async fn a_recreated_object_inherits_nothing() {
    let world = World::new().await;
    let bucket = format!("code-{}", world.account);
    let spec = |memory| {
        let mut spec = from_s3(memory);
        spec["s3Bucket"] = json!(bucket);
        spec
    };
    let package = |text| zip("main.py", &format!("def handler(event, context): return '{text}'"));
    world.aws.put_object(&bucket, "hello.zip", &package("old")).await.unwrap();
    world.settle("hello", &spec(128)).await;
    let old = world.settle("hello", &spec(256)).await;
    assert_eq!(versions(&world, "hello").await.len(), 2);
    world.aws.put_object(&bucket, "hello.zip", &package("new")).await.unwrap();
    world.delete("hello").await;
    world.gone("hello").await;
    let before = world.manners().mark().await.unwrap();
    let new = world.settle("hello", &spec(256)).await;
    assert_eq!(written(&world, "hello", before).await, [call("CreateFunction", 201)]);
    assert_ne!(new.metadata.uid, old.metadata.uid);
    let [is, was] = [&new, &old].map(|object| status(object).record.deployed.clone().unwrap());
    assert_eq!(is.source, was.source);
    assert_ne!(is.code_sha256, was.code_sha256, "what is deployed now, by AWS's own words");
    let listed = versions(&world, "hello").await;
    assert_eq!(listed.len(), 1, "{listed:?}");
    assert_eq!(status(&new).version.as_deref(), Some(listed[0].as_str()), "as AWS counts");
    assert_eq!(world.invoke("hello").await, "new");
}

#[tokio::test]
async fn the_next_owner_waits_for_the_old_function_to_end() {
    let other = namespace().await;
    let world = World::with(&["--drift-interval", "1s", "--watch-namespace", &other]).await;
    let old = Rival::new(&world, "test", &world.namespace, "hello");
    let new = Rival::new(&world, "test", &other, "hello");
    for round in 0..2 {
        let function = format!("shared-{round}");
        old.wants(&function, &json!({})).await;
        old.until(&world, "Ready", "Available").await;
        let before = world.manners().mark().await.unwrap();
        let end = Hold::requests(&world, "DeleteFunction", &function, 1).await;
        old.delete().await;
        new.wants(&function, &json!({})).await;
        // Objects of one function take turns: the next owner does nothing before the deletion is answered.
        end.holds(&world, 1).await;
        end.let_go(&world).await;
        old.gone(&world).await;
        new.takes_over(&world, &function).await;
        assert_eq!(
            written(&world, &function, before).await,
            [call("DeleteFunction", 204), call("CreateFunction", 201)],
            "one end and one beginning"
        );
        new.delete().await;
        new.gone(&world).await;
    }
}

/// What was sent cannot be called back, but what is sent again is sent only after a look.
#[tokio::test]
async fn a_lost_delete_answer_never_hits_a_new_owner() {
    let world = World::new().await;
    world.settle("hello", &spec_with(&json!({}))).await;
    let before = world.manners().mark().await.unwrap();
    let lost = Rule::new("lost", Action::LoseAnswer).account(&world.account).operation("DeleteFunction").times(1);
    world.manners().add(&lost).await.unwrap();
    // The first look of the deletion passes, the one after the loss is held.
    let look = Hold::later_requests(&world, "GetFunction", "hello", 1).await;
    world.delete("hello").await;
    look.holds(&world, 1).await;
    foreign(&world, "hello").await;
    look.let_go(&world).await;
    world.gone("hello").await;
    untouched(&world, "hello").await;
    assert_eq!(written(&world, "hello", before).await, [call("DeleteFunction", 0)]);
}

/// The same with an answer that comes late instead of never.
#[tokio::test]
async fn a_late_delete_answer_never_hits_a_new_owner() {
    let other = namespace().await;
    let world = World::with(&["--drift-interval", "1s", "--watch-namespace", &other]).await;
    let old = Rival::new(&world, "test", &world.namespace, "hello");
    let new = Rival::new(&world, "test", &other, "hello");
    old.wants("shared", &json!({})).await;
    old.until(&world, "Ready", "Available").await;
    let before = world.manners().mark().await.unwrap();
    let answer = Hold::answers(&world, "DeleteFunction", "shared", 1).await;
    old.delete().await;
    answer.holds(&world, 1).await;
    new.wants("shared", &json!({})).await;
    new.until(&world, "Ready", "Available").await;
    answer.let_go(&world).await;
    old.gone(&world).await;
    assert_eq!(owner(&world, "shared").await, new.owner);
    assert_eq!(
        written(&world, "shared", before).await,
        [call("DeleteFunction", 204), call("CreateFunction", 201)],
        "nothing was deleted twice"
    );
}
