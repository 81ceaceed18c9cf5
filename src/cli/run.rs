//! `lambda-operator run`: wires clients, probes, election and controller together, and ends them in order.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use futures::FutureExt;
use futures::future::{BoxFuture, join_all};
use k8s_openapi::api::core::v1::Namespace;
use kube::api::ListParams;
use kube::{Api, Client, Config, ResourceExt};
use prometheus_client::registry::Registry;
use tokio::net::TcpListener;
use tokio::signal::unix::{SignalKind, signal};
use tokio::time::sleep;
use tokio_util::sync::CancellationToken;
use tracing::{info, warn};

use super::Error;
use super::cluster;
use super::crds;
use super::kinds::{ForEachKind, each};
use crate::aws::client::budget::Rates;
use crate::aws::client::{Clients, Gate, Identity};
use crate::controller::WatchStatusFn;
use crate::controller::context::{Context, Settings};
use crate::controller::instrument::metrics::ControllerMetrics;
use crate::controller::managed::Managed;
use crate::controller::reconcile::stages;
use crate::core::applied::hash;
use crate::core::backoff::Backoff;
use crate::core::duration;
use crate::core::goal::Defaults;
use crate::core::ownership::is_reserved_key;
use crate::core::principal::Principal;
use crate::core::shown::printable;
use crate::core::tag_pattern::TagPattern;
use crate::core::target::is_region_code;
use crate::process::kube_client_metrics::Requests;
use crate::process::leader::{Contender, LEADS, Lead, Times};
use crate::process::metrics::{Family, Kind, Metrics};
use crate::process::server::{Readiness, serve};
use crate::process::{core_dumps, process_metrics, telemetry, traces};
use crate::{aws, controller};

/// For an API server that is not there.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);
/// For one that does not answer; a watch stays open for longer.
const ANSWER_TIMEOUT: Duration = Duration::from_secs(30);

/// For a watch, which a way to the API server may leave open without ever giving an answer.
const WATCH_TIMEOUT: Duration = Duration::from_secs(300);

/// What readiness waits for.
const AWS: &str = "aws";
const WATCH: &str = "watch";

