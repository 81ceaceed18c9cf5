//! The command line: arguments, wiring, exit codes.

mod aws_client;
mod cluster;
mod consent;
mod crds;
mod generate;
mod import;
mod import_alias;
mod import_origin;
mod kinds;
mod manifest;
mod plan;
mod plan_text;
mod run;
mod run_flags;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

/// Manages AWS Lambda functions and aliases from LambdaFunction and LambdaAlias objects in Kubernetes.
#[derive(Parser)]
#[command(name = "lambda-operator", version, about, max_term_width = 120)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Watches LambdaFunctions and LambdaAliases and drives AWS to what they say, until SIGTERM.
    Run(Box<run_flags::Arguments>),
    /// Prints what the operator would change in AWS for the objects of a file. Exit code 0: nothing, 2: changes, 1: error.
    Plan(Box<plan::Arguments>),
    /// Prints a manifest for functions that are in AWS already. Applied, it changes nothing but their owner tag.
    Import(Box<import::Arguments>),
    /// Prints the CustomResourceDefinitions as YAML.
    Crd,
    /// Prints a file that is generated from this program.
    Generate {
        #[command(subcommand)]
        what: generate::What,
    },
}

/// Runs the program with the arguments of its process.
#[must_use]
pub fn main() -> ExitCode {
    let arguments = match Arguments::try_parse() {
        Ok(arguments) => arguments,
        Err(error) => {
            // Help that cannot be written reaches nobody anyway.
            let _ = error.print();
            // Not clap's 2, by which `plan` says that there are changes.
            return if error.use_stderr() { ExitCode::FAILURE } else { ExitCode::SUCCESS };
        }
    };
    let done = |()| ExitCode::SUCCESS;
    let result = match arguments.command {
        Command::Run(arguments) => run::run(*arguments).map(done),
        Command::Plan(arguments) => plan::run(&arguments),
        Command::Import(arguments) => import::run(&arguments),
        Command::Crd => generate::print(generate::What::Crd).map(done),
        Command::Generate { what } => generate::print(what).map(done),
    };
    match result {
        Ok(code) => code,
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
    #[error("--otlp-endpoint: {0}")]
    Traces(#[from] crate::process::traces::Unusable),
    #[error("no Kubernetes cluster is configured: set KUBECONFIG, or run in a cluster ({0})")]
    Kubeconfig(#[from] kube::config::InferConfigError),
    #[error("the Kubernetes client could not be made: {0}")]
    Kubernetes(#[from] kube::Error),
    #[error(
        "the namespace kube-system, whose uid names this cluster, could not be read: allow get of it, or set --cluster-name ({0})"
    )]
    ClusterName(kube::Error),
    #[error("--watch-namespace-selector is no label selector, such as team=a,stage!=test: {0}")]
    Selector(String),
    #[error("{0}")]
    Aws(crate::core::error::Error),
    #[error("{0}")]
    Bundle(#[from] crate::aws::client::Unusable),
    #[error("no AWS region is known: set --region, or AWS_REGION")]
    NoRegion,
    #[error("--s3 names one key for several functions: let it end with /, and each function has its NAME.zip there")]
    OneKey,
    #[error("{path} could not be read or written: {error}")]
    File { path: String, error: String },
    #[error("{file} cannot be planned: {fault}")]
    Manifest { file: String, fault: String },
    #[error("{what} could not be written: {error}")]
    Print { what: &'static str, error: String },
    #[error("the async runtime could not be started: {0}")]
    Runtime(std::io::Error),
    #[error("--http-addr {0} could not be served: {1}")]
    Http(std::net::SocketAddr, std::io::Error),
    #[error("--lease-duration, --lease-renew-deadline and --lease-retry-period do not fit together: {0}")]
    Election(String),
    #[error(
        "leadership was lost: the lease could not be renewed in time, or another process has it; this one ends so that it can start again as standby"
    )]
    LeadershipLost,
}

impl Error {
    fn file(path: &std::path::Path, error: &std::io::Error) -> Self {
        Self::File { path: path.display().to_string(), error: error.to_string() }
    }
}
