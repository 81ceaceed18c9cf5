//! The agent of EKS Pod Identity: gives a pod credentials for the token that was put into it.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use axum::Router;
use axum::http::{HeaderMap, StatusCode};
use axum::routing::get;
use k8s_openapi::jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};

/// What a pod shows.
pub(crate) const TOKEN: &str = "the-pods-own-token";

/// The agent, serving until its test ends.
pub(crate) struct Agent {
    /// AWS_CONTAINER_CREDENTIALS_FULL_URI.
    pub(crate) uri: String,
    asked: Arc<AtomicUsize>,
    credentials: Arc<Mutex<Value>>,
}

impl Agent {
    pub(crate) async fn start(credentials: Value) -> Self {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let uri = format!("http://{}/v1/credentials", listener.local_addr().unwrap());
        let asked = Arc::<AtomicUsize>::default();
        let count = Arc::clone(&asked);
        let credentials = Arc::new(Mutex::new(credentials));
        let given = Arc::clone(&credentials);
        let answer = move |headers: HeaderMap| async move {
            if headers.get("authorization").is_none_or(|token| token != TOKEN) {
                return (StatusCode::UNAUTHORIZED, String::new());
            }
            count.fetch_add(1, Ordering::Relaxed);
            (StatusCode::OK, lasting(&given.lock().unwrap()).to_string())
        };
        let routes = Router::new().route("/v1/credentials", get(answer));
        tokio::spawn(async move { axum::serve(listener, routes).await });
        Self { uri, asked, credentials }
    }

    /// From now on these are given.
    pub(crate) fn gives(&self, credentials: Value) {
        *self.credentials.lock().unwrap() = credentials;
    }

    /// How often credentials were given.
    pub(crate) fn gave(&self) -> usize {
        self.asked.load(Ordering::Relaxed)
    }
}

/// Credentials that do not say how long they last do so for some seconds: AWS's SDK asks anew ten seconds before their end.
fn lasting(credentials: &Value) -> Value {
    let mut credentials = credentials.clone();
    if credentials["Expiration"].is_null() {
        credentials["Expiration"] = json!((Timestamp::now() + SignedDuration::from_secs(12)).to_string());
    }
    credentials
}
