//! The same for every kind around the function: one operator, many objects of a kind, each held at a point of its own. One SIGKILL meets them all, and
//! a new operator has to end with exactly the resource that is wanted, or none.

use std::collections::BTreeSet;
use std::time::{Duration, Instant};

use futures::StreamExt;
use futures::future::join_all;
use kube::ResourceExt;
use kube::api::ListParams;
use kube::core::DynamicObject;
use serde_json::Value;
use testbed::{Action, Aws, Call, Error, Filter, Hold, KubernetesProxy, Moment, Operator, Rule, poll};

use crate::batch::{MANY, REGIONS, world};
use crate::held::{Held, let_go};
use crate::stories::{At, Point, Story, points};
use support::aliases::function_of;
use support::kinds::{By, Entry, FUNCTION, Parent, prepare, table};
use support::objects::is;
use support::report_row::Row;
use support::world::{World, options, writes};

const PATIENCE: Duration = Duration::from_secs(60);

/// Whoever has ended does not come to a point any more.
const AFTERWARDS: Duration = Duration::from_millis(1500);

const RULE: &str = "kill-kind";

/// Kinds at a time; each is an operator with many objects.
const KINDS: usize = 4;

/// One object, in a region of its own.
struct Slot {
    story: Story,
    /// `None`: nobody is killed, and it shows what is wanted.
    point: Option<Point>,
    name: String,
    aws: Aws,
}

/// The points of one kill, after the two objects that are not disturbed.
fn slots(entry: &Entry, world: &World, points: &[(Story, Point)]) -> Vec<Slot> {
    let undisturbed = [Story::Create, Story::Update].map(|story| (story, None));
    let disturbed = points.iter().map(|(story, point)| (*story, Some(*point)));
    let slot = |(index, (story, point)): (usize, (Story, Option<Point>))| Slot {
        story,
        point,
        name: format!("{}-{index:02}", entry.name),
        aws: world.bed.aws(&world.account, REGIONS[index]),
    };
    undisturbed.into_iter().chain(disturbed).enumerate().map(slot).collect()
}

impl Slot {
    fn title(&self) -> String {
        let point = self.point.as_ref().map(ToString::to_string).unwrap_or_default();
        format!("{} {:?} {point}", self.name, self.story)
    }

    async fn prepare(&self, entry: &Entry, world: &World) {
        match entry.parent {
            Parent::Nothing => {}
            Parent::Function | Parent::Alias => function_of(&self.aws, &world.namespace, FUNCTION).await,
        }
        prepare(&self.aws).await;
        if self.story != Story::Create {
            entry.of(world).settle(&self.name, &entry.spec(&self.aws, By::Name, 0)).await;
        }
    }

    async fn edit(&self, entry: &Entry, world: &World) {
        let number = match self.story {
            Story::Create => 0,
            Story::Update => 1,
            Story::Delete => return entry.of(world).delete(&self.name).await,
        };
        entry.of(world).apply(&self.name, &entry.spec(&self.aws, By::Name, number)).await;
    }

    fn has_ended(&self, objects: &[DynamicObject]) -> bool {
        let object = objects.iter().find(|object| object.name_any() == self.name);
        let Some(object) = object else { return self.story == Story::Delete };
        self.story != Story::Delete && is(object, "Ready", "True", None)
    }

    fn made(&self, call: &Call) -> bool {
        call.region == self.aws.region() && call.agent.contains('/')
    }

    async fn hold(&self, entry: &Entry, world: &World, proxy: &KubernetesProxy) -> Option<Held> {
        let Point { at, moment } = self.point?;
        let (subresource, skip) = match at {
            At::Aws(operation, skip) => {
                let action = match moment {
                    Moment::Request => Action::HoldRequest,
                    Moment::Answer => Action::HoldAnswer,
                };
                let rule = Rule::new(RULE, action).account(&world.account).region(self.aws.region());
                let rule = rule.operation(operation).agent("*/*").skip(skip).times(1);
                return Some(Held::Aws(world.manners().add(&rule).await.unwrap()));
            }
            At::Status(skip) => ("status", skip),
            At::Finalizer => ("", 0),
        };
        Some(Held::Kubernetes(proxy.hold(Hold {
            resource: Some(entry.resource.plural.clone()),
            subresource: Some(subresource.into()),
            namespace: Some(world.namespace.clone()),
            name: Some(self.name.clone()),
            skip,
            verb: Some("patch".into()),
            ..Hold::new(moment)
        })))
    }
}

