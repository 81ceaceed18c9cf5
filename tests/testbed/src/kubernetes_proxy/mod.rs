//! A proxy in front of the kube-apiserver that writes down what is written, can hold a write before or after it is done,
//! and can have any request go wrong.

mod holds;
mod mishaps;
mod recognise;
mod upstream;

use std::net::Ipv4Addr;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use http_body_util::{BodyExt, Either, Full};
use hyper::body::{Bytes, Incoming};
use hyper::http::request::Parts;
use hyper::service::service_fn;
use hyper::{Request, Response};
use hyper_util::rt::TokioIo;
use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio::task::JoinHandle;

pub use holds::{Hold, HoldId, Moment, Write};
pub use mishaps::{Mishap, MishapId, Trouble};
pub use recognise::Read;

use crate::bed::Bed;
use crate::caller::{self, Caller};
use crate::error::Error;
use crate::{folder, kubeconfig};
use holds::Holds;
use mishaps::Mishaps;
use upstream::Upstream;

/// What an answer carries: the apiserver's, as a stream, or ours.
type Body = Either<Incoming, Full<Bytes>>;

static COUNTER: AtomicU32 = AtomicU32::new(0);

/// The proxy, serving in this process until dropped.
#[derive(Debug)]
pub struct KubernetesProxy {
    /// Leads through the proxy, with the rights of the kubeconfig that it was made from.
    pub kubeconfig: PathBuf,
    front: Arc<Front>,
    /// Told when every connection is to be dropped.
    cut: watch::Sender<()>,
    server: JoinHandle<()>,
}

/// What every request meets.
#[derive(Debug)]
struct Front {
    holds: Holds,
    mishaps: Mishaps,
    reads: Mutex<Vec<Read>>,
    upstream: Upstream,
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
        let front =
            Arc::new(Front { holds: Holds::default(), mishaps: Mishaps::default(), reads: Mutex::default(), upstream });
        let (cut, cuts) = watch::channel(());
        let server = tokio::spawn(serve(listener, Arc::clone(&front), cuts));
        Ok(KubernetesProxy { kubeconfig: path, front, cut, server })
    }
}

impl KubernetesProxy {
    /// All writes so far, in the order of their arrival.
    pub fn writes(&self) -> Vec<Write> {
        self.front.holds.writes()
    }

    /// All reads so far, watches included, in the order of their arrival.
    pub fn reads(&self) -> Vec<Read> {
        self.front.reads.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Holds the one write that `hold` describes, until it is released or its client has gone.
    pub fn hold(&self, hold: Hold) -> HoldId {
        self.front.holds.add(hold)
    }

    /// Lets go of a write that is held, or will not be held any more.
    pub fn release(&self, id: HoldId) {
        self.front.holds.remove(id);
    }

    /// Has requests go wrong.
    pub fn add_mishap(&self, fault: Mishap) -> MishapId {
        self.front.mishaps.add(fault)
    }

    /// Ends a fault.
    pub fn remove_mishap(&self, id: MishapId) {
        self.front.mishaps.remove(id);
    }

    /// On how many requests a fault has acted; none once it is removed.
    pub fn acted(&self, id: MishapId) -> u32 {
        self.front.mishaps.acted(id)
    }

    /// Drops every connection, those of watches among them: their clients have to begin anew.
    pub fn cut_connections(&self) {
        // nobody connected, nobody told
        let _ = self.cut.send(());
    }
}

impl Drop for KubernetesProxy {
    fn drop(&mut self) {
        self.server.abort();
    }
}

async fn serve(listener: TcpListener, front: Arc<Front>, cuts: watch::Receiver<()>) {
    loop {
        let Ok((stream, _)) = listener.accept().await else { continue };
        let _ = stream.set_nodelay(true);
        let (front, mut cut) = (Arc::clone(&front), cuts.clone());
        cut.mark_unchanged();
        tokio::spawn(async move {
            let service = service_fn(move |request| handle(Arc::clone(&front), request));
            let served = hyper::server::conn::http1::Builder::new().serve_connection(TokioIo::new(stream), service);
            tokio::select! {
                // an error here is a client that went away, or an apiserver that gave no answer
                _ = served => {}
                _ = cut.changed() => {}
            }
        });
    }
}

/// Reads flow through, watches included; writes are written down and perhaps held. Any request may go wrong.
async fn handle(front: Arc<Front>, request: Request<Incoming>) -> Result<Response<Body>, Dropped> {
    let read = recognise::read(&request).map(|read| front.begins(read));
    let (parts, body) = request.into_parts();
    let body = body.collect().await.map_err(|error| Dropped(error.to_string()))?.to_bytes();
    let request = recognise::request(&parts, &body);
    let trouble = front.mishaps.judge(&request);
    if recognise::only_reads(&request) {
        let answer = front.answer(trouble, parts, body).await?;
        return match read {
            Some(read) if request.verb == "list" => front.measured(read, answer).await,
            _ => Ok(answer),
        };
    }
    let (_connection, caller) = caller::caller();
    // a task of its own: what was begun is done, whether its client waits for it or not
    let task = tokio::spawn(async move {
        let number = front.holds.arrived(request);
        let answer = front.pass(trouble, number, &caller, parts, body).await;
        front.holds.answered(number, answer.as_ref().map_or(0, |answer| answer.status().as_u16()));
        answer
    });
    task.await.map_err(|error| Dropped(error.to_string()))?
}

impl Front {
    /// Writes a read down. Gives its number.
    fn begins(&self, read: Read) -> usize {
        let mut reads = self.reads.lock().unwrap_or_else(PoisonError::into_inner);
        reads.push(read);
        reads.len() - 1
    }

    /// A list, whole, with its size written down.
    async fn measured(&self, read: usize, answer: Response<Body>) -> Result<Response<Body>, Dropped> {
        let (parts, body) = answer.into_parts();
        let body = body.collect().await.map_err(|error| Dropped(error.to_string()))?.to_bytes();
        let mut reads = self.reads.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(read) = reads.get_mut(read) {
            read.bytes = Some(body.len());
        }
        Ok(Response::from_parts(parts, Either::Right(Full::new(body))))
    }

    /// A write: perhaps held before or after it is done.
    async fn pass(
        &self,
        trouble: Option<Trouble>,
        number: usize,
        caller: &Caller,
        parts: Parts,
        body: Bytes,
    ) -> Result<Response<Body>, Dropped> {
        let held = self.holds.judge(number);
        if let Some((id, Moment::Request)) = held {
            self.holds.begin(number, 0);
            let stayed = caller.stays_until(self.holds.removed(id)).await;
            stayed.map_err(|_| Dropped("its client went away".to_owned()))?;
        }
        let answer = self.answer(trouble, parts, body).await?;
        if let Some((id, Moment::Answer)) = held {
            self.holds.begin(number, answer.status().as_u16());
            let _ = caller.stays_until(self.holds.removed(id)).await;
        }
        Ok(answer)
    }

    /// The apiserver's answer, or what a fault makes of it.
    async fn answer(&self, trouble: Option<Trouble>, parts: Parts, body: Bytes) -> Result<Response<Body>, Dropped> {
        if let Some(answer) = trouble.and_then(mishaps::answer) {
            return Ok(answer.map(Either::Right));
        }
        let answer = self.upstream.forward(parts, body).await.map_err(Dropped)?;
        if trouble.is_some() {
            return Err(Dropped("its answer was lost".to_owned()));
        }
        Ok(answer.map(Either::Left))
    }
}
