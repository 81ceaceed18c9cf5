//! The agent of EKS Pod Identity: gives a pod credentials for the token that was put into it.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use axum::Router;
use axum::http::{HeaderMap, StatusCode};
use axum::routing::get;
use serde_json::Value;

/// What a pod shows.
pub(crate) const TOKEN: &str = "the-pods-own-token";

/// The agent, serving until its test ends.
pub(crate) struct Agent {
    /// AWS_CONTAINER_CREDENTIALS_FULL_URI.
    pub(crate) uri: String,
    asked: Arc<AtomicUsize>,
}

impl Agent {
    pub(crate) async fn start(credentials: Value) -> Self {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let uri = format!("http://{}/v1/credentials", listener.local_addr().unwrap());
        let asked = Arc::<AtomicUsize>::default();
        let count = Arc::clone(&asked);
        let answer = move |headers: HeaderMap| async move {
            if headers.get("authorization").is_none_or(|token| token != TOKEN) {
                return (StatusCode::UNAUTHORIZED, String::new());
            }
            count.fetch_add(1, Ordering::Relaxed);
            (StatusCode::OK, credentials.to_string())
        };
        let routes = Router::new().route("/v1/credentials", get(answer));
        tokio::spawn(async move { axum::serve(listener, routes).await });
        Self { uri, asked }
    }

    /// How often credentials were given.
    pub(crate) fn gave(&self) -> usize {
        self.asked.load(Ordering::Relaxed)
    }
}
