//! The whole test bed, running: control plane, emulator, proxy.

use std::ffi::OsString;
use std::time::Duration;

use crate::bed::Bed;
use crate::control_plane::ControlPlane;
use crate::emulator::Emulator;
use crate::error::Error;
use crate::folder::TempFolder;
use crate::manners::Settings;
use crate::programs;
use crate::proxy::Proxy;

/// The account that the playground's keys belong to.
pub const ACCOUNT: &str = "123456789012";
/// Its region.
pub const REGION: &str = "eu-west-1";

/// How the emulator and its proxy behave.
#[derive(Debug, Clone)]
pub struct Options {
    /// How long a function is Pending or InProgress.
    pub transition: Duration,
    /// What every Lambda call takes longer.
    pub latency: Duration,
    /// AWS's quotas.
    pub quotas: bool,
    /// The emulator checks signatures, session tokens, trust policies and IAM policies as AWS does, except those of an
    /// account's root user, whose key is the account. A request that the proxy has to complete on its way (an update)
    /// is refused then, for its signature was made of another body.
    pub signatures: bool,
}

impl Default for Options {
    fn default() -> Options {
        Options { transition: Duration::from_millis(500), latency: Duration::ZERO, quotas: true, signatures: false }
    }
}

/// Everything, until dropped. Fields are dropped in this order: the folder goes when nobody writes to it any more.
#[derive(Debug)]
pub struct Running {
    /// The handle that tests use.
    pub bed: Bed,
    _proxy: Proxy,
    emulator: Emulator,
    control_plane: ControlPlane,
    _folder: TempFolder,
}

impl Running {
    /// Gets the programs and starts everything.
    pub async fn start(options: &Options) -> Result<Running, Error> {
        let (control_plane, emulator, tools) =
            tokio::try_join!(programs::control_plane(), programs::emulator(), programs::tools())?;
        let folder = TempFolder::create("testbed")?;
        let (control_plane, emulator) = tokio::try_join!(
            ControlPlane::start(&control_plane, &tools.kubectl, &folder),
            Emulator::start(&emulator, &folder, options.transition, options.signatures),
        )?;
        let latency_ms = u64::try_from(options.latency.as_millis()).unwrap_or(u64::MAX);
        let settings = Settings { latency_ms, quotas: options.quotas };
        let proxy = Proxy::start(emulator.authority.clone(), settings, options.transition, options.signatures).await?;
        let bed = Bed {
            kubeconfig: control_plane.kubeconfig.clone(),
            endpoint: proxy.endpoint.clone(),
            kubectl: tools.kubectl,
            helm: tools.helm,
            audit_log: control_plane.audit_log.clone(),
        };
        Ok(Running { bed, _proxy: proxy, emulator, control_plane, _folder: folder })
    }

    /// Resolves when a part has ended by itself.
    pub async fn ended(&mut self) -> Error {
        tokio::select! {
            error = self.control_plane.ended() => error,
            error = self.emulator.ended() => error,
        }
    }

    /// Kills the apiserver: nobody answers on its port until [`Running::start_apiserver`].
    pub async fn stop_apiserver(&mut self) {
        self.control_plane.stop_apiserver().await;
    }

    /// Starts the apiserver again, on the same port and with the same objects, and waits until it is ready.
    pub async fn start_apiserver(&mut self) -> Result<(), Error> {
        self.control_plane.start_again().await
    }

    /// A cluster that is lost: its control plane is killed, all its objects are gone, and it starts again on the same
    /// port, empty. AWS stays as it is.
    pub async fn wipe_etcd(&mut self) -> Result<(), Error> {
        self.control_plane.wipe().await?;
        self.control_plane.start_again().await
    }

    /// What a command inside the bed needs in its environment.
    pub fn environment(&self) -> Vec<(&'static str, OsString)> {
        vec![
            ("KUBECONFIG", self.bed.kubeconfig.clone().into()),
            ("KUBECACHEDIR", self.bed.kubectl_cache().into()),
            ("AWS_ENDPOINT_URL", self.bed.endpoint.clone().into()),
            ("AWS_ACCESS_KEY_ID", ACCOUNT.into()),
            ("AWS_SECRET_ACCESS_KEY", "test".into()),
            ("AWS_REGION", REGION.into()),
            ("TESTBED_KUBECTL", self.bed.kubectl.clone().into()),
            ("TESTBED_HELM", self.bed.helm.clone().into()),
            ("TESTBED_AUDIT_LOG", self.bed.audit_log.clone().into()),
        ]
    }
}
