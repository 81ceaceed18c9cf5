//! What is counted: passes, AWS calls, drift, and how the objects stand. No object's name is a label.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use kube::runtime::reflector::Store;
use prometheus_client::collector::Collector;
use prometheus_client::encoding::{DescriptorEncoder, EncodeLabelSet, EncodeMetric};
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::{ConstGauge, Gauge};
use prometheus_client::metrics::histogram::Histogram;
use prometheus_client::registry::{Registry, Unit};

use crate::api::{LambdaFunction, condition};
use crate::aws::Meter;
use crate::function::Operation;

const CONTROLLER: &str = "lambdafunction";

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct PassLabels {
    controller: &'static str,
    result: &'static str,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct ControllerLabels {
    controller: &'static str,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct CallLabels {
    operation: &'static str,
    code: String,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct OperationLabels {
    operation: &'static str,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct DriftLabels {
    group: &'static str,
}

/// Counters and gauges of the controller.
pub struct Meters {
    passes: Family<PassLabels, Counter>,
    pass_seconds: Family<ControllerLabels, Histogram, fn() -> Histogram>,
    panics: Family<ControllerLabels, Counter>,
    active: Family<ControllerLabels, Gauge>,
    calls: Family<CallLabels, Counter>,
    call_seconds: Family<OperationLabels, Histogram, fn() -> Histogram>,
    drift: Family<DriftLabels, Counter>,
    stores: std::sync::Arc<Mutex<Vec<Store<LambdaFunction>>>>,
}

/// From a fast answer to a slow upload.
fn seconds() -> Histogram {
    Histogram::new([0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0])
}

impl Default for Meters {
    fn default() -> Self {
        Self {
            passes: Family::default(),
            pass_seconds: Family::new_with_constructor(seconds),
            panics: Family::default(),
            active: Family::default(),
            calls: Family::default(),
            call_seconds: Family::new_with_constructor(seconds),
            drift: Family::default(),
            stores: std::sync::Arc::default(),
        }
    }
}

impl Meters {
    /// Makes all of it visible. Names that dashboards for controllers know are kept.
    pub fn register(&self, registry: &mut Registry) {
        registry.register("controller_runtime_reconcile", "Passes by result", self.passes.clone());
        registry.register_with_unit(
            "controller_runtime_reconcile_time",
            "Duration of passes",
            Unit::Seconds,
            self.pass_seconds.clone(),
        );
        registry.register("controller_runtime_reconcile_panics", "Passes that panicked", self.panics.clone());
        registry.register("controller_runtime_active_workers", "Passes under way", self.active.clone());
        registry.register("lambda_operator_aws_requests", "AWS calls by operation and error code", self.calls.clone());
        registry.register_with_unit(
            "lambda_operator_aws_requests_duration",
            "Duration of AWS calls",
            Unit::Seconds,
            self.call_seconds.clone(),
        );
        registry.register(
            "lambda_operator_drift",
            "Differences that somebody else made, by the call that mends them",
            self.drift.clone(),
        );
        registry.register_collector(Box::new(Functions { stores: std::sync::Arc::clone(&self.stores) }));
    }

    /// Objects to be counted by how they stand.
    pub(super) fn shows(&self, store: Store<LambdaFunction>) {
        self.stores.lock().unwrap_or_else(PoisonError::into_inner).push(store);
    }

    pub(super) fn pass_begins(&self) {
        self.active.get_or_create(&ControllerLabels { controller: CONTROLLER }).inc();
    }

    pub(super) fn pass_ended(&self, result: &'static str, took: Duration) {
        self.active.get_or_create(&ControllerLabels { controller: CONTROLLER }).dec();
        self.passes.get_or_create(&PassLabels { controller: CONTROLLER, result }).inc();
        self.pass_seconds.get_or_create(&ControllerLabels { controller: CONTROLLER }).observe(took.as_secs_f64());
    }

    pub(super) fn panicked(&self) {
        self.panics.get_or_create(&ControllerLabels { controller: CONTROLLER }).inc();
    }

    pub(super) fn drifted(&self, operation: Operation) {
        self.drift.get_or_create(&DriftLabels { group: operation.name() }).inc();
    }
}

impl Meter for Meters {
    fn called(&self, operation: Operation, code: &str, took: Duration) {
        let labels = CallLabels { operation: operation.name(), code: code.to_owned() };
        self.calls.get_or_create(&labels).inc();
        self.call_seconds.get_or_create(&OperationLabels { operation: operation.name() }).observe(took.as_secs_f64());
    }
}

/// `lambda_operator_functions{ready,reason}`, counted when it is asked for.
#[derive(Debug)]
struct Functions {
    stores: std::sync::Arc<Mutex<Vec<Store<LambdaFunction>>>>,
}

impl Collector for Functions {
    fn encode(&self, mut encoder: DescriptorEncoder<'_>) -> Result<(), std::fmt::Error> {
        let mut counts = BTreeMap::<(String, String), i64>::new();
        for store in self.stores.lock().unwrap_or_else(PoisonError::into_inner).iter() {
            for object in store.state() {
                *counts.entry(standing(&object)).or_default() += 1;
            }
        }
        let kind = prometheus_client::metrics::MetricType::Gauge;
        let mut family =
            encoder.encode_descriptor("lambda_operator_functions", "Objects by how they stand", None, kind)?;
        for ((ready, reason), count) in counts {
            let labels = [("ready", ready), ("reason", reason)];
            ConstGauge::new(count).encode(family.encode_family(&labels)?)?;
        }
        Ok(())
    }
}

fn standing(object: &LambdaFunction) -> (String, String) {
    let conditions = object.status.iter().flat_map(|status| &status.conditions);
    let ready = conditions.into_iter().find(|c| c.type_ == condition::READY);
    ready.map_or_else(|| ("Unknown".into(), "New".into()), |c| (c.status.clone(), c.reason.clone()))
}
