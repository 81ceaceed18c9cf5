//! The plan for an event source mapping: ownership, differences, and the AWS writes that follow. Pure.

use super::desired::{Desired, Goal, Leaving};
use super::history::History;
use super::observed::{Observed, State};
use super::setting::{Member, Setting, Settings};
use super::step::{Change as Update, Creation, Step};
use crate::core::blocked::Blocked;
use crate::core::change::{Change, Reverted};
use crate::core::host::Right;
use crate::core::ownership::{Claim, OWNER_TAG, not_ours};
use crate::core::plan;
use crate::core::tagged::{differences, record_name};
use crate::core::values::Knowable;
use crate::kinds::function::plan::step::{Tagging, Untagging};

/// The plan for a mapping.
pub type Plan = plan::Plan<Step>;

/// Plans the writes from the observed mapping to the goal.
#[must_use]
pub fn plan(goal: &Goal, history: &History, observed: Option<&Observed>) -> Plan {
    match (goal, observed) {
        (Goal::Present(desired), None) => permitted(desired, create(desired, history)),
        (Goal::Present(desired), Some(observed)) => permitted(desired, present(desired, history, observed)),
        // AWS's reads can be stale: if a mapping that was shown before is missing, a second read must confirm it.
        (Goal::Absent(_), None) if history.past.shown => Plan::Wait,
        (Goal::Absent(_) | Goal::Released(_), None) => Plan::Done,
        (Goal::Absent(leaving), Some(observed)) => {
            leave(leaving, observed, || Plan::Steps(vec![Step::Delete(observed.uuid.clone())]))
        }
        (Goal::Released(leaving), Some(observed)) => {
            leave(leaving, observed, || Plan::Steps(vec![Step::Untag(observed.uuid.clone(), Untagging::Owner)]))
        }
    }
}

/// Whether the plan depends on the owner of the function, which was not read yet. A deletion does not: the mapping's own tag decides it.
#[must_use]
pub fn needs_owner(goal: &Goal, history: &History, observed: Option<&Observed>) -> bool {
    let unread = goal.desired().is_some_and(|desired| !desired.host.is_read());
    unread && matches!(plan(goal, history, observed), Plan::Steps(_))
}

/// Blocks the writes if the object has no right to the function, for example because another namespace owns it.
fn permitted(desired: &Desired, plan: Plan) -> Plan {
    match (plan, desired.host.right()) {
        (Plan::Steps(_), Some(Right::Refused(blocked))) => Plan::Blocked(blocked),
        (plan, Some(Right::Owned | Right::Unowned | Right::Refused(_)) | None) => plan,
    }
}

fn create(desired: &Desired, history: &History) -> Plan {
    let Desired { origin, start, settings, tags, ownership, .. } = desired;
    let create = Step::Create(Box::new(Creation {
        origin: origin.clone(),
        start: start.clone(),
        settings: settings.beyond(&Settings::defaults(origin.source())),
        tags: tags.clone(),
        owner: ownership.owner.clone(),
    }));
    let gone = desired.reports_drift && is_deleted_by_others(desired, history);
    if gone { Plan::Drift(vec![create]) } else { Plan::Steps(vec![create]) }
}

/// Deletes or releases the mapping, if it is ours. Neither needs its function.
fn leave(leaving: &Leaving, observed: &Observed, steps: impl FnOnce() -> Plan) -> Plan {
    if observed.state == State::Deleting {
        return Plan::Wait;
    }
    match observed.tags.owner() {
        None | Some(Knowable::Unknown) => Plan::Blocked(Blocked::OwnershipUnknown),
        Some(Knowable::Known(Some(owner))) if leaving.owners.contains(&owner) => steps(),
        // An object that never owned the mapping must not touch it when it is deleted.
        Some(Knowable::Known(_)) => Plan::Done,
    }
}

