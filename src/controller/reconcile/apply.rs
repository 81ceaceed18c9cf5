//! Executes a plan step by step. A refused step holds back only the steps that need it; the brake holds back steps without effect. Calls AWS.

use std::io;
use std::ops::ControlFlow;
use std::time::Duration;

use crate::core::blocked::Blocked;
use crate::core::brake;
use crate::core::change::Change;
use crate::core::error::class::Class;
use crate::core::error::{CallError, Error};
use crate::core::kind::{Aws, Cluster, Kind, Situation};
use crate::core::operation::Access;
use crate::core::package::NotLoaded;
use crate::core::plan::Write;

/// The result of a plan.
pub(super) struct Applied<'a, K: Kind> {
    /// The steps that AWS accepted.
    pub(super) accepted: Vec<&'a K::Step>,
    pub(super) busy: bool,
    pub(super) effects: K::Effects,
    /// The steps that AWS refused, those that the brake held back, and those that need one of them.
    pub(super) refused: Vec<(&'a K::Step, Refusal)>,
    pub(super) end: Option<End>,
}

impl<K: Kind> Applied<'_, K> {
    /// Whether all that was done, and all that there was to do, are reads.
    pub(super) fn only_read(&self) -> bool {
        let Self { accepted, busy: _, effects: _, refused, end } = self;
        let reads = accepted.iter().all(|step| step.operation().access() == Access::Read);
        reads && !accepted.is_empty() && refused.is_empty() && end.is_none()
    }

    /// Whether certainly no call was sent, because the operator put it off or the object changed.
    pub(super) fn sent_nothing(&self) -> bool {
        let Self { accepted, busy: _, effects: _, refused, end } = self;
        let put_off = matches!(end, Some(End::Postponed(_) | End::Outdated));
        put_off && accepted.is_empty() && !refused.iter().any(|(_, refusal)| matches!(refusal, Refusal::Error(_)))
    }
}

/// Why a step was not executed while others were.
pub(super) enum Refusal {
    /// AWS refused it.
    Error(Error),
    /// The brake: AWS accepted it too often without effect.
    NotConverging(String),
    /// It needs a step that was refused with an error of this class.
    Held(Class),
}

impl Refusal {
    /// The class that decides which steps it holds back. A step without effect counts as a rejected value.
    const fn class(&self) -> Class {
        match self {
            Self::Error(error) => error.class,
            Self::NotConverging(_) => Class::Rejected,
            Self::Held(class) => *class,
        }
    }
}

/// The reason why a plan was not executed completely.
pub(super) enum End {
    /// A call failed in a way in which every further call would fail too.
    Failed(Error),
    /// The rate limit, or memory, has room for the next call only after this time.
    Postponed(Duration),
    /// The package could not be read.
    Package(io::Error),
    /// The object changed meanwhile, so the plan no longer holds.
    Outdated,
    /// The owner or the namespace does not consent.
    Blocked(Blocked),
}

/// Executes the steps up to the first accepted one after which AWS must be observed again. A refused step holds back only the steps that need it.
pub(super) async fn apply<'a, K: Kind, A: Aws<K>, C: Cluster<K>>(
    situation: &Situation<'_, K>,
    aws: &A,
    cluster: &C,
    observed: Option<&K::Observed>,
    steps: &'a [K::Step],
) -> Result<Applied<'a, K>, C::Error> {
    let mut applied =
        Applied { accepted: Vec::new(), busy: false, effects: K::Effects::default(), refused: Vec::new(), end: None };
    for step in steps {
        if let Some(refusal) = held(situation, observed, &applied.refused, step) {
            applied.refused.push((step, refusal));
            continue;
        }
        match precondition(situation, cluster, observed, step).await {
            Ok(None) => {}
            Ok(Some(end)) => {
                applied.end = Some(end);
                break;
            }
            // Earlier steps are recorded first. The next reconcile meets the refusal again.
            Err(_) if !applied.accepted.is_empty() => {
                applied.end = Some(End::Outdated);
                break;
            }
            Err(error) => return Err(error),
        }
        if send(situation, aws, cluster, observed, step, &mut applied).await.is_break() {
            break;
        }
    }
    Ok(applied)
}

