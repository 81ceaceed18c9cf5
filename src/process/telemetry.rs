//! Logs: one line per event, as text for people or as JSON for machines. Spans are not logged; they become traces.

use std::str::FromStr;

use tracing_subscriber::filter::{ParseError, Targets};
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::util::SubscriberInitExt;
use tracing_subscriber::{EnvFilter, Layer, fmt};

use super::traces::Traces;

/// The target of the spans that become traces.
pub const SPANS: &str = "spans";

/// The format of log lines.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// For people.
    Text,
    /// For machines.
    Json,
}

impl FromStr for Format {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match text {
            "text" => Ok(Self::Text),
            "json" => Ok(Self::Json),
            _ => Err(format!("'{text}' is not a log format: use text or json")),
        }
    }
}

/// Starts logging to standard error, and tracing if it is configured. `level` is a level or a list such as `info,kube=debug`.
///
/// # Errors
/// If `level` is invalid.
pub fn start(format: Format, level: &str, traces: Option<&Traces>) -> Result<(), ParseError> {
    // The client libraries log errors that we handle and log ourselves.
    let filter =
        EnvFilter::try_new(format!("{level},kube_client=off,kube_runtime=off,aws=error,hyper=warn,{SPANS}=off"))?;
    let lines = fmt::layer().with_writer(std::io::stderr);
    let lines = match format {
        Format::Text => lines.with_ansi(false).boxed(),
        Format::Json => lines.json().flatten_event(true).with_current_span(false).with_span_list(false).boxed(),
    };
    let traces = traces.map(|traces| {
        let spans = tracing_opentelemetry::layer().with_tracer(traces.tracer());
        spans.with_location(false).with_threads(false).with_tracked_inactivity(false)
    });
    let only_spans = Targets::new().with_target(SPANS, tracing::Level::INFO);
    let traces = traces.map(|traces| traces.with_filter(only_spans));
    tracing_subscriber::registry().with(lines.with_filter(filter)).with(traces).init();
    Ok(())
}
