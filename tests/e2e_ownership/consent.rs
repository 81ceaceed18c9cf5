//! Nobody's function, and another object's: what it takes before an object may have it, and what the giver does from then on.

use kube::Api;
use kube::api::{DeleteParams, Patch, PatchParams};
use lambda_operator::api::function::spec::LambdaFunction;
use serde_json::json;

use crate::hold::{call, written};
use crate::rival::{Rival, foreign, namespace, owner, untouched};
use support::world::{World, allow_adoption, base64, spec_with, zip};

const HAND_OVER_TO: &str = "lambda-operator.io/hand-over-to";

/// Somebody else's code.
fn theirs() -> serde_json::Value {
    json!({"Code": {"ZipFile": base64(&zip("main.py", "def handler(event, context): return 'planted'"))}})
}

/// A function that carries this owner tag, without an object that made it.
async fn tagged(world: &World, function: &str, owner: &str) {
    let mut overrides = theirs();
    overrides["Tags"] = json!({"lambda-operator.io/owner": owner});
    world.aws.create_function(function, &overrides).await.unwrap();
    world.aws.wait_until_at_rest(function).await.unwrap();
}

/// Writes the annotation; null removes it.
async fn hand_over(world: &World, namespace: &str, name: &str, taker: Option<&str>) {
    let objects: Api<LambdaFunction> = Api::namespaced(world.client.clone(), namespace);
    let patch = json!({"metadata": {"annotations": {HAND_OVER_TO: taker}}});
    objects.patch(name, &PatchParams::default(), &Patch::Merge(patch)).await.unwrap();
}

#[tokio::test]
async fn a_living_owner_keeps_its_function_until_it_agrees() {
    let other = namespace().await;
    let world = World::with(&["--drift-interval", "1h", "--watch-namespace", &other]).await;
    // That nobody's functions may be taken over says nothing of somebody's.
    allow_adoption(&world.client, &world.namespace).await;
    let giver = Rival::new(&world, "test", &other, "giver");
    let taker = Rival::new(&world, "test", &world.namespace, "taker");
    giver.wants("shared", &json!({})).await;
    giver.until(&world, "Ready", "Available").await;
    let before = world.manners().mark().await.unwrap();

    taker.wants("shared", &json!({"adoptFrom": giver.owner, "memorySize": 256})).await;
    let command = format!("kubectl annotate lfn -n {other} giver {HAND_OVER_TO}={}/taker", world.namespace);
    let sentence = taker.until(&world, "Stalled", "NotAllowed").await;
    assert!(sentence.contains(&command), "{sentence}");
    hand_over(&world, &other, "giver", Some(&format!("{}/somebody", world.namespace))).await;
    world
        .until("the giver to write no more", async |_: &World| {
            let object = Api::<LambdaFunction>::namespaced(world.client.clone(), &other).get("giver").await.unwrap();
            let ready = object.status.iter().flat_map(|status| &status.common.conditions).find(|c| c.type_ == "Ready");
            let reason = ready.map(|ready| ready.reason.clone()).unwrap_or_default();
            if reason == "HandingOver" { Ok(()) } else { Err(reason) }
        })
        .await;
    world.looked("taker").await;
    taker.until(&world, "Stalled", "NotAllowed").await;
    giver.wants("shared", &json!({"memorySize": 512})).await;
    assert_eq!(written(&world, "shared", before).await, [], "neither of the two writes");

    // Nobody has to ask for a look: the giver's consent wakes the taker.
    hand_over(&world, &other, "giver", Some(&format!("{}/taker", world.namespace))).await;
    taker.takes_over(&world, "shared").await;
    let all = [call("TagResource", 204), call("UpdateFunctionConfiguration", 200)];
    assert_eq!(written(&world, "shared", before).await, all);

    let after = world.manners().mark().await.unwrap();
    giver.wants("shared", &json!({"memorySize": 1024})).await;
    giver.delete().await;
    giver.gone(&world).await;
    assert_eq!(written(&world, "shared", after).await, [], "the giver's end touches nothing");
    assert_eq!(owner(&world, "shared").await, taker.owner);
}

