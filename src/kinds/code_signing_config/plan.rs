//! The plan for a code signing configuration: ownership, differences, and the AWS writes that follow. Pure.

use super::desired::{Desired, Goal, Leaving};
use super::history::History;
use super::model::{Config, Creation, Member, Observed, Step};
use crate::core::applied::is_drift;
use crate::core::attached::Model;
use crate::core::blocked::Blocked;
use crate::core::change::{Change, Reverted};
use crate::core::ownership::{Claim, OWNER_TAG, not_ours};
use crate::core::plan;
use crate::core::tagged;
use crate::core::tagged::record_name;
use crate::core::values::Knowable;
use crate::kinds::function::plan::step::{Tagging, Untagging};

/// The plan for a code signing configuration.
pub type Plan = plan::Plan<Step>;

/// Plans the writes from the observed configuration to the goal.
#[must_use]
pub fn plan(goal: &Goal, history: &History, observed: Option<&Observed>) -> Plan {
    match (goal, observed) {
        (Goal::Present(desired), None) => create(desired, history),
        (Goal::Present(desired), Some(observed)) => present(desired, history, observed),
        // AWS's reads can be stale: if a configuration that was shown before is missing, a second read must confirm it.
        (Goal::Absent(_), None) if history.past.shown => Plan::Wait,
        (Goal::Absent(_) | Goal::Released(_), None) => Plan::Done,
        (Goal::Absent(leaving), Some(observed)) => leave(leaving, observed, |arn| {
            // AWS refuses the deletion while functions use it.
            if observed.functions.is_empty() { Plan::Steps(vec![Step::Delete(arn)]) } else { Plan::Wait }
        }),
        (Goal::Released(leaving), Some(observed)) => {
            leave(leaving, observed, |arn| Plan::Steps(vec![Step::Untag(arn, Untagging::Owner)]))
        }
    }
}

fn create(desired: &Desired, history: &History) -> Plan {
    let Desired { named, config, tags, ownership, .. } = desired;
    if let Some(arn) = named {
        return Plan::Blocked(Blocked::InvalidReference(format!(
            "AWS has no code signing configuration {arn}, which spec.arn names: delete this object, and create one with the ARN of an existing code signing configuration, or without spec.arn to have one created."
        )));
    }
    let creation = Creation { config: config.clone(), tags: tags.clone(), owner: ownership.owner.clone() };
    let create = vec![Step::Create(Box::new(creation))];
    let gone = desired.reports_drift && is_deleted_by_others(desired, history);
    if gone { Plan::Drift(create) } else { Plan::Steps(create) }
}

/// Deletes or releases the configuration, if it is ours.
fn leave(leaving: &Leaving, observed: &Observed, steps: impl FnOnce(String) -> Plan) -> Plan {
    match observed.tags.owner() {
        None | Some(Knowable::Unknown) => Plan::Blocked(Blocked::OwnershipUnknown),
        Some(Knowable::Known(Some(owner))) if leaving.owners.contains(&owner) => steps(observed.arn.clone()),
        // An object that never owned the configuration must not touch it when it is deleted.
        Some(Knowable::Known(_)) => Plan::Done,
    }
}

fn present(desired: &Desired, history: &History, observed: &Observed) -> Plan {
    // The tags were not read, so nothing depends on them.
    let Some(owner) = observed.tags.owner() else { return Plan::Done };
    match desired.ownership.claim(&owner) {
        Claim::Ours => converge(desired, history, observed),
        Claim::Unknown => Plan::Blocked(Blocked::OwnershipUnknown),
        Claim::Adoptable => {
            // This is the only step of its reconcile. If two objects adopt at the same time, both read again, and one of them sees the tag of the
            // other.
            let tag = vec![Step::Tag(observed.arn.clone(), Tagging::Owner(desired.ownership.owner.clone()))];
            let renamed = desired.ownership.is_renamed(observed.tags.owner_name());
            if desired.reports_drift && !history.is_lost() && !renamed { Plan::Drift(tag) } else { Plan::Steps(tag) }
        }
        Claim::Another(owner) => Plan::Blocked(not_ours(&desired.ownership.owner, owner)),
        Claim::Unowned => Plan::Blocked(Blocked::NotOwned(None)),
    }
}

/// Plans all differences. With `driftPolicy: Report`, exactly the members and tags with drift are left.
fn converge(desired: &Desired, history: &History, observed: &Observed) -> Plan {
    let all = steps(desired, observed, &|_| true);
    if !desired.reports_drift {
        return if all.is_empty() { Plan::Done } else { Plan::Steps(all) };
    }
    let edits = steps(desired, observed, &|name| !is_drifted(desired, history, name));
    match (edits.is_empty(), all.is_empty()) {
        (false, _) => Plan::Steps(edits),
        (true, true) => Plan::Done,
        (true, false) => Plan::Drift(all),
    }
}