/// The flags; each has an environment variable `LAMBDA_OPERATOR_…`.
#[derive(clap::Args)]
pub(super) struct Arguments {
    /// Namespace whose objects to manage; repeatable. None: all namespaces.
    #[arg(long = "watch-namespace", env = "LAMBDA_OPERATOR_WATCH_NAMESPACE", value_name = "NS", value_delimiter = ',')]
    watch_namespaces: Vec<String>,
    /// Label selector of the namespaces whose objects to manage, for instance `lambda=managed` or `kubernetes.io/metadata.name notin (kube-system)`. Followed without a restart. None: all namespaces.
    #[arg(long, env = "LAMBDA_OPERATOR_WATCH_NAMESPACE_SELECTOR", value_name = "SELECTOR")]
    watch_namespace_selector: Option<String>,
    /// Between two checks of a settled function, ± 10 %.
    #[arg(long, env = "LAMBDA_OPERATOR_DRIFT_INTERVAL", default_value = "10m", value_parser = duration)]
    drift_interval: Duration,
    /// Passes of one kind and namespace at a time. Half as many more are kept for other namespaces.
    #[arg(long, env = "LAMBDA_OPERATOR_CONCURRENCY", default_value_t = 16, value_parser = clap::value_parser!(u16).range(1..))]
    concurrency: u16,
    /// Where /livez, /readyz and /metrics are served.
    #[arg(long, env = "LAMBDA_OPERATOR_HTTP_ADDR", default_value = "0.0.0.0:8080")]
    http_addr: SocketAddr,
    /// Lead only while holding a Lease, so that several replicas do no harm.
    #[arg(long, env = "LAMBDA_OPERATOR_LEADER_ELECT", default_value_t = true, action = clap::ArgAction::Set)]
    leader_elect: bool,
    /// Namespace of the Lease. Default: the pod's own, else `default`.
    #[arg(long, env = "LAMBDA_OPERATOR_LEASE_NAMESPACE", value_name = "NS")]
    lease_namespace: Option<String>,
    /// Name of the Lease. Default: `lambda-operator`; with --watch-namespace-selector, a name of its own for each selector.
    #[arg(long, env = "LAMBDA_OPERATOR_LEASE_NAME", value_name = "NAME")]
    lease_name: Option<String>,
    /// Time after which another replica may take over a Lease that was not renewed. Longer than the renew deadline.
    #[arg(long, env = "LAMBDA_OPERATOR_LEASE_DURATION", default_value = "15s", value_parser = duration)]
    lease_duration: Duration,
    /// Time after which a leader that cannot renew the Lease stops. Raise it if the API server is sometimes slow for longer.
    #[arg(long, env = "LAMBDA_OPERATOR_LEASE_RENEW_DEADLINE", default_value = "10s", value_parser = duration)]
    lease_renew_deadline: Duration,
    /// Time between two tries to take or renew the Lease. At most a third of the renew deadline.
    #[arg(long, env = "LAMBDA_OPERATOR_LEASE_RETRY_PERIOD", default_value = "2s", value_parser = duration)]
    lease_retry_period: Duration,
    /// First part of the owner tag on every function, at most 64 characters. Default: the uid of the namespace kube-system. Set it, so that a cluster that is built anew finds its functions.
    #[arg(long, env = "LAMBDA_OPERATOR_CLUSTER_NAME", value_parser = cluster_name)]
    cluster_name: Option<String>,
    /// A name that this cluster, or the one it replaces, once had; repeatable. Tags with it are accepted and rewritten.
    #[arg(long = "former-cluster-name", env = "LAMBDA_OPERATOR_FORMER_CLUSTER_NAME", value_parser = cluster_name, value_delimiter = ',', value_name = "NAME")]
    former_cluster_names: Vec<String>,
    /// Tags for every function: k=v,k=v. An object's own tags win.
    #[arg(long, env = "LAMBDA_OPERATOR_DEFAULT_TAGS", value_delimiter = ',', value_parser = tag, value_name = "K=V")]
    default_tags: Vec<(String, String)>,
    /// Labels of an object that become tags of its function, for instance team,app.kubernetes.io/part-of. They win over default tags; an object's own tags win over them.
    #[arg(long, env = "LAMBDA_OPERATOR_COPY_LABELS", value_delimiter = ',', value_parser = label, value_name = "KEY")]
    copy_labels: Vec<String>,
    /// Tags that somebody else sets on functions: key,prefix*. The operator neither changes nor removes them; an object's ignoreTags adds to these.
    #[arg(long, env = "LAMBDA_OPERATOR_IGNORE_TAGS", value_delimiter = ',', value_parser = TagPattern::parse, value_name = "KEY")]
    ignore_tags: Vec<TagPattern>,
    /// Refuse what the annotations of an object's namespace do not allow, also where they do not speak of it.
    #[arg(long, env = "LAMBDA_OPERATOR_REQUIRE_NAMESPACE_POLICY")]
    require_namespace_policy: bool,
    /// Tag the sessions of namespaces' roles with kubernetes-cluster and kubernetes-namespace, which conditions of IAM policies can name. Each of these roles has to allow sts:TagSession in its trust policy, else AWS refuses the session.
    #[arg(long, env = "LAMBDA_OPERATOR_SESSION_TAGS")]
    session_tags: bool,
    /// Objects may take over what nobody owns in AWS, where their namespace does not say otherwise (allow-adoption). Without it, only where the namespace's annotation allow-adoption is true.
    #[arg(long, env = "LAMBDA_OPERATOR_ALLOW_ADOPTION")]
    allow_adoption: bool,
    /// Watch the metadata of Secrets and ConfigMaps, so that a change is seen at once. Without it a change is seen at the next drift check, and the role needs only `get` of them.
    #[arg(long, env = "LAMBDA_OPERATOR_WATCH_REFERENCES", default_value_t = true, action = clap::ArgAction::Set)]
    watch_references: bool,
    /// Name of the ClusterRole that a namespace binds to the operator's ServiceAccount, so that Secrets may be read there. Set it where the operator has no right on Secrets in the whole cluster: the condition of an object whose Secret may not be read then names the RoleBinding to create.
    #[arg(long, env = "LAMBDA_OPERATOR_SECRET_ROLE", value_name = "NAME")]
    secret_role: Option<String>,
    /// AWS regions beside those that this version knows: region,region. Any other region that an object or a namespace names is refused.
    #[arg(long, env = "LAMBDA_OPERATOR_EXTRA_REGIONS", value_delimiter = ',', value_parser = region, value_name = "REGION")]
    extra_regions: Vec<String>,
    /// GetFunction calls per second and region to begin with; rises to AWS's 100 while AWS does not complain.
    #[arg(long, env = "LAMBDA_OPERATOR_AWS_READ_RPS", default_value_t = 50.0, value_parser = rate)]
    aws_read_rps: f64,
    /// All other Lambda calls per second and region to begin with; rises to AWS's 15 while AWS does not complain.
    #[arg(long, env = "LAMBDA_OPERATOR_AWS_WRITE_RPS", default_value_t = 12.0, value_parser = rate)]
    aws_write_rps: f64,
    /// Folder of the zip files that `filename` names.
    #[arg(long, env = "LAMBDA_OPERATOR_PACKAGE_DIR", value_name = "DIR")]
    package_dir: Option<PathBuf>,
    /// Address of an OpenTelemetry collector that traces are sent to by OTLP over HTTP, such as http://collector:4318. Default: OTEL_EXPORTER_OTLP_ENDPOINT, else there are no traces.
    #[arg(long, env = "LAMBDA_OPERATOR_OTLP_ENDPOINT", value_name = "URL")]
    otlp_endpoint: Option<String>,
    /// How log lines are written: text or json.
    #[arg(long, env = "LAMBDA_OPERATOR_LOG_FORMAT", default_value = "text")]
    log_format: telemetry::Format,
    /// A level, or a list such as info,lambda_operator=debug.
    #[arg(long, env = "LAMBDA_OPERATOR_LOG_LEVEL", default_value = "info")]
    log_level: String,
}

