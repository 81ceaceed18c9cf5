//! The program `testbed`: up, run, demo, bench, fault, prepare, tools.

mod commands;

use std::process::ExitCode;
use std::time::Duration;

use clap::Parser;
use commands::arguments::{Arguments, Command};
use commands::{bench, demo, fault, prepare, run, up};
use testbed::Error;
use tokio::signal::unix::{SignalKind, signal};

#[tokio::main]
async fn main() -> ExitCode {
    match dispatch(Arguments::parse()).await {
        Ok(code) => code,
        Err(error) => {
            eprintln!("testbed: {error}");
            ExitCode::FAILURE
        }
    }
}

async fn dispatch(arguments: Arguments) -> Result<ExitCode, Error> {
    let stop = stop_signal()?;
    let quick = arguments.bed.options(Duration::from_millis(500), Duration::ZERO);
    let product = arguments.bed.product();
    match &arguments.command {
        Command::Up { without_operator } => up::up(&quick, &product, !without_operator, stop).await,
        Command::Run { command } => run::run(&quick, command, stop).await,
        Command::Demo => demo::demo(&quick, &product, stop).await,
        Command::Bench { functions, families } => {
            let slow = arguments.bed.options(Duration::from_secs(1), Duration::from_millis(40));
            bench::bench(&slow, &product, [*functions, *families], stop).await
        }
        Command::Fault { endpoint, switch } => fault::fault(endpoint.as_deref(), switch).await,
        Command::Prepare { tests } => prepare::prepare(*tests, stop).await,
        Command::Tools => {
            let tools = testbed::tools().await?;
            println!("{}\n{}", tools.helm.display(), tools.kubectl.display());
            Ok(ExitCode::SUCCESS)
        }
    }
}

/// Resolves at the first SIGINT or SIGTERM.
fn stop_signal() -> Result<impl Future<Output = ()>, Error> {
    let network = |source| Error::Network { doing: "listen for signals".to_owned(), source };
    let mut interrupt = signal(SignalKind::interrupt()).map_err(network)?;
    let mut terminate = signal(SignalKind::terminate()).map_err(network)?;
    Ok(async move {
        tokio::select! {
            _ = interrupt.recv() => {}
            _ = terminate.recv() => {}
        }
    })
}
