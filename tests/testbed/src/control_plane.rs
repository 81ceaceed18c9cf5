//! A real control plane on loopback: etcd and kube-apiserver, with RBAC, audit log and service-account tokens.

use std::io::Read;
use std::path::{Path, PathBuf};
use std::time::Duration;

use rcgen::{BasicConstraints, CertificateParams, DnType, IsCa, Issuer, KeyPair};

use crate::child::{Child, command, last_lines, poll};
use crate::error::Error;
use crate::folder::TempFolder;
use crate::programs::ControlPlanePrograms;
use crate::{kubeconfig, port};

/// All requests, without bodies; the parts about reading and health would only be noise at request time.
const AUDIT_POLICY: &str = r#"{"apiVersion": "audit.k8s.io/v1", "kind": "Policy", "omitStages": ["RequestReceived"],
"rules": [{"level": "None", "nonResourceURLs": ["/readyz*", "/livez*", "/healthz*", "/openapi*"]}, {"level": "Metadata"}]}
"#;

/// Where etcd keeps everything.
const ETCD_DATA: &str = "etcd";

/// etcd and kube-apiserver, running until dropped.
#[derive(Debug)]
pub(crate) struct ControlPlane {
    // the apiserver first: it is stopped before its store
    apiserver: Option<Child>,
    etcd: Option<Child>,
    programs: ControlPlanePrograms,
    kubectl: PathBuf,
    folder: PathBuf,
    ports: Ports,
    /// The kubeconfig of an administrator.
    pub kubeconfig: PathBuf,
    /// The audit log, JSON lines.
    pub audit_log: PathBuf,
}

/// They stay the same when a part is started again.
#[derive(Debug, Clone, Copy)]
struct Ports {
    etcd: u16,
    peer: u16,
    apiserver: u16,
}

impl ControlPlane {
    /// Starts both in `folder` and waits until the apiserver is ready.
    pub(crate) async fn start(
        programs: &ControlPlanePrograms,
        kubectl: &Path,
        folder: &TempFolder,
    ) -> Result<ControlPlane, Error> {
        let [etcd, peer, apiserver] = port::free()?;
        let ports = Ports { etcd, peer, apiserver };
        let token = token()?;
        let ca = write_keys(folder, &token)?;
        folder.write("audit-policy.json", AUDIT_POLICY)?;
        let server = format!("https://127.0.0.1:{apiserver}");
        let kubeconfig = folder.write("admin.kubeconfig", &kubeconfig::render(&server, &ca, &token))?;
        let mut control_plane = ControlPlane {
            apiserver: None,
            etcd: None,
            programs: programs.clone(),
            kubectl: kubectl.to_owned(),
            folder: folder.path().to_owned(),
            ports,
            kubeconfig,
            audit_log: folder.path().join("audit.log"),
        };
        control_plane.start_again().await?;
        Ok(control_plane)
    }

    /// Resolves when one of both has ended by itself.
    pub(crate) async fn ended(&mut self) -> Error {
        tokio::select! {
            error = ended(&mut self.apiserver) => error,
            error = ended(&mut self.etcd) => error,
        }
    }

    /// Kills the apiserver: its port refuses connections until it is started again.
    pub(crate) async fn stop_apiserver(&mut self) {
        if let Some(apiserver) = self.apiserver.take() {
            apiserver.kill().await;
        }
    }

    /// Kills both and forgets all objects.
    pub(crate) async fn wipe(&mut self) -> Result<(), Error> {
        self.stop_apiserver().await;
        if let Some(etcd) = self.etcd.take() {
            etcd.kill().await;
        }
        let data = self.folder.join(ETCD_DATA);
        std::fs::remove_dir_all(&data).map_err(Error::file("remove the folder", data))
    }

    /// Starts what does not run, on its old port, and waits until the apiserver is ready.
    pub(crate) async fn start_again(&mut self) -> Result<(), Error> {
        if self.etcd.is_none() {
            self.etcd = Some(start_etcd(&self.programs.etcd, &self.folder, self.ports)?);
        }
        if self.apiserver.is_none() {
            self.apiserver = Some(start_apiserver(&self.programs.apiserver, &self.folder, self.ports)?);
        }
        self.wait_until_ready().await
    }

