//! The stream of objects to look at: kept small in memory, robust against objects that cannot be read, silent about our own writes.

use std::hash::{DefaultHasher, Hash, Hasher};

use futures::stream::BoxStream;
use futures::{Stream, StreamExt};
use k8s_openapi::NamespaceResourceScope;
use kube::core::{DeserializeGuard, PartialObjectMeta};
use kube::runtime::PredicateConfig;
use kube::runtime::reflector::{self, ObjectRef, Store};
use kube::runtime::{WatchStreamExt, watcher};
use kube::{Api, Resource, ResourceExt};
use tracing::warn;

use crate::api::{GROUP, LambdaFunction};
use crate::function::reference::{Kind, Reference, references};

/// kubectl keeps the whole manifest here, environment included.
const LAST_APPLIED: &str = "kubectl.kubernetes.io/last-applied-configuration";

type Objects = BoxStream<'static, watcher::Result<LambdaFunction>>;

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

/// Which objects of `store` to look at when a Secret or ConfigMap changed.
pub(super) fn referring(
    store: &Store<LambdaFunction>,
    kind: Kind,
    namespace: Option<&str>,
    name: &str,
) -> Vec<ObjectRef<LambdaFunction>> {
    let reference = Reference { kind, name: name.to_owned() };
    let refers = |object: &LambdaFunction| {
        object.metadata.namespace.as_deref() == namespace && references(&object.spec).contains(&reference)
    };
    store.state().iter().filter(|object| refers(object)).map(|object| ObjectRef::from_obj(object.as_ref())).collect()
}

/// The objects of a namespace.
pub(super) fn within(store: &Store<LambdaFunction>, namespace: &str) -> Vec<ObjectRef<LambdaFunction>> {
    let inside = |object: &LambdaFunction| object.metadata.namespace.as_deref() == Some(namespace);
    store.state().iter().filter(|object| inside(object)).map(|object| ObjectRef::from_obj(object.as_ref())).collect()
}

/// News of a kind that objects refer to: metadata alone, so that no secret is ever held. Where we may not watch, changes
/// are seen at the next drift check.
pub(super) fn metadata<K>(scope: &Api<LambdaFunction>) -> BoxStream<'static, watcher::Result<PartialObjectMeta<K>>>
where
    K: Resource<DynamicType = (), Scope = NamespaceResourceScope> + Clone + std::fmt::Debug + Send + Sync + 'static,
    PartialObjectMeta<K>: Resource<DynamicType = (), Scope = NamespaceResourceScope>,
{
    let client = scope.clone().into_client();
    let api: Api<PartialObjectMeta<K>> = match scope.namespace() {
        Some(namespace) => Api::namespaced(client, namespace),
        None => Api::all(client),
    };
    let news = watcher(api, watcher::Config::default()).default_backoff().touched_objects();
    news.filter_map(|event| {
        std::future::ready(match event {
            Ok(object) => Some(Ok(object)),
            Err(error) => {
                warn!(kind = %K::kind(&()), %error, "Changes are not seen at once; the role must allow list and watch");
                None
            }
        })
    })
    .boxed()
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

#[cfg(test)]
mod tests {
    use super::*;

    /// As the API server would send it, were its schema another than ours.
    fn guarded(spec: &serde_json::Value) -> DeserializeGuard<LambdaFunction> {
        let object = serde_json::json!({
            "apiVersion": "lambda-operator.io/v1alpha1", "kind": "LambdaFunction",
            "metadata": {"name": "f", "namespace": "n", "generation": 1}, "spec": spec,
        });
        serde_json::from_value(object).unwrap()
    }

    #[tokio::test]
    async fn an_object_that_cannot_be_read_does_not_stop_the_others() {
        let bad = guarded(&serde_json::json!({"role": 7}));
        let good = guarded(&serde_json::json!({"role": "arn:aws:iam::123456789012:role/r"}));
        let events = [bad, good].map(|guard| Ok(watcher::Event::Apply(guard)));
        let read: Vec<_> = readable(futures::stream::iter(events)).collect().await;
        assert!(
            matches!(&read[..], [Ok(watcher::Event::Apply(object))] if object.spec.role.ends_with("/r")),
            "{read:?}"
        );
    }

    #[test]
    fn our_own_writes_are_no_news_and_an_edit_a_deletion_or_a_request_is() {
        let object = guarded(&serde_json::json!({"role": "arn:r"})).0.unwrap();
        let same = |change: fn(&mut LambdaFunction)| {
            let mut changed = object.clone();
            change(&mut changed);
            news(&changed) == news(&object)
        };
        assert!(same(|o| o.metadata.finalizers = Some(vec![crate::api::FINALIZER.into()])));
        assert!(same(|o| o.status = Some(crate::api::status::LambdaFunctionStatus::default())));
        assert!(same(|o| o.metadata.resource_version = Some("7".into())));
        assert!(!same(|o| o.metadata.generation = Some(2)));
        assert!(!same(|o| o
            .annotations_mut()
            .insert(format!("{GROUP}/reconcile-requested-at"), "now".into())
            .map_or((), drop)));
        assert!(!same(|o| o.metadata.deletion_timestamp =
            Some(k8s_openapi::apimachinery::pkg::apis::meta::v1::Time(k8s_openapi::jiff::Timestamp::UNIX_EPOCH))));
    }
}