impl Arguments {
    /// The times of the election, which depend on each other.
    fn election(&self) -> Result<Times, Error> {
        Times::new(self.lease_duration, self.lease_renew_deadline, self.lease_retry_period).map_err(Error::Election)
    }

    /// The Lease that this operator holds. Operators that select other namespaces lead beside each other.
    fn lease(&self) -> String {
        let own = self.watch_namespace_selector.as_ref().map(|selector| format!("lambda-operator-{}", hash(selector)));
        self.lease_name.clone().or(own).unwrap_or_else(|| "lambda-operator".into())
    }
}

/// Until SIGTERM or SIGINT.
pub(super) fn run(arguments: Arguments) -> Result<(), Error> {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().map_err(Error::Runtime)?;
    runtime.block_on(async {
        let standard = || std::env::var("OTEL_EXPORTER_OTLP_ENDPOINT").ok();
        let endpoint = arguments.otlp_endpoint.clone().or_else(standard).filter(|endpoint| !endpoint.is_empty());
        let traces = endpoint.map(|endpoint| traces::begin("lambda-operator", &endpoint)).transpose()?;
        telemetry::start(arguments.log_format, &arguments.log_level, printable, traces.as_ref())?;
        let result = operate(arguments).await;
        if let Some(traces) = traces {
            traces.end().await;
        }
        result
    })
}

async fn operate(arguments: Arguments) -> Result<(), Error> {
    arguments.election()?;
    core_dumps::switch_off();
    let stop = stop_signal();
    let lead = if arguments.leader_elect { Lead::default() } else { Lead::always() };
    // Up before the lease is won: a standby is alive and ready too.
    let listener =
        TcpListener::bind(arguments.http_addr).await.map_err(|error| Error::Http(arguments.http_addr, error))?;
    let (controller_metrics, metrics, readiness) = <(Arc<ControllerMetrics>, Arc<Metrics>, Arc<Readiness>)>::default();
    let requests = Requests::default();
    metrics.register(|registry| show(registry, &controller_metrics, &requests, &arguments, lead.clone()));
    readiness.awaits(crds::KNOWN, "the API server does not know the CRDs yet");
    readiness.awaits(AWS, "whose AWS account it is, is not known yet");
    readiness.awaits(WATCH, "the objects are not known yet");
    let served = CancellationToken::new();
    let server = tokio::spawn(serve(listener, Arc::clone(&readiness), metrics, served.clone()));

    let result = tokio::select! {
        () = stop.cancelled() => Ok(None),
        prepared = prepare(&arguments, lead.clone(), controller_metrics, &requests, &readiness) => prepared.map(Some),
    };
    let result = match result {
        Ok(Some((context, config))) => {
            work(&arguments, requests, config, lead, Arc::new(context), &readiness, &stop).await
        }
        Ok(None) => Ok(()),
        Err(error) => Err(error),
    };
    served.cancel();
    // It has nothing left to say.
    let _ = server.await;
    result
}

