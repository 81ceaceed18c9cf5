//! The records of earlier reconciles in the status of a function. Each can be missing; then at most one call or deployment is repeated.

use std::collections::BTreeMap;

use k8s_openapi::apimachinery::pkg::apis::meta::v1::Condition;
use k8s_openapi::jiff::{SignedDuration, Timestamp};

use crate::api::condition;
use crate::api::function::spec::LambdaFunction;
use crate::api::function::status::{Deployed, FunctionRecord, LambdaFunctionStatus, Published, Updates};
use crate::api::shared::{AdoptedFrom, RECONCILE_REQUESTED_AT};
use crate::core::applied::Applied;
use crate::core::past::{Past, is_past};
use crate::core::reason::Reason;
use crate::kinds::function::part;
use crate::kinds::function::side;
use crate::kinds::function::side::{Setting, Side};

/// The records of a status that later reconciles use.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct History {
    /// The records that every kind has.
    pub past: Past,
    /// Whether the function was created in AWS, or a read has shown it.
    pub created: bool,
    /// `LastModified` in AWS's last answer to a write or a read.
    pub modified: Option<String>,
    /// Whether the function was active once, or may have been.
    pub ever_active: bool,
    /// Source and hash of the deployed code.
    pub deployed: Option<Deployed>,
    /// The version that was published last.
    pub published: Option<Published>,
    /// Hash of the value that AWS accepted last, by member.
    pub applied: Applied,
    /// Updates in progress, and those that failed.
    pub updates: Updates,
    /// Value of the regrant annotation that was last carried out.
    pub last_regranted_role: Option<String>,
    /// Whether the object adopted the function on request of the spec.
    pub adopted: bool,
    /// The owner that `adoptFrom` took the function from, and for which object.
    pub adopted_from: Option<AdoptedFrom>,
    /// Whether some settings that CreateFunction cannot set are still to be set.
    pub creation_pending: bool,
    /// Whether the function did not exist when status was last written.
    pub is_new: bool,
    /// Whether every side group of this function has been read once, or the operator created it.
    pub familiar: bool,
    /// The side groups as AWS last showed them, or as they were about to be set; without those that have AWS's default.
    pub sides: BTreeMap<Side, Setting>,
    /// Time since which the object is `Stalled` with `CodeHashMismatch`.
    pub mismatch: Option<Timestamp>,
}

/// The interval between two checks of a source that does not have the hash `codeSha256`. Each check deploys the source.
const LOOK_AGAIN: SignedDuration = SignedDuration::from_mins(15);

impl History {
    /// Reads the records out of a status.
    #[must_use]
    pub fn of(status: Option<&LambdaFunctionStatus>) -> Self {
        let Some(status) = status else { return Self { ever_active: true, ..Self::default() } };
        let FunctionRecord {
            common: _,
            ever_active,
            deployed,
            published,
            applied,
            updates,
            last_regranted_role,
            adopted,
            adopted_from,
            creation_pending,
        } = status.record.clone();
        let past = Past::of(Some(status));
        Self {
            created: past.shown || deployed.is_some(),
            past,
            modified: status.last_modified.clone(),
            ever_active: ever_active != Some(false),
            is_new: ever_active == Some(false),
            published,
            applied,
            updates,
            last_regranted_role,
            adopted: adopted == Some(true),
            adopted_from,
            creation_pending: creation_pending == Some(true),
            // Nothing is known about a function that appeared after a read had found none.
            familiar: ever_active == Some(true) || (ever_active.is_some() && deployed.is_some()),
            deployed,
            sides: side::recorded(status),
            mismatch: mismatch(status),
        }
    }

    /// Whether a source that does not have the hash `codeSha256` is checked again: after the interval, or on request.
    #[must_use]
    pub fn looks_at_code_again(&self, object: &LambdaFunction, now: Timestamp) -> bool {
        let requested = object.metadata.annotations.as_ref().and_then(|all| all.get(RECONCILE_REQUESTED_AT));
        let handled = object.status.as_ref().and_then(|status| status.common.last_handled_reconcile_at.as_ref());
        let is_due = |since| now.duration_since(since) >= LOOK_AGAIN || !is_past(since, now);
        self.mismatch.is_some_and(|since| is_due(since) || requested != handled)
    }

    /// Whether the record shows no accepted write except the owner tag of an adoption. Every difference then counts as an edit of the spec.
    #[must_use]
    pub fn is_unfamiliar(&self) -> bool {
        self.applied.keys().all(|name| name == part::OWNER)
    }

    /// Whether nothing is recorded about an existing function: the status was lost, for instance by a restore.
    #[must_use]
    pub fn is_lost(&self) -> bool {
        self.applied.is_empty() && !self.is_new
    }
}

fn mismatch(status: &LambdaFunctionStatus) -> Option<Timestamp> {
    let is_stalled = |c: &&Condition| c.type_ == condition::STALLED && c.status == "True";
    let stalled = status.common.conditions.iter().find(is_stalled)?;
    (stalled.reason == Reason::CodeHashMismatch.name()).then_some(stalled.last_transition_time.0)
}
