//! A handle to the test bed around this process, as tests use it.

use std::path::{Path, PathBuf};
use std::process::{ExitStatus, Stdio};

use tokio::io::AsyncWriteExt;

use crate::aws::Aws;
use crate::child::command;
use crate::error::Error;
use crate::manners::Manners;

/// Where everything is.
#[derive(Debug, Clone)]
pub struct Bed {
    /// The kubeconfig of an administrator.
    pub kubeconfig: PathBuf,
    /// The proxy: AWS_ENDPOINT_URL.
    pub endpoint: String,
    /// kubectl.
    pub kubectl: PathBuf,
    /// helm.
    pub helm: PathBuf,
    /// The apiserver's audit log, JSON lines.
    pub audit_log: PathBuf,
}

/// How a command ended and what it wrote.
#[derive(Debug, Clone)]
pub struct Output {
    /// Its exit status.
    pub status: ExitStatus,
    /// Its standard output.
    pub stdout: String,
    /// Its standard error.
    pub stderr: String,
}

impl Bed {
    /// The bed of the surrounding `testbed run`.
    pub fn from_env() -> Result<Bed, Error> {
        let variable = |variable| std::env::var(variable).map_err(|_| Error::Outside { variable });
        // ours first: KUBECONFIG alone may be somebody's real cluster
        Ok(Bed {
            kubectl: variable("TESTBED_KUBECTL")?.into(),
            helm: variable("TESTBED_HELM")?.into(),
            audit_log: variable("TESTBED_AUDIT_LOG")?.into(),
            kubeconfig: variable("KUBECONFIG")?.into(),
            endpoint: variable("AWS_ENDPOINT_URL")?,
        })
    }

    /// Where kubectl keeps what it has read from this bed's apiserver.
    pub(crate) fn kubectl_cache(&self) -> PathBuf {
        self.kubeconfig.with_file_name("kubectl-cache")
    }

    /// Journal, rules and settings of the proxy.
    pub fn manners(&self) -> Manners {
        Manners::new(&self.endpoint)
    }

    /// Somebody with keys of `account`.
    pub fn aws(&self, account: &str, region: &str) -> Aws {
        Aws::new(&self.endpoint, account, region)
    }

    /// kubectl as an administrator. A failing kubectl is `Ok` with its status.
    pub async fn kubectl(&self, args: &[&str], stdin: Option<&str>) -> Result<Output, Error> {
        let mut kubectl = command(&self.kubectl);
        kubectl.arg("--kubeconfig").arg(&self.kubeconfig).args(args);
        // every bed has another port: its cache would stay in the user's home for ever
        kubectl.env("KUBECACHEDIR", self.kubectl_cache());
        feed(kubectl, "kubectl", stdin).await
    }

    /// kubectl as an administrator; its output, or an error if it fails.
    pub async fn kubectl_ok(&self, args: &[&str], stdin: Option<&str>) -> Result<String, Error> {
        let output = self.kubectl(args, stdin).await?;
        if output.status.success() {
            return Ok(output.stdout);
        }
        let command = format!("kubectl {}", args.join(" "));
        let both = format!("{}{}", output.stdout, output.stderr);
        Err(Error::Failed { command, status: output.status.to_string(), output: both })
    }
}

impl Bed {
    /// A helm as an administrator, with its files beside the kubeconfig. One that fails is `Ok` with its status.
    pub async fn helm(&self, helm: &Path, args: &[&str]) -> Result<Output, Error> {
        let mut helm = command(helm);
        helm.env("HOME", self.kubeconfig.with_file_name("helm")).env("KUBECONFIG", &self.kubeconfig);
        for name in ["XDG_CACHE_HOME", "XDG_CONFIG_HOME", "XDG_DATA_HOME"] {
            helm.env_remove(name);
        }
        helm.args(args);
        feed(helm, "helm", None).await
    }
}

/// Runs a command with `stdin`.
pub(crate) async fn feed(
    mut command: tokio::process::Command,
    name: &str,
    stdin: Option<&str>,
) -> Result<Output, Error> {
    let start = |source| Error::Start { program: name.to_owned(), source };
    command.stdin(if stdin.is_some() { Stdio::piped() } else { Stdio::null() });
    command.stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().map_err(start)?;
    let pipe = child.stdin.take();
    let write = async {
        if let (Some(mut pipe), Some(text)) = (pipe, stdin) {
            // a command that ends early says why itself
            let _ = pipe.write_all(text.as_bytes()).await;
        }
    };
    let (output, ()) = tokio::join!(child.wait_with_output(), write);
    let output = output.map_err(start)?;
    Ok(Output {
        status: output.status,
        stdout: String::from_utf8_lossy(&output.stdout).into_owned(),
        stderr: String::from_utf8_lossy(&output.stderr).into_owned(),
    })
}
