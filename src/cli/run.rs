//! `lambda-operator run`: connects clients, probes, election and controllers, and stops them in order.

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
use super::run_flags::Arguments;
use crate::aws::client::budget::Rates;
use crate::aws::client::{Clients, Gate, Identity};
use crate::controller::WatchStatusFn;
use crate::controller::context::{Context, Settings};
use crate::controller::instrument::metrics::ControllerMetrics;
use crate::controller::managed::Managed;
use crate::core::backoff::Backoff;
use crate::core::principal::Principal;
use crate::core::shown::printable;
use crate::process::kube_client_metrics::Requests;
use crate::process::leader::{Contender, LEADS, Lead};
use crate::process::metrics::{Family, Kind, Metrics};
use crate::process::server::{Readiness, serve};
use crate::process::{core_dumps, process_metrics, telemetry, traces};
use crate::{aws, controller};

/// Connect timeout for the API server.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);
/// Timeout for an answer of the API server. Watches stay open for longer.
const ANSWER_TIMEOUT: Duration = Duration::from_secs(30);

/// Timeout for a watch, because a broken connection can stay open without ever giving an answer.
const WATCH_TIMEOUT: Duration = Duration::from_secs(300);

/// Time for running reconciles after SIGTERM. A package of 50 MB to AWS, or an AWS that does not answer, can take minutes, and the lease must be
/// released before SIGKILL: 30 s after SIGTERM by default. A reconcile that is dropped loses nothing.
const GRACE: Duration = Duration::from_secs(20);

/// Conditions of readiness.
const AWS: &str = "aws";
const WATCH: &str = "watch";

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
    // Served before the lease is acquired, because a standby is alive and ready too.
    let listener =
        TcpListener::bind(arguments.http_addr).await.map_err(|error| Error::Http(arguments.http_addr, error))?;
    let (controller_metrics, metrics, readiness) = <(Arc<ControllerMetrics>, Arc<Metrics>, Arc<Readiness>)>::default();
    let requests = Requests::default();
    metrics.register(|registry| show(registry, &controller_metrics, &requests, &arguments, lead.clone()));
    readiness.awaits(crds::KNOWN, "waiting for the CRDs");
    readiness.awaits(AWS, "waiting for sts:GetCallerIdentity");
    readiness.awaits(WATCH, "waiting for the watch of objects");
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
    // Nothing is served after this point.
    let _ = server.await;
    result
}

/// The version, as a label of a metric.
pub(super) const BUILD: Family =
    Family::new("lambda_operator_build_info", Kind::Gauge, &["version"], "The operator's version; always 1");

/// Registers all metrics.
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

/// Creates clients for Kubernetes and AWS, once the API server has our CRDs.
async fn prepare(
    arguments: &Arguments,
    lead: Lead,
    controller_metrics: Arc<ControllerMetrics>,
    requests: &Requests,
    readiness: &Arc<Readiness>,
) -> Result<(Context, Config), Error> {
    let mut config = cluster::config().await?;
    // A later reconcile retries a failed request to the API server, as with AWS. The client's own retries would block a worker, or the lease, for
    // minutes.
    config.default_retry = false;
    config.connect_timeout = Some(CONNECT_TIMEOUT);
    // Longer than any silence of a healthy watch, because the API server ends a watch before that.
    config.read_timeout = Some(WATCH_TIMEOUT);
    config.reset_reader_on_write = true;
    let mut bounded = config.clone();
    bounded.read_timeout = Some(ANSWER_TIMEOUT);
    let kubernetes = requests.client(bounded)?;
    crds::known(&kubernetes, readiness).await;
    if let Some(selector) = &arguments.watch_namespace_selector {
        is_selector(&kubernetes, selector).await?;
    }
    let cluster = match &arguments.shared.cluster_name {
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
    let settings = settings(arguments, cluster);
    info!(cluster = settings.identity.cluster, namespaces = arguments.watch_namespaces.join(","), "Started");
    Ok((Context::new(kubernetes, aws, settings, controller_metrics), config))
}

/// The settings of reconciles, from flags.
fn settings(arguments: &Arguments, cluster: String) -> Settings {
    Settings {
        identity: arguments.shared.identity(cluster),
        instance: instance(),
        drift_interval: arguments.drift_interval,
        package_folder: arguments.shared.package_dir.clone(),
        concurrency: arguments.concurrency,
        namespaces: arguments.watch_namespaces.clone(),
        watch_references: arguments.watch_references,
        namespace_selector: arguments.watch_namespace_selector.clone(),
        secret_role: arguments.secret_role.clone().filter(|name| !name.is_empty()),
        extra_regions: arguments.shared.extra_regions.clone(),
    }
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

/// Whether the answer is a lasting refusal, so that retries are useless.
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
                info!(account, arn, region, "AWS identity found");
                return readiness.met(AWS);
            }
            Err(error) => {
                warn!(%error, "AWS does not say whose credentials these are: give the operator a role (IRSA, Pod Identity) or credentials");
                // Everybody with access to the port can read this message, so AWS's error is only in the log.
                readiness.awaits(AWS, "AWS does not say whose credentials these are; the log says why");
            }
        }
        sleep(Backoff::ORDINARY.delay(attempt, fastrand::f64())).await;
        attempt += 1;
    }
}

/// Runs the controllers while this process leads. The lease is released only after all reconciles have ended.
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
        // Every kind subscribes before the first change can be published.
        each(&mut all);
        let Controllers { context, watches, namespaces, stop, watch_status: _, running } = all;
        let late = give_up(stop.clone());
        async move {
            tokio::select! {
                _ = futures::future::join(join_all(running), controller::follow(context, watches, namespaces, stop)) => {}
                () = late => warn!("Running reconciles did not finish in time and are dropped; the next start reads their effects in AWS"),
            }
        }
    };
    if !arguments.leader_elect {
        passes(stop.clone()).await;
        return Ok(());
    }
    // A standby does not watch the objects; it reads them when it becomes leader.
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
        () = passes(stop.clone()) => {
            done.cancel();
            if let Ok(leadership) = kept.await {
                leadership.release().await;
            }
            Ok(())
        }
        // Running reconciles are dropped; the next leader sees their effects in AWS.
        () = lost.cancelled() => Err(Error::LeadershipLost),
    }
}

/// Resolves when running reconciles have had their time after `stop`.
async fn give_up(stop: CancellationToken) {
    stop.cancelled().await;
    sleep(GRACE).await;
}

/// Runs the controllers of all kinds.
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

/// The gate for AWS calls: only the leader may call.
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
        info!("Stopping: finishing the running reconciles first");
        stopped.cancel();
    });
    stop
}

/// A unique name of this process: the pod's name, with a random suffix.
fn instance() -> String {
    let host = std::env::var("HOSTNAME").unwrap_or_else(|_| "lambda-operator".into());
    format!("{host}-{:08x}", fastrand::u32(..))
}
