//! The plan for a function URL: the plan of every resource without tags, and the statements that the authorization type requires. Pure.

use std::collections::BTreeSet;

use super::desired::Goal;
use super::history::History;
use super::model::{Member, Public, Url};
use super::observed::Observed;
use super::statements::said;
use crate::core::attached;
use crate::core::attached::placed::{attached, host, place};
use crate::core::attached::plan::Wanted;
use crate::core::host::Right;
use crate::core::operation::Operation;
use crate::core::plan;
use crate::core::plan::Write;
use crate::kinds::permission::model::Permission;

/// The plan for a function URL.
pub type Plan = plan::Plan<Step>;

/// One AWS write.
#[derive(Clone, Debug, PartialEq)]
pub enum Step {
    /// A call about the URL.
    Url {
        /// Contents of the call.
        step: Box<attached::plan::Step<Url>>,
        /// The alias.
        qualifier: Option<String>,
    },
    /// `AddPermission`.
    Add(Box<Statement>),
    /// `RemovePermission`.
    Remove(Box<Statement>),
}

/// A call about a statement.
#[derive(Clone, Debug, PartialEq)]
pub struct Statement {
    /// Its id.
    pub id: String,
    /// Its contents, if it is added.
    pub permission: Permission,
    /// The alias that has the policy.
    pub qualifier: Option<String>,
    /// The policy's revision; `None`: it is the first statement, or another call precedes this one.
    pub revision: Option<String>,
    /// Whether no other call about a statement follows in this reconcile.
    pub is_last: bool,
    /// The change of the URL that is complete with this call.
    pub completes: Option<Wanted<Url>>,
    /// The URL as it was read.
    pub before: Option<attached::Observed<Url>>,
}

impl Write for Step {
    fn operation(&self) -> Operation {
        match self {
            Self::Url { step, qualifier: _ } => step.operation(),
            Self::Add(_) => Operation::AddPermission,
            Self::Remove(_) => Operation::RemovePermission,
        }
    }

    fn ends_reconcile(&self) -> bool {
        match self {
            Self::Url { step, qualifier: _ } => step.ends_reconcile(),
            Self::Add(_) | Self::Remove(_) => false,
        }
    }

    fn settles_later(&self) -> bool {
        match self {
            Self::Url { step, qualifier: _ } => step.settles_later(),
            Self::Add(_) | Self::Remove(_) => false,
        }
    }

    fn ends_resource(&self) -> bool {
        match self {
            Self::Url { step, qualifier: _ } => step.ends_resource(),
            Self::Add(_) | Self::Remove(_) => false,
        }
    }
}

/// Plans the writes from the observed URL and statements to the goal.
#[must_use]
pub fn plan(goal: &Goal, history: &History, observed: Option<&Observed>) -> Plan {
    let change = Change { goal, history, observed };
    let held = change.held();
    // For the adoption of an existing URL only its own members have to equal the spec. Its statements can be added afterwards.
    let judged = held.clone().map(|held| match goal.desired().filter(|_| history.attached.claim.is_none()) {
        Some(desired) => {
            let public = desired.attached.model.public.clone();
            attached::Observed { model: Url { public, ..held.model }, ..held }
        }
        None => held,
    });
    let calls = |steps: Vec<attached::plan::Step<Url>>| steps.into_iter().flat_map(|step| change.calls(step)).collect();
    if let Some(removals) = change.leftovers() {
        return plan::Plan::Steps(removals);
    }
    match attached::plan::plan(&attached(goal), &history.attached, judged.as_ref()) {
        plan::Plan::Steps(steps) => plan::Plan::Steps(calls(steps)),
        plan::Plan::Drift(steps) => plan::Plan::Drift(calls(steps)),
        plan::Plan::Done => change.rest(),
        plan::Plan::Wait => plan::Plan::Wait,
        plan::Plan::Blocked(blocked) => plan::Plan::Blocked(blocked),
    }
}

/// Whether the plan depends on the owner of the function, which was not read yet.
#[must_use]
pub fn needs_owner(goal: &Goal, history: &History, observed: Option<&Observed>) -> bool {
    let held = Change { goal, history, observed }.held();
    let asks = attached::plan::needs_owner(&attached(goal), &history.attached, held.as_ref());
    let writes = || matches!(plan(goal, history, observed), Plan::Steps(_));
    asks || (!host(goal).is_read() && writes())
}

/// The facts from which the calls of a change follow.
struct Change<'a> {
    goal: &'a Goal,
    history: &'a History,
    observed: Option<&'a Observed>,
}

