//! `/livez`, `/readyz` and `/metrics`. Liveness means only that the process answers; readiness lists the conditions that are not met.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use axum::Router;
use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::IntoResponse;
use axum::routing::get;
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;

use super::metrics::{CONTENT_TYPE, Metrics};

/// The conditions of readiness.
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
    axum::serve(listener, routes).with_graceful_shutdown(stop.cancelled_owned()).await
}

async fn metrics_text(State(metrics): State<Arc<Metrics>>) -> impl IntoResponse {
    ([(header::CONTENT_TYPE, CONTENT_TYPE)], metrics.text())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_readiness_answer_names_missing_parts() {
        let readiness = Readiness::default();
        readiness.awaits("watch", "not synced yet");
        assert_eq!(readiness.answer(), (StatusCode::SERVICE_UNAVAILABLE, "watch: not synced yet\n".into()));
        readiness.met("watch");
        assert_eq!(readiness.answer().0, StatusCode::OK);
    }
}
