//! Every manifest that we show to users: the files of examples/ are applied, become ready and go away again; the YAML of the documents is
//! taken by the API server.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking, in what it calls too")]

mod blocks;
mod files;
mod needs;
