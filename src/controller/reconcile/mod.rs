//! One reconcile of one object, in a straight line: resolve, goal, finalizer, observe, staleness, plan, record the intent, apply; then one report.

mod apply;
mod cluster;
mod crd_check;
pub(in crate::controller) mod event_limit;
pub(in crate::controller) mod events;
mod failure;
pub(in crate::controller) mod finalizer;
pub(in crate::controller) mod finished;
pub mod identity;
pub(in crate::controller) mod leftover;
pub mod observation;
pub mod packages;
pub mod references;
mod refused;
pub(in crate::controller) mod report;
pub mod stages;
pub(in crate::controller) mod status_cache;
mod status_write;
pub(in crate::controller) mod turns;
pub(in crate::controller) mod unreadable;
mod values;
mod without_parent;

use std::sync::Arc;
use std::time::{Duration, Instant};

use k8s_openapi::apimachinery::pkg::apis::meta::v1::Condition;
use k8s_openapi::jiff::Timestamp;
use kube::ResourceExt;
use tracing::warn;

use super::backoff::Requeue;
use super::context::KindContext;
use super::managed::Managed;
use super::watch::namespaces::Selection;
use crate::api::shared::RECONCILE_REQUESTED_AT;
use crate::aws::client::Caller;
use crate::aws::client::budget::Holder;
use crate::aws::client::recent::Freshness;
use crate::aws::client::user_agent::on_behalf_of;
use crate::controller::room::{NO_ROOM, Place, soon};
use crate::core::backoff::Backoff;
use crate::core::blocked::Blocked;
use crate::core::conclusion::Conclusion;
use crate::core::deletion::Deletion;
use crate::core::ending;
use crate::core::ending::Deleted;
use crate::core::goal::Goal;
use crate::core::hand_over::HandOver;
use crate::core::kind::{ConclusionOf, GoalOf, Kind, Situation};
use crate::core::namespace_policy::Policy;
use crate::core::outcome::{Outcome, Progress};
use crate::core::past::{Past, Reported};
use crate::core::reason::Reason;
use crate::core::references::{References, TOO_MUCH};
use crate::core::refusal::{Refusal, Request};
use crate::core::target::Target;
use crate::core::timeouts::{Phase, drift_interval};
use events::{About, publish};
use failure::Failure;
use finished::Finished;
use references::Unresolved;
use stages::converge;
use turns::{Asking, Turn};

/// Why a reconcile ends before its last stage.
enum Stop<K: Kind> {
    /// There is a conclusion to report.
    Conclusion(Box<ConclusionOf<K>>),
    /// There is nothing to report.
    Quiet(Requeue),
    /// The CRD is too old to store the status record.
    Outdated(Refusal),
    /// The API server refused.
    Kubernetes(Failure),
}

impl<K: Kind> From<ConclusionOf<K>> for Stop<K> {
    fn from(conclusion: ConclusionOf<K>) -> Self {
        Self::Conclusion(Box::new(conclusion))
    }
}

impl<K: Kind> From<Outcome> for Stop<K> {
    fn from(outcome: Outcome) -> Self {
        Self::Conclusion(Box::new(Conclusion::new(outcome)))
    }
}

impl<K: Kind> From<Failure> for Stop<K> {
    fn from(failure: Failure) -> Self {
        Self::Kubernetes(failure)
    }
}

impl<K: Kind> From<stages::Stop<K, Failure>> for Stop<K> {
    fn from(stop: stages::Stop<K, Failure>) -> Self {
        match stop {
            stages::Stop::Conclusion(conclusion) => Self::Conclusion(conclusion),
            stages::Stop::Cluster(failure) => Self::Kubernetes(failure),
            stages::Stop::Again => Self::Quiet(Requeue::Now),
        }
    }
}

/// The state of a reconcile.
pub(super) struct Reconcile<'a, K: Managed> {
    context: &'a KindContext<K>,
    object: &'a K,
    /// The stored status when the reconcile began.
    before: Option<K::Status>,
    /// The stored status, or a newer one that an earlier reconcile could not write.
    known: Option<K::Status>,
    past: Past,
    history: K::History,
    references: References,
    /// Held while the references are in memory.
    #[allow(dead_code, reason = "held for their drop")]
    places: Vec<Place<'a>>,
    /// ARN of the AWS identity that acts, once that is known.
    identity: Option<String>,
}

