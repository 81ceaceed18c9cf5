//! Logs: one line per event, as text for people or as JSON for machines.

use std::str::FromStr;

use tracing_subscriber::EnvFilter;
use tracing_subscriber::filter::ParseError;

/// How lines are written.
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
            _ => Err(format!("'{text}' is no log format: write text or json")),
        }
    }
}

/// Starts logging to standard error. `level` is a level or a list such as `info,kube=debug`.
///
/// # Errors
/// Where `level` cannot be read.
pub fn start(format: Format, level: &str) -> Result<(), ParseError> {
    // The client libraries report what we handle and report ourselves.
    let filter = EnvFilter::try_new(format!("{level},kube_client=off,kube_runtime=off,aws=error,hyper=warn"))?;
    let lines = tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr);
    match format {
        Format::Text => lines.with_ansi(false).init(),
        Format::Json => lines.json().flatten_event(true).with_current_span(false).with_span_list(false).init(),
    }
    Ok(())
}
