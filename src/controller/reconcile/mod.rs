//! One pass over one object: look, decide, do until AWS needs time, report.

mod apply;
pub(in crate::controller) mod finalizer;
pub mod identity;
pub mod packages;
pub mod references;
mod report;
pub(in crate::controller) mod status_cache;

use std::time::Duration;

use k8s_openapi::jiff::Timestamp;
use kube::{Api, ResourceExt};

use super::backoff::Requeue;
use super::context::Context;
use apply::{Applied, apply};
use report::{EventPolicy, report};

use crate::api::condition;
use crate::api::function::spec::LambdaFunction;
use crate::api::function::status::{AppliedGeneration, LambdaFunctionStatus};
use crate::api::shared::{RECONCILE_REQUESTED_AT, REGRANT_ROLE};
use crate::aws::client::Caller;
use crate::aws::lambda::function::Remote;
use crate::core::backoff::Backoff;
use crate::core::blocked::Blocked;
use crate::core::deletion::Deletion;
use crate::core::error::class::Class;
use crate::core::error::{CallError, GoalError};
use crate::core::namespace_policy::Policy;
use crate::core::operation::Operation;
use crate::core::outcome::{Outcome, Progress};
use crate::core::reason::Reason;
use crate::core::references::References;
use crate::core::target::Target;
use crate::kinds::function::desired::{Goal, GoalInput};
use crate::kinds::function::observed::Observed;
use crate::kinds::function::plan::change::changes;
use crate::kinds::function::plan::step::Step;
use crate::kinds::function::plan::{Plan, plan};
use crate::kinds::function::status::effects::Effects;
use crate::kinds::function::status::history::History;
use crate::kinds::function::status::pass::{Seen, StatusInput};
use crate::kinds::function::{Lambda, staleness};
use crate::kinds::function::{desired, status};

/// How a pass went, for the log and the metrics.
pub(super) struct Finished {
    pub(super) next: Requeue,
    pub(super) sent: Vec<Operation>,
    /// What status says that it did not say before.
    pub(super) news: Option<News>,
}

/// The sentence that sums a status up.
pub(super) struct News {
    pub(super) reason: String,
    pub(super) message: String,
    /// A person is asked for help.
    pub(super) alarming: bool,
}

impl Finished {
    const fn quietly(next: Requeue) -> Self {
        Self { next, sent: Vec::new(), news: None }
    }
}

/// Look, decide, do, report.
pub(super) async fn pass(object: &LambdaFunction, context: &Context) -> kube::Result<Finished> {
    let deleting = object.metadata.deletion_timestamp.is_some();
    if deleting && !finalizer::is_on(object) {
        return Ok(forget(object, context));
    }
    let status = context.statuses.latest(object);
    let owed = context.statuses.pending(&object.uid().unwrap_or_default());
    let known = owed.as_ref().or(status.as_ref());
    let mut subject = Reconcile {
        context,
        object,
        before: status.as_ref(),
        known,
        history: History::of(known),
        references: References::default(),
        identity: None,
    };
    if let Some(due) = after_start(&subject) {
        return Ok(Finished::quietly(Requeue::At(due)));
    }
    if object.spec.suspend.unwrap_or_default() {
        return subject.suspended().await;
    }
    let namespace = object.namespace().unwrap_or_default();
    let annotations = identity::annotations(context, &namespace, &subject.history).await?;
    let policy = match Policy::of(&annotations, context.settings.require_policy) {
        Ok(policy) => policy,
        Err(blocked) => return subject.blocked(blocked).await,
    };
    // What was allowed once may always be let go.
    if let Some(blocked) = policy.refuses(object, &desired::name(object)).filter(|_| !deleting) {
        return subject.blocked(blocked).await;
    }
    let caller = identity::caller(context, &policy, &namespace).await;
    subject.resolve_goal(&policy, &caller).await
}

