//! What the status of an alias remembers from earlier reconciles.

use crate::api::alias::{AliasRecord, LambdaAliasStatus};
use crate::api::shared::RecordedClaim;
use crate::core::applied::Applied;
use crate::core::past::Past;

/// The records of a status that later reconciles decide by. Every one may be missing.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct History {
    /// What every kind records.
    pub past: Past,
    /// Whose the alias is.
    pub claim: Option<RecordedClaim>,
    /// What AWS accepted last, by member.
    pub applied: Applied,
    /// `RevisionId` as the last write answered it.
    pub revision: Option<String>,
    /// The version that the alias pointed to before its last move.
    pub moved_from: Option<String>,
}

impl History {
    /// Reads the records out of a status.
    #[must_use]
    pub fn of(status: Option<&LambdaAliasStatus>) -> Self {
        let Some(status) = status else { return Self::default() };
        let AliasRecord { common: _, claim, applied, revision, moved_from } = status.record.clone();
        Self { past: Past::of(Some(status)), claim, applied, revision, moved_from }
    }
}
