//! The wrapper of a reconcile: a time limit, a panic guard, metrics, and one log line.

use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::time::{Duration, Instant};

use futures::FutureExt;
use kube::runtime::controller::Action;
use kube::{Api, Resource, ResourceExt};
use tracing::{debug, error, info, warn};

use super::metrics::KindMetrics;
use super::queue::Key;
use crate::api::shared::GROUP;
use crate::controller::backoff::Requeue;
use crate::controller::context::KindContext;
use crate::controller::managed::Managed;
use crate::controller::reconcile;
use crate::controller::reconcile::finished::{Finished, News};
use crate::controller::room::{NO_ROOM, soon};
use crate::controller::watch::cached::CachedObject;
use crate::core::backoff::Backoff;
use crate::core::duration;
use crate::core::shown::brief;
use crate::process::traces::trace_id;

/// The time limit of a reconcile. A longer one hangs.
const LONGEST_PASS: Duration = Duration::from_secs(300);

/// Characters of a message in the log. The whole of it is in the status; an admission policy may write 32,000 of them.
const LONGEST_MESSAGE: usize = 1000;

/// Why a reconcile ended without a report.
#[derive(Debug, thiserror::Error)]
pub(in crate::controller) enum Error {
    #[error("the API server refused or did not answer: {0}")]
    Kubernetes(kube::Error),
    #[error("the object in the cache cannot be read: {0}")]
    Unreadable(String),
    #[error("the reconcile took longer than {} and was aborted; it is retried", duration::written(LONGEST_PASS))]
    TooLong,
    #[error(
        "the reconcile panicked, which is a bug of the operator; it is retried. Please report the bug with this log"
    )]
    Panicked,
}

/// Reconciles an object within a time limit and a panic guard, with metrics and one log line.
pub(in crate::controller) async fn reconcile<K: Managed>(
    object: Arc<CachedObject<K>>,
    context: Arc<KindContext<K>>,
) -> Result<Action, Arc<Error>> {
    let started = Instant::now();
    let key = Key::of(object.as_ref());
    context.metrics.started(&key);
    let result = guard(&context.metrics, decoded(&object, &context)).await;
    let (namespace, name) = (object.namespace().unwrap_or_default(), object.name_any());
    let generation = object.meta().generation.unwrap_or_default();
    let (kind, trace_id) = (K::NAMES.controller, trace_id());
    let ended = match result {
        Ok(ended) => ended,
        Err(error) => {
            let words = error.to_string();
            let shown = brief(&words, LONGEST_MESSAGE);
            error!(kind, namespace, name, generation, trace_id, error = %shown, "Pass failed");
            context.metrics.ended(&key, "error", started.elapsed());
            return Err(Arc::new(error));
        }
    };
    let sent = ended.sent.iter().map(|operation| operation.name()).collect::<Vec<_>>().join(",");
    match &ended.news {
        Some(News { reason, message, alarming: true }) => {
            let message = brief(message, LONGEST_MESSAGE);
            warn!(kind, namespace, name, generation, trace_id, reason, sent, "{message}");
        }
        Some(News { reason, message, alarming: false }) => {
            let message = brief(message, LONGEST_MESSAGE);
            info!(kind, namespace, name, generation, trace_id, reason, sent, "{message}");
        }
        None if !sent.is_empty() => info!(kind, namespace, name, generation, trace_id, sent, "Wrote to AWS"),
        None => debug!(kind, namespace, name, generation, trace_id, next = ?ended.requeue, "Up to date"),
    }
    ended.drift.iter().for_each(|operation| context.metrics.drifted(*operation));
    context.metrics.ended(&key, label(ended.requeue), started.elapsed());
    let uid = object.uid().unwrap_or_default();
    if !ended.sent.is_empty() {
        context.shared.attempts.restart(&uid);
    }
    let delay = context.shared.attempts.delay(&uid, &ended.requeue);
    context.metrics.requeued(&key, &ended.requeue, delay);
    Ok(delay.map_or_else(Action::await_change, Action::requeue))
}

/// Runs a reconcile within its time limit. A panic is caught and counted, because it would otherwise end the runner of all reconciles.
async fn guard<T>(metrics: &KindMetrics, pass: impl Future<Output = Result<T, Error>>) -> Result<T, Error> {
    match AssertUnwindSafe(tokio::time::timeout(LONGEST_PASS, pass)).catch_unwind().await {
        Ok(Ok(result)) => result,
        Ok(Err(_)) => Err(Error::TooLong),
        Err(_) => {
            metrics.panicked();
            Err(Error::Panicked)
        }
    }
}

async fn decoded<K: Managed>(object: &CachedObject<K>, context: &KindContext<K>) -> Result<Finished, Error> {
    if let Some(error) = object.unreadable() {
        return reconcile::unreadable::report(object, error, context).await.map_err(Error::Kubernetes);
    }
    if let Some(whole) = object.decode().map_err(Error::Unreadable)? {
        return reconcile::reconcile(&whole, context).await.map_err(Error::Kubernetes);
    }
    // Held until the reconcile ends.
    let Some(_place) = context.shared.room.large() else {
        return Ok(Finished::quietly(Requeue::After(soon(NO_ROOM))));
    };
    match current(object, context).await.map_err(Error::Kubernetes)? {
        Some(whole) => reconcile::reconcile(&whole, context).await.map_err(Error::Kubernetes),
        // The object is gone or was recreated; the watch delivers that.
        None => Ok(Finished::quietly(Requeue::Idle)),
    }
}

