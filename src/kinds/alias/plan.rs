//! The plan for an alias: ownership, differences, and the AWS write that follows.

use super::desired::{Desired, Goal, Leaving};
use super::history::History;
use super::model::{Alias, Member};
use super::observed::{Held, Observed};
use crate::core::applied::{Applied, is_drift};
use crate::core::blocked::Blocked;
use crate::core::change::Change;
use crate::core::consent;
use crate::core::operation::Operation;
use crate::core::ownership::{Claim, Evidence, not_ours};
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
    let held = observed.and_then(|observed| observed.alias.as_ref());
    match (goal, held) {
        (Goal::Present(desired), _) => present(desired, history, observed),
        // AWS's reads can be stale: if an alias that was shown before is missing, a second read must confirm it.
        (Goal::Absent(_), None) if history.past.shown => Plan::Wait,
        (Goal::Absent(_) | Goal::Released(_), None) | (Goal::Released(_), Some(_)) => Plan::Done,
        (Goal::Absent(leaving), Some(held)) => {
            if is_ours(goal, history, held, None) {
                Plan::Steps(vec![Step::DeleteAlias(leaving.name.clone())])
            } else {
                Plan::Done
            }
        }
    }
}

fn present(desired: &Desired, history: &History, observed: Option<&Observed>) -> Plan {
    if let Some(rival) = &desired.rival {
        return Plan::Blocked(Blocked::Rival(format!(
            "The alias belongs to the LambdaAlias {rival}, so this object does nothing: delete one of the two objects, or create this one with another spec.name."
        )));
    }
    let owner = observed.and_then(|observed| observed.function_owner.as_ref());
    if let Some(owner) = owner.filter(|owner| !desired.is_within(owner)) {
        // The first is of the cluster's name of today.
        let own = desired.owners.first().map(String::as_str).unwrap_or_default();
        return Plan::Blocked(not_ours(own, owner.clone()));
    }
    let Some(held) = observed.and_then(|observed| observed.alias.as_ref()) else {
        let create = Step::CreateAlias(wanted(desired, Member::ALL.to_vec()));
        let gone = desired.reports_drift && is_deleted_by_others(desired, history);
        return if gone { Plan::Drift(vec![create]) } else { Plan::Steps(vec![create]) };
    };
    match claim(desired, history, held, owner) {
        Claim::Ours | Claim::Adoptable => converge(desired, history, held),
        Claim::Unowned if desired.adopt => {
            Plan::Blocked(consent::closed("alias", "belongs to a function that has no owner", &desired.object))
        }
        Claim::Unowned => Plan::Blocked(Blocked::NotOwned(None)),
        Claim::Another(owner) => Plan::Blocked(Blocked::NotOwned(Some(owner))),
        Claim::Unknown => Plan::Blocked(Blocked::OwnershipUnknown),
    }
}

