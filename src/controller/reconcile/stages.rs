//! The stages of a reconcile: what the namespace allows, the goal, observe, judge staleness, plan, record the intent, apply. The operator runs
//! them, the model test runs them, and `lambda-operator plan` runs those that write nothing. What they ask of AWS and of Kubernetes goes through
//! two traits.

use std::collections::BTreeMap;
use std::io;

use k8s_openapi::jiff::Timestamp;
use kube::ResourceExt;

use crate::api::function::spec::LambdaFunction;
use crate::core::error::class::Class;
use crate::core::error::{CallError, GoalError};
use crate::core::namespace_policy::Policy;
use crate::core::operation::Operation;
use crate::core::outcome::{Outcome, Progress};
use crate::core::references::References;
use crate::core::target::Target;
use crate::kinds::function::desired::{Defaults, Goal, GoalInput, query};
use crate::kinds::function::observed::Observed;
use crate::kinds::function::plan::change::changes;
use crate::kinds::function::plan::step::Step;
use crate::kinds::function::plan::{Plan, plan};
use crate::kinds::function::status::conclusion::{Conclusion, Seen};
use crate::kinds::function::status::effects::Effects;
use crate::kinds::function::status::history::History;
use crate::kinds::function::{Lambda, desired, staleness};

/// What the stages ask of Kubernetes.
pub trait Cluster: Send {
    /// What the API server answered, if it refused.
    type Error;
    /// Held while a package is in memory.
    type Permit: Send;
    /// Writes the status now, so that a crash cannot lose what it says.
    fn record(&mut self, conclusion: Conclusion) -> impl Future<Output = Result<(), Self::Error>> + Send;
    /// Asks the API server itself, not the cache, whether the object still wants this step.
    fn still_wants(&self, step: &Step) -> impl Future<Output = Result<bool, Self::Error>> + Send;
    /// The bytes that a step carries, if it carries any.
    fn package(&self, step: &Step) -> impl Future<Output = io::Result<Option<(Vec<u8>, Self::Permit)>>> + Send;
}

/// What an operator adds to every object.
#[derive(Clone, Debug, Default)]
pub struct Identity {
    /// First part of every owner tag.
    pub cluster: String,
    /// First parts that tags of this cluster once had.
    pub former_clusters: Vec<String>,
    /// Added to every object.
    pub defaults: Defaults,
    /// Whatever a namespace's annotations do not allow is refused.
    pub require_policy: bool,
}

/// What the namespace allows. What was allowed once may always be released.
///
/// # Errors
/// Why the object cannot be carried out here.
pub fn policy(
    identity: &Identity,
    annotations: &BTreeMap<String, String>,
    object: &LambdaFunction,
) -> Result<Policy, Outcome> {
    let policy = Policy::of(annotations, identity.require_policy).map_err(Outcome::Blocked)?;
    let leaving = object.metadata.deletion_timestamp.is_some();
    match policy.refuses(object, &desired::name(object)).filter(|_| !leaving) {
        Some(blocked) => Err(Outcome::Blocked(blocked)),
        None => Ok(policy),
    }
}

/// What should be true of AWS.
///
/// # Errors
/// Why there is no goal.
pub fn goal(
    identity: &Identity,
    policy: &Policy,
    object: &LambdaFunction,
    target: &Target,
    history: &History,
    references: &References,
) -> Result<Goal, Outcome> {
    let own = format!("{}/{}", object.namespace().unwrap_or_default(), object.name_any());
    let goal = desired::goal(&GoalInput {
        object,
        name: &target.name,
        owner: format!("{}/{own}", identity.cluster),
        former_owners: identity.former_clusters.iter().map(|cluster| format!("{cluster}/{own}")).collect(),
        defaults: &identity.defaults.with(&policy.default_tags),
        history,
        references,
    });
    goal.map_err(|error| match error {
        GoalError::Blocked(blocked) => Outcome::Blocked(blocked),
        GoalError::Missing(sentence) => Outcome::Missing(sentence),
    })
}

/// What the stages start from.
pub struct Situation<'a> {
    /// What should be true of AWS.
    pub goal: &'a Goal,
    /// Where the function lives.
    pub target: &'a Target,
    /// What earlier reconciles recorded, or could not write.
    pub history: &'a History,
    /// What the API server holds of that.
    pub recorded: &'a History,
    /// The generation of the object.
    pub generation: i64,
    /// The time.
    pub now: Timestamp,
}

/// Why the stages end early.
pub enum Stop<E> {
    /// There is something to report.
    Conclusion(Box<Conclusion>),
    /// The API server refused.
    Cluster(E),
}

impl<E> From<Box<Conclusion>> for Stop<E> {
    fn from(conclusion: Box<Conclusion>) -> Self {
        Self::Conclusion(conclusion)
    }
}