/// Reads the object from the API server, without fields that the operator does not use.
async fn current<K: Managed>(object: &CachedObject<K>, context: &KindContext<K>) -> kube::Result<Option<K>> {
    let namespace = object.namespace().unwrap_or_default();
    let objects: Api<K> = Api::namespaced(context.shared.kubernetes.clone(), &namespace);
    let current = objects.get_opt(&object.name_any()).await?.filter(|current| current.uid() == object.uid());
    Ok(current.map(|mut current| {
        current.managed_fields_mut().clear();
        current.annotations_mut().retain(|key, _| key.starts_with(GROUP));
        current
    }))
}

/// The result labels of controller-runtime, which dashboards know.
const fn label(next: Requeue) -> &'static str {
    match next {
        Requeue::Forget | Requeue::Idle => "success",
        Requeue::Now => "requeue",
        Requeue::After(_) | Requeue::Busy | Requeue::Retry(_) | Requeue::DriftCheck(_) | Requeue::NotOwned(_) => {
            "requeue_after"
        }
    }
}

/// The requeue after a reconcile without a report.
#[allow(clippy::needless_pass_by_value, reason = "the signature that kube asks for")]
pub(in crate::controller) fn on_error<K: Managed>(
    object: Arc<CachedObject<K>>,
    error: &Arc<Error>,
    context: Arc<KindContext<K>>,
) -> Action {
    let key = Key::of(object.as_ref());
    let next = Requeue::Retry(match **error {
        Error::Kubernetes(_) => Backoff::CLUSTER,
        Error::Unreadable(_) | Error::TooLong | Error::Panicked => Backoff::ORDINARY,
    });
    let uid = object.uid().unwrap_or_default();
    let delay = context.shared.attempts.delay(&uid, &next);
    context.metrics.requeued(&key, &next, delay);
    delay.map_or_else(Action::await_change, Action::requeue)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;
    use std::sync::{Mutex, PoisonError};

    use futures::{StreamExt, stream};
    use kube::runtime::{Controller, reflector, watcher};
    use prometheus_client::encoding::text::encode;
    use prometheus_client::registry::Registry;

    use super::*;
    use crate::api::function::spec::LambdaFunction;
    use crate::controller::instrument::metrics::ControllerMetrics;

    fn named(name: &str) -> LambdaFunction {
        let mut object = LambdaFunction::new(name, crate::api::function::spec::LambdaFunctionSpec::default());
        object.metadata.namespace = Some("demo".into());
        object.metadata.uid = Some(name.into());
        object
    }

    fn shown(metrics: &ControllerMetrics) -> String {
        let mut registry = Registry::default();
        metrics.register(&mut registry);
        let mut text = String::new();
        encode(&mut text, &registry).unwrap();
        text
    }

    /// Reconciles by object.
    struct Seen {
        metrics: KindMetrics,
        passes: Mutex<BTreeMap<String, u32>>,
    }

    impl Seen {
        /// The first two reconciles of the object `bad` panic, one of them after an await, as in a real reconcile.
        async fn pass(&self, name: String) -> Result<(), Error> {
            let so_far = {
                let mut passes = self.passes.lock().unwrap_or_else(PoisonError::into_inner);
                let count = passes.entry(name.clone()).or_default();
                *count += 1;
                *count
            };
            assert!(name != "bad" || so_far != 1, "at once");
            tokio::task::yield_now().await;
            assert!(name != "bad" || so_far != 2, "later");
            Ok(())
        }

        fn counts(&self) -> BTreeMap<String, u32> {
            self.passes.lock().unwrap_or_else(PoisonError::into_inner).clone()
        }
    }

    /// Runs the reconciles in the runner and with the guard of the operator.
    #[tokio::test]
    async fn a_panic_is_counted_retried_and_isolated() {
        let all = Arc::new(ControllerMetrics::default());
        let seen = Arc::new(Seen { metrics: all.of_kind("lambdafunction", 1), passes: Mutex::default() });
        let (store, mut writer) = reflector::store();
        let objects = ["one", "bad", "two"].map(named);
        for object in &objects {
            writer.apply_watcher_event(&watcher::Event::Apply(object.clone()));
        }
        writer.apply_watcher_event(&watcher::Event::Init);
        writer.apply_watcher_event(&watcher::Event::InitDone);
        for object in &objects {
            writer.apply_watcher_event(&watcher::Event::Apply(object.clone()));
        }
        let events = stream::iter(objects.map(Ok)).chain(stream::pending());
        let runner = Controller::for_stream(events, store).run(
            async |object: Arc<LambdaFunction>, seen: Arc<Seen>| {
                let ended = guard(&seen.metrics, seen.pass(object.name_any())).await;
                ended.map(|()| Action::await_change()).map_err(Arc::new)
            },
            |_, _: &Arc<Error>, _| Action::requeue(Duration::from_millis(1)),
            Arc::clone(&seen),
        );
        let expected = BTreeMap::from([("one".into(), 1), ("bad".into(), 3), ("two".into(), 1)]);
        let five = runner.take(5).collect::<Vec<_>>();
        let results = tokio::time::timeout(Duration::from_secs(20), five).await.expect("five passes");
        assert_eq!(seen.counts(), expected);
        assert_eq!(results.iter().filter(|result| result.is_err()).count(), 2, "{results:?}");
        let line = "controller_runtime_reconcile_panics_total{controller=\"lambdafunction\"} 2";
        assert!(shown(&all).contains(line), "{}", shown(&all));
    }
}
