//! Installs the operator's chart into the cluster, and gets a kubeconfig with the operator's own rights.

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU32, Ordering};

use tokio::process::Command;

use crate::bed::Bed;
use crate::child::{command, output};
use crate::error::Error;
use crate::{folder, kubeconfig};

/// The release's name.
const RELEASE: &str = "lambda-operator";
/// The namespace that it goes to.
pub const NAMESPACE: &str = "lambda-operator-system";
/// The label that the chart gives to everything of the release.
const LABEL: &str = "app.kubernetes.io/instance=lambda-operator";

static COUNTER: AtomicU32 = AtomicU32::new(0);

impl Bed {
    /// Renders the chart at `chart`, applies all of it, waits for the CRDs, and writes a kubeconfig that holds only a token
    /// of the operator's ServiceAccount. Safe to call from several test processes at once.
    pub async fn install(&self, chart: &Path) -> Result<PathBuf, Error> {
        self.install_with(chart, &[]).await
    }

    /// The same with arguments for `helm template`, for instance `--set watchNamespaces={a}`.
    pub async fn install_with(&self, chart: &Path, arguments: &[&str]) -> Result<PathBuf, Error> {
        let manifests = self.render(chart, arguments).await?;
        let namespace =
            format!(r#"{{"apiVersion": "v1", "kind": "Namespace", "metadata": {{"name": "{NAMESPACE}"}}}}"#);
        self.apply(&namespace).await?;
        self.apply(&manifests).await?;
        let crds = names(&manifests, "CustomResourceDefinition");
        if crds.is_empty() {
            return Err(Error::Missing {
                what: format!("the CRD in the chart {}", chart.display()),
                remedy: "it must render what `lambda-operator crd` prints".to_owned(),
            });
        }
        for crd in crds {
            self.established(&crd).await?;
        }
        let accounts = names(&manifests, "ServiceAccount");
        let account = accounts.first().ok_or_else(|| {
            Error::unexpected("a ServiceAccount in the rendered chart", format!("none in {}", chart.display()))
        })?;
        self.service_account_kubeconfig(NAMESPACE, account).await
    }

    /// As a user does it: a release that `helm upgrade` and `helm uninstall` know afterwards. The kubeconfig is the same.
    pub async fn install_by_helm(&self, chart: &Path) -> Result<PathBuf, Error> {
        let mut helm = self.helm_command();
        helm.args(["upgrade", "--install", RELEASE]).arg(chart).args(["--namespace", NAMESPACE, "--create-namespace"]);
        output(helm).await?;
        let wait = ["wait", "--for=condition=Established", "crd", "-l", LABEL, "--timeout=30s"];
        self.kubectl_ok(&wait, None).await?;
        self.service_account_kubeconfig(NAMESPACE, RELEASE).await
    }

    /// Waits until the API server serves a CRD that it was given.
    pub async fn established(&self, crd: &str) -> Result<(), Error> {
        let crd = format!("crd/{crd}");
        self.kubectl_ok(&["wait", "--for=condition=Established", &crd, "--timeout=30s"], None).await.map(drop)
    }

    /// Server-side apply as an administrator.
    pub async fn apply(&self, manifests: &str) -> Result<String, Error> {
        let arguments = ["apply", "--server-side", "--force-conflicts", "--field-manager=testbed", "-f", "-"];
        self.kubectl_ok(&arguments, Some(manifests)).await
    }

    /// A kubeconfig with a token of a ServiceAccount, in a file of its own.
    pub async fn service_account_kubeconfig(&self, namespace: &str, account: &str) -> Result<PathBuf, Error> {
        let token = self.kubectl_ok(&["create", "token", account, "-n", namespace, "--duration=10h"], None).await?;
        let number = COUNTER.fetch_add(1, Ordering::Relaxed);
        let name = format!("{account}-{}-{number}.kubeconfig", std::process::id());
        let path = self.kubeconfig.with_file_name(name);
        folder::write(&path, &kubeconfig::with_token(&self.kubeconfig, token.trim())?)?;
        Ok(path)
    }

    async fn render(&self, chart: &Path, arguments: &[&str]) -> Result<String, Error> {
        if !chart.join("Chart.yaml").is_file() {
            return Err(Error::Missing {
                what: format!("a chart in {}", chart.display()),
                remedy: "name the folder that holds the operator's Chart.yaml (--chart)".to_owned(),
            });
        }
        let mut helm = self.helm_command();
        helm.args(["template", RELEASE]).arg(chart).args(["--namespace", NAMESPACE, "--include-crds", "--no-hooks"]);
        // without a cluster helm assumes a Kubernetes of its own age
        helm.args(["--kube-version", "1.37.2"]).args(arguments);
        output(helm).await
    }

    fn helm_command(&self) -> Command {
        let mut helm = command(&self.helm);
        // helm writes caches below HOME; they belong to this run
        helm.env("HOME", self.kubeconfig.with_file_name("helm")).env_remove("XDG_CACHE_HOME");
        helm.env_remove("XDG_CONFIG_HOME").env_remove("XDG_DATA_HOME").env("KUBECONFIG", &self.kubeconfig);
        helm
    }
}

/// The names of the objects of a kind among rendered manifests. Helm's output is regular enough to read by lines.
fn names(manifests: &str, kind: &str) -> Vec<String> {
    let kind = format!("kind: {kind}");
    let name = |document: &str| {
        let (_, metadata) = document.split_once("\nmetadata:")?;
        let name = metadata.lines().find_map(|line| line.strip_prefix("  name:"))?;
        Some(name.trim().trim_matches('"').to_owned())
    };
    manifests.split("\n---").filter(|document| document.lines().any(|line| line == kind)).filter_map(name).collect()
}

#[cfg(test)]
mod tests {
    use super::names;

    #[test]
    fn finds_objects_by_kind() {
        let text = "---\napiVersion: v1\nkind: Namespace\nmetadata:\n  name: x\n---\n# Source: a\napiVersion: v1\nkind: ServiceAccount\nmetadata:\n  labels:\n    name: no\n  name: \"operator\"\n";
        assert_eq!(names(text, "ServiceAccount"), ["operator"]);
        assert_eq!(names(text, "Namespace"), ["x"]);
        assert!(names(text, "Service").is_empty());
    }
}
