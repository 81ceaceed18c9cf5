//! Traces over OTLP: the spans of one target go to a collector, in batches. Off unless there is an endpoint.

use std::sync::atomic::{AtomicBool, Ordering};

use opentelemetry::trace::{TraceContextExt, TracerProvider};
use opentelemetry_otlp::{ExporterBuildError, SpanExporter as Otlp, WithExportConfig};
use opentelemetry_sdk::error::OTelSdkResult;
use opentelemetry_sdk::trace::span_processor_with_async_runtime::BatchSpanProcessor;
use opentelemetry_sdk::trace::{SdkTracer, SdkTracerProvider, SpanData, SpanExporter};
use opentelemetry_sdk::{Resource, runtime};
use tracing::{Span, info, warn};
use tracing_opentelemetry::OpenTelemetrySpanExt;

/// Traces on their way to a collector.
pub struct Traces(SdkTracerProvider);

/// Why there can be no traces.
#[derive(Debug, thiserror::Error)]
pub enum Unusable {
    /// Spans are sent by plain HTTP.
    #[error("'{0}' does not begin with http://: spans are sent by plain HTTP, so name a collector inside the cluster")]
    NotHttp(String),
    /// The library says so.
    #[error(transparent)]
    Exporter(#[from] ExporterBuildError),
}

/// Begins to send spans to the collector at `endpoint`. Must be called inside the async runtime.
///
/// # Errors
/// Where `endpoint` is no address that can be used.
pub fn begin(service: &'static str, endpoint: &str) -> Result<Traces, Unusable> {
    if !endpoint.starts_with("http://") {
        return Err(Unusable::NotHttp(endpoint.to_owned()));
    }
    let url = format!("{}/v1/traces", endpoint.trim_end_matches('/'));
    let otlp = Otlp::builder().with_http().with_endpoint(url).build()?;
    let told = Told { otlp, failing: AtomicBool::default() };
    let batches = BatchSpanProcessor::builder(told, runtime::Tokio).build();
    let resource = Resource::builder().with_service_name(service).build();
    Ok(Traces(SdkTracerProvider::builder().with_span_processor(batches).with_resource(resource).build()))
}

impl Traces {
    pub(super) fn tracer(&self) -> SdkTracer {
        self.0.tracer("lambda-operator")
    }

    /// Sends what is left.
    pub async fn end(self) {
        // It blocks; and what cannot be sent now is lost anyway.
        let _ = tokio::task::spawn_blocking(move || self.0.shutdown()).await;
    }
}

/// The id of the trace that this code runs in, where there is one.
#[must_use]
pub fn trace_id() -> Option<String> {
    let context = Span::current().context();
    let span = context.span();
    let span = span.span_context();
    span.is_valid().then(|| span.trace_id().to_string())
}

/// An exporter that says once when spans do not arrive, and once when they do again.
#[derive(Debug)]
struct Told {
    otlp: Otlp,
    failing: AtomicBool,
}

impl SpanExporter for Told {
    async fn export(&self, batch: Vec<SpanData>) -> OTelSdkResult {
        let result = self.otlp.export(batch).await;
        match (&result, self.failing.swap(result.is_err(), Ordering::Relaxed)) {
            (Err(error), false) => warn!(%error, "Traces do not reach the collector"),
            (Ok(()), true) => info!("Traces reach the collector again"),
            (Ok(()), false) | (Err(_), true) => {}
        }
        result
    }

    fn shutdown_with_timeout(&self, timeout: std::time::Duration) -> OTelSdkResult {
        self.otlp.shutdown_with_timeout(timeout)
    }

    fn force_flush(&self) -> OTelSdkResult {
        self.otlp.force_flush()
    }

    fn set_resource(&mut self, resource: &Resource) {
        self.otlp.set_resource(resource);
    }
}
