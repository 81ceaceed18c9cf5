//! Instrumentation of a reconcile: the guard, the span, the metrics. Decides nothing.

pub(in crate::controller) mod guard;
pub mod metric_defs;
pub mod metrics;
pub(in crate::controller) mod queue;
pub(in crate::controller) mod span;
