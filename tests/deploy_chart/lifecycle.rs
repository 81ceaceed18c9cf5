//! The chart's life in a cluster of its own: installed, upgraded over an older CRD, and gone without taking anybody's functions along.

use std::path::{Path, PathBuf};

use serde_json::Value;
use testbed::{Bed, Options, Running};

use crate::release::{CHART, function, helm};

const NAMESPACE: &str = "lambda-operator-system";

/// The chart as it might have been: with another CRD.
fn older(bed: &Bed) -> PathBuf {
    let folder = bed.kubeconfig.with_file_name("older-chart");
    copy(Path::new(CHART), &folder);
    let path = folder.join("templates/crd.yaml");
    let crd = std::fs::read_to_string(&path).unwrap();
    assert!(crd.contains("    - lfn\n"));
    std::fs::write(&path, crd.replace("    - lfn\n", "    - lfnold\n")).unwrap();
    folder
}

fn copy(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).unwrap();
    for entry in std::fs::read_dir(from).unwrap() {
        let path = entry.unwrap().path();
        let target = to.join(path.file_name().unwrap());
        if path.is_dir() {
            copy(&path, &target);
        } else {
            std::fs::copy(&path, &target).unwrap();
        }
    }
}

async fn crd(bed: &Bed) -> Value {
    let get = ["get", "crd", "lambdafunctions.lambda-operator.io", "-o", "json"];
    serde_json::from_str(&bed.kubectl_ok(&get, None).await.unwrap()).unwrap()
}

#[tokio::test]
async fn a_chart_upgrade_upgrades_and_uninstall_keeps_the_crd() {
    let running = Running::start(&Options::default()).await.unwrap();
    let bed = &running.bed;
    let old = older(bed).display().to_string();
    let common = ["lambda-operator", "--namespace", NAMESPACE];
    // No kubelet here, so nothing becomes ready.
    let install = [&["install"], &common[..], &[&old, "--create-namespace", "--wait=hookOnly"]].concat();
    let said = helm(bed, &bed.helm, &install).await;
    assert!(said.passed, "{}", said.stderr);
    for words in [
        "kubectl -n lambda-operator-system rollout status deployment/lambda-operator",
        "kubectl apply -f -",
        "BEFORE YOU UNINSTALL",
    ] {
        assert!(said.stdout.contains(words), "{words} is not in the notes:\n{}", said.stdout);
    }
    assert_eq!(crd(bed).await["spec"]["names"]["shortNames"][0], "lfnold");
    bed.established("lambdafunctions.lambda-operator.io").await.unwrap();
    bed.apply(&function("default", "hello", &serde_json::json!({})).to_string()).await.unwrap();

    // As it is released: what the package lacks would be missed here.
    let folder = bed.kubeconfig.with_file_name("packaged").display().to_string();
    let said = helm(bed, &bed.helm, &["package", CHART, "--destination", &folder]).await;
    let package = said.stdout.trim().rsplit(' ').next().unwrap().to_owned();
    let dashboard = ["metrics.dashboard.enabled=true", "--wait=hookOnly"];
    let said = helm(bed, &bed.helm, &[&["upgrade"], &common[..], &[&package, "--set"], &dashboard].concat()).await;
    assert!(said.passed, "{}", said.stderr);
    assert_eq!(crd(bed).await["spec"]["names"]["shortNames"][0], "lfn");
    let get = [
        "get",
        "configmap",
        "lambda-operator-dashboard",
        "-n",
        NAMESPACE,
        "-o",
        "jsonpath={.data.lambda-operator\\.json}",
    ];
    let dashboard: Value = serde_json::from_str(&bed.kubectl_ok(&get, None).await.unwrap()).unwrap();
    assert!(!dashboard["panels"].as_array().unwrap().is_empty());

    let said = helm(bed, &bed.helm, &[&["uninstall"], &common[..]].concat()).await;
    assert!(said.passed, "{}", said.stderr);
    let gone = bed
        .kubectl(&["get", "deployment,role,rolebinding,sa/lambda-operator", "-n", NAMESPACE, "-o", "name"], None)
        .await
        .unwrap();
    assert!(!gone.stdout.contains("lambda-operator"), "{}", gone.stdout);
    assert_eq!(crd(bed).await["metadata"]["deletionTimestamp"], Value::Null, "the CRD is not on its way out either");
    bed.kubectl_ok(&["get", "lambdafunctions", "hello", "-n", "default"], None).await.unwrap();
    // Whoever comes back finds the CRD that was kept as its own.
    let again = [&["install"], &common[..], &[CHART, "--wait=hookOnly"]].concat();
    let said = helm(bed, &bed.helm, &again).await;
    assert!(said.passed, "{}", said.stderr);
}