/// Reconciles, and reports once. AWS's record of the calls names the object's namespace.
pub(super) async fn reconcile<K: Managed>(object: &K, context: &KindContext<K>) -> kube::Result<Finished> {
    // On the heap: it is large, and each layer around it would move it on the stack.
    on_behalf_of(object.namespace().unwrap_or_default(), Box::pin(in_order(object, context))).await
}

async fn in_order<K: Managed>(object: &K, context: &KindContext<K>) -> kube::Result<Finished> {
    let mut reconcile = Reconcile::new(object, context);
    let finished = match reconcile.stages().await {
        Ok(conclusion) => reconcile.report(conclusion).await,
        Err(Stop::Conclusion(conclusion)) => reconcile.report(*conclusion).await,
        Err(Stop::Quiet(requeue)) => Ok(Finished::quietly(requeue)),
        Err(Stop::Outdated(refusal)) => Ok(reconcile.outdated(refusal).await),
        Err(Stop::Kubernetes(failure)) => Err(failure),
    };
    match finished {
        Ok(finished) => Ok(finished),
        Err(failure) => reconcile.failed(failure).await.map_err(|failure| failure.error),
    }
}

impl<'a, K: Managed> Reconcile<'a, K> {
    fn new(object: &'a K, context: &'a KindContext<K>) -> Self {
        let before = context.statuses.latest(object);
        let known = context.statuses.pending(&object.uid().unwrap_or_default()).or_else(|| before.clone());
        let (past, history) = (Past::of(known.as_ref()), K::history(known.as_ref()));
        let (references, places) = (References::default(), Vec::new());
        Self { context, object, before, known, past, history, references, places, identity: None }
    }

    /// Every stage; the comment names the system that it calls.
    async fn stages(&mut self) -> Result<ConclusionOf<K>, Stop<K>> {
        self.is_selected()?; // pure
        self.is_recorded().await?; // Kubernetes, only where the CRD may be another
        self.keep_hold().await?; // Kubernetes, only where somebody took the finalizer off
        self.is_due()?; // pure
        let policy = self.policy().await?; // Kubernetes
        self.resolve().await?; // Kubernetes
        let caller = self.caller(&policy).await;
        let (target, goal) = match self.aim(&policy, &caller).await {
            Ok(aimed) => aimed,
            Err(stop) => return Err(self.without_parent(stop, &policy, &caller).await),
        };
        self.comes_last(&goal, &target).await?; // Kubernetes, only for an Event
        let _turn = self.turn(&target)?; // objects of one function take turns
        self.hold().await?; // Kubernetes
        let (holder, withheld) = (self.holder(), self.references.withheld());
        let aws = K::remote(&self.context.shared.aws, &caller, target.clone(), holder, withheld, self.freshness());
        let (history, recorded) = (self.history.clone(), K::history(self.before.as_ref()));
        let repeated = self.past.repeated.clone();
        let situation = Situation {
            goal: &goal,
            target: &target,
            history: &history,
            recorded: &recorded,
            repeated: &repeated,
            generation: self.object.meta().generation.unwrap_or_default(),
            now: Timestamp::now(),
        };
        Ok(converge(&situation, &policy, &aws, self).await?) // AWS, and Kubernetes for the write-ahead record
    }

    /// Checks that the namespace is selected for this operator. If it no longer is, the status is written once more, and not again: another operator
    /// can manage the object from then on.
    fn is_selected(&self) -> Result<(), Stop<K>> {
        let Some(selector) = &self.context.shared.settings.namespace_selector else { return Ok(()) };
        let namespace = self.object.namespace().unwrap_or_default();
        match self.context.shared.namespaces.selection(&namespace) {
            Selection::Selected => Ok(()),
            Selection::Unknown => Err(Stop::Quiet(Requeue::Retry(Backoff::ORDINARY))),
            Selection::Left if finalizer::is_on(self.object) => Err(Outcome::Unselected(format!(
                "The labels of the namespace {namespace} no longer match {selector}, so this operator neither compares, changes nor deletes anything in AWS, and its finalizer stays. Put the label back, or see that another operator selects the namespace."
            ))
            .into()),
            Selection::Left | Selection::Not => Err(Stop::Quiet(Requeue::Idle)),
        }
    }

