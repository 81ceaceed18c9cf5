//! The records of earlier reconciles in the status of an alias.

use crate::api::alias::LambdaAliasStatus;
use crate::core::attached::history as attached;

/// The records of a status that later reconciles use. Each can be missing.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct History {
    /// The records of every resource without tags.
    pub attached: attached::History,
    /// The version that the alias pointed to before its last move.
    pub moved_from: Option<String>,
}

impl History {
    /// Reads the records out of a status.
    #[must_use]
    pub fn of(status: Option<&LambdaAliasStatus>) -> Self {
        let moved_from = status.and_then(|status| status.record.moved_from.clone());
        Self { attached: attached::History::of(status), moved_from }
    }
}
