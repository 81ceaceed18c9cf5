//! What status remembers from earlier reconciles. Every record may be missing; then a reconcile does at most one thing twice.

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

/// The records of a status that later reconciles decide by.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct History {
    /// What every kind records.
    pub past: Past,
    /// The function was made, or seen, in AWS.
    pub created: bool,
    /// `LastModified` as AWS answered it last, to a write or to a read.
    pub modified: Option<String>,
    /// The function was invocable once, or may have been.
    pub ever_active: bool,
    /// Which source the live code came from.
    pub deployed: Option<Deployed>,
    /// The version that was published last.
    pub published: Option<Published>,
    /// What AWS accepted last, by member.
    pub applied: Applied,
    /// Updates on their way, and those that failed.
    pub updates: Updates,
    /// The value of the regrant annotation that was carried out last.
    pub last_regranted_role: Option<String>,
    /// The function was taken over, as the spec asked.
    pub adopted: bool,
    /// The owner that `adoptFrom` took the function from, and for which object.
    pub adopted_from: Option<AdoptedFrom>,
    /// What follows the creation is not all set yet.
    pub creation_pending: bool,
    /// The function was not there when status was written last.
    pub is_new: bool,
    /// AWS was asked about all of this function once, or we made it.
    pub familiar: bool,
    /// The side groups as AWS named them last, or as they were about to be set; without those that have AWS's default.
    pub sides: BTreeMap<Side, Setting>,
    /// Since when the user has been told that the code is not what `codeSha256` says.
    pub mismatch: Option<Timestamp>,
}

/// The least time between two looks at code that is not what `codeSha256` says. Each look deploys it.
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
            // Of one that appeared after we had found none, nothing is known.
            familiar: ever_active == Some(true) || (ever_active.is_some() && deployed.is_some()),
            deployed,
            sides: side::recorded(status),
            mismatch: mismatch(status),
        }
    }

    /// Whether code that is not what `codeSha256` says is looked at again: after a while, or when somebody asks for it.
    #[must_use]
    pub fn looks_at_code_again(&self, object: &LambdaFunction, now: Timestamp) -> bool {
        let requested = object.metadata.annotations.as_ref().and_then(|all| all.get(RECONCILE_REQUESTED_AT));
        let handled = object.status.as_ref().and_then(|status| status.common.last_handled_reconcile_at.as_ref());
        let is_due = |since| now.duration_since(since) >= LOOK_AGAIN || !is_past(since, now);
        self.mismatch.is_some_and(|since| is_due(since) || requested != handled)
    }

    /// Whether AWS has accepted nothing of the object yet, but its name on a function that was there: whatever differs is an edit.
    #[must_use]
    pub fn is_unfamiliar(&self) -> bool {
        self.applied.keys().all(|name| name == part::OWNER)
    }

    /// Whether nothing is recorded of a function that exists: the status was lost, as after a restore.
    #[must_use]
    pub fn is_lost(&self) -> bool {
        self.applied.is_empty() && !self.is_new
    }
}

fn mismatch(status: &LambdaFunctionStatus) -> Option<Timestamp> {
    let told = |c: &&Condition| c.type_ == condition::STALLED && c.status == "True";
    let stalled = status.common.conditions.iter().find(told)?;
    (stalled.reason == Reason::CodeHashMismatch.name()).then_some(stalled.last_transition_time.0)
}
