//! The stages of a reconcile: namespace policy, goal, observe, staleness, plan, record the intent, apply. The operator runs
//! them for every kind, the model tests run them, and `lambda-operator plan` runs those that write nothing. They call AWS and
//! Kubernetes through two traits.

use std::collections::BTreeMap;
use std::io;
use std::time::Duration;

use k8s_openapi::apimachinery::pkg::apis::meta::v1::ObjectMeta;
use k8s_openapi::jiff::Timestamp;

use super::apply::{Applied, End, Refusal, apply, brake_key};
use super::observation::{ask_owner, believe, observe_surely, waiting};
use crate::core::blocked::Blocked;
use crate::core::bounded::Bounds;
use crate::core::brake;
use crate::core::brake::Repeated;
use crate::core::change::Reverted;
use crate::core::conclusion::{Conclusion, Seen};
use crate::core::error::Error;
use crate::core::error::class::Class;
use crate::core::goal::{Defaults, Goal};
use crate::core::kind::{Aws, Cluster, ConclusionOf, GoalInput, GoalOf, Kind, Situation, own_name};
use crate::core::namespace_policy::Policy;
use crate::core::operation::{Access, Operation};
use crate::core::outcome::{Outcome, Progress};
use crate::core::ownership::Rival;
use crate::core::plan::{Plan, Write};
use crate::core::references::References;
use crate::core::target::Target;

/// Settings of the operator for every object.
#[derive(Clone, Debug, Default)]
pub struct Identity {
    /// Name of the cluster, the first part of every owner tag.
    pub cluster: String,
    /// Former names of the cluster in owner tags.
    pub former_clusters: Vec<String>,
    /// Defaults for every object.
    pub defaults: Defaults,
    /// The labels of an object that become tags of its resource.
    pub copied_labels: Vec<String>,
    /// Every value that no annotation of the namespace allows is refused (`--require-namespace-policy`).
    pub require_policy: bool,
    /// Whether the sessions of namespaces' roles are tagged with cluster and namespace.
    pub session_tags: bool,
    /// Objects may adopt resources without an owner, unless the annotations of their namespace forbid it.
    pub allow_adoption: bool,
}

impl Identity {
    /// The tags that an object's labels become.
    fn tags_of(&self, metadata: &ObjectMeta) -> BTreeMap<String, String> {
        let labels = metadata.labels.iter().flatten().filter(|(key, _)| self.copied_labels.contains(key));
        labels.map(|(key, value)| (key.clone(), value.clone())).collect()
    }
}

/// The policy of the namespace. A deletion is always allowed.
///
/// # Errors
/// If the policy refuses the object.
pub fn policy<K: Kind>(
    identity: &Identity,
    annotations: &BTreeMap<String, String>,
    object: &K,
) -> Result<Policy, Outcome> {
    let metadata = object.metadata();
    let namespace = metadata.namespace.as_deref().unwrap_or_default();
    let policy = Policy::of(namespace, annotations, identity.require_policy).opened(identity.allow_adoption);
    let leaving = metadata.deletion_timestamp.is_some();
    match policy.refuses(&object.demands()).filter(|_| !leaving) {
        Some(blocked) => Err(Outcome::Blocked(blocked)),
        None => Ok(policy),
    }
}

/// An object and its inputs, beside those of the operator and the namespace.
pub struct Given<'a, K: Kind> {
    /// The object.
    pub object: &'a K,
    /// Account, region and name of its resource.
    pub target: &'a Target,
    /// The records of earlier reconciles.
    pub history: &'a K::History,
    /// The contents of the object's references.
    pub references: &'a References,
    /// Another object that manages the same resource, if there is one.
    pub rival: Option<Rival>,
    /// The time.
    pub now: Timestamp,
}

