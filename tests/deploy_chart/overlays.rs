//! The kustomize base and overlays: the API server takes them, and they are what the chart makes of the same values.

use serde_json::{Value, json};
use testbed::Bed;

use crate::release::{crd, documents, list, namespace, render};

const DEPLOY: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/deploy");

async fn built(bed: &Bed, path: &str) -> Vec<Value> {
    documents(&bed.kubectl_ok(&["kustomize", &format!("{DEPLOY}/{path}")], None).await.unwrap())
}

/// In one order, without what only Helm needs and without the namespace, which Helm makes itself. The CRD is compared elsewhere.
fn comparable(objects: Vec<Value>) -> Vec<Value> {
    let mut objects: Vec<_> = objects
        .into_iter()
        .filter(|object| object["kind"] != "Namespace" && object["kind"] != "CustomResourceDefinition")
        .collect();
    for object in &mut objects {
        for place in ["/metadata/labels", "/spec/template/metadata/labels"] {
            if let Some(labels) = object.pointer_mut(place).and_then(Value::as_object_mut) {
                labels.remove("helm.sh/chart");
                labels.remove("app.kubernetes.io/managed-by");
            }
        }
        if let Some(rules) = object["rules"].as_array_mut() {
            rules.sort_by_key(ToString::to_string);
        }
    }
    objects.sort_by_key(|object| format!("{}{}", object["kind"], object["metadata"]["name"]));
    objects
}

async fn is_what_the_chart_makes(path: &str, values: &[&str]) {
    let bed = Bed::from_env().unwrap();
    crd(&bed).await;
    namespace(&bed, "team-a").await;
    namespace(&bed, "lambda-operator-system").await;
    let objects = built(&bed, path).await;
    let arguments = ["apply", "--server-side", "--force-conflicts", "--dry-run=server", "-f", "-"];
    let output = bed.kubectl(&arguments, Some(&list(&objects))).await.unwrap();
    assert!(output.status.success(), "{}", output.stderr);
    assert_eq!(output.stderr, "", "warnings");
    let charts = render(&bed, &bed.helm, "lambda-operator", "lambda-operator-system", values).await;
    assert!(objects.iter().any(|object| object["kind"] == "CustomResourceDefinition"));
    let (ours, theirs) = (comparable(objects), comparable(charts));
    for (ours, theirs) in ours.iter().zip(&theirs) {
        assert_eq!(ours, theirs);
    }
    assert_eq!(ours.len(), theirs.len());
}

#[tokio::test]
async fn the_kustomize_base_equals_the_default_chart() {
    is_what_the_chart_makes("", &[]).await;
}

#[tokio::test]
async fn the_namespace_overlay_equals_watch_namespaces() {
    is_what_the_chart_makes("overlays/namespaced", &["--set", "watchNamespaces={team-a}"]).await;
}

#[tokio::test]
async fn the_replicas_overlay_equals_two_replicas() {
    is_what_the_chart_makes("overlays/ha", &["--set", "replicas=2"]).await;
}

/// As the comment in the base says it.
#[tokio::test]
async fn a_kustomization_over_the_base_names_the_image() {
    let bed = Bed::from_env().unwrap();
    let folder = bed.kubeconfig.with_file_name("own-kustomization");
    std::fs::create_dir_all(&folder).unwrap();
    let base = std::path::Path::new(DEPLOY).join("base");
    let up = "../".repeat(folder.canonicalize().unwrap().components().count() - 1);
    let base = format!("{up}{}", base.display().to_string().trim_start_matches('/'));
    let own = json!({
        "apiVersion": "kustomize.config.k8s.io/v1beta1", "kind": "Kustomization", "resources": [base],
        "images": [{"name": "lambda-operator", "newName": "registry.example.com/lambda-operator", "newTag": "1.2.3"}],
    });
    std::fs::write(folder.join("kustomization.yaml"), own.to_string()).unwrap();
    let objects = documents(&bed.kubectl_ok(&["kustomize", &folder.display().to_string()], None).await.unwrap());
    let deployment = objects.iter().find(|object| object["kind"] == "Deployment").unwrap();
    let image = &deployment["spec"]["template"]["spec"]["containers"][0]["image"];
    assert_eq!(image, "registry.example.com/lambda-operator:1.2.3");
}
