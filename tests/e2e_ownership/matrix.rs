//! The deletion matrix: an object of every kind is deleted in every situation. It ends, and AWS has exactly what the contract says.

use std::panic::AssertUnwindSafe;
use std::time::Instant;

use futures::{FutureExt, StreamExt};
use kube::core::DynamicObject;
use serde_json::{Value, json};
use support::kinds::{By, Entry, FUNCTION, Parent, held, prepare, table};
use support::report_row::Row;
use support::world::{World, writes};
use testbed::{Action, Rule, RuleId};

/// Worlds at a time; each has one object after the other, and mostly waits.
const AT_A_TIME: usize = 20;

/// The situation in which an object is deleted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Situation {
    /// It waits for an object that its spec names.
    Waiting,
    /// AWS has done its creation, and the answer is under way.
    InFlight,
    /// AWS refused its creation.
    Refused,
    /// It is suspended, and no longer after its deletion.
    Suspended,
    /// Its drift is only reported, and there is some.
    Reported,
    /// It leaves its resource.
    SkipDestroy,
    /// AWS denies the deletion, and allows it later.
    Denied,
    /// Its function is deleted at the same time,
    WithFunction,
    /// or before.
    AfterFunction,
    /// Everything in its namespace is.
    WithNamespace,
}

impl Situation {
    /// Those of a world, in this order: the first needs that nothing is there yet, and the last leaves nothing. An object whose function goes soon
    /// after it was written waits until AWS's answers are no older than that, so these are in worlds of their own.
    const WORLDS: [&[Self]; 3] = [
        &[
            Self::Waiting,
            Self::InFlight,
            Self::Refused,
            Self::Suspended,
            Self::Reported,
            Self::SkipDestroy,
            Self::Denied,
            Self::WithNamespace,
        ],
        &[Self::WithFunction],
        &[Self::AfterFunction],
    ];

    /// Whether an object of the kind can be in it.
    fn is_of(self, entry: &Entry) -> bool {
        match self {
            Self::Waiting => entry.parent != Parent::Nothing || entry.unresolved.is_some(),
            Self::WithFunction | Self::AfterFunction => entry.parent != Parent::Nothing,
            Self::InFlight
            | Self::Refused
            | Self::Suspended
            | Self::Reported
            | Self::SkipDestroy
            | Self::Denied
            | Self::WithNamespace => true,
        }
    }
}

/// One kind in a world of its own.
struct Subject<'a> {
    world: &'a World,
    entry: &'a Entry,
}

