//! The records of earlier reconciles in the status of an event source mapping.

use k8s_openapi::jiff::Timestamp;

use crate::api::event_source_mapping::status::{LambdaEventSourceMappingStatus, MappingRecord};
use crate::api::shared::AdoptedFrom;
use crate::core::applied::Applied;
use crate::core::past::Past;
use crate::core::tagged::OWNER;

/// The records of a status that later reconciles use. Each can be missing.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct History {
    /// The records that every kind has.
    pub past: Past,
    /// UUID of the object's mapping.
    pub uuid: Option<String>,
    /// Hash of the value that AWS accepted last, by member and by tag.
    pub applied: Applied,
    /// The time of the last change, from AWS's answer to the last write.
    pub modified: Option<Timestamp>,
    /// The former owner, if the mapping was taken over from one.
    pub adopted_from: Option<AdoptedFrom>,
}

impl History {
    /// Reads the records out of a status.
    #[must_use]
    pub fn of(status: Option<&LambdaEventSourceMappingStatus>) -> Self {
        let Some(status) = status else { return Self::default() };
        let MappingRecord { common: _, uuid, applied, modified, adopted_from } = status.record.clone();
        Self { past: Past::of(Some(status)), uuid, applied, modified, adopted_from }
    }

    /// Whether nothing is recorded about a mapping that exists: the status was lost, for instance by a restore.
    #[must_use]
    pub fn is_lost(&self) -> bool {
        self.applied.is_empty()
    }

    /// Whether the record shows no accepted write except the owner tag of an adoption. Every difference then counts as an edit of the spec.
    #[must_use]
    pub fn is_unfamiliar(&self) -> bool {
        self.applied.keys().all(|name| name == OWNER)
    }
}
