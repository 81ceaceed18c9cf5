//! The plan for an alias: ownership, differences, and the AWS write that follows.

use super::desired::{Desired, Goal, Leaving};
use super::history::History;
use super::model::{Alias, Member};
use super::observed::Observed;
use crate::api::shared::RecordedClaim;
use crate::core::applied::{Applied, is_drift};
use crate::core::blocked::Blocked;
use crate::core::change::Change;
use crate::core::host::Right;
use crate::core::operation::Operation;
use crate::core::ownership::{Claim, Evidence, Rival};
use crate::core::plan;
use crate::core::plan::Write;

/// The plan for an alias.
pub type Plan = plan::Plan<Step>;

/// One AWS write, named as the API names it.
#[derive(Clone, Debug, PartialEq, Eq)]
#[allow(missing_docs, reason = "each is AWS's own name")]
pub enum Step {
    CreateAlias(Wanted),
    UpdateAlias(Wanted),
    DeleteAlias(String),
}

/// The contents of a write.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Wanted {
    /// The alias's name.
    pub name: String,
    /// The desired members.
    pub alias: Alias,
    /// The members that are sent.
    pub members: Vec<Member>,
}

impl Write for Step {
    fn operation(&self) -> Operation {
        match self {
            Self::CreateAlias(_) => Operation::CreateAlias,
            Self::UpdateAlias(_) => Operation::UpdateAlias,
            Self::DeleteAlias(_) => Operation::DeleteAlias,
        }
    }

    fn ends_reconcile(&self) -> bool {
        match self {
            Self::CreateAlias(_) | Self::UpdateAlias(_) | Self::DeleteAlias(_) => true,
        }
    }

    fn settles_later(&self) -> bool {
        match self {
            Self::CreateAlias(_) | Self::UpdateAlias(_) | Self::DeleteAlias(_) => false,
        }
    }
}

/// Plans the write from the observed alias to the goal.
#[must_use]
pub fn plan(goal: &Goal, history: &History, observed: Option<&Observed>) -> Plan {
    match (goal, observed) {
        (Goal::Present(desired), _) => present(desired, history, observed),
        // AWS's reads can be stale: if an alias that was shown before is missing, a second read must confirm it.
        (Goal::Absent(_), None) if history.past.shown => Plan::Wait,
        (Goal::Absent(_) | Goal::Released(_), None) | (Goal::Released(_), Some(_)) => Plan::Done,
        (Goal::Absent(leaving), Some(_)) if leaving.host.right() == Some(Right::Refused(Blocked::OwnershipUnknown)) => {
            Plan::Blocked(Blocked::OwnershipUnknown)
        }
        (Goal::Absent(leaving), Some(held)) if may_delete(leaving, history, held) => {
            Plan::Steps(vec![Step::DeleteAlias(leaving.name.clone())])
        }
        (Goal::Absent(_), Some(_)) => Plan::Done,
    }
}

/// Whether the plan depends on the owner of the function, which was not read yet: before each write, and before the alias becomes the object's.
pub(super) fn needs_owner(goal: &Goal, history: &History, observed: Option<&Observed>) -> bool {
    let host = match goal {
        Goal::Present(desired) => &desired.host,
        Goal::Absent(leaving) | Goal::Released(leaving) => &leaving.host,
    };
    let claims = |desired: &Desired| !desired.has_rival() && history.claim != Some(RecordedClaim::Owned);
    let writes = || matches!(plan(goal, history, observed), Plan::Steps(_));
    !host.is_read() && (goal.desired().is_some_and(claims) || writes())
}

