//! The namespaces of the objects and what their annotations say, followed by a watch. An edit causes a pass over all objects in there.

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
use crate::core::namespace_policy::annotation::is_ours;

type Metadata = PartialObjectMeta<Namespace>;

/// Known namespaces.
#[derive(Default)]
pub(in crate::controller) struct Namespaces {
    known: Mutex<Vec<Store<Metadata>>>,
}

impl Namespaces {
    /// Follows all of them, or one; gives those whose annotations of ours were edited.
    pub(in crate::controller) fn follow(
        &self,
        client: Client,
        only: Option<&str>,
    ) -> BoxStream<'static, watcher::Result<Metadata>> {
        let (known, writer) = reflector::store();
        self.known.lock().unwrap_or_else(PoisonError::into_inner).push(known);
        let config = match only {
            // What RBAC grants by name, it grants for a watch of that name.
            Some(name) => watcher::Config::default().fields(&format!("metadata.name={name}")),
            None => watcher::Config::default(),
        };
        let mut seen = HashMap::new();
        let namespaces = Api::<Metadata>::all(client);
        let make = move || watcher(namespaces.clone(), config.clone()).boxed();
        let tell = |going: WatchHealth<'_>| {
            if let WatchHealth::Failing(error, errors) = going {
                warn!(%error, errors, "Edits of namespaces are not seen at once: the API server does not answer, or the role does not allow list and watch of them");
            }
        };
        resilient(make, tell)
            .modify(|namespace| {
                namespace.managed_fields_mut().clear();
                namespace.annotations_mut().retain(|key, _| is_ours(key));
            })
            .reflect(writer)
            .applied_objects()
            .try_filter(move |namespace| std::future::ready(edited(&mut seen, namespace)))
            .boxed()
    }

    /// Whether it is known to be going away.
    pub(in crate::controller) fn is_terminating(&self, name: &str) -> bool {
        let stores = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        let namespace = stores.iter().find_map(|store| store.get(&ObjectRef::new(name)));
        namespace.is_some_and(|namespace| namespace.metadata.deletion_timestamp.is_some())
    }

    /// The annotations of a namespace; `None` where it is not known.
    pub(in crate::controller) fn annotations(&self, name: &str) -> Option<BTreeMap<String, String>> {
        let stores = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        let namespace = stores.iter().find_map(|store| store.get(&ObjectRef::new(name)))?;
        Some(namespace.annotations().clone())
    }
}

/// A namespace that was known with other annotations. Seen for the first time it is no news: its objects come by themselves.
fn edited(seen: &mut HashMap<String, BTreeMap<String, String>>, namespace: &Metadata) -> bool {
    let before = seen.insert(namespace.name_any(), namespace.annotations().clone());
    before.is_some_and(|before| before != *namespace.annotations())
}
