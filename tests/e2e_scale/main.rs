//! Many objects, one noisy object, one account that AWS throttles, one that gives no answers: what others notice of it, in seconds and megabytes.
//!
//! TORTURE=full: 1,000 objects that appear at once and 10,000 that are settled, instead of 300 and 2,000; and 150 of the largest objects, instead of 30.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking, in what it calls too")]

mod audit;
mod crowd;
mod fair;
mod many;
mod restart;
mod worst;
mod worst_contents;

use std::io::Write;

use tokio::sync::{Mutex, MutexGuard};

/// What is measured in seconds has the machine for itself.
static MEASURED: Mutex<()> = Mutex::const_new(());

async fn alone() -> MutexGuard<'static, ()> {
    MEASURED.lock().await
}

/// TORTURE=full: as many as the design promises for.
fn is_full() -> bool {
    std::env::var("TORTURE").is_ok_and(|much| much == "full")
}

/// Figures are for people too: past the test runner, which would swallow them.
fn say(sentence: &str) {
    let _ = writeln!(std::io::stderr(), "{sentence}");
}
