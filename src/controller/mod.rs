//! The controller: it watches the objects of a kind, and reconciles each that changed or is due. Generic over the kind.

mod backoff;
pub mod context;
mod crd_gate;
pub mod instrument;
pub mod managed;
pub mod reconcile;
mod released;
pub mod watch;

use std::sync::Arc;

use futures::stream::BoxStream;
use futures::{StreamExt, TryStreamExt};
use k8s_openapi::NamespaceResourceScope;
use k8s_openapi::api::core::v1::{ConfigMap, Secret};
use kube::core::PartialObjectMeta;
use kube::runtime::controller::Config;
use kube::runtime::{Controller, watcher};
use kube::{Client, Resource, ResourceExt};
use tokio_util::sync::CancellationToken;

use crate::core::references::{Kind, Reference};
use context::{Context, KindContext};
use instrument::queue::Key;
use instrument::{guard, span};
use managed::Managed;
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
    let following = scopes(&namespaces).into_iter().map(|scope| follow_in(&context, &watches, scope));
    tokio::select! {
        _ = futures::future::join_all(following) => {}
        () = stop.cancelled() => {}
    }
}

/// The scopes of watches: each watched namespace, or all namespaces.
fn scopes(namespaces: &[String]) -> Vec<Option<String>> {
    if namespaces.is_empty() { vec![None] } else { namespaces.iter().cloned().map(Some).collect() }
}

async fn follow_in(context: &Context, watches: &Client, scope: Option<String>) {
    let scope = scope.as_deref();
    let namespaces = context.namespaces.follow(watches.clone(), scope);
    let namespaces = namespaces.map_ok(|namespace| Wake::Namespace(namespace.name_any())).boxed();
    let mut changes = vec![namespaces];
    if context.settings.watch_references {
        changes.push(changed::<Secret>(watches, scope, Kind::Secret));
        changes.push(changed::<ConfigMap>(watches, scope, Kind::ConfigMap));
    }
    let mut changes = futures::stream::select_all(changes);
    while let Some(change) = changes.next().await {
        // Errors of a watch are reported by the code that restarts it.
        change.into_iter().for_each(|wake| context.wakes.send(wake));
    }
}

/// Watches Secrets or ConfigMaps.
fn changed<R>(watches: &Client, scope: Option<&str>, kind: Kind) -> BoxStream<'static, watcher::Result<Wake>>
where
    R: Resource<DynamicType = (), Scope = NamespaceResourceScope> + Clone + std::fmt::Debug + Send + Sync + 'static,
    PartialObjectMeta<R>: Resource<DynamicType = (), Scope = NamespaceResourceScope>,
{
    let wake = move |object: PartialObjectMeta<R>| {
        let reference = Reference { kind, name: object.name_any() };
        Wake::Referred(object.namespace().unwrap_or_default(), reference)
    };
    watch::metadata::<R>(watches.clone(), scope).map_ok(wake).boxed()
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
    let (news, woken) = (kind.metrics.clone(), kind.metrics.clone());
    let objects = objects.inspect_ok(move |object| news.due(Key::of(object)));
    let wakes = kind.shared.wakes.concerning(reader.clone());
    let wakes = wakes.inspect(move |object| woken.due(Key::of_ref(object)));
    Controller::for_stream(objects, reader)
        .reconcile_on(wakes)
        .with_config(Config::default().concurrency(kind.shared.settings.concurrency))
        .graceful_shutdown_on(stop.cancelled_owned())
        .run(span::reconcile, guard::on_error, kind)
        .for_each(|_| std::future::ready(()))
        .await;
}
