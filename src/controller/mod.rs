//! The controller: it watches the objects of a kind, and reconciles each that changed or is due. Generic over the kind.

mod backoff;
pub mod context;
mod crd_gate;
mod families;
pub mod instrument;
pub mod managed;
mod marks;
pub mod reconcile;
pub mod room;
mod stop;
pub mod watch;
mod workers;

use std::sync::Arc;

use futures::{StreamExt, TryStreamExt};
use kube::Client;
use kube::runtime::Controller;
use kube::runtime::controller::{Config, Error};
use tokio_util::sync::CancellationToken;

use context::{Context, KindContext};
use instrument::queue::Key;
use instrument::{guard, span};
use managed::Managed;
use watch::reference_watches;
use watch::wake::Wake;

/// Callback with the health of a watch: `Err` names the watch that fails or has not synced.
pub type WatchStatusFn = Arc<dyn Fn(Result<(), String>) + Send + Sync>;

/// Runs the controller of one kind until `stop`; running reconciles are finished first. `watches` is the client for watches, whose requests stay open.
pub async fn run<K: Managed>(
    context: Arc<Context>,
    watches: Client,
    namespaces: Vec<String>,
    stop: CancellationToken,
    watch_status: WatchStatusFn,
) {
    let kind = Arc::new(KindContext::<K>::new(context));
    let scopes = scopes(&namespaces);
    let mut ears = watch::together(scopes.len() + 1, &watch_status);
    if let Some(ear) = ears.pop() {
        kind.crd.report_to(ear);
    }
    let running = scopes.into_iter().zip(ears).map(|(scope, watch_status)| {
        watch_and_reconcile(Arc::clone(&kind), watches.clone(), scope, stop.clone(), watch_status)
    });
    futures::future::join_all(running).await;
}

/// Watches the dependencies of the objects of all kinds until `stop`: their namespaces, Secrets and ConfigMaps.
pub async fn follow(context: Arc<Context>, watches: Client, namespaces: Vec<String>, stop: CancellationToken) {
    let following = scopes(&namespaces).into_iter().map(|scope| follow_namespaces(&context, &watches, scope));
    let following = futures::future::join_all(following);
    let referred = reference_watches::follow(Arc::clone(&context), watches.clone());
    tokio::select! {
        _ = futures::future::join(following, referred) => {}
        () = stop.cancelled() => {}
    }
}

/// The scopes of watches: each watched namespace, or all namespaces.
fn scopes(namespaces: &[String]) -> Vec<Option<String>> {
    if namespaces.is_empty() { vec![None] } else { namespaces.iter().cloned().map(Some).collect() }
}

async fn follow_namespaces(context: &Context, watches: &Client, scope: Option<String>) {
    let selector = context.settings.namespace_selector.as_deref();
    let mut changed = context.namespaces.follow(watches.clone(), &context.lists, scope.as_deref(), selector);
    while let Some(namespace) = changed.next().await {
        context.wakes.send(Wake::Namespace(namespace));
    }
}

async fn watch_and_reconcile<K: Managed>(
    kind: Arc<KindContext<K>>,
    watches: Client,
    scope: Option<String>,
    stop: CancellationToken,
    watch_status: WatchStatusFn,
) {
    let (reader, objects) = watch::objects::<K>(watches, scope.as_deref(), &kind, watch_status);
    kind.add_store(reader.clone());
    kind.shared.referred.add_store(reader.clone());
    kind.shared.dependents.add_store(reader.clone());
    let (news, woken) = (kind.metrics.clone(), kind.metrics.clone());
    let objects = objects.inspect_ok(move |object| news.due(Key::of(object)));
    let wakes = kind.shared.wakes.concerning(reader.clone());
    let wakes = wakes.inspect(move |object| woken.due(Key::of_ref(object)));
    let controller = Controller::for_stream(objects, reader.clone())
        .reconcile_on(wakes)
        .reconcile_on(kind.workers.turns(scope))
        // A reconcile that gets no worker ends at once. With kube's own limit, one namespace could use all workers.
        .with_config(Config::default().concurrency(0))
        .graceful_shutdown_on(stop.clone().cancelled_owned())
        .run(span::reconcile, guard::on_error, Arc::clone(&kind))
        .for_each(|ended| {
            // The object is gone, so the worker that was reserved for it is free again.
            if let Err(Error::ObjectNotFound(gone)) = ended {
                kind.workers.forget(&Key::of_ref(&gone));
            }
            std::future::ready(())
        });
    stop::until_ended(controller, reader, stop).await;
}
