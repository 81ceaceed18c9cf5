//! A watch of the namespaces of the objects: their labels, which select the namespaces of this operator, and their annotations. A change triggers a
//! reconcile of all objects in the namespace.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use futures::StreamExt;
use futures::stream::BoxStream;
use k8s_openapi::api::core::v1::Namespace;
use kube::runtime::reflector::{ObjectRef, Store};
use kube::runtime::{WatchStreamExt, reflector, watcher};
use kube::{Api, Client, Resource, ResourceExt};
use tracing::warn;

use super::pages;
use super::pages::Lists;
use super::resilient::{WatchHealth, resilient};
use super::stripped::Named;

type Metadata = Named<Namespace>;

/// The known namespaces.
#[derive(Default)]
pub(in crate::controller) struct Namespaces {
    known: Mutex<Vec<Store<Metadata>>>,
    /// The selected namespaces that each watch has shown.
    selected: Mutex<Vec<Arc<Mutex<Seen>>>>,
    /// The reads of reconciles from namespaces that no watch has shown yet.
    read: Arc<Mutex<Read>>,
}

/// Whether a namespace is selected for this operator. If several watches differ, the greatest value counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(in crate::controller) enum Selection {
    /// It is not selected.
    Not,
    /// The namespaces are not known yet.
    Unknown,
    /// It matched the selector before.
    Left,
    /// It matches the selector.
    Selected,
}

impl Namespaces {
    /// Watches the namespaces that the selector selects, or one namespace. Returns the names of the namespaces with objects to reconcile.
    pub(in crate::controller) fn follow(
        &self,
        client: Client,
        lists: &Lists,
        only: Option<&str>,
        selector: Option<&str>,
    ) -> BoxStream<'static, String> {
        let (known, writer) = reflector::store();
        self.known.lock().unwrap_or_else(PoisonError::into_inner).push(known);
        let config = match only {
            // A watch with this field selector also works if RBAC grants access to the namespace by its name only.
            Some(name) => pages::config().fields(&format!("metadata.name={name}")),
            None => pages::config(),
        };
        // The API server judges the labels: a namespace whose labels no longer match is deleted from the watch.
        let config = match selector {
            Some(selector) => config.labels(selector),
            None => config,
        };
        let seen = Arc::<Mutex<Seen>>::default();
        let selects = selector.is_some();
        if selects {
            self.selected.lock().unwrap_or_else(PoisonError::into_inner).push(Arc::clone(&seen));
        }
        let read = Arc::clone(&self.read);
        let lists = lists.clone();
        let namespaces = Api::<Metadata>::all(client);
        let make = move || lists.in_turn(watcher(namespaces.clone(), config.clone()));
        let tell = |going: WatchHealth<'_>| {
            if let WatchHealth::Failing(error, errors) = going {
                warn!(%error, errors, "Watch of namespaces failed, so edits of their annotations are seen late: check the API server, and that the operator's role allows list and watch of namespaces");
            }
        };
        resilient(make, tell)
            .reflect(writer)
            .map(move |event| {
                let mut seen = seen.lock().unwrap_or_else(PoisonError::into_inner);
                // Errors of the watch are reported by `tell`, which gets them when the watch is retried.
                let mut read = read.lock().unwrap_or_else(PoisonError::into_inner);
                event.map(|event| seen.changed(&event, selects, &mut read)).unwrap_or_default()
            })
            .flat_map(futures::stream::iter)
            .boxed()
    }

    /// Whether a namespace is selected for this operator.
    pub(in crate::controller) fn selection(&self, name: &str) -> Selection {
        let watches = self.selected.lock().unwrap_or_else(PoisonError::into_inner);
        let each = watches.iter().map(|seen| seen.lock().unwrap_or_else(PoisonError::into_inner).selection(name));
        each.max().unwrap_or(Selection::Unknown)
    }

    /// Whether the namespace is known to be in deletion.
    pub(in crate::controller) fn is_terminating(&self, name: &str) -> bool {
        let stores = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        let namespace = stores.iter().find_map(|store| store.get(&ObjectRef::new(name)));
        namespace.is_some_and(|namespace| namespace.meta().deletion_timestamp.is_some())
    }

    /// Reads the annotations of a namespace from the API server. If no watch has shown the namespace yet, an edit between this read and the first
    /// event of the watch triggers a reconcile.
    ///
    /// # Errors
    /// The error of the API server.
    pub(in crate::controller) async fn read(
        &self,
        client: &Client,
        name: &str,
    ) -> kube::Result<BTreeMap<String, String>> {
        let unseen = self.annotations(name).is_none();
        if unseen {
            self.reads().begin(name);
        }
        let metadata = Api::<Namespace>::all(client.clone()).get_metadata_opt(name).await;
        let standing = metadata.map(|metadata| metadata.as_ref().map(standing).unwrap_or_default());
        if !unseen {
            return standing.map(|(annotations, _)| annotations);
        }
        // Of two answers at the same time, the watch's counts, because its next event tells what differs from that.
        let shown = self.reads().end(name, standing.as_ref().ok());
        standing.map(|(annotations, _)| shown.map_or(annotations, |(annotations, _)| annotations))
    }

    fn reads(&self) -> MutexGuard<'_, Read> {
        self.read.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The annotations of a namespace; `None` if it is not known.
    pub(in crate::controller) fn annotations(&self, name: &str) -> Option<BTreeMap<String, String>> {
        let stores = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        let namespace = stores.iter().find_map(|store| store.get(&ObjectRef::new(name)))?;
        Some(namespace.annotations().clone())
    }
}

