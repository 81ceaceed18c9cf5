//! One reconcile of one object, in a straight line: resolve, goal, finalizer, observe, staleness, plan, record the intent, apply; then one report.

mod cluster;
pub(in crate::controller) mod finalizer;
pub mod identity;
pub mod packages;
pub mod references;
pub(in crate::controller) mod report;
pub mod stages;
pub(in crate::controller) mod status_cache;
mod status_write;

use std::sync::Arc;
use std::time::Duration;

use k8s_openapi::jiff::Timestamp;
use kube::ResourceExt;

use super::backoff::Requeue;
use super::context::Context;
use crate::api::function::spec::LambdaFunction;
use crate::api::function::status::LambdaFunctionStatus;
use crate::api::shared::{RECONCILE_REQUESTED_AT, REGRANT_ROLE};
use crate::aws::client::Caller;
use crate::core::backoff::Backoff;
use crate::core::namespace_policy::Policy;
use crate::core::outcome::Outcome;
use crate::core::references::References;
use crate::core::target::Target;
use crate::kinds::function::desired;
use crate::kinds::function::desired::Goal;
use crate::kinds::function::status::conclusion::Conclusion;
use crate::kinds::function::status::history::History;
use report::Finished;
use stages::{Situation, converge};

/// Why a reconcile ends before its last stage.
enum Stop {
    /// There is something to report.
    Conclusion(Box<Conclusion>),
    /// There is nothing to report.
    Quiet(Requeue),
    /// The API server refused.
    Kubernetes(kube::Error),
}

impl From<Conclusion> for Stop {
    fn from(conclusion: Conclusion) -> Self {
        Self::Conclusion(Box::new(conclusion))
    }
}

impl From<Outcome> for Stop {
    fn from(outcome: Outcome) -> Self {
        Conclusion::new(outcome).into()
    }
}

impl From<kube::Error> for Stop {
    fn from(error: kube::Error) -> Self {
        Self::Kubernetes(error)
    }
}

impl From<stages::Stop<kube::Error>> for Stop {
    fn from(stop: stages::Stop<kube::Error>) -> Self {
        match stop {
            stages::Stop::Conclusion(conclusion) => Self::Conclusion(conclusion),
            stages::Stop::Cluster(error) => Self::Kubernetes(error),
        }
    }
}

/// What a reconcile knows about its object.
pub(super) struct Reconcile<'a> {
    context: &'a Context,
    object: &'a LambdaFunction,
    /// The status as it was written when the reconcile began.
    before: Option<LambdaFunctionStatus>,
    /// The same, or what an earlier reconcile could not write.
    known: Option<LambdaFunctionStatus>,
    history: History,
    references: References,
    /// ARN of the AWS identity that acts, once that is known.
    identity: Option<String>,
}

/// Reconciles, and reports once.
pub(super) async fn reconcile(object: &LambdaFunction, context: &Context) -> kube::Result<Finished> {
    let mut reconcile = Reconcile::new(object, context);
    match reconcile.stages().await {
        Ok(conclusion) => reconcile.report(conclusion).await,
        Err(Stop::Conclusion(conclusion)) => reconcile.report(*conclusion).await,
        Err(Stop::Quiet(requeue)) => Ok(Finished::quietly(requeue)),
        Err(Stop::Kubernetes(error)) => Err(error),
    }
}

impl<'a> Reconcile<'a> {
    fn new(object: &'a LambdaFunction, context: &'a Context) -> Self {
        let before = context.statuses.latest(object);
        let known = context.statuses.pending(&object.uid().unwrap_or_default()).or_else(|| before.clone());
        let history = History::of(known.as_ref());
        Self { context, object, before, known, history, references: References::default(), identity: None }
    }

    /// Every stage, each with what it talks to.
    async fn stages(&mut self) -> Result<Conclusion, Stop> {
        self.is_due()?; // pure
        let policy = self.policy().await?; // Kubernetes
        let caller = self.caller(&policy).await;
        let target = self.target(&policy, &caller).await?; // STS
        self.resolve().await?; // Kubernetes
        let goal = self.goal(&policy, &target)?; // pure
        self.hold().await?; // Kubernetes
        let aws = self.context.aws.function(&caller, target.clone(), self.object.uid().unwrap_or_default());
        let (history, recorded) = (self.history.clone(), History::of(self.before.as_ref()));
        let situation = Situation {
            goal: &goal,
            target: &target,
            history: &history,
            recorded: &recorded,
            generation: self.object.metadata.generation.unwrap_or_default(),
            now: Timestamp::now(),
        };
        Ok(converge(&situation, &aws, self).await?) // AWS, and Kubernetes for what must not be lost
    }

