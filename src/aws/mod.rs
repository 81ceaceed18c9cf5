//! AWS: the only folder that uses its SDK. It reads, and it executes one step at a time; it decides nothing.

pub mod client;
mod ec2;
pub mod lambda;
mod logs;
