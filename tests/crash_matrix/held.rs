//! Holds: a call or a write of one slot is stopped at its point, and let go when its operator is dead.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use kube::ResourceExt;
use kube::api::ListParams;
use testbed::{Action, Call, Error, Filter, Hold, HoldId, KubernetesProxy, Manners, Moment, Rule, RuleId, Write, poll};

use crate::batch::{FUNCTION, Slot};
use crate::point::Kind;
use support::world::World;

const PATIENCE: Duration = Duration::from_secs(60);

/// The operator's last write comes so long after the end is seen, at most.
const AFTERWARDS: Duration = Duration::from_millis(1500);

/// Names the rule in the journal.
const RULE: &str = "kill";

/// What holds a slot at its point.
#[derive(Clone, Copy)]
pub(crate) enum Held {
    Aws(RuleId),
    Kubernetes(HoldId),
}

/// Has the slot held at its point, when it comes there.
pub(crate) async fn hold(world: &World, proxy: &KubernetesProxy, slot: &Slot) -> Option<Held> {
    let point = slot.point.as_ref()?;
    Some(match &point.kind {
        Kind::Aws(operation) => {
            let action = match point.moment {
                Moment::Request => Action::HoldRequest,
                Moment::Answer => Action::HoldAnswer,
            };
            let rule = Rule::new(RULE, action).account(&world.account).region(&slot.region).function(FUNCTION);
            let rule = rule.service("lambda").operation(operation).skip(point.skip).times(1);
            Held::Aws(world.manners().add(&rule).await.unwrap())
        }
        Kind::Kubernetes(verb, resource, subresource) => Held::Kubernetes(proxy.hold(Hold {
            verb: Some(verb.clone()),
            resource: Some(resource.clone()),
            subresource: Some(subresource.clone().unwrap_or_default()),
            namespace: Some(world.namespace.clone()),
            // an event is called after its object
            name: Some(if resource == "events" { format!("{}.*", slot.name) } else { slot.name.clone() }),
            skip: point.skip,
            moment: point.moment,
        })),
    })
}

/// Waits until each slot is held, or has ended without coming to its point; says which are held.
pub(crate) async fn all_held(world: &World, proxy: &KubernetesProxy, slots: &[Slot], since: u64) -> Vec<bool> {
    let mut ended: BTreeMap<&str, Instant> = BTreeMap::new();
    let waited = poll("every slot to be held", PATIENCE, async || {
        let calls = world.manners().calls(&Filter::account(&world.account).since(since)).await?;
        let writes = proxy.writes();
        let objects = world.objects().list(&ListParams::default()).await.unwrap().items;
        let held = slots.iter().map(|slot| is_held(slot, &calls, &writes)).collect::<Vec<_>>();
        let mut missing = Vec::new();
        for (slot, _) in slots.iter().zip(&held).filter(|(_, held)| !**held) {
            let object = objects.iter().find(|object| object.name_any() == slot.name);
            if !slot.scenario.has_ended(object) {
                ended.remove(slot.name.as_str());
            } else if ended.entry(&slot.name).or_insert_with(Instant::now).elapsed() > AFTERWARDS {
                continue;
            }
            missing.push(slot.to_string());
        }
        Ok::<_, Error>(if missing.is_empty() { Ok(held) } else { Err(missing.join("; ")) })
    });
    match waited.await {
        Ok(held) => held,
        Err(error) => panic!("{error}\nthe operator's log:\n{}", world.operator.log()),
    }
}

/// Waits until the proxies have seen that their client is dead, and only then lets go: what was held is not done.
pub(crate) async fn let_go(manners: &Manners, proxy: &KubernetesProxy, account: &str, since: u64, held: &[Held]) {
    let filter = Filter::account(account).since(since).not_by_tests();
    let waited = poll("the calls of the dead operator to be over", PATIENCE, async || {
        let calls = manners.calls(&filter).await?.iter().filter(|call| call.duration_ms.is_none()).count();
        let writes = proxy.writes().iter().filter(|write| !write.ended).count();
        Ok::<_, Error>(if calls + writes == 0 { Ok(()) } else { Err(format!("{calls} calls and {writes} writes")) })
    });
    waited.await.unwrap();
    for held in held {
        match held {
            Held::Aws(rule) => manners.remove(*rule).await.unwrap(),
            Held::Kubernetes(hold) => proxy.release(*hold),
        }
    }
}

fn is_held(slot: &Slot, calls: &[Call], writes: &[Write]) -> bool {
    let call = |call: &&Call| call.duration_ms.is_none() && call.rule.as_deref() == Some(RULE) && slot.made(call);
    let write = |write: &&Write| write.held && !write.ended && slot.wrote(write);
    calls.iter().any(|one| call(&one)) || writes.iter().any(|one| write(&one))
}
