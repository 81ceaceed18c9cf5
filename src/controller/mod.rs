//! Drives AWS to what the objects say: watches them, and runs one pass for each that changed or is due.

mod apply;
mod context;
mod finalizer;
mod guarded;
mod identity;
mod meters;
mod namespaces;
mod pace;
mod packages;
mod reconcile;
mod references;
mod report;
mod schema;
mod watch;
mod written;

use std::sync::Arc;

use futures::StreamExt;
use k8s_openapi::api::core::v1::{ConfigMap, Secret};
use kube::runtime::Controller;
use kube::runtime::controller::Config;
use kube::{Api, ResourceExt};
use tokio_util::sync::CancellationToken;

pub use context::{Context, Settings};
pub use identity::place;
pub use meters::Meters;
pub use packages::Packages;
pub use references::fetch;
pub use schema::{Installed, installed};

use crate::api::LambdaFunction;
use crate::function::reference::Kind;

/// Runs until `stop`; passes under way are finished first. `synced` is told of each scope whose objects are all known.
pub async fn run(
    context: Arc<Context>,
    namespaces: Vec<String>,
    stop: CancellationToken,
    synced: impl Fn() + Send + Sync,
) {
    let scopes: Vec<Api<LambdaFunction>> = if namespaces.is_empty() {
        vec![Api::all(context.kubernetes.clone())]
    } else {
        namespaces.iter().map(|namespace| Api::namespaced(context.kubernetes.clone(), namespace)).collect()
    };
    let running =
        scopes.into_iter().map(|scope| watch_and_reconcile(Arc::clone(&context), scope, stop.clone(), &synced));
    futures::future::join_all(running).await;
}

async fn watch_and_reconcile(
    context: Arc<Context>,
    scope: Api<LambdaFunction>,
    stop: CancellationToken,
    synced: &impl Fn(),
) {
    let (reader, objects) = watch::objects(&scope);
    context.meters.shows(reader.clone());
    let (by_secret, by_map, by_namespace) = (reader.clone(), reader.clone(), reader.clone());
    let namespaces = context.namespaces.follow(context.kubernetes.clone(), scope.namespace());
    let passes = Controller::for_stream(objects, reader.clone())
        .watches_stream(namespaces, move |namespace| watch::within(&by_namespace, &namespace.name_any()))
        .watches_stream(watch::metadata::<Secret>(&scope), move |secret| {
            watch::referring(&by_secret, Kind::Secret, secret.namespace().as_deref(), &secret.name_any())
        })
        .watches_stream(watch::metadata::<ConfigMap>(&scope), move |map| {
            watch::referring(&by_map, Kind::ConfigMap, map.namespace().as_deref(), &map.name_any())
        })
        .with_config(Config::default().concurrency(context.settings.concurrency))
        .graceful_shutdown_on(stop.cancelled_owned())
        .run(guarded::reconcile, guarded::on_error, context)
        .for_each(|_| std::future::ready(()));
    let ready = async {
        if reader.wait_until_ready().await.is_ok() {
            synced();
        }
    };
    futures::join!(passes, ready);
}