async fn objects(entry: &Entry, world: &World) -> Vec<DynamicObject> {
    entry.of(world).api().list(&ListParams::default()).await.unwrap().items
}

/// Waits until each is held, or has ended without that; says which are held.
async fn all_held(entry: &Entry, world: &World, proxy: &KubernetesProxy, slots: &[Slot], since: u64) -> Vec<bool> {
    let mut ended = vec![None; slots.len()];
    let waited = poll("every object to be held", PATIENCE, async || {
        let calls = world.manners().calls(&Filter::account(&world.account).since(since)).await?;
        let (writes, objects) = (proxy.writes(), objects(entry, world).await);
        let is_held = |slot: &Slot| {
            let call = |call: &Call| call.duration_ms.is_none() && call.rule.as_deref() == Some(RULE);
            calls.iter().any(|one| call(one) && slot.made(one))
                || writes.iter().any(|write| write.held && !write.ended && write.name.as_deref() == Some(&slot.name))
        };
        let held: Vec<_> = slots.iter().map(is_held).collect();
        let mut missing = Vec::new();
        for ((slot, held), ended) in slots.iter().zip(&held).zip(&mut ended) {
            let over = slot.has_ended(&objects).then(|| ended.unwrap_or_else(Instant::now));
            *ended = over;
            if !held && over.is_none_or(|since| since.elapsed() < AFTERWARDS) {
                missing.push(slot.title());
            }
        }
        Ok::<_, Error>(if missing.is_empty() { Ok(held) } else { Err(missing.join("; ")) })
    });
    waited.await.unwrap_or_else(|error| panic!("{error}\n{}", world.operator.log()))
}

/// What is wrong with the end of one, where this should be in AWS.
async fn violations(entry: &Entry, slot: &Slot, wanted: &[Value], calls: &[Call]) -> Vec<String> {
    let found = (entry.held)(slot.aws.clone()).await;
    let mut wrong = Vec::new();
    if found != wanted {
        wrong.push(format!("{}: {found:?} and not {wanted:?}", slot.title()));
    }
    let done: Vec<_> =
        calls.iter().filter(|call| slot.made(call) && (200..300).contains(&call.status)).cloned().collect();
    let sent = writes(&done);
    // A deletion may be sent again: it does nothing.
    let planned = slot.story.writes(entry);
    let most = planned.len() + planned.iter().filter(|write| entry.deletes.contains(write)).count();
    if sent.len() > most {
        wrong.push(format!("{}: sent {sent:?}", slot.title()));
    }
    wrong
}

/// One look at each that stays writes nothing.
async fn stays(entry: &Entry, world: &World, slots: &[Slot]) -> Vec<String> {
    let since = world.manners().mark().await.unwrap();
    let objects = entry.of(world);
    let staying = slots.iter().filter(|slot| slot.story != Story::Delete);
    join_all(staying.map(|slot| objects.is_looked_at(&slot.name))).await;
    writes(&world.calls_since(since).await).into_iter().map(|sent| format!("after the end still {sent}")).collect()
}

/// The points that are tried at the same time. A publication that is held keeps its package in memory, and the operator has room for four: if all were
/// held, no other object of the batch would get to its point.
fn batches(points: Vec<(Story, Point)>) -> Vec<Vec<(Story, Point)>> {
    const PUBLICATIONS: usize = 2;
    let publishes = |(_, point): &(Story, Point)| matches!(point.at, At::Aws("PublishLayerVersion", _));
    let mut batches: Vec<Vec<_>> = Vec::new();
    for point in points {
        let has_room = |batch: &&mut Vec<_>| {
            let held = batch.iter().filter(|point| publishes(point)).count();
            batch.len() < REGIONS.len() - 2 && (held < PUBLICATIONS || !publishes(&point))
        };
        match batches.last_mut().filter(has_room) {
            Some(batch) => batch.push(point),
            None => batches.push(vec![point]),
        }
    }
    batches
}

/// What came of the kills at some points.
#[derive(Default)]
struct Outcome {
    met: usize,
    missed: Vec<(At, String)>,
    violations: Vec<String>,
}

