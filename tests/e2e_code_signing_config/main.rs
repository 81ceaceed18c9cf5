//! LambdaCodeSigningConfig on a real kube-apiserver and an AWS emulator behind the proxy, with only the chart's RBAC rules.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking, in what it calls too")]

mod lifecycle;
mod ownership;
mod referred;
