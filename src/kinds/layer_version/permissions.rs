//! The statements that let other accounts use a layer version: which are added to its policy, and which are removed. Pure.

use super::desired::Desired;
use super::history::History;
use super::model::{Addition, Given, Observed, Removal, Step};
use crate::core::applied::hash;
use crate::core::attached::Model;
use crate::core::blocked::Blocked;
use crate::core::consent;
use crate::kinds::permission::model::{Member, Permission};
use crate::kinds::permission::statement::{Policy, Statement};

/// The steps that the policies of the object's versions need.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Steps {
    /// Those that follow from an edit, or from a new version.
    pub edits: Vec<Step>,
    /// Those that revert a change that somebody else made.
    pub drift: Vec<Step>,
}

/// Plans the statements of the newest version, which has this number, and the removal from older versions of those that the spec no longer has.
///
/// # Errors
/// If the policy has a statement of somebody else with the id of a desired one.
pub fn plan(desired: &Desired, history: &History, number: i64, policy: Option<&Policy>) -> Result<Steps, Blocked> {
    let mut steps = Steps::default();
    for (id, permission) in &desired.permissions {
        let given = given(number, id, permission);
        let removal = removal(desired, number, id, policy);
        let add = Step::AddPermission(Box::new(Addition {
            name: desired.name.clone(),
            given: given.clone(),
            permission: permission.clone(),
        }));
        let needed = match shown(policy, id) {
            Some(statement) if is_equal(statement, permission) => continue,
            // AWS cannot change a statement.
            Some(_) if history.has_statement(number, id) || desired.adopt && desired.open => vec![removal, add],
            Some(_) if desired.adopt => {
                let what = format!("has a statement {id} of somebody else in the policy of version {number}");
                return Err(consent::closed("layer", &what, &desired.object));
            }
            Some(_) => return Err(taken(number, id)),
            None => vec![add],
        };
        let drifted = history.given.contains(&given);
        if drifted { &mut steps.drift } else { &mut steps.edits }.extend(needed);
    }
    let known = history.given.union(&history.unanswered);
    let mut superfluous: Vec<_> = known.filter(|given| is_superfluous(desired, given, number, policy)).collect();
    superfluous.dedup_by_key(|given| (given.number, given.id.clone()));
    steps.edits.extend(superfluous.into_iter().map(|given| {
        let policy = policy.filter(|_| given.number == number);
        removal(desired, given.number, &given.id, policy)
    }));
    keep_first_revision(&mut steps, number, desired.reports_drift);
    Ok(steps)
}

/// Whether the spec no longer has a statement that was added to a version. The policy of an older version is not read: a removal of what is not there
/// changes nothing.
fn is_superfluous(desired: &Desired, given: &Given, newest: i64, policy: Option<&Policy>) -> bool {
    let Given { number, id, hash } = given;
    let wanted = desired.permissions.get(id);
    if *number == newest {
        return wanted.is_none() && shown(policy, id).is_some();
    }
    wanted.is_none_or(|wanted| contents(wanted) != *hash)
}

/// Only the first change of the newest version's policy can name its revision, because each change gives it another.
fn keep_first_revision(steps: &mut Steps, newest: i64, reports_drift: bool) {
    let Steps { edits, drift } = steps;
    let sent = edits.iter_mut().chain(drift.iter_mut().filter(|_| !reports_drift));
    let is_of_newest = |step: &&mut Step| match step {
        Step::AddPermission(addition) => addition.given.number == newest,
        Step::RemovePermission(removal) => removal.number == newest,
        Step::Publish(_) | Step::Delete(_) => false,
    };
    for step in sent.filter(is_of_newest).skip(1) {
        if let Step::RemovePermission(removal) = step {
            removal.revision = None;
        }
    }
}

fn removal(desired: &Desired, number: i64, id: &str, policy: Option<&Policy>) -> Step {
    Step::RemovePermission(Removal {
        name: desired.name.clone(),
        number,
        id: id.to_owned(),
        revision: policy.and_then(|policy| policy.revision.clone()),
    })
}

fn taken(number: i64, id: &str) -> Blocked {
    Blocked::InvalidSpec(format!(
        "The policy of version {number} has a statement {id} that this object did not add and that differs from the spec, so nothing is changed: use another statementId, remove the statement in AWS, or set adoptionPolicy: Adopt to replace it where the namespace allows adoption."
    ))
}

/// The record of a statement in the policy of a version.
#[must_use]
pub fn given(number: i64, id: &str, permission: &Permission) -> Given {
    Given { number, id: id.to_owned(), hash: contents(permission) }
}

fn contents(permission: &Permission) -> String {
    hash(&Member::ALL.map(|member| permission.text(member)).join(" "))
}

/// The statement with this id in a policy.
#[must_use]
pub fn shown<'p>(policy: Option<&'p Policy>, id: &str) -> Option<&'p Statement> {
    policy?.held.iter().find(|statement| statement.id == id)
}

fn is_equal(statement: &Statement, permission: &Permission) -> bool {
    statement.permission.differences(permission).is_empty()
}

/// Whether the policy that was read disagrees with the record, so that a read just after a write can predate it.
#[must_use]
pub fn is_unsettled(desired: &Desired, history: &History, observed: &Observed) -> bool {
    let (Some(held), Some(policy)) = (observed.held(), &observed.policy) else { return false };
    desired.permissions.iter().any(|(id, permission)| {
        let equal = shown(Some(policy), id).is_some_and(|statement| is_equal(statement, permission));
        let added = history.given.contains(&given(held.number, id, permission));
        if added { !equal } else { equal && !history.has_statement(held.number, id) }
    })
}

/// The statements that the policy of the newest version has as desired, and the ids of recorded ones that it does not have and that nobody desires.
#[must_use]
pub fn settled(desired: &Desired, history: &History, observed: &Observed) -> (Vec<Given>, Vec<(i64, String)>) {
    let (Some(held), Some(policy)) = (observed.held(), &observed.policy) else { return Default::default() };
    let wanted = desired.permissions.iter().map(|(id, permission)| given(held.number, id, permission)).collect();
    // A call without an answer can still add its statement, so its record stays.
    let gone = history.given.iter().filter(|given| {
        let is_wanted = desired.permissions.contains_key(&given.id);
        given.number == held.number && !is_wanted && shown(Some(policy), &given.id).is_none()
    });
    (wanted, gone.map(|given| (given.number, given.id.clone())).collect())
}

/// The caller that a statement allows, as text.
#[must_use]
pub fn text(permission: &Permission) -> String {
    let Permission {
        action: _,
        principal,
        source_arn: _,
        source_account: _,
        principal_org_id,
        event_source_token: _,
        function_url_auth_type: _,
        via_url: _,
        other,
    } = permission;
    let within = Some(principal_org_id).filter(|id| !id.is_empty()).map(|id| format!(" in {id}")).unwrap_or_default();
    let more = if other.is_empty() { String::new() } else { format!(" with {other}") };
    format!("{principal}{within}{more}")
}

#[cfg(test)]
mod tests;
