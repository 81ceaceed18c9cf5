//! The records of earlier reconciles in the status of a permission.

use crate::api::permission::LambdaPermissionStatus;
use crate::core::attached::history as attached;

/// The records of a status that later reconciles use. Each can be missing.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct History {
    /// The records of every resource without tags.
    pub attached: attached::History,
    /// The qualifier, which cannot change.
    pub qualifier: Option<String>,
    /// The id of the statement that was written last.
    pub id: Option<String>,
}

impl History {
    /// Reads the records out of a status.
    #[must_use]
    pub fn of(status: Option<&LambdaPermissionStatus>) -> Self {
        let qualifier = status.and_then(|status| status.qualifier.clone());
        let id = status.and_then(|status| status.statement_id.clone());
        Self { attached: attached::History::of(status), qualifier, id }
    }
}