/// The goal of the object.
///
/// # Errors
/// If the spec cannot be applied, or a reference is missing.
pub fn goal<K: Kind>(identity: &Identity, policy: &Policy, given: Given<'_, K>) -> Result<GoalOf<K>, Outcome> {
    let Given { object, target, history, references, rival, now } = given;
    let own = own_name(object);
    let leaving = object.metadata().deletion_timestamp.is_some();
    if !leaving && let Some(blocked) = policy.refuses(&object.referred_demands(references)) {
        return Err(Outcome::Blocked(blocked));
    }
    let goal = K::goal(&GoalInput {
        object,
        target,
        owner: format!("{}/{own}", identity.cluster),
        former_owners: identity.former_clusters.iter().map(|cluster| format!("{cluster}/{own}")).collect(),
        defaults: &identity.defaults.with(&policy.default_tags).with(&identity.tags_of(object.metadata())),
        history,
        references,
        rival,
        may_adopt: policy.allows_adoption(),
        now,
    });
    let goal = goal.map_err(Outcome::from)?;
    Ok(if goal.is_leaving() { K::allowed_end(goal, policy) } else { goal })
}

/// Why the stages end early.
pub enum Stop<K: Kind, E> {
    /// There is a conclusion to report.
    Conclusion(Box<ConclusionOf<K>>),
    /// The API server refused.
    Cluster(E),
    /// A read that had failed succeeds now: AWS is observed again. There is nothing to report.
    Again,
}

impl<K: Kind, E> From<Box<ConclusionOf<K>>> for Stop<K, E> {
    fn from(conclusion: Box<ConclusionOf<K>>) -> Self {
        Self::Conclusion(conclusion)
    }
}

/// Runs the stages from the goal to the conclusion.
///
/// # Errors
/// If a stage ends the reconcile early.
pub async fn converge<K: Kind, A: Aws<K>, C: Cluster<K>>(
    situation: &Situation<'_, K>,
    policy: &Policy,
    aws: &A,
    cluster: &mut C,
) -> Result<ConclusionOf<K>, Stop<K, C::Error>> {
    let observed = observe_surely(situation, aws).await?; // AWS
    let left = observed.as_ref().and_then(|observed| K::left_to_others(situation.goal, situation.history, observed)); // pure
    let situation = &Situation { goal: left.as_ref().unwrap_or(situation.goal), ..*situation };
    believe(situation, observed.as_ref())?; // pure
    let owned = ask_owner(situation, aws, observed.as_ref()).await?; // AWS, only before a write or a claim
    let situation = &Situation { goal: owned.as_ref().unwrap_or(situation.goal), ..*situation };
    let steps = decide(situation, policy, observed.as_ref())?; // pure
    let intent = record_intent(situation, observed.as_ref(), &steps, cluster).await?; // Kubernetes
    let applied = apply(situation, aws, cluster, observed.as_ref(), &steps).await.map_err(Stop::Cluster)?; // AWS
    if applied.only_read() {
        return Err(Stop::Again);
    }
    Ok(conclude(situation, observed.as_ref(), &steps, intent, applied)) // pure
}

fn decide<K: Kind>(
    situation: &Situation<'_, K>,
    policy: &Policy,
    observed: Option<&K::Observed>,
) -> Result<Vec<K::Step>, Box<ConclusionOf<K>>> {
    let Situation { goal, target, history, .. } = situation;
    let bounds = Bounds::<K> { policy, goal, history, target, observed };
    let shown = |mut effects| {
        K::shown(&mut effects, goal, history, observed);
        effects
    };
    let conclusion =
        |outcome| Conclusion::new(outcome).at(target).saw(seen(situation, observed)).did(shown(K::Effects::default()));
    Err(Box::new(match (bounds.within(K::plan(goal, history, observed)), goal) {
        (Plan::Steps(steps), _) => return Ok(bounds.first(steps)),
        (Plan::Done, Goal::Present(desired)) => {
            let settled = conclusion(Outcome::Settled).did(K::proved(desired, history, observed));
            Conclusion { repeated: Some(Repeated::new()), ..settled }
        }
        (Plan::Done, Goal::Absent(_) | Goal::Released(_)) => conclusion(Outcome::Released),
        (Plan::Wait, _) => conclusion(Outcome::InProgress(waiting(goal))),
        (Plan::Blocked(blocked), _) => {
            Conclusion { repeated: Some(Repeated::new()), ..conclusion(Outcome::Blocked(blocked)) }
        }
        (Plan::Drift(steps), Goal::Present(desired)) => {
            let all = steps.iter().flat_map(|step| K::changes(step, target, desired, observed)).collect();
            let drift = steps.iter().map(Write::operation).collect();
            let reported = conclusion(Outcome::Drifted(all)).did(shown(K::left(desired, history, observed)));
            Conclusion { drift, repeated: Some(Repeated::new()), ..reported }
        }
        // An object that is being deleted has no drift.
        (Plan::Drift(_), Goal::Absent(_) | Goal::Released(_)) => conclusion(Outcome::Drifted(Vec::new())),
    }))
}

