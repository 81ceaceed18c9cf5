//! The proxy in front of the emulator. It is as strict and as slow as AWS, and it fails as AWS does.

mod accounts;
mod aliases;
mod audit;
mod busy;
mod complete;
mod control;
mod durable;
mod echo;
mod elsewhere;
mod executions;
mod family;
mod files;
mod images;
mod lag;
mod lambda;
mod logging;
mod logs;
mod managed;
mod mend;
mod network;
mod operations;
mod pipeline;
mod place;
mod published;
mod quota;
mod recognise;
#[cfg(test)]
mod recognise_tests;
mod references;
mod refusal;
mod runtimes;
mod signing;
mod storage;
mod upstream;
mod validate;
mod wire;

use std::net::Ipv4Addr;
use std::sync::Arc;
use std::time::Duration;

use http_body_util::{BodyExt, Full};
use hyper::body::{Bytes, Incoming};
use hyper::service::service_fn;
use hyper::{Request, Response};
use hyper_util::rt::TokioIo;
use tokio::net::TcpListener;
use tokio::task::JoinHandle;

use crate::caller;
use crate::error::Error;
use crate::http::Answer;
use crate::manners::Settings;
use pipeline::{Pipeline, Reply};
use wire::{Quirks, Wire};

/// The proxy, serving until dropped.
#[derive(Debug)]
pub(crate) struct Proxy {
    /// `http://127.0.0.1:PORT`, the value of AWS_ENDPOINT_URL.
    pub endpoint: String,
    server: JoinHandle<()>,
}

/// The connection is to be dropped without an answer.
#[derive(Debug, thiserror::Error)]
#[error("dropped on purpose")]
struct Dropped;

impl Proxy {
    /// Starts the proxy in front of the emulator at `authority`. A change of a function takes the time `transition`. With `signatures`, the emulator
    /// checks signatures.
    pub(crate) async fn start(
        authority: String,
        settings: Settings,
        transition: Duration,
        signatures: bool,
    ) -> Result<Proxy, Error> {
        let network = |source| Error::Network { doing: "listen on 127.0.0.1 for AWS calls".to_owned(), source };
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.map_err(network)?;
        let port = listener.local_addr().map_err(network)?.port();
        let pipeline = Arc::new(Pipeline::new(authority, settings, transition, signatures));
        let server = tokio::spawn(serve(listener, pipeline));
        Ok(Proxy { endpoint: format!("http://127.0.0.1:{port}"), server })
    }
}

impl Drop for Proxy {
    fn drop(&mut self) {
        self.server.abort();
    }
}

async fn serve(listener: TcpListener, pipeline: Arc<Pipeline>) {
    loop {
        let Ok((stream, _)) = listener.accept().await else { continue };
        // answers are small, waiting to fill a packet would only delay them
        let _ = stream.set_nodelay(true);
        let pipeline = Arc::clone(&pipeline);
        tokio::spawn(async move {
            let quirks = Arc::new(Quirks::default());
            let wire = Wire::new(stream, Arc::clone(&quirks));
            let service = service_fn(move |request| handle(Arc::clone(&pipeline), Arc::clone(&quirks), request));
            // an error here is a client that went away, or a connection that we dropped
            let _ = hyper::server::conn::http1::Builder::new().serve_connection(TokioIo::new(wire), service).await;
        });
    }
}

/// `Err` makes hyper close the connection without an answer.
async fn handle(
    pipeline: Arc<Pipeline>,
    quirks: Arc<Quirks>,
    request: Request<Incoming>,
) -> Result<Response<Full<Bytes>>, Dropped> {
    let (parts, body) = request.into_parts();
    let body = body.collect().await.map_err(|_| Dropped)?.to_bytes();
    if let Some(path) = parts.uri.path().strip_prefix("/_testbed/") {
        return Ok(respond(control::answer(&pipeline, path, &parts, &body)));
    }
    // in a separate task, because AWS too continues a call when its client has disconnected
    let (_connection, caller) = caller::caller();
    let task = tokio::spawn(async move { pipeline.answer(parts, body, &caller).await });
    match task.await.map_err(|_| Dropped)? {
        Reply::Answer { answer, dribble_ms } => {
            quirks.dribble(dribble_ms);
            Ok(respond(answer))
        }
        Reply::Drop => Err(Dropped),
        Reply::Reset => {
            quirks.reset();
            Err(Dropped)
        }
    }
}

fn respond(answer: Answer) -> Response<Full<Bytes>> {
    let mut response = Response::new(Full::new(answer.body));
    *response.status_mut() = hyper::StatusCode::from_u16(answer.status).unwrap_or_default();
    *response.headers_mut() = answer.headers;
    response
}
