//! One pass over one object: look, decide, do until AWS needs time, report.

use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::time::{Duration, Instant};

use futures::FutureExt;
use k8s_openapi::jiff::Timestamp;
use kube::runtime::controller::Action;
use kube::{Api, ResourceExt};
use tracing::{debug, error, info};

use super::apply::{Applied, apply};
use super::context::Context;
use super::report::{Telling, report};
use super::{finalizer, identity};
use crate::api::{LambdaFunction, LambdaFunctionStatus, condition};
use crate::aws::Remote;
use crate::function::{
    self, Goal, Halt, Lambda, Look, Memory, Observed, Operation, Outcome, Pace, Pass, Place, Plan, Seen, Step, Work,
    plan,
};

/// A pass that takes longer hangs.
const LONGEST_PASS: Duration = Duration::from_secs(300);

/// Why a pass could not even be reported.
#[derive(Debug, thiserror::Error)]
pub(super) enum Error {
    #[error("the API server refused or did not answer: {0}")]
    Kubernetes(#[from] kube::Error),
    #[error("the pass took longer than {} s and was given up", LONGEST_PASS.as_secs())]
    TooLong,
    #[error("the pass panicked; this is a bug of the operator, please report it with this log")]
    Panicked,
}

/// When the next pass is due.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Next {
    /// The object is gone, or is none of our business.
    Forget,
    /// There is more to do.
    AtOnce,
    /// A place in the budget is due then.
    At(Duration),
    /// AWS works.
    Settling,
    /// Something failed.
    Retry(Pace),
    /// Nothing differs.
    DriftCheck,
}

/// How a pass went, for the log and the metrics.
struct Ended {
    next: Next,
    sent: Vec<Operation>,
    /// Reason and message, where status has news.
    news: Option<(String, String)>,
}

impl Ended {
    const fn quietly(next: Next) -> Self {
        Self { next, sent: Vec::new(), news: None }
    }
}

/// A pass with all that is around it: time limit, panic guard, metrics, one line in the log.
pub(super) async fn observed(object: Arc<LambdaFunction>, context: Arc<Context>) -> Result<Action, Arc<Error>> {
    let started = Instant::now();
    context.meters.pass_begins();
    let guarded = AssertUnwindSafe(tokio::time::timeout(LONGEST_PASS, pass(&object, &context))).catch_unwind();
    let result = match guarded.await {
        Ok(Ok(result)) => result,
        Ok(Err(_)) => Err(Error::TooLong),
        Err(_) => {
            context.meters.panicked();
            Err(Error::Panicked)
        }
    };
    let (namespace, name) = (object.namespace().unwrap_or_default(), object.name_any());
    let generation = object.metadata.generation.unwrap_or_default();
    let ended = match result {
        Ok(ended) => ended,
        Err(error) => {
            error!(namespace, name, generation, %error, "Pass failed");
            context.meters.pass_ended("error", started.elapsed());
            return Err(Arc::new(error));
        }
    };
    let sent: Vec<_> = ended.sent.iter().map(|operation| operation.name()).collect();
    match &ended.news {
        Some((reason, message)) => info!(namespace, name, generation, reason, sent = sent.join(","), "{message}"),
        None if !sent.is_empty() => info!(namespace, name, generation, sent = sent.join(","), "Wrote to AWS"),
        None => debug!(namespace, name, generation, next = ?ended.next, "Nothing new"),
    }
    context.meters.pass_ended(label(ended.next), started.elapsed());
    let delay = context.paces.delay(&object.uid().unwrap_or_default(), &ended.next, context.settings.drift_interval);
    Ok(delay.map_or_else(Action::await_change, Action::requeue))
}

/// The names that dashboards for controllers know.
const fn label(next: Next) -> &'static str {
    match next {
        Next::Forget => "success",
        Next::AtOnce => "requeue",
        Next::At(_) | Next::Settling | Next::Retry(_) | Next::DriftCheck => "requeue_after",
    }
}

/// After a pass that could not be reported.
#[allow(clippy::needless_pass_by_value, reason = "the signature that kube asks for")]
pub(super) fn on_error(object: Arc<LambdaFunction>, _: &Arc<Error>, context: Arc<Context>) -> Action {
    let next = Next::Retry(Pace::ORDINARY);
    let uid = object.uid().unwrap_or_default();
    let delay = context.paces.delay(&uid, &next, context.settings.drift_interval);
    delay.map_or_else(Action::await_change, Action::requeue)
}

