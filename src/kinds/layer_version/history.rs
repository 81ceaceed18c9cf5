//! The records of earlier reconciles in the status of a layer version.

use std::collections::BTreeSet;
use std::time::Duration;

use k8s_openapi::jiff::Timestamp;

use super::model::Search;
use crate::api::layer_version::{Fate, LambdaLayerVersionStatus, LayerRecord, Publishing};
use crate::core::applied::Applied;
use crate::core::past::Past;
use crate::core::staleness::{READ_LAG, is_within};

/// The records of a status that later reconciles use. Each can be missing.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct History {
    /// The records that every kind has.
    pub past: Past,
    /// The versions that the object published or took over, and did not delete.
    pub versions: BTreeSet<i64>,
    /// The newest of them.
    pub current: Option<i64>,
    /// Identity of its package.
    pub source: Option<String>,
    /// Hash of each of its members.
    pub applied: Applied,
    /// The publication that was begun and not answered.
    pub publishing: Option<Publishing>,
}

/// The longest time for which AWS can be carrying out a call that the operator no longer waits for.
const LONGEST_CALL: Duration = Duration::from_secs(60);

impl History {
    /// Reads the records out of a status.
    #[must_use]
    pub fn of(status: Option<&LambdaLayerVersionStatus>) -> Self {
        let Some(status) = status else { return Self::default() };
        let LayerRecord { common: _, versions, current, source, applied, publishing } = status.record.clone();
        Self {
            past: Past::of(Some(status)),
            versions: versions.into_iter().collect(),
            current,
            source,
            applied,
            publishing,
        }
    }

    /// The search for the publication without an answer. `code_sha256` gives the hash of the package with this identity, where none is recorded.
    #[must_use]
    pub fn search(&self, code_sha256: impl FnOnce(&str) -> Option<String>) -> Option<Search> {
        let Publishing { after, since: _, source, code_sha256: recorded, applied, fate: _ } =
            self.publishing.as_ref()?;
        let code_sha256 = recorded.clone().or_else(|| code_sha256(source));
        Some(Search { after: *after, applied: applied.clone(), code_sha256 })
    }

    /// Whether AWS may still publish what the last call asked for, or show it later. A call without an answer can be under way for a minute.
    #[must_use]
    pub fn may_still_publish(&self, now: Timestamp) -> bool {
        self.publishing.as_ref().is_some_and(|publishing| match publishing.fate {
            Some(Fate::Refused) => false,
            Some(Fate::Lost) => is_within(Some(publishing.since), now, READ_LAG.saturating_add(LONGEST_CALL)),
            None => is_within(Some(publishing.since), now, READ_LAG),
        })
    }
}
