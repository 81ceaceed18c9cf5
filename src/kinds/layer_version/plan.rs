//! The plan for a layer: whose it is, whether a version has to be published, and which versions are deleted. Pure.

use std::collections::BTreeSet;

use super::desired::{Desired, Goal, Leaving, is_edited};
use super::history::History;
use super::model::{Deletion, Layer, Observed, Publication, Removal, Step, Version};
use super::permissions;
use crate::api::layer_version::{Fate, Publishing};
use crate::core::attached::Model;
use crate::core::blocked::Blocked;
use crate::core::change::{Change, Reverted};
use crate::core::consent;
use crate::core::ownership::{Rival, without_a_gap};
use crate::core::plan;

/// The plan for a layer.
pub type Plan = plan::Plan<Step>;

/// Plans the writes from the observed layer to the goal.
#[must_use]
pub fn plan(goal: &Goal, history: &History, observed: Option<&Observed>) -> Plan {
    match (goal, observed.filter(|observed| !observed.is_absent())) {
        (Goal::Present(desired), _) => present(desired, history, observed),
        // AWS's reads can be stale: if a version that was shown before is missing, a second read must confirm it.
        (Goal::Absent(_), None) if history.past.shown => Plan::Wait,
        (Goal::Absent(leaving), Some(observed)) => Plan::Steps(deletions(leaving, observed)),
        (Goal::Absent(_) | Goal::Released(_), None) | (Goal::Released(_), Some(_)) => Plan::Done,
    }
}

fn present(desired: &Desired, history: &History, observed: Option<&Observed>) -> Plan {
    if let Some(Rival::Within(rival) | Rival::Elsewhere(rival)) = &desired.rival {
        return Plan::Blocked(Blocked::Rival(format!(
            "The layer belongs to the LambdaLayerVersion {rival}, so this object does nothing: delete one of the two objects, or create one with another spec.layerName. {}",
            without_a_gap("layer", rival)
        )));
    }
    let Some(held) = observed.and_then(Observed::held) else {
        // The operator publishes no version of a layer that others have.
        let others = history.versions.is_empty() && observed.is_some_and(|observed| observed.newest.is_some());
        if others && !(desired.adopt && desired.open) {
            let closed = || consent::closed("layer", "others published its versions", &desired.object);
            return Plan::Blocked(if desired.adopt { closed() } else { Blocked::NotOwned(None) });
        }
        let publish = vec![publication(desired, history, observed)];
        let gone = desired.reports_drift && is_deleted_by_others(desired, history);
        return if gone { Plan::Drift(publish) } else { Plan::Steps(publish) };
    };
    if !is_as_desired(desired, history, held, observed) {
        return Plan::Steps(vec![publication(desired, history, observed)]);
    }
    let policy = observed.and_then(|observed| observed.policy.as_ref());
    match permissions::plan(desired, history, held.number, policy) {
        Ok(statements) => converge(desired, history, held, statements),
        Err(blocked) => Plan::Blocked(blocked),
    }
}

/// The steps after a version was published: an older version is deleted only when the newest one can be used by the same accounts.
fn converge(desired: &Desired, history: &History, held: &Version, statements: permissions::Steps) -> Plan {
    let permissions::Steps { edits, drift } = statements;
    let (now, left) = if desired.reports_drift { (edits, drift) } else { ([edits, drift].concat(), Vec::new()) };
    if !now.is_empty() {
        return Plan::Steps(now);
    }
    let superfluous = superfluous(desired, history, held.number);
    match (superfluous.is_empty(), left.is_empty()) {
        (false, _) => Plan::Steps(superfluous),
        (true, false) => Plan::Drift(left),
        (true, true) => Plan::Done,
    }
}

fn publication(desired: &Desired, history: &History, observed: Option<&Observed>) -> Step {
    let Desired { name, layer, source, identity, now, .. } = desired;
    let applied = layer.applied(Layer::MEMBERS);
    let newest = observed.and_then(|observed| observed.newest.max(observed.held().map(|version| version.number)));
    // An earlier call for the same version may still be carried out, unless AWS refused it.
    let resolved = |before: &Publishing| {
        before.fate == Some(Fate::Refused) || observed.is_some_and(|observed| observed.found.is_some())
    };
    let same = |before: &&Publishing| before.source == *identity && before.applied == applied && !resolved(before);
    let before = history.publishing.as_ref().filter(same);
    let publishing = Publishing {
        after: before.map_or(newest.unwrap_or_default(), |before| before.after),
        since: *now,
        source: identity.clone(),
        code_sha256: source.public_sha256().cloned(),
        applied,
        fate: None,
    };
    Step::Publish(Box::new(Publication {
        name: name.clone(),
        layer: layer.clone(),
        source: source.clone(),
        publishing,
        gone: history.current.filter(|_| observed.is_none_or(|observed| observed.current.is_none())),
    }))
}

/// Whether the newest version is the object's and holds what the spec says.
#[must_use]
pub fn is_published(desired: &Desired, history: &History, observed: Option<&Observed>) -> bool {
    let held = observed.and_then(Observed::held);
    desired.rival.is_none() && held.is_some_and(|held| is_as_desired(desired, history, held, observed))
}