/// In its deletion the giver asks nobody whether the taker is there already.
#[tokio::test]
async fn a_giver_that_goes_first_leaves_the_function_to_the_taker() {
    let world = World::with(&["--drift-interval", "1h"]).await;
    world.settle("giver", &spec_with(&json!({"functionName": "shared"}))).await;
    let before = world.manners().mark().await.unwrap();
    hand_over(&world, &world.namespace, "giver", Some(&format!("{}/taker", world.namespace))).await;
    world.delete("giver").await;
    world.gone("giver").await;
    assert_eq!(written(&world, "shared", before).await, []);
    let note = world
        .until("an Event", async |world: &World| {
            let events = world.events("giver").await;
            let released = events.iter().find(|event| event.reason.as_deref() == Some("Released"));
            released.and_then(|event| event.note.clone()).ok_or_else(|| format!("{events:?}"))
        })
        .await;
    assert!(note.contains(":function:shared") && note.contains(HAND_OVER_TO), "{note}");
    // Its owner is gone, and was of this namespace: nothing is needed.
    let from = format!("test/{}/giver", world.namespace);
    world.settle("taker", &spec_with(&json!({"functionName": "shared", "adoptFrom": from}))).await;
    assert_eq!(written(&world, "shared", before).await, [call("TagResource", 204)]);
}

#[tokio::test]
async fn what_nobody_owns_needs_the_consent_of_the_namespace() {
    let unwatched = namespace().await;
    let world = World::with(&["--drift-interval", "1h"]).await;
    foreign(&world, "nobodys").await;
    tagged(&world, "gone", &format!("test/{}x/gone", world.namespace)).await;
    tagged(&world, "unwatched", &format!("test/{unwatched}/giver")).await;
    tagged(&world, "elsewhere", &format!("prod/{}/elsewhere", world.namespace)).await;
    let giver = Rival::new(&world, "test", &unwatched, "giver");
    giver.wants("unwatched", &json!({})).await;
    hand_over(&world, &unwatched, "giver", Some(&format!("{}/unwatched", world.namespace))).await;
    let before = world.manners().mark().await.unwrap();
    let from = |owner: String| json!({"adoptFrom": owner});
    let cases = [
        ("nobodys", json!({"adoptionPolicy": "Adopt"}), "allow-adoption=true"),
        ("gone", from(format!("test/{}x/gone", world.namespace)), "does not watch the namespace"),
        ("unwatched", from(format!("test/{unwatched}/giver")), "does not watch the namespace"),
        ("elsewhere", from(format!("prod/{}/elsewhere", world.namespace)), "another cluster"),
    ];
    for (name, more, words) in &cases {
        world.apply(name, &spec_with(more)).await;
        let sentence = world.stalled(name, "NotAllowed").await;
        assert!(sentence.contains(words), "{name}: {sentence}");
    }
    world.allow_adoption().await;
    world.ready("nobodys").await;
    for (name, _, words) in &cases[1..] {
        world.looked(name).await;
        let sentence = world.stalled(name, "NotAllowed").await;
        assert!(sentence.contains(words), "an open namespace is no consent of an owner: {name}: {sentence}");
        assert_eq!(written(&world, name, before).await, [], "{name}");
    }
    assert_ne!(written(&world, "nobodys", before).await, []);
    Api::<LambdaFunction>::namespaced(world.client.clone(), &unwatched)
        .delete("giver", &DeleteParams::default())
        .await
        .unwrap();
}

