//! The plan for a resource without tags that belongs to a function: ownership, differences, and the AWS write that follows. Pure.

use super::history::History;
use super::{Desired, Goal, Leaving, Model, Observed};
use crate::api::shared::RecordedClaim;
use crate::core::applied::{Applied, is_drift};
use crate::core::blocked::Blocked;
use crate::core::change::{Change, Reverted};
use crate::core::host::Right;
use crate::core::operation::Operation;
use crate::core::ownership::{Claim, Evidence, Rival, without_a_gap};
use crate::core::plan;
use crate::core::plan::Write;

/// The plan for the resource.
pub type Plan<M> = plan::Plan<Step<M>>;

/// One AWS write. The model names the call of each.
#[derive(Clone, Debug, PartialEq)]
pub enum Step<M: Model> {
    /// Creates the resource.
    Create(Wanted<M>),
    /// Changes the resource.
    Update(Wanted<M>),
    /// Deletes the resource of this name.
    Delete(String),
}

/// The contents of a write.
#[derive(Clone, Debug, PartialEq)]
pub struct Wanted<M: Model> {
    /// Name of the resource in AWS, within the function.
    pub name: String,
    /// The members: the desired ones where they are sent, otherwise those that AWS shows.
    pub model: M,
    /// The members that are sent.
    pub members: Vec<M::Member>,
}

impl<M: Model> Write for Step<M> {
    fn operation(&self) -> Operation {
        match self {
            Self::Create(_) => M::CALLS.create,
            Self::Update(_) => M::CALLS.update,
            Self::Delete(_) => M::CALLS.delete,
        }
    }

    fn ends_reconcile(&self) -> bool {
        match self {
            Self::Create(_) | Self::Update(_) | Self::Delete(_) => true,
        }
    }

    fn settles_later(&self) -> bool {
        match self {
            Self::Create(_) | Self::Update(_) | Self::Delete(_) => false,
        }
    }
}

/// Plans the write from the observed resource to the goal.
#[must_use]
pub fn plan<M: Model>(goal: &Goal<M>, history: &History, observed: Option<&Observed<M>>) -> Plan<M> {
    match (goal, observed) {
        (Goal::Present(desired), _) => present(desired, history, observed),
        // AWS's reads can be stale: if a resource that was shown before is missing, a second read must confirm it.
        (Goal::Absent(_), None) if history.past.shown => Plan::Wait,
        (Goal::Absent(_) | Goal::Released(_), None) | (Goal::Released(_), Some(_)) => Plan::Done,
        (Goal::Absent(leaving), Some(_)) if leaving.host.right() == Some(Right::Refused(Blocked::OwnershipUnknown)) => {
            Plan::Blocked(Blocked::OwnershipUnknown)
        }
        (Goal::Absent(leaving), Some(held)) if may_delete(leaving, history, held) => {
            Plan::Steps(vec![Step::Delete(leaving.name.clone())])
        }
        (Goal::Absent(_), Some(_)) => Plan::Done,
    }
}

/// Whether the plan depends on the owner of the function, which was not read yet: before each write, and before the resource becomes the object's.
#[must_use]
pub fn needs_owner<M: Model>(goal: &Goal<M>, history: &History, observed: Option<&Observed<M>>) -> bool {
    let host = match goal {
        Goal::Present(desired) => &desired.host,
        Goal::Absent(leaving) | Goal::Released(leaving) => &leaving.host,
    };
    let claims = |desired: &Desired<M>| !desired.has_rival() && history.claim != Some(RecordedClaim::Owned);
    let writes = || matches!(plan(goal, history, observed), Plan::Steps(_));
    !host.is_read() && (goal.desired().is_some_and(claims) || writes())
}

fn present<M: Model>(desired: &Desired<M>, history: &History, observed: Option<&Observed<M>>) -> Plan<M> {
    if let Some(rival) = desired.rival.as_ref().filter(|_| desired.has_rival()) {
        let (Rival::Within(rival) | Rival::Elsewhere(rival)) = rival;
        return Plan::Blocked(Blocked::Rival(format!(
            "The {noun} belongs to the {kind} {rival}, so this object does nothing: delete one of the two objects, or {another}. {}",
            without_a_gap(M::WORDS.noun, rival),
            noun = M::WORDS.noun,
            kind = M::WORDS.kind,
            another = M::WORDS.another,
        )));
    }
    if let Some(Right::Refused(blocked)) = desired.host.right() {
        return Plan::Blocked(blocked);
    }
    let Some(held) = observed else {
        let create = Step::Create(wanted(desired, &desired.model, M::MEMBERS.to_vec()));
        let gone = desired.reports_drift && is_deleted_by_others(desired, history);
        return if gone { Plan::Drift(vec![create]) } else { Plan::Steps(vec![create]) };
    };
    match claim(desired, history, held) {
        Claim::Ours | Claim::Adoptable => converge(desired, history, held),
        Claim::Unowned => Plan::Blocked(Blocked::NotOwned(None)),
        Claim::Another(owner) => Plan::Blocked(Blocked::NotOwned(Some(owner))),
        Claim::Unknown => Plan::Blocked(Blocked::OwnershipUnknown),
    }
}