    async fn wait_until_ready(&mut self) -> Result<(), Error> {
        let ControlPlane { apiserver: Some(apiserver), etcd: Some(etcd), kubectl, kubeconfig, .. } = self else {
            return Err(Error::unexpected("a control plane that was started", "one that was stopped"));
        };
        poll("kube-apiserver to be ready", Duration::from_secs(90), async || {
            etcd.check()?;
            apiserver.check()?;
            let mut readyz = command(&*kubectl);
            readyz.arg("--kubeconfig").arg(&*kubeconfig).args(["get", "--raw", "/readyz"]);
            readyz.args(["--request-timeout", "2s"]).env("KUBECACHEDIR", kubeconfig.with_file_name("kubectl-cache"));
            match crate::child::output(readyz).await {
                Ok(_) => Ok(Ok(())),
                Err(Error::Failed { output, .. }) => {
                    Ok(Err(format!("{}\n{}", last_lines(&output, 2), last_lines(&apiserver.log(), 10))))
                }
                Err(error) => Err(error),
            }
        })
        .await
    }
}

/// One that was stopped on purpose does not end by itself.
async fn ended(child: &mut Option<Child>) -> Error {
    match child {
        Some(child) => child.ended().await,
        None => std::future::pending().await,
    }
}

fn start_etcd(program: &Path, folder: &Path, ports: Ports) -> Result<Child, Error> {
    let client = format!("http://127.0.0.1:{}", ports.etcd);
    let peer = format!("http://127.0.0.1:{}", ports.peer);
    let mut etcd = command(program);
    etcd.arg("--data-dir").arg(folder.join(ETCD_DATA)).args([
        "--unsafe-no-fsync",
        "--listen-client-urls",
        &client,
        "--advertise-client-urls",
        &client,
        "--listen-peer-urls",
        &peer,
        "--initial-advertise-peer-urls",
        &peer,
        "--initial-cluster",
        &format!("default={peer}"),
    ]);
    Child::start("etcd", etcd, folder.join("etcd.log"))
}

fn start_apiserver(program: &Path, folder: &Path, ports: Ports) -> Result<Child, Error> {
    let file = |name: &str| folder.join(name).display().to_string();
    let flags = [
        format!("--etcd-servers=http://127.0.0.1:{}", ports.etcd),
        format!("--secure-port={}", ports.apiserver),
        "--bind-address=127.0.0.1".to_owned(),
        "--advertise-address=127.0.0.1".to_owned(),
        // the default reconciler refuses a loopback address
        "--endpoint-reconciler-type=none".to_owned(),
        "--service-cluster-ip-range=10.96.0.0/16".to_owned(),
        "--authorization-mode=RBAC".to_owned(),
        "--allow-privileged=true".to_owned(),
        format!("--token-auth-file={}", file("tokens.csv")),
        format!("--cert-dir={}", file("certificates")),
        format!("--tls-cert-file={}", file("serving.crt")),
        format!("--tls-private-key-file={}", file("serving.key")),
        "--service-account-issuer=https://kubernetes.default.svc".to_owned(),
        format!("--service-account-key-file={}", file("service-account.pub")),
        format!("--service-account-signing-key-file={}", file("service-account.key")),
        format!("--audit-policy-file={}", file("audit-policy.json")),
        format!("--audit-log-path={}", file("audit.log")),
        // one file, whatever a test writes
        "--audit-log-maxsize=4096".to_owned(),
    ];
    let mut apiserver = command(program);
    apiserver.args(flags);
    Child::start("kube-apiserver", apiserver, folder.join("kube-apiserver.log"))
}

/// Writes CA, serving certificate, service-account key pair and token file; returns the CA's certificate.
fn write_keys(folder: &TempFolder, token: &str) -> Result<String, Error> {
    let mut params = CertificateParams::new(Vec::new())?;
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    params.distinguished_name.push(DnType::CommonName, "lambda-operator test bed");
    let ca_key = KeyPair::generate()?;
    let ca = params.self_signed(&ca_key)?.pem();
    let issuer = Issuer::new(params, ca_key);

    let serving_key = KeyPair::generate()?;
    let serving = CertificateParams::new(vec!["127.0.0.1".to_owned(), "localhost".to_owned()])?;
    let serving = serving.signed_by(&serving_key, &issuer)?;
    folder.write("serving.crt", &serving.pem())?;
    folder.write("serving.key", &serving_key.serialize_pem())?;

    let service_accounts = KeyPair::generate()?;
    folder.write("service-account.key", &service_accounts.serialize_pem())?;
    folder.write("service-account.pub", &service_accounts.public_key_pem())?;
    folder.write("tokens.csv", &format!("{token},testbed-admin,testbed-admin,system:masters\n"))?;
    Ok(ca)
}

/// A token that nobody else on this machine can guess.
fn token() -> Result<String, Error> {
    let mut bytes = [0_u8; 16];
    let source = "/dev/urandom";
    let mut file = std::fs::File::open(source).map_err(Error::file("open", source))?;
    file.read_exact(&mut bytes).map_err(Error::file("read", source))?;
    Ok(bytes.iter().map(|byte| format!("{byte:02x}")).collect())
}
