//! What the operator asks of AWS and writes to Kubernetes in each of its stories, call by call, as tests/data/scenes has it
//! recorded. UPDATE=1 records anew.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking, in what it calls too")]

mod changes;
mod ends;
mod lines;
mod looks;
mod recording;
mod stage;
mod troubles;
mod versions;
