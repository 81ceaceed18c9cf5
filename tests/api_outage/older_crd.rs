//! A CRD of another version under a running operator: an older one loses the status record, and objects that only another one accepts cannot be read.

use serde_json::{Value, json};
use testbed::{Bed, Options, Running};

use crate::places::{install, private};
use support::objects::message;
use support::world::{World, spec, spec_with, writes};

const CRD: &str = "lambdafunctions.lambda-operator.io";

async fn crd(bed: &Bed) -> Value {
    let text = bed.kubectl_ok(&["get", "crd", CRD, "-o", "json"], None).await.unwrap();
    let mut crd: Value = serde_json::from_str(&text).unwrap();
    crd.as_object_mut().unwrap().remove("status");
    for member in ["resourceVersion", "uid", "generation", "managedFields", "creationTimestamp"] {
        crd["metadata"].as_object_mut().unwrap().remove(member);
    }
    crd
}

async fn replace(bed: &Bed, crd: &Value) {
    bed.kubectl_ok(&["replace", "-f", "-"], Some(&crd.to_string())).await.unwrap();
}

fn schema(crd: &mut Value) -> &mut Value {
    &mut crd["spec"]["versions"][0]["schema"]["openAPIV3Schema"]["properties"]
}

async fn answers(world: &World, wanted: u16) {
    world
        .until("/readyz", async |world: &World| match world.operator.probe("/readyz").await.unwrap() {
            status if status == wanted => Ok(()),
            status => Err(status.to_string()),
        })
        .await;
}

#[tokio::test]
async fn an_older_crd_under_a_running_operator_stops_writes_until_it_is_upgraded() {
    let running = Running::start(&Options::default()).await.unwrap();
    let bed = running.bed.clone();
    let kubeconfig = install(&bed).await;
    let often = ["--drift-interval", "2s"];
    let world = private(&bed, kubeconfig, ("111111111111", "alone"), &often).await;
    world.settle("hello", &spec_with(&json!({"publish": true}))).await;
    let today = crd(&bed).await;
    let mut older = today.clone();
    let record = &mut schema(&mut older)["status"]["properties"]["record"]["properties"];
    for field in ["applied", "deployed", "published"] {
        assert!(record.as_object_mut().unwrap().remove(field).is_some(), "{field}");
    }
    let before = bed.manners().mark().await.unwrap();
    replace(&bed, &older).await;
    answers(&world, 503).await;
    let event = world
        .until("an Event", async |world: &World| {
            let events = world.events("hello").await;
            let found = events.iter().find(|event| event.reason.as_deref() == Some("CRDOutdated")).cloned();
            found.ok_or_else(|| format!("{events:?}"))
        })
        .await;
    assert!(event.note.as_deref().is_some_and(|note| note.contains("status.record.deployed")), "{event:?}");
    let calls = world.calls_since(before).await;
    assert_eq!(writes(&calls), [""; 0], "{calls:?}");

    replace(&bed, &today).await;
    answers(&world, 200).await;
    world.settle("hello", &spec_with(&json!({"publish": true, "memorySize": 256}))).await;
    let calls = world.calls_since(before).await;
    assert_eq!(
        writes(&calls),
        ["UpdateFunctionConfiguration", "PublishVersion"],
        "the record is still there: {calls:?}"
    );
}

#[tokio::test]
async fn an_unreadable_object_says_so_and_others_go_on() {
    let running = Running::start(&Options::default()).await.unwrap();
    let bed = running.bed.clone();
    let kubeconfig = install(&bed).await;
    let mut lax = crd(&bed).await;
    schema(&mut lax)["spec"]["properties"]["memorySize"] = json!({"x-kubernetes-preserve-unknown-fields": true});
    // Rules over a field that has no type any more would be refused.
    schema(&mut lax)["spec"].as_object_mut().unwrap().remove("x-kubernetes-validations");
    replace(&bed, &lax).await;
    let world = private(&bed, kubeconfig, ("111111111111", "alone"), &[]).await;
    world.settle("bad", &spec()).await;
    let before = world.manners().mark().await.unwrap();
    let patch = json!({"spec": {"memorySize": "s3cr3t"}}).to_string();
    bed.kubectl_ok(&["patch", "lfn", "bad", "-n", "alone", "--type=merge", "-p", &patch], None).await.unwrap();
    let shown = world
        .until("a condition", async |_: &World| {
            let text = bed.kubectl_ok(&["get", "lfn", "bad", "-n", "alone", "-o", "json"], None).await.unwrap();
            let shown: Value = serde_json::from_str(&text).unwrap();
            let conditions = shown["status"]["conditions"].as_array().cloned().unwrap_or_default();
            let stalled = conditions.iter().find(|one| one["type"] == "Stalled").cloned();
            stalled.map(|stalled| (stalled, shown)).ok_or(text)
        })
        .await;
    assert_eq!(shown.0["reason"], "Unreadable", "{}", shown.0);
    assert!(!shown.1["status"].to_string().contains("s3cr3t"), "{}", shown.1);
    assert!(
        shown.1["status"]["record"].is_object() && shown.1["status"]["arn"].is_string(),
        "nothing is forgotten: {}",
        shown.1
    );
    let events = bed.kubectl_ok(&["get", "events", "-n", "alone", "-o", "json"], None).await.unwrap();
    assert!(events.contains("Unreadable") && !events.contains("s3cr3t"), "{events}");
    assert!(!world.operator.log().contains("s3cr3t"), "{}", world.operator.log());
    let metrics = world.operator.metrics().await.unwrap();
    assert!(metrics.contains("ready=\"False\",reason=\"Unreadable\"} 1.0\n"), "{metrics}");
    world
        .bed
        .apply(
            &json!({
                "apiVersion": "lambda-operator.io/v1alpha1", "kind": "LambdaFunction",
                "metadata": {"name": "good", "namespace": "alone"}, "spec": spec(),
            })
            .to_string(),
        )
        .await
        .unwrap();
    world.ready("good").await;
    let calls = world.calls_since(before).await;
    assert!(
        calls.iter().all(|call| call.function.as_deref() != Some("bad")),
        "its old spec is not enforced: {calls:?}"
    );

    world.aliases().apply("live", &json!({"functionRef": {"name": "bad"}, "functionVersion": "1"})).await;
    let alias = world.aliases().condition("live", "Stalled", "True", Some("Unreadable")).await;
    assert!(message(&alias, "Ready").contains("LambdaFunction bad"), "{alias:?}");

    let patch = json!({"spec": {"memorySize": 256}}).to_string();
    bed.kubectl_ok(&["patch", "lfn", "bad", "-n", "alone", "--type=merge", "-p", &patch], None).await.unwrap();
    let object = world.ready("bad").await;
    let conditions = object.status.unwrap().common.conditions;
    assert!(conditions.iter().all(|one| one.type_ != "Stalled"), "{conditions:?}");
}
