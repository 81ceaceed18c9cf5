//! What is shipped beside the program: the chart, manifests and policies, on a real API server, with real helm, kubectl and Lua.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking, in what it calls too")]

mod aws;
mod chart;
mod fence;
mod fewer_rights;
mod gitops;
mod health;
mod iam;
mod json_schema;
mod lifecycle;
mod overlays;
mod policies;
mod protection;
mod release;
mod rights;
mod statuses;
