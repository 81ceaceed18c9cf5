//! `testbed prepare`: builds or fetches the programs that a bed runs, so that no later command waits for them.

use std::process::ExitCode;

use testbed::Error;

/// Ends when all are there, at once where they are there already.
pub(crate) async fn prepare(tests: bool, stop: impl Future<Output = ()>) -> Result<ExitCode, Error> {
    tokio::select! {
        done = testbed::prepare(tests) => done.map(|()| ExitCode::SUCCESS),
        () = stop => Ok(ExitCode::FAILURE),
    }
}
