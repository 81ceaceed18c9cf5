//! The cluster that a command reads from, if there is one.

use std::time::Duration;

use http::Uri;
use hyper_util::client::proxy::matcher::Matcher;
use kube::config::{InferConfigError, KubeConfigOptions, Kubeconfig};
use kube::{Api, Client, Config, ResourceExt};

use crate::aws::client::proxy::is_near;
use crate::controller::managed::Managed;
use crate::core::consent::Owner;
use crate::core::hand_over::{HandOver, ObjectName};

/// Time limit for an API server that does not answer.
const CLUSTER_TIMEOUT: Duration = Duration::from_secs(5);

/// The configuration of the API server's client: from a kubeconfig, through its proxy or the one of the environment, as kubectl does. Without a
/// kubeconfig, that of a pod, without a proxy.
///
/// # Errors If neither exists, or it cannot be read.
pub(super) async fn config() -> Result<Config, InferConfigError> {
    Config::infer().await.map(|config| through_proxy(config, None))
}

/// The same from this context of the kubeconfig; without one, as [`config`].
async fn config_of(context: Option<&str>) -> Result<Config, String> {
    let Some(context) = context else { return config().await.map_err(|_| "no kubeconfig".into()) };
    let options = KubeConfigOptions { context: Some(context.to_owned()), ..KubeConfigOptions::default() };
    let config = Config::from_kubeconfig(&options).await.map_err(|error| error.to_string())?;
    Ok(through_proxy(config, Some(context)))
}

fn through_proxy(mut config: Config, context: Option<&str>) -> Config {
    let server = config.cluster_url.clone();
    let cluster = Kubeconfig::read().ok().and_then(|kubeconfig| in_use(kubeconfig, context));
    // In a pod a kubeconfig may be there that is not the one that was used.
    let used =
        cluster.filter(|cluster| cluster.server.as_ref().and_then(|url| url.parse().ok()) == Some(server.clone()));
    if let Some(cluster) = used {
        // kube compares NO_PROXY with the proxy's own address instead of the API server's.
        let variable = |name: &str| std::env::var(name).ok();
        let proxy = proxy(cluster.proxy_url, &server, variable);
        config.proxy_url = proxy.and_then(|proxy| proxy.parse().ok());
    }
    config
}

/// The cluster of a context, or of the current one.
fn in_use(kubeconfig: Kubeconfig, context: Option<&str>) -> Option<kube::config::Cluster> {
    let current = context.map(str::to_owned).or(kubeconfig.current_context)?;
    let context = kubeconfig.contexts.into_iter().find(|context| context.name == current)?.context?;
    kubeconfig.clusters.into_iter().find(|cluster| cluster.name == context.cluster)?.cluster
}

/// The proxy for an API server: the one of the kubeconfig, otherwise the one of the environment. NO_PROXY excludes hosts from the latter, and it is
/// never used for this machine.
fn proxy(named: Option<String>, server: &Uri, variable: impl Fn(&str) -> Option<String>) -> Option<String> {
    let set = |name: &str| variable(name).filter(|value| !value.is_empty());
    let proxy = match named.filter(|named| !named.is_empty()) {
        Some(named) => named,
        None => {
            let proxy = set("HTTPS_PROXY").or_else(|| set("https_proxy"))?;
            let excluded = set("NO_PROXY").or_else(|| set("no_proxy")).unwrap_or_default();
            let matcher = Matcher::builder().https(proxy.clone()).no(excluded).build();
            let near = server.host().is_some_and(is_near);
            matcher.intercept(server).filter(|_| !near).map(|_| proxy)?
        }
    };
    Some(if proxy.contains("://") { proxy } else { format!("http://{proxy}") })
}

/// The API server that a kubeconfig, or the pod, names.
pub(super) struct Cluster {
    pub(super) client: Client,
    /// Namespace of objects that name none.
    pub(super) namespace: String,
}

impl Cluster {
    /// Connects to the API server of a context, or of the current one; the error says why that failed.
    pub(super) async fn connect(context: Option<&str>) -> Result<Self, String> {
        let mut config = config_of(context).await?;
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

/// The message of the API server, without the rest of its answer.
pub(super) fn words(error: &kube::Error) -> String {
    match error {
        kube::Error::Api(status) => status.message.clone(),
        other => other.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn way(named: Option<&str>, server: &str, environment: &[(&str, &str)]) -> Option<String> {
        let variable =
            |name: &str| environment.iter().find(|(known, _)| *known == name).map(|(_, value)| (*value).to_owned());
        proxy(named.map(str::to_owned), &server.parse().unwrap(), variable)
    }

    const SERVER: &str = "https://cluster.example.com:6443";
    const PROXY: (&str, &str) = ("HTTPS_PROXY", "http://proxy.example.com:3128");

    #[test]
    fn an_api_server_is_reached_through_the_proxy_that_kubectl_takes() {
        assert_eq!(way(None, SERVER, &[]), None);
        assert_eq!(way(None, SERVER, &[PROXY]).as_deref(), Some(PROXY.1));
        assert_eq!(way(None, SERVER, &[("https_proxy", "proxy:3128")]).as_deref(), Some("http://proxy:3128"));
        assert_eq!(way(Some("socks5://localhost:1080"), SERVER, &[PROXY]).as_deref(), Some("socks5://localhost:1080"));
        assert_eq!(way(None, SERVER, &[("HTTPS_PROXY", "")]), None);
        assert_eq!(way(None, SERVER, &[("HTTP_PROXY", "http://other:1")]), None, "only for what is not TLS");
    }

    #[test]
    fn no_proxy_is_about_the_api_server_and_not_about_the_proxy() {
        assert_eq!(way(None, SERVER, &[PROXY, ("NO_PROXY", "cluster.example.com")]), None);
        assert_eq!(way(None, SERVER, &[PROXY, ("no_proxy", ".example.com,10.0.0.0/8")]), None);
        assert_eq!(way(None, "https://10.1.2.3:6443", &[PROXY, ("NO_PROXY", "10.0.0.0/8")]), None);
        assert_eq!(way(None, SERVER, &[PROXY, ("NO_PROXY", "proxy.example.com")]).as_deref(), Some(PROXY.1));
        assert_eq!(
            way(Some(PROXY.1), SERVER, &[("NO_PROXY", "*")]).as_deref(),
            Some(PROXY.1),
            "named for this cluster"
        );
        assert_eq!(way(None, "https://127.0.0.1:6443", &[PROXY]), None, "this machine");
    }
}