/// Sends one step and records the answer. `Break` means that no further step is sent.
async fn send<'a, K: Kind, A: Aws<K>, C: Cluster<K>>(
    situation: &Situation<'_, K>,
    aws: &A,
    cluster: &C,
    observed: Option<&K::Observed>,
    step: &'a K::Step,
    applied: &mut Applied<'a, K>,
) -> ControlFlow<()> {
    let (bytes, _permit) = match package(cluster, step).await {
        Ok(package) => package.unzip(),
        Err(error) => {
            applied.end = Some(match error {
                NotLoaded::Unreadable(error) => End::Package(error),
                NotLoaded::NoRoom(due) => End::Postponed(due),
            });
            return ControlFlow::Break(());
        }
    };
    match aws.execute(step, bytes).await {
        Ok(answer) => {
            applied.accepted.push(step);
            applied.busy = step.settles_later();
            K::accepted(&mut applied.effects, step, answer, situation.goal, observed);
            if step.ends_reconcile() {
                return ControlFlow::Break(());
            }
        }
        Err(error) => {
            K::uncertain(&mut applied.effects, step, &error, observed);
            applied.end = Some(match error {
                CallError::Failed(error) if !error.class.ends_reconcile() => {
                    applied.refused.push((step, Refusal::Error(error)));
                    return ControlFlow::Continue(());
                }
                CallError::Failed(error) => End::Failed(error),
                CallError::Postponed(due) => End::Postponed(due),
            });
            return ControlFlow::Break(());
        }
    }
    ControlFlow::Continue(())
}

/// Checks the preconditions of a step that creates or adopts a resource, or that belongs to a deletion. The reads go to the API server and not to a
/// cache. Returns the reason if the step must not be sent.
async fn precondition<K: Kind, C: Cluster<K>>(
    situation: &Situation<'_, K>,
    cluster: &C,
    observed: Option<&K::Observed>,
    step: &K::Step,
) -> Result<Option<End>, C::Error> {
    let access = step.operation().access();
    let taking = K::taking(step, situation.goal, observed);
    let decides = access.may_create() || situation.goal.is_leaving() || access == Access::Delete || taking.is_some();
    if decides && !cluster.still_wants(access).await? {
        return Ok(Some(End::Outdated));
    }
    let Some(taking) = taking else { return Ok(None) };
    let answer = match taking.asks() {
        Some(owner) => Some(cluster.owner(&owner).await?),
        None => None,
    };
    Ok(taking.refusal(answer.as_ref(), K::NAMES.noun, K::NAMES.short).map(End::Blocked))
}

/// Why this step is not sent: another that it needs was refused, or it had no effect too often.
fn held<K: Kind>(
    situation: &Situation<'_, K>,
    observed: Option<&K::Observed>,
    refused: &[(&K::Step, Refusal)],
    step: &K::Step,
) -> Option<Refusal> {
    let needs = |(other, refusal): &&(&K::Step, Refusal)| K::is_held(step, other, refusal.class());
    if let Some((_, refusal)) = refused.iter().find(needs) {
        return Some(Refusal::Held(refusal.class()));
    }
    let (key, changes) = brake_key(situation, observed, step)?;
    let on = brake::is_on(situation.repeated, &key);
    on.then(|| Refusal::NotConverging(brake::sentence(step.operation(), &changes)))
}

/// The step's key for the brake. A deletion has no brake, because its wait has a timeout.
pub(super) fn brake_key<K: Kind>(
    situation: &Situation<'_, K>,
    observed: Option<&K::Observed>,
    step: &K::Step,
) -> Option<(String, Vec<Change>)> {
    let desired = situation.goal.desired()?;
    let changes = K::changes(step, situation.target, desired, observed);
    Some((brake::key(step.operation(), &changes), changes))
}

/// Bytes, with the permit for their memory.
type Loaded<Permit> = Result<Option<(Vec<u8>, Permit)>, NotLoaded>;

/// The package that a step sends, if it sends one. It is read just before the call, so that it uses no memory while the plan waits.
async fn package<K: Kind, C: Cluster<K>>(cluster: &C, step: &K::Step) -> Loaded<C::Permit> {
    match cluster.object().package(step) {
        Some(package) => cluster.package(package).await.map(Some),
        None => Ok(None),
    }
}
