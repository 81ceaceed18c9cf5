//! The end of a process group that must not outlive this process.

use std::os::unix::process::CommandExt;
use std::process::{Child, Command, Stdio};

/// How a group is ended.
#[derive(Debug, Clone, Copy)]
pub enum Signal {
    /// SIGTERM: each process ends in its own way.
    Terminate,
    /// SIGKILL.
    Kill,
}

/// Ends a process group when it is dropped, and when this process ends, however it ends.
#[derive(Debug)]
pub struct Guard {
    /// It reads a pipe that only we hold: it sees our end, and then sends the signal. Without a shell we only lose this net.
    shell: Option<Child>,
}

impl Guard {
    /// For the group whose leader has the process id `leader`.
    pub fn new(leader: u32, signal: Signal) -> Guard {
        let name = match signal {
            Signal::Terminate => "TERM",
            Signal::Kill => "KILL",
        };
        let mut shell = Command::new("sh");
        shell.args(["-c", "read -r _; kill -s \"$1\" -- \"-$2\"", "guard", name]).arg(leader.to_string());
        // a group of its own: Ctrl-C must not end it before it has done its work
        shell.stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::null()).process_group(0);
        Guard { shell: shell.spawn().ok() }
    }

    /// The group has ended, and its id may soon belong to somebody else.
    pub fn dismiss(mut self) {
        if let Some(mut shell) = self.shell.take() {
            let _ = shell.kill();
            let _ = shell.wait();
        }
    }
}

impl Drop for Guard {
    fn drop(&mut self) {
        if let Some(mut shell) = self.shell.take() {
            drop(shell.stdin.take());
            let _ = shell.wait();
        }
    }
}

#[cfg(test)]
mod tests {
    use std::os::unix::process::ExitStatusExt;

    use super::*;

    fn sleeper() -> Child {
        Command::new("sleep").arg("600").process_group(0).spawn().unwrap()
    }

    #[test]
    fn a_group_ends_with_its_guard() {
        for (signal, number) in [(Signal::Terminate, 15), (Signal::Kill, 9)] {
            let mut sleeper = sleeper();
            drop(Guard::new(sleeper.id(), signal));
            assert_eq!(sleeper.wait().unwrap().signal(), Some(number));
        }
    }

    #[test]
    fn a_guard_that_is_dismissed_ends_nothing() {
        let mut sleeper = sleeper();
        Guard::new(sleeper.id(), Signal::Terminate).dismiss();
        assert!(sleeper.try_wait().unwrap().is_none());
        sleeper.kill().unwrap();
        assert_eq!(sleeper.wait().unwrap().signal(), Some(9));
    }
}
