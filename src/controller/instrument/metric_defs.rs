//! The families of metrics of the controller: one table for the registry and the documentation.

use crate::process::metrics::Family;
use crate::process::metrics::Kind::{Counter, Gauge, Histogram};

const QUEUE: &[&str] = &["name", "controller"];
const CONTROLLER: &[&str] = &["controller"];
const BUDGET: &[&str] = &["account", "region", "calls"];

pub(in crate::controller) const RECONCILES: Family = Family::new(
    "controller_runtime_reconcile_total",
    Counter,
    &["controller", "result"],
    "Passes by result: success (nothing is due), requeue (at once), requeue_after (later), error",
);
pub(in crate::controller) const RECONCILE_ERRORS: Family = Family::new(
    "controller_runtime_reconcile_errors_total",
    Counter,
    CONTROLLER,
    "Passes that could not be reported: the API server refused, time ran out, or a panic; what AWS refuses is in the object's status",
);
pub(in crate::controller) const RECONCILE_SECONDS: Family =
    Family::new("controller_runtime_reconcile_time_seconds", Histogram, CONTROLLER, "Duration of passes");
pub(in crate::controller) const PANICS: Family =
    Family::new("controller_runtime_reconcile_panics_total", Counter, CONTROLLER, "Passes that panicked");
pub(in crate::controller) const LIMIT: Family =
    Family::new("controller_runtime_max_concurrent_reconciles", Gauge, CONTROLLER, "Passes at a time, at most");
pub(in crate::controller) const ACTIVE: Family =
    Family::new("controller_runtime_active_workers", Gauge, CONTROLLER, "Passes under way");

pub(in crate::controller) const DEPTH: Family =
    Family::new("workqueue_depth", Gauge, QUEUE, "Objects whose pass is due and has not begun");
pub(in crate::controller) const ADDS: Family =
    Family::new("workqueue_adds_total", Counter, QUEUE, "Passes that became due");
pub(in crate::controller) const WAITED: Family =
    Family::new("workqueue_queue_duration_seconds", Histogram, QUEUE, "From when a pass was due to when it began");
pub(in crate::controller) const WORKED: Family =
    Family::new("workqueue_work_duration_seconds", Histogram, QUEUE, "From when a pass began to when it ended");
pub(in crate::controller) const UNFINISHED: Family = Family::new(
    "workqueue_unfinished_work_seconds",
    Gauge,
    QUEUE,
    "How long the passes under way have been so, all together",
);
pub(in crate::controller) const LONGEST: Family = Family::new(
    "workqueue_longest_running_processor_seconds",
    Gauge,
    QUEUE,
    "How long the oldest pass under way has been so",
);
pub(in crate::controller) const RETRIES: Family =
    Family::new("workqueue_retries_total", Counter, QUEUE, "Passes that will be tried again because something failed");

pub(in crate::controller) const CALLS: Family = Family::new(
    "lambda_operator_aws_requests_total",
    Counter,
    &["operation", "code"],
    "AWS calls by operation and AWS's error code, ok, or error where there was no answer, or none of AWS's own",
);
pub(in crate::controller) const CALL_SECONDS: Family =
    Family::new("lambda_operator_aws_requests_duration_seconds", Histogram, &["operation"], "Duration of AWS calls");
pub(in crate::controller) const DRIFT: Family = Family::new(
    "lambda_operator_drift_total",
    Counter,
    &["group"],
    "Differences that somebody else made, by the call that mends them",
);
pub(in crate::controller) const LEFT: Family = Family::new(
    "lambda_operator_resources_left_total",
    Counter,
    &["controller", "reason"],
    "Objects that went while their resource stays in AWS: Released as skipDestroy says, or Orphaned",
);
pub(in crate::controller) const OBJECTS: Family = Family::new(
    "lambda_operator_objects",
    Gauge,
    &["kind", "ready", "reason"],
    "Objects by their kind and their condition Ready",
);
pub(in crate::controller) const BUDGET_RATE: Family = Family::new(
    "lambda_operator_aws_budget_calls_per_second",
    Gauge,
    BUDGET,
    "Calls per second that the operator allows itself now; halved when AWS throttles, creeping back up to AWS's quota",
);
pub(in crate::controller) const BUDGET_TOKENS: Family = Family::new(
    "lambda_operator_aws_budget_tokens",
    Gauge,
    BUDGET,
    "Calls that could be made at once; below zero, how many are promised to passes that wait",
);
pub(in crate::controller) const BUDGET_WAITING: Family =
    Family::new("lambda_operator_aws_budget_waiting", Gauge, BUDGET, "Passes that wait for their turn to call AWS");

/// All of them, in the order of the documentation.
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
