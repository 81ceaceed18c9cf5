//! Sees every reason for which an object was not Ready, and every Event that warns: an error that flashes and passes is an error to whoever watches.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use futures::TryStreamExt;
use k8s_openapi::api::events::v1::Event;
use kube::Api;
use kube::api::{ListParams, WatchEvent, WatchParams};
use kube::core::{ApiResource, DynamicObject};
use serde_json::Value;
use support::world::World;
use tokio::task::JoinHandle;

use crate::application::{condition, kinds};

/// The reasons of an object that waits for something ordinary.
const WAITS: [&str; 8] = [
    "Creating",
    "Updating",
    "Publishing",
    "WaitingForAWS",
    "WaitingForIAM",
    "WaitingForFunction",
    "ReferenceNotFound",
    "Deleting",
];

type Seen = Arc<Mutex<BTreeSet<(String, String)>>>;

/// What was seen so far.
pub(crate) struct Flashes {
    /// Name and reason of objects that were not Ready.
    waits: Seen,
    /// Names of objects that were Ready, each with nothing.
    ready: Seen,
    watches: Vec<JoinHandle<()>>,
}

impl Flashes {
    /// From now on.
    pub(crate) fn of(world: &World) -> Self {
        let (waits, ready) = (Seen::default(), Seen::default());
        let watch = |kind| {
            let api = Api::namespaced_with(world.client.clone(), &world.namespace, &kind);
            tokio::spawn(follow(api, kind, Arc::clone(&waits), Arc::clone(&ready)))
        };
        let watches = kinds().into_iter().map(watch).collect();
        Self { waits, ready, watches }
    }

    /// Fails if an object showed an error on its way. `objects` of them are Ready by now.
    pub(crate) async fn were_no_errors(&self, world: &World, objects: usize) {
        world
            .until("the watches to show all", async |_: &World| {
                let ready = self.ready.lock().unwrap().len();
                if ready == objects { Ok(()) } else { Err(ready.to_string()) }
            })
            .await;
        let waits = self.waits.lock().unwrap().clone();
        let errors: Vec<_> = waits.iter().filter(|(_, reason)| !WAITS.contains(&reason.as_str())).collect();
        assert!(errors.is_empty(), "{errors:?}\n{}", world.operator.log());
        let events: Api<Event> = Api::namespaced(world.client.clone(), &world.namespace);
        let events = events.list(&ListParams::default()).await.unwrap().items;
        let warnings: Vec<_> = events.iter().filter(|event| event.type_.as_deref() == Some("Warning")).collect();
        assert!(warnings.is_empty(), "{warnings:#?}");
    }
}

impl Drop for Flashes {
    fn drop(&mut self) {
        self.watches.iter().for_each(JoinHandle::abort);
    }
}

/// Every version of the objects of one kind.
async fn follow(api: Api<DynamicObject>, kind: ApiResource, waits: Seen, ready: Seen) {
    loop {
        let params = WatchParams::default().timeout(290);
        if let Ok(events) = api.watch(&params, "0").await {
            let mut events = std::pin::pin!(events);
            while let Ok(Some(event)) = events.try_next().await {
                let (WatchEvent::Added(object) | WatchEvent::Modified(object)) = event else { continue };
                let object = serde_json::to_value(object).unwrap();
                let name = format!("{} {}", kind.kind, object["metadata"]["name"].as_str().unwrap_or_default());
                record(&object, name, &waits, &ready);
            }
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
}

fn record(object: &Value, name: String, waits: &Seen, ready: &Seen) {
    let (status, reason) = condition(object, "Ready");
    if status == "True" {
        ready.lock().unwrap().insert((name, String::new()));
    } else if !status.is_empty() {
        waits.lock().unwrap().insert((name, reason));
    }
}
