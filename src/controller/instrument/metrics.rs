//! Metrics of reconciles and their queue, of AWS calls and their rate limit, of drift, and of the objects' conditions. No object's name is a label.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError, Weak};
use std::time::{Duration, Instant};

use kube::runtime::reflector::{ObjectRef, Store};
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family as Labelled;
use prometheus_client::metrics::histogram::Histogram;
use prometheus_client::registry::Registry;

use super::metric_defs::{
    ACTIVE, ADDS, BUDGET_RATE, BUDGET_TOKENS, BUDGET_WAITING, CALL_SECONDS, CALLS, DEPTH, DRIFT, LEFT, LIMIT, LONGEST,
    OBJECTS, PANICS, RECONCILE_ERRORS, RECONCILE_SECONDS, RECONCILES, RETRIES, UNFINISHED, WAITED, WORKED,
};
use super::queue::{Key, Queue, Standing};
use crate::aws::client::{Clients, Level, Meter};
use crate::controller::backoff::Requeue;
use crate::controller::managed::Managed;
use crate::controller::watch::cached::CachedObject;
use crate::core::operation::Operation;
use crate::core::reason::Reason;
use crate::process::metrics::{Family, Series, seconds};

type Text = Cow<'static, str>;
type Count<const LABELS: usize> = Labelled<[(&'static str, Text); LABELS], Counter>;
type Durations<const LABELS: usize> = Labelled<[(&'static str, Text); LABELS], Histogram, fn() -> Histogram>;
/// A gauge of whole numbers.
type Of<Whole> = fn(&Whole) -> f64;

/// The result labels of controller-runtime, which dashboards know.
const RESULTS: [&str; 4] = ["success", "requeue", "requeue_after", "error"];

/// Counters and gauges of the controllers of all kinds.
#[derive(Default)]
pub struct ControllerMetrics {
    counted: Counted,
    read: Arc<Read>,
}

/// Metrics that are updated as events happen.
struct Counted {
    passes: Count<2>,
    errors: Count<1>,
    pass_seconds: Durations<1>,
    panics: Count<1>,
    waited: Durations<2>,
    worked: Durations<2>,
    retries: Count<2>,
    calls: Count<2>,
    call_seconds: Durations<1>,
    drift: Count<1>,
    left: Count<2>,
}

/// Metrics that are computed when they are scraped.
#[derive(Default)]
struct Read {
    kinds: Mutex<Vec<Arc<WatchedKind>>>,
    aws: Mutex<Weak<Clients>>,
}

/// The objects of one kind and their queue.
struct WatchedKind {
    name: &'static str,
    queue: Queue,
    workers: u32,
    stores: Mutex<Vec<Box<dyn Objects>>>,
}

/// The cached objects of any kind.
trait Objects: Send + Sync {
    /// Whether the cache has this object.
    fn has(&self, key: &Key) -> bool;
    /// Adds the condition of each object to the counts.
    fn count(&self, counts: &mut BTreeMap<(String, String), f64>);
}

impl<K: Managed> Objects for Store<CachedObject<K>> {
    fn has(&self, key: &Key) -> bool {
        self.get(&ObjectRef::new(&key.name).within(&key.namespace)).is_some()
    }

    fn count(&self, counts: &mut BTreeMap<(String, String), f64>) {
        for object in self.state() {
            let (ready, reason) = object.ready().unwrap_or(("Unknown", "New"));
            *counts.entry((ready.to_owned(), reason.to_owned())).or_default() += 1.0;
        }
    }
}

/// Metrics of the controller of one kind.
#[derive(Clone)]
pub(in crate::controller) struct KindMetrics {
    all: Arc<ControllerMetrics>,
    kind: Arc<WatchedKind>,
}

impl Default for Counted {
    fn default() -> Self {
        Self {
            passes: Labelled::default(),
            errors: Labelled::default(),
            pass_seconds: Labelled::new_with_constructor(seconds),
            panics: Labelled::default(),
            waited: Labelled::new_with_constructor(seconds),
            worked: Labelled::new_with_constructor(seconds),
            retries: Labelled::default(),
            calls: Labelled::default(),
            call_seconds: Labelled::new_with_constructor(seconds),
            drift: Labelled::default(),
            left: Labelled::default(),
        }
    }
}

impl ControllerMetrics {
    /// Registers all metrics. The names of controller-runtime, which dashboards know, are kept.
    pub fn register(&self, registry: &mut Registry) {
        for write in Operation::ALL.iter().filter(|operation| !operation.is_read()) {
            // Every series starts at zero, because Prometheus sees the first event as an increase only after a zero.
            drop(self.counted.drift.get_or_create(&[("group", write.name().into())]));
        }
        let Counted { passes, errors, pass_seconds, panics, waited, worked, retries, calls, call_seconds, drift, left } =
            &self.counted;
        RECONCILES.counts(registry, passes.clone());
        RECONCILE_ERRORS.counts(registry, errors.clone());
        RECONCILE_SECONDS.counts(registry, pass_seconds.clone());
        PANICS.counts(registry, panics.clone());
        WAITED.counts(registry, waited.clone());
        WORKED.counts(registry, worked.clone());
        RETRIES.counts(registry, retries.clone());
        CALLS.counts(registry, calls.clone());
        CALL_SECONDS.counts(registry, call_seconds.clone());
        DRIFT.counts(registry, drift.clone());
        LEFT.counts(registry, left.clone());
        self.read.register(registry);
    }

    /// Metrics of the controller of one kind. `workers`: reconciles at a time, of all namespaces.
    pub(in crate::controller) fn of_kind(self: &Arc<Self>, name: &'static str, workers: u32) -> KindMetrics {
        let kind = WatchedKind { name, queue: Queue::default(), workers, stores: Mutex::default() };
        let kind = Arc::new(kind);
        self.read.kinds.lock().unwrap_or_else(PoisonError::into_inner).push(Arc::clone(&kind));
        let metrics = KindMetrics { all: Arc::clone(self), kind };
        metrics.begin_at_zero();
        metrics
    }

    /// Registers the budgets of these clients.
    pub fn watches(&self, aws: &Arc<Clients>) {
        // A weak reference, because the clients hold these metrics as their meter.
        *self.read.aws.lock().unwrap_or_else(PoisonError::into_inner) = Arc::downgrade(aws);
    }
}

impl KindMetrics {
    fn begin_at_zero(&self) {
        let Counted { passes, errors, panics, retries, left, .. } = &self.all.counted;
        for reason in [Reason::Released, Reason::Orphaned] {
            drop(left.get_or_create(&self.with_reason(reason)));
        }
        for result in RESULTS {
            drop(passes.get_or_create(&self.with_result(result)));
        }
        drop((errors.get_or_create(&self.controller()), panics.get_or_create(&self.controller())));
        drop(retries.get_or_create(&self.queue()));
    }

    /// Registers objects, to be counted by condition.
    pub(in crate::controller) fn add_store<K: Managed>(&self, store: Store<CachedObject<K>>) {
        self.kind.stores.lock().unwrap_or_else(PoisonError::into_inner).push(Box::new(store));
    }

    /// Records that an object's reconcile is due now.
    pub(in crate::controller) fn due(&self, object: Key) {
        self.kind.queue.due(object, Instant::now());
    }

    pub(in crate::controller) fn started(&self, object: &Key) {
        let waited = self.kind.queue.begins(object.clone(), Instant::now());
        self.all.counted.waited.get_or_create(&self.queue()).observe(waited.as_secs_f64());
    }

    pub(in crate::controller) fn ended(&self, object: &Key, result: &'static str, took: Duration) {
        self.kind.queue.ended(object);
        let Counted { passes, errors, pass_seconds, worked, .. } = &self.all.counted;
        passes.get_or_create(&self.with_result(result)).inc();
        pass_seconds.get_or_create(&self.controller()).observe(took.as_secs_f64());
        worked.get_or_create(&self.queue()).observe(took.as_secs_f64());
        if result == "error" {
            errors.get_or_create(&self.controller()).inc();
        }
    }

    /// Records that an object is gone and its resource stays in AWS.
    pub(in crate::controller) fn left(&self, reason: Reason) {
        self.all.counted.left.get_or_create(&self.with_reason(reason)).inc();
    }

    fn with_reason(&self, reason: Reason) -> [(&'static str, Text); 2] {
        [("controller", self.kind.name.into()), ("reason", reason.name().into())]
    }

    /// Records the time of the next reconcile.
    pub(in crate::controller) fn requeued(&self, object: &Key, next: &Requeue, delay: Option<Duration>) {
        if matches!(next, Requeue::Retry(_)) {
            self.all.counted.retries.get_or_create(&self.queue()).inc();
        }
        if let Some(at) = delay.and_then(|delay| Instant::now().checked_add(delay)) {
            self.kind.queue.due(object.clone(), at);
        }
    }

    pub(in crate::controller) fn panicked(&self) {
        self.all.counted.panics.get_or_create(&self.controller()).inc();
    }

    pub(in crate::controller) fn drifted(&self, operation: Operation) {
        self.all.counted.drift.get_or_create(&[("group", operation.name().into())]).inc();
    }

    fn controller(&self) -> [(&'static str, Text); 1] {
        [("controller", self.kind.name.into())]
    }

    fn queue(&self) -> [(&'static str, Text); 2] {
        ["name", "controller"].map(|label| (label, self.kind.name.into()))
    }

    fn with_result(&self, result: &'static str) -> [(&'static str, Text); 2] {
        [("controller", self.kind.name.into()), ("result", result.into())]
    }
}

impl Meter for ControllerMetrics {
    fn called(&self, operation: Operation, code: &str, took: Duration) {
        let Counted { calls, call_seconds, .. } = &self.counted;
        let operation: Text = operation.name().into();
        call_seconds.get_or_create(&[("operation", operation.clone())]).observe(took.as_secs_f64());
        calls.get_or_create(&[("operation", operation), ("code", code.to_owned().into())]).inc();
    }
}

impl Read {
    fn register(self: &Arc<Self>, registry: &mut Registry) {
        self.reads(registry, LIMIT, |kind| vec![(kind.controller(), f64::from(kind.workers))]);
        let standings: [(Family, Of<Standing>, bool); 5] = [
            (ACTIVE, |standing| number(standing.active), true),
            (DEPTH, |standing| number(standing.depth), false),
            (ADDS, |standing| number(standing.adds), false),
            (UNFINISHED, |standing| standing.unfinished.as_secs_f64(), false),
            (LONGEST, |standing| standing.longest.as_secs_f64(), false),
        ];
        for (family, value, of_controller) in standings {
            self.reads(registry, family, move |kind| {
                let labels = if of_controller { kind.controller() } else { kind.queue() };
                vec![(labels, value(&kind.standing()))]
            });
        }
        self.reads(registry, OBJECTS, WatchedKind::objects);
        let budgets: [(Family, Of<Level>); 3] = [
            (BUDGET_RATE, |level| level.rate),
            (BUDGET_TOKENS, |level| level.tokens),
            (BUDGET_WAITING, |level| number(level.waiting)),
        ];
        for (family, value) in budgets {
            let read = Arc::clone(self);
            family.reads(registry, move || read.levels().iter().map(|level| (budget(level), value(level))).collect());
        }
    }

    /// A family with series for each kind.
    fn reads(
        self: &Arc<Self>,
        registry: &mut Registry,
        family: Family,
        series: impl Fn(&WatchedKind) -> Vec<Series> + Send + Sync + 'static,
    ) {
        let read = Arc::clone(self);
        family.reads(registry, move || {
            let kinds = read.kinds.lock().unwrap_or_else(PoisonError::into_inner);
            kinds.iter().flat_map(|kind| series(kind)).collect()
        });
    }

    fn levels(&self) -> Vec<Level> {
        let aws = self.aws.lock().unwrap_or_else(PoisonError::into_inner).upgrade();
        aws.map(|aws| aws.levels()).unwrap_or_default()
    }
}

impl WatchedKind {
    fn standing(&self) -> Standing {
        let stores = self.stores.lock().unwrap_or_else(PoisonError::into_inner);
        self.queue.standing(Instant::now(), |key| stores.iter().any(|store| store.has(key)))
    }

    fn objects(&self) -> Vec<Series> {
        let mut counts = BTreeMap::new();
        let stores = self.stores.lock().unwrap_or_else(PoisonError::into_inner);
        stores.iter().for_each(|store| store.count(&mut counts));
        let labels = |(ready, reason)| vec![("kind", self.name.to_owned()), ("ready", ready), ("reason", reason)];
        counts.into_iter().map(|(standing, count)| (labels(standing), count)).collect()
    }

    fn controller(&self) -> Vec<(&'static str, String)> {
        vec![("controller", self.name.to_owned())]
    }

    fn queue(&self) -> Vec<(&'static str, String)> {
        vec![("name", self.name.to_owned()), ("controller", self.name.to_owned())]
    }
}

fn budget(level: &Level) -> Vec<(&'static str, String)> {
    let calls = level.calls.to_owned();
    vec![("account", level.account.clone()), ("region", level.region.clone()), ("calls", calls)]
}

#[allow(clippy::cast_precision_loss, reason = "counts of ours, far below 2^53")]
const fn number(count: u64) -> f64 {
    count as f64
}