/// The version, as a label.
pub(super) const BUILD: Family =
    Family::new("lambda_operator_build_info", Kind::Gauge, &["version"], "The operator's version; always 1");

/// All metrics.
fn show(
    registry: &mut Registry,
    controller_metrics: &ControllerMetrics,
    requests: &Requests,
    arguments: &Arguments,
    lead: Lead,
) {
    BUILD.reads(registry, || vec![(vec![("version", env!("CARGO_PKG_VERSION").into())], 1.0)]);
    process_metrics::register(registry);
    requests.register(registry);
    controller_metrics.register(registry);
    if arguments.leader_elect {
        let name = arguments.lease();
        LEADS.reads(registry, move || vec![(vec![("name", name.clone())], f64::from(lead.holds()))]);
    }
}

/// Clients for Kubernetes and AWS, once the API server knows our resources.
async fn prepare(
    arguments: &Arguments,
    lead: Lead,
    controller_metrics: Arc<ControllerMetrics>,
    requests: &Requests,
    readiness: &Arc<Readiness>,
) -> Result<(Context, Config), Error> {
    let mut config = cluster::config().await?;
    // What the API server did not take is tried again by a later pass, as with AWS; the client's own retries would keep a
    // worker, or the lease, waiting for minutes.
    config.default_retry = false;
    config.connect_timeout = Some(CONNECT_TIMEOUT);
    // Longer than a watch is silent: the API server ends it itself before.
    config.read_timeout = Some(WATCH_TIMEOUT);
    config.reset_reader_on_write = true;
    let mut bounded = config.clone();
    bounded.read_timeout = Some(ANSWER_TIMEOUT);
    let kubernetes = requests.client(bounded)?;
    crds::known(&kubernetes, readiness).await;
    if let Some(selector) = &arguments.watch_namespace_selector {
        is_selector(&kubernetes, selector).await?;
    }
    let cluster = match &arguments.cluster_name {
        Some(name) => name.clone(),
        None => cluster_uid_once_it_answers(&kubernetes).await?,
    };
    let rates = Rates { reads: arguments.aws_read_rps, writes: arguments.aws_write_rps };
    let aws = Arc::new(
        Clients::load(
            aws::client::Settings { rates },
            Arc::<ControllerMetrics>::clone(&controller_metrics),
            Arc::new(Leading(lead)),
        )
        .await?,
    );
    controller_metrics.watches(&aws);
    tokio::spawn(know_identity(Arc::clone(&aws), Arc::clone(readiness)));
    let settings = Settings {
        identity: stages::Identity {
            cluster,
            former_clusters: arguments.former_cluster_names.clone(),
            defaults: Defaults {
                tags: arguments.default_tags.iter().cloned().collect(),
                ignore_tags: arguments.ignore_tags.clone(),
            },
            copied_labels: arguments.copy_labels.clone(),
            require_policy: arguments.require_namespace_policy,
            session_tags: arguments.session_tags,
            allow_adoption: arguments.allow_adoption,
        },
        instance: instance(),
        drift_interval: arguments.drift_interval,
        package_folder: arguments.package_dir.clone(),
        concurrency: arguments.concurrency,
        namespaces: arguments.watch_namespaces.clone(),
        watch_references: arguments.watch_references,
        namespace_selector: arguments.watch_namespace_selector.clone(),
        secret_role: arguments.secret_role.clone().filter(|name| !name.is_empty()),
        extra_regions: arguments.extra_regions.clone(),
    };
    info!(cluster = settings.identity.cluster, namespaces = arguments.watch_namespaces.join(","), "Started");
    Ok((Context::new(kubernetes, aws, settings, controller_metrics), config))
}