impl Change<'_> {
    fn held(&self) -> Option<attached::Observed<Url>> {
        self.observed.and_then(|observed| observed.attached(&place(self.goal).statements))
    }

    /// The URL is written first. Its statements follow in a later reconcile, after AWS has been read again.
    fn calls(&self, step: attached::plan::Step<Url>) -> Vec<Step> {
        match step {
            attached::plan::Step::Create(Wanted { name, model, members }) => {
                // After a crash, the operator recognises a new URL by the members that this one call creates. They do not include the statements, so those
                // of an earlier URL are removed first, unless that URL was the object's and they are still desired.
                let stay = self.leaves_statements() || self.history.owns() && !model.public.is_empty();
                let mut all = if stay { Vec::new() } else { self.removals() };
                let model = Url { public: [].into(), ..model };
                all.push(self.url(attached::plan::Step::Create(Wanted { name, model, members })));
                all
            }
            attached::plan::Step::Update(wanted) => {
                let own: Vec<_> = wanted.members.iter().copied().filter(|member| *member != Member::Public).collect();
                if own.is_empty() {
                    return self.statements(wanted);
                }
                vec![self.url(attached::plan::Step::Update(Wanted { members: own, ..wanted }))]
            }
            attached::plan::Step::Delete(name) => {
                let mut all = self.removals();
                all.push(self.url(attached::plan::Step::Delete(name)));
                all
            }
        }
    }

    fn leaves_statements(&self) -> bool {
        self.goal.desired().is_some_and(|desired| desired.attached.leaves(Member::Public))
    }

    /// The plan for the statements of a URL that otherwise matches the spec.
    fn rest(&self) -> Plan {
        let (Some(desired), Some(held)) = (self.goal.desired(), self.held()) else { return Plan::Done };
        let desired = &desired.attached;
        if self.leaves_statements() || desired.model.public == held.model.public && !self.has_strays() {
            return Plan::Done;
        }
        let (name, model) = (desired.name.clone(), desired.model.clone());
        Plan::Steps(self.statements(Wanted { name, model, members: vec![Member::Public] }))
    }

    /// The removal of statements that remain after their URL is deleted.
    fn leftovers(&self) -> Option<Vec<Step>> {
        let may = match host(self.goal).right() {
            Some(Right::Owned | Right::Unowned) | None => true,
            Some(Right::Refused(_)) => false,
        };
        let leaves = matches!(self.goal, Goal::Absent(_)) && self.held().is_none();
        Some(self.removals()).filter(|all| may && leaves && !all.is_empty())
    }

    fn has_strays(&self) -> bool {
        self.observed.is_some_and(|observed| observed.has_strays(&place(self.goal).statements))
    }

    fn held_ids(&self) -> BTreeSet<String> {
        let policy = self.observed.and_then(|observed| observed.policy.as_ref());
        policy.into_iter().flat_map(|policy| &policy.held).map(|held| held.id.clone()).collect()
    }

    /// The ids of the statements to remove if none stays. A late read can hide one, so both are removed if one is shown, or if the records of the
    /// object's URL expect one. The removal of a statement that is not there changes nothing.
    fn all_ids(&self) -> BTreeSet<String> {
        let mut ids = self.held_ids();
        if !ids.is_empty() || self.history.expects_statements() && self.held().is_some() {
            ids.extend(Public::ALL.map(|public| place(self.goal).statements.id(public)));
        }
        ids
    }

    /// Removes what is not desired, and adds what is missing.
    fn statements(&self, wanted: Wanted<Url>) -> Vec<Step> {
        let ids = &place(self.goal).statements;
        let there = self.observed.map(|observed| observed.public(ids)).unwrap_or_default();
        let stays =
            |id: &String| ids.public(id).is_some_and(|one| there.contains(&one) && wanted.model.public.contains(&one));
        let ends = wanted.model.public.is_empty();
        let removed = if ends { self.all_ids() } else { self.held_ids() }.into_iter().filter(|id| !stays(id));
        let added = wanted.model.public.difference(&there).map(|public| (ids.id(*public), said(*public)));
        let removals = removed.map(|id| Step::Remove(self.statement(id, Permission::default())));
        let mut all: Vec<_> =
            removals.chain(added.map(|(id, permission)| Step::Add(self.statement(id, permission)))).collect();
        self.in_order(&mut all);
        if let Some(Step::Add(last) | Step::Remove(last)) = all.last_mut() {
            last.completes = Some(wanted);
        }
        all
    }

    fn removals(&self) -> Vec<Step> {
        let remove = |id| Step::Remove(self.statement(id, Permission::default()));
        let mut all: Vec<_> = self.all_ids().into_iter().map(remove).collect();
        self.in_order(&mut all);
        all
    }

    /// Only the first call carries the revision, because that call can change it. The last call is marked: the record changes once it is accepted.
    fn in_order(&self, steps: &mut [Step]) {
        if let Some(Step::Add(last) | Step::Remove(last)) = steps.last_mut() {
            last.is_last = true;
        }
        if let Some(Step::Add(first) | Step::Remove(first)) = steps.first_mut() {
            let policy = self.observed.and_then(|observed| observed.policy.as_ref());
            first.revision = policy.and_then(|policy| policy.revision.clone());
        }
    }

    fn statement(&self, id: String, permission: Permission) -> Box<Statement> {
        let qualifier = place(self.goal).qualifier.clone();
        Box::new(Statement {
            id,
            permission,
            qualifier,
            revision: None,
            is_last: false,
            completes: None,
            before: self.held(),
        })
    }

    fn url(&self, step: attached::plan::Step<Url>) -> Step {
        Step::Url { step: Box::new(step), qualifier: place(self.goal).qualifier.clone() }
    }
}

/// Converts a step to the form that all resources without tags share. A change of the statements counts as a change of the URL.
#[must_use]
pub fn as_attached(step: &Step) -> Option<attached::plan::Step<Url>> {
    match step {
        Step::Url { step, qualifier: _ } => Some((**step).clone()),
        Step::Add(statement) | Step::Remove(statement) => {
            let wanted = statement.completes.clone()?;
            Some(attached::plan::Step::Update(Wanted { members: vec![Member::Public], ..wanted }))
        }
    }
}

#[cfg(test)]
mod tests;
