//! The flags of `lambda-operator run` alone: their texts, their defaults, and how each is read. Pure.

use std::net::SocketAddr;
use std::time::Duration;

use super::Error;
use super::shared_flags::SharedFlags;
use crate::core::applied::hash;
use crate::core::duration;
use crate::process::leader::Times;
use crate::process::telemetry;

/// The flags; each has an environment variable `LAMBDA_OPERATOR_…`.
#[derive(clap::Args)]
pub(super) struct Arguments {
    #[command(flatten)]
    pub(super) shared: SharedFlags,
    /// Namespace whose objects the operator manages; repeatable. Default: all namespaces.
    #[arg(long = "watch-namespace", env = "LAMBDA_OPERATOR_WATCH_NAMESPACE", value_name = "NS", value_delimiter = ',')]
    pub(super) watch_namespaces: Vec<String>,
    /// Label selector of the namespaces whose objects the operator manages, for instance `lambda=managed` or `kubernetes.io/metadata.name notin (kube-system)`. A change of labels takes effect without a restart. Default: all namespaces.
    #[arg(long, env = "LAMBDA_OPERATOR_WATCH_NAMESPACE_SELECTOR", value_name = "SELECTOR")]
    pub(super) watch_namespace_selector: Option<String>,
    /// Interval between two drift checks of an object, ± 10 %. An object's driftCheckInterval takes precedence.
    #[arg(long, env = "LAMBDA_OPERATOR_DRIFT_INTERVAL", default_value = "10m", value_parser = duration)]
    pub(super) drift_interval: Duration,
    /// Maximum number of concurrent reconciles of one kind in one namespace. All namespaces together have one and a half times as many.
    #[arg(long, env = "LAMBDA_OPERATOR_CONCURRENCY", default_value_t = 16, value_parser = clap::value_parser!(u16).range(1..))]
    pub(super) concurrency: u16,
    /// Address and port that serve /livez, /readyz and /metrics.
    #[arg(long, env = "LAMBDA_OPERATOR_HTTP_ADDR", default_value = "0.0.0.0:8080")]
    pub(super) http_addr: SocketAddr,
    /// Leader election: of several replicas, only the one that holds the Lease reconciles.
    #[arg(long, env = "LAMBDA_OPERATOR_LEADER_ELECT", default_value_t = true, action = clap::ArgAction::Set)]
    pub(super) leader_elect: bool,
    /// Namespace of the Lease. Default: the pod's own, else `default`.
    #[arg(long, env = "LAMBDA_OPERATOR_LEASE_NAMESPACE", value_name = "NS")]
    pub(super) lease_namespace: Option<String>,
    /// Name of the Lease. Default: `lambda-operator`; with --watch-namespace-selector, a name of its own for each selector.
    #[arg(long, env = "LAMBDA_OPERATOR_LEASE_NAME", value_name = "NAME")]
    pub(super) lease_name: Option<String>,
    /// Time after which another replica may take over a Lease that was not renewed. Longer than the renew deadline.
    #[arg(long, env = "LAMBDA_OPERATOR_LEASE_DURATION", default_value = "15s", value_parser = duration)]
    pub(super) lease_duration: Duration,
    /// Time after which a leader that cannot renew the Lease stops. Raise it if the API server is sometimes slow for longer.
    #[arg(long, env = "LAMBDA_OPERATOR_LEASE_RENEW_DEADLINE", default_value = "10s", value_parser = duration)]
    pub(super) lease_renew_deadline: Duration,
    /// Time between two tries to take or renew the Lease. At most a third of the renew deadline.
    #[arg(long, env = "LAMBDA_OPERATOR_LEASE_RETRY_PERIOD", default_value = "2s", value_parser = duration)]
    pub(super) lease_retry_period: Duration,
    /// Watch the metadata of Secrets and ConfigMaps, so that the operator notices a change at once. If false, the operator notices a change at the next drift check, and its Role needs only `get` on them.
    #[arg(long, env = "LAMBDA_OPERATOR_WATCH_REFERENCES", default_value_t = true, action = clap::ArgAction::Set)]
    pub(super) watch_references: bool,
    /// Name of the ClusterRole that a namespace binds to the operator's ServiceAccount to let the operator read its Secrets. Set it if the operator has no right on Secrets in the whole cluster. If the operator may not read a Secret, the condition of the object then names the RoleBinding to create.
    #[arg(long, env = "LAMBDA_OPERATOR_SECRET_ROLE", value_name = "NAME")]
    pub(super) secret_role: Option<String>,
    /// Initial rate limit of GetFunction calls per second, for each account and region. It rises to AWS's quota of 100 while AWS does not throttle.
    #[arg(long, env = "LAMBDA_OPERATOR_AWS_READ_RPS", default_value_t = 50.0, value_parser = rate)]
    pub(super) aws_read_rps: f64,
    /// Initial rate limit of all other Lambda calls per second, for each account and region. It rises to AWS's quota of 15 while AWS does not throttle.
    #[arg(long, env = "LAMBDA_OPERATOR_AWS_WRITE_RPS", default_value_t = 12.0, value_parser = rate)]
    pub(super) aws_write_rps: f64,
    /// Address of an OpenTelemetry collector for traces by OTLP over HTTP, such as http://collector:4318. Default: OTEL_EXPORTER_OTLP_ENDPOINT; if neither is set, there are no traces.
    #[arg(long, env = "LAMBDA_OPERATOR_OTLP_ENDPOINT", value_name = "URL")]
    pub(super) otlp_endpoint: Option<String>,
    /// Format of log lines: text or json.
    #[arg(long, env = "LAMBDA_OPERATOR_LOG_FORMAT", default_value = "text")]
    pub(super) log_format: telemetry::Format,
    /// Log level, or a list of levels by module such as info,lambda_operator=debug.
    #[arg(long, env = "LAMBDA_OPERATOR_LOG_LEVEL", default_value = "info")]
    pub(super) log_level: String,
}

impl Arguments {
    /// The times of the election, which depend on each other.
    pub(super) fn election(&self) -> Result<Times, Error> {
        Times::new(self.lease_duration, self.lease_renew_deadline, self.lease_retry_period).map_err(Error::Election)
    }

    /// The Lease that this operator holds. Operators that select other namespaces lead beside each other.
    pub(super) fn lease(&self) -> String {
        let own = self.watch_namespace_selector.as_ref().map(|selector| format!("lambda-operator-{}", hash(selector)));
        self.lease_name.clone().or(own).unwrap_or_else(|| "lambda-operator".into())
    }
}

fn duration(text: &str) -> Result<Duration, String> {
    duration::duration(text).ok_or_else(|| format!("'{text}' is no duration: write 90s, 10m or 1h30m"))
}

fn rate(text: &str) -> Result<f64, String> {
    let rate: f64 = text.parse().map_err(|_| format!("'{text}' is no number of calls per second"))?;
    if rate > 0.0 { Ok(rate) } else { Err("must be more than 0".into()) }
}
