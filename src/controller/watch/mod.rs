//! The stream of changed objects: small in memory, robust against objects that cannot be read, without events for our own writes.

pub mod cached;
mod claims;
pub mod crd;
pub(in crate::controller) mod dependents;
pub(in crate::controller) mod faces;
mod hand_overs;
mod kept;
pub(in crate::controller) mod namespaces;
pub(in crate::controller) mod pages;
pub(in crate::controller) mod reference_watches;
pub(in crate::controller) mod referred;
mod resilient;
pub(in crate::controller) mod stripped;
pub(in crate::controller) mod wake;

use std::collections::{BTreeMap, HashMap};
use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::{Arc, Mutex, PoisonError};

use futures::stream::BoxStream;
use futures::{StreamExt, TryStreamExt};
use k8s_openapi::NamespaceResourceScope;
use kube::runtime::reflector::Store;
use kube::runtime::{WatchStreamExt, reflector, watcher};
use kube::{Api, Client, Resource, ResourceExt};
use tracing::warn;

use super::WatchStatusFn;
use super::context::KindContext;
use super::managed::Managed;
use super::reconcile::leftover;
use cached::CachedObject;
use claims::Claims;
use faces::Faces;
use hand_overs::HandOvers;
use resilient::{WatchHealth, resilient};

type Objects<K> = BoxStream<'static, watcher::Result<CachedObject<K>>>;

/// One callback for each of `count` scopes. `watch_status` is called with `Ok` once all scopes are healthy.
pub(super) fn together(count: usize, watch_status: &WatchStatusFn) -> Vec<WatchStatusFn> {
    let missing: BTreeMap<usize, String> = (0..count).map(|scope| (scope, "not synced yet".to_owned())).collect();
    let missing = Arc::new(Mutex::new(missing));
    let ear = |scope: usize| -> WatchStatusFn {
        let (missing, watch_status) = (Arc::clone(&missing), Arc::clone(watch_status));
        Arc::new(move |heard| {
            let mut missing = missing.lock().unwrap_or_else(PoisonError::into_inner);
            let before = missing.remove(&scope);
            match heard {
                // Called for every event, passed on for the first.
                Ok(()) if before.is_some() && missing.is_empty() => watch_status(Ok(())),
                Ok(()) => {}
                Err(words) => {
                    watch_status(Err(words.clone()));
                    missing.insert(scope, words);
                }
            }
        })
    };
    (0..count).map(ear).collect()
}

/// The store of all objects of a scope, and a stream of those that somebody else changed. The context is notified of every change that other objects depend on.
pub(super) fn objects<K: Managed>(
    client: Client,
    scope: Option<&str>,
    kind: &Arc<KindContext<K>>,
    watch_status: WatchStatusFn,
) -> (Store<CachedObject<K>>, Objects<K>) {
    let (reader, writer) = reflector::store();
    let objects: Api<CachedObject<K>> = scoped(client, scope);
    let lists = kind.shared.lists.clone();
    let (mut news, mut faces, mut listed) = (ChangeFilter::default(), Faces::default(), false);
    let (mut hand_overs, mut claims) = (HandOvers::default(), Claims::default());
    let (context, referred, followed) = (Arc::clone(&kind.shared), Arc::clone(&kind.shared), Arc::clone(kind));
    let make = move || lists.in_turn(watcher(objects.clone(), pages::config()));
    let missing = Arc::clone(&watch_status);
    let resilient = resilient(make, move |going| match going {
        WatchHealth::Ok => {}
        WatchHealth::Failing(error, errors) => {
            let plural = K::plural(&());
            warn!(%error, errors, "Watch of {plural} failed: check the API server, and that the operator's role allows list and watch of {plural}");
            if errors > 1 {
                // Everybody with access to the port can read this message, so the API server's error is only in the log.
                missing(Err("changes of objects are not seen; the log says why".into()));
            }
        }
    });
    let objects = resilient
        // An event of the watch: the whole list, or a change of one object.
        .inspect_ok(move |event| {
            if !matches!(event, watcher::Event::Init | watcher::Event::InitApply(_)) {
                watch_status(Ok(()));
            }
        })
        .then(move |event| {
            let begun_again = matches!(event, Ok(watcher::Event::Init)) && listed;
            listed |= matches!(event, Ok(watcher::Event::InitDone));
            followed_up(Arc::clone(&followed), event, begun_again)
        })
        .inspect_ok(move |event| faces.changed(event).into_iter().for_each(|wake| context.wakes.send(wake)))
        .reflect(writer)
        .inspect_ok(move |event| {
            // The objects that are woken read this one in the store, or that it is gone.
            let wakes = claims.freed(event).into_iter().chain(hand_overs.changed(event));
            wakes.for_each(|wake| referred.wakes.send(wake));
            if !matches!(event, watcher::Event::Init | watcher::Event::InitApply(_)) {
                referred.referred.changed();
            }
        })
        .filter_map(move |event| std::future::ready(event.map(|event| news.of(event)).transpose()));
    (reader, objects.boxed())
}

