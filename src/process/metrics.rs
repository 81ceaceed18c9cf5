//! Metrics: families, the registry, and the text format. The families themselves are defined elsewhere.

use std::fmt;
use std::sync::{Mutex, PoisonError};

use prometheus_client::collector::Collector;
use prometheus_client::encoding::text::encode;
use prometheus_client::encoding::{DescriptorEncoder, EncodeMetric};
use prometheus_client::metrics::MetricType;
use prometheus_client::metrics::counter::ConstCounter;
use prometheus_client::metrics::gauge::ConstGauge;
use prometheus_client::metrics::histogram::Histogram;
use prometheus_client::registry::{Metric, Registry};

/// Content type of [`Metrics::text`]: the format that every scraper reads.
pub const CONTENT_TYPE: &str = "text/plain; version=0.0.4; charset=utf-8";

/// The type of a metric family.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A number that only rises; its name ends in `_total`.
    Counter,
    /// A number that rises and falls.
    Gauge,
    /// A distribution of sizes.
    Histogram,
}

/// A family of metrics, as the registry and the documentation know it.
#[derive(Clone, Copy, Debug)]
pub struct Family {
    /// The name.
    pub name: &'static str,
    /// The type.
    pub kind: Kind,
    /// The names of the labels, in order.
    pub labels: &'static [&'static str],
    /// The help text: one sentence without a full stop.
    pub meaning: &'static str,
}

/// Labels and value of one series.
pub type Series = (Vec<(&'static str, String)>, f64);

impl Family {
    /// Creates a family, in a table of families.
    #[must_use]
    pub const fn new(name: &'static str, kind: Kind, labels: &'static [&'static str], meaning: &'static str) -> Self {
        Self { name, kind, labels, meaning }
    }

    /// Registers a metric that is updated as events happen.
    pub fn counts(&self, registry: &mut Registry, metric: impl Metric) {
        registry.register(self.stem(), self.meaning, metric);
    }

    /// Registers a metric that is computed when it is scraped.
    pub fn reads(self, registry: &mut Registry, read: impl Fn() -> Vec<Series> + Send + Sync + 'static) {
        registry.register_collector(Box::new(Reading { family: self, read }));
    }

    /// The name without `_total`, which the encoder adds to counters itself.
    fn stem(&self) -> &'static str {
        self.name.strip_suffix("_total").unwrap_or(self.name)
    }
}

/// A family that is computed when it is scraped.
struct Reading<F> {
    family: Family,
    read: F,
}

impl<F> fmt::Debug for Reading<F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.family.name)
    }
}

impl<F: Fn() -> Vec<Series> + Send + Sync + 'static> Collector for Reading<F> {
    fn encode(&self, mut encoder: DescriptorEncoder<'_>) -> fmt::Result {
        let series = (self.read)();
        if series.is_empty() {
            return Ok(());
        }
        let counter = self.family.kind == Kind::Counter;
        let kind = if counter { MetricType::Counter } else { MetricType::Gauge };
        let meaning = format!("{}.", self.family.meaning);
        let mut family = encoder.encode_descriptor(self.family.stem(), &meaning, None, kind)?;
        for (labels, value) in series {
            let one = family.encode_family(&labels)?;
            if counter { ConstCounter::new(value).encode(one)? } else { ConstGauge::new(value).encode(one)? }
        }
        Ok(())
    }
}

/// A histogram with buckets from a fast answer to a slow upload.
#[must_use]
pub fn seconds() -> Histogram {
    Histogram::new([0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0])
}

/// All metrics of the process.
#[derive(Default)]
pub struct Metrics {
    registry: Mutex<Registry>,
}

impl Metrics {
    /// Registers metrics.
    pub fn register(&self, add: impl FnOnce(&mut Registry)) {
        add(&mut self.registry.lock().unwrap_or_else(PoisonError::into_inner));
    }

    /// Every metric in Prometheus's text format.
    #[must_use]
    pub fn text(&self) -> String {
        let mut text = String::new();
        // Encoding to a string cannot fail.
        let _ = encode(&mut text, &self.registry.lock().unwrap_or_else(PoisonError::into_inner));
        plain(&text)
    }
}

/// Converts OpenMetrics to the older text format, which describes a counter under its full name and has neither units nor an end marker.
fn plain(open: &str) -> String {
    let mut plain = String::with_capacity(open.len());
    let mut help = "";
    for line in open.lines() {
        if let Some(described) = line.strip_prefix("# HELP ") {
            help = described.split_once(' ').map_or("", |(_, help)| help);
        } else if let Some((name, kind)) = line.strip_prefix("# TYPE ").and_then(|typed| typed.split_once(' ')) {
            let end = if kind == "counter" { "_total" } else { "" };
            plain.push_str(&format!("# HELP {name}{end} {help}\n# TYPE {name}{end} {kind}\n"));
        } else if !line.starts_with('#') {
            plain.push_str(line);
            plain.push('\n');
        }
    }
    plain
}

#[cfg(test)]
mod tests {
    use super::*;
    use prometheus_client::metrics::counter::Counter;

    #[test]
    fn a_counter_is_described_under_the_name_that_it_has() {
        let metrics = Metrics::default();
        let calls = Family::new("calls_total", Kind::Counter, &[], "Calls");
        metrics.register(|registry| calls.counts(registry, Counter::<u64>::default()));
        let level = Family::new("level", Kind::Gauge, &["of"], "How high it is");
        metrics.register(|registry| level.reads(registry, || vec![(vec![("of", "water".into())], 1.5)]));
        assert_eq!(
            metrics.text(),
            "# HELP calls_total Calls.\n# TYPE calls_total counter\ncalls_total 0\n\
             # HELP level How high it is.\n# TYPE level gauge\nlevel{of=\"water\"} 1.5\n"
        );
    }
}
