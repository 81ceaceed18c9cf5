//! What was applied stays as it was applied: no difference, no new generation, nobody else's fields, no write without news.

use std::collections::BTreeSet;

use serde_json::{Value, json};
use testbed::Output;

use support::world::{World, spec, spec_with, writes};

fn manifest(name: &str) -> String {
    let spec = spec_with(&json!({
        "memorySize": 256, "tags": {"team": "a"}, "environment": {"variables": {"STAGE": "prod"}}, "layers": [], "publish": true,
        "vpcConfig": {"subnetIds": [], "securityGroupIds": []}, "timeouts": {"create": "5m"}, "reservedConcurrentExecutions": -1,
    }));
    json!({"apiVersion": "lambda-operator.io/v1alpha1", "kind": "LambdaFunction", "metadata": {"name": name}, "spec": spec}).to_string()
}

async fn kubectl(world: &World, arguments: &[&str], stdin: &str) -> Output {
    world.bed.kubectl(&[&["-n", &world.namespace], arguments].concat(), Some(stdin)).await.unwrap()
}

#[tokio::test]
async fn an_applied_manifest_shows_no_diff() {
    let world = World::new().await;
    for (name, apply, diff) in [
        ("client-side", ["apply", "--server-side=false", "-f", "-"], ["diff", "--server-side=false", "-f", "-"]),
        ("server-side", ["apply", "--server-side=true", "-f", "-"], ["diff", "--server-side=true", "-f", "-"]),
    ] {
        let manifest = manifest(name);
        let applied = kubectl(&world, &apply, &manifest).await;
        assert!(applied.status.success(), "{applied:?}");
        let object = world.ready(name).await;
        assert_eq!(object.metadata.generation, Some(1), "the operator has written spec");
        let diff = kubectl(&world, &diff, &manifest).await;
        assert!(diff.status.success() && diff.stdout.is_empty(), "{name}: {diff:?}");
        let again = kubectl(&world, &apply, &manifest).await;
        assert!(again.status.success(), "a conflict with the operator's fields: {again:?}");
        assert_eq!(world.objects().get(name).await.unwrap().metadata.generation, Some(1));
    }
}

/// The paths that a `fieldsV1` holds, of its first two levels.
fn fields(entry: &Value) -> BTreeSet<String> {
    let level = |value: &Value| -> Vec<String> {
        value.as_object().into_iter().flatten().map(|(key, _)| key.clone()).collect()
    };
    let of = &entry["fieldsV1"];
    let paths = level(of).into_iter().flat_map(|outer| {
        let inner = level(&of[&outer]);
        inner.into_iter().map(move |inner| format!("{outer}.{inner}"))
    });
    paths.filter(|path| !path.ends_with("..")).collect()
}

#[tokio::test]
async fn the_operator_owns_nothing_but_status_and_its_finalizer() {
    let world = World::new().await;
    world.settle("hello", &spec()).await;
    let get = ["get", "-n", &world.namespace, "lfn/hello", "-o", "json", "--show-managed-fields"];
    let object: Value = serde_json::from_str(&world.bed.kubectl_ok(&get, None).await.unwrap()).unwrap();
    let entries = object["metadata"]["managedFields"].as_array().unwrap();
    let (ours, others): (Vec<_>, Vec<_>) = entries.iter().partition(|entry| entry["manager"] != "user");
    assert!(others.iter().all(|entry| fields(entry).iter().all(|field| field.starts_with("f:spec"))), "{others:#?}");
    assert_eq!(ours.len(), 2, "one for the status, one for the finalizer: {ours:#?}");
    for entry in ours {
        if entry["subresource"] == "status" {
            assert_eq!(entry["manager"], "lambda-operator", "the manager of every status");
            assert_eq!(entry["operation"], "Apply");
            assert!(fields(entry).iter().all(|field| field.starts_with("f:status.")), "{entry:#}");
        } else {
            assert_eq!(fields(entry), ["f:metadata.f:finalizers".to_owned()].into(), "{entry:#}");
        }
    }
}

/// Writes to objects of the namespace that the operator asked for, as the API server logged them.
fn written(world: &World) -> usize {
    let log = std::fs::read_to_string(&world.bed.audit_log).unwrap();
    let entries = log.lines().filter_map(|line| serde_json::from_str::<Value>(line).ok());
    let ours = entries.filter(|entry| {
        let user = entry["user"]["username"].as_str().unwrap_or_default();
        entry["objectRef"]["namespace"] == world.namespace.as_str()
            && user.starts_with("system:serviceaccount:")
            && ["create", "update", "patch", "delete"].contains(&entry["verb"].as_str().unwrap_or_default())
    });
    ours.count()
}

#[tokio::test]
async fn a_reconcile_without_changes_writes_nothing() {
    let world = World::with(&["--drift-interval", "1s"]).await;
    let object = world.settle("hello", &spec()).await;
    assert!(written(&world) > 0, "the log does not show the writes that there were");
    let (before, calls) = (written(&world), world.manners().mark().await.unwrap());
    world
        .until("four more looks", async |world: &World| {
            let looks = world.calls_since(calls).await.len();
            if looks >= 4 { Ok(()) } else { Err(format!("{looks} looks")) }
        })
        .await;
    let after = world.objects().get("hello").await.unwrap();
    assert_eq!(after.metadata.resource_version, object.metadata.resource_version);
    assert_eq!(written(&world), before, "neither a status nor an Event");
    assert!(writes(&world.calls_since(calls).await).is_empty());
}

#[tokio::test]
async fn a_change_emits_one_event_at_start_and_one_when_done() {
    let world = World::with(&["--drift-interval", "1s"]).await;
    world.settle("hello", &spec()).await;
    world.settle("hello", &spec_with(&json!({"memorySize": 256}))).await;
    let calls = world.manners().mark().await.unwrap();
    world
        .until("three more looks", async |world: &World| {
            let looks = world.calls_since(calls).await.len();
            if looks >= 3 { Ok(()) } else { Err(format!("{looks} looks")) }
        })
        .await;
    let mut events = world.events("hello").await;
    events.sort_by(|one, other| one.event_time.cmp(&other.event_time));
    let reasons: Vec<_> = events.iter().filter_map(|event| event.reason.as_deref()).collect();
    assert_eq!(reasons, ["Creating", "Available", "Updating", "Available"]);
    assert!(events.iter().all(|event| event.type_.as_deref() == Some("Normal")));
}