/// The facts on which objects depend: the annotations of their namespace, and whether it is being deleted.
type Standing = (BTreeMap<String, String>, bool);

fn standing(namespace: &impl Resource) -> Standing {
    (namespace.annotations().clone(), namespace.meta().deletion_timestamp.is_some())
}

/// The reads of each namespace that no watch had shown before.
#[derive(Default)]
struct Read(HashMap<String, Reads>);

#[derive(Default)]
struct Reads {
    /// Reads in progress.
    going: u32,
    /// The last answer.
    read: Option<Standing>,
    /// What the watch has shown since the first read began.
    shown: Option<Standing>,
}

impl Read {
    fn begin(&mut self, name: &str) {
        let reads = self.0.entry(name.to_owned()).or_default();
        reads.going = reads.going.saturating_add(1);
    }

    /// Ends a read with its answer. Returns what the watch has shown meanwhile.
    fn end(&mut self, name: &str, standing: Option<&Standing>) -> Option<Standing> {
        let reads = self.0.entry(name.to_owned()).or_default();
        reads.going = reads.going.saturating_sub(1);
        reads.read = standing.cloned().or(reads.read.take());
        let shown = reads.shown.clone();
        if reads.going == 0 && shown.is_some() {
            self.0.remove(name);
        }
        shown
    }

    /// Records what the watch shows. Returns whether a reconcile has read another state. A read in progress will learn of this one.
    fn differs(&mut self, name: &str, standing: &Standing) -> bool {
        let Some(reads) = self.0.get_mut(name) else { return false };
        let differs = reads.read.take().is_some_and(|read| read != *standing);
        if reads.going == 0 {
            self.0.remove(name);
        } else {
            reads.shown = Some(standing.clone());
        }
        differs
    }
}

/// The namespaces that a watch has shown.
#[derive(Default)]
struct Seen {
    /// Existing namespaces.
    present: HashMap<String, Standing>,
    /// Former namespaces: deleted, or with labels that no longer match.
    left: HashSet<String>,
    /// The namespaces that the list in progress has shown.
    listed: Option<HashSet<String>>,
    /// A list has ended.
    complete: bool,
}

impl Seen {
    /// The namespaces with objects to reconcile after this event. Without a selector, a new namespace needs no reconcile, because the events of its
    /// objects trigger it. The exception is an object that was reconciled before the namespace was seen.
    fn changed(&mut self, event: &watcher::Event<Metadata>, selects: bool, read: &mut Read) -> Vec<String> {
        use watcher::Event::{Apply, Delete, Init, InitApply, InitDone};
        match event {
            Init => {
                self.listed = Some(HashSet::new());
                Vec::new()
            }
            InitApply(namespace) | Apply(namespace) => {
                let name = namespace.name_any();
                if let Some(listed) = &mut self.listed {
                    listed.insert(name.clone());
                }
                self.left.remove(&name);
                let standing = standing(namespace);
                let differs = read.differs(&name, &standing);
                let before = self.present.insert(name.clone(), standing.clone());
                let news = before.map_or(selects || differs, |before| before != standing);
                if news { vec![name] } else { Vec::new() }
            }
            Delete(namespace) => self.lost(vec![namespace.name_any()]),
            InitDone => {
                self.complete = true;
                let listed = self.listed.take().unwrap_or_default();
                let gone = self.present.keys().filter(|name| !listed.contains(*name)).cloned().collect();
                self.lost(gone)
            }
        }
    }

