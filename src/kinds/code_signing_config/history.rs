//! The records of earlier reconciles in the status of a code signing configuration.

use k8s_openapi::jiff::Timestamp;

use crate::api::code_signing_config::{LambdaCodeSigningConfigStatus, SigningRecord};
use crate::api::shared::AdoptedFrom;
use crate::core::applied::Applied;
use crate::core::past::Past;
use crate::core::tagged::OWNER;

/// The records of a status that later reconciles use. Each can be missing.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct History {
    /// The records that every kind has.
    pub past: Past,
    /// ARN of the object's code signing configuration.
    pub arn: Option<String>,
    /// Hash of the value that AWS accepted last, by member and by tag.
    pub applied: Applied,
    /// The time of the last change, from AWS's answer to the last write.
    pub modified: Option<Timestamp>,
    /// The former owner, if it was taken over from one.
    pub adopted_from: Option<AdoptedFrom>,
}

impl History {
    /// Reads the records out of a status.
    #[must_use]
    pub fn of(status: Option<&LambdaCodeSigningConfigStatus>) -> Self {
        let Some(status) = status else { return Self::default() };
        let SigningRecord { common: _, config_arn, applied, modified, adopted_from } = status.record.clone();
        Self { past: Past::of(Some(status)), arn: config_arn, applied, modified, adopted_from }
    }

    /// Whether nothing is recorded about a configuration that exists: the status was lost, for instance by a restore.
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
