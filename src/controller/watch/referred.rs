//! The Secrets and ConfigMaps that objects refer to: the namespaces to watch, and the versions that reconciles have read. Only the versions are
//! stored, and only those of Secrets and ConfigMaps that an object refers to.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::sync::{Mutex, PoisonError};

use kube::runtime::reflector::Store;
use kube::runtime::watcher;
use kube::{Resource, ResourceExt};
use tokio::sync::Notify;

use super::cached::{CachedObject, Kinds, key};
use super::stripped::Named;
use super::wake::Wake;
use crate::controller::managed::Managed;
use crate::core::references::{Kind, Reference};

/// The scope of one watch.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) struct Scope {
    pub(super) namespace: String,
    pub(super) kind: Kind,
}

/// The references of all objects, and the versions that their reconciles have read.
#[derive(Default)]
pub(in crate::controller) struct Referred {
    stores: Mutex<Vec<Box<dyn Referring>>>,
    changed: Notify,
    given: Mutex<Given>,
}

/// The versions that reconciles have read last, by scope and reference.
#[derive(Default)]
struct Given(HashMap<Scope, HashMap<u64, Version>>);

/// The name of a Secret or ConfigMap, and its version; `None`: it did not exist.
struct Version {
    name: String,
    version: Option<String>,
}

/// The references of the objects of each namespace: their hashes and their kinds.
type InUse = BTreeMap<String, (HashSet<u64>, Kinds)>;

/// A store of objects of any kind that can refer to others.
trait Referring: Send + Sync {
    fn count(&self, in_use: &mut InUse);
}

impl<K: Managed> Referring for Store<CachedObject<K>> {
    fn count(&self, in_use: &mut InUse) {
        for object in self.state() {
            let kinds = object.kinds();
            if kinds == Kinds::default() {
                continue;
            }
            let (hashes, all) = in_use.entry(object.namespace().unwrap_or_default()).or_default();
            hashes.extend(object.refers());
            all.secrets |= kinds.secrets;
            all.config_maps |= kinds.config_maps;
        }
    }
}

impl Referred {
    /// Adds a store of objects with references.
    pub(in crate::controller) fn add_store<K: Managed>(&self, store: Store<CachedObject<K>>) {
        self.stores.lock().unwrap_or_else(PoisonError::into_inner).push(Box::new(store));
    }

    /// Records that an object in a store has changed.
    pub(super) fn changed(&self) {
        self.changed.notify_one();
    }

    /// Records that a reconcile has read this version. If an earlier reconcile has read another version, returns the change to publish, because other
    /// objects may still use the earlier version.
    pub(in crate::controller) fn gave(
        &self,
        namespace: &str,
        reference: &Reference,
        version: Option<&str>,
    ) -> Option<Wake> {
        let scope = Scope { namespace: namespace.to_owned(), kind: reference.kind };
        let mut given = self.given.lock().unwrap_or_else(PoisonError::into_inner);
        let given = given.0.entry(scope).or_default();
        let now = Version { name: reference.name.clone(), version: version.map(str::to_owned) };
        let before = given.insert(key(reference), now)?;
        (before.version.as_deref() != version).then(|| Wake::Referred(namespace.to_owned(), reference.clone()))
    }

    /// Waits until an object in a store has changed.
    pub(super) async fn next_change(&self) {
        self.changed.notified().await;
    }

    /// The names of what is another than was given, or may be.
    pub(super) fn news<R: Resource<DynamicType = ()>>(
        &self,
        scope: &Scope,
        listed: &mut HashSet<u64>,
        event: &watcher::Event<Named<R>>,
    ) -> Vec<String> {
        self.given.lock().unwrap_or_else(PoisonError::into_inner).news(scope, listed, event)
    }

    /// The watches that are needed. Versions without a reference are removed.
    pub(super) fn wanted(&self) -> BTreeSet<Scope> {
        let mut in_use = InUse::new();
        self.stores.lock().unwrap_or_else(PoisonError::into_inner).iter().for_each(|store| store.count(&mut in_use));
        self.given.lock().unwrap_or_else(PoisonError::into_inner).retain(&in_use);
        scopes(&in_use)
    }
}

fn scopes(in_use: &InUse) -> BTreeSet<Scope> {
    let all = in_use.iter().flat_map(|(namespace, (_, Kinds { secrets, config_maps }))| {
        let kinds = [(Kind::Secret, *secrets), (Kind::ConfigMap, *config_maps)];
        kinds.into_iter().filter(|(_, has)| *has).map(|(kind, _)| Scope { namespace: namespace.clone(), kind })
    });
    all.collect()
}

impl Given {
    fn retain(&mut self, in_use: &InUse) {
        self.0.retain(|scope, given| {
            let in_use = in_use.get(&scope.namespace);
            given.retain(|key, _| in_use.is_some_and(|(hashes, _)| hashes.contains(key)));
            !given.is_empty()
        });
    }

