//! The end of a controller after the stop: it waits for running reconciles, and ends at once if none can run. It depends on details of kube's runner.

use std::fmt::Debug;
use std::future::pending;
use std::hash::Hash;

use kube::Resource;
use kube::runtime::reflector::Store;
use tokio_util::sync::CancellationToken;

/// Runs a controller, which reads `store`, until it ends by itself after `stop`.
///
/// kube's runner neither starts a reconcile nor ends before its store is ready, which is after the first list. `graceful_shutdown_on` stops to poll
/// the stream of objects, but does not drop it. The first list then never completes, and the runner waits without an end (kube-runtime 5.0.0,
/// `Runner::poll_next`: `hold()` that is over is `Pending`). Such a controller runs nothing, so it is dropped.
pub(super) async fn until_ended<K>(controller: impl Future<Output = ()>, store: Store<K>, stop: CancellationToken)
where
    K: Resource + Clone + Debug + Send + Sync + 'static,
    K::DynamicType: Clone + Debug + Eq + Hash + Send + Sync,
{
    let unlisted = async {
        tokio::select! {
            biased;
            // Ready: the runner can end.
            _ = store.wait_until_ready() => pending().await,
            () = stop.cancelled() => {}
        }
    };
    tokio::select! {
        // The controller is polled first, so that a store that becomes ready in this poll counts as ready, and its reconciles are waited for.
        biased;
        () = controller => {}
        () = unlisted => {}
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::time::Duration;

    use futures::future::{join, ready};
    use futures::{Stream, StreamExt, stream};
    use kube::runtime::controller::{Action, Config};
    use kube::runtime::{Controller, reflector, watcher};
    use tokio::sync::Notify;
    use tokio::time::timeout;

    use super::*;
    use crate::api::function::spec::{LambdaFunction, LambdaFunctionSpec};

    const PATIENCE: Duration = Duration::from_secs(10);

    /// A reconcile that runs until it is released.
    #[derive(Default)]
    struct Pass {
        begun: Notify,
        released: Notify,
        done: Notify,
    }

    /// kube's controller, as the operator sets it up, over these events.
    async fn controller(
        events: impl Stream<Item = watcher::Result<watcher::Event<LambdaFunction>>> + Send + 'static,
        pass: Arc<Pass>,
        stop: CancellationToken,
    ) {
        let (store, writer) = reflector::store();
        let objects = reflector::reflector(writer, events).filter_map(|event| {
            ready(match event {
                Ok(watcher::Event::Apply(object) | watcher::Event::InitApply(object)) => Some(Ok(object)),
                Ok(_) => None,
                Err(error) => Some(Err(error)),
            })
        });
        let runs = Controller::for_stream(objects, store.clone())
            .reconcile_on(stream::pending())
            .with_config(Config::default().concurrency(0))
            .graceful_shutdown_on(stop.clone().cancelled_owned())
            .run(
                async |_, pass: Arc<Pass>| {
                    pass.begun.notify_one();
                    pass.released.notified().await;
                    pass.done.notify_one();
                    Ok::<_, kube::Error>(Action::requeue(Duration::from_secs(3600)))
                },
                |_, _, _| Action::await_change(),
                pass,
            )
            .for_each(|_| ready(()));
        until_ended(runs, store, stop).await;
    }

    fn object() -> LambdaFunction {
        let mut object = LambdaFunction::new("hello", LambdaFunctionSpec::default());
        object.metadata.namespace = Some("demo".into());
        object
    }

    #[tokio::test]
    async fn a_controller_whose_list_has_not_ended_ends_at_once() {
        use watcher::Event::{Init, InitApply};
        let halves = [vec![], vec![Ok(Init)], vec![Ok(Init), Ok(InitApply(object()))]];
        for half in halves {
            let stop = CancellationToken::new();
            let events = stream::iter(half).chain(stream::pending());
            let ends = controller(events, Arc::default(), stop.clone());
            let stops = async {
                tokio::task::yield_now().await;
                stop.cancel();
            };
            timeout(PATIENCE, join(ends, stops)).await.expect("it ends");
        }
    }

    #[tokio::test]
    async fn a_reconcile_that_runs_at_the_stop_is_finished() {
        use watcher::Event::{Init, InitApply, InitDone};
        let (pass, stop) = (Arc::<Pass>::default(), CancellationToken::new());
        let events = stream::iter([Ok(Init), Ok(InitApply(object())), Ok(InitDone)]).chain(stream::pending());
        let ends = tokio::spawn(controller(events, Arc::clone(&pass), stop.clone()));
        timeout(PATIENCE, pass.begun.notified()).await.expect("it begins");
        stop.cancel();
        tokio::task::yield_now().await;
        assert!(!ends.is_finished(), "it waits for the reconcile");
        pass.released.notify_one();
        timeout(PATIENCE, ends).await.expect("it ends").unwrap();
        timeout(PATIENCE, pass.done.notified()).await.expect("the reconcile was finished");
    }
}