/// What became of a plan.
#[derive(Default)]
struct Applied {
    sent: Vec<Operation>,
    busy: bool,
    effects: Effects,
    end: Option<End>,
}

/// Why a plan was not carried out to its end.
enum End {
    /// A call failed, or was not sent.
    Call(CallError),
    /// The package could not be read any more.
    Package(io::Error),
    /// The object changed meanwhile, so that the plan no longer holds.
    Outdated,
}

/// From the goal to the conclusion, in a straight line.
///
/// # Errors
/// What ended it early.
pub async fn converge<A: Lambda + Sync, C: Cluster>(
    situation: &Situation<'_>,
    aws: &A,
    cluster: &mut C,
) -> Result<Conclusion, Stop<C::Error>> {
    let observed = observe(situation, aws).await?; // AWS
    believe(situation, observed.as_ref())?; // pure
    let steps = decide(situation, observed.as_ref())?; // pure
    record_intent(situation, observed.as_ref(), &steps, cluster).await?; // Kubernetes
    let applied = apply(aws, cluster, observed.as_ref(), &steps).await.map_err(Stop::Cluster)?; // AWS
    Ok(conclude(situation, observed.as_ref(), &steps, applied)) // pure
}

/// What AWS holds.
///
/// # Errors
/// Why it cannot be told.
pub async fn observe<A: Lambda>(situation: &Situation<'_>, aws: &A) -> Result<Option<Observed>, Box<Conclusion>> {
    let Situation { goal, target, history, .. } = situation;
    let stopped = |error| {
        Box::new(match error {
            CallError::Postponed(due) => {
                Conclusion { postponed: Some(due), ..Conclusion::new(Outcome::InProgress(situation.waiting())) }
            }
            CallError::Failed(error) => Conclusion::new(Outcome::Failed(error)).at(target),
        })
    };
    if let Some(operation) = goal.sure_write(history) {
        // Otherwise thousands of new objects would each observe, find no room to write, and observe again.
        aws.reserve(operation).map_err(stopped)?;
    }
    aws.observe(&query(goal, history)).await.map_err(stopped)
}

/// A read that predates our last write is not acted upon.
fn believe(situation: &Situation<'_>, observed: Option<&Observed>) -> Result<(), Box<Conclusion>> {
    let Situation { goal, target, history, recorded: _, generation, now } = situation;
    match staleness::stale_read(goal, observed, history, *generation, *now) {
        Some(progress) => Err(Box::new(Conclusion::new(Outcome::InProgress(progress)).at(target))),
        None => Ok(()),
    }
}

fn decide(situation: &Situation<'_>, observed: Option<&Observed>) -> Result<Vec<Step>, Box<Conclusion>> {
    let Situation { goal, target, history, .. } = situation;
    let conclusion = |outcome| Conclusion::new(outcome).at(target).saw(situation.seen(observed));
    Err(Box::new(match (plan(goal, history, observed), goal) {
        (Plan::Steps(steps), _) => return Ok(steps),
        (Plan::Done, Goal::Present(_)) => conclusion(Outcome::Settled).did(Effects::proved(goal, observed)),
        (Plan::Done, Goal::Absent { .. } | Goal::Released { .. }) => conclusion(Outcome::Released),
        (Plan::Wait, _) => conclusion(Outcome::InProgress(situation.waiting())),
        (Plan::Blocked(blocked), _) => conclusion(Outcome::Blocked(blocked)),
        (Plan::Drift(steps), Goal::Present(desired)) => {
            let all = steps.iter().flat_map(|step| changes(step, &target.name, desired, observed)).collect();
            let drift = steps.iter().map(Step::operation).collect();
            Conclusion { drift, ..conclusion(Outcome::Drifted(all)) }
        }
        // An object that leaves has no drift.
        (Plan::Drift(_), Goal::Absent { .. } | Goal::Released { .. }) => conclusion(Outcome::Drifted(Vec::new())),
    }))
}

/// Write-ahead. Before CreateFunction: the target, which binds the object to it, and that nothing is known of the new function, so that
/// records of a previous function are not attributed to it. Before a side group is set: its value, because GetFunction does not report it, and a
/// crash here would leave it set forever.
async fn record_intent<C: Cluster>(
    situation: &Situation<'_>,
    observed: Option<&Observed>,
    steps: &[Step],
    cluster: &mut C,
) -> Result<(), Stop<C::Error>> {
    let Situation { target, recorded, .. } = situation;
    let intent = |progress| Conclusion::new(Outcome::InProgress(progress)).at(target).saw(situation.seen(observed));
    let creates = steps.iter().any(|step| step.operation() == Operation::CreateFunction);
    if creates && (recorded.target.as_ref() != Some(*target) || recorded.ever_active) {
        cluster.record(intent(Progress::Creating)).await.map_err(Stop::Cluster)?;
    }
    if let Some(effects) = Effects::intended(steps, recorded) {
        cluster.record(intent(Progress::Waiting).did(effects)).await.map_err(Stop::Cluster)?;
    }
    Ok(())
}