impl Subject<'_> {
    async fn apply(&self, change: &Value) {
        let spec = self.entry.spec_with(&self.world.aws, 0, change);
        self.entry.of(self.world).apply(self.entry.name, &spec).await;
    }

    async fn settle(&self, change: &Value) {
        self.apply(change).await;
        self.entry.of(self.world).is_ready(self.entry.name).await;
    }

    async fn says(&self, type_: &str, reason: Option<&str>) {
        self.entry.of(self.world).condition(self.entry.name, type_, "True", reason).await;
    }

    /// The condition about the existence of its resource says whether AWS has it, and so does the ARN.
    async fn says_that_it_exists(&self, exists: bool) {
        let what = format!("the condition of its existence to be {exists}");
        let says = |object: &DynamicObject| {
            let status = &object.data["status"];
            let conditions = status["conditions"].as_array();
            let of_existence = |one: &&Value| one["type"].as_str().is_some_and(|type_| type_.ends_with("Created"));
            let condition = conditions.into_iter().flatten().find(of_existence);
            let said = condition.is_some_and(|one| one["status"] == if exists { "True" } else { "False" });
            said && status["arn"].is_string() == exists
        };
        self.entry.of(self.world).until(&what, self.entry.name, says).await;
    }

    async fn delete(&self) {
        self.entry.of(self.world).delete(self.entry.name).await;
    }

    /// The object is gone, and AWS has nothing of it.
    async fn leaves_nothing(&self) {
        self.entry.of(self.world).is_gone(self.entry.name).await;
        assert_eq!(self.held().await, [json!(null); 0], "left behind");
    }

    async fn held(&self) -> Vec<Value> {
        (self.entry.held)(self.world.aws.clone()).await
    }

    async fn rule(&self, action: Action, operation: &str) -> RuleId {
        let rule = Rule::new("matrix", action).account(&self.world.account).operation(operation).agent("*/*");
        self.world.manners().add(&rule).await.unwrap()
    }

    /// What it belongs to is there.
    async fn parents(&self) {
        for parent in self.entry.before() {
            parent.of(self.world).settle(parent.name, &parent.spec(&self.world.aws, By::Object, 0)).await;
        }
    }

    async fn ends(&self, situation: Situation) {
        match situation {
            Situation::Waiting => self.while_it_waits().await,
            Situation::InFlight => self.in_flight().await,
            Situation::Refused => self.refused().await,
            Situation::Suspended => self.suspended().await,
            Situation::Reported => self.reported().await,
            Situation::SkipDestroy => self.skip_destroy().await,
            Situation::Denied => self.denied().await,
            Situation::WithFunction => self.with_function().await,
            Situation::AfterFunction => self.after_function().await,
            Situation::WithNamespace => self.with_namespace().await,
        }
    }

    async fn while_it_waits(&self) {
        let mark = self.world.manners().mark().await.unwrap();
        self.apply(self.entry.unresolved.as_ref().unwrap_or(&json!({}))).await;
        self.says("Reconciling", None).await;
        self.delete().await;
        self.leaves_nothing().await;
        assert_eq!(writes(&self.world.calls_since(mark).await), [""; 0]);
    }

    async fn in_flight(&self) {
        let rule = self.rule(Action::HoldAnswer, self.entry.creates[0]).await;
        self.apply(&json!({})).await;
        self.world
            .until("the creation to be held", async |world: &World| {
                let calls = world.calls().await;
                let held =
                    calls.iter().any(|call| call.duration_ms.is_none() && call.rule.as_deref() == Some("matrix"));
                if held { Ok(()) } else { Err(format!("{calls:#?}")) }
            })
            .await;
        self.delete().await;
        self.world.manners().remove(rule).await.unwrap();
        self.leaves_nothing().await;
    }

    async fn refused(&self) {
        let refusal = Action::error(400, "InvalidParameterValueException", "This is refused.");
        let rule = self.rule(refusal, self.entry.creates[0]).await;
        self.apply(&json!({})).await;
        self.says("Stalled", Some("Rejected")).await;
        self.delete().await;
        self.leaves_nothing().await;
        self.world.manners().remove(rule).await.unwrap();
    }

    async fn suspended(&self) {
        self.settle(&json!({})).await;
        let (before, mark) = (self.held().await, self.world.manners().mark().await.unwrap());
        self.apply(&json!({"suspend": true})).await;
        self.delete().await;
        self.entry.of(self.world).condition(self.entry.name, "Ready", "Unknown", Some("Suspended")).await;
        assert_eq!(self.held().await, before);
        assert_eq!(writes(&self.world.calls_since(mark).await), [""; 0]);
        self.entry.of(self.world).change_spec(self.entry.name, &json!({"suspend": null})).await;
        self.leaves_nothing().await;
    }

    async fn reported(&self) {
        self.settle(&json!({"driftPolicy": "Report"})).await;
        (self.entry.change)(self.world.aws.clone()).await;
        self.entry.of(self.world).is_looked_at(self.entry.name).await;
        self.says("Ready", Some("Drifted")).await;
        self.delete().await;
        self.leaves_nothing().await;
    }

    async fn skip_destroy(&self) {
        self.settle(&json!({"skipDestroy": true})).await;
        let before = self.held().await;
        self.delete().await;
        self.entry.of(self.world).is_gone(self.entry.name).await;
        let after = self.held().await;
        assert!(!after.is_empty());
        assert_eq!(ownerless(&after), ownerless(&before));
        let tags = json!(after).to_string();
        assert!(!tags.contains("lambda-operator.io/owner"), "{tags}");
        (self.entry.remove)(self.world.aws.clone()).await;
    }

    async fn denied(&self) {
        self.settle(&json!({})).await;
        let denial = Action::error(403, "AccessDeniedException", "User is not authorized");
        let rule = self.rule(denial, self.entry.deletes[self.entry.deletes.len() - 1]).await;
        self.delete().await;
        self.says("Stalled", Some("AccessDenied")).await;
        assert!(!self.held().await.is_empty());
        self.world.manners().remove(rule).await.unwrap();
        let now = "lambda-operator.io/reconcile-requested-at";
        self.entry.of(self.world).annotate(self.entry.name, now, "allowed").await;
        self.leaves_nothing().await;
    }

    async fn with_function(&self) {
        self.settle(&json!({})).await;
        let function = table::function();
        function.of(self.world).delete(FUNCTION).await;
        self.delete().await;
        function.of(self.world).is_gone(FUNCTION).await;
        self.leaves_nothing().await;
    }

    async fn after_function(&self) {
        self.settle(&json!({})).await;
        let function = table::function();
        function.of(self.world).delete(FUNCTION).await;
        function.of(self.world).is_gone(FUNCTION).await;
        self.says("Reconciling", Some("WaitingForFunction")).await;
        assert_eq!(self.held().await.is_empty(), !self.entry.outlives_function);
        self.says_that_it_exists(self.entry.outlives_function).await;
        self.delete().await;
        self.leaves_nothing().await;
    }

    /// As Kubernetes's namespace controller does it.
    async fn with_namespace(&self) {
        self.settle(&json!({})).await;
        self.world.bed.kubectl_ok(&["delete", "namespace", &self.world.namespace, "--wait=false"], None).await.unwrap();
        let before = self.entry.before();
        let all: Vec<_> = before.iter().chain([self.entry]).collect();
        for entry in &all {
            entry.of(self.world).delete(entry.name).await;
        }
        for entry in all {
            entry.of(self.world).is_gone(entry.name).await;
        }
        for (name, held) in held(&self.world.aws).await {
            assert!(held.is_empty(), "{name}: {held:?} is left");
        }
    }
}

