//! Whose AWS identity acts for an object: every way to credentials, a role for each namespace, and what a namespace allows.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking, in what it calls too")]

mod agent;
mod allowed;
mod credentials;
mod iam;
mod renewed;
mod roles;
mod way;
