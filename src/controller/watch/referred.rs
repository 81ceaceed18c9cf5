//! The watches of Secrets and ConfigMaps: of a namespace, from when an object in it refers to one until none does, and of metadata alone. Nothing is
//! known of those that nobody refers to, and of the others the version.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::fmt::Debug;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use futures::StreamExt;
use k8s_openapi::NamespaceResourceScope;
use k8s_openapi::api::core::v1::{ConfigMap, Secret};
use kube::runtime::reflector::Store;
use kube::runtime::watcher;
use kube::{Api, Client, Resource, ResourceExt};
use tokio::sync::Notify;
use tokio::task::JoinSet;
use tokio::time::sleep;
use tracing::{debug, warn};

use super::cached::{CachedObject, Kinds, key};
use super::pages;
use super::resilient::{WatchHealth, resilient};
use super::stripped::Named;
use super::wake::Wake;
use crate::controller::context::Context;
use crate::controller::managed::Managed;
use crate::core::references::{Kind, Reference};

/// Watches at a time; each is a connection. What is beyond is read at each check.
const MOST: usize = 200;

/// Changes of objects within this time are looked at together.
const TOGETHER: Duration = Duration::from_millis(500);

/// What one watch shows.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
struct Scope {
    namespace: String,
    kind: Kind,
}

/// What objects refer to, and which versions of it they were given.
#[derive(Default)]
pub(in crate::controller) struct Referred {
    stores: Mutex<Vec<Box<dyn Referring>>>,
    changed: Notify,
    given: Mutex<Given>,
}

/// The versions that reconciles read last, by what is referred to.
#[derive(Default)]
struct Given(HashMap<Scope, HashMap<u64, Version>>);

/// A name, and the version under it; `None`: there was nothing.
struct Version {
    name: String,
    version: Option<String>,
}

/// Hashes of what the objects of each namespace refer to, and its kinds.
type InUse = BTreeMap<String, (HashSet<u64>, Kinds)>;

/// Objects that refer to others, whatever their kind.
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
    /// Objects whose references count.
    pub(in crate::controller) fn add_store<K: Managed>(&self, store: Store<CachedObject<K>>) {
        self.stores.lock().unwrap_or_else(PoisonError::into_inner).push(Box::new(store));
    }

    /// Something is another in a store.
    pub(super) fn changed(&self) {
        self.changed.notify_one();
    }

    /// A reconcile read this version. Gives whom to wake: another one was given before, perhaps to others.
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

    /// The watches that there should be. What nobody refers to any more is forgotten.
    fn wanted(&self) -> BTreeSet<Scope> {
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
                // What went while nobody watched.
                let gone = given.iter_mut().filter(|(key, one)| one.version.is_some() && !listed.contains(*key));
                let names = gone.map(|(_, one)| {
                    one.version = None;
                    one.name.clone()
                });
                return names.collect();
            }
            InitApply(object) => {
                let reference = named(object);
                // Only what somebody was given is remembered.
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
            // A reconcile that is reading it just now has not said so yet.
            None => {}
        }
        vec![object.name]
    }
}

/// Watches what is referred to, until it is dropped; nothing where `--watch-references=false` says so.
pub(in crate::controller) async fn follow(context: Arc<Context>, client: Client) {
    // Ended with this.
    let mut watches = JoinSet::new();
    let mut running = BTreeMap::new();
    let mut told = 0;
    loop {
        let mut wanted = context.referred.wanted();
        if !context.settings.watch_references {
            wanted.clear();
        }
        let beyond = wanted.len().saturating_sub(MOST);
        if beyond > told {
            warn!(
                namespaces = beyond,
                "Changes of the Secrets or ConfigMaps of these namespaces are seen at the next drift check: {MOST} watches are open"
            );
        }
        told = beyond;
        wanted = wanted.into_iter().take(MOST).collect();
        running.retain(|scope, watch: &mut tokio::task::AbortHandle| {
            let goes_on = wanted.contains(scope);
            if !goes_on {
                watch.abort();
            }
            goes_on
        });
        for scope in wanted {
            if running.contains_key(&scope) {
                continue;
            }
            let (context, client, one) = (Arc::clone(&context), client.clone(), scope.clone());
            let watch = match scope.kind {
                Kind::Secret => watches.spawn(watch::<Secret>(context, client, one)),
                Kind::ConfigMap => watches.spawn(watch::<ConfigMap>(context, client, one)),
                // Every object of these kinds is watched by its own controller.
                Kind::LambdaFunction | Kind::LambdaAlias => continue,
            };
            running.insert(scope, watch);
        }
        while watches.try_join_next().is_some() {}
        context.referred.changed.notified().await;
        sleep(TOGETHER).await;
    }
}

/// Tells what changes in one scope. Where it may not be watched, changes are seen at the next drift check.
async fn watch<R>(context: Arc<Context>, client: Client, scope: Scope)
where
    R: Resource<DynamicType = (), Scope = NamespaceResourceScope> + Clone + Debug + Send + Sync + 'static,
{
    let objects: Api<Named<R>> = Api::namespaced(client, &scope.namespace);
    let lists = context.lists.clone();
    let make = move || lists.in_turn(watcher(objects.clone(), pages::config()));
    let namespace = scope.namespace.clone();
    let tell = move |going: WatchHealth<'_>| match going {
        WatchHealth::Ok => {}
        WatchHealth::Failing(error, 1) => {
            warn!(kind = %R::kind(&()), namespace, %error, "Changes are not seen at once: the API server does not answer, or no role allows list and watch");
        }
        WatchHealth::Failing(error, errors) => debug!(kind = %R::kind(&()), namespace, %error, errors, "Still not"),
    };
    let mut events = std::pin::pin!(resilient(make, tell));
    let mut listed = HashSet::new();
    while let Some(event) = events.next().await {
        // What goes wrong with a watch is told where it is made again.
        let Ok(event) = event else { continue };
        let names = {
            let mut given = context.referred.given.lock().unwrap_or_else(PoisonError::into_inner);
            given.news(&scope, &mut listed, &event)
        };
        for name in names {
            context.wakes.send(Wake::Referred(scope.namespace.clone(), Reference { kind: scope.kind, name }));
        }
    }
}

#[cfg(test)]
mod tests {
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
        // Another object was given an older or newer one than the watch has shown.
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
