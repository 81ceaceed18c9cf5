//! The parts that any long-running program needs: logs, traces, probes, metrics, leader election. It knows neither Lambda nor the resources.

pub mod core_dumps;
pub mod kube_client_metrics;
pub mod leader;
pub mod metrics;
pub mod process_metrics;
pub mod server;
pub mod telemetry;
pub mod traces;