fn present(desired: &Desired, history: &History, observed: Option<&Observed>) -> Plan {
    if let Some(rival) = desired.rival.as_ref().filter(|_| desired.has_rival()) {
        let (Rival::Within(rival) | Rival::Elsewhere(rival)) = rival;
        return Plan::Blocked(Blocked::Rival(format!(
            "The alias belongs to the LambdaAlias {rival}, so this object does nothing: delete one of the two objects, or create this one with another spec.name."
        )));
    }
    if let Some(Right::Refused(blocked)) = desired.host.right() {
        return Plan::Blocked(blocked);
    }
    let Some(held) = observed else {
        let create = Step::CreateAlias(wanted(desired, Member::ALL.to_vec()));
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
fn converge(desired: &Desired, history: &History, held: &Observed) -> Plan {
    if is_shifting(desired, history, held) {
        return Plan::Wait;
    }
    let differing = desired.alias.differences(&held.alias);
    let (drift, edits): (Vec<_>, Vec<_>) =
        differing.into_iter().partition(|member| drifted(&desired.alias, &history.applied, *member));
    let update = |members| vec![Step::UpdateAlias(wanted(desired, members))];
    match (desired.reports_drift, drift.is_empty(), edits.is_empty()) {
        (_, true, true) => Plan::Done,
        // Exactly the members with drift are left.
        (true, false, true) => Plan::Drift(update(drift)),
        (true, _, false) => Plan::Steps(update(edits)),
        (false, _, _) => Plan::Steps(update([edits, drift].concat())),
    }
}

fn wanted(desired: &Desired, members: Vec<Member>) -> Wanted {
    Wanted { name: desired.name.clone(), alias: desired.alias.clone(), members }
}

fn drifted(alias: &Alias, applied: &Applied, member: Member) -> bool {
    let text = alias.text(member);
    is_drift(applied, member.name(), &text, !text.is_empty())
}

/// Whether a step corrects drift.
pub(super) fn corrects_drift(step: &Step, desired: &Desired, history: &History) -> bool {
    match step {
        Step::CreateAlias(_) => is_deleted_by_others(desired, history),
        Step::UpdateAlias(wanted) => {
            !history.applied.is_empty()
                && wanted.members.iter().any(|member| drifted(&desired.alias, &history.applied, *member))
        }
        Step::DeleteAlias(_) => false,
    }
}

/// Whether AWS is moving provisioned concurrency to the alias's current version. Meanwhile it gives the previous version a weight.
fn is_shifting(desired: &Desired, history: &History, held: &Observed) -> bool {
    let moved = history.moved_from.as_deref();
    // Weights that the user had set and now removes are an edit, not drift.
    let by_others = drifted(&desired.alias, &history.applied, Member::Routing);
    // A weight that outlasts the object's timeout is treated as drift.
    history.past.stalled.is_none()
        && by_others
        && desired.alias.weights.is_empty()
        && desired.alias.version == held.alias.version
        && moved.is_some_and(|version| held.alias.weights.is_only(version))
}

/// Whether somebody deleted the alias: it existed, is gone, and the desired state has not changed since. An alias that was deleted with its
/// function does not count, and is created again with the function.
fn is_deleted_by_others(desired: &Desired, history: &History) -> bool {
    let ours = |member: &Member| !desired.leaves(*member);
    history.past.last_reconciled.is_some()
        && Member::ALL.into_iter().filter(ours).all(|member| drifted(&desired.alias, &history.applied, member))
}

/// The claim to an alias that exists. An alias of a function of the namespace is no gain for the namespace, so adoption needs no consent there;
/// on a function without an owner [`Host::right`] asks for it.
fn claim(desired: &Desired, history: &History, held: &Observed) -> Claim {
    Evidence {
        recorded: history.claim,
        as_sent: is_as_sent(history, held),
        as_wanted: desired.alias == held.alias,
        inside_ours: desired.host.right() == Some(Right::Owned),
        adopt: desired.adopt,
    }
    .claim()
}

fn is_as_sent(history: &History, held: &Observed) -> bool {
    !history.applied.is_empty() && held.alias.applied(&Member::ALL) == history.applied
}

/// Whether an object that leaves may delete the alias. On a function without an owner the record alone is no proof, because a function can be
/// deleted and created again with an alias of the same name: there AWS must still show the revision that was recorded.
fn may_delete(leaving: &Leaving, history: &History, held: &Observed) -> bool {
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

/// Whether an alias that was read is the object's.
pub(super) fn is_ours(goal: &Goal, history: &History, held: &Observed) -> bool {
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
pub fn changes(step: &Step, observed: Option<&Observed>) -> Vec<Change> {
    let row = |wanted: &Wanted, member: Member| Change {
        field: member.field().into(),
        from: observed.map(|held| held.alias.text(member)),
        to: wanted.alias.text(member),
    };
    match step {
        Step::CreateAlias(wanted) | Step::UpdateAlias(wanted) => {
            let rows = wanted.members.iter().map(|member| row(wanted, *member));
            // Empty members are not shown for a new alias.
            rows.filter(|change| change.from.is_some() || !change.to.is_empty()).collect()
        }
        Step::DeleteAlias(_) => Vec::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::core::hand_over::ObjectName;
    use crate::core::host::Host;
    use crate::core::values::Knowable;
    use crate::kinds::alias::desired::{live, live_leaves, with_owner};
    use crate::kinds::alias::model::Weights;

    fn alias(version: &str, weights: &[(&str, f64)]) -> Alias {
        let weights = Weights::of(weights.iter().map(|(version, weight)| ((*version).to_owned(), *weight)));
        Alias { version: version.into(), description: String::new(), weights }
    }

    fn desired(alias: Alias, reports_drift: bool) -> Goal {
        Goal::Present(Box::new(Desired { reports_drift, ..live(alias) }))
    }

    /// With the owner of the function, which is read before a write.
    fn of(goal: &Goal, owner: Option<&str>) -> Goal {
        with_owner(goal, Knowable::Known(owner.map(str::to_owned)))
    }

    fn shows(alias: Alias) -> Observed {
        Observed { alias, arn: "arn".into(), revision: Some("1".into()) }
    }

    fn owned(accepted: &Alias, moved_from: Option<&str>) -> History {
        let applied = accepted.applied(&Member::ALL);
        let moved_from = moved_from.map(str::to_owned);
        History { claim: Some(RecordedClaim::Owned), applied, moved_from, ..History::default() }
    }

    fn sent(plan: Plan) -> Vec<Member> {
        match plan {
            Plan::Steps(steps) => match steps.as_slice() {
                [Step::UpdateAlias(wanted)] => wanted.members.clone(),
                other => panic!("{other:?}"),
            },
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn weights_of_the_version_before_are_waited_for_unless_the_user_set_them() {
        let (bare, shared) = (alias("2", &[]), alias("2", &[("1", 0.5)]));
        let goal = desired(bare.clone(), false);
        let held = shows(shared.clone());
        assert_eq!(plan(&goal, &owned(&bare, Some("1")), Some(&held)), Plan::Wait, "AWS moves concurrency");
        assert_eq!(sent(plan(&goal, &owned(&shared, Some("1")), Some(&held))), [Member::Routing], "an edit");
        assert_eq!(sent(plan(&goal, &owned(&bare, Some("3")), Some(&held))), [Member::Routing], "drift");
        let mut stalled = owned(&bare, Some("1"));
        stalled.past.stalled = Some(1);
        assert_eq!(sent(plan(&goal, &stalled, Some(&held))), [Member::Routing], "somebody else's after all");
    }

    #[test]
    fn under_report_an_update_sends_only_what_the_user_changed() {
        let (before, after) = (alias("1", &[]), alias("2", &[]));
        let held = shows(Alias { description: "theirs".into(), ..before.clone() });
        let history = owned(&before, None);
        assert_eq!(sent(plan(&desired(after.clone(), true), &history, Some(&held))), [Member::Version]);
        let both = sent(plan(&desired(after, false), &history, Some(&held)));
        assert_eq!(both, [Member::Version, Member::Description]);
        assert!(matches!(plan(&desired(before, true), &history, Some(&held)), Plan::Drift(_)));
    }

    #[test]
    fn an_alias_that_somebody_deleted_stays_so_until_something_else_is_desired() {
        let mut history = owned(&alias("1", &[]), None);
        let planned = |history: &History, version: &str| plan(&desired(alias(version, &[]), true), history, None);
        assert!(matches!(planned(&history, "1"), Plan::Steps(_)), "it went with its function");
        history.past.last_reconciled = Some(crate::api::shared::AppliedGeneration::default());
        assert!(matches!(planned(&history, "1"), Plan::Drift(_)), "whichever generation says so");
        assert!(matches!(planned(&history, "2"), Plan::Steps(_)), "an edit");
    }

    #[test]
    fn an_alias_that_differs_is_adopted_only_if_the_spec_says_so_and_the_function_allows_it() {
        let held = shows(alias("2", &[]));
        let planned = |adopt, open, owner: Option<&str>| {
            let object = ObjectName { namespace: "n".into(), name: "live".into() };
            let host = Host::new("c/n/live", &[], open, object);
            let desired = Desired { adopt, host, ..live(alias("1", &[])) };
            plan(&of(&Goal::Present(Box::new(desired)), owner), &History::default(), Some(&held))
        };
        assert_eq!(planned(false, true, None), Plan::Blocked(Blocked::NotOwned(None)));
        assert!(matches!(planned(true, false, None), Plan::Blocked(Blocked::NotAllowed(_))), "closed");
        assert_eq!(sent(planned(true, true, None)), [Member::Version]);
        assert_eq!(sent(planned(true, false, Some("c/n/f"))), [Member::Version], "of the namespace");
        assert_eq!(planned(false, true, Some("c/n/f")), Plan::Blocked(Blocked::NotOwned(None)));
        assert!(matches!(planned(true, true, Some("c/m/f")), Plan::Blocked(_)), "of another namespace");
    }

    #[test]
    fn no_record_lets_an_object_write_to_a_function_of_another_namespace() {
        let (old, new) = (alias("1", &[]), alias("2", &[]));
        let history = History { revision: Some("1".into()), ..owned(&old, None) };
        let absent = Goal::Absent(live_leaves());
        for owner in ["c/m/f", "c/nn/f"] {
            let blocked = Plan::Blocked(Blocked::NotOwned(Some(owner.into())));
            let present = of(&desired(new.clone(), false), Some(owner));
            assert_eq!(plan(&present, &history, Some(&shows(old.clone()))), blocked, "update");
            assert_eq!(plan(&present, &history, None), blocked, "creation");
            let absent = of(&absent, Some(owner));
            assert_eq!(plan(&absent, &history, Some(&shows(old.clone()))), Plan::Done, "deletion");
            assert!(!is_ours(&absent, &history, &shows(old.clone())));
        }
        let renamed = of(&desired(new.clone(), false), Some("old/n/f"));
        assert_eq!(plan(&renamed, &history, None), Plan::Blocked(Blocked::OtherCluster("old/n/f".into())));
        let ours = of(&desired(new, false), Some("c/n/f"));
        assert_eq!(sent(plan(&ours, &history, Some(&shows(old.clone())))), [Member::Version]);
        let deletes = plan(&of(&absent, Some("c/n/f")), &history, Some(&shows(old)));
        assert!(matches!(deletes, Plan::Steps(_)), "{deletes:?}");
    }

    #[test]
    fn an_alias_of_a_function_without_an_owner_is_deleted_only_if_it_is_the_one_that_was_recorded() {
        let held = alias("1", &[]);
        let deleted = |revision: Option<&str>| {
            let history = History { revision: revision.map(str::to_owned), ..owned(&held, None) };
            plan(&of(&Goal::Absent(live_leaves()), None), &history, Some(&shows(held.clone())))
        };
        assert!(matches!(deleted(Some("1")), Plan::Steps(_)));
        assert_eq!(deleted(Some("2")), Plan::Done, "another alias of that name, or changed since");
        assert_eq!(deleted(None), Plan::Done);
        let hidden = with_owner(&Goal::Absent(live_leaves()), Knowable::Unknown);
        let waits = plan(&hidden, &owned(&held, None), Some(&shows(held.clone())));
        assert_eq!(waits, Plan::Blocked(Blocked::OwnershipUnknown));
    }

    #[test]
    fn the_owner_is_read_before_each_write_and_each_claim_and_not_while_nothing_changes() {
        let (old, new) = (alias("1", &[]), alias("2", &[]));
        let (held, history) = (shows(old.clone()), owned(&old, None));
        let none = History::default();
        let asks = |goal: &Goal, history: &History, observed| needs_owner(goal, history, observed);
        assert!(!asks(&desired(old.clone(), false), &history, Some(&held)), "in sync");
        assert!(!asks(&desired(new.clone(), true), &owned(&new, None), Some(&held)), "drift that is reported");
        assert!(asks(&desired(new.clone(), false), &history, Some(&held)), "an update");
        assert!(asks(&desired(old.clone(), false), &history, None), "a creation");
        assert!(asks(&desired(old.clone(), false), &none, Some(&held)), "adoption of an equal alias");
        assert!(asks(&Goal::Absent(live_leaves()), &history, Some(&held)), "a deletion");
        assert!(!asks(&Goal::Released(live_leaves()), &history, Some(&held)));
        assert!(!asks(&of(&desired(new, false), Some("c/n/f")), &history, Some(&held)), "it was read");
    }

    #[test]
    fn an_object_of_another_namespace_is_a_rival_only_on_a_function_without_an_owner() {
        let rival = |rival: fn(ObjectName) -> Rival, owner: Option<&str>| {
            let object = ObjectName { namespace: "n".into(), name: "live".into() };
            let name = ObjectName { namespace: "m".into(), name: "theirs".into() };
            let host = Host::new("c/n/live", &[], true, object);
            let desired = Desired { rival: Some(rival(name)), host, ..live(alias("1", &[])) };
            plan(&of(&Goal::Present(Box::new(desired)), owner), &History::default(), None)
        };
        assert!(matches!(rival(Rival::Elsewhere, Some("c/n/f")), Plan::Steps(_)), "it squats on the name");
        assert!(matches!(rival(Rival::Elsewhere, None), Plan::Blocked(Blocked::Rival(_))));
        assert!(matches!(rival(Rival::Within, Some("c/n/f")), Plan::Blocked(Blocked::Rival(_))));
    }
}
