//! A line of the one table that `make torture` prints at its end. Written where TORTURE_TABLE names a file.

use std::io::Write;
use std::time::Duration;

/// What one test tried, and what came of it.
pub struct Row {
    pub what: &'static str,
    /// Places or moments at which something was tried.
    pub points: usize,
    /// Crashes, faults of AWS, changes by somebody else.
    pub faults: usize,
    /// Ends that are what they should be.
    pub recoveries: usize,
    pub violations: usize,
    pub took: Duration,
}

impl Row {
    /// Adds it to the table.
    pub fn write(&self) {
        let Self { what, points, faults, recoveries, violations, took } = self;
        let minutes = took.as_secs_f64() / 60.0;
        let Some(path) = std::env::var_os("TORTURE_TABLE") else { return };
        let mut file = std::fs::OpenOptions::new().create(true).append(true).open(path).unwrap();
        if file.metadata().unwrap().len() == 0 {
            writeln!(file, "{:<12} points  faults injected  recoveries  violations  minutes", "").unwrap();
        }
        writeln!(file, "{what:<12} {points:>6} {faults:>16} {recoveries:>11} {violations:>11} {minutes:>8.1}").unwrap();
    }
}
