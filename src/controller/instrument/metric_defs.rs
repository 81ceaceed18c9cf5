//! The metric families of the controller: one table for the registry and the documentation.

use crate::process::metrics::Family;
use crate::process::metrics::Kind::{Counter, Gauge, Histogram};

const QUEUE: &[&str] = &["name", "controller"];
const CONTROLLER: &[&str] = &["controller"];
const BUDGET: &[&str] = &["account", "region", "calls"];

pub(in crate::controller) const RECONCILES: Family = Family::new(
    "controller_runtime_reconcile_total",
    Counter,
    &["controller", "result"],
    "Reconciles by result: success (done), requeue (again at once), requeue_after (again later) or error",
);
pub(in crate::controller) const RECONCILE_ERRORS: Family = Family::new(
    "controller_runtime_reconcile_errors_total",
    Counter,
    CONTROLLER,
    "Reconciles that failed without a report: the API server refused, a timeout, or a panic; errors of AWS are in the objects' status instead",
);
pub(in crate::controller) const RECONCILE_SECONDS: Family = Family::new(
    "controller_runtime_reconcile_time_seconds",
    Histogram,
    CONTROLLER,
    "Duration of reconciles in seconds",
);
pub(in crate::controller) const PANICS: Family =
    Family::new("controller_runtime_reconcile_panics_total", Counter, CONTROLLER, "Reconciles that panicked");
pub(in crate::controller) const LIMIT: Family = Family::new(
    "controller_runtime_max_concurrent_reconciles",
    Gauge,
    CONTROLLER,
    "Maximum number of concurrent reconciles in all namespaces: one and a half times --concurrency",
);
pub(in crate::controller) const ACTIVE: Family =
    Family::new("controller_runtime_active_workers", Gauge, CONTROLLER, "Running reconciles");

pub(in crate::controller) const DEPTH: Family =
    Family::new("workqueue_depth", Gauge, QUEUE, "Objects in the queue: their reconcile is due and has not started");
pub(in crate::controller) const ADDS: Family =
    Family::new("workqueue_adds_total", Counter, QUEUE, "Objects added to the queue");
pub(in crate::controller) const WAITED: Family = Family::new(
    "workqueue_queue_duration_seconds",
    Histogram,
    QUEUE,
    "Time in seconds that an object waits in the queue before its reconcile starts",
);
pub(in crate::controller) const WORKED: Family = Family::new(
    "workqueue_work_duration_seconds",
    Histogram,
    QUEUE,
    "Time in seconds that the reconcile of an object takes",
);
pub(in crate::controller) const UNFINISHED: Family = Family::new(
    "workqueue_unfinished_work_seconds",
    Gauge,
    QUEUE,
    "Seconds of work in progress, summed over the running reconciles",
);
pub(in crate::controller) const LONGEST: Family = Family::new(
    "workqueue_longest_running_processor_seconds",
    Gauge,
    QUEUE,
    "Seconds that the longest running reconcile has been running",
);
pub(in crate::controller) const RETRIES: Family =
    Family::new("workqueue_retries_total", Counter, QUEUE, "Retries of reconciles after a failure");

pub(in crate::controller) const CALLS: Family = Family::new(
    "lambda_operator_aws_requests_total",
    Counter,
    &["operation", "code"],
    "AWS calls by operation and result: ok, AWS's error code, or error if there was no answer from AWS",
);
pub(in crate::controller) const CALL_SECONDS: Family = Family::new(
    "lambda_operator_aws_requests_duration_seconds",
    Histogram,
    &["operation"],
    "Duration of AWS calls in seconds",
);
pub(in crate::controller) const DRIFT: Family = Family::new(
    "lambda_operator_drift_total",
    Counter,
    &["group"],
    "Drift: differences that somebody else caused, by the AWS call that corrects them",
);
pub(in crate::controller) const LEFT: Family = Family::new(
    "lambda_operator_resources_left_total",
    Counter,
    &["controller", "reason"],
    "Deleted objects with a resource that stays in AWS: Released by skipDestroy, or Orphaned",
);
pub(in crate::controller) const OBJECTS: Family = Family::new(
    "lambda_operator_objects",
    Gauge,
    &["kind", "ready", "reason"],
    "Objects by kind, and by status and reason of the condition Ready",
);
pub(in crate::controller) const BUDGET_RATE: Family = Family::new(
    "lambda_operator_aws_budget_calls_per_second",
    Gauge,
    BUDGET,
    "Current rate limit of the operator in calls per second; halved when AWS throttles, then rising to AWS's quota",
);
pub(in crate::controller) const BUDGET_TOKENS: Family = Family::new(
    "lambda_operator_aws_budget_tokens",
    Gauge,
    BUDGET,
    "Tokens of the rate limit: calls that could be made at once; negative if waiting reconciles have reserved more",
);
pub(in crate::controller) const BUDGET_WAITING: Family =
    Family::new("lambda_operator_aws_budget_waiting", Gauge, BUDGET, "Reconciles that wait for the rate limit");

/// All families, in the order of the documentation.
pub const FAMILIES: [Family; 21] = [
    RECONCILES,
    RECONCILE_ERRORS,
    RECONCILE_SECONDS,
    PANICS,
    LIMIT,
    ACTIVE,
    DEPTH,
    ADDS,
    WAITED,
    WORKED,
    UNFINISHED,
    LONGEST,
    RETRIES,
    OBJECTS,
    DRIFT,
    LEFT,
    CALLS,
    CALL_SECONDS,
    BUDGET_RATE,
    BUDGET_TOKENS,
    BUDGET_WAITING,
];
