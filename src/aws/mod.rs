//! AWS: the only place that names its SDK. It reads and does one step at a time; it decides nothing.

pub mod client;
mod ec2;
pub mod lambda;
