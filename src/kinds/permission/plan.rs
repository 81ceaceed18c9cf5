//! The plan for a statement. AWS cannot change a statement, so a change is an addition and then a removal. If the policy cannot contain both
//! statements, the removal is first. Pure.

use super::desired::{Desired, Goal};
use super::history::History;
use super::model::Permission;
use super::statement::{LONGEST_POLICY, Policy, Statement, length};
use crate::api::permission::Replacement;
use crate::api::shared::RecordedClaim;
use crate::core::applied::Applied;
use crate::core::attached;
use crate::core::attached::Model;
use crate::core::attached::placed::{attached, host, place};
use crate::core::attached::plan::Wanted;
use crate::core::blocked::Blocked;
use crate::core::operation::Operation;
use crate::core::plan;
use crate::core::plan::Write;

/// The plan for a statement.
pub type Plan = plan::Plan<Step>;

/// One AWS write.
#[derive(Clone, Debug, PartialEq)]
pub enum Step {
    /// `AddPermission`.
    Add(Box<Addition>),
    /// `RemovePermission`.
    Remove(Removal),
}

/// A statement that is added.
#[derive(Clone, Debug, PartialEq)]
pub struct Addition {
    /// Its id.
    pub id: String,
    /// Its contents.
    pub permission: Permission,
    /// The version or alias that has the policy.
    pub qualifier: Option<String>,
    /// The policy's revision; `None`: it is the first statement, or another call precedes this one.
    pub revision: Option<String>,
    /// The step that this call carries out.
    pub step: attached::plan::Step<Permission>,
    /// The statement that it replaces.
    pub replaces: Option<attached::Observed<Permission>>,
    /// How it replaces that statement.
    pub replacement: Option<Replacement>,
}

/// A statement that is removed.
#[derive(Clone, Debug, PartialEq)]
pub struct Removal {
    /// Its id.
    pub id: String,
    /// The version or alias that has the policy.
    pub qualifier: Option<String>,
    /// The policy's revision.
    pub revision: Option<String>,
    /// The cause.
    pub cause: Cause,
}

/// The cause of a removal.
#[derive(Clone, Debug, PartialEq)]
pub enum Cause {
    /// The object is being deleted.
    Leaving,
    /// Another statement of the object has taken its place.
    Replaced(Kept),
    /// The statement that takes its place is added next.
    MakesRoom,
}

/// The statement that stays, and the records about it.
#[derive(Clone, Debug, PartialEq)]
pub struct Kept {
    /// Its id.
    pub id: String,
    /// Hash of the values that AWS accepted, by member.
    pub applied: Applied,
    /// Its fingerprint.
    pub revision: Option<String>,
}

impl Write for Step {
    fn operation(&self) -> Operation {
        match self {
            Self::Add(_) => Operation::AddPermission,
            Self::Remove(_) => Operation::RemovePermission,
        }
    }

    fn ends_reconcile(&self) -> bool {
        match self {
            Self::Add(_) => true,
            Self::Remove(Removal { cause, .. }) => match cause {
                Cause::Leaving | Cause::Replaced(_) => true,
                Cause::MakesRoom => false,
            },
        }
    }

    fn settles_later(&self) -> bool {
        match self {
            Self::Add(_) | Self::Remove(_) => false,
        }
    }

    fn ends_resource(&self) -> bool {
        match self {
            Self::Add(_) => false,
            Self::Remove(Removal { cause, .. }) => match cause {
                Cause::Leaving => true,
                Cause::Replaced(_) | Cause::MakesRoom => false,
            },
        }
    }
}

/// The statement that counts as the object's, if there are two: the one that is wanted, else the one that was written last, else the first.
#[must_use]
pub fn current<'p>(goal: &Goal, history: &History, policy: Option<&'p Policy>) -> Option<&'p Statement> {
    let held = &policy?.held;
    let wanted = goal.desired().map(|desired| &desired.attached.model);
    let with = |id: &String| held.iter().find(|statement| statement.id == *id);
    let ids = place(goal).ids.all();
    let is_wanted = |statement: &&Statement| wanted == Some(&statement.permission);
    // In the order of the ids: one under a former name of the cluster counts last.
    let best = ids.iter().find_map(|id| with(id).filter(is_wanted));
    best.or_else(|| history.id.as_ref().and_then(with)).or_else(|| ids.iter().find_map(with))
}

