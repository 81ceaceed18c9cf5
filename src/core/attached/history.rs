//! The records of earlier reconciles in the status of a resource without tags.

use crate::api::shared::{ClaimRecord, RecordedClaim};
use crate::core::applied::Applied;
use crate::core::past::{Past, Reported};

/// A status that records the claim to a resource without tags.
pub trait Claimed: Reported {
    /// The record of the claim.
    fn claim(&self) -> &ClaimRecord;
    /// Mutable access to it.
    fn claim_mut(&mut self) -> &mut ClaimRecord;
}

/// The records of a status that later reconciles use. Each can be missing.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct History {
    /// The records that every kind has.
    pub past: Past,
    /// The recorded claim to the resource.
    pub claim: Option<RecordedClaim>,
    /// Hash of the value that AWS accepted last, by member.
    pub applied: Applied,
    /// The revision in the answer to the last write.
    pub revision: Option<String>,
}

impl History {
    /// Reads the records out of a status.
    #[must_use]
    pub fn of(status: Option<&impl Claimed>) -> Self {
        let Some(status) = status else { return Self::default() };
        let ClaimRecord { claim, applied, revision } = status.claim().clone();
        Self { past: Past::of(Some(status)), claim, applied, revision }
    }
}