/// The same without the tag of ours. AWS shows no tags in two ways.
fn ownerless(held: &[Value]) -> Vec<Value> {
    let without = |value: &Value| {
        let mut value = value.clone();
        let mut tags = value["Tags"].take();
        tags.as_object_mut().into_iter().for_each(|tags| drop(tags.remove("lambda-operator.io/owner")));
        value["Tags"] = if tags == json!({}) { Value::Null } else { tags };
        value
    };
    held.iter().map(without).collect()
}

/// Says which cell it is that fails.
struct Cell(String);

impl Drop for Cell {
    fn drop(&mut self) {
        if std::thread::panicking() {
            eprintln!("{}", self.0);
        }
    }
}

/// Some situations of one kind, in a world.
async fn of_kind(entry: &Entry, situations: &[Situation]) {
    let world = World::new().await;
    prepare(&world.aws).await;
    let subject = Subject { world: &world, entry };
    let mut has_parents = false;
    for situation in situations {
        if *situation != Situation::Waiting && !has_parents {
            subject.parents().await;
            has_parents = true;
        }
        let _cell = Cell(format!("{} is deleted: {situation:?}", entry.resource.kind));
        subject.ends(*situation).await;
    }
}

#[tokio::test]
async fn an_object_of_any_kind_ends_in_any_situation() {
    let started = Instant::now();
    let entries = table::all();
    let mut worlds = Vec::new();
    for entry in &entries {
        for situations in Situation::WORLDS {
            let situations: Vec<_> = situations.iter().copied().filter(|situation| situation.is_of(entry)).collect();
            if !situations.is_empty() {
                worlds.push((entry, situations));
            }
        }
    }
    // Those that take the longest begin first.
    worlds.sort_by_key(|(_, situations)| situations.len());
    let cells = worlds.iter().map(|(_, situations)| situations.len()).sum();
    let worlds = worlds.iter().map(async |(entry, situations)| {
        let ended = AssertUnwindSafe(of_kind(entry, situations)).catch_unwind().await;
        ended.err().map(|_| entry.resource.kind.clone())
    });
    let failed: Vec<_> = futures::stream::iter(worlds).buffer_unordered(AT_A_TIME).collect().await;
    let failed: Vec<_> = failed.into_iter().flatten().collect();
    let row = Row {
        what: "deletions",
        points: cells,
        faults: cells,
        recoveries: cells - failed.len(),
        violations: failed.len(),
        took: started.elapsed(),
    };
    row.write();
    assert!(failed.is_empty(), "{failed:?}: the cells are above");
}