/// Converts a statement to the form that all resources without tags share.
#[must_use]
pub fn observed(goal: &Goal, statement: &Statement) -> attached::Observed<Permission> {
    attached::Observed {
        model: statement.permission.clone(),
        arn: place(goal).resource.clone(),
        revision: Some(statement.fingerprint()),
    }
}

/// The records, with the claim that a derived id proves: only this object writes statements that have it.
#[must_use]
pub fn known(goal: &Goal, history: &History) -> attached::history::History {
    let derived = place(goal).ids.are_derived();
    let claim = if derived { Some(RecordedClaim::Owned) } else { history.attached.claim };
    attached::history::History { claim, ..history.attached.clone() }
}

/// Plans the writes from the observed policy to the goal.
#[must_use]
pub fn plan(goal: &Goal, history: &History, policy: Option<&Policy>) -> Plan {
    let current = current(goal, history, policy);
    let held = current.map(|statement| observed(goal, statement));
    // If there is no statement, the derived id is no evidence that the object ever created one.
    let known = if held.is_some() { known(goal, history) } else { history.attached.clone() };
    let planned = attached::plan::plan(&attached(goal), &known, held.as_ref());
    let none = Policy::default();
    let change = Change { goal, history, policy: policy.unwrap_or(&none), current };
    let calls = |steps: Vec<attached::plan::Step<Permission>>| -> Result<Vec<Step>, Blocked> {
        let all: Result<Vec<_>, _> = steps.into_iter().map(|step| change.calls(step)).collect();
        all.map(|all| all.concat())
    };
    let planned = match planned {
        plan::Plan::Steps(steps) => calls(steps).map(Plan::Steps),
        // An edit was applied, and the members with drift were left as they are. The old statement of that change is still to be removed.
        plan::Plan::Drift(steps) => match change.without_others(history.attached.applied.clone()) {
            Some(removal) => Ok(Plan::Steps(vec![removal])),
            None => calls(steps).map(Plan::Drift),
        },
        plan::Plan::Done if goal.desired().is_some() => change.rest(),
        plan::Plan::Done => Ok(Plan::Done),
        plan::Plan::Wait => Ok(Plan::Wait),
        plan::Plan::Blocked(blocked) => Err(blocked),
    };
    planned.unwrap_or_else(Plan::Blocked)
}

/// Whether the plan depends on the owner of the function, which was not read yet.
#[must_use]
pub fn needs_owner(goal: &Goal, history: &History, policy: Option<&Policy>) -> bool {
    let held = current(goal, history, policy).map(|statement| observed(goal, statement));
    let asks = attached::plan::needs_owner(&attached(goal), &history.attached, held.as_ref());
    let writes = || matches!(plan(goal, history, policy), Plan::Steps(_));
    asks || (!host(goal).is_read() && writes())
}

/// The facts from which the calls of a change follow.
struct Change<'a> {
    goal: &'a Goal,
    history: &'a History,
    policy: &'a Policy,
    current: Option<&'a Statement>,
}