/// After a start, what was settled is spread over the drift interval, so that news does not queue behind it.
fn after_start(subject: &Reconcile<'_>) -> Option<Duration> {
    let Reconcile { context, object, before, known: _, history, references: _, identity: _ } = subject;
    let uid = object.uid().unwrap_or_default();
    let settled = history.last_reconciled.as_ref().map(|settled| settled.generation) == object.metadata.generation
        && desired::references::references(&object.spec).is_empty()
        && history.ready
        && history.wait.is_none()
        && history.stalled.is_none()
        // What was asked by annotation while nobody listened leaves no other trace.
        && requested(object) == before.and_then(|status| status.last_handled_reconcile_at.as_ref())
        && object.annotations().get(REGRANT_ROLE) == history.last_regranted_role.as_ref()
        && before.is_some_and(|status| status.observed_generation == object.metadata.generation)
        && object.metadata.deletion_timestamp.is_none();
    let first_seen = context.attempts.is_first(&uid);
    (first_seen && settled).then(|| drift_interval(object, context).mul_f64(fastrand::f64()))
}

/// Between two checks of this object once it is settled.
fn drift_interval(object: &LambdaFunction, context: &Context) -> Duration {
    desired::drift_interval(object).unwrap_or(context.settings.drift_interval)
}

/// The look that was asked for by annotation.
fn requested(object: &LambdaFunction) -> Option<&String> {
    object.annotations().get(RECONCILE_REQUESTED_AT)
}

fn forget(object: &LambdaFunction, context: &Context) -> Finished {
    context.statuses.forget(&object.uid().unwrap_or_default());
    Finished::quietly(Requeue::Forget)
}

/// What a pass knows about its object, and how it tells what it did.
struct Reconcile<'a> {
    context: &'a Context,
    object: &'a LambdaFunction,
    /// The status as it was written when the pass began.
    before: Option<&'a LambdaFunctionStatus>,
    /// The same, or what an earlier pass could not write.
    known: Option<&'a LambdaFunctionStatus>,
    history: History,
    references: References,
    /// ARN of the AWS identity that acts, once that is known.
    identity: Option<String>,
}

