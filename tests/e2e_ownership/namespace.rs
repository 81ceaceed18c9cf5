//! A namespace that is deleted whole, as Kubernetes's namespace controller does it: everything in it is deleted, in any order.

use std::time::Instant;

use k8s_openapi::api::core::v1::{Namespace, Secret};
use kube::Api;
use kube::api::{DeleteParams, ListParams, Patch, PatchParams, PostParams};
use serde_json::json;
use testbed::{Action, Rule};

use crate::rival::owner;
use support::world::{World, base64, spec, spec_with};

/// What the namespace controller does once nothing is left; the API server alone never ends a namespace.
async fn finalize(world: &World) {
    let namespaces: Api<Namespace> = Api::all(world.client.clone());
    let mut namespace = serde_json::to_value(namespaces.get(&world.namespace).await.unwrap()).unwrap();
    assert_eq!(namespace["status"]["phase"], "Terminating");
    namespace["spec"]["finalizers"] = json!([]);
    let path = format!("/api/v1/namespaces/{}/finalize", world.namespace);
    world.bed.kubectl_ok(&["replace", "--raw", &path, "-f", "-"], Some(&namespace.to_string())).await.unwrap();
    assert!(namespaces.get_opt(&world.namespace).await.unwrap().is_none());
}

#[tokio::test]
async fn a_suspended_object_holds_no_namespace_where_policy_is_required() {
    let world = World::with(&["--require-namespace-policy"]).await;
    let namespaces: Api<Namespace> = Api::all(world.client.clone());
    let all = json!({"lambda-operator.io/allowed-roles": "*", "lambda-operator.io/allowed-function-names": "*", "lambda-operator.io/allowed-regions": "*"});
    let allowed = Patch::Merge(json!({"metadata": {"annotations": all}}));
    namespaces.patch(&world.namespace, &PatchParams::default(), &allowed).await.unwrap();
    world.settle("hello", &spec()).await;
    world.apply("hello", &spec_with(&json!({"suspend": true}))).await;
    world.condition("hello", "Ready", "Unknown", Some("Suspended")).await;
    world.delete("hello").await;
    world.condition("hello", "Ready", "Unknown", Some("Suspended")).await;
    namespaces.delete(&world.namespace, &DeleteParams::default()).await.unwrap();
    world.gone("hello").await;
    assert_eq!(world.function("hello").await, None);
    finalize(&world).await;
}

#[tokio::test]
async fn a_namespace_deletion_deletes_or_releases_and_never_hangs() {
    let world = World::new().await;
    let secrets: Api<Secret> = Api::namespaced(world.client.clone(), &world.namespace);
    let secret =
        serde_json::from_value(json!({"metadata": {"name": "db"}, "data": {"password": base64(b"x")}})).unwrap();
    secrets.create(&PostParams::default(), &secret).await.unwrap();
    let value =
        json!({"environment": {"valueFrom": {"PASSWORD": {"secretKeyRef": {"name": "db", "key": "password"}}}}});
    for name in ["one", "two"] {
        world.settle(name, &spec_with(&value)).await;
    }
    world.settle("left", &spec_with(&json!({"skipDestroy": true}))).await;
    let denied = Action::error(403, "AccessDeniedException", "no");
    let denied = Rule::new("denied", denied).account(&world.account).operation("CreateFunction").function("never");
    world.manners().add(&denied).await.unwrap();
    world.apply("never", &spec()).await;
    world.stalled("never", "AccessDenied").await;

    let namespaces: Api<Namespace> = Api::all(world.client.clone());
    namespaces.delete(&world.namespace, &DeleteParams::default()).await.unwrap();
    let started = Instant::now();
    let (one, all) = (DeleteParams::default(), ListParams::default());
    secrets.delete_collection(&one, &all).await.unwrap();
    world.objects().delete_collection(&one, &all).await.unwrap();
    world
        .until("the namespace to be empty", async |world: &World| {
            let left = world.objects().list(&ListParams::default()).await.unwrap().items;
            if left.is_empty() { Ok(()) } else { Err(format!("{left:#?}")) }
        })
        .await;
    assert!(started.elapsed().as_secs() < 20, "{:?}", started.elapsed());
    finalize(&world).await;
    for name in ["one", "two", "never"] {
        assert_eq!(world.function(name).await, None, "{name}");
    }
    assert!(world.function("left").await.is_some());
    assert_eq!(owner(&world, "left").await, "");
}
