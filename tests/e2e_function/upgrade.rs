//! A new operator over an old CRD says so and leaves AWS alone, until the CRD is upgraded.

use std::path::Path;
use std::time::Duration;

use serde_json::Value;
use testbed::{Bed, Filter, Operator, Options, Running, poll};

use support::world::{options, spec};

/// A cluster of its own: the CRD is everybody's.
#[tokio::test]
async fn under_an_old_crd_nothing_is_done_until_it_is_upgraded() {
    let running = Running::start(&Options::default()).await.unwrap();
    let bed = &running.bed;
    let chart = Path::new(env!("CARGO_MANIFEST_DIR")).join("charts/lambda-operator");
    let kubeconfig = bed.install(&chart).await.unwrap();
    let functions = aged(bed, "lambdafunctions.lambda-operator.io", "everActive").await;
    let aliases = aged(bed, "lambdaaliases.lambda-operator.io", "movedFrom").await;
    published(&running).await;

    let account = "123456789012";
    let mut operator = Operator::start_only(bed, &options(kubeconfig, account, &[])).unwrap();
    let manifest = serde_json::json!({
        "apiVersion": "lambda-operator.io/v1alpha1", "kind": "LambdaFunction", "metadata": {"name": "hello", "namespace": "default"}, "spec": spec(),
    });
    bed.kubectl_ok(&["apply", "-f", "-"], Some(&manifest.to_string())).await.unwrap();
    poll("the operator to say so", Duration::from_secs(20), async || {
        let log = operator.log();
        let named = ["status.record.everActive", "lambdaaliases.lambda-operator.io", "status.record.movedFrom"];
        Ok(if log.contains("older than this operator") && named.iter().all(|words| log.contains(words)) {
            Ok(())
        } else {
            Err(log)
        })
    })
    .await
    .unwrap();
    assert_eq!(operator.probe("/readyz").await.unwrap(), 503);
    let calls = bed.manners().calls(&Filter::account(account).service("lambda")).await.unwrap();
    assert_eq!(calls, [], "AWS was left alone");

    upgraded(bed, &functions).await;
    upgraded(bed, &aliases).await;
    operator.wait_until_ready(Duration::from_secs(30)).await.unwrap();
    bed.kubectl_ok(&["wait", "-n", "default", "--for=condition=Ready", "lfn/hello", "--timeout=30s"], None)
        .await
        .unwrap();
}

async fn crd(bed: &Bed, name: &str) -> Value {
    serde_json::from_str(&bed.kubectl_ok(&["get", "crd", name, "-o", "json"], None).await.unwrap()).unwrap()
}

/// Takes a field of the record out of a CRD; returns the CRD as it was.
async fn aged(bed: &Bed, name: &str, field: &str) -> Value {
    let current = crd(bed, name).await;
    let mut old = current.clone();
    let record = "/spec/versions/0/schema/openAPIV3Schema/properties/status/properties/record/properties";
    assert!(old.pointer_mut(record).and_then(Value::as_object_mut).unwrap().remove(field).is_some(), "{field}");
    bed.kubectl_ok(&["replace", "-f", "-"], Some(&old.to_string())).await.unwrap();
    current
}

async fn upgraded(bed: &Bed, current: &Value) {
    let mut newer = crd(bed, current["metadata"]["name"].as_str().unwrap()).await;
    newer["spec"] = current["spec"].clone();
    bed.kubectl_ok(&["replace", "-f", "-"], Some(&newer.to_string())).await.unwrap();
}

/// The API server publishes a changed CRD a moment later.
async fn published(running: &Running) {
    poll("the schema to be published", Duration::from_secs(30), async || {
        let get = ["get", "--raw", "/openapi/v3/apis/lambda-operator.io/v1alpha1"];
        let output = running.bed.kubectl(&get, None).await?;
        let known = ["everActive", "movedFrom"].iter().any(|field| output.stdout.contains(&format!("\"{field}\"")));
        let there = output.status.success() && !known;
        Ok(if there { Ok(()) } else { Err(output.stderr) })
    })
    .await
    .unwrap();
}
