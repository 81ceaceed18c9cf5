//! A proxy in front of the kube-apiserver that writes down what is written, and can hold a write before or after it is done.

mod holds;
mod recognise;
mod upstream;

use std::net::Ipv4Addr;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use http_body_util::BodyExt;
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper::{Request, Response};
use hyper_util::rt::TokioIo;
use tokio::net::TcpListener;
use tokio::task::JoinHandle;

pub use holds::{Hold, HoldId, Moment, Write};

use crate::bed::Bed;
use crate::caller::{self, Caller};
use crate::error::Error;
use crate::{folder, kubeconfig};
use holds::Holds;
use upstream::{Body, Upstream};

static COUNTER: AtomicU32 = AtomicU32::new(0);

/// The proxy, serving in this process until dropped.
#[derive(Debug)]
pub struct KubernetesProxy {
    /// Leads through the proxy, with the rights of the kubeconfig that it was made from.
    pub kubeconfig: PathBuf,
    holds: Arc<Holds>,
    server: JoinHandle<()>,
}

/// The connection is to be dropped without an answer.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
struct Dropped(String);

impl Bed {
    /// A proxy towards the apiserver of `kubeconfig`, which the test bed must have written.
    pub async fn kubernetes_proxy(&self, kubeconfig: &Path) -> Result<KubernetesProxy, Error> {
        let upstream = Upstream::new(kubeconfig::access(kubeconfig)?)?;
        let network = |source| Error::Network { doing: "listen on 127.0.0.1 for Kubernetes calls".to_owned(), source };
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.map_err(network)?;
        let port = listener.local_addr().map_err(network)?.port();
        let number = COUNTER.fetch_add(1, Ordering::Relaxed);
        let path = self.kubeconfig.with_file_name(format!("proxied-{}-{number}.kubeconfig", std::process::id()));
        folder::write(&path, &kubeconfig::with_plain_server(kubeconfig, &format!("http://127.0.0.1:{port}"))?)?;
        let holds = Arc::new(Holds::default());
        let server = tokio::spawn(serve(listener, upstream, Arc::clone(&holds)));
        Ok(KubernetesProxy { kubeconfig: path, holds, server })
    }
}

impl KubernetesProxy {
    /// All writes so far, in the order of their arrival.
    pub fn writes(&self) -> Vec<Write> {
        self.holds.writes()
    }

    /// Holds the one write that `hold` describes, until it is released or its client has gone.
    pub fn hold(&self, hold: Hold) -> HoldId {
        self.holds.add(hold)
    }

    /// Lets go of a write that is held, or will not be held any more.
    pub fn release(&self, id: HoldId) {
        self.holds.remove(id);
    }
}

impl Drop for KubernetesProxy {
    fn drop(&mut self) {
        self.server.abort();
    }
}

async fn serve(listener: TcpListener, upstream: Upstream, holds: Arc<Holds>) {
    loop {
        let Ok((stream, _)) = listener.accept().await else { continue };
        let _ = stream.set_nodelay(true);
        let (upstream, holds) = (upstream.clone(), Arc::clone(&holds));
        tokio::spawn(async move {
            let service = service_fn(move |request| handle(upstream.clone(), Arc::clone(&holds), request));
            // an error here is a client that went away, or an apiserver that gave no answer
            let _ = hyper::server::conn::http1::Builder::new().serve_connection(TokioIo::new(stream), service).await;
        });
    }
}

/// Reads flow through, watches included; writes are written down and perhaps held.
async fn handle(upstream: Upstream, holds: Arc<Holds>, request: Request<Incoming>) -> Result<Response<Body>, Dropped> {
    let (parts, body) = request.into_parts();
    let body = body.collect().await.map_err(|error| Dropped(error.to_string()))?.to_bytes();
    let Some(write) = recognise::write(&parts, &body) else {
        return upstream.forward(parts, body).await.map_err(Dropped);
    };
    let (_connection, caller) = caller::caller();
    // a task of its own: what was begun is done, whether its client waits for it or not
    let task = tokio::spawn(async move {
        let number = holds.arrived(write);
        let answer = pass(&upstream, &holds, number, &caller, parts, body).await;
        holds.answered(number, answer.as_ref().map_or(0, |answer| answer.status().as_u16()));
        answer
    });
    task.await.map_err(|error| Dropped(error.to_string()))?
}

async fn pass(
    upstream: &Upstream,
    holds: &Holds,
    number: usize,
    caller: &Caller,
    parts: hyper::http::request::Parts,
    body: hyper::body::Bytes,
) -> Result<Response<Body>, Dropped> {
    let held = holds.judge(number);
    if let Some((id, Moment::Request)) = held {
        holds.begin(number, 0);
        let stayed = caller.stays_until(holds.removed(id)).await;
        stayed.map_err(|_| Dropped("its client went away".to_owned()))?;
    }
    let answer = upstream.forward(parts, body).await.map_err(Dropped)?;
    if let Some((id, Moment::Answer)) = held {
        holds.begin(number, answer.status().as_u16());
        let _ = caller.stays_until(holds.removed(id)).await;
    }
    Ok(answer)
}