impl Change<'_> {
    fn calls(&self, step: attached::plan::Step<Permission>) -> Result<Vec<Step>, Blocked> {
        let ids = &place(self.goal).ids;
        match (&step, self.current) {
            (attached::plan::Step::Create(wanted), _) | (attached::plan::Step::Update(wanted), None) => {
                let permission = wanted.model.clone();
                Ok(vec![self.addition(ids.first(), permission, self.policy.revision.clone(), step, None)])
            }
            (attached::plan::Step::Update(wanted), Some(old)) => self.replacement(old, sent(wanted, old), &step),
            (attached::plan::Step::Delete(_), _) => {
                Ok(self.policy.held.iter().map(|held| self.removal(held, Cause::Leaving)).collect())
            }
        }
    }

    /// The calls that replace a statement. The old one is removed first only if both cannot exist at the same time, and only if the new one then fits
    /// into the policy.
    fn replacement(
        &self,
        old: &Statement,
        new: Permission,
        step: &attached::plan::Step<Permission>,
    ) -> Result<Vec<Step>, Blocked> {
        let place = place(self.goal);
        let exists = |id: &str| self.policy.held.iter().any(|held| held.id == id);
        let beside = place.ids.beside(exists);
        // Both ids are in use, and neither statement is the desired one: the spec was edited again before the last change had ended.
        if let Some(removal) = self.without_others(self.history.attached.applied.clone()) {
            return Ok(vec![removal]);
        }
        let room = |id: &str| self.policy.size + 1 + length(id, &new, &place.resource) <= LONGEST_POLICY;
        if let Some(id) = beside.as_ref().filter(|id| room(id)) {
            let revision = self.policy.revision.clone();
            return Ok(vec![self.addition(id.clone(), new, revision, step.clone(), Some(Replacement::WithoutGap))]);
        }
        let size = self.policy.size.saturating_sub(old.text.chars().count());
        let size = size + length(&old.id, &new, &place.resource);
        if size > LONGEST_POLICY {
            return Err(Blocked::InvalidSpec(format!(
                "With this statement the policy would have {size} characters, and AWS allows {LONGEST_POLICY}, so the existing statement stays as it is: remove other permissions of the function, or replace several with one that has a * in its sourceArn."
            )));
        }
        let how = if beside.is_none() { Replacement::SameId } else { Replacement::PolicyFull };
        Ok(vec![self.removal(old, Cause::MakesRoom), self.addition(old.id.clone(), new, None, step.clone(), Some(how))])
    }

    /// The end of a change: removes the replaced statement, and gives a statement under a former name of the cluster its new id.
    fn rest(&self) -> Result<Plan, Blocked> {
        let (Some(current), Some(desired)) = (self.current, self.goal.desired()) else { return Ok(Plan::Done) };
        let Desired { attached: desired, place } = desired;
        let ours = Permission::MEMBERS.iter().copied().filter(|member| !desired.leaves(*member));
        let applied = desired.model.applied(&ours.collect::<Vec<_>>());
        if let Some(removal) = self.without_others(applied) {
            return Ok(Plan::Steps(vec![removal]));
        }
        if place.ids.has(&current.id) {
            return Ok(Plan::Done);
        }
        let (name, model) = (desired.name.clone(), desired.model.clone());
        let step = attached::plan::Step::Update(Wanted { name, model, members: Permission::MEMBERS.to_vec() });
        self.replacement(current, current.permission.clone(), &step).map(Plan::Steps)
    }

    /// The object's statements other than the current one.
    fn others(&self) -> impl Iterator<Item = &Statement> {
        self.policy.held.iter().filter(|held| self.current.is_none_or(|current| current.id != held.id))
    }

    /// The removal of a statement other than the current one, if there is one. `applied` is the record of the current one.
    fn without_others(&self, applied: Applied) -> Option<Step> {
        let (current, other) = (self.current?, self.others().next()?);
        let kept = Kept { id: current.id.clone(), applied, revision: Some(current.fingerprint()) };
        Some(self.removal(other, Cause::Replaced(kept)))
    }

    fn addition(
        &self,
        id: String,
        permission: Permission,
        revision: Option<String>,
        step: attached::plan::Step<Permission>,
        replacement: Option<Replacement>,
    ) -> Step {
        let qualifier = place(self.goal).qualifier.clone();
        let replaces = self.current.map(|statement| observed(self.goal, statement));
        Step::Add(Box::new(Addition { id, permission, qualifier, revision, step, replaces, replacement }))
    }

    fn removal(&self, statement: &Statement, cause: Cause) -> Step {
        let qualifier = place(self.goal).qualifier.clone();
        Step::Remove(Removal { id: statement.id.clone(), qualifier, revision: self.policy.revision.clone(), cause })
    }
}

