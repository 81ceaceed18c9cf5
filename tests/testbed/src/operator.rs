//! The operator under test, as a child process.

use std::path::PathBuf;
use std::process::ExitStatus;
use std::time::Duration;

use crate::bed::Bed;
use crate::child::{Child, command, last_lines, poll};
use crate::error::Error;
use crate::folder::TempFolder;
use crate::http::Http;
use crate::port;

/// How to run it.
#[derive(Debug, Clone)]
pub struct OperatorOptions {
    /// The program `lambda-operator`.
    pub binary: PathBuf,
    /// Its rights in the cluster, see [`Bed::install`].
    pub kubeconfig: PathBuf,
    /// The AWS account, 12 digits.
    pub account: String,
    /// The AWS region.
    pub region: String,
    /// More arguments of `lambda-operator run`.
    pub args: Vec<String>,
}

/// A running operator; killed when dropped.
#[derive(Debug)]
pub struct Operator {
    child: Child,
    url: String,
    _folder: TempFolder,
}

impl Operator {
    /// Starts it and waits until it says that it is ready.
    pub async fn start(bed: &Bed, options: OperatorOptions) -> Result<Operator, Error> {
        let mut operator = Operator::start_only(bed, &options)?;
        operator.wait_until_ready(Duration::from_secs(30)).await?;
        Ok(operator)
    }

    /// Starts it, for tests of an operator that does not become ready.
    pub fn start_only(bed: &Bed, options: &OperatorOptions) -> Result<Operator, Error> {
        let environment = [
            ("AWS_ACCESS_KEY_ID", options.account.as_str()),
            ("AWS_SECRET_ACCESS_KEY", "test"),
            ("AWS_REGION", options.region.as_str()),
        ];
        Operator::start_as(bed, options, &environment)
    }

    /// Starts it with these variables and no others that speak of AWS but the endpoint; the account of `options` is not
    /// regarded.
    pub fn start_as(bed: &Bed, options: &OperatorOptions, environment: &[(&str, &str)]) -> Result<Operator, Error> {
        if !options.binary.is_file() {
            return Err(Error::Missing {
                what: format!("the operator {}", options.binary.display()),
                remedy: "build it with `cargo build`, with the same profile as the test bed".to_owned(),
            });
        }
        let [port] = port::free()?;
        let folder = TempFolder::create("operator")?;
        let address = format!("127.0.0.1:{port}");
        let mut run = command(&options.binary);
        run.args(["run", "--http-addr", &address]).args(&options.args);
        // nothing of the surrounding shell, nor of somebody's ~/.aws, may choose another identity
        for (name, _) in std::env::vars_os() {
            if name.to_string_lossy().starts_with("AWS_") {
                run.env_remove(name);
            }
        }
        run.env("HOME", folder.path()).env("KUBECONFIG", &options.kubeconfig).env("AWS_ENDPOINT_URL", &bed.endpoint);
        run.envs(environment.iter().copied());
        let child = Child::start("the operator", run, folder.path().join("operator.log"))?;
        Ok(Operator { child, url: format!("http://{address}"), _folder: folder })
    }

    /// Waits for /readyz = 200.
    pub async fn wait_until_ready(&mut self, patience: Duration) -> Result<(), Error> {
        let http = Http::new();
        let url = format!("{}/readyz", self.url);
        poll("the operator to be ready", patience, async || {
            self.child.check()?;
            let seen = match http.get(&url).await {
                Ok(answer) if answer.status == 200 => return Ok(Ok(())),
                Ok(answer) => format!("{url}: {} {}", answer.status, String::from_utf8_lossy(&answer.body)),
                Err(error) => error.to_string(),
            };
            Ok(Err(format!("{seen}; its log:\n{}", last_lines(&self.child.log(), 15))))
        })
        .await
    }

    /// All it has written.
    pub fn log(&self) -> String {
        self.child.log()
    }

    /// `http://127.0.0.1:PORT`, for /readyz, /livez and /metrics.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// The text of /metrics.
    pub async fn metrics(&self) -> Result<String, Error> {
        let answer = Http::new().get(&format!("{}/metrics", self.url)).await?;
        Ok(String::from_utf8_lossy(&answer.body).into_owned())
    }

    /// The status of a GET of `path`, for instance `/readyz`.
    pub async fn probe(&self, path: &str) -> Result<u16, Error> {
        Ok(Http::new().get(&format!("{}{path}", self.url)).await?.status)
    }

    /// Its process id.
    pub fn pid(&self) -> u32 {
        self.child.pid()
    }

    /// Resident memory in KiB; `None` where /proc does not tell.
    pub fn rss_kib(&self) -> Option<u64> {
        self.memory("VmRSS:")
    }

    /// The most memory that it ever had, in KiB.
    pub fn peak_rss_kib(&self) -> Option<u64> {
        self.memory("VmHWM:")
    }

    fn memory(&self, field: &str) -> Option<u64> {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.pid())).ok()?;
        let line = status.lines().find(|line| line.starts_with(field))?;
        line.split_whitespace().nth(1)?.parse().ok()
    }

    /// An error with the end of its log if it is no longer running.
    pub fn check(&mut self) -> Result<(), Error> {
        self.child.check()
    }

    /// Resolves when it has ended by itself.
    pub async fn ended(&mut self) -> Error {
        self.child.ended().await
    }

    /// SIGTERM, waits for its end.
    pub async fn terminate(self) -> Result<ExitStatus, Error> {
        self.child.terminate(Duration::from_secs(30)).await
    }

    /// SIGKILL: a crash.
    pub async fn kill(self) {
        self.child.kill().await;
    }
}
