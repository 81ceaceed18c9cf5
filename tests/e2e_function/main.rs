//! The operator on a real kube-apiserver and an AWS emulator with AWS's manners, with the chart's rights only.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking, in what it calls too")]

mod accepted;
mod arguments;
mod bad_input;
mod control;
mod drift;
mod gitops;
mod helm;
mod ignored;
mod import;
mod kubectl;
mod lifecycle;
mod log_retention;
mod namespaces;
mod ownership;
mod process;
mod publishing;
mod references;
mod side_groups;
mod traps;
mod updates;
mod upgrade;