    /// Whether there is anything to do now.
    fn is_due(&self) -> Result<(), Stop> {
        if self.is_leaving() && !finalizer::is_on(self.object) {
            return Err(Stop::Quiet(self.forget()));
        }
        if let Some(due) = self.after_start() {
            return Err(Stop::Quiet(Requeue::After(due)));
        }
        if self.object.spec.common.suspend.unwrap_or_default() {
            // With `skipDestroy` there is nothing to call AWS for.
            let gone = self.is_leaving() && self.object.spec.common.skip_destroy.unwrap_or_default();
            return Err(if gone { Outcome::Released } else { Outcome::Suspended }.into());
        }
        Ok(())
    }

    /// After a start, settled objects are spread over the drift interval, so that changes do not queue behind them.
    fn after_start(&self) -> Option<Duration> {
        let Self { context, object, before, known: _, history, references: _, identity: _ } = self;
        let settled = history.last_reconciled.as_ref().map(|last| last.generation) == object.metadata.generation
            && desired::references::references(&object.spec).is_empty()
            && history.ready
            && history.wait.is_none()
            && history.stalled.is_none()
            // A request by annotation that nobody heard leaves no other trace.
            && requested(object) == before.as_ref().and_then(|status| status.common.last_handled_reconcile_at.as_ref())
            && object.annotations().get(REGRANT_ROLE) == history.last_regranted_role.as_ref()
            && before.as_ref().is_some_and(|status| status.common.observed_generation == object.metadata.generation)
            && !self.is_leaving();
        let first = context.attempts.is_first(&object.uid().unwrap_or_default());
        (first && settled).then(|| self.drift_interval().mul_f64(fastrand::f64()))
    }

    /// What the namespace allows.
    async fn policy(&self) -> Result<Policy, Stop> {
        let namespace = self.object.namespace().unwrap_or_default();
        let annotations = identity::annotations(self.context, &namespace, &self.history).await?;
        Ok(stages::policy(&self.context.settings.identity, &annotations, self.object)?)
    }

    async fn caller(&self, policy: &Policy) -> Arc<Caller> {
        identity::caller(self.context, policy, &self.object.namespace().unwrap_or_default()).await
    }

    async fn target(&mut self, policy: &Policy, caller: &Caller) -> Result<Target, Stop> {
        let target = identity::target(&self.context.aws, caller, policy, self.object, &self.history).await;
        self.identity = caller.arn();
        Ok(target?)
    }

    /// Deletion needs nothing that the spec refers to.
    async fn resolve(&mut self) -> kube::Result<()> {
        if !self.is_leaving() {
            self.references = references::resolve(self.context, self.object).await?;
        }
        Ok(())
    }

    fn goal(&self, policy: &Policy, target: &Target) -> Result<Goal, Stop> {
        let Self { context, object, before: _, known: _, history, references, identity: _ } = self;
        let goal = stages::goal(&context.settings.identity, policy, object, target, history, references);
        goal.map_err(|outcome| Conclusion::new(outcome).at(target).into())
    }

    /// Whoever leads now writes; the finalizer comes before anything in AWS.
    async fn hold(&self) -> Result<(), Stop> {
        if !self.context.aws.may_call() {
            return Err(Stop::Quiet(Requeue::Retry(Backoff::ORDINARY)));
        }
        if !finalizer::is_on(self.object) {
            finalizer::put(&self.objects(), self.object).await?;
        }
        Ok(())
    }

    fn is_leaving(&self) -> bool {
        self.object.metadata.deletion_timestamp.is_some()
    }

    /// Between two checks of this object once it is settled.
    fn drift_interval(&self) -> Duration {
        desired::drift_interval(self.object).unwrap_or(self.context.settings.drift_interval)
    }

    /// Nothing of the object is remembered any more.
    fn forget(&self) -> Requeue {
        self.context.statuses.forget(&self.object.uid().unwrap_or_default());
        Requeue::Forget
    }
}

/// The reconcile that was requested by annotation.
fn requested(object: &LambdaFunction) -> Option<&String> {
    object.annotations().get(RECONCILE_REQUESTED_AT)
}