/// Whether the version holds the package and the members of the spec. AWS shows only a hash of the package, so for one in S3 the record decides.
fn is_as_desired(desired: &Desired, history: &History, held: &Version, observed: Option<&Observed>) -> bool {
    let found = observed.is_some_and(|observed| observed.found.is_some());
    let recorded =
        if found { history.publishing.as_ref().map(|publishing| &publishing.source) } else { history.source.as_ref() };
    let package = match recorded {
        Some(source) if *source == desired.identity => true,
        Some(_) => desired.source.sha256() == Some(&held.code_sha256),
        // Of a version that is taken over, the user can name the hash.
        None => desired.source.sha256().or(desired.said.as_ref()) == Some(&held.code_sha256),
    };
    package && desired.layer.differences(&held.layer).is_empty()
}

/// The deletions of own versions beyond those that stay, oldest first.
fn superfluous(desired: &Desired, history: &History, newest: i64) -> Vec<Step> {
    let Some(retained) = desired.retained else { return Vec::new() };
    let older: Vec<_> = history.versions.iter().copied().filter(|number| *number < newest).collect();
    let count = older.len().saturating_sub(retained.saturating_sub(1));
    let delete = |number| Step::Delete(Deletion { name: desired.name.clone(), number, is_last: false });
    older.into_iter().take(count).map(delete).collect()
}

/// The deletions of all own versions, oldest first.
fn deletions(leaving: &Leaving, observed: &Observed) -> Vec<Step> {
    let found = observed.found.as_ref().map(|version| version.number);
    let all: BTreeSet<_> = observed.remaining.iter().copied().chain(found).collect();
    let last = all.last().copied();
    let delete = |number| Step::Delete(Deletion { name: leaving.name.clone(), number, is_last: Some(number) == last });
    all.iter().copied().map(delete).collect()
}

/// Whether somebody deleted the newest version: it was published, is gone, and the spec has not changed since.
fn is_deleted_by_others(desired: &Desired, history: &History) -> bool {
    history.current.is_some() && !is_edited(desired, history)
}

/// What a step reverts of what somebody else did. A version cannot be changed, only deleted.
#[must_use]
pub fn reverts(step: &Step, desired: &Desired, history: &History) -> Reverted {
    match step {
        Step::Publish(_) => Reverted::deletion(is_deleted_by_others(desired, history)),
        Step::AddPermission(addition) if history.given.contains(&addition.given) => {
            Reverted::fields([format!("permissions.{}", addition.given.id)])
        }
        Step::AddPermission(_) | Step::Delete(_) | Step::RemovePermission(_) => Reverted::Nothing,
    }
}

/// Whether the versions that were read are the object's.
#[must_use]
pub fn is_ours(goal: &Goal, observed: &Observed) -> bool {
    let rival = goal.desired().is_some_and(|desired| desired.rival.is_some());
    !rival && !observed.is_absent()
}

/// The changes of a step, field by field. A new version gets every statement.
#[must_use]
pub fn changes(step: &Step, desired: &Desired, observed: Option<&Observed>) -> Vec<Change> {
    let policy = observed.and_then(|observed| observed.policy.as_ref());
    let share = |id: &str, to: String| {
        let from = permissions::shown(policy, id).map(|statement| permissions::text(&statement.permission));
        Change { field: format!("permissions.{id}"), from, to }
    };
    match step {
        Step::Publish(publication) => {
            let Publication { name: _, layer, source, publishing: _, gone: _ } = &**publication;
            let held = observed.and_then(Observed::held);
            let package = (held.map(|held| held.code_sha256.clone()), source.text());
            let members = Layer::MEMBERS
                .iter()
                .map(|member| (Layer::field(*member), held.map(|held| held.layer.text(*member)), layer.text(*member)));
            let rows = std::iter::once(("code", package.0, package.1)).chain(members);
            let differs = |(_, from, to): &(&str, Option<String>, String)| {
                from.as_ref().map_or(!to.is_empty(), |from| from != to)
            };
            let changed = rows.filter(differs).map(|(field, from, to)| Change { field: field.into(), from, to });
            let shares = desired.permissions.iter().map(|(id, one)| share(id, permissions::text(one)));
            changed.chain(shares.filter(|change| change.from.as_ref() != Some(&change.to))).collect()
        }
        Step::Delete(deletion) => {
            let number = deletion.number.to_string();
            vec![Change { field: "version".into(), from: Some(number), to: String::new() }]
        }
        Step::AddPermission(addition) => {
            vec![share(&addition.given.id, permissions::text(&addition.permission))]
        }
        Step::RemovePermission(removal) => {
            let Removal { name: _, number, id, revision: _ } = removal;
            let newest = observed.and_then(Observed::held).is_some_and(|held| held.number == *number);
            let older = Some(format!("in the policy of version {number}")).filter(|_| !newest);
            let change = share(id, String::new());
            vec![Change { from: older.or(change.from), ..change }]
        }
    }
}

#[cfg(test)]
pub(in crate::kinds::layer_version) mod tests;
