//! Kill at every call: the operator is killed before and after each AWS call and each Kubernetes write that it makes, and
//! a new one must end where an undisturbed one ends. TORTURE=full takes every point, and KILL_KIND=LambdaAlias one kind alone.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking, in what it calls too")]

mod batch;
mod end;
mod held;
mod kinds;
mod point;
mod recovery;
mod scenario;
mod siblings;
mod stories;
mod table;

use std::collections::BTreeMap;
use std::time::Instant;

use futures::StreamExt;

use batch::{Outcome, REGIONS, Undisturbed, kill, undisturbed};
use point::Point;
use scenario::Scenario;
use support::report_row::Row;

/// Batches at a time; each is an operator with many functions.
const BATCHES: usize = 3;

/// A call that polls is not made in every run: so often is it tried to meet it.
const ROUNDS: usize = 3;

type Undisturbeds = BTreeMap<Scenario, Undisturbed>;

#[tokio::test]
async fn a_crash_at_any_call_changes_nothing_of_the_end() {
    let started = Instant::now();
    let undisturbed = undisturbed().await;
    let points = points(&undisturbed);
    let outcomes = tried(points, &undisturbed).await;
    table::print(&undisturbed, &outcomes, started.elapsed());
    let violations: Vec<_> = outcomes.iter().filter_map(Outcome::report).collect();
    let met = outcomes.iter().filter(|outcome| outcome.met).count();
    let row = Row {
        what: "kill matrix",
        points: outcomes.len(),
        faults: met,
        recoveries: outcomes.iter().filter(|outcome| outcome.met && outcome.recovered.violations.is_empty()).count(),
        violations: violations.len(),
        took: started.elapsed(),
    };
    row.write();
    assert!(violations.is_empty(), "{} violations:\n\n{}", violations.len(), violations.join("\n\n"));
    assert!(met * 10 >= outcomes.len() * 9, "of {} points only {met} were met", outcomes.len());
}

/// TORTURE=full: every point.
pub(crate) fn is_full() -> bool {
    std::env::var("TORTURE").is_ok_and(|much| much == "full")
}

/// Before and after every call, or only where a crash forgets something.
fn points(undisturbed: &Undisturbeds) -> Vec<(Scenario, Point)> {
    let full = is_full();
    let of = |(scenario, undisturbed): (&Scenario, &Undisturbed)| {
        let (scenario, points) = (*scenario, undisturbed.points.clone());
        points.into_iter().filter(move |point| full || point.forgets()).map(move |point| (scenario, point))
    };
    undisturbed.iter().flat_map(of).collect()
}

/// Kills at all of them, again where a point was not met.
async fn tried(mut points: Vec<(Scenario, Point)>, undisturbed: &Undisturbeds) -> Vec<Outcome> {
    let mut all = Vec::new();
    let rounds = if is_full() { ROUNDS } else { 1 };
    for round in 1..=rounds {
        let count = points.len().div_ceil(REGIONS.len());
        let batches = points.chunks(points.len().div_ceil(count.max(1)).max(1)).map(|batch| kill(batch, undisturbed));
        let outcomes: Vec<Vec<Outcome>> = futures::stream::iter(batches).buffer_unordered(BATCHES).collect().await;
        let again = |outcome: &Outcome| !outcome.met && outcome.recovered.violations.is_empty() && round < rounds;
        let (missed, done): (Vec<_>, Vec<_>) = outcomes.into_iter().flatten().partition(again);
        all.extend(done);
        points = missed.into_iter().map(|outcome| (outcome.scenario, outcome.point)).collect();
    }
    all
}
