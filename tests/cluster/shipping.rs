//! What is shipped is what the cluster takes: manifests without a warning, pods under PodSecurity restricted, values that are checked.

use serde_json::{Value, json};
use testbed::Bed;

use crate::world::installed;

const CHART: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/charts/lambda-operator");

async fn helm(arguments: &[&str]) -> (bool, String) {
    let bed = Bed::from_env().unwrap();
    let output = tokio::process::Command::new(bed.helm).args(arguments).output().await.unwrap();
    let text = [output.stdout, output.stderr].concat();
    (output.status.success(), String::from_utf8(text).unwrap())
}

#[tokio::test]
async fn the_install_manifest_applies_without_a_warning() {
    let bed = Bed::from_env().unwrap();
    installed(&bed).await;
    let manifest = concat!(env!("CARGO_MANIFEST_DIR"), "/deploy/install.yaml");
    let arguments = ["apply", "--server-side", "--force-conflicts", "--dry-run=server", "-f", manifest];
    let output = bed.kubectl(&arguments, None).await.unwrap();
    assert!(output.status.success(), "{}", output.stderr);
    assert_eq!(output.stderr, "", "warnings");
}

#[tokio::test]
async fn the_operators_pod_is_admitted_under_pod_security_restricted() {
    let bed = Bed::from_env().unwrap();
    installed(&bed).await;
    let namespace = format!("restricted-{}", std::process::id());
    let labels =
        json!({"pod-security.kubernetes.io/enforce": "restricted", "pod-security.kubernetes.io/warn": "restricted"});
    let namespaced =
        json!({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": namespace, "labels": labels}});
    bed.apply(&namespaced.to_string()).await.unwrap();
    let account = json!({"apiVersion": "v1", "kind": "ServiceAccount", "metadata": {"name": "lambda-operator", "namespace": namespace}});
    bed.apply(&account.to_string()).await.unwrap();
    let arguments = ["get", "deployment", "lambda-operator", "-n", testbed::NAMESPACE, "-o", "json"];
    let deployment: Value = serde_json::from_str(&bed.kubectl_ok(&arguments, None).await.unwrap()).unwrap();
    let pod = json!({
        "apiVersion": "v1", "kind": "Pod", "metadata": {"name": "operator", "namespace": namespace},
        "spec": deployment["spec"]["template"]["spec"],
    });
    let output = bed.kubectl(&["create", "--dry-run=server", "-f", "-"], Some(&pod.to_string())).await.unwrap();
    assert!(output.status.success(), "{}", output.stderr);
    assert_eq!(output.stderr, "", "warnings");

    let mut loose = pod;
    loose["spec"]["containers"][0]["securityContext"] = json!({"privileged": true});
    let output = bed.kubectl(&["create", "--dry-run=server", "-f", "-"], Some(&loose.to_string())).await.unwrap();
    assert!(output.stderr.contains("violates PodSecurity"), "the check can fail: {}", output.stderr);
}

#[tokio::test]
async fn the_chart_lints_and_refuses_values_that_it_does_not_know() {
    let (passed, text) = helm(&["lint", "--strict", CHART]).await;
    assert!(passed, "{text}");
    let (passed, text) =
        helm(&["template", "r", CHART, "--set", "watchNamespaces={a,b}", "--set", "crds.enabled=false"]).await;
    assert!(passed && text.contains("--watch-namespace=a") && !text.contains("CustomResourceDefinition"), "{text}");
    for wrong in ["replicas=0x", "watchNamespace=a", "driftInterval=soon", "leaderElect=maybe"] {
        let (passed, text) = helm(&["template", "r", CHART, "--set", wrong]).await;
        assert!(!passed, "{wrong} was accepted:\n{text}");
    }
}

/// kubectl's client-side apply keeps the whole manifest in an annotation of at most 262144 bytes.
#[test]
fn the_crd_is_small_enough_for_every_way_to_apply_it() {
    let crd =
        std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/crds/lambdafunctions.lambda-operator.io.yaml"))
            .unwrap();
    assert!(crd.len() < 200_000, "{} bytes", crd.len());
    assert!(!crd.contains("nullable") && !crd.contains("default: {}"), "no nulls and no defaults under spec");
}
