//! What people see of a running operator: metrics as Prometheus takes them, alerts, dashboard, traces.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking, in what it calls too")]

mod alerts;
mod collector;
mod seen;
mod traces;

use std::path::PathBuf;

/// The folder of alerts and dashboard.
fn monitoring() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("charts/lambda-operator/monitoring")
}

fn document(path: &str) -> String {
    std::fs::read_to_string(PathBuf::from(env!("CARGO_MANIFEST_DIR")).join(path)).unwrap()
}
