//! A witness sees every status that is ever told of an object, however short it stands.

use std::sync::{Arc, Mutex, PoisonError};

use futures::{StreamExt, pin_mut};
use kube::ResourceExt;
use kube::api::{ListParams, WatchEvent, WatchParams};
use lambda_operator::api::spec::LambdaFunction;
use tokio::task::JoinHandle;

use crate::world::World;

pub(crate) struct Witness {
    seen: Arc<Mutex<Vec<LambdaFunction>>>,
    task: JoinHandle<()>,
}

impl Drop for Witness {
    fn drop(&mut self) {
        self.task.abort();
    }
}

impl Witness {
    pub(crate) async fn of(world: &World) -> Self {
        let objects = world.objects();
        let from = objects.list(&ListParams::default()).await.unwrap().metadata.resource_version.unwrap();
        let seen = Arc::<Mutex<Vec<LambdaFunction>>>::default();
        let events = Arc::clone(&seen);
        let task = tokio::spawn(async move {
            let stream = objects.watch(&WatchParams::default().timeout(290), &from).await.unwrap();
            pin_mut!(stream);
            while let Some(event) = stream.next().await {
                if let Ok(WatchEvent::Added(object) | WatchEvent::Modified(object) | WatchEvent::Deleted(object)) =
                    event
                {
                    events.lock().unwrap_or_else(PoisonError::into_inner).push(object);
                }
            }
        });
        Self { seen, task }
    }

    /// What was told of an object up to now, as `Reconciling/Throttled`, without repetitions.
    pub(crate) async fn story(&self, world: &World, name: &str) -> Vec<String> {
        let newest = world.objects().get_opt(name).await.unwrap().and_then(|object| object.resource_version());
        let all = world
            .until("the witness to have seen it all", async |_: &World| {
                let seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
                let mut own = seen.iter().filter(|object| object.name_any() == name);
                let last = own.clone().next_back();
                // one that is gone is seen last as it went
                let complete = newest
                    .as_ref()
                    .is_none_or(|newest| own.any(|object| object.resource_version().as_ref() == Some(newest)));
                if complete && last.is_some() { Ok(seen.clone()) } else { Err("not yet".into()) }
            })
            .await;
        let mut told: Vec<String> = all.iter().filter(|object| object.name_any() == name).filter_map(telling).collect();
        told.dedup();
        told
    }
}

fn telling(object: &LambdaFunction) -> Option<String> {
    let conditions = &object.status.as_ref()?.conditions;
    let true_ = ["Stalled", "Reconciling", "Ready"]
        .into_iter()
        .find_map(|type_| conditions.iter().find(|c| c.type_ == type_ && c.status == "True"))?;
    Some(format!("{}/{}", true_.type_, true_.reason))
}
