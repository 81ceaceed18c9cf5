//! After the kill: each function comes to its end, stays there, and the end is that of an undisturbed run.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use futures::future::join_all;
use kube::ResourceExt;
use kube::api::ListParams;
use testbed::{Call, Error, Filter, poll};

use crate::batch::{Slot, Undisturbed};
use crate::end::{differences, end};
use crate::scenario::Scenario;
use support::world::{World, writes};

const PATIENCE: Duration = Duration::from_secs(60);

/// How a slot came to its end.
pub(crate) struct Recovered {
    /// What was written to AWS although it had been done.
    pub(crate) twice: Vec<String>,
    pub(crate) violations: Vec<String>,
    /// From the start of the new operator to the end.
    pub(crate) took: Duration,
}

/// Waits for the ends and compares them.
pub(crate) async fn recovered(
    world: &World,
    slots: &[Slot],
    wanted: &BTreeMap<Scenario, Undisturbed>,
    since: u64,
    started: Instant,
) -> Vec<Recovered> {
    let ended = all_ended(world, slots, started).await;
    let stayed = stays(world, slots).await;
    let ends = join_all(slots.iter().map(|slot| end(world, slot))).await;
    let calls = world.calls_since(since).await;
    let mut all = Vec::new();
    for (((slot, ended), stayed), end) in slots.iter().zip(ended).zip(stayed).zip(ends) {
        let wanted = &wanted[&slot.scenario];
        let calls: Vec<_> = calls.iter().filter(|call| slot.made(call)).cloned().collect();
        let twice = more(&wanted.sent, sent(&calls));
        let (mut violations, took) = match ended {
            Some(took) => (stayed, took),
            None => (vec![format!("not at its end after {} s", PATIENCE.as_secs())], PATIENCE),
        };
        violations.extend(differences(&wanted.end, &end));
        if twice.len() > 1 {
            violations.push(format!("more than one call was made again: {}", twice.join(", ")));
        }
        all.push(Recovered { twice, violations, took });
    }
    all
}

/// When each came to its end; `None` for one that did not.
async fn all_ended(world: &World, slots: &[Slot], started: Instant) -> Vec<Option<Duration>> {
    let mut ended = vec![None; slots.len()];
    // who has not ended is told by what is returned
    let _ = poll("every end", PATIENCE, async || {
        let objects = world.objects().list(&ListParams::default()).await.unwrap().items;
        for (slot, ended) in slots.iter().zip(&mut ended) {
            let object = objects.iter().find(|object| object.name_any() == slot.name);
            let at_end = slot.scenario.has_ended(object);
            *ended = ended.filter(|_| at_end).or_else(|| at_end.then(|| started.elapsed()));
        }
        Ok::<_, Error>(if ended.iter().all(Option::is_some) { Ok(()) } else { Err(String::new()) })
    })
    .await;
    ended
}

/// Has the operator look twice more at what is to stay as it is, and says what is wrong with that. The second look begins
/// when the first has been acted on.
pub(crate) async fn stays(world: &World, slots: &[Slot]) -> Vec<Vec<String>> {
    let begun = world.manners().mark().await.unwrap();
    let looks = [looked(world, slots).await, looked(world, slots).await];
    let calls = world.calls_since(begun).await;
    let wrong = slots.iter().enumerate().map(|(index, slot)| {
        let calls: Vec<_> = calls.iter().filter(|call| slot.made(call)).cloned().collect();
        let sent = sent(&calls);
        let mut wrong = Vec::new();
        if looks.iter().any(|looked| !looked[index]) {
            wrong.push("the operator does not look when it is asked to".to_owned());
        }
        if !sent.is_empty() {
            wrong.push(format!("after the end it still called {}", sent.join(", ")));
        }
        wrong
    });
    wrong.collect()
}

/// Asks for a look at each object that is to stay, and says where there was one.
async fn looked(world: &World, slots: &[Slot]) -> Vec<bool> {
    let since = world.manners().mark().await.unwrap();
    let mut looked: Vec<_> = slots.iter().map(|slot| slot.scenario.has_ended(None)).collect();
    let staying = slots.iter().zip(&looked).filter(|(_, gone)| !**gone);
    join_all(staying.map(|(slot, _)| world.look_now(&slot.name))).await;
    let filter = Filter::account(&world.account).operation("GetFunction").since(since);
    // where there was none is told by what is returned
    let _ = poll("a look at each", PATIENCE, async || {
        let calls = world.manners().calls(&filter).await?;
        for (slot, looked) in slots.iter().zip(&mut looked) {
            *looked |= calls.iter().any(|call| slot.made(call) && call.qualifier.is_none());
        }
        Ok::<_, Error>(if looked.iter().all(|looked| *looked) { Ok(()) } else { Err(String::new()) })
    })
    .await;
    looked
}

/// The writes that AWS carried out.
pub(crate) fn sent(calls: &[Call]) -> Vec<String> {
    let done: Vec<_> = calls.iter().filter(|call| (200..300).contains(&call.status)).cloned().collect();
    writes(&done).into_iter().map(str::to_owned).collect()
}

/// What is in `sent` beyond `wanted`.
fn more(wanted: &[String], mut sent: Vec<String>) -> Vec<String> {
    for operation in wanted {
        if let Some(at) = sent.iter().position(|one| one == operation) {
            sent.remove(at);
        }
    }
    sent
}