fn present(desired: &Desired, history: &History, observed: &Observed) -> Plan {
    let uuid = || observed.uuid.clone();
    let fixed = desired.start.contradicts(&observed.start, observed.origin.source()).map(Blocked::Immutable);
    let Some(owner) = observed.tags.owner() else {
        // The tags were not read, so nothing depends on them.
        let done = fixed.map_or(Plan::Done, Plan::Blocked);
        return if observed.state.is_busy() { Plan::Wait } else { done };
    };
    let claim = desired.ownership.claim(&owner);
    if let (Claim::Ours | Claim::Adoptable, Some(fixed)) = (&claim, fixed) {
        return if observed.state.is_busy() { Plan::Wait } else { Plan::Blocked(fixed) };
    }
    match claim {
        Claim::Ours => converge(desired, history, observed),
        Claim::Unknown => Plan::Blocked(Blocked::OwnershipUnknown),
        Claim::Adoptable if observed.state.is_busy() => Plan::Wait,
        Claim::Adoptable => {
            // This is the only step of its reconcile. If two objects adopt at the same time, both read again, and one of them sees the tag of the
            // other.
            let tag = vec![Step::Tag(uuid(), Tagging::Owner(desired.ownership.owner.clone()))];
            let renamed = desired.ownership.is_renamed(observed.tags.owner_name());
            let lost = desired.reports_drift && !history.applied.is_empty() && !renamed;
            if lost { Plan::Drift(tag) } else { Plan::Steps(tag) }
        }
        Claim::Another(owner) => Plan::Blocked(not_ours(&desired.ownership.owner, owner)),
        Claim::Unowned => Plan::Blocked(Blocked::NotOwned(None)),
    }
}

/// Plans all differences. With `driftPolicy: Report`, exactly the members with drift are left.
fn converge(desired: &Desired, history: &History, observed: &Observed) -> Plan {
    if observed.state.is_busy() {
        return Plan::Wait;
    }
    let drifted = |name: &str| is_drifted(desired, history, name);
    // To enable the mapping again would not remove the cause for which AWS disabled it.
    let disabled = observed.is_disabled_by_aws()
        && desired.compared().get(Member::Enabled) == Some(&Setting::Enabled(true))
        && drifted(Member::Enabled.name());
    let held = |name: &str| disabled && name == Member::Enabled.name();
    let all = steps(desired, history, observed, &|name| !held(name));
    let edits = if desired.reports_drift {
        steps(desired, history, observed, &|name| !held(name) && !drifted(name))
    } else {
        all.clone()
    };
    match (edits.is_empty(), disabled, all.is_empty()) {
        (false, _, _) => Plan::Steps(edits),
        (true, true, _) => Plan::Blocked(Blocked::DisabledByAws(String::from(observed.reason.clone()))),
        (true, false, true) => Plan::Done,
        (true, false, false) => Plan::Drift(all),
    }
}

/// One step for each call that is needed. `takes` selects the members to write.
fn steps(desired: &Desired, history: &History, observed: &Observed, takes: &dyn Fn(&str) -> bool) -> Vec<Step> {
    let uuid = || observed.uuid.clone();
    let withheld = desired.edited_filters(history).filter(|_| observed.filters_withheld.is_some());
    let settings = desired.compared().differing(&observed.settings).with(withheld);
    let settings = settings.without(|member| !takes(member.name()));
    let update = Update { uuid: uuid(), source: observed.origin.source(), settings };
    let update = (!update.settings.is_empty()).then(|| Step::Update(Box::new(update)));
    let mut steps = tag_steps(desired, observed, takes);
    steps.extend(update);
    steps
}

fn tag_steps(desired: &Desired, observed: &Observed, takes: &dyn Fn(&str) -> bool) -> Vec<Step> {
    let Some(have) = observed.tags.users() else { return Vec::new() };
    let taken = |key: &str| !desired.ignored.has_tag(key) && takes(&record_name(key));
    let (set, remove) = differences(&desired.compared_tags(), have, taken);
    // Tags are removed before others are added, because a mapping can have at most 50.
    let untag = (!remove.is_empty()).then(|| Step::Untag(observed.uuid.clone(), Untagging::Remove(remove)));
    let tag = (!set.get().is_empty()).then(|| Step::Tag(observed.uuid.clone(), Tagging::Set(set)));
    untag.into_iter().chain(tag).collect()
}

/// Whether a difference in the member or tag with this record name is drift. If the record is lost, every difference counts as drift.
fn is_drifted(desired: &Desired, history: &History, name: &str) -> bool {
    if history.is_lost() {
        return true;
    }
    !history.is_unfamiliar() && desired.is_accepted(history, name)
}

