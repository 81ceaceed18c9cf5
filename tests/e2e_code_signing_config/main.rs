//! LambdaCodeSigningConfig on a real kube-apiserver and an AWS emulator with AWS's manners, with the chart's rights only.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking, in what it calls too")]

mod lifecycle;
mod ownership;
mod referred;
