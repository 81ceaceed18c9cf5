//! The command line: arguments, wiring, exit codes.

mod aws_client;
mod cluster;
mod crds;
mod generate;
mod import;
mod kinds;
mod manifest;
mod plan;
mod run;
mod run_flags;
mod shared_flags;
mod status;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

use crate::core::shown::printable;

/// Manages AWS Lambda functions, and the resources that belong to them, from custom resources in Kubernetes.
#[derive(Parser)]
#[command(name = "lambda-operator", version, about, max_term_width = 120)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Runs the operator until SIGTERM: watches the objects of all its kinds, and keeps AWS in sync with them.
    Run(Box<run_flags::Arguments>),
    /// Prints what the operator would change in AWS for the objects of a file. Exit code 0: nothing, 2: changes, 1: error.
    Plan(Box<plan::Arguments>),
    /// Prints manifests for resources that exist in AWS: functions with all that belongs to them, or single resources. Applying a manifest changes only the owner tag, and for a public URL its statements.
    Import(Box<import::Arguments>),
    /// Prints functions with the objects that belong to them as a tree, with the state of each; it reads only Kubernetes. Exit code 0: all are Ready, 2: one is not, 1: error.
    Status(status::Arguments),
    /// Prints the CustomResourceDefinitions as YAML.
    Crd,
    /// Prints a file that is generated from this program: a CRD, a document, an IAM policy or a schema.
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
            // An error here can be ignored, because help that cannot be printed reaches nobody.
            let _ = error.print();
            // clap's exit code is 2, which means "changes" for `plan`.
            return if error.use_stderr() { ExitCode::FAILURE } else { ExitCode::SUCCESS };
        }
    };
    let done = |()| ExitCode::SUCCESS;
    let result = match arguments.command {
        Command::Run(arguments) => run::run(*arguments).map(done),
        Command::Plan(arguments) => plan::run(&arguments),
        Command::Import(arguments) => import::run(&arguments),
        Command::Status(arguments) => status::run(&arguments),
        Command::Crd => generate::print(generate::What::Crd).map(done),
        Command::Generate { what } => generate::print(what).map(done),
    };
    match result {
        Ok(code) => code,
        Err(error) => {
            // It may repeat text of a file.
            eprintln!("lambda-operator: {}", printable(&error.to_string()));
            ExitCode::FAILURE
        }
    }
}

/// Errors that end the program; each message says what to do.
#[derive(Debug, thiserror::Error)]
enum Error {
    #[error("--log-level is not a level or a list such as info,lambda_operator=debug: {0}")]
    LogLevel(#[from] tracing_subscriber::filter::ParseError),
    #[error("--otlp-endpoint: {0}")]
    Traces(#[from] crate::process::traces::Unusable),
    #[error("no Kubernetes cluster is configured: set KUBECONFIG, or run in a cluster ({0})")]
    Kubeconfig(#[from] kube::config::InferConfigError),
    #[error("no Kubernetes cluster could be read: set KUBECONFIG or --context to one that answers ({0})")]
    Cluster(String),
    #[error(
        "the namespace {namespace} has no LambdaFunction {name}: correct the name, or set --namespace{}",
        if unread.is_empty() { String::new() } else { format!(" ({unread})") }
    )]
    NoFunction { name: String, namespace: String, unread: String },
    #[error("the Kubernetes client could not be created: {0}")]
    Kubernetes(#[from] kube::Error),
    #[error(
        "the uid of the namespace kube-system, which is the default cluster name, could not be read: set --cluster-name, or allow get of that namespace ({0})"
    )]
    ClusterName(kube::Error),
    #[error("--watch-namespace-selector is not a label selector, such as team=a,stage!=test: {0}")]
    Selector(String),
    #[error("{0}")]
    Aws(crate::core::error::Error),
    #[error("{0}")]
    Bundle(#[from] crate::aws::client::Unusable),
    #[error("no AWS region is known: set --region, or AWS_REGION")]
    NoRegion,
    #[error(
        "--s3 names one key for several functions: end it with / for a folder that holds NAME.zip for each function"
    )]
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
        "leadership was lost: the lease could not be renewed in time, or another process holds it. This process exits so that it can restart as a standby"
    )]
    LeadershipLost,
}

impl Error {
    fn file(path: &std::path::Path, error: &std::io::Error) -> Self {
        Self::File { path: path.display().to_string(), error: error.to_string() }
    }
}
