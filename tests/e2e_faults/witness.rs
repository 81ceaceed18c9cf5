//! A witness sees every status that is ever told of an object, however short it stands.

use std::sync::{Arc, Mutex, PoisonError};

use futures::{StreamExt, pin_mut};
use kube::ResourceExt;
use kube::api::{ListParams, WatchEvent, WatchParams};
use lambda_operator::api::function::spec::LambdaFunction;
use tokio::task::JoinHandle;

use support::world::World;

pub(crate) struct Witness {
    /// Each object as it was told, and whether it went with that.
    seen: Arc<Mutex<Vec<(LambdaFunction, bool)>>>,
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
        let seen = Arc::<Mutex<Vec<(LambdaFunction, bool)>>>::default();
        let events = Arc::clone(&seen);
        let task = tokio::spawn(async move {
            let stream = objects.watch(&WatchParams::default().timeout(290), &from).await.unwrap();
            pin_mut!(stream);
            while let Some(event) = stream.next().await {
                let gone = matches!(event, Ok(WatchEvent::Deleted(_)));
                if let Ok(WatchEvent::Added(object) | WatchEvent::Modified(object) | WatchEvent::Deleted(object)) =
                    event
                {
                    events.lock().unwrap_or_else(PoisonError::into_inner).push((object, gone));
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
                let mut own = seen.iter().filter(|(object, _)| object.name_any() == name);
                let complete = match &newest {
                    Some(newest) => own.any(|(object, _)| object.resource_version().as_ref() == Some(newest)),
                    None => own.next_back().is_some_and(|(_, gone)| *gone),
                };
                if complete { Ok(seen.clone()) } else { Err("not yet".into()) }
            })
            .await;
        let own = all.iter().map(|(object, _)| object).filter(|object| object.name_any() == name);
        let mut told: Vec<String> = own.filter_map(telling).collect();
        told.dedup();
        told
    }
}

fn telling(object: &LambdaFunction) -> Option<String> {
    let conditions = &object.status.as_ref()?.common.conditions;
    let true_ = ["Stalled", "Reconciling", "Ready"]
        .into_iter()
        .find_map(|type_| conditions.iter().find(|c| c.type_ == type_ && c.status == "True"))?;
    Some(format!("{}/{}", true_.type_, true_.reason))
}
