//! `/livez`, `/readyz` and `/metrics`. `/livez` only shows that the process answers; `/readyz` names the missing conditions. Every client in the
//! network can send anything, so the number, duration and size of connections are limited.

use std::collections::{BTreeMap, VecDeque};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use axum::Router;
use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::IntoResponse;
use axum::routing::get;
use hyper::server::conn::http1;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::service::TowerToHyperService;
use tokio::net::{TcpListener, TcpStream};
use tokio::task::{AbortHandle, JoinSet};
use tokio::time::{sleep, timeout};
use tokio_util::sync::CancellationToken;

use super::metrics::{CONTENT_TYPE, Metrics};

/// The highest number of connections. A further connection closes the oldest one. Probes send their request at once, so they are answered before they
/// can be the oldest.
const CONNECTIONS: usize = 64;

/// Time limit for the header of a request.
const HEADER_TIMEOUT: Duration = Duration::from_secs(5);

/// The longest header of a request, in bytes.
const HEADER_BYTES: usize = 8 * 1024;

/// Time limit for a connection, including its answer.
const CONNECTION_TIMEOUT: Duration = Duration::from_secs(30);

/// Time for answers in progress when the process ends.
const FAREWELL: Duration = Duration::from_secs(1);

/// The conditions that are missing before the process is ready.
#[derive(Default)]
pub struct Readiness {
    missing: Mutex<BTreeMap<&'static str, String>>,
}

impl Readiness {
    /// Adds a condition: the process is not ready until [`Self::met`] is called for `gate`, and `why` is shown meanwhile.
    pub fn awaits(&self, gate: &'static str, why: impl Into<String>) {
        self.missing.lock().unwrap_or_else(PoisonError::into_inner).insert(gate, why.into());
    }

    /// Records that `gate` is met.
    pub fn met(&self, gate: &'static str) {
        self.missing.lock().unwrap_or_else(PoisonError::into_inner).remove(gate);
    }

    fn answer(&self) -> (StatusCode, String) {
        let missing = self.missing.lock().unwrap_or_else(PoisonError::into_inner);
        if missing.is_empty() {
            return (StatusCode::OK, "ok\n".into());
        }
        let lines: String = missing.iter().map(|(gate, why)| format!("{gate}: {why}\n")).collect();
        (StatusCode::SERVICE_UNAVAILABLE, lines)
    }
}

/// Serves on `listener` until `stop`.
///
/// # Errors
/// If the listener fails.
pub async fn serve(
    listener: TcpListener,
    readiness: Arc<Readiness>,
    metrics: Arc<Metrics>,
    stop: CancellationToken,
) -> std::io::Result<()> {
    let routes = Router::new()
        .route("/livez", get(|| async { "ok\n" }))
        .route("/readyz", get(|State(readiness): State<Arc<Readiness>>| async move { readiness.answer() }))
        .with_state(readiness)
        .merge(Router::new().route("/metrics", get(metrics_text)).with_state(metrics));
    let mut connections = Connections::default();
    loop {
        tokio::select! {
            () = stop.cancelled() => break,
            accepted = listener.accept() => match accepted {
                Ok((stream, _)) => connections.begin(stream, routes.clone()),
                // The error concerns one connection that was closed again, or the process has too many open files. Neither ends the service.
                Err(_) => sleep(Duration::from_millis(10)).await,
            },
        }
    }
    drop(listener);
    let _ = timeout(FAREWELL, connections.end()).await;
    Ok(())
}

/// The connections that are open, the oldest first.
#[derive(Default)]
struct Connections {
    tasks: JoinSet<()>,
    handles: VecDeque<AbortHandle>,
}

impl Connections {
    fn begin(&mut self, stream: TcpStream, routes: Router) {
        while self.tasks.try_join_next().is_some() {}
        self.handles.retain(|one| !one.is_finished());
        while self.handles.len() >= CONNECTIONS {
            if let Some(oldest) = self.handles.pop_front() {
                oldest.abort();
            }
        }
        self.handles.push_back(self.tasks.spawn(answer(stream, routes)));
    }

