//! One owner for each function, whatever races for it, and an end for each object, whatever holds it.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking, in what it calls too")]

mod consent;
mod crowd;
mod deletion;
mod held;
mod hold;
mod leftovers;
mod matrix;
mod namespace;
mod races;
mod refused;
mod replicas;
mod reuse;
mod rival;
mod signing;
mod tags;
