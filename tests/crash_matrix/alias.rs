//! The same for a LambdaAlias, which has no owner tag: one operator, many aliases, each held at a point of its own. One SIGKILL meets them
//! all, and a new operator has to end with exactly the alias that is wanted, or none.

use std::collections::BTreeSet;
use std::time::{Duration, Instant};

use futures::future::join_all;
use kube::ResourceExt;
use kube::api::ListParams;
use lambda_operator::api::alias::LambdaAlias;
use serde_json::{Value, json};
use testbed::{Action, Call, Error, Filter, Hold, KubernetesProxy, Moment, Operator, Rule, poll};

use crate::batch::{FUNCTION, MANY, REGIONS, world};
use crate::held::{Held, let_go};
use support::aliases::{function_of, held};
use support::world::{World, options, writes};

const PATIENCE: Duration = Duration::from_secs(60);

/// Whoever has ended does not come to a point any more.
const AFTERWARDS: Duration = Duration::from_millis(1500);

const RULE: &str = "kill-alias";

/// What happens to the alias.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Story {
    Create,
    Update,
    Delete,
}

/// Where the operator is killed.
#[derive(Clone, Copy, Debug)]
enum At {
    Aws(&'static str),
    /// A write of the status, after so many others.
    Status(u32),
    /// A write of the finalizer.
    Finalizer,
}

struct Slot {
    story: Story,
    at: At,
    moment: Moment,
    name: String,
    region: &'static str,
}

const POINTS: [(Story, At); 11] = [
    (Story::Create, At::Aws("GetAlias")),
    (Story::Create, At::Aws("CreateAlias")),
    (Story::Create, At::Finalizer),
    (Story::Create, At::Status(0)),
    (Story::Create, At::Status(1)),
    (Story::Create, At::Status(2)),
    (Story::Update, At::Aws("UpdateAlias")),
    (Story::Update, At::Status(0)),
    (Story::Delete, At::Aws("DeleteAlias")),
    (Story::Delete, At::Status(0)),
    (Story::Delete, At::Finalizer),
];

fn slots() -> Vec<Slot> {
    let moments = [Moment::Request, Moment::Answer];
    let points = POINTS.iter().flat_map(|(story, at)| moments.map(|moment| (*story, *at, moment)));
    let slot = |(index, (story, at, moment)): (usize, (Story, At, Moment))| Slot {
        story,
        at,
        moment,
        name: format!("alias-{index:02}"),
        region: REGIONS[index],
    };
    points.enumerate().map(slot).collect()
}

impl Slot {
    fn spec(&self, version: &str) -> Value {
        json!({
            "functionName": FUNCTION, "region": self.region, "name": "live", "functionVersion": version,
            "description": format!("to {version}"),
        })
    }

    fn title(&self) -> String {
        format!("{:?}, killed {:?} {:?}", self.story, self.moment, self.at)
    }

    async fn prepare(&self, world: &World) {
        function_of(&world.bed.aws(&world.account, self.region), &world.namespace, FUNCTION).await;
        if self.story != Story::Create {
            world.apply_alias(&self.name, &self.spec("1")).await;
            world.alias_is_ready(&self.name).await;
        }
    }

    async fn edit(&self, world: &World) {
        match self.story {
            Story::Create => drop(world.apply_alias(&self.name, &self.spec("1")).await),
            Story::Update => drop(world.apply_alias(&self.name, &self.spec("2")).await),
            Story::Delete => world.delete_alias(&self.name).await,
        }
    }

    /// All aliases that AWS holds at the end.
    fn wanted(&self) -> Option<Value> {
        let to = |version: &str| json!({"version": version, "description": format!("to {version}"), "weights": null});
        match self.story {
            Story::Create => Some(to("1")),
            Story::Update => Some(to("2")),
            Story::Delete => None,
        }
    }

    fn has_ended(&self, objects: &[LambdaAlias]) -> bool {
        let object = objects.iter().find(|object| object.name_any() == self.name);
        let Some(object) = object else { return self.story == Story::Delete };
        let mut conditions = object.status.iter().flat_map(|status| &status.common.conditions);
        self.story != Story::Delete
            && conditions.any(|condition| {
                condition.type_ == "Ready"
                    && condition.status == "True"
                    && condition.observed_generation == object.metadata.generation
            })
    }

    fn made(&self, call: &Call) -> bool {
        call.function.as_deref() == Some(FUNCTION) && call.region == self.region && call.agent.contains('/')
    }