    fn lost(&mut self, names: Vec<String>) -> Vec<String> {
        for name in &names {
            self.present.remove(name);
            self.left.insert(name.clone());
        }
        names
    }

    fn selection(&self, name: &str) -> Selection {
        match (self.complete, self.present.contains_key(name), self.left.contains(name)) {
            (false, _, _) => Selection::Unknown,
            (true, true, _) => Selection::Selected,
            (true, false, true) => Selection::Left,
            (true, false, false) => Selection::Not,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;
    use watcher::Event::{Apply, Delete, Init, InitApply, InitDone};

    fn namespace(name: &str, region: &str) -> Metadata {
        let annotations = json!({"lambda-operator.io/region": region});
        serde_json::from_value(json!({"metadata": {"name": name, "annotations": annotations}})).unwrap()
    }

    #[test]
    fn a_namespace_whose_labels_no_longer_match_has_left_until_they_match_again() {
        let (mut seen, mut read) = (Seen::default(), Read::default());
        let a = || namespace("a", "eu-west-1");
        assert!(seen.changed(&Init, true, &mut read).is_empty());
        assert_eq!(seen.changed(&InitApply(a()), true, &mut read), ["a"], "its objects may have come before");
        assert!(seen.changed(&InitDone, true, &mut read).is_empty());
        assert_eq!([seen.selection("a"), seen.selection("b")], [Selection::Selected, Selection::Not]);
        assert_eq!(seen.changed(&Delete(a()), true, &mut read), ["a"]);
        assert_eq!(seen.selection("a"), Selection::Left);
        assert_eq!(seen.changed(&Apply(a()), true, &mut read), ["a"]);
        assert_eq!(seen.selection("a"), Selection::Selected);
        // A new list shows the changes that the watch has missed.
        assert!(seen.changed(&Init, true, &mut read).is_empty());
        assert_eq!(seen.changed(&InitDone, true, &mut read), ["a"]);
        assert_eq!(seen.selection("a"), Selection::Left);
    }

    #[test]
    fn an_edit_of_a_namespace_is_news_and_its_first_sight_is_not() {
        let mut seen = Seen::default();
        let mut read = Read::default();
        let mut comes = |region: &str| !seen.changed(&Apply(namespace("a", region)), false, &mut read).is_empty();
        assert_eq!([comes("eu-west-1"), comes("eu-west-1"), comes("us-east-1")], [false, false, true]);
    }

    #[test]
    fn an_edit_before_the_first_sight_is_news_to_objects_that_came_before() {
        let first_sight = |before: Option<Metadata>| {
            let mut read = Read::default();
            if let Some(before) = before {
                read.begin("a");
                assert_eq!(read.end("a", Some(&standing(&before))), None);
            }
            let news = !Seen::default().changed(&Apply(namespace("a", "eu-west-1")), false, &mut read).is_empty();
            assert!(read.0.is_empty(), "nothing is kept");
            news
        };
        assert!(!first_sight(None), "its objects come later");
        assert!(!first_sight(Some(namespace("a", "eu-west-1"))), "read as it is");
        assert!(first_sight(Some(namespace("a", "us-east-1"))), "edited since");
    }

    #[test]
    fn a_read_during_the_first_sight_uses_what_the_watch_shows_and_triggers_nothing() {
        let (mut seen, mut read) = (Seen::default(), Read::default());
        let [shown, older] = ["eu-west-1", "us-east-1"].map(|region| namespace("a", region));
        read.begin("a");
        read.begin("a");
        assert!(seen.changed(&InitApply(shown.clone()), false, &mut read).is_empty());
        assert_eq!(read.end("a", Some(&standing(&older))), Some(standing(&shown)));
        assert_eq!(read.end("a", None), Some(standing(&shown)), "also where its own answer failed");
        assert!(read.0.is_empty(), "nothing is kept");
        read.begin("a");
        assert_eq!(read.end("a", Some(&standing(&older))), None);
        read.begin("a");
        assert!(
            !seen.changed(&Apply(older), false, &mut read).is_empty(),
            "the objects of earlier reads learn of an edit"
        );
    }
}