/// Step by step, up to the first after which AWS must be observed again.
async fn apply<A: Lambda, C: Cluster>(
    aws: &A,
    cluster: &C,
    observed: Option<&Observed>,
    steps: &[Step],
) -> Result<Applied, C::Error> {
    let mut applied = Applied::default();
    for step in steps {
        if step.is_decisive() && !cluster.still_wants(step).await? {
            applied.end = Some(End::Outdated);
            break;
        }
        let (bytes, _permit) = match cluster.package(step).await {
            Ok(package) => package.unzip(),
            Err(error) => {
                applied.end = Some(End::Package(error));
                break;
            }
        };
        match aws.execute(step, bytes).await {
            Ok(answer) => {
                applied.sent.push(step.operation());
                applied.busy = step.settles_later();
                applied.effects.record(step, answer, observed);
            }
            Err(error) => {
                applied.effects.record_uncertain(step, &error);
                applied.end = Some(End::Call(error));
                break;
            }
        }
        if step.ends_reconcile() {
            break;
        }
    }
    Ok(applied)
}

fn conclude(situation: &Situation<'_>, observed: Option<&Observed>, steps: &[Step], applied: Applied) -> Conclusion {
    let Situation { goal, target, history, .. } = situation;
    let Applied { sent, busy, mut effects, end } = applied;
    effects.regranted = goal.regranted(history, steps).filter(|_| effects.configured);
    let deleted = sent.contains(&Operation::DeleteFunction);
    let seen = match &end {
        // Reported at once, so that the next read is believed.
        _ if deleted => Seen::Absent,
        // "Already exists" shows that the read was stale: what is recorded of our function stays.
        Some(End::Call(CallError::Failed(error)))
            if error.class == Class::AlreadyExists && history.created && observed.is_none() =>
        {
            Seen::Nothing
        }
        Some(_) | None => situation.seen(observed),
    };
    let progress = || Outcome::InProgress(situation.progress(&sent));
    let (outcome, postponed) = match &end {
        // A tag that may not be removed does not hold an object whose function stays anyway.
        Some(End::Call(CallError::Failed(error)))
            if matches!(goal, Goal::Released { .. }) && error.class == Class::Denied =>
        {
            (Outcome::Released, None)
        }
        Some(End::Call(CallError::Failed(error))) => (Outcome::Failed(error.clone()), None),
        Some(End::Call(CallError::Postponed(due))) => (progress(), Some(*due)),
        Some(End::Package(error)) => (Outcome::Missing(unreadable(error)), None),
        Some(End::Outdated) | None => (progress(), None),
    };
    let drift = if situation.is_reached() { sent.clone() } else { Vec::new() };
    let outdated = matches!(end, Some(End::Outdated));
    Conclusion { outcome, target: Some((*target).clone()), seen, effects, sent, busy, outdated, postponed, drift }
}

fn unreadable(error: &io::Error) -> String {
    format!("The package could not be read when it was to be sent ({error}): see that it stays in its place.")
}

impl Situation<'_> {
    /// What a reconcile saw of our function; another's is none of our business.
    fn seen(&self, observed: Option<&Observed>) -> Seen {
        match observed {
            None => Seen::Absent,
            Some(observed) => {
                let owner = observed.owner.known().and_then(Option::as_ref);
                if owner.is_some_and(|tag| self.goal.claims(tag)) {
                    Seen::Ours(Box::new(observed.clone()))
                } else {
                    Seen::Nothing
                }
            }
        }
    }

    const fn is_leaving(&self) -> bool {
        match self.goal {
            Goal::Present(_) => false,
            Goal::Absent { .. } | Goal::Released { .. } => true,
        }
    }

    /// Whether everything that the object asks for was once fully applied: then a difference is drift.
    fn is_reached(&self) -> bool {
        match self.goal {
            Goal::Present(desired) => desired.is_reached(self.history),
            Goal::Absent { .. } | Goal::Released { .. } => false,
        }
    }

    const fn waiting(&self) -> Progress {
        if self.is_leaving() { Progress::Deleting } else { Progress::Waiting }
    }

    fn progress(&self, sent: &[Operation]) -> Progress {
        match (self.is_leaving(), sent.last()) {
            (true, Some(Operation::DeleteFunction | Operation::UntagResource)) => Progress::Removing,
            (true, _) => Progress::Deleting,
            (false, _) => Progress::Sent(sent.to_vec()),
        }
    }
}