/// Write-ahead: records facts that only the status can show after a crash. Returns the progress that the status shows since then.
async fn record_intent<K: Kind, C: Cluster<K>>(
    situation: &Situation<'_, K>,
    observed: Option<&K::Observed>,
    steps: &[K::Step],
    cluster: &mut C,
) -> Result<Option<Progress>, Stop<K, C::Error>> {
    let mut shown = None;
    for (progress, effects) in K::write_ahead(situation, observed, steps) {
        let intent = Conclusion::new(Outcome::InProgress(progress.clone())).at(situation.target);
        let intent = intent.saw(seen(situation, observed)).did(effects);
        cluster.record(intent).await.map_err(Stop::Cluster)?;
        shown = Some(progress);
    }
    Ok(shown)
}

fn conclude<K: Kind>(
    situation: &Situation<'_, K>,
    observed: Option<&K::Observed>,
    steps: &[K::Step],
    intent: Option<Progress>,
    applied: Applied<'_, K>,
) -> ConclusionOf<K> {
    let Situation { goal, target, history, .. } = situation;
    // The report is made from the status before the reconcile, so a record that is not repeated is taken back.
    let intent = intent.filter(|_| applied.sent_nothing() && steps.iter().any(K::is_searched_for));
    let takes_back = intent.is_some();
    let Applied { accepted, busy, effects, refused, end } = applied;
    let mut effects = if takes_back { K::Effects::default() } else { effects };
    let writes = accepted.iter().map(|step| step.operation()).filter(|operation| operation.access() != Access::Read);
    let sent: Vec<_> = writes.collect();
    K::completed(&mut effects, goal, history, steps);
    K::shown(&mut effects, goal, history, observed);
    let seen = seen_at_the_end(situation, observed, &accepted, end.as_ref());
    let reverts = |step: &&K::Step| {
        let reverted = goal.desired().map(|desired| K::reverts(step, desired, history, observed));
        reverted.filter(Reverted::is_drift).map(|reverted| (step.operation(), reverted))
    };
    let (drift, reverted) = accepted.iter().filter_map(reverts).unzip();
    let repeated = Some(repeated(situation, observed, steps, &accepted));
    let outdated = matches!(end, Some(End::Outdated));
    let ended = accepted.last().is_some_and(|step| step.ends_reconcile());
    let mut refusals = by_weight::<K>(steps, &accepted, refused, end.as_ref());
    let (outcome, postponed) = outcome(goal, &sent, end, ended, &mut refusals);
    // The conditions stay as they are.
    let outcome = intent.map_or(outcome, Outcome::InProgress);
    let Refusals { errors: refused, stalls: _, not_converging } = refusals;
    let is_refused = matches!(outcome, Outcome::Failed(_)) || !refused.is_empty();
    let live = is_refused.then(|| K::live_half(&unsent(steps, &accepted))).flatten();
    let target = Some((*target).clone());
    Conclusion {
        outcome,
        target,
        seen,
        effects,
        sent,
        busy,
        outdated,
        takes_back,
        postponed,
        refused,
        live,
        not_converging,
        repeated,
        drift,
        reverted,
    }
}

/// What is known of the resource once the steps were applied.
fn seen_at_the_end<K: Kind>(
    situation: &Situation<'_, K>,
    observed: Option<&K::Observed>,
    accepted: &[&K::Step],
    end: Option<&End>,
) -> Seen<K::Observed> {
    match end {
        // Reported at once, so that the next read does not count as stale.
        _ if accepted.iter().any(|step| step.ends_resource()) => Seen::Absent,
        // "Already exists" proves that the read was stale, so the record of our resource stays.
        Some(End::Failed(error))
            if error.class == Class::AlreadyExists
                && K::was_created(situation.history)
                && observed.is_none_or(K::is_absent) =>
        {
            Seen::Nothing
        }
        Some(_) | None => seen(situation, observed),
    }
}

