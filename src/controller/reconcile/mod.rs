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

use super::backoff::Next;
use super::context::Context;
use apply::{Applied, apply};
use report::{Telling, report};

use crate::api::condition;
use crate::api::function::spec::LambdaFunction;
use crate::api::function::status::{LambdaFunctionStatus, Settled};
use crate::api::shared::{RECONCILE_REQUESTED_AT, REGRANT_ROLE};
use crate::aws::client::Caller;
use crate::aws::lambda::function::Remote;
use crate::core::backoff::Pace;
use crate::core::blocked::Blocked;
use crate::core::deletion::Leaving;
use crate::core::error::class::Class;
use crate::core::error::{Halt, Unready};
use crate::core::namespace_policy::Policy;
use crate::core::operation::Operation;
use crate::core::outcome::{Outcome, Work};
use crate::core::references::References;
use crate::core::target::Place;
use crate::kinds::function::desired::{Given, Goal};
use crate::kinds::function::observed::Observed;
use crate::kinds::function::plan::change::changes;
use crate::kinds::function::plan::step::Step;
use crate::kinds::function::plan::{Plan, plan};
use crate::kinds::function::status::effects::Did;
use crate::kinds::function::status::history::Memory;
use crate::kinds::function::status::pass::{Pass, Seen};
use crate::kinds::function::{Lambda, staleness};
use crate::kinds::function::{desired, status};

/// How a pass went, for the log and the metrics.
pub(super) struct Ended {
    pub(super) next: Next,
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

impl Ended {
    const fn quietly(next: Next) -> Self {
        Self { next, sent: Vec::new(), news: None }
    }
}

/// Look, decide, do, report.
pub(super) async fn pass(object: &LambdaFunction, context: &Context) -> kube::Result<Ended> {
    let deleting = object.metadata.deletion_timestamp.is_some();
    if deleting && !finalizer::is_on(object) {
        return Ok(forget(object, context));
    }
    let status = context.written.or_newer(object);
    let owed = context.written.owes(&object.uid().unwrap_or_default());
    let known = owed.as_ref().or(status.as_ref());
    let mut subject = Subject {
        context,
        object,
        before: status.as_ref(),
        known,
        memory: Memory::of(known),
        references: References::default(),
        identity: None,
    };
    if let Some(due) = after_start(&subject) {
        return Ok(Ended::quietly(Next::At(due)));
    }
    if object.spec.suspend.unwrap_or_default() {
        return subject.suspended().await;
    }
    let namespace = object.namespace().unwrap_or_default();
    let annotations = identity::annotations(context, &namespace, &subject.memory).await?;
    let policy = match Policy::of(&annotations, context.settings.require_policy) {
        Ok(policy) => policy,
        Err(blocked) => return subject.blocked(blocked).await,
    };
    // What was allowed once may always be let go.
    if let Some(blocked) = policy.refuses(object, &desired::name(object)).filter(|_| !deleting) {
        return subject.blocked(blocked).await;
    }
    let caller = identity::caller(context, &policy, &namespace).await;
    subject.aim(&policy, &caller).await
}

/// After a start, what was settled is spread over the drift interval, so that news does not queue behind it.
fn after_start(subject: &Subject<'_>) -> Option<Duration> {
    let Subject { context, object, before, known: _, memory, references: _, identity: _ } = subject;
    let uid = object.uid().unwrap_or_default();
    let settled = memory.settled.as_ref().map(|settled| settled.generation) == object.metadata.generation
        && desired::references::references(&object.spec).is_empty()
        && memory.ready
        && memory.waiting.is_none()
        && memory.stalled.is_none()
        // What was asked by annotation while nobody listened leaves no other trace.
        && requested(object) == before.and_then(|status| status.last_handled_reconcile_at.as_ref())
        && object.annotations().get(REGRANT_ROLE) == memory.regranted.as_ref()
        && before.is_some_and(|status| status.observed_generation == object.metadata.generation)
        && object.metadata.deletion_timestamp.is_none();
    let first_seen = context.paces.meets(&uid);
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

fn forget(object: &LambdaFunction, context: &Context) -> Ended {
    context.written.forget(&object.uid().unwrap_or_default());
    Ended::quietly(Next::Forget)
}

/// What a pass knows about its object, and how it tells what it did.
struct Subject<'a> {
    context: &'a Context,
    object: &'a LambdaFunction,
    /// The status as it was written when the pass began.
    before: Option<&'a LambdaFunctionStatus>,
    /// The same, or what an earlier pass could not write.
    known: Option<&'a LambdaFunctionStatus>,
    memory: Memory,
    references: References,
    /// ARN of the AWS identity that acts, once that is known.
    identity: Option<String>,
}

impl Subject<'_> {
    /// From place and references to a goal, and on to it.
    async fn aim(&mut self, policy: &Policy, caller: &Caller) -> kube::Result<Ended> {
        let (context, object) = (self.context, self.object);
        let place = identity::place(&context.aws, caller, policy, object, &self.memory).await;
        self.identity = caller.arn();
        let place = match place {
            Ok(place) => place,
            Err(outcome) => return self.report(None, Seen::Nothing, outcome, Applied::default()).await,
        };
        if !self.deleting() {
            self.references = references::resolve(context, object).await?;
        }
        let goal = match self.goal(policy, &place) {
            Ok(goal) => goal,
            Err(unready) => {
                let outcome = match unready {
                    Unready::Blocked(blocked) => Outcome::Blocked(blocked),
                    Unready::Missing(sentence) => Outcome::Missing(sentence),
                };
                return self.report(Some(&place), Seen::Nothing, outcome, Applied::default()).await;
            }
        };
        if !context.aws.may_call() {
            return Ok(Ended::quietly(Next::Retry(Pace::ORDINARY)));
        }
        if !finalizer::is_on(object) {
            finalizer::put(&self.objects(), object).await?;
        }
        let remote = context.aws.function(caller, place.clone(), object.uid().unwrap_or_default());
        self.drive(&goal, &place, &remote).await
    }

