//! The AWS emulator (ministack) as a child process on loopback. Only the manners proxy talks to it.

use std::time::Duration;

use crate::child::{Child, command, last_lines, poll};
use crate::error::Error;
use crate::folder::TempFolder;
use crate::port;
use crate::programs::EmulatorProgram;

/// ministack, running until dropped.
#[derive(Debug)]
pub(crate) struct Emulator {
    process: Child,
    /// `127.0.0.1:PORT`.
    pub authority: String,
}

impl Emulator {
    /// Starts it; functions stay Pending or InProgress for `transition`. With `signatures` it checks who calls.
    pub(crate) async fn start(
        program: &EmulatorProgram,
        folder: &TempFolder,
        transition: Duration,
        signatures: bool,
    ) -> Result<Emulator, Error> {
        let [port] = port::free()?;
        let mut serve = command(&program.python);
        serve.arg(&program.script).current_dir(folder.path());
        serve.env("GATEWAY_PORT", port.to_string()).env("BIND_HOST", "127.0.0.1").env("MINISTACK_HOST", "127.0.0.1");
        serve.env("LAMBDA_EXECUTOR", "local").env("LAMBDA_ACCOUNT_CONCURRENCY", "1000");
        serve.env("TESTBED_TRANSITION_SECONDS", transition.as_secs_f64().to_string());
        serve.env("AUTH", signatures.to_string());
        // what a function writes stays in the folder of this run
        serve.env("TMPDIR", folder.path()).env("LOG_LEVEL", "WARNING");
        let process = Child::start("the AWS emulator", serve, folder.path().join("emulator.log"))?;
        let mut emulator = Emulator { process, authority: format!("127.0.0.1:{port}") };
        emulator.wait_until_ready().await?;
        Ok(emulator)
    }

    /// Resolves when it has ended by itself.
    pub(crate) async fn ended(&mut self) -> Error {
        self.process.ended().await
    }

    async fn wait_until_ready(&mut self) -> Result<(), Error> {
        let http = crate::http::Http::new();
        let url = format!("http://{}/_ministack/health", self.authority);
        poll("the AWS emulator to answer", Duration::from_secs(30), async || {
            self.process.check()?;
            match http.get(&url).await {
                Ok(answer) if answer.status == 200 => Ok(Ok(())),
                Ok(answer) => Ok(Err(format!("HTTP {}", answer.status))),
                Err(_) => Ok(Err(last_lines(&self.process.log(), 10))),
            }
        })
        .await
    }
}