/// Plans the update from the observed members to the desired ones.
fn converge(desired: &Desired, history: &History, held: &Held) -> Plan {
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
fn is_shifting(desired: &Desired, history: &History, held: &Held) -> bool {
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

/// Whose an alias is that exists. `owner` is the owner tag of its function, where that was asked. An alias of a function of the namespace is no
/// gain for the namespace, so taking it over needs nobody's consent.
fn claim(desired: &Desired, history: &History, held: &Held, owner: Option<&String>) -> Claim {
    let within = desired.inside_ours || owner.is_some_and(|owner| desired.is_within(owner));
    Evidence {
        recorded: history.claim,
        as_sent: is_as_sent(history, held),
        as_wanted: desired.alias == held.alias,
        inside_ours: desired.inside_ours,
        adopt: desired.adopt && (within || desired.open),
    }
    .claim()
}

fn is_as_sent(history: &History, held: &Held) -> bool {
    !history.applied.is_empty() && held.alias.applied(&Member::ALL) == history.applied
}

/// Whether an alias that was read is the object's.
pub(super) fn is_ours(goal: &Goal, history: &History, held: &Held, owner: Option<&String>) -> bool {
    match goal {
        Goal::Present(desired) => {
            desired.rival.is_none() && matches!(claim(desired, history, held, owner), Claim::Ours | Claim::Adoptable)
        }
        Goal::Absent(Leaving { name: _, rival }) | Goal::Released(Leaving { name: _, rival }) => {
            let evidence = Evidence {
                recorded: history.claim,
                as_sent: is_as_sent(history, held),
                as_wanted: false,
                inside_ours: false,
                adopt: false,
            };
            rival.is_none() && evidence.claim() == Claim::Ours
        }
    }
}

/// The changes of a step, field by field.
#[must_use]
pub fn changes(step: &Step, observed: Option<&Observed>) -> Vec<Change> {
    let held = observed.and_then(|observed| observed.alias.as_ref());
    let row = |wanted: &Wanted, member: Member| Change {
        field: member.field().into(),
        from: held.map(|held| held.alias.text(member)),
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
    use crate::api::shared::RecordedClaim;
    use crate::core::hand_over::ObjectName;
    use crate::kinds::alias::model::Weights;

    fn alias(version: &str, weights: &[(&str, f64)]) -> Alias {
        let weights = Weights::of(weights.iter().map(|(version, weight)| ((*version).to_owned(), *weight)));
        Alias { version: version.into(), description: String::new(), weights }
    }

    fn desired(alias: Alias, reports_drift: bool) -> Goal {
        Goal::Present(Box::new(Desired {
            name: "live".into(),
            alias,
            adopt: false,
            open: false,
            reports_drift,
            inside_ours: false,
            owners: vec!["c/n/".into()],
            object: ObjectName { namespace: "n".into(), name: "live".into() },
            rival: None,
            ignored: Vec::new(),
        }))
    }

    fn shows(alias: Alias) -> Observed {
        let held = Held { alias, arn: "arn".into(), revision: None };
        Observed { alias: Some(held), function_owner: None }
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
        let gone = Observed { alias: None, function_owner: None };
        let planned =
            |history: &History, version: &str| plan(&desired(alias(version, &[]), true), history, Some(&gone));
        assert!(matches!(planned(&history, "1"), Plan::Steps(_)), "it went with its function");
        history.past.last_reconciled = Some(crate::api::shared::AppliedGeneration::default());
        assert!(matches!(planned(&history, "1"), Plan::Drift(_)), "whichever generation says so");
        assert!(matches!(planned(&history, "2"), Plan::Steps(_)), "an edit");
    }

    #[test]
    fn an_alias_of_a_function_that_nobody_owns_is_taken_over_only_where_adoption_is_allowed() {
        let held = Held { alias: alias("2", &[]), arn: "arn".into(), revision: None };
        let planned = |adopt, open, inside_ours, owner: Option<&str>| {
            let Goal::Present(mut desired) = desired(alias("1", &[]), false) else { panic!("present") };
            (desired.adopt, desired.open, desired.inside_ours) = (adopt, open, inside_ours);
            let observed = Observed { alias: Some(held.clone()), function_owner: owner.map(str::to_owned) };
            plan(&Goal::Present(desired), &History::default(), Some(&observed))
        };
        assert_eq!(planned(false, true, false, None), Plan::Blocked(Blocked::NotOwned(None)));
        let Plan::Blocked(Blocked::NotAllowed(sentence)) = planned(true, false, false, None) else { panic!("closed") };
        assert!(sentence.contains("kubectl annotate namespace n lambda-operator.io/allow-adoption=true"), "{sentence}");
        assert_eq!(sent(planned(true, true, false, None)), [Member::Version]);
        assert_eq!(sent(planned(true, false, true, None)), [Member::Version], "of a LambdaFunction of the namespace");
        assert_eq!(sent(planned(true, false, false, Some("c/n/f"))), [Member::Version], "by its function's tag");
        assert!(matches!(planned(true, true, false, Some("c/m/f")), Plan::Blocked(_)), "of another namespace");
    }

    #[test]
    fn no_alias_is_added_to_a_function_of_another_namespace() {
        let goal = desired(alias("1", &[]), false);
        let of = |owner: &str| Observed { alias: None, function_owner: Some(owner.into()) };
        let blocked = Plan::Blocked(Blocked::NotOwned(Some("c/nn/f".into())));
        assert_eq!(plan(&goal, &History::default(), Some(&of("c/nn/f"))), blocked);
        assert!(matches!(plan(&goal, &History::default(), Some(&of("c/n/f"))), Plan::Steps(_)));
        let renamed = Plan::Blocked(Blocked::OtherCluster("old/n/f".into()));
        assert_eq!(plan(&goal, &History::default(), Some(&of("old/n/f"))), renamed);
    }
}
