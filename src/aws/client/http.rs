//! Connections to AWS, and raw requests for calls without an SDK.

use std::time::Duration;

use aws_config::SdkConfig;
use aws_sdk_lambda::config::SharedAsyncSleep;
use aws_smithy_http_client::proxy::ProxyConfig;
use aws_smithy_http_client::{Connector, tls};
use aws_smithy_runtime_api::client::http::{HttpConnector, HttpConnectorSettings};
use aws_smithy_runtime_api::client::orchestrator::HttpRequest;
use aws_smithy_types::byte_stream::ByteStream;

/// Time limit of every call. An upload of 50 MB must fit into it.
pub(in crate::aws) const ATTEMPT_TIMEOUT: Duration = Duration::from_secs(60);

/// Time limit of a read. It is short, so that the first call of a reconcile notices an endpoint that hangs.
pub(in crate::aws) const READ_TIMEOUT: Duration = Duration::from_secs(10);

/// Connections to AWS, through the proxy of the environment if it names one, which the SDK's own connector would ignore.
pub(in crate::aws) fn connector(settings: Option<HttpConnectorSettings>, sleep: Option<SharedAsyncSleep>) -> Connector {
    let mut connector = Connector::builder().proxy_config(ProxyConfig::from_env());
    connector.set_connector_settings(settings);
    connector.set_sleep_impl(sleep);
    connector.tls_provider(tls::Provider::Rustls(tls::rustls_provider::CryptoMode::AwsLc)).build()
}

/// Sends a request and returns the answer's status and body; or the error of the connection, without showing the request.
pub(in crate::aws) async fn send(
    config: &SdkConfig,
    request: HttpRequest,
    limit: Duration,
) -> Result<(u16, Vec<u8>), String> {
    // It uses a connection of its own, because the pool belongs to the SDK's clients and such requests are rare.
    let connector = connector(None, config.sleep_impl());
    let exchange = async {
        let answer = connector.call(request).await.map_err(|error| chain(&error))?;
        let status = answer.status().as_u16();
        let body = ByteStream::new(answer.into_body()).collect().await.map_err(|error| chain(&error))?;
        Ok((status, body.to_vec()))
    };
    let late = |_| Err(format!("no answer within {} s", limit.as_secs()));
    tokio::time::timeout(limit, exchange).await.unwrap_or_else(late)
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
