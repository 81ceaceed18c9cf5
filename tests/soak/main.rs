//! A soak: random edits of many objects while faults come and go, the operator is killed and somebody meddles in AWS. At
//! rest each function is what a fresh object of its spec gives, and nothing is left over.
//!
//! MINUTES says how long, SOAK_SEED with what; without them it is short, and always tries the same.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking, in what it calls too")]

mod faults;
mod rest;
mod subject;
mod trouble;

use std::io::Write;
use std::time::{Duration, Instant};

use subject::Subject;
use support::report_row::Row;
use support::target::{self, Place};
use support::world::World;
use trouble::Trouble;

/// How many objects; AWS's quotas are for all of them together.
const OBJECTS: u64 = 12;

/// What nobody tells is soon found.
const ARGUMENTS: [&str; 2] = ["--drift-interval", "4s"];

#[tokio::test]
async fn after_chaos_every_function_equals_a_fresh_one() {
    let started = Instant::now();
    let (seed, lasting) = (number("SOAK_SEED").unwrap_or(1), lasting());
    say(&format!("a soak of {} s with seed {seed}", lasting.as_secs()));
    target::write_packages();
    let world = World::with(&arguments(&target::packages().to_string_lossy())).await;
    let place = Place::make(&world).await;
    let subjects: Vec<_> = (0..OBJECTS).map(|number| Subject::new(number, seed)).collect();
    let trouble = Trouble::new(world, place, subjects, seed).run(lasting).await;
    let Trouble { world, place, subjects, edits, crashes, meddled, faults, grown, .. } = trouble;
    let mut violations = rest::violations(&world, &place, &subjects).await;
    let recoveries = subjects.len() + crashes - violations.len().min(subjects.len());
    violations.extend(grown);
    let row = Row {
        what: "soak",
        points: edits,
        faults: faults.injected + crashes + meddled,
        recoveries,
        violations: violations.len(),
        took: started.elapsed(),
    };
    row.write();
    let injected = faults.injected;
    say(&format!("{edits} edits, {injected} faults of AWS, {crashes} crashes, {meddled} times somebody else"));
    assert!(injected > 0 && meddled > 0, "there was no trouble");
    let log = world.operator.log();
    assert!(violations.is_empty(), "with seed {seed}:\n{}\n{}", violations.join("\n"), testbed::last_lines(&log, 60));
}

fn arguments(packages: &str) -> Vec<&str> {
    [&ARGUMENTS[..], &["--package-dir", packages]].concat()
}

fn lasting() -> Duration {
    number("MINUTES").map_or(Duration::from_secs(20), |minutes: u64| Duration::from_secs(minutes * 60))
}

fn number<T: std::str::FromStr>(name: &str) -> Option<T> {
    std::env::var(name).ok()?.parse().ok()
}

/// Past the test runner, which would swallow it.
fn say(sentence: &str) {
    let _ = writeln!(std::io::stderr(), "{sentence}");
}
