//! Connections to AWS, and raw requests for calls without an SDK.

use std::sync::OnceLock;
use std::time::Duration;

use aws_config::SdkConfig;
use aws_sdk_lambda::config::SharedAsyncSleep;
use aws_smithy_http_client::proxy::ProxyConfig;
use aws_smithy_http_client::tls::TlsContext;
use aws_smithy_http_client::{Builder, Connector, tls};
use aws_smithy_runtime_api::client::connector_metadata::ConnectorMetadata;
use aws_smithy_runtime_api::client::http::{
    HttpClient, HttpConnector, HttpConnectorFuture, HttpConnectorSettings, SharedHttpClient, SharedHttpConnector,
};
use aws_smithy_runtime_api::client::orchestrator::HttpRequest;
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;
use aws_smithy_types::byte_stream::ByteStream;

use super::proxy::{self, Direct};
use super::trust;

/// Time limit of every call. It is long enough for an upload of 50 MB.
pub(in crate::aws) const ATTEMPT_TIMEOUT: Duration = Duration::from_secs(60);

/// Time limit of a read. It is short, so that the first call of a reconcile notices an endpoint that hangs.
pub(in crate::aws) const READ_TIMEOUT: Duration = Duration::from_secs(10);

/// The time for which an idle connection is kept.
const POOL_IDLE_TIMEOUT: Duration = Duration::from_secs(60);

/// One pool for all clients of AWS and all sources of credentials: through a proxy where the environment names one
/// (the SDK's own client would ignore it), but never to an address that gives credentials.
#[derive(Debug)]
struct Connections {
    direct: SharedHttpClient,
    proxied: Option<SharedHttpClient>,
    never_proxied: Direct,
}

/// One kind of connection of such a pool.
#[derive(Debug)]
struct Ways {
    direct: SharedHttpConnector,
    proxied: Option<SharedHttpConnector>,
    never_proxied: Direct,
}

/// The connections of all clients.
///
/// # Errors If `AWS_CA_BUNDLE` names no usable file.
pub(super) fn client() -> Result<SharedHttpClient, trust::Unusable> {
    let trusted = trust::context()?;
    let pool = |proxy: fn() -> ProxyConfig| {
        let trusted = trusted.clone();
        Builder::new().build_with_connector_fn(move |settings, components| {
            let sleep = components.and_then(RuntimeComponents::sleep_impl);
            connector(trusted.clone(), proxy(), settings.cloned(), sleep)
        })
    };
    let proxied = proxy::is_named().then(|| pool(ProxyConfig::from_env));
    let never_proxied = Direct::from_env();
    Ok(SharedHttpClient::new(Connections { direct: pool(ProxyConfig::disabled), proxied, never_proxied }))
}

fn connector(
    trusted: TlsContext,
    proxy: ProxyConfig,
    settings: Option<HttpConnectorSettings>,
    sleep: Option<SharedAsyncSleep>,
) -> Connector {
    let mut connector = Connector::builder().proxy_config(proxy).pool_idle_timeout(POOL_IDLE_TIMEOUT);
    connector.set_connector_settings(settings);
    connector.set_sleep_impl(sleep);
    connector.tls_provider(tls::Provider::Rustls(tls::rustls_provider::CryptoMode::AwsLc)).tls_context(trusted).build()
}

impl HttpClient for Connections {
    fn http_connector(&self, settings: &HttpConnectorSettings, components: &RuntimeComponents) -> SharedHttpConnector {
        let Self { direct, proxied, never_proxied } = self;
        SharedHttpConnector::new(Ways {
            direct: direct.http_connector(settings, components),
            proxied: proxied.as_ref().map(|proxied| proxied.http_connector(settings, components)),
            never_proxied: never_proxied.clone(),
        })
    }

    fn connector_metadata(&self) -> Option<ConnectorMetadata> {
        self.direct.connector_metadata()
    }
}

impl HttpConnector for Ways {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        match &self.proxied {
            Some(proxied) if !self.never_proxied.covers(request.uri()) => proxied.call(request),
            Some(_) | None => self.direct.call(request),
        }
    }
}

/// Connections for requests without an SDK. The pool of [`client`] belongs to the SDK's clients.
#[derive(Debug, Default)]
pub(in crate::aws) struct Lines {
    direct: OnceLock<Connector>,
    proxied: OnceLock<Connector>,
}

impl Lines {
    /// Sends a request and returns the answer's status and body; or the error of the connection, without showing the request.
    pub(in crate::aws) async fn send(
        &self,
        config: &SdkConfig,
        request: HttpRequest,
        limit: Duration,
    ) -> Result<(u16, Vec<u8>), String> {
        let (line, proxy) = if Direct::from_env().covers(request.uri()) {
            (&self.direct, ProxyConfig::disabled())
        } else {
            (&self.proxied, ProxyConfig::from_env())
        };
        let connector = match line.get() {
            Some(connector) => connector,
            None => {
                let trusted = trust::context().map_err(|error| error.to_string())?;
                line.get_or_init(|| connector(trusted, proxy, None, config.sleep_impl()))
            }
        };
        let exchange = async {
            let answer = connector.call(request).await.map_err(|error| chain(&error))?;
            let status = answer.status().as_u16();
            let body = ByteStream::new(answer.into_body()).collect().await.map_err(|error| chain(&error))?;
            Ok((status, body.to_vec()))
        };
        let late = |_| Err(format!("no answer within {} s", limit.as_secs()));
        tokio::time::timeout(limit, exchange).await.unwrap_or_else(late)
    }
}

/// An error and its causes, in one line.
pub(in crate::aws) fn chain(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(cause) = source {
        text = format!("{text}: {cause}");
        source = cause.source();
    }
    text
}
