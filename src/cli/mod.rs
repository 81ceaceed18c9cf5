//! The command line: arguments, wiring, exit codes.

mod docs;
mod generate;
mod run;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

/// Manages AWS Lambda functions from LambdaFunction objects in Kubernetes.
#[derive(Parser)]
#[command(name = "lambda-operator", version, about, max_term_width = 120)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Watches LambdaFunctions and drives AWS to what they say, until SIGTERM.
    Run(Box<run::Arguments>),
    /// Prints the CustomResourceDefinition as YAML.
    Crd,
    /// Prints a file that is generated from this program.
    Generate {
        /// What to print.
        #[arg(value_enum)]
        what: generate::What,
    },
}

/// Runs the program with the arguments of its process.
#[must_use]
pub fn main() -> ExitCode {
    let result = match Arguments::parse().command {
        Command::Run(arguments) => run::run(*arguments),
        Command::Crd => generate::print(generate::What::Crd),
        Command::Generate { what } => generate::print(what),
    };
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("lambda-operator: {error}");
            ExitCode::FAILURE
        }
    }
}

/// What ends the program early; each says what to do.
#[derive(Debug, thiserror::Error)]
enum Error {
    #[error("--log-level is not a level or a list such as info,lambda_operator=debug: {0}")]
    LogLevel(#[from] tracing_subscriber::filter::ParseError),
    #[error("no Kubernetes cluster is configured: set KUBECONFIG, or run in a cluster ({0})")]
    Kubeconfig(#[from] kube::config::InferConfigError),
    #[error("the Kubernetes client could not be made: {0}")]
    Kubernetes(#[from] kube::Error),
    #[error(
        "the namespace kube-system, whose uid names this cluster, could not be read: allow get of it, or set --cluster-name ({0})"
    )]
    ClusterName(kube::Error),
    #[error("{what} could not be written: {error}")]
    Print { what: &'static str, error: String },
    #[error("the async runtime could not be started: {0}")]
    Runtime(std::io::Error),
    #[error("--http-addr {0} could not be served: {1}")]
    Http(std::net::SocketAddr, std::io::Error),
    #[error("leadership was lost: another process leads now, this one ends so that it can start again as standby")]
    LeadershipLost,
}