impl Reconcile<'_> {
    /// From place and references to a goal, and on to it.
    async fn resolve_goal(&mut self, policy: &Policy, caller: &Caller) -> kube::Result<Finished> {
        let (context, object) = (self.context, self.object);
        let target = identity::target(&context.aws, caller, policy, object, &self.history).await;
        self.identity = caller.arn();
        let target = match target {
            Ok(target) => target,
            Err(outcome) => return self.report(None, Seen::Nothing, outcome, Applied::default()).await,
        };
        if !self.deleting() {
            self.references = references::resolve(context, object).await?;
        }
        let goal = match self.goal(policy, &target) {
            Ok(goal) => goal,
            Err(unready) => {
                let outcome = match unready {
                    GoalError::Blocked(blocked) => Outcome::Blocked(blocked),
                    GoalError::Missing(sentence) => Outcome::Missing(sentence),
                };
                return self.report(Some(&target), Seen::Nothing, outcome, Applied::default()).await;
            }
        };
        if !context.aws.may_call() {
            return Ok(Finished::quietly(Requeue::Retry(Backoff::ORDINARY)));
        }
        if !finalizer::is_on(object) {
            finalizer::put(&self.objects(), object).await?;
        }
        let remote = context.aws.function(caller, target.clone(), object.uid().unwrap_or_default());
        self.converge(&goal, &target, &remote).await
    }

    fn goal(&self, policy: &Policy, target: &Target) -> Result<Goal, GoalError> {
        let Self { context, object, before: _, known: _, history, references, identity: _ } = self;
        let own = format!("{}/{}", object.namespace().unwrap_or_default(), object.name_any());
        desired::goal(&GoalInput {
            object,
            name: &target.name,
            owner: format!("{}/{own}", context.settings.cluster),
            former_owners: context.settings.former_clusters.iter().map(|cluster| format!("{cluster}/{own}")).collect(),
            defaults: &context.settings.defaults.with(&policy.default_tags),
            history,
            references,
        })
    }

    /// AWS is not called. With `skipDestroy` there is nothing to call it for.
    async fn suspended(&self) -> kube::Result<Finished> {
        if self.deleting() && self.object.spec.skip_destroy.unwrap_or_default() {
            return self.release().await;
        }
        self.report(None, Seen::Nothing, Outcome::Suspended, Applied::default()).await
    }

    /// Nothing was looked at.
    async fn blocked(&self, blocked: Blocked) -> kube::Result<Finished> {
        self.report(None, Seen::Nothing, Outcome::Blocked(blocked), Applied::default()).await
    }

    /// Look, decide, do, report.
    async fn converge(&self, goal: &Goal, target: &Target, remote: &Remote) -> kube::Result<Finished> {
        let looked = match self.query(goal, remote).await {
            Ok(looked) => looked,
            Err(CallError::Postponed(due)) => return Ok(Finished::quietly(Requeue::At(due))),
            Err(CallError::Failed(error)) => {
                return self.report(Some(target), Seen::Nothing, Outcome::Failed(error), Applied::default()).await;
            }
        };
        let observed = looked.as_ref();
        let generation = self.object.metadata.generation.unwrap_or_default();
        if let Some(work) = staleness::stale_read(goal, observed, &self.history, generation, Timestamp::now()) {
            return self.report(Some(target), Seen::Nothing, Outcome::InProgress(work), Applied::default()).await;
        }
        let seen = match observed {
            None => Seen::Absent,
            Some(observed)
                if observed.owner.known().is_some_and(|tag| tag.as_ref().is_some_and(|tag| goal.claims(tag))) =>
            {
                Seen::Ours(observed)
            }
            Some(_) => Seen::Nothing,
        };
        match plan(goal, observed) {
            Plan::Done => match goal {
                Goal::Present(_) => {
                    let proved = Applied { effects: Effects::proved(goal, observed), ..Applied::default() };
                    self.report(Some(target), seen, Outcome::Settled, proved).await
                }
                Goal::Absent { .. } | Goal::Released { .. } => self.release().await,
            },
            Plan::Wait => {
                self.report(Some(target), seen, Outcome::InProgress(self.waiting()), Applied::default()).await
            }
            Plan::Blocked(blocked) => {
                self.report(Some(target), seen, Outcome::Blocked(blocked), Applied::default()).await
            }
            Plan::Drift(steps) => self.report_drift(goal, target, observed, seen, &steps).await,
            Plan::Steps(steps) => {
                self.record_intent(target, seen, &steps).await?;
                let mut applied = apply(self.context, remote, self.object, &self.references, observed, &steps).await?;
                self.count_drift(&applied.sent);
                applied.effects.regranted = goal.regranted(&steps).filter(|_| applied.effects.configured);
                let seen = seen.corrected_by(applied.halt.as_ref(), &self.history);
                let outcome = match &applied.halt {
                    _ if applied.unreadable.is_some() => Outcome::Missing(unreadable(&applied)),
                    // A tag that may not be taken off does not hold an object whose function stays anyway.
                    Some(CallError::Failed(error))
                        if matches!(goal, Goal::Released { .. }) && error.class == Class::Denied =>
                    {
                        return self.release().await;
                    }
                    Some(CallError::Failed(error)) => Outcome::Failed(error.clone()),
                    Some(CallError::Postponed(_)) | None => Outcome::InProgress(self.work(&applied)),
                };
                // Told at once that it is gone, so that the next look is believed.
                let deleted = applied.sent.contains(&Operation::DeleteFunction);
                self.report(Some(target), if deleted { Seen::Absent } else { seen }, outcome, applied).await
            }
        }
    }

    /// Somebody else made a difference, which is only told.
    async fn report_drift(
        &self,
        goal: &Goal,
        target: &Target,
        observed: Option<&Observed>,
        seen: Seen<'_>,
        steps: &[Step],
    ) -> kube::Result<Finished> {
        let changes = match goal {
            Goal::Present(desired) => {
                steps.iter().flat_map(|step| changes(step, &target.name, desired, observed)).collect()
            }
            Goal::Absent { .. } | Goal::Released { .. } => Vec::new(),
        };
        let ended = self.report(Some(target), seen, Outcome::Drifted(changes), Applied::default()).await?;
        if ended.news.is_some() {
            self.count_drift(&steps.iter().map(Step::operation).collect::<Vec<_>>());
        }
        Ok(ended)
    }

    async fn query(&self, goal: &Goal, remote: &Remote) -> Result<Option<Observed>, CallError> {
        if let Some(operation) = goal.sure_write(&self.history) {
            // Else thousands of new objects would each look, find no room to write, and look again.
            remote.reserve(operation)?;
        }
        let query = desired::query(goal, &self.history);
        remote.observe(&query).await
    }

    /// What a crash must not lose is written down before it is done. Before a creation: where the function will live, which
    /// binds the object to that place, and that nothing is known of it, for what is remembered of one that is gone must not
    /// be taken for the new one's. Before signing is attached: which.
    async fn record_intent(&self, target: &Target, seen: Seen<'_>, steps: &[Step]) -> kube::Result<()> {
        let creates = steps.iter().any(|step| step.operation() == Operation::CreateFunction);
        let recorded = History::of(self.before);
        if creates && (recorded.target.as_ref() != Some(target) || recorded.ever_active) {
            let outcome = Outcome::InProgress(Progress::Creating);
            self.report(Some(target), seen, outcome, Applied::default()).await?;
        }
        // Else a crash just after it is attached, and an edit that wants none of it, would leave it there for ever: nobody
        // asks for what nobody knows of.
        let signing =
            steps.iter().find_map(Step::signs).filter(|signing| recorded.code_signing.as_ref() != Some(signing));
        if let Some(signing) = signing {
            let effects = Effects { signed: Some(Some(signing.clone())), ..Effects::default() };
            let outcome = Outcome::InProgress(Progress::Waiting);
            self.report(Some(target), seen, outcome, Applied { effects, ..Applied::default() }).await?;
        }
        Ok(())
    }

    fn deleting(&self) -> bool {
        self.object.metadata.deletion_timestamp.is_some()
    }

    fn waiting(&self) -> Progress {
        if self.deleting() { Progress::Deleting } else { Progress::Waiting }
    }

    fn work(&self, applied: &Applied) -> Progress {
        match (self.deleting(), applied.sent.last()) {
            (true, Some(Operation::DeleteFunction | Operation::UntagResource)) => Progress::Removing,
            (true, _) => Progress::Deleting,
            (false, _) => Progress::Sent(applied.sent.clone()),
        }
    }

    /// A difference is drift only where everything of ours had been done.
    fn count_drift(&self, operations: &[Operation]) {
        let ours = AppliedGeneration {
            generation: self.object.metadata.generation.unwrap_or_default(),
            references: Some(self.references.fingerprint()),
        };
        if !self.deleting() && self.history.last_reconciled.as_ref() == Some(&ours) {
            operations.iter().for_each(|operation| self.context.metrics.drifted(*operation));
        }
    }

    /// Nothing of ours is left in AWS.
    async fn release(&self) -> kube::Result<Finished> {
        if !self.context.aws.may_call() {
            return Ok(Finished::quietly(Requeue::Retry(Backoff::ORDINARY)));
        }
        finalizer::take(&self.objects(), self.object).await?;
        Ok(Finished {
            news: Some(News {
                reason: "Released".into(),
                message: "Nothing of the object is left to do in AWS".into(),
                alarming: false,
            }),
            ..forget(self.object, self.context)
        })
    }

    async fn report(
        &self,
        target: Option<&Target>,
        seen: Seen<'_>,
        outcome: Outcome,
        applied: Applied,
    ) -> kube::Result<Finished> {
        let next = next(&outcome, &applied, drift_interval(self.object, self.context));
        // Nothing was done and nothing is known that was not known before.
        if applied.sent.is_empty() && (applied.outdated || matches!(applied.halt, Some(CallError::Postponed(_)))) {
            return Ok(Finished::quietly(next));
        }
        let telling = match &outcome {
            Outcome::InProgress(_) if !applied.sent.is_empty() => EventPolicy::Always,
            Outcome::InProgress(_) => EventPolicy::Never,
            Outcome::Settled | Outcome::Suspended | Outcome::Blocked(_) | Outcome::Missing(_) | Outcome::Failed(_) => {
                EventPolicy::News
            }
            Outcome::Drifted(_) => EventPolicy::Words,
        };
        let (namespace, name) = (self.object.namespace().unwrap_or_default(), self.object.name_any());
        let skip_destroy = self.object.spec.skip_destroy.unwrap_or_default();
        // This pass may have reported already: what it said then is not to be said anew.
        let before = self.context.statuses.latest(self.object);
        let pass = StatusInput {
            generation: self.object.metadata.generation.unwrap_or_default(),
            target,
            identity: self.identity.as_deref(),
            seen,
            outcome,
            references: self.references.fingerprint(),
            effects: applied.effects,
            timeout: desired::timeout(self.object, &self.history),
            requested: requested(self.object).cloned(),
            shown: Some(before.as_ref().map(|before| before.conditions.as_slice()).unwrap_or_default()),
            deletion: self.deleting().then_some(Deletion { namespace: &namespace, name: &name, skip_destroy }),
        };
        let after = status::status(self.known, &pass, Timestamp::now());
        let overdue = after.conditions.iter().any(|c| c.reason == Reason::TimedOut.name());
        // What got on after all is not slowed down.
        let next = if overdue && applied.sent.is_empty() { Requeue::Retry(Backoff::OVERDUE) } else { next };
        let written = report(self.context, self.object, before.as_ref(), &after, telling).await?;
        let alarming = after.conditions.iter().any(|c| c.type_ == condition::STALLED);
        let ready = after.conditions.into_iter().find(|c| c.type_ == condition::READY).filter(|_| written);
        let news = ready.map(|c| News { reason: c.reason, message: c.message, alarming });
        Ok(Finished { next, sent: applied.sent, news })
    }

    fn objects(&self) -> Api<LambdaFunction> {
        Api::namespaced(self.context.kubernetes.clone(), &self.object.namespace().unwrap_or_default())
    }
}

