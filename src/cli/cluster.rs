//! The cluster that a command may ask, where there is one.

use std::time::Duration;

use kube::{Api, Client, Config, ResourceExt};

use crate::controller::managed::Managed;
use crate::core::consent::Owner;
use crate::core::hand_over::{HandOver, ObjectName};

/// For an API server that does not answer.
const CLUSTER_TIMEOUT: Duration = Duration::from_secs(5);

/// The API server that a kubeconfig, or the pod, names.
pub(super) struct Cluster {
    pub(super) client: Client,
    /// Of objects that name none.
    pub(super) namespace: String,
}

impl Cluster {
    /// One that answers, or why there is none.
    pub(super) async fn connect() -> Result<Self, String> {
        let mut config = Config::infer().await.map_err(|_| "no kubeconfig")?;
        config.connect_timeout = Some(CLUSTER_TIMEOUT);
        config.read_timeout = Some(CLUSTER_TIMEOUT);
        config.default_retry = false;
        let namespace = config.default_namespace.clone();
        let client = Client::try_from(config).map_err(|error| error.to_string())?;
        client.apiserver_version().await.map_err(|error| format!("it does not answer: {}", words(&error)))?;
        Ok(Self { client, namespace })
    }

    /// The object as it is there now.
    pub(super) async fn object<K: Managed>(&self, object: &K) -> Result<Option<K>, String> {
        let objects: Api<K> = Api::namespaced(self.client.clone(), &object.namespace().unwrap_or_default());
        match objects.get(&object.name_any()).await {
            Ok(live) => Ok(Some(live)),
            Err(kube::Error::Api(status)) if status.is_not_found() => Ok(None),
            Err(kube::Error::Api(status)) if status.code == 404 => {
                Err(format!("the cluster does not know {}s", K::kind(&())))
            }
            Err(error) => Err(words(&error)),
        }
    }

    /// The object that an owner tag names.
    pub(super) async fn owner<K: Managed>(&self, name: &ObjectName) -> Owner {
        let objects: Api<K> = Api::namespaced(self.client.clone(), &name.namespace);
        match objects.get_metadata_opt(&name.name).await {
            Ok(None) => Owner::Gone,
            Ok(Some(object)) => Owner::Living(HandOver::of(object.metadata.annotations.as_ref())),
            Err(error) => Owner::Unreadable(words(&error)),
        }
    }
}

/// What the API server said, without the rest of its answer.
pub(super) fn words(error: &kube::Error) -> String {
    match error {
        kube::Error::Api(status) => status.message.clone(),
        other => other.to_string(),
    }
}
