//! The shared state of reconciles: clients, settings, metrics and backoffs, and the state of each kind. Nothing in it decides.

use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use kube::Client;
use kube::runtime::reflector::Store;

use super::backoff::Attempts;
use crate::aws::client::Clients;
use crate::controller::crd_gate::CrdGate;
use crate::controller::families::Families;
use crate::controller::instrument::metrics::{ControllerMetrics, KindMetrics};
use crate::controller::managed::Managed;
use crate::controller::marks::Marks;
use crate::controller::reconcile::event_limit::EventLimit;
use crate::controller::reconcile::packages::Packages;
use crate::controller::reconcile::stages::Identity;
use crate::controller::reconcile::status_cache::StatusCache;
use crate::controller::reconcile::turns::Turns;
use crate::controller::room::Room;
use crate::controller::watch::cached::CachedObject;
use crate::controller::watch::dependents::Dependents;
use crate::controller::watch::namespaces::Namespaces;
use crate::controller::watch::pages::Lists;
use crate::controller::watch::referred::Referred;
use crate::controller::watch::wake::Wakes;
use crate::controller::workers::Workers;
use crate::core::ownership::Rival;
use crate::core::references::References;
use crate::core::target::Target;

/// Settings of reconciles, from flags.
#[derive(Clone, Debug)]
pub struct Settings {
    /// Settings that are added to every object.
    pub identity: Identity,
    /// Name of this process in Events.
    pub instance: String,
    /// Interval between two drift checks of an object that is in sync.
    pub drift_interval: Duration,
    /// Folder of the files that `filename` names.
    pub package_folder: Option<PathBuf>,
    /// The most concurrent reconciles of one kind in one namespace.
    pub concurrency: u16,
    /// The namespaces whose objects are managed; none: all.
    pub namespaces: Vec<String>,
    /// Whether to watch Secrets and ConfigMaps; otherwise their changes are seen at the next drift check.
    pub watch_references: bool,
    /// The labels of the namespaces whose objects to manage, as a selector; `None`: all.
    pub namespace_selector: Option<String>,
    /// The ClusterRole that namespaces bind to let the operator read their Secrets, if it may not read all Secrets.
    pub secret_role: Option<String>,
    /// Regions beside those that are known.
    pub extra_regions: Vec<String>,
}

impl Settings {
    /// Whether the objects of this namespace are managed.
    #[must_use]
    pub fn watches(&self, namespace: &str) -> bool {
        self.namespaces.is_empty() || self.namespaces.iter().any(|watched| watched == namespace)
    }
}

/// The shared state of the reconciles of all kinds.
pub struct Context {
    /// Client of the API server.
    pub kubernetes: Client,
    /// Clients of AWS.
    pub aws: Arc<Clients>,
    /// Settings from flags.
    pub settings: Settings,
    /// Metrics.
    pub metrics: Arc<ControllerMetrics>,
    pub(super) attempts: Attempts,
    pub(super) packages: Packages,
    pub(super) room: Room,
    pub(super) lists: Lists,
    pub(super) namespaces: Namespaces,
    pub(super) referred: Referred,
    pub(super) dependents: Dependents,
    pub(super) wakes: Wakes,
    pub(super) turns: Turns,
    pub(super) families: Families,
    pub(super) event_limit: EventLimit,
}

impl Context {
    /// Creates it for one process.
    #[must_use]
    pub fn new(kubernetes: Client, aws: Arc<Clients>, settings: Settings, metrics: Arc<ControllerMetrics>) -> Self {
        let packages = Packages::new(settings.package_folder.clone());
        Self {
            kubernetes,
            aws,
            settings,
            metrics,
            attempts: Attempts::default(),
            packages,
            room: Room::default(),
            lists: Lists::default(),
            namespaces: Namespaces::default(),
            referred: Referred::default(),
            dependents: Dependents::default(),
            wakes: Wakes::default(),
            turns: Turns::default(),
            families: Families::default(),
            event_limit: EventLimit::default(),
        }
    }
}

/// The shared state of the reconciles of one kind.
pub(super) struct KindContext<K: Managed> {
    pub(super) shared: Arc<Context>,
    pub(super) statuses: StatusCache<K>,
    pub(super) metrics: KindMetrics,
    pub(super) crd: CrdGate,
    /// Objects whose finalizer this process removes, so that their end is not reported as unexpected.
    pub(super) released: Marks,
    /// Objects that wait for a function or alias, and whose resource AWS still had when it was last read, each with the fingerprint of its references.
    pub(super) outlasting: Marks<String>,
    pub(super) workers: Workers,
    stores: Mutex<Vec<Store<CachedObject<K>>>>,
}

impl<K: Managed> KindContext<K> {
    pub(super) fn new(shared: Arc<Context>) -> Self {
        let workers = Workers::new(shared.settings.concurrency);
        let metrics = shared.metrics.of_kind(K::NAMES.controller, workers.all());
        Self {
            shared,
            statuses: StatusCache::default(),
            metrics,
            crd: CrdGate::default(),
            released: Marks::default(),
            outlasting: Marks::default(),
            workers,
            stores: Mutex::default(),
        }
    }

    /// Adds the store of another watch scope.
    pub(super) fn add_store(&self, store: Store<CachedObject<K>>) {
        self.metrics.add_store(store.clone());
        self.stores.lock().unwrap_or_else(PoisonError::into_inner).push(store);
    }

    /// Another object that claims the same resource and takes precedence over this one.
    pub(super) fn rival(&self, object: &K, target: &Target, references: &References) -> Option<Rival> {
        let own = object.stake(Some((target, references)))?;
        let stores = self.stores.lock().unwrap_or_else(PoisonError::into_inner);
        let all: Vec<_> = stores.iter().flat_map(Store::state).collect();
        Rival::among(&own, all.iter().filter_map(|other| other.stake()))
    }
}
