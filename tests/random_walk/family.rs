//! Walks of a family: objects of every kind are applied, changed, deleted and created again, while somebody else meddles with their resources. At every
//! rest AWS has what fresh objects of the same specs give.

use std::collections::BTreeMap;
use std::fmt;
use std::time::Duration;

use fastrand::Rng;
use futures::future::join_all;
use kube::core::DynamicObject;
use serde_json::{Value, json};
use testbed::{last_lines, poll};
use tokio::sync::OnceCell;

use crate::walk::{BETWEEN_LOOKS, PATIENCE, Steps, Walk, operator_arguments};
use support::chain::{Step, Trouble};
use support::kinds::{By, Entry, Parent, held, prepare, table};
use support::objects::is;
use support::world::World;

/// As many specs has each kind.
const SPECS: usize = 3;

/// What AWS has of a kind, by name and number of the spec, where the objects are fresh.
static FRESH: OnceCell<Fresh> = OnceCell::const_new();

type Fresh = BTreeMap<(&'static str, usize), Vec<Value>>;

/// The objects that are there afterwards, by the names of the kinds' entries.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Members {
    /// Each with the number of its spec.
    specs: BTreeMap<&'static str, usize>,
    /// One that is deleted first, and created again.
    again: Option<&'static str>,
}

/// What somebody does to the resource of one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Meddling {
    Changed(&'static str),
    Removed(&'static str),
    /// Changed and edited while it is suspended.
    Suspended(&'static str),
    /// Changed while drift is only reported.
    Reported(&'static str),
}

/// A chain of families.
#[derive(Clone, PartialEq)]
pub(crate) struct Family {
    seed: u64,
    steps: Steps<Self>,
}

impl fmt::Display for Family {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "A walk of seed {}:", self.seed)?;
        self.steps.iter().try_for_each(|step| writeln!(f, "{step:?}"))
    }
}

fn random<T: Clone>(all: &[T], rng: &mut Rng) -> T {
    all[rng.usize(..all.len())].clone()
}

/// Changes, deletes and creates some.
fn change(members: &mut Members, entries: &[Entry], rng: &mut Rng) {
    for _ in 0..rng.usize(1..=4) {
        let name = entries[rng.usize(..entries.len())].name;
        if members.specs.contains_key(name) && rng.u8(..3) == 0 {
            members.specs.remove(name);
        } else {
            members.specs.insert(name, rng.usize(..SPECS));
        }
    }
    let there: Vec<_> = members.specs.keys().copied().collect();
    members.again = (rng.u8(..4) == 0 && !there.is_empty()).then(|| random(&there, rng));
}

fn step(members: &Members, entries: &[Entry], rng: &mut Rng) -> Step<Members, Meddling> {
    let entry = &entries[rng.usize(..entries.len())];
    let trouble = match rng.u8(..8) {
        0 | 1 => Some(Trouble::Killed(rng.usize(..8))),
        2 | 3 => Some(Trouble::AnswerLost(random(&[entry.creates, entry.changes, entry.deletes].concat(), rng))),
        4 => Some(Trouble::Throttled(rng.u32(1..6))),
        5 => {
            let mut other = members.clone();
            change(&mut other, entries, rng);
            Some(Trouble::Hurried(other, rng.usize(..6)))
        }
        _ => None,
    };
    let there: Vec<_> = members.specs.keys().copied().collect();
    let meddlings = [Meddling::Changed, Meddling::Removed, Meddling::Suspended, Meddling::Reported];
    let meddling = (!there.is_empty()).then(|| random(&meddlings, rng)(random(&there, rng)));
    Step { edit: members.clone(), trouble, meddling }
}

impl Members {
    /// Whether the object is there, and all that it belongs to.
    fn has(&self, entry: &Entry) -> bool {
        let parents = entry.before();
        self.specs.contains_key(entry.name) && parents.iter().all(|parent| self.specs.contains_key(parent.name))
    }
}

impl Walk for Family {
    type Edit = Members;
    type Meddling = Meddling;
    type Place = ();

    const FUNCTION: Option<&'static str> = None;

    fn random(seed: u64) -> Self {
        let (entries, mut rng) = (table::all(), Rng::with_seed(seed));
        let mut specs = BTreeMap::new();
        for entry in &entries {
            specs.insert(entry.name, rng.usize(..SPECS));
        }
        let mut members = Members { specs, again: None };
        let mut steps = vec![step(&members, &entries, &mut rng)];
        for _ in 0..3 {
            change(&mut members, &entries, &mut rng);
            steps.push(step(&members, &entries, &mut rng));
        }
        Self { seed, steps }
    }

    fn seed(&self) -> u64 {
        self.seed
    }

    fn steps(&self) -> &[Step<Members, Meddling>] {
        &self.steps
    }

    fn with(&self, steps: Steps<Self>) -> Self {
        Self { seed: self.seed, steps }
    }

    /// Without one kind.
    fn smaller(&self) -> Vec<Self> {
        let without = |entry: &Entry| {
            let mut steps = self.steps.clone();
            for members in Step::edits(&mut steps) {
                members.specs.remove(entry.name);
                members.again = members.again.filter(|name| *name != entry.name);
            }
            self.with(steps)
        };
        table::all().iter().map(without).collect()
    }

    async fn start(&self) -> Result<(World, ()), String> {
        let world = World::with(&operator_arguments().each_ref().map(String::as_str)).await;
        prepare(&world.aws).await;
        Ok((world, ()))
    }

    async fn edit(&self, world: &World, (): &(), edit: &Members) -> Result<(), String> {
        let mut entries = table::all();
        for entry in entries.iter().rev().filter(|entry| !edit.specs.contains_key(entry.name)) {
            if object(world, entry).await?.is_some_and(|object| !is_leaving(&object)) {
                entry.of(world).delete(entry.name).await;
            }
        }
        // What is created again comes last, because its end is waited for.
        entries.sort_by_key(|entry| edit.again == Some(entry.name));
        for entry in &entries {
            let Some(number) = edit.specs.get(entry.name) else { continue };
            let objects = entry.of(world);
            let found = object(world, entry).await?;
            let is_leaving = found.as_ref().is_some_and(is_leaving);
            if found.is_some() && !is_leaving && edit.again == Some(entry.name) {
                objects.delete(entry.name).await;
            }
            if is_leaving || edit.again == Some(entry.name) {
                objects.is_gone(entry.name).await;
            }
            objects.apply(entry.name, &entry.spec(&world.aws, By::Object, *number)).await;
        }
        Ok(())
    }

    /// The fresh objects come into being beside the first edit.
    async fn reached(&self, world: &World, (): &(), edit: &Members, patience: Duration) -> Result<(), String> {
        let fresh = FRESH.get_or_init(fresh).await;
        let arrived = poll("the family to be what fresh objects are", patience, async || {
            let differs = differences(world, fresh, edit).await;
            if differs.is_ok() {
                return Ok(Ok(()));
            }
            // These questions count as calls of the account, and the operator needs some too.
            tokio::time::sleep(BETWEEN_LOOKS).await;
            Ok(differs)
        });
        arrived.await.map_err(|error| format!("{error}\n{}", last_lines(&world.operator.log(), 60)))
    }

    async fn looked_at(&self, world: &World, edit: &Members) -> Result<(), String> {
        let entries = table::all();
        let there = entries.iter().filter(|entry| edit.specs.contains_key(entry.name));
        join_all(there.map(|entry| async { entry.of(world).is_looked_at(entry.name).await })).await;
        Ok(())
    }

    async fn meddle(&self, world: &World, meddling: Meddling, edit: &Members) -> Result<(), String> {
        let name = match meddling {
            Meddling::Changed(name)
            | Meddling::Removed(name)
            | Meddling::Suspended(name)
            | Meddling::Reported(name) => name,
        };
        let entries = table::all();
        let entry = entries.iter().find(|entry| entry.name == name && edit.has(entry));
        let (Some(entry), Some(number)) = (entry, edit.specs.get(name)) else { return Ok(()) };
        match meddling {
            Meddling::Changed(_) => (entry.change)(world.aws.clone()).await,
            Meddling::Removed(_) => (entry.remove)(world.aws.clone()).await,
            Meddling::Suspended(_) => suspended(world, entry, *number).await?,
            Meddling::Reported(_) => reported(world, entry, *number).await?,
        }
        Ok(())
    }

    /// Nothing is left. What belongs to others ends first: where its function went before, it waits as long as AWS's answers may be old.
    async fn end(&self, world: &World) -> Result<(), String> {
        let entries = table::all();
        for parent in [Parent::Alias, Parent::Function, Parent::Nothing] {
            let some: Vec<_> = entries.iter().filter(|entry| entry.parent == parent).collect();
            for entry in &some {
                if object(world, entry).await?.is_some_and(|object| !is_leaving(&object)) {
                    entry.of(world).delete(entry.name).await;
                }
            }
            join_all(some.iter().map(|entry| async { entry.of(world).is_gone(entry.name).await })).await;
        }
        let nobody = Members { specs: BTreeMap::new(), again: None };
        self.reached(world, &(), &nobody, PATIENCE).await
    }
}

fn is_leaving(object: &DynamicObject) -> bool {
    object.metadata.deletion_timestamp.is_some()
}

async fn object(world: &World, entry: &Entry) -> Result<Option<DynamicObject>, String> {
    entry.of(world).api().get_opt(entry.name).await.map_err(|error| error.to_string())
}

/// While it is suspended, nothing that is edited or changed makes a difference.
async fn suspended(world: &World, entry: &Entry, number: usize) -> Result<(), String> {
    let objects = entry.of(world);
    for number in [number, (number + 1) % SPECS] {
        objects.apply(entry.name, &entry.spec_with(&world.aws, number, &json!({"suspend": true}))).await;
        objects.condition(entry.name, "Ready", "Unknown", Some("Suspended")).await;
        (entry.change)(world.aws.clone()).await;
    }
    is_left(world, entry).await?;
    objects.apply(entry.name, &entry.spec(&world.aws, By::Object, number)).await;
    Ok(())
}

/// Drift that is only reported stays.
async fn reported(world: &World, entry: &Entry, number: usize) -> Result<(), String> {
    let objects = entry.of(world);
    objects.settle(entry.name, &entry.spec_with(&world.aws, number, &json!({"driftPolicy": "Report"}))).await;
    (entry.change)(world.aws.clone()).await;
    objects.is_looked_at(entry.name).await;
    objects.condition(entry.name, "Ready", "True", Some("Drifted")).await;
    is_left(world, entry).await?;
    objects.apply(entry.name, &entry.spec(&world.aws, By::Object, number)).await;
    Ok(())
}

/// The resource is as somebody changed it: changing it once more makes no difference.
async fn is_left(world: &World, entry: &Entry) -> Result<(), String> {
    let left = (entry.held)(world.aws.clone()).await;
    (entry.change)(world.aws.clone()).await;
    let changed = (entry.held)(world.aws.clone()).await;
    if left == changed { Ok(()) } else { Err(format!("last seen: {} {left:?} and not {changed:?}", entry.name)) }
}

/// The first object or resource that is not as it should be.
async fn differences(world: &World, fresh: &Fresh, edit: &Members) -> Result<(), String> {
    let entries = table::all();
    for entry in &entries {
        let object = object(world, entry).await?;
        let right = match &object {
            None => !edit.specs.contains_key(entry.name),
            Some(object) if edit.has(entry) => is(object, "Ready", "True", None),
            Some(object) => {
                edit.specs.contains_key(entry.name) && is(object, "Reconciling", "True", Some("WaitingForFunction"))
            }
        };
        if !right {
            return Err(format!(
                "{} {}",
                entry.name,
                object.map(|object| object.data["status"].to_string()).unwrap_or_default()
            ));
        }
    }
    let found = held(&world.aws).await;
    for entry in &entries {
        let wanted = match edit.specs.get(entry.name) {
            // AWS may keep the resource of an object that waits.
            Some(_) if !edit.has(entry) => continue,
            Some(number) => fresh[&(entry.name, *number)].as_slice(),
            None => &[],
        };
        if found[entry.name] != wanted {
            return Err(format!("{} {:?} and not {wanted:?}", entry.name, found[entry.name]));
        }
    }
    Ok(())
}

/// Whole families, one for each number.
async fn fresh() -> Fresh {
    let families = join_all((0..SPECS).map(async |number| {
        let world = World::new().await;
        prepare(&world.aws).await;
        for entry in table::all() {
            entry.of(&world).apply(entry.name, &entry.spec(&world.aws, By::Object, number)).await;
        }
        for entry in table::all() {
            entry.of(&world).is_ready(entry.name).await;
        }
        held(&world.aws).await.into_iter().map(|(name, held)| ((name, number), held)).collect::<Vec<_>>()
    }));
    let all: Fresh = families.await.into_iter().flatten().collect();
    let empty: Vec<_> = all.iter().filter(|(_, held)| held.is_empty()).collect();
    assert!(empty.is_empty(), "nothing to compare: {empty:?}");
    all
}
