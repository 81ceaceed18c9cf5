//! The program `setup`: builds what the commands of the Makefile need, at the same time where it is independent.

use std::process::{Command, ExitCode};

use setup::{Announced, Part, cargo, run};

const ANNOUNCEMENT: &str = "Building the operator, its tests and the test bed. The first time, cargo takes about \
                            5 minutes on 2 cores; later runs take seconds.";

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let tests = match arguments.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        [] => false,
        ["--tests"] => true,
        _ => {
            eprintln!(
                "usage: setup [--tests]\n  --tests  also what only tests run: the oldest kube-apiserver, Prometheus, helm 3"
            );
            return ExitCode::FAILURE;
        }
    };
    match build(tests) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("setup: {error}; the reason is above");
            ExitCode::FAILURE
        }
    }
}

/// First the program `testbed`, a third of the crates; then it builds what it runs, beside the other two thirds.
fn build(tests: bool) -> Result<(), String> {
    let mut announced = Announced::new(ANNOUNCEMENT);
    run(vec![(Part::Crates, cargo(&["--bin", "testbed"]))], &mut announced)?;
    let own = std::env::current_exe().map_err(|error| format!("cannot find the program `setup`: {error}"))?;
    let mut programs = Command::new(own.with_file_name("testbed"));
    programs.arg("prepare").args(tests.then_some("--tests"));
    run(vec![(Part::Crates, cargo(&["--all-targets"])), (Part::Programs, programs)], &mut announced)
}
