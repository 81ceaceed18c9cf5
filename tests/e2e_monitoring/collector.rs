//! An OpenTelemetry collector of a test: takes spans by OTLP over HTTP, and keeps them with the bytes that they came in.

use std::sync::{Arc, Mutex};

use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::routing::post;
use opentelemetry_proto::tonic::collector::trace::v1::ExportTraceServiceRequest;
use opentelemetry_proto::tonic::common::v1::any_value::Value;
use opentelemetry_proto::tonic::trace::v1::Span;
use prost::Message;

/// What has arrived.
#[derive(Clone, Default)]
pub(crate) struct Collector {
    arrived: Arc<Mutex<(Vec<Span>, Vec<u8>)>>,
}

impl Collector {
    /// Starts one; returns its address too.
    pub(crate) async fn start() -> (Collector, String) {
        let collector = Collector::default();
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = format!("http://{}", listener.local_addr().unwrap());
        let routes = Router::new().route("/v1/traces", post(take)).with_state(collector.clone());
        tokio::spawn(async { axum::serve(listener, routes).await });
        (collector, address)
    }

    pub(crate) fn spans(&self) -> Vec<Span> {
        self.arrived.lock().unwrap().0.clone()
    }

    /// All that was sent, as text where it is text.
    pub(crate) fn text(&self) -> String {
        String::from_utf8_lossy(&self.arrived.lock().unwrap().1).into_owned()
    }
}

async fn take(State(collector): State<Collector>, body: Bytes) {
    let request = ExportTraceServiceRequest::decode(body.clone()).unwrap();
    let scopes = request.resource_spans.into_iter().flat_map(|resource| resource.scope_spans);
    let mut arrived = collector.arrived.lock().unwrap();
    arrived.0.extend(scopes.flat_map(|scope| scope.spans));
    arrived.1.extend_from_slice(&body);
}

/// An attribute of a span, as text.
pub(crate) fn attribute(span: &Span, key: &str) -> Option<String> {
    let found = span.attributes.iter().find(|attribute| attribute.key == key)?;
    match found.value.as_ref()?.value.as_ref()? {
        Value::StringValue(text) => Some(text.clone()),
        Value::IntValue(number) => Some(number.to_string()),
        other => Some(format!("{other:?}")),
    }
}

/// An id as logs write it.
pub(crate) fn hex(id: &[u8]) -> String {
    id.iter().map(|byte| format!("{byte:02x}")).collect()
}
