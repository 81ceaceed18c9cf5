//! `testbed run -- COMMAND`: the bed around one command.

use std::ffi::OsString;
use std::process::{ExitCode, Stdio};
use std::time::Duration;

use testbed::{Error, Options, Running, command};

/// Runs the command inside a bed, ends with its exit code.
pub(crate) async fn run(
    options: &Options,
    words: &[OsString],
    stop: impl Future<Output = ()>,
) -> Result<ExitCode, Error> {
    tokio::pin!(stop);
    let mut running = tokio::select! {
        running = Running::start(options) => running?,
        () = &mut stop => return Ok(ExitCode::FAILURE),
    };
    let (program, arguments) =
        words.split_first().ok_or_else(|| Error::unexpected("a command after `--`", "nothing"))?;
    let mut child = command(program);
    // in our process group, with our terminal: it is the user's command
    child.args(arguments).envs(running.environment()).stdin(Stdio::inherit());
    let start = |source| Error::Start { program: program.to_string_lossy().into_owned(), source };
    let mut child = child.spawn().map_err(start)?;
    let status = tokio::select! {
        status = child.wait() => status.map_err(start)?,
        error = running.ended() => return Err(error),
        () = &mut stop => {
            child.id().into_iter().for_each(testbed::terminate);
            let _ = tokio::time::timeout(Duration::from_secs(10), child.wait()).await;
            return Ok(ExitCode::FAILURE);
        }
    };
    Ok(status.code().and_then(|code| u8::try_from(code).ok()).map_or(ExitCode::FAILURE, ExitCode::from))
}
