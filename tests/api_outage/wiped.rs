//! A cluster that is lost and made anew from a backup, which has no status: functions are found again by their tags.

use std::collections::BTreeMap;

use kube::ResourceExt;
use kube::api::ListParams;
use serde_json::{Value, json};
use testbed::{Options, Running};

use crate::places::{install, private};
use support::world::{World, spec_with, writes, zip};

/// One of each kind whose memory is in status alone, or partly.
fn specs() -> Vec<(&'static str, Value)> {
    let from_bucket = json!({"codeFrom": null, "s3Bucket": "bucket", "s3Key": "code.zip", "publish": true});
    let with_secret = json!({"publish": true, "environment": {"from": [{"secretRef": {"name": "db"}}]}});
    vec![
        ("inline", spec_with(&json!({}))),
        ("published", spec_with(&json!({"publish": true, "tags": {"team": "a"}}))),
        ("secret", spec_with(&with_secret)),
        ("bucket", spec_with(&from_bucket)),
    ]
}

async fn versions(world: &World) -> BTreeMap<&'static str, usize> {
    let mut all = BTreeMap::new();
    for (name, _) in specs() {
        all.insert(name, world.aws.list_versions(name).await.unwrap().len());
    }
    all
}

/// What the statuses say, without what a new object, and a new upload, say otherwise.
async fn statuses(world: &World) -> BTreeMap<String, Value> {
    let objects = world.objects().list(&ListParams::default()).await.unwrap().items;
    let plain = |object: &lambda_operator::api::function::spec::LambdaFunction| {
        let mut status = serde_json::to_value(&object.status).unwrap();
        let fields = status.as_object_mut().unwrap();
        for name in ["observedGeneration", "lastModified"] {
            assert!(fields.remove(name).is_some(), "{name} of {}: {fields:#?}", object.name_any());
        }
        let record = fields["record"].as_object_mut().unwrap();
        assert!(record.remove("lastReconciled").is_some(), "{}: {record:#?}", object.name_any());
        // A restored object may have found nothing to write.
        record.remove("lastWrite");
        if let Some(published) = record.get_mut("published").and_then(Value::as_object_mut) {
            published.remove("lastModified");
        }
        // Both cover the version of the Secret, and a restored Secret has another.
        if object.name_any() == "secret" {
            for (part, name) in [("applied", "Environment"), ("published", "fingerprint")] {
                assert!(record[part].as_object_mut().unwrap().remove(name).is_some(), "{name}: {record:#?}");
            }
        }
        for condition in fields["conditions"].as_array_mut().unwrap() {
            condition.as_object_mut().unwrap().retain(|name, _| name == "type" || name == "status");
        }
        (object.name_any(), status)
    };
    objects.iter().map(plain).collect()
}

/// Manifests as a backup keeps them: neither uid nor status.
async fn backup(world: &World) -> String {
    let get = ["get", "secrets,lambdafunctions", "-n", &world.namespace, "-o", "json"];
    let mut list: Value = serde_json::from_str(&world.bed.kubectl_ok(&get, None).await.unwrap()).unwrap();
    for object in list["items"].as_array_mut().unwrap() {
        object.as_object_mut().unwrap().remove("status");
        let kept = ["name", "namespace", "labels", "annotations", "finalizers"];
        object["metadata"].as_object_mut().unwrap().retain(|name, _| kept.contains(&name.as_str()));
    }
    list.to_string()
}

#[tokio::test]
async fn a_restored_cluster_finds_its_functions() {
    let mut running = Running::start(&Options::default()).await.unwrap();
    let bed = running.bed.clone();
    install(&bed).await;
    // A token that outlives the cluster: this very process sees the old one and the new one.
    let mut world = private(&bed, bed.kubeconfig.clone(), ("333333333333", "shop"), &[]).await;
    bed.kubectl_ok(&["create", "secret", "generic", "db", "-n", "shop", "--from-literal=PASSWORD=x"], None)
        .await
        .unwrap();
    world.aws.put_object("bucket", "code.zip", &zip("main.py", "def handler(event, context): return 1")).await.unwrap();
    for (name, spec) in specs() {
        world.apply(name, &spec).await;
    }
    for (name, _) in specs() {
        world.ready(name).await;
    }
    let (versions_before, statuses_before, manifests) =
        (versions(&world).await, statuses(&world).await, backup(&world).await);
    let uid = world.objects().get("inline").await.unwrap().uid();
    let before = bed.manners().mark().await.unwrap();

    running.wipe_etcd().await.unwrap();
    world.operator.check().unwrap();
    let kubeconfig = install(&bed).await;
    bed.kubectl_ok(&["create", "namespace", "shop"], None).await.unwrap();
    bed.kubectl_ok(&["create", "-f", "-"], Some(&manifests)).await.unwrap();
    for (name, _) in specs() {
        world.ready(name).await;
    }
    assert_ne!(world.objects().get("inline").await.unwrap().uid(), uid, "it is another object");
    assert_eq!(statuses(&world).await, statuses_before, "complete again");
    assert_eq!(versions(&world).await, versions_before, "no version is published twice");
    let calls = world.calls_since(before).await;
    let redundant: Vec<_> = calls.iter().filter(|call| !writes(std::slice::from_ref(call)).is_empty()).collect();
    let from_bucket =
        |call: &&&testbed::Call| call.operation == "UpdateFunctionCode" && call.function.as_deref() == Some("bucket");
    assert!(redundant.len() <= 1 && redundant.iter().all(|call| from_bucket(&call)), "{redundant:?}");

    another_process_finds_nothing_to_do(&mut world, kubeconfig).await;
}

/// The operator of the new cluster, with the rights that it has there.
async fn another_process_finds_nothing_to_do(world: &mut World, kubeconfig: std::path::PathBuf) {
    let before = world.manners().mark().await.unwrap();
    let options =
        support::world::options(kubeconfig, &world.account, &["--watch-namespace", "shop", "--drift-interval", "2s"]);
    let heir = testbed::Operator::start(&world.bed, options).await.unwrap();
    std::mem::replace(&mut world.operator, heir).kill().await;
    for (name, _) in specs() {
        world
            .until("two looks at each, so that the first is over", async |world: &World| {
                let calls = world.calls_since(before).await;
                let look = |call: &&testbed::Call| {
                    (call.operation.as_str(), call.function.as_deref()) == ("GetFunction", Some(name))
                        && call.qualifier.is_none()
                };
                if calls.iter().filter(look).count() >= 2 { Ok(()) } else { Err(name.into()) }
            })
            .await;
    }
    assert_eq!(writes(&world.calls_since(before).await), [""; 0]);
}