/// The planned writes, counted for the brake.
fn repeated<K: Kind>(
    situation: &Situation<'_, K>,
    observed: Option<&K::Observed>,
    steps: &[K::Step],
    accepted: &[&K::Step],
) -> Repeated {
    let planned = steps.iter().filter_map(|step| {
        let (key, _) = brake_key(situation, observed, step)?;
        Some((key, accepted.iter().any(|accepted| std::ptr::eq(*accepted, step))))
    });
    brake::count(situation.repeated, planned)
}

/// The planned writes that AWS did not accept.
fn unsent<S: Write>(steps: &[S], accepted: &[&S]) -> Vec<Operation> {
    let unsent = steps.iter().filter(|step| !accepted.iter().any(|accepted| std::ptr::eq(*accepted, *step)));
    unsent.map(Write::operation).collect()
}

/// The refusals of AWS, the most important one first. A refusal that needs a person comes before the others; otherwise the order is that of the
/// steps.
struct Refusals {
    errors: Vec<Error>,
    /// Whether the first refusal needs a person.
    stalls: bool,
    /// The first message about a write without effect.
    not_converging: Option<String>,
}

/// A rejected value may be valid together with a step that was not sent yet, so it is reported only after that step.
fn by_weight<K: Kind>(
    steps: &[K::Step],
    accepted: &[&K::Step],
    refused: Vec<(&K::Step, Refusal)>,
    end: Option<&End>,
) -> Refusals {
    let is_known = |step: &K::Step| {
        accepted.iter().copied().chain(refused.iter().map(|(step, _)| *step)).any(|known| std::ptr::eq(known, step))
    };
    let unsent: Vec<_> = steps.iter().filter(|step| !is_known(step)).collect();
    let may_fit = |refused: &K::Step| {
        let completes =
            |step: &&K::Step| K::is_held(step, refused, Class::Denied) && !K::is_held(step, refused, Class::Rejected);
        unsent.iter().any(completes)
    };
    let (mut errors, mut not_converging) = (Vec::new(), None);
    if let Some(End::Failed(error)) = end {
        errors.push((error.class.stalls(), error.clone()));
    }
    for (step, refusal) in refused {
        match refusal {
            Refusal::Error(error) => {
                let passes = error.class == Class::Rejected && may_fit(step);
                errors.push((error.class.stalls() && !passes, error));
            }
            Refusal::NotConverging(said) => not_converging = not_converging.or(Some(said)),
            Refusal::Held(_) => {}
        }
    }
    errors.sort_by_key(|(stalls, _)| !stalls);
    let stalls = errors.first().is_some_and(|(stalls, _)| *stalls);
    Refusals { errors: errors.into_iter().map(|(_, error)| error).collect(), stalls, not_converging }
}

impl Refusals {
    /// Takes the error that the condition is about. The others stay.
    fn take(&mut self) -> Option<Outcome> {
        let sentence = if self.stalls { None } else { self.not_converging.take() };
        match sentence {
            Some(sentence) => Some(Outcome::Blocked(Blocked::NotConverging(sentence))),
            None => (!self.errors.is_empty()).then(|| Outcome::Failed(self.errors.remove(0))),
        }
    }
}

/// The outcome, and the time until which it is postponed. After an accepted step AWS is observed again at once, and refused steps are retried.
fn outcome<D, L>(
    goal: &Goal<D, L>,
    sent: &[Operation],
    end: Option<End>,
    ended: bool,
    refusals: &mut Refusals,
) -> (Outcome, Option<Duration>) {
    let going_on = || Outcome::InProgress(progress(goal, sent));
    let outcome = match end {
        Some(End::Postponed(due)) => return (going_on(), Some(due)),
        Some(End::Package(error)) => Outcome::Missing(unreadable(&error)),
        Some(End::Outdated) => going_on(),
        Some(End::Blocked(blocked)) => Outcome::Blocked(blocked),
        None if ended => going_on(),
        Some(End::Failed(_)) | None => refusals.take().unwrap_or_else(going_on),
    };
    match outcome {
        // If the owner tag cannot be removed for lack of permission, the object is released anyway, because its resource stays.
        Outcome::Failed(error) if matches!(goal, Goal::Released(_)) && error.class == Class::Denied => {
            (Outcome::Released, None)
        }
        outcome => (outcome, None),
    }
}

