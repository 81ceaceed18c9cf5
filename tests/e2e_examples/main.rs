//! Every manifest that we show to users: the files of examples/ are applied, become ready and go away again; the YAML of the documents is
//! taken by the API server, and the console blocks are what their commands print.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking, in what it calls too")]

mod blocks;
mod console;
mod files;
mod needs;
