//! Child processes: a clean environment, output into a file, and an end that cannot be missed.

use std::path::{Path, PathBuf};
use std::process::{ExitStatus, Stdio};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal};
use setup::Guard;
use tokio::io::{AsyncBufReadExt, AsyncRead, BufReader};
use tokio::process::Command;

use crate::error::Error;

/// A command with the environment that every child of the test bed gets.
pub fn command(program: impl AsRef<Path>) -> Command {
    let mut command = Command::new(program.as_ref());
    // some AWS SDKs refuse a plain-http endpoint when this is set
    command.env_remove("AWS_CA_BUNDLE");
    // nothing that we start may send a loopback call through a proxy of the machine
    for name in ["NO_PROXY", "no_proxy"] {
        let others = std::env::var(name).unwrap_or_default();
        command.env(name, format!("127.0.0.1,localhost,{others}").trim_end_matches(','));
    }
    command.stdin(Stdio::null()).kill_on_drop(true);
    command
}

/// Runs a command to its end and returns what it wrote; an error if it fails.
pub(crate) async fn output(command: Command) -> Result<String, Error> {
    watched(command, &AtomicUsize::new(0)).await
}

/// The same for `go build -v`; says from time to time how far it is.
pub(crate) async fn build(name: &str, command: Command) -> Result<(), Error> {
    let (started, packages) = (Instant::now(), AtomicUsize::new(0));
    let build = watched(command, &packages);
    tokio::pin!(build);
    loop {
        tokio::select! {
            built = &mut build => return built.map(drop),
            () = tokio::time::sleep(setup::pause(started.elapsed())) => {
                let done = packages.load(Ordering::Relaxed);
                eprintln!("{}", setup::after(name, done, "packages", started.elapsed()));
            }
        }
    }
}

/// Runs a command to its end; `packages` counts those that Go writes to standard error.
async fn watched(mut command: Command, packages: &AtomicUsize) -> Result<String, Error> {
    let (line, program) = describe(&command);
    let start = |source| Error::Start { program: program.clone(), source };
    // own process group: if we are interrupted, the compilers that `go build` started end with it
    command.process_group(0).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().map_err(start)?;
    let mut group = Group(child.id());
    let (out, err) = (child.stdout.take(), child.stderr.take());
    let (stdout, stderr) = tokio::try_join!(read(out, None), read(err, Some(packages))).map_err(start)?;
    let status = child.wait().await.map_err(start)?;
    group.0 = None;
    if status.success() {
        return Ok(stdout);
    }
    let all = format!("{stdout}{stderr}");
    Err(Error::Failed { command: line, status: status.to_string(), output: last_lines(&all, 30) })
}

/// All that comes out of a pipe. A line that is one word is a package; `go: downloading …` is none.
async fn read(pipe: Option<impl AsyncRead + Unpin>, packages: Option<&AtomicUsize>) -> std::io::Result<String> {
    let mut all = Vec::new();
    if let Some(pipe) = pipe {
        let mut pipe = BufReader::new(pipe);
        let mut begin = 0;
        while pipe.read_until(b'\n', &mut all).await? > 0 {
            if let Some(packages) = packages.filter(|_| !all[begin..].contains(&b' ')) {
                packages.fetch_add(1, Ordering::Relaxed);
            }
            begin = all.len();
        }
    }
    Ok(String::from_utf8_lossy(&all).into_owned())
}

/// A process group that is killed when this is dropped.
struct Group(Option<u32>);

impl Drop for Group {
    fn drop(&mut self) {
        self.0.into_iter().for_each(kill_group);
    }
}

fn kill_group(leader: u32) {
    if let Some(pid) = i32::try_from(leader).ok().and_then(Pid::from_raw) {
        let _ = rustix::process::kill_process_group(pid, Signal::KILL);
    }
}

fn describe(command: &Command) -> (String, String) {
    let program = command.as_std().get_program().to_string_lossy().into_owned();
    let arguments: Vec<_> = command.as_std().get_args().map(|a| a.to_string_lossy().into_owned()).collect();
    (format!("{program} {}", arguments.join(" ")), program)
}

/// A process that runs beside us, in its own process group, until it is dropped.
#[derive(Debug)]
pub(crate) struct Child {
    name: String,
    process: tokio::process::Child,
    pid: u32,
    log: PathBuf,
    /// Kills the child if we are killed and cannot do it ourselves.
    guard: Option<Guard>,
}

impl Child {
    /// Starts `command`, its output goes to the file `log`.
    pub(crate) fn start(name: &str, mut command: Command, log: PathBuf) -> Result<Child, Error> {
        let file = std::fs::File::create(&log).map_err(Error::file("write", &log))?;
        let copy = file.try_clone().map_err(Error::file("write", &log))?;
        // own process group: Ctrl-C in a terminal reaches us alone, and we end our children in order
        command.stdout(file).stderr(copy).process_group(0);
        let start = |source| Error::Start { program: name.to_owned(), source };
        let process = command.spawn().map_err(start)?;
        let pid = process.id().unwrap_or_default();
        Ok(Child { name: name.to_owned(), process, pid, log, guard: Some(Guard::new(pid, setup::Signal::Kill)) })
    }

