//! The manifests for Flux and Argo CD: of kinds and fields that those know, about paths and values that are here.

use std::path::Path;

use serde_json::Value;
use testbed::Bed;

use crate::release::{CHART, documents, fresh, helm};

const ROOT: &str = env!("CARGO_MANIFEST_DIR");

fn read(path: &str) -> Vec<Value> {
    documents(&std::fs::read_to_string(Path::new(ROOT).join("deploy").join(path)).unwrap())
}

/// What the manifests give to the chart are values that it takes.
async fn renders(values: &Value) {
    let bed = Bed::from_env().unwrap();
    let file = bed.kubeconfig.with_file_name(fresh("gitops-values"));
    std::fs::write(&file, values.to_string()).unwrap();
    let said = helm(&bed, &bed.helm, &["template", "r", CHART, "--values", &file.display().to_string()]).await;
    assert!(said.passed, "{}", said.stderr);
}

#[tokio::test]
async fn flux_installs_the_chart_that_is_here_and_waits_for_functions() {
    let release = read("flux/helmrelease.yaml");
    let kinds: Vec<_> = release
        .iter()
        .map(|object| (object["apiVersion"].as_str().unwrap(), object["kind"].as_str().unwrap()))
        .collect();
    assert_eq!(kinds, [("source.toolkit.fluxcd.io/v1", "GitRepository"), ("helm.toolkit.fluxcd.io/v2", "HelmRelease")]);
    let chart = &release[1]["spec"]["chart"]["spec"];
    assert!(Path::new(ROOT).join(chart["chart"].as_str().unwrap()).join("Chart.yaml").is_file());
    assert_eq!(chart["sourceRef"]["name"], release[0]["metadata"]["name"]);
    renders(&release[1]["spec"]["values"]).await;

    let functions = read("flux/kustomization.yaml").remove(0);
    assert_eq!(
        (functions["apiVersion"].as_str(), functions["kind"].as_str()),
        (Some("kustomize.toolkit.fluxcd.io/v1"), Some("Kustomization"))
    );
    assert_eq!(functions["spec"]["wait"], true);
}

#[tokio::test]
async fn argo_cd_installs_this_chart_and_never_prunes_the_crd() {
    let application = read("argocd/application.yaml").remove(0);
    assert_eq!(
        (application["apiVersion"].as_str(), application["kind"].as_str()),
        (Some("argoproj.io/v1alpha1"), Some("Application"))
    );
    let source = &application["spec"]["source"];
    assert!(Path::new(ROOT).join(source["path"].as_str().unwrap()).join("Chart.yaml").is_file());
    let values = &source["helm"]["valuesObject"];
    let kept = values.pointer("/crds/annotations/argocd.argoproj.io~1sync-options").unwrap();
    assert_eq!(kept, "Prune=false,Delete=false");
    let options = application["spec"]["syncPolicy"]["syncOptions"].as_array().unwrap();
    assert!(
        options.iter().any(|option| option == "ServerSideApply=true"),
        "else the CRD is kept once more in last-applied"
    );
    assert_eq!(
        application["spec"]["syncPolicy"]["retry"]["refresh"], true,
        "else a failed commit is retried, not its correction"
    );
    renders(values).await;
}