/// Kills at all of these points, and has another operator bring each object to its end.
async fn kill(entry: &Entry, points: &[(Story, Point)]) -> Outcome {
    let (mut world, proxy) = world().await;
    let slots = slots(entry, &world, points);
    join_all(slots.iter().map(|slot| slot.prepare(entry, &world))).await;
    let since = world.manners().mark().await.unwrap();
    let holds = join_all(slots.iter().map(|slot| slot.hold(entry, &world, &proxy))).await;
    let holds: Vec<_> = holds.into_iter().flatten().collect();
    join_all(slots.iter().map(|slot| slot.edit(entry, &world))).await;
    let held = all_held(entry, &world, &proxy, &slots, since).await;
    let (manners, log) = (world.manners(), world.operator.log());
    world.operator.kill().await;
    let_go(&manners, &proxy, &world.account, since, &holds).await;
    let arguments = [&["--watch-namespace", &world.namespace], &MANY[..]].concat();
    world.operator =
        Operator::start(&world.bed, options(proxy.kubeconfig.clone(), &world.account, &arguments)).await.unwrap();
    world
        .until("every object to end", async |world: &World| {
            let objects = objects(entry, world).await;
            let open: BTreeSet<_> = slots.iter().filter(|slot| !slot.has_ended(&objects)).map(Slot::title).collect();
            if open.is_empty() { Ok(()) } else { Err(format!("{open:#?}\n{objects:#?}")) }
        })
        .await;
    let mut wrong = stays(entry, &world, &slots).await;
    let calls = world.calls_since(since).await;
    let [created, updated] = [&slots[0], &slots[1]].map(|slot| (entry.held)(slot.aws.clone()));
    let (created, updated) = (created.await, updated.await);
    assert!(!created.is_empty() && created != updated, "nothing to tell from nothing: {created:?}");
    for slot in &slots {
        let wanted: &[Value] = match slot.story {
            Story::Create => &created,
            Story::Update => &updated,
            Story::Delete => &[],
        };
        wrong.extend(violations(entry, slot, wanted, &calls).await);
    }
    if !wrong.is_empty() {
        wrong.push(format!("the log:\n{log}killed\n{}", world.operator.log()));
    }
    let disturbed = slots.iter().zip(&held).filter_map(|(slot, held)| Some((slot, slot.point?, held)));
    let missed = disturbed.clone().filter(|(_, _, held)| !**held);
    Outcome {
        met: disturbed.filter(|(_, _, held)| **held).count(),
        missed: missed.map(|(slot, point, _)| (point.at, slot.title())).collect(),
        violations: wrong,
    }
}

#[tokio::test]
async fn a_crash_at_any_call_of_any_kind_leaves_exactly_what_is_wanted() {
    let started = Instant::now();
    // A function has a matrix of its own, of every call and write.
    let only = std::env::var("KILL_KIND").ok();
    // A layer without an answer to its publication is searched for 80 seconds, longer than `make test` waits. Its own tests kill around each call, and
    // TORTURE=full kills at every point.
    let slow = |entry: &Entry| entry.resource.kind == "LambdaLayerVersion" && only.is_none() && !crate::is_full();
    let all = table::all().into_iter().filter(|entry| entry.name != FUNCTION && !slow(entry));
    let entries: Vec<_> = all.filter(|entry| only.as_ref().is_none_or(|kind| *kind == entry.resource.kind)).collect();
    assert!(!entries.is_empty(), "no kind is {only:?}");
    let batches: Vec<_> = entries
        .iter()
        .flat_map(|entry| batches(points(entry, crate::is_full())).into_iter().map(move |batch| (entry, batch)))
        .collect();
    let kills = batches.iter().map(|(entry, batch)| kill(entry, batch));
    let outcomes: Vec<_> = futures::stream::iter(kills).buffer_unordered(KINDS).collect().await;
    let count = |of: fn(&Outcome) -> usize| outcomes.iter().map(of).sum::<usize>();
    let (met, violations) = (count(|outcome| outcome.met), count(|outcome| outcome.violations.len()));
    let row = Row {
        what: "kill kinds",
        points: batches.iter().map(|(_, batch)| batch.len()).sum(),
        faults: met,
        recoveries: met - violations.min(met),
        violations,
        took: started.elapsed(),
    };
    row.write();
    let wrong: Vec<_> = outcomes.iter().flat_map(|outcome| outcome.violations.clone()).collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    let missed: Vec<_> = outcomes.into_iter().flat_map(|outcome| outcome.missed).collect();
    // How often a status is written depends on what a reconcile sees; every call is made.
    let calls = missed.iter().filter(|(at, _)| matches!(at, At::Aws(_, _) | At::Finalizer)).count();
    assert!(calls == 0 && missed.len() <= met / 4, "not met: {missed:#?}");
}