    /// Adds the finalizer again if somebody removed it from an object that can have a resource in AWS, also while the object is suspended.
    async fn keep_hold(&self) -> Result<(), Failure> {
        // Uses the object as it was read, because our own newer writes, above all that of the finalizer, may not be in the cache yet.
        let past = Past::of(self.object.reported());
        let had = past.shown || past.perhaps_created.is_some();
        let lost = had && !self.is_leaving() && !finalizer::is_on(self.object);
        if lost && self.context.shared.aws.may_call() {
            finalizer::put(&self.objects(), self.object).await.map_err(Failure::of(Request::Hold))?;
            let (namespace, name) = (self.object.namespace().unwrap_or_default(), self.object.name_any());
            warn!(namespace, name, "Somebody removed the finalizer; the operator adds it again");
        }
        Ok(())
    }

    /// Ends the reconcile if nothing is due.
    fn is_due(&self) -> Result<(), Stop<K>> {
        if self.is_leaving() && !finalizer::is_on(self.object) {
            return Err(Stop::Quiet(self.forget()));
        }
        if let Some(due) = self.after_start() {
            return Err(Stop::Quiet(Requeue::After(due)));
        }
        self.hands_over()?;
        if self.object.common().suspend.unwrap_or_default() && !self.is_outranked() {
            // With `skipDestroy`, a suspended object that is being deleted needs no AWS call.
            let gone = self.is_leaving() && self.object.common().skip_destroy.unwrap_or_default();
            return Err(if gone { Outcome::Released } else { Outcome::Suspended }.into());
        }
        match self.protected() {
            Some(blocked) => Err(Outcome::Blocked(blocked).into()),
            None => Ok(()),
        }
    }

    /// The message of a deletion that `deletionProtection` blocks.
    fn protected(&self) -> Option<Blocked> {
        let (namespace, name) = (self.object.namespace()?, self.object.name_any());
        let common = self.object.common();
        let skip_destroy = common.skip_destroy.unwrap_or_default();
        let deletion = Deletion { namespace: &namespace, name: &name, skip_destroy };
        let arn = self.known.as_ref().and_then(|known| known.common().arn.as_deref()).filter(|_| self.is_leaving());
        deletion.protected(common.deletion_protection.unwrap_or_default(), arn, K::NAMES.noun, K::NAMES.short)
    }

    /// Whether a suspended object is deleted anyway. This is so if its namespace is being deleted and `--require-namespace-policy` is set: there, the
    /// cluster's administrators and not the namespace's users decide, and a suspended object must not block them.
    fn is_outranked(&self) -> bool {
        let shared = &self.context.shared;
        let goes = self.is_leaving() && shared.namespaces.is_terminating(&self.object.namespace().unwrap_or_default());
        goes && shared.settings.identity.require_policy && !self.object.common().skip_destroy.unwrap_or_default()
    }

    /// Ends the reconcile of an object that hands its resource over. Such an object writes nothing to AWS, and its deletion leaves the resource as it
    /// is.
    fn hands_over(&self) -> Result<(), Stop<K>> {
        let Some(hand_over) = HandOver::of(self.object.meta().annotations.as_ref()) else { return Ok(()) };
        if self.is_leaving() {
            return Err(Outcome::Released.into());
        }
        Err(match hand_over {
            HandOver::To(taker) => Outcome::HandingOver(taker),
            HandOver::Unreadable(text) => Outcome::Blocked(HandOver::unreadable(&text)),
        }
        .into())
    }

    /// After a start, drift checks of objects that are in sync are spread over the drift interval, so that changes do not queue behind them.
    fn after_start(&self) -> Option<Duration> {
        let first = self.context.shared.attempts.is_first(&self.object.uid().unwrap_or_default());
        let settled = first && self.is_unchanged() && self.object.references().is_empty();
        let target = self.past.target.as_ref().filter(|_| settled)?;
        let family = K::family(target);
        Some(self.context.shared.families.spread(family.as_ref(), self.drift_interval(), Instant::now()))
    }