fn unreadable(error: &io::Error) -> String {
    format!(
        "The package could not be read for the deployment ({error}): keep the file in the package folder. The operator retries."
    )
}

/// The observed resource, if it is ours.
fn seen<K: Kind>(situation: &Situation<'_, K>, observed: Option<&K::Observed>) -> Seen<K::Observed> {
    match observed {
        None => Seen::Absent,
        Some(observed) if K::is_absent(observed) => Seen::Absent,
        Some(observed) if K::is_ours(situation.goal, situation.history, observed) => {
            Seen::Ours(Box::new(observed.clone()))
        }
        Some(_) => Seen::Nothing,
    }
}

fn progress<D, L>(goal: &Goal<D, L>, sent: &[Operation]) -> Progress {
    let ended = |operation: &Operation| operation.access() == Access::Delete || *operation == Operation::UntagResource;
    match (goal.is_leaving(), sent.last()) {
        (true, Some(last)) if ended(last) => Progress::Removing,
        (true, _) => Progress::Deleting,
        (false, _) => Progress::Sent(sent.to_vec()),
    }
}

#[cfg(test)]
mod runs;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::api::function::spec::LambdaFunction;
    use crate::kinds::function::desired::code::Source;
    use crate::kinds::function::model::Configuration;
    use crate::kinds::function::plan::step::{Deployment, Step};

    fn error(operation: Operation, code: &str, status: u16) -> Error {
        Error::new(operation, code, status, "the test says so")
    }

    #[test]
    fn what_a_person_must_correct_comes_first_unless_an_unsent_step_may_correct_it() {
        let configuration = Step::reconfigure(Configuration::aws_defaults("f"), []);
        let code = Step::UpdateFunctionCode(Box::new(Deployment {
            source: Source::Image { uri: "app:1".into() },
            identity: String::new(),
            kms_key_arn: String::new(),
            architecture: None,
            storage_mode: None,
        }));
        let away = |operation| End::Failed(error(operation, "ServiceException", 500));
        let first = |steps: &[Step], end: Option<&End>, code: &str, status| {
            let refused = error(Operation::UpdateFunctionConfiguration, code, status);
            let refused = vec![(&steps[0], Refusal::Error(refused))];
            let refusals = by_weight::<LambdaFunction>(steps, &[], refused, end);
            (refusals.errors[0].class, refusals.stalls)
        };
        let steps = [configuration, Step::PutFunctionConcurrency(1)];
        let outage = away(Operation::PutFunctionConcurrency);
        assert_eq!(first(&steps, Some(&outage), "ValidationException", 400), (Class::Rejected, true));
        let [configuration, _] = steps;
        let steps = [configuration, code];
        let outage = away(Operation::UpdateFunctionCode);
        assert_eq!(first(&steps, Some(&outage), "ValidationException", 400), (Class::Unavailable, false));
        assert_eq!(first(&steps, Some(&outage), "AccessDeniedException", 403), (Class::Denied, true));
    }

    #[test]
    fn a_write_without_effect_is_told_before_what_passes_by_itself() {
        let refusals = |stalls, code: &str, status| {
            let errors = vec![error(Operation::TagResource, code, status)];
            Refusals { errors, stalls, not_converging: Some("no effect".into()) }
        };
        let mut away = refusals(false, "ServiceException", 500);
        assert!(matches!(away.take(), Some(Outcome::Blocked(Blocked::NotConverging(_)))));
        assert_eq!((away.errors.len(), away.not_converging), (1, None), "the outage is named beside it");
        let mut denied = refusals(true, "AccessDeniedException", 403);
        assert!(matches!(denied.take(), Some(Outcome::Failed(_))));
        assert!(denied.errors.is_empty() && denied.not_converging.is_some(), "and so is the write");
    }
}
