//! The status of a LambdaPermission: its records and its report.

use super::plan::{Addition, Cause, Kept, Removal, Step};
use super::statement::{Policy, Statement};
use crate::api::condition;
use crate::api::permission::{LambdaPermissionStatus, Replacement};
use crate::api::shared::{ClaimRecord, CommonRecord, CommonStatus, RecordedClaim};
use crate::core::attached::history::Claimed;
use crate::core::attached::status as attached;
use crate::core::attached::status::Answer;
use crate::core::attached::{Observed, plan};
use crate::core::conclusion::{Seen, StatusInput};
use crate::core::conditions::fitting;
use crate::core::error::CallError;
use crate::core::kind::Stated;
use crate::core::past::{Past, Reported};
use crate::kinds::permission::desired;
use crate::kinds::permission::model::Permission;

/// Effects of a reconcile that later ones must know.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Effects {
    /// Those of every resource without tags.
    pub attached: attached::Effects,
    /// The version or alias that has the policy.
    pub qualifier: Option<String>,
    /// Id of the statement that is the object's.
    pub id: Option<String>,
    /// How the statement was replaced by a changed one.
    pub replacement: Option<Replacement>,
}

/// Records a step that AWS accepted.
pub(super) fn accepted(effects: &mut Effects, step: &Step, answer: Answer) {
    match step {
        Step::Add(addition) => {
            let Addition { id, permission: _, qualifier, revision: _, step, replaces: _, replacement } = &**addition;
            attached::accepted(&mut effects.attached, step, answer);
            (effects.id, effects.qualifier) = (Some(id.clone()), qualifier.clone());
            effects.replacement = *replacement;
        }
        Step::Remove(Removal { id: _, qualifier, revision: _, cause }) => match cause {
            Cause::Replaced(Kept { id, applied, revision }) => {
                effects.attached.claim = Some(RecordedClaim::Owned);
                effects.attached.applied.clone_from(applied);
                effects.attached.revision.clone_from(revision);
                (effects.id, effects.qualifier) = (Some(id.clone()), qualifier.clone());
            }
            Cause::Leaving | Cause::MakesRoom => {}
        },
    }
}

/// Records a step that failed. AWS may have carried it out.
pub(super) fn uncertain(effects: &mut Effects, step: &Step, error: &CallError) {
    match step {
        Step::Add(addition) => {
            attached::uncertain(&mut effects.attached, &addition.step, error);
            effects.qualifier.clone_from(&addition.qualifier);
            // It is unknown whether AWS added the new statement. The old statement stays the recorded one until a read shows the new one.
            let first = matches!(addition.step, plan::Step::Create(_));
            effects.id = first.then(|| addition.id.clone());
        }
        Step::Remove(_) => {}
    }
}

/// Records in the status what the reconcile observed, did and proved.
pub(super) fn remember(status: &mut LambdaPermissionStatus, input: &StatusInput<'_, Policy, Effects>) {
    let Effects { attached: effects, qualifier, id, replacement } = &input.conclusion.effects;
    status.qualifier = qualifier.clone().or(status.qualifier.take());
    status.statement_id = id.clone().or(status.statement_id.take());
    status.record.replacement = replacement.or(status.record.replacement.take());
    let policy = match &input.conclusion.seen {
        Seen::Ours(policy) => Some(&**policy),
        Seen::Absent | Seen::Nothing => None,
    };
    let shown = policy.and_then(|policy| Some((policy, statement(status, policy)?)));
    if let Some((policy, statement)) = shown {
        show(status, policy, statement);
    }
    // The read is older than the write.
    status.statement_id = id.clone().or(status.statement_id.take());
    let shown = shown.map(|(_, statement)| Observed {
        model: statement.permission.clone(),
        arn: String::new(),
        revision: Some(statement.fingerprint()),
    });
    attached::remember::<Permission, _, _>(status, input, effects, shown.as_ref());
}

/// The statement that status is about.
fn statement<'p>(status: &LambdaPermissionStatus, policy: &'p Policy) -> Option<&'p Statement> {
    let recorded = policy.held.iter().find(|held| Some(&held.id) == status.statement_id.as_ref());
    recorded.or_else(|| policy.held.first())
}

/// Copies the attributes that AWS shows.
fn show(status: &mut LambdaPermissionStatus, policy: &Policy, statement: &Statement) {
    status.statement_id = Some(statement.id.clone());
    status.statement = Some(fitting(statement.text.clone()));
    status.policy_size = i64::try_from(policy.size).ok();
    let target = Past::of(Some(status)).target;
    status.common.arn = target.map(|target| target.qualified_arn(status.qualifier.as_ref()));
}

/// Clears the attributes of a statement that is absent. The target, the wait and the record stay: they decide ownership if the statement appears
/// later, because the read was stale or a creation is in progress.
pub(super) fn forget(status: &mut LambdaPermissionStatus) {
    *status = LambdaPermissionStatus {
        common: CommonStatus { arn: None, ..std::mem::take(&mut status.common) },
        qualifier: status.qualifier.take(),
        statement_id: status.statement_id.take(),
        record: std::mem::take(&mut status.record),
        ..LambdaPermissionStatus::default()
    };
}

/// The condition about the last change, once there was one.
pub(super) fn conditions(status: &LambdaPermissionStatus) -> Vec<(&'static str, Result<Stated, Stated>)> {
    let Some(replacement) = status.record.replacement else { return Vec::new() };
    let interrupted = |why: &str| {
        Err(Stated::new(
            "Interrupted",
            format!(
                "The last change removed the statement before it added the new one, so AWS can have denied calls for a moment: {why}"
            ),
        ))
    };
    let fact = match replacement {
        Replacement::WithoutGap => {
            Ok(Stated::new("Replaced", "The last change added the new statement before it removed the old one.".into()))
        }
        Replacement::SameId => interrupted(
            "with spec.statementId, both statements have the same id. To have later changes without a gap, create the permission without statementId.",
        ),
        Replacement::PolicyFull => interrupted(
            "the policy had no room for both statements. Remove other permissions of the function, or replace several with one that has a * in its sourceArn.",
        ),
    };
    vec![(condition::REPLACED_WITHOUT_GAP, fact)]
}

/// The members and effects of a statement that equals the spec.
pub(super) fn proved(desired: &desired::Desired, effects: attached::Effects, statement: Option<&Statement>) -> Effects {
    Effects {
        attached: effects,
        qualifier: desired.place.qualifier.clone(),
        id: statement.map(|statement| statement.id.clone()),
        replacement: None,
    }
}

impl Reported for LambdaPermissionStatus {
    fn common(&self) -> &CommonStatus {
        &self.common
    }

    fn common_mut(&mut self) -> &mut CommonStatus {
        &mut self.common
    }

    fn record(&self) -> &CommonRecord {
        &self.record.common
    }

    fn record_mut(&mut self) -> &mut CommonRecord {
        &mut self.record.common
    }
}

impl Claimed for LambdaPermissionStatus {
    fn claim(&self) -> &ClaimRecord {
        &self.record.claim
    }

    fn claim_mut(&mut self) -> &mut ClaimRecord {
        &mut self.record.claim
    }
}
