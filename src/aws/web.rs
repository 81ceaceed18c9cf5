//! A raw request, for the little that no SDK of ours speaks.

use std::time::Duration;

use aws_config::SdkConfig;
use aws_smithy_runtime_api::client::http::HttpConnector;
use aws_smithy_runtime_api::client::orchestrator::HttpRequest;
use aws_smithy_types::byte_stream::ByteStream;

use super::clients::connector;
use super::sdk::chain;

/// The answer's status and body; or what went wrong on the way, in words that do not show the request.
pub(super) async fn send(config: &SdkConfig, request: HttpRequest, limit: Duration) -> Result<(u16, Vec<u8>), String> {
    // A connection of its own: the pool belongs to the SDK's clients, and such requests are rare.
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