/// Handles events that matter for the CRD check and for leftovers: a new list may follow a changed CRD, and an object that is gone may leave a resource in AWS.
async fn followed_up<K: Managed>(
    kind: Arc<KindContext<K>>,
    event: watcher::Result<watcher::Event<CachedObject<K>>>,
    begun_again: bool,
) -> watcher::Result<watcher::Event<CachedObject<K>>> {
    if begun_again {
        kind.crd.doubt();
    }
    if let Ok(watcher::Event::Delete(object)) = &event {
        leftover::gone(&kind, object).await;
    }
    event
}

/// An API handle for all namespaces, or for one.
pub(super) fn scoped<R>(client: Client, scope: Option<&str>) -> Api<R>
where
    R: Resource<DynamicType = (), Scope = NamespaceResourceScope>,
{
    match scope {
        Some(namespace) => Api::namespaced(client, namespace),
        None => Api::all(client),
    }
}

/// The state of each object at its last event: a hash of the parts that trigger a reconcile, and whether it had our finalizer. The keys are hashes
/// too, to save memory.
#[derive(Default)]
struct ChangeFilter {
    seen: HashMap<u64, (u64, bool)>,
    /// The state when a new list began.
    before: HashMap<u64, (u64, bool)>,
}

impl ChangeFilter {
    /// The event's object, if it has changed.
    fn of<K: Managed>(&mut self, event: watcher::Event<CachedObject<K>>) -> Option<CachedObject<K>> {
        use watcher::Event::{Apply, Delete, Init, InitApply, InitDone};
        match event {
            Init => self.before.extend(self.seen.drain()),
            InitDone => self.before = HashMap::new(),
            Delete(object) => drop(self.seen.remove(&hash(&object.meta().uid))),
            Apply(object) | InitApply(object) => {
                let (uid, news, held) = (hash(&object.meta().uid), news(&object), !object.finalizers().is_empty());
                let before = self.before.remove(&uid);
                let before = self.seen.insert(uid, (news, held)).or(before);
                // Only we add our finalizer, so its appearance is no change; its removal by others is one.
                let nothing_new = before.is_some_and(|(known, was_held)| known == news && (held || !was_held));
                return (!nothing_new).then_some(object);
            }
        }
        None
    }
}

/// The parts of an object that trigger a reconcile, beside a removed finalizer: a new generation (a deletion makes one), or an annotation of ours.
/// Our own writes of finalizer and status change neither.
fn news<K: Managed>(object: &CachedObject<K>) -> u64 {
    hash(&(object.meta().generation, object.meta().deletion_timestamp.is_some(), object.marks()))
}

