//! The cluster that a command reads from, if there is one.

use std::time::Duration;

use kube::{Api, Client, Config, ResourceExt};

use crate::controller::managed::Managed;

/// Time limit for an API server that does not answer.
const CLUSTER_TIMEOUT: Duration = Duration::from_secs(5);

/// The API server of the kubeconfig or of the pod.
pub(super) struct Cluster {
    pub(super) client: Client,
    /// Namespace of objects that name none.
    pub(super) namespace: String,
}

impl Cluster {
    /// Connects to the API server; the error says why that failed.
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

    /// The current object in the cluster.
    pub(super) async fn object<K: Managed>(&self, object: &K) -> Result<Option<K>, String> {
        let objects: Api<K> = Api::namespaced(self.client.clone(), &object.namespace().unwrap_or_default());
        match objects.get(&object.name_any()).await {
            Ok(live) => Ok(Some(live)),
            Err(kube::Error::Api(status)) if status.is_not_found() => Ok(None),
            Err(kube::Error::Api(status)) if status.code == 404 => {
                Err(format!("the cluster has no CRD for {}s", K::kind(&())))
            }
            Err(error) => Err(words(&error)),
        }
    }
}

/// The message of the API server, without the rest of its answer.
pub(super) fn words(error: &kube::Error) -> String {
    match error {
        kube::Error::Api(status) => status.message.clone(),
        other => other.to_string(),
    }
}