fn unreadable(applied: &Applied) -> String {
    let error = applied.unreadable.as_deref().unwrap_or_default();
    format!("The package could not be read when it was to be sent ({error}): see that it stays in its place.")
}

/// When to look again.
fn next(outcome: &Outcome, applied: &Applied, interval: Duration) -> Requeue {
    if let Some(CallError::Postponed(due)) = applied.halt {
        return Requeue::At(due);
    }
    match outcome {
        Outcome::Settled | Outcome::Drifted(_) => Requeue::DriftCheck(interval),
        // An edit ends it.
        Outcome::Suspended => Requeue::Idle,
        Outcome::InProgress(_) if applied.outdated => Requeue::Retry(Backoff::ORDINARY),
        Outcome::InProgress(Progress::Sent(_) | Progress::Deleting | Progress::Removing)
            if !applied.sent.is_empty() && !applied.settling =>
        {
            Requeue::Now
        }
        Outcome::InProgress(_) => Requeue::Busy,
        Outcome::Blocked(Blocked::NotOwned(_)) => Requeue::NotOwned(interval),
        Outcome::Blocked(_) => Requeue::Retry(Backoff::SLOW),
        // A watch tells when it appears; a file has none.
        Outcome::Missing(_) => Requeue::Retry(Backoff::ORDINARY),
        Outcome::Failed(error) => Requeue::Retry(error.class.pace()),
    }
}
