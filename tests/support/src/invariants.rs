//! Sees every version of every object of a namespace, and every Event: what breaks a rule fails the test that it happened in.

use std::collections::HashMap;
use std::path::Path;
use std::thread::JoinHandle;
use std::time::Duration;

use futures::future::join_all;
use futures::{FutureExt, TryStreamExt};
use k8s_openapi::api::events::v1::Event;
use kube::api::{ListParams, WatchEvent, WatchParams};
use kube::config::{KubeConfigOptions, Kubeconfig};
use kube::core::ApiResource;
use kube::{Api, Client, Config};
use lambda_operator::core::reason::Reason;
use serde_json::Value;
use tokio::sync::oneshot;

use crate::{kinds, kstatus};

type Object = kube::api::DynamicObject;

/// Watches beside the test, in a thread of its own, and says at the end what was wrong.
pub struct Witness {
    end: Option<oneshot::Sender<()>>,
    thread: Option<JoinHandle<Vec<String>>>,
}

impl Witness {
    /// Of a namespace that has no objects yet.
    pub fn of(kubeconfig: &Path, namespace: &str) -> Self {
        let (end, ended) = oneshot::channel();
        let (kubeconfig, namespace) = (kubeconfig.to_owned(), namespace.to_owned());
        let watch = move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
            runtime.block_on(async {
                let kubeconfig = Kubeconfig::read_from(&kubeconfig).unwrap();
                let config = Config::from_custom_kubeconfig(kubeconfig, &KubeConfigOptions::default()).await.unwrap();
                let client = Client::try_from(config).unwrap();
                let ended = ended.map(drop).shared();
                let resources = kinds::chart::resources();
                let all = resources.iter().map(|kind| testify(kind, client.clone(), &namespace, ended.clone()));
                let seen = join_all(all).await.concat();
                [seen, unknown_events(client, &namespace).await].concat()
            })
        };
        Self { end: Some(end), thread: Some(std::thread::spawn(watch)) }
    }
}

impl Drop for Witness {
    fn drop(&mut self) {
        drop(self.end.take());
        let Some(thread) = self.thread.take() else { return };
        let told = thread.join();
        // A test that fails already has told why.
        if !std::thread::panicking() {
            match told {
                Ok(faults) => assert!(faults.is_empty(), "{}", faults.join("\n")),
                Err(panic) => std::panic::resume_unwind(panic),
            }
        }
    }
}

/// Every version of the objects of one kind until the end, and then up to what is there now.
async fn testify(
    kind: &ApiResource,
    client: Client,
    namespace: &str,
    mut ended: impl Future<Output = ()> + Unpin,
) -> Vec<String> {
    let objects: Api<Object> = Api::namespaced_with(client, namespace, kind);
    let mut seen = Seen::default();
    let mut version = seen.anew();
    let mut last = None;
    while last.as_ref().is_none_or(|last| number(&version) < *last) {
        let params = WatchParams::default().timeout(290);
        let Ok(events) = objects.watch(&params, &version).await else {
            // Some tests take the API server away. What it has when it is back is seen from the beginning, for what came
            // between is not known.
            version = seen.anew();
            tokio::time::sleep(Duration::from_millis(200)).await;
            continue;
        };
        let mut events = std::pin::pin!(events);
        loop {
            let event = tokio::select! {
                event = events.try_next() => event,
                _ = &mut ended, if last.is_none() => {
                    last = Some(newest(&objects).await);
                    if number(&version) >= last.unwrap_or_default() { break } else { continue }
                }
            };
            let Ok(Some(event)) = event else { break };
            version = seen.take(event);
            if last.is_some_and(|last| number(&version) >= last) {
                break;
            }
        }
    }
    seen.faults
}

/// The version of the newest object that is there.
async fn newest(objects: &Api<Object>) -> u64 {
    let all = objects.list(&ListParams::default()).await.unwrap().items;
    all.iter().filter_map(|object| object.metadata.resource_version.as_deref().map(number)).max().unwrap_or_default()
}

fn number(version: &str) -> u64 {
    version.parse().unwrap_or_default()
}

#[derive(Default)]
struct Seen {
    newest: HashMap<String, Value>,
    faults: Vec<String>,
}

impl Seen {
    /// The version to begin with when nothing is known of what was before.
    fn anew(&mut self) -> String {
        self.newest.clear();
        "0".to_owned()
    }

    /// Looks at one event; returns its version.
    fn take(&mut self, event: WatchEvent<Object>) -> String {
        let (object, gone) = match event {
            WatchEvent::Added(object) | WatchEvent::Modified(object) => (object, false),
            WatchEvent::Deleted(object) => (object, true),
            WatchEvent::Bookmark(bookmark) => return bookmark.metadata.resource_version,
            // Its past is gone: made anew, or compacted.
            WatchEvent::Error(_) => return self.anew(),
        };
        let object = serde_json::to_value(object).unwrap();
        let text = |pointer: &str| object.pointer(pointer).and_then(Value::as_str).unwrap_or_default().to_owned();
        let (uid, version) = (text("/metadata/uid"), text("/metadata/resourceVersion"));
        if gone {
            self.newest.remove(&uid);
            return version;
        }
        let between = self.newest.get(&uid).map(|before| kstatus::faults_between(before, &object)).unwrap_or_default();
        for fault in kstatus::faults(&object).into_iter().chain(between) {
            self.faults.push(format!(
                "{fault}:\nbefore {:#}\nthen {:#}",
                self.newest.get(&uid).unwrap_or(&Value::Null)["status"],
                object["status"]
            ));
        }
        self.newest.insert(uid, object);
        version
    }
}

/// Events of ours that the table in docs/operations.md does not have.
async fn unknown_events(client: Client, namespace: &str) -> Vec<String> {
    let events: Api<Event> = Api::namespaced(client, namespace);
    let events = events.list(&ListParams::default()).await.unwrap().items;
    let ours =
        events.iter().filter(|event| event.reporting_controller.as_deref() == Some("lambda-operator.io/controller"));
    let known = |event: &Event| {
        Reason::ALL.into_iter().any(|reason| {
            Some(reason.name()) == event.reason.as_deref()
                && Some(reason.event_type()) == event.type_.as_deref()
                && reason.event_when().is_some()
                && event.action.as_deref() == Some("Reconcile")
        })
    };
    ours.filter(|event| !known(event)).map(|event| format!("an Event that no table has: {event:?}")).collect()
}
