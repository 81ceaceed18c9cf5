//! Metrics of the requests of our API server client, under the names that client-go uses.

use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Instant;

use futures::FutureExt;
use futures::future::BoxFuture;
use http::{Request, Response};
use kube::client::{Body, ClientBuilder};
use kube::{Client, Config};
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family as Labelled;
use prometheus_client::metrics::histogram::Histogram;
use prometheus_client::registry::Registry;
use tower::Service;

use super::metrics::{Family, Kind, seconds};

/// Requests by status code.
pub const REQUESTS: Family = Family::new(
    "rest_client_requests_total",
    Kind::Counter,
    &["code", "method", "host"],
    "Requests to the API server by status code, or `<error>` if there was no answer; retries by the client itself are not counted",
);
/// Duration of requests.
pub const REQUEST_SECONDS: Family = Family::new(
    "rest_client_request_duration_seconds",
    Kind::Histogram,
    &["verb", "host"],
    "Time in seconds until the first byte of the answer, of watches too",
);

type Labels<const COUNT: usize> = [(&'static str, String); COUNT];

/// Metrics of all clients that are created from this.
#[derive(Clone)]
pub struct Requests {
    answers: Labelled<Labels<3>, Counter>,
    seconds: Labelled<Labels<2>, Histogram, fn() -> Histogram>,
}

impl Default for Requests {
    fn default() -> Self {
        Self { answers: Labelled::default(), seconds: Labelled::new_with_constructor(seconds) }
    }
}

impl Requests {
    /// Registers the metrics.
    pub fn register(&self, registry: &mut Registry) {
        REQUESTS.counts(registry, self.answers.clone());
        REQUEST_SECONDS.counts(registry, self.seconds.clone());
    }

    /// Creates a client with these metrics.
    ///
    /// # Errors
    /// If no client can be created from `config`.
    pub fn client(&self, config: Config) -> kube::Result<Client> {
        let host: Arc<str> = config.cluster_url.authority().map_or("", |authority| authority.as_str()).into();
        let counted =
            tower::layer::layer_fn(|inner| Counted { inner, requests: self.clone(), host: Arc::clone(&host) });
        Ok(ClientBuilder::try_from(config)?.with_layer(&counted).build())
    }

    fn answered(&self, code: String, method: &str, host: &str, took: f64) {
        let (method, host) = (method.to_owned(), host.to_owned());
        self.seconds.get_or_create(&[("verb", method.clone()), ("host", host.clone())]).observe(took);
        self.answers.get_or_create(&[("code", code), ("method", method), ("host", host)]).inc();
    }
}

/// The layer that counts requests.
struct Counted<S> {
    inner: S,
    requests: Requests,
    host: Arc<str>,
}

impl<S, B> Service<Request<Body>> for Counted<S>
where
    S: Service<Request<Body>, Response = Response<B>>,
    S::Future: Send + 'static,
{
    type Response = S::Response;
    type Error = S::Error;
    type Future = BoxFuture<'static, Result<S::Response, S::Error>>;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), Self::Error>> {
        self.inner.poll_ready(context)
    }

    fn call(&mut self, request: Request<Body>) -> Self::Future {
        let (requests, host) = (self.requests.clone(), Arc::clone(&self.host));
        let method = request.method().clone();
        let started = Instant::now();
        let answer = self.inner.call(request);
        async move {
            let result = answer.await;
            let code = result.as_ref().map_or_else(|_| "<error>".into(), |answer| answer.status().as_str().to_owned());
            requests.answered(code, method.as_str(), &host, started.elapsed().as_secs_f64());
            result
        }
        .boxed()
    }
}
