//! A watch of the objects' namespaces and their annotations. An edit triggers a reconcile of all objects in the namespace.

use std::collections::{BTreeMap, HashMap};
use std::sync::{Mutex, PoisonError};

use futures::stream::BoxStream;
use futures::{StreamExt, TryStreamExt};
use k8s_openapi::api::core::v1::Namespace;
use kube::core::PartialObjectMeta;
use kube::runtime::reflector::{ObjectRef, Store};
use kube::runtime::{WatchStreamExt, reflector, watcher};
use kube::{Api, Client, ResourceExt};
use tracing::warn;

use super::resilient::{WatchHealth, resilient};
use crate::api::shared::GROUP;

type Metadata = PartialObjectMeta<Namespace>;

/// The known namespaces.
#[derive(Default)]
pub(in crate::controller) struct Namespaces {
    known: Mutex<Vec<Store<Metadata>>>,
}

impl Namespaces {
    /// Watches all namespaces, or one; returns a stream of those with edited annotations of ours.
    pub(in crate::controller) fn follow(
        &self,
        client: Client,
        only: Option<&str>,
    ) -> BoxStream<'static, watcher::Result<Metadata>> {
        let (known, writer) = reflector::store();
        self.known.lock().unwrap_or_else(PoisonError::into_inner).push(known);
        let config = match only {
            // RBAC that grants access by name also grants a watch that selects this name.
            Some(name) => watcher::Config::default().fields(&format!("metadata.name={name}")),
            None => watcher::Config::default(),
        };
        let mut seen = HashMap::new();
        let namespaces = Api::<Metadata>::all(client);
        let make = move || watcher(namespaces.clone(), config.clone()).boxed();
        let tell = |going: WatchHealth<'_>| {
            if let WatchHealth::Failing(error, errors) = going {
                warn!(%error, errors, "Watch of namespaces failed, so edits of their annotations are seen late: check the API server, and that the operator's role allows list and watch of namespaces");
            }
        };
        resilient(make, tell)
            .modify(|namespace| {
                namespace.managed_fields_mut().clear();
                namespace.annotations_mut().retain(|key, _| key.starts_with(GROUP));
            })
            .reflect(writer)
            .applied_objects()
            .try_filter(move |namespace| std::future::ready(edited(&mut seen, namespace)))
            .boxed()
    }

    /// Whether the namespace is known to be terminating.
    pub(in crate::controller) fn is_terminating(&self, name: &str) -> bool {
        let stores = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        let namespace = stores.iter().find_map(|store| store.get(&ObjectRef::new(name)));
        namespace.is_some_and(|namespace| namespace.metadata.deletion_timestamp.is_some())
    }

    /// The annotations of a namespace; `None` if it is not known.
    pub(in crate::controller) fn annotations(&self, name: &str) -> Option<BTreeMap<String, String>> {
        let stores = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        let namespace = stores.iter().find_map(|store| store.get(&ObjectRef::new(name)))?;
        Some(namespace.annotations().clone())
    }
}

/// Whether the namespace was known with other annotations. A namespace that is seen for the first time does not count, because its objects have events of their own.
fn edited(seen: &mut HashMap<String, BTreeMap<String, String>>, namespace: &Metadata) -> bool {
    let before = seen.insert(namespace.name_any(), namespace.annotations().clone());
    before.is_some_and(|before| before != *namespace.annotations())
}
