//! What was tried and what came of it, a line for each scenario; written past the test runner, which would swallow it.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::io::Write as _;
use std::time::Duration;

use crate::batch::{Outcome, Undisturbed};
use crate::scenario::Scenario;

/// Prints it.
pub(crate) fn print(undisturbed: &BTreeMap<Scenario, Undisturbed>, outcomes: &[Outcome], took: Duration) {
    let mut text = String::from(
        "\nscenario     AWS calls  Kubernetes writes  points  kills  recovered  not met  sent twice  violations  longest recovery\n",
    );
    let mut line = |name: &str, calls: usize, writes: usize, of: &[&Outcome]| {
        let count = |wanted: fn(&Outcome) -> bool| of.iter().filter(|outcome| wanted(outcome)).count();
        let longest = of.iter().map(|outcome| outcome.recovered.took).max().unwrap_or_default();
        let _ = writeln!(
            text,
            "{name:<12} {calls:>9} {writes:>18} {:>7} {:>6} {:>10} {:>8} {:>11} {:>11} {:>15.1} s",
            of.len(),
            count(|outcome| outcome.met),
            count(|outcome| outcome.met && outcome.recovered.violations.is_empty()),
            count(|outcome| !outcome.met),
            count(|outcome| !outcome.recovered.twice.is_empty()),
            count(|outcome| !outcome.recovered.violations.is_empty()),
            longest.as_secs_f64(),
        );
    };
    for (scenario, undisturbed) in undisturbed {
        let of: Vec<_> = outcomes.iter().filter(|outcome| outcome.scenario == *scenario).collect();
        line(scenario.name(), undisturbed.calls, undisturbed.writes, &of);
    }
    let (calls, writes) = undisturbed.values().fold((0, 0), |(c, w), one| (c + one.calls, w + one.writes));
    line("all", calls, writes, &outcomes.iter().collect::<Vec<_>>());
    for outcome in outcomes.iter().filter(|outcome| !outcome.recovered.twice.is_empty()) {
        let _ = writeln!(
            text,
            "{}, killed {}: {} twice",
            outcome.scenario.name(),
            outcome.point,
            outcome.recovered.twice.join(", ")
        );
    }
    for outcome in outcomes.iter().filter(|outcome| !outcome.met) {
        let _ = writeln!(text, "{}: not met {}", outcome.scenario.name(), outcome.point);
    }
    let _ = writeln!(text, "{:.0} s", took.as_secs_f64());
    let _ = std::io::stderr().write_all(text.as_bytes());
}
