//! Traces over OTLP: the spans of one tracing target are sent to a collector in batches. Disabled without an endpoint.

use std::sync::atomic::{AtomicBool, Ordering};

use opentelemetry::trace::{TraceContextExt, TracerProvider};
use opentelemetry_otlp::{ExporterBuildError, SpanExporter as Otlp, WithExportConfig};
use opentelemetry_sdk::error::OTelSdkResult;
use opentelemetry_sdk::trace::span_processor_with_async_runtime::BatchSpanProcessor;
use opentelemetry_sdk::trace::{SdkTracer, SdkTracerProvider, SpanData, SpanExporter};
use opentelemetry_sdk::{Resource, runtime};
use tracing::{Span, info, warn};
use tracing_opentelemetry::OpenTelemetrySpanExt;

/// The exporter of traces to a collector.
pub struct Traces(SdkTracerProvider);

/// Why traces cannot be exported.
#[derive(Debug, thiserror::Error)]
pub enum Unusable {
    /// Only plain HTTP is supported.
    #[error("'{0}' does not begin with http://: spans are sent by plain HTTP, so name a collector inside the cluster")]
    NotHttp(String),
    /// The library's error.
    #[error(transparent)]
    Exporter(#[from] ExporterBuildError),
}

/// Starts to send spans to the collector at `endpoint`. It must be called inside the async runtime.
///
/// # Errors
/// If `endpoint` is not a usable address.
pub fn begin(service: &'static str, endpoint: &str) -> Result<Traces, Unusable> {
    if !endpoint.starts_with("http://") {
        return Err(Unusable::NotHttp(endpoint.to_owned()));
    }
    let url = format!("{}/v1/traces", endpoint.trim_end_matches('/'));
    let otlp = Otlp::builder().with_http().with_endpoint(url).build()?;
    let reporting = ReportingExporter { otlp, failing: AtomicBool::default() };
    let batches = BatchSpanProcessor::builder(reporting, runtime::Tokio).build();
    let resource = Resource::builder().with_service_name(service).build();
    Ok(Traces(SdkTracerProvider::builder().with_span_processor(batches).with_resource(resource).build()))
}

impl Traces {
    pub(super) fn tracer(&self) -> SdkTracer {
        self.0.tracer("lambda-operator")
    }

    /// Sends the remaining spans.
    pub async fn end(self) {
        // The shutdown blocks. Spans that cannot be sent now are lost anyway.
        let _ = tokio::task::spawn_blocking(move || self.0.shutdown()).await;
    }
}

/// The id of the current trace, if there is one.
#[must_use]
pub fn trace_id() -> Option<String> {
    let context = Span::current().context();
    let span = context.span();
    let span = span.span_context();
    span.is_valid().then(|| span.trace_id().to_string())
}

/// An exporter that logs once when the collector stops accepting spans, and once when it accepts them again.
#[derive(Debug)]
struct ReportingExporter {
    otlp: Otlp,
    failing: AtomicBool,
}

impl SpanExporter for ReportingExporter {
    async fn export(&self, batch: Vec<SpanData>) -> OTelSdkResult {
        let result = self.otlp.export(batch).await;
        match (&result, self.failing.swap(result.is_err(), Ordering::Relaxed)) {
            (Err(error), false) => {
                warn!(%error, "Failed to send traces to the collector, so spans are lost: check --otlp-endpoint");
            }
            (Ok(()), true) => info!("Sending traces to the collector works again"),
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
