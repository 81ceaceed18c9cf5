//! A pass with all that is around it: a time limit, a panic guard, metrics, and one line in the log.

use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::time::{Duration, Instant};

use futures::FutureExt;
use kube::ResourceExt;
use kube::runtime::controller::Action;
use tracing::{debug, error, info, warn};

use super::context::Context;
use super::pace::Next;
use super::reconcile::{News, drift_interval, pass};
use crate::api::LambdaFunction;
use crate::function::Pace;

/// A pass that takes longer hangs.
const LONGEST_PASS: Duration = Duration::from_secs(300);

/// Why a pass could not even be reported.
#[derive(Debug, thiserror::Error)]
pub(super) enum Error {
    #[error("the API server refused or did not answer: {0}")]
    Kubernetes(kube::Error),
    #[error("the pass took longer than {} s and was given up", LONGEST_PASS.as_secs())]
    TooLong,
    #[error("the pass panicked; this is a bug of the operator, please report it with this log")]
    Panicked,
}

/// A pass with all that is around it: time limit, panic guard, metrics, one line in the log.
pub(super) async fn reconcile(object: Arc<LambdaFunction>, context: Arc<Context>) -> Result<Action, Arc<Error>> {
    let started = Instant::now();
    context.meters.pass_begins();
    let guarded = AssertUnwindSafe(tokio::time::timeout(LONGEST_PASS, pass(&object, &context))).catch_unwind();
    let result = match guarded.await {
        Ok(Ok(result)) => result.map_err(Error::Kubernetes),
        Ok(Err(_)) => Err(Error::TooLong),
        Err(_) => {
            context.meters.panicked();
            Err(Error::Panicked)
        }
    };
    let (namespace, name) = (object.namespace().unwrap_or_default(), object.name_any());
    let generation = object.metadata.generation.unwrap_or_default();
    let ended = match result {
        Ok(ended) => ended,
        Err(error) => {
            error!(namespace, name, generation, %error, "Pass failed");
            context.meters.pass_ended("error", started.elapsed());
            return Err(Arc::new(error));
        }
    };
    let sent = ended.sent.iter().map(|operation| operation.name()).collect::<Vec<_>>().join(",");
    match &ended.news {
        Some(News { reason, message, alarming: true }) => warn!(namespace, name, generation, reason, sent, "{message}"),
        Some(News { reason, message, alarming: false }) => {
            info!(namespace, name, generation, reason, sent, "{message}");
        }
        None if !sent.is_empty() => info!(namespace, name, generation, sent, "Wrote to AWS"),
        None => debug!(namespace, name, generation, next = ?ended.next, "Nothing new"),
    }
    context.meters.pass_ended(label(ended.next), started.elapsed());
    let uid = object.uid().unwrap_or_default();
    if !ended.sent.is_empty() {
        context.paces.restart(&uid);
    }
    let delay = context.paces.delay(&uid, &ended.next, drift_interval(&object, &context));
    Ok(delay.map_or_else(Action::await_change, Action::requeue))
}

/// The names that dashboards for controllers know.
const fn label(next: Next) -> &'static str {
    match next {
        Next::Forget | Next::Idle => "success",
        Next::AtOnce => "requeue",
        Next::At(_) | Next::Settling | Next::Retry(_) | Next::DriftCheck => "requeue_after",
    }
}

/// After a pass that could not be reported.
#[allow(clippy::needless_pass_by_value, reason = "the signature that kube asks for")]
pub(super) fn on_error(object: Arc<LambdaFunction>, _: &Arc<Error>, context: Arc<Context>) -> Action {
    let next = Next::Retry(Pace::ORDINARY);
    let uid = object.uid().unwrap_or_default();
    let delay = context.paces.delay(&uid, &next, context.settings.drift_interval);
    delay.map_or_else(Action::await_change, Action::requeue)
}
