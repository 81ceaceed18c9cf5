//! What all passes share: clients, settings, meters, the pace of each object. Nothing in it decides.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use kube::Client;

use super::backoff::Attempts;
use crate::aws::client::Clients;
use crate::controller::instrument::metrics::ControllerMetrics;
use crate::controller::reconcile::packages::Packages;
use crate::controller::reconcile::stages::Identity;
use crate::controller::reconcile::status_cache::StatusCache;
use crate::controller::watch::namespaces::Namespaces;

/// What the flags say about passes.
#[derive(Clone, Debug)]
pub struct Settings {
    /// What it adds to every object.
    pub identity: Identity,
    /// This process, as Events name it.
    pub instance: String,
    /// Between two checks of a settled function.
    pub drift_interval: Duration,
    /// Where files that `filename` names are.
    pub package_folder: Option<PathBuf>,
    /// Passes at a time.
    pub concurrency: u16,
    /// Be told of changes of Secrets and ConfigMaps, instead of seeing them at the next drift check.
    pub watch_references: bool,
}

/// What all passes share.
pub struct Context {
    /// The API server.
    pub kubernetes: Client,
    /// AWS.
    pub aws: Arc<Clients>,
    /// The flags.
    pub settings: Settings,
    /// What is counted.
    pub metrics: Arc<ControllerMetrics>,
    pub(super) attempts: Attempts,
    pub(super) statuses: StatusCache,
    pub(super) packages: Packages,
    pub(super) namespaces: Namespaces,
}

impl Context {
    /// For one process.
    #[must_use]
    pub fn new(kubernetes: Client, aws: Arc<Clients>, settings: Settings, metrics: Arc<ControllerMetrics>) -> Self {
        let packages = Packages::new(settings.package_folder.clone());
        Self {
            kubernetes,
            aws,
            settings,
            metrics,
            attempts: Attempts::default(),
            statuses: StatusCache::default(),
            packages,
            namespaces: Namespaces::default(),
        }
    }
}
