//! The stream of objects to look at: kept small in memory, robust against objects that cannot be read, silent about our own writes.

use std::hash::{DefaultHasher, Hash, Hasher};

use futures::{Stream, StreamExt};
use kube::core::DeserializeGuard;
use kube::runtime::PredicateConfig;
use kube::runtime::reflector::{self, Store};
use kube::runtime::{WatchStreamExt, watcher};
use kube::{Api, ResourceExt};
use tracing::warn;

use crate::api::{GROUP, LambdaFunction};

/// kubectl keeps the whole manifest here, environment included.
const LAST_APPLIED: &str = "kubectl.kubernetes.io/last-applied-configuration";

type Objects = futures::stream::BoxStream<'static, watcher::Result<LambdaFunction>>;

/// All objects of a scope, and a stream of those with news from someone else than us.
pub(super) fn objects(scope: &Api<LambdaFunction>) -> (Store<LambdaFunction>, Objects) {
    let (reader, writer) = reflector::store();
    let guarded: Api<DeserializeGuard<LambdaFunction>> = match scope.namespace() {
        Some(namespace) => Api::namespaced(scope.clone().into_client(), namespace),
        None => Api::all(scope.clone().into_client()),
    };
    let objects = readable(watcher(guarded, watcher::Config::default()))
        .default_backoff()
        .modify(|object| {
            object.managed_fields_mut().clear();
            object.annotations_mut().remove(LAST_APPLIED);
        })
        .reflect(writer)
        .applied_objects()
        .predicate_filter(news, PredicateConfig::default());
    (reader, objects.boxed())
}

/// Leaves out what does not deserialize (after a downgrade, say), so that it does not stop the others.
fn readable(
    events: impl Stream<Item = watcher::Result<watcher::Event<DeserializeGuard<LambdaFunction>>>> + Send,
) -> impl Stream<Item = watcher::Result<watcher::Event<LambdaFunction>>> + Send {
    use watcher::Event::{Apply, Delete, Init, InitApply, InitDone};
    let read = |guard: DeserializeGuard<LambdaFunction>| match guard.0 {
        Ok(object) => Some(object),
        Err(invalid) => {
            let name = invalid.metadata.name.unwrap_or_default();
            let namespace = invalid.metadata.namespace.unwrap_or_default();
            warn!(namespace, name, error = %invalid.error, "LambdaFunction cannot be read and is left alone; apply it again with the CRD of this operator's version");
            None
        }
    };
    events.filter_map(move |event| {
        std::future::ready(match event {
            Ok(Apply(guard)) => read(guard).map(|object| Ok(Apply(object))),
            Ok(Delete(guard)) => read(guard).map(|object| Ok(Delete(object))),
            Ok(InitApply(guard)) => read(guard).map(|object| Ok(InitApply(object))),
            Ok(Init) => Some(Ok(Init)),
            Ok(InitDone) => Some(Ok(InitDone)),
            Err(error) => Some(Err(error)),
        })
    })
}

/// What makes an object worth a pass: a new generation (deletion is one), or an annotation of ours. Our own writes of
/// finalizer and status change neither.
fn news(object: &LambdaFunction) -> Option<u64> {
    let mut hash = DefaultHasher::new();
    object.metadata.generation.hash(&mut hash);
    object.metadata.deletion_timestamp.is_some().hash(&mut hash);
    for annotation in object.annotations().iter().filter(|(key, _)| key.starts_with(GROUP)) {
        annotation.hash(&mut hash);
    }
    Some(hash.finish())
}
