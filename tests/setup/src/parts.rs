//! Builds that run at the same time. The first that fails ends the others, and all have ended when the result is there.

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader};
use std::os::unix::process::CommandExt;
use std::process::{Command, ExitStatus, Stdio};
use std::sync::mpsc::{RecvTimeoutError, Sender, channel};
use std::thread;
use std::time::{Duration, Instant};

use crate::cargo::is_compiled;
use crate::guard::{Guard, Signal};
use crate::progress;

/// A build that takes no longer than this is not worth a word.
const PATIENCE: Duration = Duration::from_secs(3);

/// One of the builds that run at the same time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Part {
    /// Cargo.
    Crates,
    /// `testbed prepare`.
    Programs,
}

impl Part {
    fn command(self) -> &'static str {
        match self {
            Part::Crates => "cargo build",
            Part::Programs => "testbed prepare",
        }
    }
}

enum Event {
    Compiled,
    Ended(Part, std::io::Result<ExitStatus>),
}

/// Progress of cargo over several runs, under one announcement.
#[derive(Debug)]
pub struct Announced {
    announcement: Option<&'static str>,
    started: Instant,
    /// Since the start.
    due: Duration,
    compiled: usize,
}

impl Announced {
    /// Begins now. The announcement is printed if the builds take some seconds.
    pub fn new(announcement: &'static str) -> Announced {
        Announced { announcement: Some(announcement), started: Instant::now(), due: PATIENCE, compiled: 0 }
    }

    fn wait(&self) -> Duration {
        self.due.saturating_sub(self.started.elapsed())
    }

    fn print(&mut self, cargo_runs: bool) {
        let elapsed = self.started.elapsed();
        if let Some(announcement) = self.announcement.take() {
            eprintln!("{announcement}");
            self.due = progress::pause(Duration::ZERO);
            return;
        }
        if cargo_runs {
            eprintln!("{}", progress::after("cargo", self.compiled, "crates", elapsed));
        }
        self.due = elapsed + progress::pause(elapsed);
    }
}

/// Runs all parts to their end; the error names the one that failed first.
pub fn run(parts: Vec<(Part, Command)>, announced: &mut Announced) -> Result<(), String> {
    let (sender, events) = channel();
    let mut guards = BTreeMap::new();
    for (part, command) in parts {
        guards.insert(part, start(part, command, sender.clone())?);
    }
    drop(sender);
    let mut result = Ok(());
    loop {
        match events.recv_timeout(announced.wait()) {
            Ok(Event::Compiled) => announced.compiled += 1,
            Ok(Event::Ended(part, status)) => {
                guards.remove(&part).into_iter().for_each(Guard::dismiss);
                if let (Err(reason), Ok(())) = (succeeded(status), &result) {
                    result = Err(format!("`{}` failed ({reason})", part.command()));
                    // what they have compiled is kept, by cargo and by Go
                    guards.clear();
                }
            }
            Err(RecvTimeoutError::Timeout) => announced.print(guards.contains_key(&Part::Crates)),
            // each part has told its end
            Err(RecvTimeoutError::Disconnected) => return result,
        }
    }
}

fn succeeded(status: std::io::Result<ExitStatus>) -> Result<(), String> {
    let status = status.map_err(|error| error.to_string())?;
    if status.success() { Ok(()) } else { Err(status.to_string()) }
}

/// Starts one, in a process group that ends with us; a thread passes on its messages and its end.
fn start(part: Part, mut command: Command, events: Sender<Event>) -> Result<Guard, String> {
    command.stdin(Stdio::null()).stdout(Stdio::piped()).process_group(0);
    let mut child = command.spawn().map_err(|error| format!("cannot start `{}`: {error}", part.command()))?;
    let guard = Guard::new(child.id(), Signal::Terminate);
    thread::spawn(move || {
        let messages = child.stdout.take().map(BufReader::new).into_iter().flat_map(BufRead::lines);
        // nobody listens any more only where another part could not be started
        for _ in messages.map_while(Result::ok).filter(|message| is_compiled(message)) {
            let _ = events.send(Event::Compiled);
        }
        let _ = events.send(Event::Ended(part, child.wait()));
    });
    Ok(guard)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shell(script: &str) -> Command {
        let mut shell = Command::new("sh");
        shell.args(["-c", script]);
        shell
    }

    #[test]
    fn a_part_that_fails_ends_the_others_and_is_named() {
        let started = Instant::now();
        let parts = vec![(Part::Crates, shell("sleep 600")), (Part::Programs, shell("exit 3"))];
        let failed = run(parts, &mut Announced::new("")).unwrap_err();
        assert_eq!(failed, "`testbed prepare` failed (exit status: 3)");
        assert!(started.elapsed() < Duration::from_secs(300));
    }

    #[test]
    fn a_part_that_cannot_be_started_ends_the_others() {
        let parts = vec![(Part::Crates, shell("sleep 600")), (Part::Programs, Command::new("/nonexistent"))];
        assert!(run(parts, &mut Announced::new("")).unwrap_err().starts_with("cannot start `testbed prepare`"));
    }

    #[test]
    fn all_parts_are_waited_for_and_what_cargo_compiled_is_counted() {
        let compiled = r#"echo '{"reason":"compiler-artifact","fresh":false}'"#;
        let mut announced = Announced::new("");
        let parts = vec![(Part::Crates, shell(&format!("{compiled}; {compiled}"))), (Part::Programs, shell("true"))];
        assert_eq!(run(parts, &mut announced), Ok(()));
        assert_eq!(announced.compiled, 2);
    }
}