#[tokio::test]
async fn a_gone_owner_of_another_namespace_leaves_its_function_to_the_consent_of_the_namespace() {
    let other = namespace().await;
    let world = World::with(&["--drift-interval", "1h", "--watch-namespace", &other]).await;
    let owner = format!("test/{other}/gone");
    tagged(&world, "shared", &owner).await;
    let before = world.manners().mark().await.unwrap();
    world.apply("taker", &spec_with(&json!({"functionName": "shared", "adoptFrom": owner}))).await;
    let sentence = world.stalled("taker", "NotAllowed").await;
    assert!(sentence.contains(&format!("kubectl annotate namespace {} ", world.namespace)), "{sentence}");
    assert_eq!(written(&world, "shared", before).await, []);
    world.allow_adoption().await;
    world.ready("taker").await;
}

#[tokio::test]
async fn the_operators_flag_opens_every_namespace_that_does_not_close_itself() {
    let world = World::with(&["--drift-interval", "1h", "--allow-adoption"]).await;
    foreign(&world, "nobodys").await;
    world.settle("nobodys", &spec_with(&json!({"adoptionPolicy": "Adopt"}))).await;
    foreign(&world, "closed").await;
    let closes = ["annotate", "namespace", &world.namespace, "lambda-operator.io/allow-adoption=false"];
    world.bed.kubectl_ok(&closes, None).await.unwrap();
    world.apply("closed", &spec_with(&json!({"adoptionPolicy": "Adopt"}))).await;
    world.stalled("closed", "NotAllowed").await;
    untouched(&world, "closed").await;
}

/// Each names the other in `adoptFrom`, and each agrees when it is asked to: the function moves there and back, and then stays.
#[tokio::test]
async fn adopt_from_is_spent_once_it_is_carried_out() {
    let world = World::with(&["--drift-interval", "1s"]).await;
    let name = |object: &str| format!("test/{}/{object}", world.namespace);
    let from = |object: &str| spec_with(&json!({"functionName": "shared", "adoptFrom": name(object)}));
    let taker = |object: &str| format!("{}/{object}", world.namespace);
    world.settle("first", &from("second")).await;
    world.apply("second", &from("first")).await;
    world.stalled("second", "NotAllowed").await;
    let before = world.manners().mark().await.unwrap();
    hand_over(&world, &world.namespace, "first", Some(&taker("second"))).await;
    world.ready("second").await;
    hand_over(&world, &world.namespace, "first", None).await;
    world.stalled("first", "NotOwned").await;
    hand_over(&world, &world.namespace, "second", Some(&taker("first"))).await;
    world.condition("second", "Ready", "Unknown", Some("HandingOver")).await;
    // It made the function, and what its adoptFrom says was carried out by that.
    world.looked("first").await;
    world.stalled("first", "NotOwned").await;
    assert_eq!(written(&world, "shared", before).await, [call("TagResource", 204)], "it moved once");
    assert_eq!(owner(&world, "shared").await, name("second"));
}

/// The tag names this object, and the object has never seen the function: somebody else may have set the tag, and deployed the code.
#[tokio::test]
async fn planted_code_is_replaced_before_codepolicy_initial_trusts_it() {
    let world = World::with(&["--drift-interval", "1s"]).await;
    let initial = json!({"codePolicy": "Initial"});
    tagged(&world, "hello", &format!("test/{}/hello", world.namespace)).await;
    world.settle("hello", &spec_with(&initial)).await;
    assert_eq!(world.invoke("hello").await, "one", "the code of the spec");
    let before = world.manners().mark().await.unwrap();
    let body = json!({"ZipFile": theirs()["Code"]["ZipFile"]});
    let (status, answer) = world.aws.lambda("PUT", "/2015-03-31/functions/hello/code", Some(&body)).await.unwrap();
    assert_eq!(status, 200, "{answer}");
    world.looked("hello").await;
    world.ready("hello").await;
    assert_eq!(written(&world, "hello", before).await, [], "from then on another pipeline deploys");

    tagged(&world, "bare", &format!("test/{}/bare", world.namespace)).await;
    world.apply("bare", &spec_with(&json!({"codePolicy": "Initial", "codeFrom": null}))).await;
    let sentence = world.stalled("bare", "InvalidSpec").await;
    assert!(sentence.contains("its code is not trusted"), "{sentence}");
}