/// Whether somebody deleted the mapping: it was in sync, is gone, and the desired state has not changed since.
fn is_deleted_by_others(desired: &Desired, history: &History) -> bool {
    let known = !history.applied.is_empty() && history.past.last_reconciled.is_some();
    known && desired.applied().keys().all(|name| desired.is_accepted(history, name))
}

/// What a step reverts of what somebody else did.
#[must_use]
pub fn reverts(step: &Step, desired: &Desired, history: &History, observed: Option<&Observed>) -> Reverted {
    let owner = observed.and_then(|observed| observed.tags.owner_name());
    let accepted = |name: &str| !history.is_unfamiliar() && desired.is_accepted(history, name);
    let accepted_tag = |key: &&String| accepted(&record_name(key));
    match step {
        Step::Create(_) => Reverted::deletion(is_deleted_by_others(desired, history)),
        Step::Update(update) => {
            let members = update.settings.iter().map(Setting::member);
            Reverted::fields(members.filter(|member| accepted(member.name())).map(Member::field))
        }
        Step::Tag(_, Tagging::Set(tags)) => Reverted::tags(tags.get().keys().filter(accepted_tag)),
        Step::Untag(_, Untagging::Remove(keys)) => Reverted::tags(keys.iter().filter(accepted_tag)),
        Step::Tag(_, Tagging::Owner(_)) if history.uuid.is_some() && !desired.ownership.is_renamed(owner) => {
            Reverted::owner_tag()
        }
        Step::Tag(_, Tagging::Owner(_)) | Step::Untag(_, Untagging::Owner) | Step::Delete(_) => Reverted::Nothing,
    }
}

/// Whether a mapping that was read is the object's. If the tags were not read, the recorded UUID decides. That is safe, because nothing is written
/// then.
#[must_use]
pub fn is_ours(goal: &Goal, history: &History, observed: &Observed) -> bool {
    match observed.tags.owner() {
        None => history.uuid.as_ref() == Some(&observed.uuid),
        Some(owner) => owner.known().and_then(Option::as_ref).is_some_and(|tag| goal.claims(tag)),
    }
}

/// The changes of a step, field by field.
#[must_use]
pub fn changes(step: &Step, observed: Option<&Observed>) -> Vec<Change> {
    let shown = |member: Member| observed.and_then(|observed| observed.settings.get(member)).map(Setting::text);
    let tag = |key: &str| observed.and_then(|observed| observed.tags.users()?.get(key).cloned());
    let row = |field: String, from: Option<String>, to: &str| Change {
        field,
        from: Some(from.unwrap_or_default()),
        to: to.into(),
    };
    let new = |field: &str, to: String| Change { field: field.into(), from: None, to };
    match step {
        Step::Create(creation) => {
            let Creation { origin, start, settings, tags, owner: _ } = &**creation;
            let position = start.position.iter().map(|position| new("startingPosition", position.clone()));
            let settings = settings.iter().map(|setting| new(setting.member().field(), setting.text()));
            let tags = tags.iter().map(|(key, value)| new(&format!("tags.{key}"), value.clone()));
            std::iter::once(new("source", origin.text())).chain(position).chain(settings).chain(tags).collect()
        }
        Step::Update(update) => {
            let changed =
                |setting: &Setting| row(setting.member().field().into(), shown(setting.member()), &setting.text());
            update.settings.iter().map(changed).collect()
        }
        Step::Tag(_, Tagging::Set(tags)) => {
            tags.get().iter().map(|(key, value)| row(format!("tags.{key}"), tag(key), value)).collect()
        }
        Step::Untag(_, Untagging::Remove(keys)) => {
            keys.iter().map(|key| row(format!("tags.{key}"), tag(key), "")).collect()
        }
        Step::Tag(_, Tagging::Owner(owner)) => {
            let from = observed.and_then(|observed| observed.tags.owner_name()).map(str::to_owned);
            vec![row(format!("tags.{OWNER_TAG}"), from, owner)]
        }
        Step::Untag(_, Untagging::Owner) | Step::Delete(_) => Vec::new(),
    }
}

#[cfg(test)]
pub(super) mod tests;
