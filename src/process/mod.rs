//! What any long-running program needs: logs, traces, probes, metrics, leader election. Knows neither Lambda nor the resource.

pub mod consumption;
pub mod leader;
pub mod metrics;
pub mod requests;
pub mod server;
pub mod telemetry;
pub mod traces;