    async fn hold(&self, world: &World, proxy: &KubernetesProxy) -> Held {
        let (subresource, skip) = match self.at {
            At::Aws(operation) => {
                let action = match self.moment {
                    Moment::Request => Action::HoldRequest,
                    Moment::Answer => Action::HoldAnswer,
                };
                let rule = Rule::new(RULE, action).account(&world.account).region(self.region).function(FUNCTION);
                let rule = rule.operation(operation).agent("*/*").times(1);
                return Held::Aws(world.manners().add(&rule).await.unwrap());
            }
            At::Status(skip) => ("status", skip),
            At::Finalizer => ("", 0),
        };
        Held::Kubernetes(proxy.hold(Hold {
            resource: Some("lambdaaliases".into()),
            subresource: Some(subresource.into()),
            namespace: Some(world.namespace.clone()),
            name: Some(self.name.clone()),
            skip,
            verb: Some("patch".into()),
            ..Hold::new(self.moment)
        }))
    }
}

async fn objects(world: &World) -> Vec<LambdaAlias> {
    world.aliases().list(&ListParams::default()).await.unwrap().items
}

/// Waits until each is held, or has ended without that; says which are held.
async fn all_held(world: &World, proxy: &KubernetesProxy, slots: &[Slot], since: u64) -> Vec<bool> {
    let mut ended = vec![None; slots.len()];
    let waited = poll("every alias to be held", PATIENCE, async || {
        let calls = world.manners().calls(&Filter::account(&world.account).since(since)).await?;
        let (writes, objects) = (proxy.writes(), objects(world).await);
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

/// What is wrong with the end of one.
async fn violations(world: &World, slot: &Slot, calls: &[Call]) -> Vec<String> {
    let aws = world.bed.aws(&world.account, slot.region);
    let (found, count) = (held(&aws, FUNCTION, "live").await, aws.list_aliases(FUNCTION).await.unwrap().len());
    let mut wrong = Vec::new();
    if found != slot.wanted() || count != usize::from(found.is_some()) {
        wrong.push(format!("{}: {count} aliases, {found:?} and not {:?}", slot.title(), slot.wanted()));
    }
    let done: Vec<_> =
        calls.iter().filter(|call| slot.made(call) && (200..300).contains(&call.status)).cloned().collect();
    let sent = writes(&done);
    let most = if slot.story == Story::Delete { 2 } else { 1 };
    if sent.len() > most {
        wrong.push(format!("{}: sent {sent:?}", slot.title()));
    }
    wrong
}

/// One look at each that stays writes nothing.
async fn stays(world: &World, slots: &[Slot]) -> Vec<String> {
    let since = world.manners().mark().await.unwrap();
    let staying = slots.iter().filter(|slot| slot.story != Story::Delete);
    join_all(staying.map(|slot| world.alias_is_looked_at(&slot.name))).await;
    writes(&world.calls_since(since).await).into_iter().map(|sent| format!("after the end still {sent}")).collect()
}

#[tokio::test]
async fn a_crash_at_any_call_leaves_exactly_one_alias_or_none() {
    let (mut world, proxy) = world().await;
    let slots = slots();
    join_all(slots.iter().map(|slot| slot.prepare(&world))).await;
    let since = world.manners().mark().await.unwrap();
    let holds = join_all(slots.iter().map(|slot| slot.hold(&world, &proxy))).await;
    join_all(slots.iter().map(|slot| slot.edit(&world))).await;
    let met = all_held(&world, &proxy, &slots, since).await;
    let manners = world.manners();
    world.operator.kill().await;
    let_go(&manners, &proxy, &world.account, since, &holds).await;
    let arguments = [&["--watch-namespace", &world.namespace], &MANY[..]].concat();
    world.operator =
        Operator::start(&world.bed, options(proxy.kubeconfig.clone(), &world.account, &arguments)).await.unwrap();
    world
        .until("every alias to end", async |world: &World| {
            let objects = objects(world).await;
            let open: BTreeSet<_> = slots.iter().filter(|slot| !slot.has_ended(&objects)).map(Slot::title).collect();
            if open.is_empty() { Ok(()) } else { Err(format!("{open:#?}\n{objects:#?}")) }
        })
        .await;
    let mut wrong = stays(&world, &slots).await;
    let calls = world.calls_since(since).await;
    for slot in &slots {
        wrong.extend(violations(&world, slot, &calls).await);
    }
    assert!(wrong.is_empty(), "{}\n{}", wrong.join("\n"), world.operator.log());
    let missed: Vec<_> = slots.iter().zip(&met).filter(|(_, met)| !**met).map(|(slot, _)| slot.title()).collect();
    assert!(missed.len() * 6 <= slots.len(), "not met: {missed:#?}");
}