/// Plans the update from the observed members to the desired ones.
fn converge<M: Model>(desired: &Desired<M>, history: &History, held: &Observed<M>) -> Plan<M> {
    let differing = desired.model.differences(&held.model);
    let (drift, edits): (Vec<_>, Vec<_>) =
        differing.into_iter().partition(|member| is_drifted(&desired.model, &history.applied, *member));
    let update = |members| vec![Step::Update(wanted(desired, &held.model, members))];
    match (desired.reports_drift, drift.is_empty(), edits.is_empty()) {
        (_, true, true) => Plan::Done,
        // Exactly the members with drift are left.
        (true, false, true) => Plan::Drift(update(drift)),
        (true, _, false) => Plan::Steps(update(edits)),
        (false, _, _) => Plan::Steps(update([edits, drift].concat())),
    }
}

/// The contents of a write. A Put call replaces every member, so the members that are not sent keep the values that AWS shows.
fn wanted<M: Model>(desired: &Desired<M>, held: &M, members: Vec<M::Member>) -> Wanted<M> {
    let model = desired.model.clone().with_ignored(held, |member| !members.contains(&member));
    Wanted { name: desired.name.clone(), model, members }
}

/// Whether a difference in this member is drift.
#[must_use]
pub fn is_drifted<M: Model>(model: &M, applied: &Applied, member: M::Member) -> bool {
    let text = model.text(member);
    is_drift(applied, M::name(member), &text, !text.is_empty())
}

/// What a step reverts of what somebody else did.
#[must_use]
pub fn reverts<M: Model>(step: &Step<M>, desired: &Desired<M>, history: &History) -> Reverted {
    match step {
        Step::Create(_) => Reverted::deletion(is_deleted_by_others(desired, history)),
        Step::Update(wanted) => {
            let is_drift = |member: &M::Member| {
                !history.applied.is_empty() && is_drifted(&desired.model, &history.applied, *member)
            };
            Reverted::fields(wanted.members.iter().copied().filter(is_drift).map(M::field))
        }
        Step::Delete(_) => Reverted::Nothing,
    }
}

/// Whether somebody deleted the resource: it existed, is gone, and the desired state has not changed since. One that was deleted with its
/// function does not count, and is created again with the function.
fn is_deleted_by_others<M: Model>(desired: &Desired<M>, history: &History) -> bool {
    let mut ours = M::MEMBERS.iter().filter(|member| !desired.leaves(**member));
    history.past.last_reconciled.is_some() && ours.all(|member| is_drifted(&desired.model, &history.applied, *member))
}

/// The claim to a resource that exists. On a function of the namespace, adoption gives the namespace no new rights, so it needs no consent. On a
/// function without an owner, [`Host::right`](crate::core::host::Host::right) requires consent.
fn claim<M: Model>(desired: &Desired<M>, history: &History, held: &Observed<M>) -> Claim {
    Evidence {
        recorded: history.claim,
        as_sent: is_as_sent(history, held),
        as_wanted: desired.model.differences(&held.model).is_empty(),
        inside_ours: desired.host.right() == Some(Right::Owned),
        adopt: desired.adopt,
    }
    .claim()
}

fn is_as_sent<M: Model>(history: &History, held: &Observed<M>) -> bool {
    !history.applied.is_empty() && held.model.applied(M::MEMBERS) == history.applied
}

/// Whether an object that is being deleted may delete the resource. On a function without an owner, the record alone is no proof: somebody can delete
/// the function and create it again with a resource of the same name. There, AWS must still show the recorded revision.
fn may_delete<M: Model>(leaving: &Leaving, history: &History, held: &Observed<M>) -> bool {
    let evidence = Evidence {
        recorded: history.claim,
        as_sent: is_as_sent(history, held),
        as_wanted: false,
        inside_ours: false,
        adopt: false,
    };
    let unchanged = leaving.host.is_unowned() && held.revision.is_some() && held.revision == history.revision;
    let permitted = match leaving.host.right() {
        Some(Right::Owned | Right::Unowned) | None => true,
        Some(Right::Refused(_)) => unchanged,
    };
    !leaving.has_rival() && evidence.claim() == Claim::Ours && permitted
}

/// Whether a resource that was read is the object's.
#[must_use]
pub fn is_ours<M: Model>(goal: &Goal<M>, history: &History, held: &Observed<M>) -> bool {
    match goal {
        Goal::Present(desired) => {
            let refused = matches!(desired.host.right(), Some(Right::Refused(_)));
            !desired.has_rival() && !refused && matches!(claim(desired, history, held), Claim::Ours | Claim::Adoptable)
        }
        Goal::Absent(leaving) | Goal::Released(leaving) => may_delete(leaving, history, held),
    }
}

/// The changes of a step, field by field.
#[must_use]
pub fn changes<M: Model>(step: &Step<M>, observed: Option<&Observed<M>>) -> Vec<Change> {
    let row = |wanted: &Wanted<M>, member: M::Member| Change {
        field: M::field(member).into(),
        from: observed.map(|held| held.model.text(member)),
        to: wanted.model.text(member),
    };
    match step {
        Step::Create(wanted) | Step::Update(wanted) => {
            let rows = wanted.members.iter().map(|member| row(wanted, *member));
            // Empty members are not shown for a new resource.
            rows.filter(|change| change.from.is_some() || !change.to.is_empty()).collect()
        }
        Step::Delete(_) => Vec::new(),
    }
}