async fn pass(object: &LambdaFunction, context: &Context) -> Result<Ended, Error> {
    let deleting = object.metadata.deletion_timestamp.is_some();
    if deleting && !finalizer::is_on(object) {
        return Ok(forget(object, context));
    }
    let status = context.written.or_newer(object);
    let reporter = Reporter { context, object, before: status.as_ref(), memory: Memory::of(status.as_ref()) };
    if let Some(due) = after_start(&reporter) {
        return Ok(Ended::quietly(Next::At(due)));
    }
    let place = match identity::place(context, object, &reporter.memory).await {
        Ok(place) => place,
        Err(outcome) => return reporter.report(None, Seen::Nothing, outcome, Applied::default()).await,
    };
    let owner =
        format!("{}/{}/{}", context.settings.cluster, object.namespace().unwrap_or_default(), object.name_any());
    let goal = match function::goal(object, &place.name, owner, &context.settings.defaults, &reporter.memory) {
        Ok(goal) => goal,
        Err(blocked) => {
            let outcome = Outcome::Blocked(blocked);
            return reporter.report(Some(&place), Seen::Nothing, outcome, Applied::default()).await;
        }
    };
    if !finalizer::is_on(object) {
        finalizer::put(&reporter.objects(), object).await?;
    }
    let remote = context.aws.function(place.clone(), object.uid().unwrap_or_default());
    reporter.drive(&goal, &place, &remote).await
}

/// After a start, what was settled is spread over the drift interval, so that news does not queue behind it.
fn after_start(reporter: &Reporter<'_>) -> Option<Duration> {
    let Reporter { context, object, before, memory } = reporter;
    let uid = object.uid().unwrap_or_default();
    let settled = memory.settled.is_some()
        && memory.settled == object.metadata.generation
        && memory.waiting.is_none()
        && memory.stalled.is_none()
        && before.is_some_and(|status| status.observed_generation == object.metadata.generation)
        && object.metadata.deletion_timestamp.is_none();
    let first_seen = context.paces.meets(&uid);
    (first_seen && settled).then(|| context.settings.drift_interval.mul_f64(fastrand::f64()))
}

fn forget(object: &LambdaFunction, context: &Context) -> Ended {
    context.written.forget(&object.uid().unwrap_or_default());
    Ended::quietly(Next::Forget)
}

/// What a pass knows about its object, and how it tells what it did.
struct Reporter<'a> {
    context: &'a Context,
    object: &'a LambdaFunction,
    before: Option<&'a LambdaFunctionStatus>,
    memory: Memory,
}

