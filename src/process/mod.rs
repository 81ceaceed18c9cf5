//! What any long-running program needs: logs, probes, metrics, leader election. Knows neither Lambda nor the resource.

pub mod leader;
pub mod metrics;
pub mod server;
pub mod telemetry;
