//! What the tests of several targets share: a world with an operator in it, rules that hold in every world, random chains of edits, an API server
//! that judges objects.
#![allow(
    missing_docs,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "tests only: a test fails by panicking, in what it calls too"
)]

use std::path::{Path, PathBuf};

pub mod admission;
pub mod aliases;
pub mod chain;
pub mod cli;
pub mod fields;
pub mod invariants;
pub mod kinds;
pub mod kstatus;
pub mod log_groups;
pub mod mappings;
pub mod objects;
pub mod other_actor;
pub mod picture;
pub mod replay;
pub mod report_row;
pub mod signing_configs;
pub mod target;
pub mod world;

/// The folder of the whole project, which is not this crate's.
#[must_use]
pub fn project() -> &'static Path {
    Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../.."))
}

/// Where cargo put the operator: it is built together with the running test, which lies in `deps` beside it.
#[must_use]
pub fn built() -> PathBuf {
    let test = std::env::current_exe().unwrap();
    test.parent().and_then(Path::parent).unwrap().to_owned()
}
