//! One reconcile of one object, in a straight line: resolve, goal, finalizer, observe, staleness, plan, record the intent, apply; then one report.

mod apply;
mod cluster;
mod crd_check;
pub(in crate::controller) mod events;
mod failure;
pub(in crate::controller) mod finalizer;
pub(in crate::controller) mod finished;
pub mod identity;
pub(in crate::controller) mod leftover;
pub mod packages;
pub mod references;
mod refused;
pub(in crate::controller) mod report;
pub mod stages;
pub(in crate::controller) mod status_cache;
mod status_write;
pub(in crate::controller) mod turns;
pub(in crate::controller) mod unreadable;

use std::sync::Arc;
use std::time::{Duration, Instant};

use k8s_openapi::jiff::Timestamp;
use kube::ResourceExt;
use tracing::warn;

use super::backoff::Requeue;
use super::context::KindContext;
use super::managed::Managed;
use crate::api::shared::RECONCILE_REQUESTED_AT;
use crate::aws::client::Caller;
use crate::core::backoff::Backoff;
use crate::core::conclusion::Conclusion;
use crate::core::kind::{ConclusionOf, GoalOf, Kind, Situation};
use crate::core::namespace_policy::Policy;
use crate::core::outcome::Outcome;
use crate::core::past::{Past, Reported};
use crate::core::references::References;
use crate::core::refusal::{Refusal, Request};
use crate::core::target::Target;
use crate::core::timeouts::{Phase, drift_interval};
use failure::Failure;
use finished::Finished;
use stages::converge;
use turns::Turn;

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
    /// ARN of the AWS identity that acts, once it is known.
    identity: Option<String>,
}

/// Reconciles the object, and reports once.
pub(super) async fn reconcile<K: Managed>(object: &K, context: &KindContext<K>) -> kube::Result<Finished> {
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
        Self { context, object, before, known, past, history, references: References::default(), identity: None }
    }

    /// Every stage; the comment names the system that it calls.
    async fn stages(&mut self) -> Result<ConclusionOf<K>, Stop<K>> {
        self.is_recorded().await?; // Kubernetes, only if the CRD may have changed
        self.keep_hold().await?; // Kubernetes, only if somebody removed the finalizer
        self.is_due()?; // pure
        let policy = self.policy().await?; // Kubernetes
        self.resolve().await?; // Kubernetes
        let caller = self.caller(&policy).await;
        let target = self.target(&policy, &caller).await?; // STS
        let goal = self.goal(&policy, &target)?; // pure
        let _turn = self.turn(&target)?; // objects of one function take turns
        self.hold().await?; // Kubernetes
        let aws = K::remote(&self.context.shared.aws, &caller, target.clone(), self.object.uid().unwrap_or_default());
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
        Ok(converge(&situation, &aws, self).await?) // AWS, and Kubernetes for the write-ahead record
    }

    /// Adds the finalizer again if somebody removed it from an object that may have a resource, even while it is suspended.
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
        if self.object.common().suspend.unwrap_or_default() {
            // With `skipDestroy` the deletion of a suspended object needs no AWS call.
            let gone = self.is_leaving() && self.object.common().skip_destroy.unwrap_or_default();
            return Err(if gone { Outcome::Released } else { Outcome::Suspended }.into());
        }
        Ok(())
    }

    /// After a start, drift checks of objects that are in sync are spread over the drift interval, so that changes do not queue behind them.
    fn after_start(&self) -> Option<Duration> {
        let Self { context, object, before, known: _, past, history, references: _, identity: _ } = self;
        let reported = before.as_ref().map(Reported::common);
        let settled = past.last_reconciled.as_ref().map(|last| last.generation) == object.meta().generation
            && object.references().is_empty()
            && past.ready
            && past.wait.is_none()
            && past.stalled.is_none()
            // A request by annotation that was not handled leaves no other trace.
            && requested(*object) == reported.and_then(|status| status.last_handled_reconcile_at.as_ref())
            && object.is_idle(history)
            && reported.is_some_and(|status| status.observed_generation == object.meta().generation)
            && !self.is_leaving();
        let first = context.shared.attempts.is_first(&object.uid().unwrap_or_default());
        (first && settled).then(|| self.drift_interval().mul_f64(fastrand::f64()))
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

    async fn target(&mut self, policy: &Policy, caller: &Caller) -> Result<Target, Stop<K>> {
        let (aws, references) = (&self.context.shared.aws, &self.references);
        let target = identity::target(aws, caller, policy, self.object, &self.past, references).await;
        self.identity = caller.arn();
        Ok(target?)
    }

    /// Fetches the references. Deletion does not need them.
    async fn resolve(&mut self) -> Result<(), Failure> {
        if !self.is_leaving() {
            self.references = references::resolve(&self.context.shared, self.object).await?;
        }
        Ok(())
    }

    fn goal(&self, policy: &Policy, target: &Target) -> Result<GoalOf<K>, Stop<K>> {
        let Self { context, object, before: _, known: _, past: _, history, references, identity: _ } = self;
        let rival = context.rival(object, target);
        let given = stages::Given { object: *object, target, history, references, rival, now: Timestamp::now() };
        let goal = stages::goal(&context.shared.settings.identity, policy, given);
        goal.map_err(|outcome| Stop::Conclusion(Box::new(Conclusion::new(outcome).at(target))))
    }

    /// Takes the function's turn: objects of all kinds that belong to one function read and write it one after the other.
    fn turn(&self, target: &Target) -> Result<Turn<'a>, Stop<K>> {
        let uid = self.object.uid().unwrap_or_default();
        let turn = self.context.shared.turns.take(target, &uid, Instant::now());
        turn.map_err(|again| Stop::Quiet(Requeue::After(again)))
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