    /// Whether the object was in sync, and nothing but the things that it refers to can have changed since.
    fn is_unchanged(&self) -> bool {
        let Self { context: _, object, before, known: _, past, history, references: _, places: _, identity: _ } = self;
        let reported = before.as_ref().map(Reported::common);
        past.last_reconciled.as_ref().map(|last| last.generation) == object.meta().generation
            && past.ready
            && past.wait.is_none()
            && past.stalled.is_none()
            // A request by annotation that was not handled leaves no other trace.
            && requested(*object) == reported.and_then(|status| status.last_handled_reconcile_at.as_ref())
            && object.is_idle(history)
            && reported.is_some_and(|status| status.observed_generation == object.meta().generation)
            && !self.is_leaving()
    }

    /// Whether only time has passed, so that reads that were made a moment ago for other objects are enough.
    fn freshness(&self) -> Freshness {
        let last = self.past.last_reconciled.as_ref().and_then(|last| last.references.as_ref());
        let same = last == Some(&self.references.fingerprint());
        if same && self.is_unchanged() { Freshness::Recent(self.drift_interval()) } else { Freshness::Own }
    }

    /// The policy of the namespace.
    async fn policy(&self) -> Result<Policy, Stop<K>> {
        let namespace = self.object.namespace().unwrap_or_default();
        let annotations = identity::annotations(&self.context.shared, &namespace, &self.past).await;
        let annotations = annotations.map_err(Failure::of(Request::Namespace))?;
        Ok(stages::policy(&self.context.shared.settings.identity, &annotations, self.object)?)
    }

    async fn caller(&self, policy: &Policy) -> Arc<Caller> {
        identity::caller(&self.context.shared, policy, &self.object.namespace().unwrap_or_default()).await
    }

    /// The target and the goal.
    async fn aim(&mut self, policy: &Policy, caller: &Caller) -> Result<(Target, GoalOf<K>), Stop<K>> {
        let target = self.target(policy, caller).await?; // STS
        let goal = self.goal(policy, &target)?; // pure
        self.context.outlasting.forget(&self.object.uid().unwrap_or_default());
        Ok((target, goal))
    }

    async fn target(&mut self, policy: &Policy, caller: &Caller) -> Result<Target, Stop<K>> {
        let (aws, references) = (&self.context.shared.aws, &self.references);
        let extra_regions = &self.context.shared.settings.extra_regions;
        let target = identity::target(aws, caller, policy, self.object, &self.past, references, extra_regions).await;
        self.identity = caller.arn();
        Ok(target?)
    }

    /// Resolves the references of the spec. A deletion needs none of them.
    async fn resolve(&mut self) -> Result<(), Stop<K>> {
        if self.is_leaving() {
            return Ok(());
        }
        match references::resolve(&self.context.shared, self.object).await {
            Ok((references, places)) => {
                (self.references, self.places) = (references, places);
                Ok(())
            }
            Err(Unresolved::Failure(failure)) => Err(failure.into()),
            Err(Unresolved::NoRoom) => Err(Stop::Quiet(Requeue::After(soon(NO_ROOM)))),
            Err(Unresolved::TooMuch) => Err(Outcome::Blocked(Blocked::InvalidSpec(TOO_MUCH.to_owned())).into()),
        }
    }

    fn goal(&self, policy: &Policy, target: &Target) -> Result<GoalOf<K>, Stop<K>> {
        let Self { context, object, before: _, known: _, past: _, history, references, places: _, identity: _ } = self;
        let rival = context.rival(object, target, references);
        let given = stages::Given { object: *object, target, history, references, rival, now: Timestamp::now() };
        let goal = stages::goal(&context.shared.settings.identity, policy, given);
        goal.map_err(|outcome| Stop::Conclusion(Box::new(Conclusion::new(outcome).at(target))))
    }

