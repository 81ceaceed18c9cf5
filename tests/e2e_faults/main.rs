//! The operator in a hostile world: every fault that the test bed knows, what status says meanwhile, and that it ends as if nothing had been.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking, in what it calls too")]

mod alias;
mod behind;
mod complete;
mod configurations;
mod ends_by_itself;
mod failed;
mod going;
mod invented;
mod logs;
mod mapping;
mod needs_a_person;
mod parts;
mod permission;
mod scene;
mod url;
mod witness;
