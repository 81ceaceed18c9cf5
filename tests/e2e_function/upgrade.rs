//! A new operator over an old CRD says so and leaves AWS alone, until the CRD is upgraded.

use std::path::Path;
use std::time::Duration;

use serde_json::Value;
use testbed::{Filter, Operator, Options, Running, poll};

use support::world::{options, spec};

/// A cluster of its own: the CRD is everybody's.
#[tokio::test]
async fn under_an_old_crd_nothing_is_done_until_it_is_upgraded() {
    let running = Running::start(&Options::default()).await.unwrap();
    let bed = &running.bed;
    let chart = Path::new(env!("CARGO_MANIFEST_DIR")).join("charts/lambda-operator");
    let kubeconfig = bed.install(&chart).await.unwrap();
    let get = ["get", "crd", "lambdafunctions.lambda-operator.io", "-o", "json"];
    let current: Value = serde_json::from_str(&bed.kubectl_ok(&get, None).await.unwrap()).unwrap();
    let mut old = current.clone();
    let status = "/spec/versions/0/schema/openAPIV3Schema/properties/status/properties/record/properties";
    old.pointer_mut(status).and_then(Value::as_object_mut).unwrap().remove("everActive");
    bed.kubectl_ok(&["replace", "-f", "-"], Some(&old.to_string())).await.unwrap();
    published(&running, false).await;

    let account = "123456789012";
    let mut operator = Operator::start_only(bed, &options(kubeconfig, account, &[])).unwrap();
    let manifest = serde_json::json!({
        "apiVersion": "lambda-operator.io/v1alpha1", "kind": "LambdaFunction", "metadata": {"name": "hello", "namespace": "default"}, "spec": spec(),
    });
    bed.kubectl_ok(&["apply", "-f", "-"], Some(&manifest.to_string())).await.unwrap();
    poll("the operator to say so", Duration::from_secs(20), async || {
        let log = operator.log();
        Ok(if log.contains("older than this operator") && log.contains("status.record.everActive") {
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

    let mut newer: Value = serde_json::from_str(&bed.kubectl_ok(&get, None).await.unwrap()).unwrap();
    newer["spec"] = current["spec"].clone();
    bed.kubectl_ok(&["replace", "-f", "-"], Some(&newer.to_string())).await.unwrap();
    operator.wait_until_ready(Duration::from_secs(30)).await.unwrap();
    bed.kubectl_ok(&["wait", "-n", "default", "--for=condition=Ready", "lfn/hello", "--timeout=30s"], None)
        .await
        .unwrap();
}

/// The API server publishes a changed CRD a moment later.
async fn published(running: &Running, with_worked: bool) {
    poll("the schema to be published", Duration::from_secs(30), async || {
        let get = ["get", "--raw", "/openapi/v3/apis/lambda-operator.io/v1alpha1"];
        let output = running.bed.kubectl(&get, None).await?;
        let there = output.status.success() && output.stdout.contains("\"worked\"") == with_worked;
        Ok(if there { Ok(()) } else { Err(output.stderr) })
    })
    .await
    .unwrap();
}