/// The API server reads the selector. Another refusal shows at the watch.
async fn is_selector(kubernetes: &Client, selector: &str) -> Result<(), Error> {
    let few = ListParams::default().labels(selector).limit(1);
    match Api::<Namespace>::all(kubernetes.clone()).list_metadata(&few).await {
        Err(kube::Error::Api(status)) if status.code == 400 => Err(Error::Selector(status.message)),
        Ok(_) | Err(_) => Ok(()),
    }
}

async fn cluster_uid_once_it_answers(kubernetes: &Client) -> Result<String, Error> {
    let mut attempt = 0;
    loop {
        match cluster_uid(kubernetes).await {
            Err(Error::ClusterName(error)) if !is_refusal(&error) => warn!(%error, "The API server does not answer"),
            known => return known,
        }
        sleep(Backoff::SETTLE.delay(attempt, fastrand::f64())).await;
        attempt += 1;
    }
}

/// Said for good: asking again brings the same.
fn is_refusal(error: &kube::Error) -> bool {
    matches!(error, kube::Error::Api(status) if (400..500).contains(&status.code) && status.code != 429)
}

pub(super) async fn cluster_uid(kubernetes: &Client) -> Result<String, Error> {
    let system = Api::<Namespace>::all(kubernetes.clone()).get("kube-system").await.map_err(Error::ClusterName)?;
    Ok(system.uid().unwrap_or_default())
}

async fn know_identity(aws: Arc<Clients>, readiness: Arc<Readiness>) {
    let mut attempt = 0;
    let caller = aws.caller(&Identity::default()).await;
    loop {
        match aws.principal(&caller).await {
            Ok(Principal { account, arn }) => {
                let region = aws.default_region().unwrap_or_default();
                info!(account, arn, region, "AWS identity is known");
                return readiness.met(AWS);
            }
            Err(error) => {
                warn!(%error, "AWS does not say whose credentials these are: give the operator a role (IRSA, Pod Identity) or credentials");
                // Whoever reaches the port reads this: AWS's own words are in the log.
                readiness.awaits(AWS, "AWS does not say whose credentials these are; the log says why");
            }
        }
        sleep(Backoff::ORDINARY.delay(attempt, fastrand::f64())).await;
        attempt += 1;
    }
}

/// Works while leading; the lease is let go only when all passes have ended.
async fn work(
    arguments: &Arguments,
    requests: Requests,
    config: Config,
    lead: Lead,
    context: Arc<Context>,
    readiness: &Arc<Readiness>,
    stop: &CancellationToken,
) -> Result<(), Error> {
    let namespaces = arguments.watch_namespaces.clone();
    let watches = requests.client(config.clone())?;
    let told = Arc::clone(readiness);
    let watch_status: WatchStatusFn = Arc::new(move |known| match known {
        Ok(()) => told.met(WATCH),
        Err(words) => told.awaits(WATCH, words),
    });
    let passes = |stop: CancellationToken| {
        let mut all =
            Controllers { context: Arc::clone(&context), watches, namespaces, stop, watch_status, running: Vec::new() };
        // A kind that hears of a change is there before the change can be told.
        each(&mut all);
        let Controllers { context, watches, namespaces, stop, watch_status: _, running } = all;
        async move { tokio::join!(join_all(running), controller::follow(context, watches, namespaces, stop)) }
    };
    if !arguments.leader_elect {
        drop(passes(stop.clone()).await);
        return Ok(());
    }
    // A standby knows nothing of the objects and needs not to: it reads them when it leads.
    readiness.met(WATCH);
    let lease_namespace = arguments.lease_namespace.clone().unwrap_or_else(|| config.default_namespace.clone());
    let client = requests.client(config)?;
    let instance = context.settings.instance.clone();
    let contender = Contender::new(client, &lease_namespace, &arguments.lease(), instance, arguments.election()?);
    let Some(leadership) = contender.acquire(lead, stop).await else { return Ok(()) };
    info!(lease = arguments.lease(), "Leading");
    let (done, lost) = (CancellationToken::new(), CancellationToken::new());
    let kept = tokio::spawn(leadership.keep(done.clone(), lost.clone()));
    tokio::select! {
        _ = passes(stop.clone()) => {
            done.cancel();
            if let Ok(leadership) = kept.await {
                leadership.release().await;
            }
            Ok(())
        }
        // Passes are dropped where they are: what they did, the next leader sees in AWS.
        () = lost.cancelled() => Err(Error::LeadershipLost),
    }
}

