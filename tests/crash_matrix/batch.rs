//! A batch: one operator and many functions, each held at a point of its own; one SIGKILL meets them all, and a new
//! operator has to bring each to its end. Regions keep the functions apart: each has its own quotas and budgets.

use std::collections::BTreeMap;
use std::fmt;
use std::time::Instant;

use futures::future::join_all;
use serde_json::Value;
use testbed::{Call, KubernetesProxy, Operator, Write};

use crate::end::end;
use crate::held::{all_held, hold, let_go};
use crate::point::{Point, points};
use crate::recovery::{Recovered, recovered, sent, stays};
use crate::scenario::Scenario;
use support::world::{World, installed, options};

/// One for each function of a batch.
pub(crate) const REGIONS: [&str; 24] = [
    "af-south-1",
    "ap-east-1",
    "ap-northeast-1",
    "ap-northeast-2",
    "ap-northeast-3",
    "ap-south-1",
    "ap-south-2",
    "ap-southeast-1",
    "ap-southeast-2",
    "ap-southeast-3",
    "ca-central-1",
    "ca-west-1",
    "eu-central-1",
    "eu-central-2",
    "eu-north-1",
    "eu-south-1",
    "eu-south-2",
    "eu-west-1",
    "eu-west-2",
    "eu-west-3",
    "il-central-1",
    "sa-east-1",
    "us-east-2",
    "us-west-2",
];

/// What all functions are called: the name goes into more than the ARN.
pub(crate) const FUNCTION: &str = "victim";

/// Each function of a batch is held, and its pass with it.
pub(crate) const MANY: [&str; 2] = ["--concurrency", "64"];

/// One function of a batch.
pub(crate) struct Slot {
    pub(crate) scenario: Scenario,
    /// Where it is held; `None`: nowhere.
    pub(crate) point: Option<Point>,
    /// The object's name.
    pub(crate) name: String,
    pub(crate) region: String,
}

/// How a scenario goes when nobody is killed.
pub(crate) struct Undisturbed {
    pub(crate) calls: usize,
    pub(crate) writes: usize,
    pub(crate) points: Vec<Point>,
    /// What was written to AWS.
    pub(crate) sent: Vec<String>,
    pub(crate) end: Value,
}

/// What became of one point.
pub(crate) struct Outcome {
    pub(crate) scenario: Scenario,
    pub(crate) point: Point,
    /// The operator was killed there.
    pub(crate) met: bool,
    pub(crate) recovered: Recovered,
    /// What both operators said of it.
    log: String,
}

impl Slot {
    fn new(index: usize, scenario: Scenario, point: Option<Point>) -> Self {
        Self { scenario, point, name: format!("slot-{index:02}"), region: REGIONS[index].to_owned() }
    }

    /// Whether the operator's call is about this function.
    pub(crate) fn made(&self, call: &Call) -> bool {
        let about = (call.service.as_str(), call.function.as_deref(), call.region.as_str());
        about == ("lambda", Some(FUNCTION), &self.region) && call.agent.contains('/')
    }

    /// Whether the write is about this object, or tells of it.
    pub(crate) fn wrote(&self, write: &Write) -> bool {
        let name = write.name.as_deref().unwrap_or_default();
        name == self.name || name.strip_prefix(&self.name).is_some_and(|rest| rest.starts_with('.'))
    }
}

impl fmt::Display for Slot {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let point = self.point.as_ref().map(ToString::to_string).unwrap_or_default();
        write!(formatter, "{} {} {point}", self.name, self.scenario.name())
    }
}

impl Outcome {
    /// What is wrong with it.
    pub(crate) fn report(&self) -> Option<String> {
        let Self { scenario, point, met: _, recovered: Recovered { violations, .. }, log } = self;
        let title = format!("{}, killed {point}:", scenario.name());
        (!violations.is_empty()).then(|| format!("{title}\n  {}\nthe log:\n{log}", violations.join("\n  ")))
    }
}

