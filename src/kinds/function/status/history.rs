//! What status remembers from earlier reconciles. Every record may be missing; then a reconcile does at most one thing twice.

use std::collections::BTreeMap;

use crate::api::function::status::{Deployed, FunctionRecord, LambdaFunctionStatus, Published, Updates};
use crate::core::applied::Applied;
use crate::core::past::Past;
use crate::kinds::function::applied;
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
    /// The function was not there when status was written last.
    pub is_new: bool,
    /// AWS was asked about all of this function once, or we made it.
    pub familiar: bool,
    /// The side groups as AWS named them last, or as they were about to be set; without those that have AWS's default.
    pub sides: BTreeMap<Side, Setting>,
}

impl History {
    /// Reads the records out of a status.
    #[must_use]
    pub fn of(status: Option<&LambdaFunctionStatus>) -> Self {
        let Some(status) = status else { return Self { ever_active: true, ..Self::default() } };
        let FunctionRecord { common: _, ever_active, deployed, published, applied, updates, last_regranted_role } =
            status.record.clone();
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
            // Of one that appeared after we had found none, nothing is known.
            familiar: ever_active == Some(true) || (ever_active.is_some() && deployed.is_some()),
            deployed,
            sides: side::recorded(status),
        }
    }
    /// Whether AWS has accepted nothing of the object yet, but its name on a function that was there: whatever differs is an edit.
    #[must_use]
    pub fn is_unfamiliar(&self) -> bool {
        self.applied.keys().all(|name| name == applied::OWNER)
    }

    /// Whether nothing is recorded of a function that exists: the status was lost, as after a restore.
    #[must_use]
    pub fn is_lost(&self) -> bool {
        self.applied.is_empty() && !self.is_new
    }
}
