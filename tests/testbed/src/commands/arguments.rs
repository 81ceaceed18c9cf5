//! The command line.

use std::ffi::OsString;
use std::path::PathBuf;
use std::time::Duration;

use clap::{Args, Parser, Subcommand};
use testbed::Options;

/// A real kube-apiserver and etcd, an AWS emulator, and a proxy that gives it AWS's manners.
#[derive(Debug, Parser)]
#[command(name = "testbed", version)]
pub(crate) struct Arguments {
    #[command(subcommand)]
    pub(crate) command: Command,
    #[command(flatten)]
    pub(crate) bed: BedArguments,
}

#[derive(Debug, Args)]
pub(crate) struct BedArguments {
    /// How long a function stays Pending or InProgress [default: 500ms; bench: 1s]
    #[arg(long, global = true, value_parser = duration, value_name = "DURATION")]
    transition: Option<Duration>,
    /// What every Lambda call takes longer [default: 0ms; bench: 40ms]
    #[arg(long, global = true, value_parser = duration, value_name = "DURATION")]
    latency: Option<Duration>,
    /// Do not enforce AWS's quotas (100 GetFunction/s, 15 other calls/s)
    #[arg(long, global = true)]
    no_quotas: bool,
    /// The operator's Helm chart [default: charts/lambda-operator of the workspace that this was built in]
    #[arg(long, global = true, value_name = "FOLDER")]
    chart: Option<PathBuf>,
    /// The operator's program [default: lambda-operator beside this one]
    #[arg(long, global = true, value_name = "FILE")]
    operator: Option<PathBuf>,
}

/// What is tried: the operator as it would be installed.
#[derive(Debug)]
pub(crate) struct Product {
    /// Its Helm chart.
    pub(crate) chart: PathBuf,
    /// Its program.
    pub(crate) operator: PathBuf,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Start everything, the operator included, and stay until Ctrl-C
    Up {
        /// Start the cluster and AWS alone
        #[arg(long)]
        without_operator: bool,
    },
    /// Start the cluster and AWS, run a command inside, stop everything
    Run {
        /// The command and its arguments, after `--`
        #[arg(required = true, trailing_var_arg = true, allow_hyphen_values = true)]
        command: Vec<OsString>,
    },
    /// Tell the story of one function, each step timed
    Demo,
    /// Create many functions at once under AWS's quotas, then watch them idle; and the same with families
    Bench {
        /// How many functions; 0 leaves this measurement out
        #[arg(long, default_value_t = 200)]
        functions: usize,
        /// How many families (function, alias, three permissions, URL and mapping); 0 leaves this measurement out
        #[arg(long, default_value_t = 200)]
        families: usize,
    },
    /// Make the playground of `up` hostile: list the faults, switch one on or off
    Fault {
        /// The playground, as `up` prints it
        #[arg(long, global = true, env = "AWS_ENDPOINT_URL", value_name = "URL")]
        endpoint: Option<String>,
        #[command(subcommand)]
        switch: Switch,
    },
    /// Build or fetch the programs that a bed runs, where they are not there yet
    Prepare {
        /// Also those that tests start: the oldest kube-apiserver, Prometheus, helm 3
        #[arg(long)]
        tests: bool,
    },
    /// Print where helm and kubectl are (they are fetched if need be)
    Tools,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Switch {
    /// Print every fault, and which are on
    List,
    /// Switch one on
    On {
        /// Its name
        name: String,
        /// For this Lambda function alone; globs are allowed
        #[arg(long, value_name = "NAME")]
        function: Option<String>,
    },
    /// Switch one off, or all
    Off {
        /// Its name [default: all]
        name: Option<String>,
    },
}

impl BedArguments {
    pub(crate) fn options(&self, default_transition: Duration, default_latency: Duration) -> Options {
        Options {
            transition: self.transition.unwrap_or(default_transition),
            latency: self.latency.unwrap_or(default_latency),
            quotas: !self.no_quotas,
            signatures: false,
        }
    }

    pub(crate) fn product(&self) -> Product {
        let workspace = concat!(env!("CARGO_MANIFEST_DIR"), "/../..");
        let chart = || {
            let folder = PathBuf::from(workspace).join("charts").join("lambda-operator");
            folder.canonicalize().unwrap_or(folder)
        };
        // one that cannot be found is said when it is started
        let beside = || std::env::current_exe().unwrap_or_default().with_file_name("lambda-operator");
        Product {
            chart: self.chart.clone().unwrap_or_else(chart),
            operator: self.operator.clone().unwrap_or_else(beside),
        }
    }
}

fn duration(text: &str) -> Result<Duration, String> {
    let digits = text.trim_end_matches(|letter: char| letter.is_ascii_alphabetic());
    let factor = match &text[digits.len()..] {
        "ms" => 0.001,
        "s" => 1.0,
        "m" => 60.0,
        _ => return Err("a number with a unit is needed: 500ms, 2s or 1m".to_owned()),
    };
    let number: f64 = digits.parse().map_err(|_| "a number with a unit is needed: 500ms, 2s or 1m".to_owned())?;
    Duration::try_from_secs_f64(number * factor).map_err(|error| error.to_string())
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use clap::CommandFactory;

    use super::{Arguments, duration};

    #[test]
    fn the_command_line_is_consistent() {
        Arguments::command().debug_assert();
    }

    #[test]
    fn durations() {
        assert_eq!(duration("500ms"), Ok(Duration::from_millis(500)));
        assert_eq!(duration("1.5s"), Ok(Duration::from_millis(1500)));
        assert_eq!(duration("2m"), Ok(Duration::from_secs(120)));
        assert!(duration("5").is_err() && duration("s").is_err() && duration("-1s").is_err());
    }
}
