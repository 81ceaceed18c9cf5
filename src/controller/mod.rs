//! Drives AWS to what the objects say: watches them, and runs one pass for each that changed or is due.

mod backoff;
pub mod context;
pub mod instrument;
pub mod reconcile;
pub mod watch;

use std::sync::Arc;

use futures::{StreamExt, TryStreamExt};
use k8s_openapi::api::core::v1::{ConfigMap, Secret};
use kube::runtime::Controller;
use kube::runtime::controller::Config;
use kube::runtime::reflector::ObjectRef;
use kube::{Api, Client, ResourceExt};
use tokio_util::sync::CancellationToken;

use crate::api::function::spec::LambdaFunction;
use crate::core::references::Kind;
use context::Context;
use instrument::{guard, span};
use watch::cached::CachedObject;

/// Hears whether the objects are known and their changes come in; `Err` says what is missing.
pub type WatchStatusFn = Arc<dyn Fn(Result<(), String>) + Send + Sync>;

/// Runs until `stop`; passes under way are finished first. `watches` is for calls that stay open.
pub async fn run(
    context: Arc<Context>,
    watches: Client,
    namespaces: Vec<String>,
    stop: CancellationToken,
    watch_status: WatchStatusFn,
) {
    let scopes: Vec<Api<LambdaFunction>> = if namespaces.is_empty() {
        vec![Api::all(watches)]
    } else {
        namespaces.iter().map(|namespace| Api::namespaced(watches.clone(), namespace)).collect()
    };
    let scopes = scopes.into_iter().zip(watch::together(namespaces.len().max(1), &watch_status));
    let running = scopes
        .map(|(scope, watch_status)| watch_and_reconcile(Arc::clone(&context), scope, stop.clone(), watch_status));
    futures::future::join_all(running).await;
}

async fn watch_and_reconcile(
    context: Arc<Context>,
    scope: Api<LambdaFunction>,
    stop: CancellationToken,
    watch_status: WatchStatusFn,
) {
    let (reader, objects) = watch::objects(&scope, Arc::clone(&watch_status));
    context.metrics.add_store(reader.clone());
    context.metrics.set_concurrency(context.settings.concurrency);
    let (news, metrics) = (Arc::clone(&context.metrics), Arc::clone(&context.metrics));
    let objects = objects.inspect_ok(move |object| news.due(ObjectRef::from_obj(object)));
    let due = move |objects: Vec<ObjectRef<CachedObject>>| {
        objects.iter().for_each(|object| metrics.due(object.clone()));
        objects
    };
    let (secret_due, map_due) = (due.clone(), due.clone());
    let (by_secret, by_map, by_namespace) = (reader.clone(), reader.clone(), reader.clone());
    let namespaces = context.namespaces.follow(scope.clone().into_client(), scope.namespace());
    let mut controller = Controller::for_stream(objects, reader.clone())
        .watches_stream(namespaces, move |namespace| due(watch::within(&by_namespace, &namespace.name_any())));
    if context.settings.watch_references {
        controller = controller
            .watches_stream(watch::metadata::<Secret>(&scope), move |secret| {
                secret_due(watch::referring(
                    &by_secret,
                    Kind::Secret,
                    secret.namespace().as_deref(),
                    &secret.name_any(),
                ))
            })
            .watches_stream(watch::metadata::<ConfigMap>(&scope), move |map| {
                map_due(watch::referring(&by_map, Kind::ConfigMap, map.namespace().as_deref(), &map.name_any()))
            });
    }
    controller
        .with_config(Config::default().concurrency(context.settings.concurrency))
        .graceful_shutdown_on(stop.cancelled_owned())
        .run(span::reconcile, guard::on_error, context)
        .for_each(|_| std::future::ready(()))
        .await;
}