    async fn end(mut self) {
        while self.tasks.join_next().await.is_some() {}
    }
}

/// Answers one request.
async fn answer(stream: TcpStream, routes: Router) {
    let connection = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(HEADER_TIMEOUT)
        .max_buf_size(HEADER_BYTES)
        .keep_alive(false)
        .serve_connection(TokioIo::new(stream), TowerToHyperService::new(routes));
    // An error of a connection concerns only its client.
    let _ = timeout(CONNECTION_TIMEOUT, connection).await;
}

async fn metrics_text(State(metrics): State<Arc<Metrics>>) -> impl IntoResponse {
    ([(header::CONTENT_TYPE, CONTENT_TYPE)], metrics.text())
}

#[cfg(test)]
mod tests {
    use std::net::SocketAddr;

    use tokio::io::{AsyncReadExt, AsyncWriteExt};

    use super::*;

    #[test]
    fn the_readiness_answer_names_missing_parts() {
        let readiness = Readiness::default();
        readiness.awaits("watch", "not synced yet");
        assert_eq!(readiness.answer(), (StatusCode::SERVICE_UNAVAILABLE, "watch: not synced yet\n".into()));
        readiness.met("watch");
        assert_eq!(readiness.answer().0, StatusCode::OK);
    }

    async fn served() -> (SocketAddr, CancellationToken) {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let (address, stop) = (listener.local_addr().unwrap(), CancellationToken::new());
        tokio::spawn(serve(listener, Arc::default(), Arc::default(), stop.clone()));
        (address, stop)
    }

    async fn asked(address: SocketAddr, request: &[u8]) -> String {
        let mut stream = TcpStream::connect(address).await.unwrap();
        stream.write_all(request).await.unwrap();
        let mut answer = Vec::new();
        // One that is closed without an answer has none.
        let _ = timeout(Duration::from_secs(20), stream.read_to_end(&mut answer)).await.expect("an end");
        String::from_utf8(answer).unwrap()
    }

    #[tokio::test]
    async fn a_probe_is_answered_while_thousands_of_connections_ask_nothing() {
        let (address, stop) = served().await;
        let mut silent = VecDeque::new();
        for number in 0..3000 {
            let mut stream = TcpStream::connect(address).await.unwrap();
            // A header that never ends.
            let _ = stream.write_all(b"GET /readyz HTTP/1.1\r\nx: ").await;
            silent.push_back(stream);
            if silent.len() > 500 {
                silent.pop_front();
            }
            if number % 300 == 299 {
                let answer = asked(address, b"GET /readyz HTTP/1.1\r\nhost: x\r\n\r\n").await;
                assert!(answer.starts_with("HTTP/1.1 200"), "after {number}: {answer}");
                assert!(answer.contains("connection: close"), "{answer}");
            }
        }
        // The oldest were closed for the others.
        let mut oldest = silent.pop_front().unwrap();
        let ended = timeout(Duration::from_secs(5), oldest.read(&mut [0; 16])).await.expect("it is closed");
        assert!(matches!(ended, Ok(0) | Err(_)), "{ended:?}");
        stop.cancel();
    }

    #[tokio::test]
    async fn a_header_is_short_and_comes_soon() {
        let (address, stop) = served().await;
        let long = format!("GET /livez HTTP/1.1\r\nhost: x\r\nx: {}\r\n\r\n", "y".repeat(2 * HEADER_BYTES));
        let answer = asked(address, long.as_bytes()).await;
        assert!(!answer.starts_with("HTTP/1.1 200"), "{answer}");
        let begun = std::time::Instant::now();
        let answer = asked(address, b"GET /livez HTTP/1.1\r\n").await;
        assert!(!answer.starts_with("HTTP/1.1 200"), "{answer}");
        assert!(begun.elapsed() >= HEADER_TIMEOUT, "{:?}", begun.elapsed());
        let short = asked(address, b"GET /livez HTTP/1.1\r\nhost: x\r\n\r\n").await;
        assert!(short.starts_with("HTTP/1.1 200"), "{short}");
        stop.cancel();
    }
}