/// A world whose operator goes through a proxy to Kubernetes.
pub(crate) async fn world() -> (World, KubernetesProxy) {
    let bed = testbed::Bed::from_env().unwrap();
    let proxy = bed.kubernetes_proxy(&installed(&bed).await).await.unwrap();
    (World::on(bed, proxy.kubeconfig.clone(), &MANY).await, proxy)
}

async fn start(bed: &testbed::Bed, account: &str, namespace: &str, proxy: &KubernetesProxy) -> Operator {
    let arguments = [&["--watch-namespace", namespace], &MANY[..]].concat();
    Operator::start(bed, options(proxy.kubeconfig.clone(), account, &arguments)).await.unwrap()
}

/// Every scenario without a kill.
pub(crate) async fn undisturbed() -> BTreeMap<Scenario, Undisturbed> {
    let (world, proxy) = world().await;
    let slots: Vec<_> = Scenario::ALL.into_iter().enumerate().map(|(i, one)| Slot::new(i, one, None)).collect();
    join_all(slots.iter().map(|slot| slot.scenario.prepare(&world, slot))).await;
    let (since, written) = (world.manners().mark().await.unwrap(), proxy.writes().len());
    join_all(slots.iter().map(|slot| slot.scenario.edit(&world, slot))).await;
    all_held(&world, &proxy, &slots, since).await;
    let (calls, writes) = (world.calls_since(since).await, proxy.writes().split_off(written));
    let stayed = stays(&world, &slots).await;
    assert!(stayed.iter().all(Vec::is_empty), "{stayed:?}");
    let learned = slots.iter().map(async |slot| {
        let calls: Vec<_> = calls.iter().filter(|call| slot.made(call)).cloned().collect();
        let writes: Vec<_> = writes.iter().filter(|write| slot.wrote(write)).cloned().collect();
        let undisturbed = Undisturbed {
            calls: calls.len(),
            writes: writes.len(),
            points: points(&calls, &writes),
            sent: sent(&calls),
            end: end(&world, slot).await,
        };
        assert!(!undisturbed.sent.is_empty() && undisturbed.writes > 0, "nothing of {slot} was seen in the journals");
        let versions = undisturbed.end["versions"].as_array().map_or(0, Vec::len);
        assert_eq!(versions, slot.scenario.versions(), "undisturbed {slot}: {:#}", undisturbed.end["versions"]);
        (slot.scenario, undisturbed)
    });
    join_all(learned).await.into_iter().collect()
}

/// Kills an operator at all of these points, and has another bring each function to its end.
pub(crate) async fn kill(batch: &[(Scenario, Point)], wanted: &BTreeMap<Scenario, Undisturbed>) -> Vec<Outcome> {
    let (mut world, proxy) = world().await;
    let slot =
        |(index, (scenario, point)): (usize, &(Scenario, Point))| Slot::new(index, *scenario, Some(point.clone()));
    let slots: Vec<_> = batch.iter().enumerate().map(slot).collect();
    join_all(slots.iter().map(|slot| slot.scenario.prepare(&world, slot))).await;
    let since = world.manners().mark().await.unwrap();
    let held: Vec<_> =
        join_all(slots.iter().map(|slot| hold(&world, &proxy, slot))).await.into_iter().flatten().collect();
    join_all(slots.iter().map(|slot| slot.scenario.edit(&world, slot))).await;
    let met = all_held(&world, &proxy, &slots, since).await;

    let (manners, log) = (world.manners(), world.operator.log());
    world.operator.kill().await;
    let_go(&manners, &proxy, &world.account, since, &held).await;
    let started = Instant::now();
    world.operator = start(&world.bed, &world.account, &world.namespace, &proxy).await;

    let recovered = recovered(&world, &slots, wanted, since, started).await;
    let outcomes = recovered.into_iter().zip(slots).zip(met).map(|((recovered, slot), met)| {
        let log = of(&slot, &log) + "killed\n" + &of(&slot, &world.operator.log());
        Outcome { scenario: slot.scenario, point: slot.point.unwrap(), met, recovered, log }
    });
    outcomes.collect()
}

/// The lines about a slot.
fn of(slot: &Slot, log: &str) -> String {
    log.lines().filter(|line| line.contains(&slot.name)).map(|line| format!("{line}\n")).collect()
}
