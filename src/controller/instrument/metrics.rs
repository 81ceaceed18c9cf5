//! What is counted: passes and their queue, AWS calls and their budget, drift, and how the objects stand. No object's name is a label.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU16, Ordering};
use std::sync::{Arc, Mutex, PoisonError, Weak};
use std::time::{Duration, Instant};

use kube::runtime::reflector::{ObjectRef, Store};
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family as Labelled;
use prometheus_client::metrics::histogram::Histogram;
use prometheus_client::registry::Registry;

use super::metric_defs::{
    ACTIVE, ADDS, BUDGET_RATE, BUDGET_TOKENS, BUDGET_WAITING, CALL_SECONDS, CALLS, DEPTH, DRIFT, FUNCTIONS, LIMIT,
    LONGEST, PANICS, RECONCILE_ERRORS, RECONCILE_SECONDS, RECONCILES, RETRIES, UNFINISHED, WAITED, WORKED,
};
use super::queue::{Key, Queue, Standing};
use crate::aws::client::{Clients, Level, Meter};
use crate::controller::backoff::Requeue;
use crate::controller::watch::cached::CachedObject;
use crate::core::operation::Operation;
use crate::process::metrics::{Family, Series, seconds};

type Text = Cow<'static, str>;
type Count<const LABELS: usize> = Labelled<[(&'static str, Text); LABELS], Counter>;
type Durations<const LABELS: usize> = Labelled<[(&'static str, Text); LABELS], Histogram, fn() -> Histogram>;
/// A number of a whole.
type Of<Whole> = fn(&Whole) -> f64;

const NAME: Text = Cow::Borrowed("lambdafunction");
const CONTROLLER: [(&str, Text); 1] = [("controller", NAME)];
const QUEUE: [(&str, Text); 2] = [("name", NAME), ("controller", NAME)];

/// The results of a pass that dashboards for controllers know.
const RESULTS: [&str; 4] = ["success", "requeue", "requeue_after", "error"];

/// Counters and gauges of the controller.
pub struct ControllerMetrics {
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
    read: Arc<Read>,
}

/// What is read when it is asked for.
#[derive(Default)]
struct Read {
    queue: Queue,
    limit: AtomicU16,
    stores: Mutex<Vec<Store<CachedObject>>>,
    aws: Mutex<Weak<Clients>>,
}

impl Default for ControllerMetrics {
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
            read: Arc::default(),
        }
    }
}

impl ControllerMetrics {
    /// Makes all of it visible. Names that dashboards for controllers know are kept.
    pub fn register(&self, registry: &mut Registry) {
        self.begin_at_zero();
        RECONCILES.counts(registry, self.passes.clone());
        RECONCILE_ERRORS.counts(registry, self.errors.clone());
        RECONCILE_SECONDS.counts(registry, self.pass_seconds.clone());
        PANICS.counts(registry, self.panics.clone());
        WAITED.counts(registry, self.waited.clone());
        WORKED.counts(registry, self.worked.clone());
        RETRIES.counts(registry, self.retries.clone());
        CALLS.counts(registry, self.calls.clone());
        CALL_SECONDS.counts(registry, self.call_seconds.clone());
        DRIFT.counts(registry, self.drift.clone());
        self.read.register(registry);
    }

    /// The first of something is seen as a rise only where there was a zero before.
    fn begin_at_zero(&self) {
        for result in RESULTS {
            drop(self.passes.get_or_create(&with_result(result)));
        }
        drop((self.errors.get_or_create(&CONTROLLER), self.panics.get_or_create(&CONTROLLER)));
        drop(self.retries.get_or_create(&QUEUE));
        for write in Operation::ALL.iter().filter(|operation| !operation.is_read()) {
            drop(self.drift.get_or_create(&[("group", write.name().into())]));
        }
    }

    /// Objects to be counted by how they stand.
    pub(in crate::controller) fn add_store(&self, store: Store<CachedObject>) {
        self.read.stores.lock().unwrap_or_else(PoisonError::into_inner).push(store);
    }

    /// How many passes there may be at a time.
    pub(in crate::controller) fn set_concurrency(&self, passes: u16) {
        self.read.limit.store(passes, Ordering::Relaxed);
    }

    /// Budgets to be read.
    pub fn watches(&self, aws: &Arc<Clients>) {
        // Weak: the clients hold this, as their meter.
        *self.read.aws.lock().unwrap_or_else(PoisonError::into_inner) = Arc::downgrade(aws);
    }

    /// News of an object: its pass is due now.
    pub(in crate::controller) fn due(&self, object: Key) {
        self.read.queue.due(object, Instant::now());
    }

    pub(in crate::controller) fn started(&self, object: &CachedObject) {
        let waited = self.read.queue.begins(ObjectRef::from_obj(object), Instant::now());
        self.waited.get_or_create(&QUEUE).observe(waited.as_secs_f64());
    }

    pub(in crate::controller) fn ended(&self, object: &CachedObject, result: &'static str, took: Duration) {
        self.read.queue.ended(&ObjectRef::from_obj(object));
        self.passes.get_or_create(&with_result(result)).inc();
        self.pass_seconds.get_or_create(&CONTROLLER).observe(took.as_secs_f64());
        self.worked.get_or_create(&QUEUE).observe(took.as_secs_f64());
        if result == "error" {
            self.errors.get_or_create(&CONTROLLER).inc();
        }
    }

    /// When the next pass is due, as kube is told.
    pub(in crate::controller) fn requeued(&self, object: &CachedObject, next: &Requeue, delay: Option<Duration>) {
        if matches!(next, Requeue::Retry(_)) {
            self.retries.get_or_create(&QUEUE).inc();
        }
        if let Some(at) = delay.and_then(|delay| Instant::now().checked_add(delay)) {
            self.read.queue.due(ObjectRef::from_obj(object), at);
        }
    }

    pub(in crate::controller) fn panicked(&self) {
        self.panics.get_or_create(&CONTROLLER).inc();
    }

    pub(in crate::controller) fn drifted(&self, operation: Operation) {
        self.drift.get_or_create(&[("group", operation.name().into())]).inc();
    }
}

impl Meter for ControllerMetrics {
    fn called(&self, operation: Operation, code: &str, took: Duration) {
        let operation: Text = operation.name().into();
        self.call_seconds.get_or_create(&[("operation", operation.clone())]).observe(took.as_secs_f64());
        self.calls.get_or_create(&[("operation", operation), ("code", code.to_owned().into())]).inc();
    }
}

impl Read {
    fn register(self: &Arc<Self>, registry: &mut Registry) {
        let controller = || CONTROLLER.map(|(label, name)| (label, name.into_owned())).to_vec();
        let queue = || QUEUE.map(|(label, name)| (label, name.into_owned())).to_vec();
        let read = Arc::clone(self);
        LIMIT.reads(registry, move || vec![(controller(), f64::from(read.limit.load(Ordering::Relaxed)))]);
        let standings: [(Family, Of<Standing>, bool); 5] = [
            (ACTIVE, |standing| number(standing.active), true),
            (DEPTH, |standing| number(standing.depth), false),
            (ADDS, |standing| number(standing.adds), false),
            (UNFINISHED, |standing| standing.unfinished.as_secs_f64(), false),
            (LONGEST, |standing| standing.longest.as_secs_f64(), false),
        ];
        for (family, value, of_controller) in standings {
            let read = Arc::clone(self);
            let labels = move || if of_controller { controller() } else { queue() };
            family.reads(registry, move || vec![(labels(), value(&read.standing()))]);
        }
        let read = Arc::clone(self);
        FUNCTIONS.reads(registry, move || read.functions());
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

    fn standing(&self) -> Standing {
        let stores = self.stores.lock().unwrap_or_else(PoisonError::into_inner).clone();
        self.queue.standing(Instant::now(), |key| stores.iter().any(|store| store.get(key).is_some()))
    }

    fn functions(&self) -> Vec<Series> {
        let mut counts = BTreeMap::<(String, String), f64>::new();
        for store in self.stores.lock().unwrap_or_else(PoisonError::into_inner).iter() {
            for object in store.state() {
                *counts.entry(standing(&object)).or_default() += 1.0;
            }
        }
        let labels = |(ready, reason)| vec![("ready", ready), ("reason", reason)];
        counts.into_iter().map(|(standing, count)| (labels(standing), count)).collect()
    }

    fn levels(&self) -> Vec<Level> {
        let aws = self.aws.lock().unwrap_or_else(PoisonError::into_inner).upgrade();
        aws.map(|aws| aws.levels()).unwrap_or_default()
    }
}

fn with_result(result: &'static str) -> [(&'static str, Text); 2] {
    [("controller", NAME), ("result", result.into())]
}

fn budget(level: &Level) -> Vec<(&'static str, String)> {
    let calls = level.calls.to_owned();
    vec![("account", level.account.clone()), ("region", level.region.clone()), ("calls", calls)]
}

#[allow(clippy::cast_precision_loss, reason = "counts of ours, far below 2^53")]
const fn number(count: u64) -> f64 {
    count as f64
}

fn standing(object: &CachedObject) -> (String, String) {
    let (ready, reason) = object.ready().unwrap_or(("Unknown", "New"));
    (ready.to_owned(), reason.to_owned())
}