    /// Its process id.
    pub(crate) fn pid(&self) -> u32 {
        self.pid
    }

    /// All it has written.
    pub(crate) fn log(&self) -> String {
        std::fs::read(&self.log).map(|bytes| String::from_utf8_lossy(&bytes).into_owned()).unwrap_or_default()
    }

    /// An error with the end of its log if it is no longer running.
    pub(crate) fn check(&mut self) -> Result<(), Error> {
        match self.process.try_wait() {
            Ok(None) => Ok(()),
            Ok(Some(status)) => Err(self.died(status)),
            Err(source) => Err(Error::Start { program: self.name.clone(), source }),
        }
    }

    /// Resolves when the process has ended.
    pub(crate) async fn ended(&mut self) -> Error {
        match self.process.wait().await {
            Ok(status) => self.died(status),
            Err(source) => Error::Start { program: self.name.clone(), source },
        }
    }

    /// SIGTERM, then wait for the end, at most `patience`.
    pub(crate) async fn terminate(mut self, patience: Duration) -> Result<ExitStatus, Error> {
        self.signal(Signal::TERM);
        match tokio::time::timeout(patience, self.process.wait()).await {
            Ok(status) => status.map_err(|source| Error::Start { program: self.name.clone(), source }),
            Err(_) => Err(Error::Timeout {
                event: format!("{} to end after SIGTERM", self.name),
                seconds: patience.as_secs(),
                seen: last_lines(&self.log(), 15),
            }),
        }
    }

    /// SIGKILL, then wait for the end.
    pub(crate) async fn kill(mut self) {
        self.signal(Signal::KILL);
        let _ = self.process.wait().await;
    }

    fn died(&self, status: ExitStatus) -> Error {
        let log = last_lines(&self.log(), 20);
        Error::Died { name: self.name.clone(), status: status.to_string(), log }
    }

    fn signal(&mut self, signal: Signal) {
        // once waited for, the id may belong to somebody else
        if !matches!(self.process.try_wait(), Ok(None)) {
            return;
        }
        if let Some(pid) = i32::try_from(self.pid).ok().and_then(Pid::from_raw) {
            let _ = rustix::process::kill_process(pid, signal);
        }
    }
}

impl Drop for Child {
    fn drop(&mut self) {
        // the guard first, so that it never outlives the child and hits a process id used anew
        self.guard.take().into_iter().for_each(Guard::dismiss);
        // the workers that it started are in its group
        kill_group(self.pid);
        let deadline = Instant::now() + Duration::from_secs(2);
        while matches!(self.process.try_wait(), Ok(None)) && Instant::now() < deadline {
            std::thread::sleep(Duration::from_millis(2));
        }
    }
}

/// SIGTERM to a process that was started elsewhere in this crate.
pub fn terminate(pid: u32) {
    if let Some(pid) = i32::try_from(pid).ok().and_then(Pid::from_raw) {
        let _ = rustix::process::kill_process(pid, Signal::TERM);
    }
}

/// The last `count` lines of a text.
pub fn last_lines(text: &str, count: usize) -> String {
    let lines: Vec<&str> = text.lines().collect();
    lines[lines.len().saturating_sub(count)..].join("\n")
}

/// Asks until `check` answers `Some`, at most `patience`; `seen` of the error is what `check` said last.
pub async fn poll<T, F>(event: &str, patience: Duration, mut check: F) -> Result<T, Error>
where
    F: AsyncFnMut() -> Result<Result<T, String>, Error>,
{
    let deadline = Instant::now() + patience;
    loop {
        match check().await? {
            Ok(value) => return Ok(value),
            Err(seen) if Instant::now() >= deadline => {
                return Err(Error::Timeout { event: event.to_owned(), seconds: patience.as_secs(), seen });
            }
            Err(_) => tokio::time::sleep(Duration::from_millis(50)).await,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shell(script: &str) -> Command {
        let mut shell = command("sh");
        shell.args(["-c", script]);
        shell
    }

    #[tokio::test]
    async fn the_packages_of_a_build_are_counted_and_its_error_is_shown() {
        let packages = AtomicUsize::new(0);
        let script = "echo go: downloading a v1 >&2; echo a >&2; echo b/c >&2; echo out";
        assert_eq!(watched(shell(script), &packages).await.unwrap(), "out\n");
        assert_eq!(packages.load(Ordering::Relaxed), 2);
        let failed = watched(shell("echo a >&2; echo broken >&2; exit 2"), &packages).await.unwrap_err();
        assert!(failed.to_string().ends_with("failed (exit status: 2):\na\nbroken"), "{failed}");
    }
}