/// The contents of the statement that replaces another. A statement is written as a whole, so the members that do not change keep the values that AWS
/// shows.
fn sent(wanted: &Wanted<Permission>, old: &Statement) -> Permission {
    let Wanted { name: _, model, members } = wanted;
    let sent = model.clone().with_ignored(&old.permission, |member| !members.contains(&member));
    Permission { other: String::new(), ..sent }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::core::attached::placed;
    use crate::core::hand_over::ObjectName;
    use crate::core::host::Host;
    use crate::core::values::Knowable;
    use crate::kinds::permission::desired::{Leaving, Place};
    use crate::kinds::permission::ids::Ids;
    use crate::kinds::permission::model::Member;

    fn source(arn: &str) -> Permission {
        Permission { action: "lambda:InvokeFunction".into(), source_arn: arn.into(), ..Permission::default() }
    }

    fn place(named: Option<&str>) -> Place {
        let ids = Ids::new(named.map(str::to_owned), "c/n/p", &["old/n/p".into()]);
        Place { qualifier: None, ids, resource: "arn:f".into() }
    }

    fn host(owner: Option<&str>) -> Host {
        let object = ObjectName { namespace: "n".into(), name: "p".into() };
        let host = Host::new("c/n/p", &["old/n/p".into()], true, object);
        host.with_owner(Knowable::Known(owner.map(str::to_owned)))
    }

    fn present(named: Option<&str>, model: Permission) -> Goal {
        let place = place(named);
        let attached = attached::Desired {
            name: place.ids.first(),
            model,
            adopt: false,
            reports_drift: false,
            host: host(Some("c/n/f")),
            rival: None,
            ignored: Vec::new(),
        };
        Goal::Present(Box::new(Desired { attached, place }))
    }

    fn absent(named: Option<&str>, owner: &str) -> Goal {
        let place = place(named);
        let attached = attached::Leaving { name: place.ids.first(), host: host(Some(owner)), rival: None };
        Goal::Absent(Leaving { attached, place })
    }

    fn policy(held: &[(&str, &Permission)], size: usize) -> Policy {
        let held = held.iter().map(|(id, permission)| Statement {
            id: (*id).to_owned(),
            permission: (*permission).clone(),
            text: "x".repeat(length(id, permission, "arn:f")),
        });
        Policy { revision: Some("r".into()), size, held: held.collect() }
    }

    fn owned(id: &str, accepted: &Permission) -> History {
        let mut history = History { id: Some(id.into()), ..History::default() };
        history.attached.claim = Some(RecordedClaim::Owned);
        history.attached.applied = accepted.applied(&Member::ALL);
        history
    }

    /// Each call with its id and whether it carries the revision.
    fn calls(plan: &Plan) -> Vec<(Operation, String, bool)> {
        let Plan::Steps(steps) = plan else { panic!("{plan:?}") };
        let call = |step: &Step| match step {
            Step::Add(addition) => (step.operation(), addition.id.clone(), addition.revision.is_some()),
            Step::Remove(removal) => (step.operation(), removal.id.clone(), removal.revision.is_some()),
        };
        steps.iter().map(call).collect()
    }

    const ADD: Operation = Operation::AddPermission;
    const REMOVE: Operation = Operation::RemovePermission;

    #[test]
    fn a_change_is_an_addition_under_the_other_id_and_then_a_removal() {
        let (old, new) = (source("arn:old"), source("arn:new"));
        let ids = place(None).ids.all();
        let (first, second) = (ids[0].as_str(), ids[1].as_str());
        let goal = present(None, new.clone());
        let history = owned(first, &old);
        let before = plan(&goal, &history, Some(&policy(&[(first, &old)], 500)));
        assert_eq!(calls(&before), [(ADD, second.into(), true)]);
        let both = plan(&goal, &owned(second, &new), Some(&policy(&[(first, &old), (second, &new)], 900)));
        assert_eq!(calls(&both), [(REMOVE, first.into(), true)]);
        assert_eq!(plan(&goal, &owned(second, &new), Some(&policy(&[(second, &new)], 500))), Plan::Done);
        // The spec was edited again before the old statement was removed. The statement that was written last stays until the change ends.
        let third = present(None, source("arn:third"));
        let edited = plan(&third, &owned(second, &new), Some(&policy(&[(first, &old), (second, &new)], 900)));
        assert_eq!(calls(&edited), [(REMOVE, first.into(), true)]);
    }

    #[test]
    fn the_old_statement_goes_first_only_where_both_cannot_exist_and_the_new_one_will_fit() {
        let (old, new) = (source("arn:old"), source("arn:new"));
        let ids = place(None).ids.all();
        let full = policy(&[(&ids[0], &old)], LONGEST_POLICY - 10);
        let replaced = plan(&present(None, new.clone()), &owned(&ids[0], &old), Some(&full));
        assert_eq!(calls(&replaced), [(REMOVE, ids[0].clone(), true), (ADD, ids[0].clone(), false)]);
        let named = plan(&present(Some("s3"), new), &owned("s3", &old), Some(&policy(&[("s3", &old)], 500)));
        assert_eq!(calls(&named), [(REMOVE, "s3".into(), true), (ADD, "s3".into(), false)]);
        let long = present(None, source(&"x".repeat(500)));
        let blocked = plan(&long, &owned(&ids[0], &old), Some(&full));
        assert!(matches!(blocked, Plan::Blocked(Blocked::InvalidSpec(_))), "{blocked:?}");
    }

    #[test]
    fn a_derived_id_proves_whose_a_statement_is_and_an_id_of_the_spec_does_not() {
        let (old, new) = (source("arn:old"), source("arn:new"));
        let ids = place(None).ids.all();
        let none = History::default();
        let derived = plan(&present(None, new.clone()), &none, Some(&policy(&[(&ids[0], &old)], 500)));
        assert_eq!(calls(&derived), [(ADD, ids[1].clone(), true)]);
        let named = plan(&present(Some("s3"), new.clone()), &none, Some(&policy(&[("s3", &old)], 500)));
        assert_eq!(named, Plan::Blocked(Blocked::NotOwned(None)));
        assert_eq!(plan(&present(Some("s3"), old.clone()), &none, Some(&policy(&[("s3", &old)], 500))), Plan::Done);
        let leaves = |goal: &Goal, id: &str| plan(goal, &none, Some(&policy(&[(id, &old)], 500)));
        assert_eq!(calls(&leaves(&absent(None, "c/n/f"), &ids[0])), [(REMOVE, ids[0].clone(), true)]);
        assert_eq!(leaves(&absent(Some("s3"), "c/n/f"), "s3"), Plan::Done, "no record");
        assert_eq!(leaves(&absent(None, "c/m/f"), &ids[0]), Plan::Done, "a function of another namespace");
        let elsewhere = placed::with_owner(&present(None, new), Knowable::Known(Some("c/m/f".into())));
        assert!(matches!(plan(&elsewhere, &none, None), Plan::Blocked(Blocked::NotOwned(Some(_)))));
    }

    #[test]
    fn a_statement_under_a_former_name_of_the_cluster_gets_its_new_id() {
        let same = source("arn:same");
        let ids = place(None).ids.all();
        let goal = present(None, same.clone());
        let moves = plan(&goal, &owned(&ids[2], &same), Some(&policy(&[(&ids[2], &same)], 500)));
        assert_eq!(calls(&moves), [(ADD, ids[0].clone(), true)]);
        let both = plan(&goal, &owned(&ids[0], &same), Some(&policy(&[(&ids[2], &same), (&ids[0], &same)], 900)));
        assert_eq!(calls(&both), [(REMOVE, ids[2].clone(), true)]);
    }

    #[test]
    fn the_first_statement_carries_no_revision_and_the_owner_is_read_before_each_write() {
        let wanted = source("arn:a");
        let first = plan(&present(None, wanted.clone()), &History::default(), None);
        assert!(matches!(&calls(&first)[..], [(ADD, _, false)]));
        let beside = Policy { held: Vec::new(), ..policy(&[], 500) };
        let second = plan(&present(None, wanted.clone()), &History::default(), Some(&beside));
        assert!(matches!(&calls(&second)[..], [(ADD, _, true)]));
        let unread = |goal: Goal| match goal {
            Goal::Present(mut desired) => {
                let object = ObjectName { namespace: "n".into(), name: "p".into() };
                desired.attached.host = Host::new("c/n/p", &[], true, object);
                Goal::Present(desired)
            }
            other => other,
        };
        let ids = place(None).ids.all();
        let (in_sync, other) = (policy(&[(&ids[0], &wanted)], 500), source("arn:b"));
        assert!(!needs_owner(&unread(present(None, wanted.clone())), &owned(&ids[0], &wanted), Some(&in_sync)));
        assert!(needs_owner(&unread(present(None, wanted.clone())), &History::default(), Some(&in_sync)), "a claim");
        assert!(needs_owner(&unread(present(None, other)), &owned(&ids[0], &wanted), Some(&in_sync)), "a change");
        let rest = policy(&[(&ids[0], &wanted), (&ids[1], &source("arn:c"))], 900);
        assert!(
            needs_owner(&unread(present(None, wanted.clone())), &owned(&ids[0], &wanted), Some(&rest)),
            "a removal"
        );
    }
}