    /// The names of what is another than was given, or may be.
    fn news<R: Resource<DynamicType = ()>>(
        &mut self,
        scope: &Scope,
        listed: &mut HashSet<u64>,
        event: &watcher::Event<Named<R>>,
    ) -> Vec<String> {
        use watcher::Event::{Apply, Delete, Init, InitApply, InitDone};
        let mut none = HashMap::new();
        let given = self.0.get_mut(scope).unwrap_or(&mut none);
        let named = |object: &Named<R>| Reference { kind: scope.kind, name: object.name_any() };
        let (object, version) = match event {
            Init => {
                listed.clear();
                return Vec::new();
            }
            InitDone => {
                // Secrets and ConfigMaps that were deleted while there was no watch.
                let gone = given.iter_mut().filter(|(key, one)| one.version.is_some() && !listed.contains(*key));
                let names = gone.map(|(_, one)| {
                    one.version = None;
                    one.name.clone()
                });
                return names.collect();
            }
            InitApply(object) => {
                let reference = named(object);
                // Only the versions that a reconcile has read are stored.
                if given.contains_key(&key(&reference)) {
                    listed.insert(key(&reference));
                }
                (reference, object.resource_version())
            }
            Apply(object) => (named(object), object.resource_version()),
            Delete(object) => (named(object), None),
        };
        match given.get_mut(&key(&object)) {
            Some(known) if known.version == version => return Vec::new(),
            Some(known) => known.version = version,
            // A reconcile can be reading it at this moment and has not recorded it yet, so the change is published.
            None => {}
        }
        vec![object.name]
    }
}

#[cfg(test)]
mod tests {
    use k8s_openapi::api::core::v1::Secret;
    use serde_json::json;
    use watcher::Event::{Apply, Delete, Init, InitApply, InitDone};

    use super::*;

    fn secret(name: &str, version: &str) -> Named<Secret> {
        serde_json::from_value(json!({"metadata": {"name": name, "namespace": "n", "resourceVersion": version}}))
            .unwrap()
    }

    fn reference(name: &str) -> Reference {
        Reference { kind: Kind::Secret, name: name.into() }
    }

    #[test]
    fn a_namespace_is_watched_only_while_an_object_in_it_refers_to_something() {
        let in_use = |all: &[(&str, bool, bool)]| -> InUse {
            let one = |(namespace, secrets, config_maps): &(&str, bool, bool)| {
                ((*namespace).to_owned(), (HashSet::new(), Kinds { secrets: *secrets, config_maps: *config_maps }))
            };
            all.iter().map(one).collect()
        };
        assert!(scopes(&InUse::new()).is_empty());
        let scope = |namespace: &str, kind| Scope { namespace: namespace.into(), kind };
        let wanted = scopes(&in_use(&[("a", true, false), ("b", true, true)]));
        let expected = [scope("a", Kind::Secret), scope("b", Kind::Secret), scope("b", Kind::ConfigMap)];
        assert_eq!(wanted, expected.into());
    }

    #[test]
    fn a_change_wakes_and_what_was_given_already_does_not() {
        let referred = Referred::default();
        assert_eq!(referred.gave("n", &reference("db"), Some("1")), None);
        assert_eq!(referred.gave("n", &reference("none"), None), None);
        assert_eq!(referred.gave("n", &reference("gone"), Some("1")), None);
        let scope = Scope { namespace: "n".into(), kind: Kind::Secret };
        let mut listed = HashSet::new();
        let mut news = |event| referred.given.lock().unwrap().news::<Secret>(&scope, &mut listed, &event);
        assert!(news(Init).is_empty());
        assert!(news(InitApply(secret("db", "1"))).is_empty(), "given so");
        assert_eq!(news(InitApply(secret("none", "5"))), ["none"], "it was not there");
        assert_eq!(news(InitApply(secret("other", "5"))), ["other"], "somebody may be reading it");
        assert_eq!(news(InitDone), ["gone"], "it went before the watch began");
        assert_eq!(news(Apply(secret("db", "2"))), ["db"]);
        assert!(news(Apply(secret("db", "2"))).is_empty());
        assert_eq!(news(Delete(secret("db", "3"))), ["db"]);
        assert_eq!(news(Apply(secret("db", "4"))), ["db"], "it is there again");
        // Another reconcile has read an older or newer version than the watch has shown.
        assert!(referred.gave("n", &reference("db"), Some("5")).is_some());
        assert_eq!(referred.gave("n", &reference("db"), Some("5")), None);
        let kept = |in_use: &InUse| {
            let mut given = referred.given.lock().unwrap();
            given.retain(in_use);
            given.0.values().map(HashMap::len).sum::<usize>()
        };
        let in_use = (HashSet::from([key(&reference("db"))]), Kinds { secrets: true, config_maps: false });
        assert_eq!(kept(&[("n".to_owned(), in_use)].into()), 1, "of what nobody refers to nothing is kept");
        assert_eq!(kept(&InUse::new()), 0);
    }
}
