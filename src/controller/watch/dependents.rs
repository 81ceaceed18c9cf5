//! The objects of all kinds whose resources have to be deleted before others, as the caches of the watches show them.

use std::sync::{Mutex, PoisonError};

use kube::ResourceExt;
use kube::runtime::reflector::Store;

use super::cached::CachedObject;
use crate::controller::managed::Managed;
use crate::core::ending::End;

/// The caches of all kinds.
#[derive(Default)]
pub(in crate::controller) struct Dependents(Mutex<Vec<Box<dyn Depending>>>);

/// Objects of one kind.
trait Depending: Send + Sync {
    /// Adds those of a namespace that depend on the resource with this ARN, each by kind and name.
    fn on(&self, namespace: &str, arn: &str, found: &mut Vec<(String, End)>);
}

impl<K: Managed> Depending for Store<CachedObject<K>> {
    fn on(&self, namespace: &str, arn: &str, found: &mut Vec<(String, End)>) {
        for object in self.state() {
            let depends = object.dependent().filter(|one| object.is_within(namespace) && one.is_on(arn));
            found.extend(depends.map(|one| (format!("{} {}", K::kind(&()), object.name_any()), one.end)));
        }
    }
}

impl Dependents {
    /// Adds the objects of one scope.
    pub(in crate::controller) fn add_store<K: Managed>(&self, store: Store<CachedObject<K>>) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).push(Box::new(store));
    }

    /// The objects of a namespace that depend on the resource with this ARN. Those of other namespaces hold nothing up.
    pub(in crate::controller) fn on(&self, namespace: &str, arn: &str) -> Vec<(String, End)> {
        let mut found = Vec::new();
        let stores = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        stores.iter().for_each(|store| store.on(namespace, arn, &mut found));
        found
    }
}