/// One step for each call that is needed. `takes` selects the members and tags to write.
fn steps(desired: &Desired, observed: &Observed, takes: &dyn Fn(&str) -> bool) -> Vec<Step> {
    let arn = || observed.arn.clone();
    let mut steps = Vec::new();
    if let Some(have) = observed.tags.users() {
        let taken = |key: &str| !desired.leaves_tag(key) && takes(&record_name(key));
        let (set, remove) = tagged::differences(&desired.compared_tags(), have, taken);
        // Tags are removed before others are added, because AWS allows at most 50.
        if !remove.is_empty() {
            steps.push(Step::Untag(arn(), Untagging::Remove(remove)));
        }
        if !set.get().is_empty() {
            steps.push(Step::Tag(arn(), Tagging::Set(set)));
        }
    }
    let compared = desired.compared();
    let differing = desired.config.differences(&observed.config).into_iter();
    let members: Vec<_> =
        differing.filter(|member| compared.contains(member) && takes(Config::name(*member))).collect();
    if !members.is_empty() {
        steps.push(Step::Update(arn(), desired.config.clone(), members));
    }
    steps
}

/// Whether a difference in the member or tag with this record name is drift. If the record is lost, every difference counts as drift.
fn is_drifted(desired: &Desired, history: &History, name: &str) -> bool {
    history.is_lost() || (!history.is_unfamiliar() && is_accepted(desired, history, name))
}

/// Whether the desired value is the one that AWS accepted last.
fn is_accepted(desired: &Desired, history: &History, name: &str) -> bool {
    if let Some(member) = Config::MEMBERS.iter().find(|member| Config::name(**member) == name) {
        return is_drift(&history.applied, name, &desired.config.text(*member), true);
    }
    let tag = desired.tags.iter().find(|(key, _)| record_name(key) == name).map(|(_, value)| value.as_str());
    is_drift(&history.applied, name, tag.unwrap_or_default(), tag.is_some())
}

/// Whether somebody deleted it: it was in sync, is gone, and the desired state has not changed since.
fn is_deleted_by_others(desired: &Desired, history: &History) -> bool {
    let known = !history.is_unfamiliar() && history.past.last_reconciled.is_some();
    known && desired.applied().keys().all(|name| is_accepted(desired, history, name))
}

/// What a step reverts of what somebody else did.
#[must_use]
pub fn reverts(step: &Step, desired: &Desired, history: &History, observed: Option<&Observed>) -> Reverted {
    let owner = observed.and_then(|observed| observed.tags.owner_name());
    let accepted = |name: &str| !history.is_unfamiliar() && is_accepted(desired, history, name);
    let accepted_tag = |key: &&String| accepted(&record_name(key));
    match step {
        Step::Create(_) => Reverted::deletion(is_deleted_by_others(desired, history)),
        Step::Update(_, _, members) => {
            let drifted = members.iter().copied().filter(|member| accepted(Config::name(*member)));
            Reverted::fields(drifted.map(Config::field))
        }
        Step::Tag(_, Tagging::Set(tags)) => Reverted::tags(tags.get().keys().filter(accepted_tag)),
        Step::Untag(_, Untagging::Remove(keys)) => Reverted::tags(keys.iter().filter(accepted_tag)),
        Step::Tag(_, Tagging::Owner(_)) if !history.is_lost() && !desired.ownership.is_renamed(owner) => {
            Reverted::owner_tag()
        }
        Step::Tag(_, Tagging::Owner(_)) | Step::Untag(_, Untagging::Owner) | Step::Delete(_) => Reverted::Nothing,
    }
}

/// Whether a configuration that was read is the object's. If the tags were not read, the recorded ARN decides. That is safe, because nothing is
/// written then.
#[must_use]
pub fn is_ours(goal: &Goal, history: &History, observed: &Observed) -> bool {
    match observed.tags.owner() {
        None => history.arn.as_ref() == Some(&observed.arn),
        Some(owner) => owner.known().and_then(Option::as_ref).is_some_and(|tag| goal.claims(tag)),
    }
}

/// The changes of a step, field by field.
#[must_use]
pub fn changes(step: &Step, observed: Option<&Observed>) -> Vec<Change> {
    let shown = |member: Member| observed.map(|observed| observed.config.text(member)).unwrap_or_default();
    let tag = |key: &str| observed.and_then(|observed| observed.tags.users()?.get(key).cloned()).unwrap_or_default();
    let row = |field: String, from: String, to: &str| Change { field, from: Some(from), to: to.into() };
    let new = |field: &str, to: String| Change { field: field.into(), from: None, to };
    match step {
        Step::Create(creation) => {
            let Creation { config, tags, owner: _ } = &**creation;
            let members = Config::MEMBERS.iter().map(|member| new(Config::field(*member), config.text(*member)));
            let tags = tags.iter().map(|(key, value)| new(&format!("tags.{key}"), value.clone()));
            members.filter(|change| !change.to.is_empty()).chain(tags).collect()
        }
        Step::Update(_, config, members) => members
            .iter()
            .map(|member| row(Config::field(*member).into(), shown(*member), &config.text(*member)))
            .collect(),
        Step::Tag(_, Tagging::Set(tags)) => {
            tags.get().iter().map(|(key, value)| row(format!("tags.{key}"), tag(key), value)).collect()
        }
        Step::Untag(_, Untagging::Remove(keys)) => {
            keys.iter().map(|key| row(format!("tags.{key}"), tag(key), "")).collect()
        }
        Step::Tag(_, Tagging::Owner(owner)) => {
            let from = observed.and_then(|observed| observed.tags.owner_name()).unwrap_or_default();
            vec![row(format!("tags.{OWNER_TAG}"), from.to_owned(), owner)]
        }
        Step::Untag(_, Untagging::Owner) | Step::Delete(_) => Vec::new(),
    }
}

#[cfg(test)]
pub(super) mod tests;