    /// Ends the reconcile of an object that leaves while the resources of other objects have to be deleted before its own.
    async fn comes_last(&self, goal: &GoalOf<K>, target: &Target) -> Result<(), Stop<K>> {
        // Other resources have the ARN of the function or alias that they belong to.
        let (Goal::Absent(_), Some(_)) = (goal, K::NAMES.reference) else { return Ok(()) };
        let arn = self.known.as_ref().and_then(|known| known.common().arn.as_deref());
        let Some((arn, since)) = arn.zip(self.object.meta().deletion_timestamp.as_ref()) else { return Ok(()) };
        let generation = self.object.meta().generation;
        let namespace = self.object.namespace().unwrap_or_default();
        let dependents = self.context.shared.dependents.on(&namespace, arn);
        let conditions = self.before.iter().flat_map(|before| &before.common().conditions);
        // A deletion that was reported before can have timed out since. A time-out of before the deletion is of an older generation.
        let of_deletion = |c: &Condition| c.reason == Reason::TimedOut.name() && c.observed_generation == generation;
        let known = conditions.into_iter().any(|c| c.reason == Reason::Deleting.name() || of_deletion(c));
        let staying =
            ending::staying(K::NAMES.noun, &dependents).filter(|_| !known && self.context.shared.aws.may_call());
        if let Some(sentence) = staying {
            publish(&self.context.shared, self.object, About::Object, Reason::Released.name(), &sentence).await;
        }
        let with_namespace = self.context.shared.namespaces.is_terminating(&namespace);
        let deleted = Deleted { since: since.0, with_namespace };
        match ending::held(K::NAMES.noun, &dependents, deleted, Timestamp::now()) {
            Some(sentence) => Err(Conclusion::new(Outcome::InProgress(Progress::Behind(sentence))).at(target).into()),
            None => Ok(()),
        }
    }

    /// Takes the function's turn: objects of all kinds that belong to one function read and write it one after the other, and their namespaces take turns.
    ///
    /// A resource that belongs to no function needs no turn.
    fn turn(&self, target: &Target) -> Result<Option<Turn<'a>>, Stop<K>> {
        if target.function_name().is_none() {
            return Ok(None);
        }
        let (namespace, uid) = (self.object.namespace().unwrap_or_default(), self.object.uid().unwrap_or_default());
        // After an edit, the object may own the function, so it no longer yields.
        let yields = self.past.refused && self.past.stalled == self.object.meta().generation;
        let asking = Asking { namespace: &namespace, uid: &uid, yields };
        let turn = self.context.shared.turns.take(target, asking, Instant::now());
        turn.map(Some).map_err(|again| Stop::Quiet(Requeue::After(again)))
    }

    /// Adds the finalizer before anything is created in AWS. Only the leader writes.
    async fn hold(&self) -> Result<(), Stop<K>> {
        if !self.context.shared.aws.may_call() {
            return Err(Stop::Quiet(Requeue::Retry(Backoff::ORDINARY)));
        }
        if !finalizer::is_on(self.object) {
            finalizer::put(&self.objects(), self.object).await.map_err(Failure::of(Request::Hold))?;
        }
        Ok(())
    }

    /// The object for which the calls are made.
    fn holder(&self) -> Holder {
        Holder { namespace: self.object.namespace().unwrap_or_default(), object: self.object.uid().unwrap_or_default() }
    }

    fn is_leaving(&self) -> bool {
        self.object.meta().deletion_timestamp.is_some()
    }

    /// The interval between two drift checks of this object while it is in sync.
    fn drift_interval(&self) -> Duration {
        drift_interval(self.object.common()).unwrap_or(self.context.shared.settings.drift_interval)
    }

    /// The phase of the object, which selects its timeout.
    fn phase(&self) -> Phase {
        match (self.is_leaving(), &self.past.last_reconciled) {
            (true, _) => Phase::Delete,
            (false, None) => Phase::Create,
            (false, Some(_)) => Phase::Update,
        }
    }

    /// Removes the object from all caches.
    fn forget(&self) -> Requeue {
        self.context.statuses.forget(&self.object.uid().unwrap_or_default());
        Requeue::Forget
    }
}

/// The value of the annotation that requests a reconcile.
fn requested<K: Managed>(object: &K) -> Option<&String> {
    object.annotations().get(RECONCILE_REQUESTED_AT)
}