    fn goal(&self, policy: &Policy, place: &Place) -> Result<Goal, Unready> {
        let Self { context, object, before: _, known: _, memory, references, identity: _ } = self;
        let own = format!("{}/{}", object.namespace().unwrap_or_default(), object.name_any());
        desired::goal(&Given {
            object,
            name: &place.name,
            owner: format!("{}/{own}", context.settings.cluster),
            former_owners: context.settings.former_clusters.iter().map(|cluster| format!("{cluster}/{own}")).collect(),
            defaults: &context.settings.defaults.with(&policy.default_tags),
            memory,
            references,
        })
    }

    /// AWS is not called. With `skipDestroy` there is nothing to call it for.
    async fn suspended(&self) -> kube::Result<Ended> {
        if self.deleting() && self.object.spec.skip_destroy.unwrap_or_default() {
            return self.let_go().await;
        }
        self.report(None, Seen::Nothing, Outcome::Suspended, Applied::default()).await
    }

    /// Nothing was looked at.
    async fn blocked(&self, blocked: Blocked) -> kube::Result<Ended> {
        self.report(None, Seen::Nothing, Outcome::Blocked(blocked), Applied::default()).await
    }

    /// Look, decide, do, report.
    async fn drive(&self, goal: &Goal, place: &Place, remote: &Remote) -> kube::Result<Ended> {
        let looked = match self.look(goal, remote).await {
            Ok(looked) => looked,
            Err(Halt::Postponed(due)) => return Ok(Ended::quietly(Next::At(due))),
            Err(Halt::Failed(error)) => {
                return self.report(Some(place), Seen::Nothing, Outcome::Failed(error), Applied::default()).await;
            }
        };
        let observed = looked.as_ref();
        let generation = self.object.metadata.generation.unwrap_or_default();
        if let Some(work) = staleness::behind(goal, observed, &self.memory, generation, Timestamp::now()) {
            return self.report(Some(place), Seen::Nothing, Outcome::Working(work), Applied::default()).await;
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
                    let proved = Applied { did: Did::proved(goal, observed), ..Applied::default() };
                    self.report(Some(place), seen, Outcome::Settled, proved).await
                }
                Goal::Absent { .. } | Goal::Released { .. } => self.let_go().await,
            },
            Plan::Wait => self.report(Some(place), seen, Outcome::Working(self.waiting()), Applied::default()).await,
            Plan::Blocked(blocked) => {
                self.report(Some(place), seen, Outcome::Blocked(blocked), Applied::default()).await
            }
            Plan::Drift(steps) => self.tell_drift(goal, place, observed, seen, &steps).await,
            Plan::Steps(steps) => {
                self.bind(place, seen, &steps).await?;
                let mut applied = apply(self.context, remote, self.object, &self.references, observed, &steps).await?;
                self.count_drift(&applied.sent);
                applied.did.regranted = goal.regranted(&steps).filter(|_| applied.did.configured);
                let seen = seen.corrected_by(applied.halt.as_ref(), &self.memory);
                let outcome = match &applied.halt {
                    _ if applied.unreadable.is_some() => Outcome::Missing(unreadable(&applied)),
                    // A tag that may not be taken off does not hold an object whose function stays anyway.
                    Some(Halt::Failed(error))
                        if matches!(goal, Goal::Released { .. }) && error.class == Class::Denied =>
                    {
                        return self.let_go().await;
                    }
                    Some(Halt::Failed(error)) => Outcome::Failed(error.clone()),
                    Some(Halt::Postponed(_)) | None => Outcome::Working(self.work(&applied)),
                };
                // Told at once that it is gone, so that the next look is believed.
                let deleted = applied.sent.contains(&Operation::DeleteFunction);
                self.report(Some(place), if deleted { Seen::Absent } else { seen }, outcome, applied).await
            }
        }
    }

    /// Somebody else made a difference, which is only told.
    async fn tell_drift(
        &self,
        goal: &Goal,
        place: &Place,
        observed: Option<&Observed>,
        seen: Seen<'_>,
        steps: &[Step],
    ) -> kube::Result<Ended> {
        let changes = match goal {
            Goal::Present(desired) => {
                steps.iter().flat_map(|step| changes(step, &place.name, desired, observed)).collect()
            }
            Goal::Absent { .. } | Goal::Released { .. } => Vec::new(),
        };
        let ended = self.report(Some(place), seen, Outcome::Drifted(changes), Applied::default()).await?;
        if ended.news.is_some() {
            self.count_drift(&steps.iter().map(Step::operation).collect::<Vec<_>>());
        }
        Ok(ended)
    }

    async fn look(&self, goal: &Goal, remote: &Remote) -> Result<Option<Observed>, Halt> {
        if let Some(operation) = goal.sure_write(&self.memory) {
            // Else thousands of new objects would each look, find no room to write, and look again.
            remote.reserve(operation)?;
        }
        let look = desired::look(goal, &self.memory);
        remote.observe(&look).await
    }

    /// What a crash must not lose is written down before it is done. Before a creation: where the function will live, which
    /// binds the object to that place, and that nothing is known of it, for what is remembered of one that is gone must not
    /// be taken for the new one's. Before signing is attached: which.
    async fn bind(&self, place: &Place, seen: Seen<'_>, steps: &[Step]) -> kube::Result<()> {
        let creates = steps.iter().any(|step| step.operation() == Operation::CreateFunction);
        let written = Memory::of(self.before);
        if creates && (written.place.as_ref() != Some(place) || written.worked) {
            let outcome = Outcome::Working(Work::Creating);
            self.report(Some(place), seen, outcome, Applied::default()).await?;
        }
        // Else a crash just after it is attached, and an edit that wants none of it, would leave it there for ever: nobody
        // asks for what nobody knows of.
        let signing =
            steps.iter().find_map(Step::signs).filter(|signing| written.code_signing.as_ref() != Some(signing));
        if let Some(signing) = signing {
            let did = Did { signed: Some(Some(signing.clone())), ..Did::default() };
            let outcome = Outcome::Working(Work::Waiting);
            self.report(Some(place), seen, outcome, Applied { did, ..Applied::default() }).await?;
        }
        Ok(())
    }

    fn deleting(&self) -> bool {
        self.object.metadata.deletion_timestamp.is_some()
    }

    fn waiting(&self) -> Work {
        if self.deleting() { Work::Deleting } else { Work::Waiting }
    }

    fn work(&self, applied: &Applied) -> Work {
        match (self.deleting(), applied.sent.last()) {
            (true, Some(Operation::DeleteFunction | Operation::UntagResource)) => Work::LetGo,
            (true, _) => Work::Deleting,
            (false, _) => Work::Sent(applied.sent.clone()),
        }
    }

    /// A difference is drift only where everything of ours had been done.
    fn count_drift(&self, operations: &[Operation]) {
        let ours = Settled {
            generation: self.object.metadata.generation.unwrap_or_default(),
            references: Some(self.references.fingerprint()),
        };
        if !self.deleting() && self.memory.settled.as_ref() == Some(&ours) {
            operations.iter().for_each(|operation| self.context.meters.drifted(*operation));
        }
    }

    /// Nothing of ours is left in AWS.
    async fn let_go(&self) -> kube::Result<Ended> {
        if !self.context.aws.may_call() {
            return Ok(Ended::quietly(Next::Retry(Pace::ORDINARY)));
        }
        finalizer::take(&self.objects(), self.object).await?;
        Ok(Ended {
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
        place: Option<&Place>,
        seen: Seen<'_>,
        outcome: Outcome,
        applied: Applied,
    ) -> kube::Result<Ended> {
        let next = next(&outcome, &applied, drift_interval(self.object, self.context));
        // Nothing was done and nothing is known that was not known before.
        if applied.sent.is_empty() && (applied.outdated || matches!(applied.halt, Some(Halt::Postponed(_)))) {
            return Ok(Ended::quietly(next));
        }
        let telling = match &outcome {
            Outcome::Working(_) if !applied.sent.is_empty() => Telling::Always,
            Outcome::Working(_) => Telling::Never,
            Outcome::Settled | Outcome::Suspended | Outcome::Blocked(_) | Outcome::Missing(_) | Outcome::Failed(_) => {
                Telling::News
            }
            Outcome::Drifted(_) => Telling::Words,
        };
        let (namespace, name) = (self.object.namespace().unwrap_or_default(), self.object.name_any());
        let keeps = self.object.spec.skip_destroy.unwrap_or_default();
        // This pass may have reported already: what it said then is not to be said anew.
        let before = self.context.written.or_newer(self.object);
        let pass = Pass {
            generation: self.object.metadata.generation.unwrap_or_default(),
            place,
            identity: self.identity.as_deref(),
            seen,
            outcome,
            references: self.references.fingerprint(),
            did: applied.did,
            timeout: desired::timeout(self.object, &self.memory),
            requested: requested(self.object).cloned(),
            shown: Some(before.as_ref().map(|before| before.conditions.as_slice()).unwrap_or_default()),
            leaving: self.deleting().then_some(Leaving { namespace: &namespace, name: &name, keeps }),
        };
        let after = status::status(self.known, &pass, Timestamp::now());
        let overdue = after.conditions.iter().any(|c| c.reason == condition::TIMED_OUT);
        // What got on after all is not slowed down.
        let next = if overdue && applied.sent.is_empty() { Next::Retry(Pace::OVERDUE) } else { next };
        let written = report(self.context, self.object, before.as_ref(), &after, telling).await?;
        let alarming = after.conditions.iter().any(|c| c.type_ == condition::STALLED);
        let ready = after.conditions.into_iter().find(|c| c.type_ == condition::READY).filter(|_| written);
        let news = ready.map(|c| News { reason: c.reason, message: c.message, alarming });
        Ok(Ended { next, sent: applied.sent, news })
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
fn next(outcome: &Outcome, applied: &Applied, interval: Duration) -> Next {
    if let Some(Halt::Postponed(due)) = applied.halt {
        return Next::At(due);
    }
    match outcome {
        Outcome::Settled | Outcome::Drifted(_) => Next::DriftCheck(interval),
        // An edit ends it.
        Outcome::Suspended => Next::Idle,
        Outcome::Working(_) if applied.outdated => Next::Retry(Pace::ORDINARY),
        Outcome::Working(Work::Sent(_) | Work::Deleting | Work::LetGo)
            if !applied.sent.is_empty() && !applied.settling =>
        {
            Next::AtOnce
        }
        Outcome::Working(_) => Next::Settling,
        Outcome::Blocked(Blocked::NotOurs(_)) => Next::Taken(interval),
        Outcome::Blocked(_) => Next::Retry(Pace::SLOW),
        // A watch tells when it appears; a file has none.
        Outcome::Missing(_) => Next::Retry(Pace::ORDINARY),
        Outcome::Failed(error) => Next::Retry(error.class.pace()),
    }
}
