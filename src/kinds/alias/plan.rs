//! The plan for an alias: that of every resource without tags, and a wait while AWS moves provisioned concurrency.

use super::history::History;
use super::model::{Alias, Member};
use crate::core::attached::plan;
use crate::core::attached::plan::is_drifted;
use crate::core::attached::{Desired, Goal, Observed};

/// One AWS write.
pub type Step = plan::Step<Alias>;

/// The plan for an alias.
pub type Plan = plan::Plan<Alias>;

/// Plans the write from the observed alias to the goal.
#[must_use]
pub fn plan(goal: &Goal<Alias>, history: &History, observed: Option<&Observed<Alias>>) -> Plan {
    let shifts = goal.desired().zip(observed).is_some_and(|(desired, held)| is_shifting(desired, history, held));
    match plan::plan(goal, &history.attached, observed) {
        Plan::Steps(_) | Plan::Drift(_) if shifts => Plan::Wait,
        plan => plan,
    }
}

/// The alias after the writes of a plan.
#[must_use]
pub fn after<'a>(plan: &'a Plan, held: &'a Alias) -> &'a Alias {
    let Plan::Steps(steps) = plan else { return held };
    let written = |step: &'a Step| match step {
        Step::Create(wanted) | Step::Update(wanted) => Some(&wanted.model),
        Step::Delete(_) => None,
    };
    steps.iter().rev().find_map(written).unwrap_or(held)
}

/// Whether the plan depends on the owner of the function, which was not read yet.
#[must_use]
pub fn needs_owner(goal: &Goal<Alias>, history: &History, observed: Option<&Observed<Alias>>) -> bool {
    plan::needs_owner(goal, &history.attached, observed) && !matches!(plan(goal, history, observed), Plan::Wait)
}

/// Whether AWS is moving provisioned concurrency to the alias's current version. Meanwhile it gives the previous version a weight.
fn is_shifting(desired: &Desired<Alias>, history: &History, held: &Observed<Alias>) -> bool {
    let moved = history.moved_from.as_deref();
    // Weights that the user had set and now removes are an edit, not drift.
    let by_others = is_drifted(&desired.model, &history.attached.applied, Member::Routing);
    // A weight that outlasts the object's timeout is treated as drift.
    history.attached.past.stalled.is_none()
        && by_others
        && desired.model.weights.is_empty()
        && desired.model.version == held.model.version
        && !held.model.weights.is_empty()
        // Where others move the alias, the version that it came from is not known. What is only reported needs no wait.
        && (desired.leaves(Member::Version) && !desired.reports_drift || moved.is_some_and(|version| held.model.weights.is_only(version)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::api::shared::{AppliedGeneration, RecordedClaim};
    use crate::core::attached::plan::is_ours;
    use crate::core::attached::{Model, with_owner};
    use crate::core::blocked::Blocked;
    use crate::core::hand_over::ObjectName;
    use crate::core::host::Host;
    use crate::core::ownership::Rival;
    use crate::core::values::Knowable;
    use crate::kinds::alias::desired::{live, live_leaves};
    use crate::kinds::alias::model::Weights;

    fn alias(version: &str, weights: &[(&str, f64)]) -> Alias {
        let weights = Weights::of(weights.iter().map(|(version, weight)| ((*version).to_owned(), *weight)));
        Alias { version: version.into(), description: String::new(), weights }
    }

    fn desired(alias: Alias, reports_drift: bool) -> Goal<Alias> {
        Goal::Present(Box::new(Desired { reports_drift, ..live(alias) }))
    }

    /// The goal with the owner of the function, which is read before a write.
    fn of(goal: &Goal<Alias>, owner: Option<&str>) -> Goal<Alias> {
        with_owner(goal, Knowable::Known(owner.map(str::to_owned)))
    }

    fn shows(alias: Alias) -> Observed<Alias> {
        Observed { model: alias, arn: "arn".into(), revision: Some("1".into()) }
    }

    fn owned(accepted: &Alias, moved_from: Option<&str>) -> History {
        let mut history = History { moved_from: moved_from.map(str::to_owned), ..History::default() };
        history.attached.claim = Some(RecordedClaim::Owned);
        history.attached.applied = accepted.applied(&Member::ALL);
        history
    }

    fn sent(plan: Plan) -> Vec<Member> {
        match plan {
            Plan::Steps(steps) => match steps.as_slice() {
                [Step::Update(wanted)] => wanted.members.clone(),
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
        let others = |reports_drift| {
            let desired = Desired { ignored: vec![Member::Version], reports_drift, ..live(bare.clone()) };
            plan(&Goal::Present(Box::new(desired)), &owned(&bare, None), Some(&held))
        };
        assert_eq!(others(false), Plan::Wait, "a pipeline moved the alias");
        assert!(matches!(others(true), Plan::Drift(_)), "nothing is written");
        let mut stalled = owned(&bare, Some("1"));
        stalled.attached.past.stalled = Some(1);
        assert_eq!(sent(plan(&goal, &stalled, Some(&held))), [Member::Routing], "somebody else's after all");
    }

    #[test]
    fn an_alias_is_foreseen_as_its_plan_leaves_it() {
        let (bare, shared) = (alias("2", &[]), alias("2", &[("1", 0.5)]));
        let foreseen = |goal: &Goal<Alias>, history: &History, held: &Alias| {
            after(&plan(goal, history, Some(&shows(held.clone()))), held).clone()
        };
        let history = owned(&shared, None);
        assert_eq!(foreseen(&desired(bare.clone(), false), &history, &shared), bare);
        assert_eq!(foreseen(&desired(shared.clone(), false), &owned(&bare, None), &bare), shared);
        assert_eq!(foreseen(&desired(bare.clone(), false), &history, &bare), bare, "nothing to write");
        assert_eq!(foreseen(&desired(shared, true), &history, &bare), bare, "drift that is only reported");
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
        history.attached.past.last_reconciled = Some(AppliedGeneration::default());
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
        let mut history = owned(&old, None);
        history.attached.revision = Some("1".into());
        let absent = Goal::Absent(live_leaves());
        for owner in ["c/m/f", "c/nn/f"] {
            let blocked = Plan::Blocked(Blocked::NotOwned(Some(owner.into())));
            let present = of(&desired(new.clone(), false), Some(owner));
            assert_eq!(plan(&present, &history, Some(&shows(old.clone()))), blocked, "update");
            assert_eq!(plan(&present, &history, None), blocked, "creation");
            let absent = of(&absent, Some(owner));
            assert_eq!(plan(&absent, &history, Some(&shows(old.clone()))), Plan::Done, "deletion");
            assert!(!is_ours(&absent, &history.attached, &shows(old.clone())));
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
            let mut history = owned(&held, None);
            history.attached.revision = revision.map(str::to_owned);
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
        let asks = |goal: &Goal<Alias>, history: &History, observed| needs_owner(goal, history, observed);
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