impl Reporter<'_> {
    /// Look, decide, do, report.
    async fn drive(&self, goal: &Goal, place: &Place, remote: &Remote) -> Result<Ended, Error> {
        let looked = match self.look(goal, remote).await {
            Ok(looked) => looked,
            Err(Halt::Postponed(due)) => return Ok(Ended::quietly(Next::At(due))),
            Err(Halt::Failed(error)) => {
                return self.report(Some(place), Seen::Nothing, Outcome::Failed(error), Applied::default()).await;
            }
        };
        let observed = looked.as_ref();
        let seen = match observed {
            None => Seen::Absent,
            Some(observed) if observed.owner.known() == Some(&Some(goal.owner().to_owned())) => Seen::Ours(observed),
            Some(_) => Seen::Nothing,
        };
        match plan(goal, observed) {
            Plan::Done => match goal {
                Goal::Present(_) => self.report(Some(place), seen, Outcome::Settled, Applied::default()).await,
                Goal::Absent { .. } | Goal::Released { .. } => self.let_go().await,
            },
            Plan::Wait => self.report(Some(place), seen, Outcome::Working(self.waiting()), Applied::default()).await,
            Plan::Blocked(blocked) => {
                self.report(Some(place), seen, Outcome::Blocked(blocked), Applied::default()).await
            }
            Plan::Steps(steps) => {
                self.count_drift(&steps);
                self.bind(place, seen, &steps).await?;
                let applied = apply(self.context, remote, self.object, observed, &steps).await?;
                let outcome = match &applied.halt {
                    Some(Halt::Failed(error)) => Outcome::Failed(error.clone()),
                    Some(Halt::Postponed(_)) | None => Outcome::Working(self.work(&applied)),
                };
                self.report(Some(place), seen, outcome, applied).await
            }
        }
    }

    async fn look(&self, goal: &Goal, remote: &Remote) -> Result<Option<Observed>, Halt> {
        let (publish, needs) = match goal {
            Goal::Present(desired) => (desired.publish, (!self.memory.created).then_some(Operation::CreateFunction)),
            Goal::Absent { .. } => (false, Some(Operation::DeleteFunction)),
            Goal::Released { .. } => (false, Some(Operation::UntagResource)),
        };
        if let Some(operation) = needs {
            // Else thousands of new objects would each look, find no room to write, and look again.
            remote.reserve(operation)?;
        }
        let look = Look {
            code_signing: self.memory.code_signing.is_some(),
            published: publish.then(|| self.memory.published.clone()),
        };
        remote.observe(&look).await
    }

    /// Where the function lives is written down before it is created: from then on the object is bound to that place.
    async fn bind(&self, place: &Place, seen: Seen<'_>, steps: &[Step]) -> Result<(), Error> {
        let creates = steps.iter().any(|step| step.operation() == Operation::CreateFunction);
        if creates && self.memory.place.as_ref() != Some(place) {
            let outcome = Outcome::Working(Work::Creating);
            self.report(Some(place), seen, outcome, Applied::default()).await?;
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
        if self.deleting() { Work::Deleting } else { Work::Sent(applied.sent.clone()) }
    }

    /// A difference is drift only where everything of ours had been done.
    fn count_drift(&self, steps: &[Step]) {
        if !self.deleting() && self.memory.settled == self.object.metadata.generation {
            steps.iter().for_each(|step| self.context.meters.drifted(step.operation()));
        }
    }

    /// Nothing of ours is left in AWS.
    async fn let_go(&self) -> Result<Ended, Error> {
        finalizer::take(&self.objects(), self.object).await?;
        Ok(Ended {
            news: Some(("Released".into(), "Nothing of the object is left to do in AWS".into())),
            ..forget(self.object, self.context)
        })
    }

    async fn report(
        &self,
        place: Option<&Place>,
        seen: Seen<'_>,
        outcome: Outcome,
        applied: Applied,
    ) -> Result<Ended, Error> {
        let next = next(&outcome, &applied);
        // Nothing was done and nothing is known that was not known before.
        if applied.sent.is_empty() && (applied.outdated || matches!(applied.halt, Some(Halt::Postponed(_)))) {
            return Ok(Ended::quietly(next));
        }
        let telling = match &outcome {
            Outcome::Working(_) if !applied.sent.is_empty() => Telling::Always,
            Outcome::Working(_) => Telling::Never,
            Outcome::Settled | Outcome::Blocked(_) | Outcome::Failed(_) => Telling::News,
        };
        let pass = Pass {
            generation: self.object.metadata.generation.unwrap_or_default(),
            place,
            seen,
            outcome,
            deployed: applied.deployed,
            published: applied.published,
            timeout: function::timeout(self.object, &self.memory),
        };
        let after = function::status(self.before, &pass, Timestamp::now());
        let overdue = after.conditions.iter().any(|c| c.reason == condition::TIMED_OUT);
        let next = if overdue { Next::Retry(Pace::OVERDUE) } else { next };
        let written = report(self.context, self.object, self.before, &after, telling).await?;
        let news = after.conditions.first().filter(|_| written).map(|c| (c.reason.clone(), c.message.clone()));
        Ok(Ended { next, sent: applied.sent, news })
    }

    fn objects(&self) -> Api<LambdaFunction> {
        Api::namespaced(self.context.kubernetes.clone(), &self.object.namespace().unwrap_or_default())
    }
}

/// When to look again.
fn next(outcome: &Outcome, applied: &Applied) -> Next {
    if let Some(Halt::Postponed(due)) = applied.halt {
        return Next::At(due);
    }
    match outcome {
        Outcome::Settled => Next::DriftCheck,
        Outcome::Working(_) if applied.outdated => Next::Retry(Pace::ORDINARY),
        Outcome::Working(Work::Sent(_) | Work::Deleting) if !applied.sent.is_empty() && !applied.settling => {
            Next::AtOnce
        }
        Outcome::Working(_) => Next::Settling,
        Outcome::Blocked(_) => Next::Retry(Pace::SLOW),
        Outcome::Failed(error) => Next::Retry(error.class.pace()),
    }
}