/// The controllers of all kinds.
struct Controllers {
    context: Arc<Context>,
    watches: Client,
    namespaces: Vec<String>,
    stop: CancellationToken,
    watch_status: WatchStatusFn,
    running: Vec<BoxFuture<'static, ()>>,
}

impl ForEachKind for Controllers {
    fn kind<K: Managed>(&mut self) {
        let Self { context, watches, namespaces, stop, watch_status, running } = self;
        let (context, watches, namespaces) = (Arc::clone(context), watches.clone(), namespaces.clone());
        running
            .push(controller::run::<K>(context, watches, namespaces, stop.clone(), Arc::clone(watch_status)).boxed());
    }
}

/// Calls are for who leads.
struct Leading(Lead);

impl Gate for Leading {
    fn is_open(&self) -> bool {
        self.0.holds()
    }
}

/// Cancelled by SIGTERM and SIGINT.
fn stop_signal() -> CancellationToken {
    let stop = CancellationToken::new();
    let stopped = stop.clone();
    tokio::spawn(async move {
        let terminated = async {
            match signal(SignalKind::terminate()) {
                Ok(mut signal) => signal.recv().await,
                Err(_) => std::future::pending().await,
            }
        };
        tokio::select! {
            _ = terminated => {}
            _ = tokio::signal::ctrl_c() => {}
        }
        info!("Stopping: passes under way are finished first");
        stopped.cancel();
    });
    stop
}

/// A name for this process that no other has: the pod's, and something of its own where it runs outside a pod.
fn instance() -> String {
    let host = std::env::var("HOSTNAME").unwrap_or_else(|_| "lambda-operator".into());
    format!("{host}-{:08x}", fastrand::u32(..))
}

fn duration(text: &str) -> Result<Duration, String> {
    duration::duration(text).ok_or_else(|| format!("'{text}' is no duration: write 90s, 10m or 1h30m"))
}

fn rate(text: &str) -> Result<f64, String> {
    let rate: f64 = text.parse().map_err(|_| format!("'{text}' is no number of calls per second"))?;
    if rate > 0.0 { Ok(rate) } else { Err("must be more than 0".into()) }
}

pub(super) fn region(text: &str) -> Result<String, String> {
    if is_region_code(text) {
        return Ok(text.to_owned());
    }
    Err(format!("'{text}' is no region: write its code, such as eu-west-1"))
}

pub(super) fn label(text: &str) -> Result<String, String> {
    if is_reserved_key(text) {
        return Err(format!(
            "'{text}' cannot become a tag: it must not be empty or begin with aws: or lambda-operator.io/"
        ));
    }
    Ok(text.to_owned())
}

pub(super) fn tag(text: &str) -> Result<(String, String), String> {
    let (key, value) = text.split_once('=').ok_or_else(|| format!("'{text}' is no tag: write key=value"))?;
    if is_reserved_key(key) {
        return Err(format!(
            "'{key}' cannot be a tag's key: it must not be empty or begin with aws: or lambda-operator.io/"
        ));
    }
    Ok((key.trim().to_owned(), value.to_owned()))
}

/// A tag's value has 256 characters; 64 of them, and no slash, are for the cluster.
pub(super) fn cluster_name(text: &str) -> Result<String, String> {
    if text.is_empty() || text.len() > 64 || text.contains(['/', ',', ' ']) {
        return Err("must have 1 to 64 characters, without slashes, commas or spaces".into());
    }
    Ok(text.to_owned())
}
