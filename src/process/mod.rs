//! What any long-running program needs: logs, traces, probes, metrics, leader election. Knows neither Lambda nor the resource.

pub mod core_dumps;
pub mod kube_client_metrics;
pub mod leader;
pub mod metrics;
pub mod process_metrics;
pub mod server;
pub mod telemetry;
pub mod traces;