fn hash(value: &impl Hash) -> u64 {
    let mut hasher = DefaultHasher::new();
    value.hash(&mut hasher);
    hasher.finish()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::api::function::spec::LambdaFunction;

    /// An object as an API server with another schema would send it.
    fn sent(spec: &serde_json::Value) -> serde_json::Value {
        serde_json::json!({
            "apiVersion": "lambda-operator.io/v1alpha1", "kind": "LambdaFunction",
            "metadata": {"name": "f", "namespace": "n", "generation": 1}, "spec": spec,
        })
    }

    fn cached(object: &serde_json::Value) -> CachedObject<LambdaFunction> {
        serde_json::from_value(object.clone()).unwrap()
    }

    #[test]
    fn an_object_that_cannot_be_read_replaces_what_was_known_and_is_news() {
        let good = sent(&serde_json::json!({"role": "arn:aws:iam::123456789012:role/r"}));
        let mut bad = sent(&serde_json::json!({"role": 7}));
        bad["metadata"]["generation"] = 2.into();
        let mut news = ChangeFilter::default();
        let mut seen = |object| news.of(watcher::Event::Apply(cached(object)));
        assert!(seen(&good).is_some_and(|object| object.decode().is_ok()));
        assert!(
            seen(&bad).is_some_and(|object| object.unreadable().is_some()),
            "its old spec is not enforced any more"
        );
        assert_eq!(cached(&bad).ready(), Some(("False", "Unreadable")), "in the metric");
    }

    #[test]
    fn all_is_known_when_it_is_in_every_scope() {
        let heard = Arc::<Mutex<Vec<bool>>>::default();
        let hears = Arc::clone(&heard);
        let watch_status: WatchStatusFn = Arc::new(move |known| hears.lock().unwrap().push(known.is_ok()));
        let scopes = together(2, &watch_status);
        scopes[0](Ok(()));
        assert_eq!(*heard.lock().unwrap(), [false; 0], "one of two");
        scopes[1](Ok(()));
        scopes[1](Ok(()));
        assert_eq!(*heard.lock().unwrap(), [true], "told once");
        scopes[0](Err("away".into()));
        scopes[1](Ok(()));
        assert_eq!(*heard.lock().unwrap(), [true, false]);
        scopes[0](Ok(()));
        assert_eq!(*heard.lock().unwrap(), [true, false, true]);
    }

    #[test]
    fn only_edits_deletions_and_requests_trigger_a_reconcile() {
        let object = sent(&serde_json::json!({"role": "arn:r"}));
        let same = |member: &str, value: serde_json::Value| {
            let mut changed = object.clone();
            *changed.pointer_mut(member).unwrap() = value;
            news(&cached(&changed)) == news(&cached(&object))
        };
        let metadata = |member: &str, value: serde_json::Value| {
            let mut metadata = object["metadata"].clone();
            metadata[member] = value;
            same("/metadata", metadata)
        };
        assert!(metadata("finalizers", serde_json::json!([crate::api::shared::FINALIZER])));
        assert!(metadata("resourceVersion", "7".into()));
        assert!(metadata("annotations", serde_json::json!({"other": "now"})));
        let mut told = object.clone();
        told["status"] = serde_json::json!({"memorySize": 128});
        assert_eq!(news(&cached(&told)), news(&cached(&object)));
        assert!(!metadata("generation", 2.into()));
        assert!(!metadata("annotations", serde_json::json!({"lambda-operator.io/reconcile-requested-at": "now"})));
        assert!(!metadata("deletionTimestamp", "1970-01-01T00:00:00Z".into()));
    }

    #[test]
    fn a_relist_triggers_nothing_and_a_new_uid_does() {
        use watcher::Event::{Apply, Delete, Init, InitApply, InitDone};
        let mut object = sent(&serde_json::json!({"role": "arn:r"}));
        let mut first = object.clone();
        first["metadata"]["uid"] = "1".into();
        object["metadata"]["uid"] = "2".into();
        let mut news = ChangeFilter::default();
        let mut comes = |event| news.of(event).is_some();
        assert!(!comes(Init));
        assert!(comes(InitApply(cached(&first))));
        assert!(!comes(InitDone));
        assert!(!comes(Apply(cached(&first))));
        // The first of these lists breaks off.
        assert!(!comes(Init) && !comes(Init));
        assert!(!comes(InitApply(cached(&first))));
        assert!(!comes(InitDone));
        assert!(comes(Apply(cached(&object))), "another uid");
        assert!(!comes(Delete(cached(&object))));
        assert!(comes(Apply(cached(&object))), "forgotten once it was gone");
    }

    #[test]
    fn a_finalizer_that_somebody_took_off_triggers_a_reconcile() {
        let object = sent(&serde_json::json!({"role": "arn:r"}));
        let with = |finalizers: serde_json::Value| {
            let mut object = object.clone();
            object["metadata"]["finalizers"] = finalizers;
            watcher::Event::Apply(cached(&object))
        };
        let (ours, other) = (crate::api::shared::FINALIZER, "example.com/other");
        let mut news = ChangeFilter::default();
        let mut comes = |event| news.of(event).is_some();
        assert!(comes(with(serde_json::json!([]))), "new");
        assert!(!comes(with(serde_json::json!([ours, other]))), "ours was put on");
        assert!(!comes(with(serde_json::json!([ours]))), "another's");
        assert!(comes(with(serde_json::json!([other]))), "ours was taken off");
        assert!(!comes(with(serde_json::json!([]))), "told once");
    }
}
