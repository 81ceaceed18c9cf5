//! Logs: one line per event, as text for people or as JSON for machines. Spans are not logged; they become traces.

use std::borrow::Cow;
use std::io;
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

/// Writes each event as one line with control characters escaped, so that text from AWS or users can neither control a terminal nor imitate a line.
struct OneLine<W> {
    to: W,
    printable: Printable,
}

/// Replaces control characters by their codes.
pub type Printable = fn(&str) -> Cow<'_, str>;

impl<W: io::Write> io::Write for OneLine<W> {
    fn write(&mut self, line: &[u8]) -> io::Result<usize> {
        let text = String::from_utf8_lossy(line);
        let shown = (self.printable)(text.trim_end_matches('\n'));
        self.to.write_all(format!("{shown}\n").as_bytes())?;
        Ok(line.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        self.to.flush()
    }
}

/// Starts logging to standard error, and tracing if it is configured. `level` is a level or a list such as `info,kube=debug`.
///
/// # Errors If `level` cannot be parsed.
pub fn start(format: Format, level: &str, printable: Printable, traces: Option<&Traces>) -> Result<(), ParseError> {
    // The client libraries report what we handle and report ourselves.
    let filter =
        EnvFilter::try_new(format!("{level},kube_client=off,kube_runtime=off,aws=error,hyper=warn,{SPANS}=off"))?;
    let lines = fmt::layer();
    let lines = match format {
        Format::Text => {
            lines.with_ansi(false).with_writer(move || OneLine { to: std::io::stderr(), printable }).boxed()
        }
        // JSON escapes by itself.
        Format::Json => lines
            .with_writer(std::io::stderr)
            .json()
            .flatten_event(true)
            .with_current_span(false)
            .with_span_list(false)
            .boxed(),
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

#[cfg(test)]
mod tests {
    use std::io::Write;

    use super::*;

    #[test]
    fn an_event_is_one_line_of_text() {
        let mut log = Vec::new();
        let printable: Printable = |text| Cow::Owned(text.escape_default().to_string());
        OneLine { to: &mut log, printable }.write_all(b"WARN one\ntwo\t\x1b[2Jthree\n").unwrap();
        assert_eq!(String::from_utf8(log).unwrap(), "WARN one\\ntwo\\t\\u{1b}[2Jthree\n");
    }
}
