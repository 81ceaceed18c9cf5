//! The control plane, the installation and the operator's life, with a chart and an operator of two lines each;
//! runs inside `testbed run`.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on shall stop, its helpers included")]

use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use serde_json::json;
use testbed::{Bed, Operator, OperatorOptions};

const CRD: &str = r#"apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata:
  name: tinies.testbed.example
spec:
  group: testbed.example
  scope: Namespaced
  names: {plural: tinies, singular: tiny, kind: Tiny}
  versions:
  - {name: v1alpha1, served: true, storage: true, subresources: {status: {}},
     schema: {openAPIV3Schema: {type: object, x-kubernetes-preserve-unknown-fields: true}}}
"#;

const RIGHTS: &str = r#"apiVersion: v1
kind: ServiceAccount
metadata:
  name: tiny
---
apiVersion: rbac.authorization.k8s.io/v1
kind: Role
metadata: {name: tiny}
rules:
- {apiGroups: [""], resources: [configmaps], verbs: [get, list]}
---
apiVersion: rbac.authorization.k8s.io/v1
kind: RoleBinding
metadata: {name: tiny}
roleRef: {apiGroup: rbac.authorization.k8s.io, kind: Role, name: tiny}
subjects:
- {kind: ServiceAccount, name: tiny, namespace: lambda-operator-system}
"#;

/// Ready at once, says who it is, ends on SIGTERM with 0.
const TINY_OPERATOR: &str = r#"#!/usr/bin/env python3
import http.server, os, signal, sys
signal.signal(signal.SIGTERM, lambda *_: os._exit(0))
class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200 if self.path == "/readyz" else 404)
        self.end_headers()
print("account", os.environ["AWS_ACCESS_KEY_ID"], "bundle", os.environ.get("AWS_CA_BUNDLE"), sys.argv[4:], flush=True)
host, port = sys.argv[sys.argv.index("--http-addr") + 1].split(":")
http.server.HTTPServer((host, int(port)), Handler).serve_forever()
"#;

/// A folder of this test's own beside the kubeconfig; it goes with the bed.
fn folder(bed: &Bed, name: &str) -> PathBuf {
    let folder = bed.kubeconfig.with_file_name(format!("{name}-{}", std::process::id()));
    std::fs::create_dir_all(&folder).unwrap();
    folder
}

fn tiny_chart(bed: &Bed) -> PathBuf {
    let chart = folder(bed, "chart");
    for part in ["crds", "templates"] {
        std::fs::create_dir_all(chart.join(part)).unwrap();
    }
    std::fs::write(chart.join("Chart.yaml"), "apiVersion: v2\nname: tiny\nversion: 0.1.0\n").unwrap();
    std::fs::write(chart.join("crds/crd.yaml"), CRD).unwrap();
    let rights = RIGHTS.replace("metadata: {name: tiny}", "metadata: {name: tiny, namespace: lambda-operator-system}");
    let rights = rights.replace("\n  name: tiny\n", "\n  name: tiny\n  namespace: lambda-operator-system\n");
    std::fs::write(chart.join("templates/rights.yaml"), rights).unwrap();
    chart
}

async fn can(bed: &Bed, kubeconfig: &Path, verb: &str, what: &str) -> bool {
    let path = kubeconfig.display().to_string();
    let arguments = ["--kubeconfig", &path, "auth", "can-i", verb, what, "-n", testbed::NAMESPACE];
    bed.kubectl(&arguments, None).await.unwrap().status.success()
}

#[tokio::test]
async fn installs_are_idempotent_and_grant_only_chart_rights() {
    let bed = Bed::from_env().unwrap();
    let chart = tiny_chart(&bed);
    let (first, second) = tokio::join!(bed.install(&chart), bed.install(&chart));
    let (first, second) = (first.unwrap(), second.unwrap());
    assert_ne!(first, second);
    for kubeconfig in [&first, &second] {
        assert!(can(&bed, kubeconfig, "list", "configmaps").await);
        assert!(!can(&bed, kubeconfig, "list", "secrets").await, "RBAC is on");
    }
    let object = json!({"apiVersion": "testbed.example/v1alpha1", "kind": "Tiny",
                        "metadata": {"name": "tiny", "namespace": "default"}});
    bed.apply(&object.to_string()).await.unwrap();
    bed.kubectl_ok(&["delete", "tinies", "tiny", "-n", "default"], None).await.unwrap();
    let log = std::fs::read_to_string(&bed.audit_log).unwrap();
    assert!(log.contains(r#""verb":"delete","user":{"username":"testbed-admin""#), "the audit log knows who deleted");
}

#[tokio::test]
async fn an_operator_is_started_watched_and_ended() {
    let bed = Bed::from_env().unwrap();
    let binary = folder(&bed, "operator").join("lambda-operator");
    std::fs::write(&binary, TINY_OPERATOR).unwrap();
    std::fs::set_permissions(&binary, std::fs::Permissions::from_mode(0o755)).unwrap();
    let options = OperatorOptions {
        binary,
        kubeconfig: bed.kubeconfig.clone(),
        account: "111111111111".to_owned(),
        region: "eu-west-1".to_owned(),
        args: vec!["--drift-interval".to_owned(), "3s".to_owned()],
    };
    let operator = Operator::start(&bed, options.clone()).await.unwrap();
    assert!(
        operator.log().contains("account 111111111111 bundle None ['--drift-interval', '3s']"),
        "{}",
        operator.log()
    );
    assert_eq!(operator.probe("/readyz").await.unwrap(), 200);
    assert!(operator.rss_kib().is_none_or(|kib| kib > 1000));
    let url = operator.url().to_owned();
    assert!(operator.terminate().await.unwrap().success());
    let mut crashed = Operator::start(&bed, options.clone()).await.unwrap();
    assert_ne!(crashed.url(), url);
    crashed.check().unwrap();
    crashed.kill().await;
    let missing = OperatorOptions { binary: "/nowhere/lambda-operator".into(), ..options };
    let error = Operator::start(&bed, missing).await.unwrap_err().to_string();
    assert!(error.contains("build it with `cargo build`"), "{error}");
}

#[tokio::test]
async fn pods_can_be_created_where_their_service_account_is() {
    let bed = Bed::from_env().unwrap();
    let pod = json!({"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "p", "namespace": "default"},
                     "spec": {"serviceAccountName": "runner", "containers": [{"name": "c", "image": "example/c"}]}});
    let account = json!({"apiVersion": "v1", "kind": "ServiceAccount",
                         "metadata": {"name": "runner", "namespace": "default"}});
    bed.apply(&account.to_string()).await.unwrap();
    bed.apply(&pod.to_string()).await.unwrap();
}
