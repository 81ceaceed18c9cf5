//! The namespaces of the objects and what their annotations say, followed by a watch. An edit is seen at the object's next pass, which it causes.

use std::collections::BTreeMap;

use futures::StreamExt;
use futures::stream::BoxStream;
use k8s_openapi::api::core::v1::Namespace;
use kube::core::PartialObjectMeta;
use kube::runtime::reflector::{self, ObjectRef, Store};
use kube::runtime::{WatchStreamExt, watcher};
use kube::{Api, Client, ResourceExt};
use tracing::warn;

use crate::api::GROUP;

/// Known namespaces.
#[derive(Clone)]
pub(super) struct Namespaces {
    known: Store<PartialObjectMeta<Namespace>>,
}

/// Namespaces whose annotations of ours changed.
pub(super) type Changes = BoxStream<'static, watcher::Result<PartialObjectMeta<Namespace>>>;

impl Namespaces {
    /// All of them, or one.
    pub(super) fn watch(client: Client, only: Option<&str>) -> (Self, Changes) {
        let (known, writer) = reflector::store();
        let config = match only {
            // What RBAC grants by name, it grants for a watch of that name.
            Some(name) => watcher::Config::default().fields(&format!("metadata.name={name}")),
            None => watcher::Config::default(),
        };
        let changes = watcher(Api::<PartialObjectMeta<Namespace>>::all(client), config)
            .default_backoff()
            .modify(|namespace| {
                namespace.managed_fields_mut().clear();
                namespace.annotations_mut().retain(|key, _| key.starts_with(GROUP));
            })
            .reflect(writer)
            .applied_objects()
            .predicate_filter(
                |namespace: &PartialObjectMeta<Namespace>| Some(hash(namespace.annotations())),
                kube::runtime::PredicateConfig::default(),
            )
            .filter_map(|event| {
                std::future::ready(match event {
                    Ok(namespace) => Some(Ok(namespace)),
                    Err(error) => {
                        warn!(%error, "Namespaces are not seen; the role must allow get, list and watch of them");
                        None
                    }
                })
            });
        (Self { known }, changes.boxed())
    }

    /// The annotations of a namespace; `None` while it is not known.
    pub(super) fn annotations(&self, name: &str) -> Option<BTreeMap<String, String>> {
        let namespace = self.known.get(&ObjectRef::new(name))?;
        Some(namespace.annotations().clone())
    }

    pub(super) async fn ready(&self) -> bool {
        self.known.wait_until_ready().await.is_ok()
    }
}

fn hash(annotations: &BTreeMap<String, String>) -> u64 {
    use std::hash::{DefaultHasher, Hash, Hasher};
    let mut hash = DefaultHasher::new();
    annotations.hash(&mut hash);
    hash.finish()
}
