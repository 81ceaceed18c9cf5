//! The records of earlier reconciles in the status of an alias.

use crate::api::alias::{AliasRecord, LambdaAliasStatus};
use crate::api::shared::RecordedClaim;
use crate::core::applied::Applied;
use crate::core::past::Past;

/// The records of a status that later reconciles use. Each can be missing.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct History {
    /// The records that every kind has.
    pub past: Past,
    /// The recorded claim to the alias.
    pub claim: Option<RecordedClaim>,
    /// Hash of the value that AWS accepted last, by member.
    pub applied: Applied,
    /// `RevisionId` that the last write answered.
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
