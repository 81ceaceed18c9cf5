//! The records of earlier reconciles in the status of a layer version.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use k8s_openapi::jiff::Timestamp;

use super::model::{Given, Search};
use crate::api::layer_version::{Fate, LambdaLayerVersionStatus, LayerRecord, Publishing, RecordedStatement};
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
    /// The statements that the object added to the policies of its versions.
    pub given: BTreeSet<Given>,
    /// The statements that it began to add, and that AWS has not answered.
    pub unanswered: BTreeSet<Given>,
    /// The publication that was begun and not answered.
    pub publishing: Option<Publishing>,
}

/// The longest time for which AWS can be carrying out a call that the operator no longer waits for.
pub const LONGEST_CALL: Duration = Duration::from_secs(60);

impl History {
    /// Reads the records out of a status.
    #[must_use]
    pub fn of(status: Option<&LambdaLayerVersionStatus>) -> Self {
        let Some(status) = status else { return Self::default() };
        let LayerRecord {
            common: _,
            versions,
            current,
            published_generation: _,
            source,
            applied,
            statements,
            publishing,
        } = status.record.clone();
        let (given, unanswered) = given(&statements);
        Self {
            past: Past::of(Some(status)),
            versions: versions.into_iter().collect(),
            current,
            source,
            applied,
            given,
            unanswered,
            publishing,
        }
    }

    /// Whether a policy can have a statement of the object.
    #[must_use]
    pub fn shares(&self) -> bool {
        !self.given.is_empty() || !self.unanswered.is_empty()
    }

    /// Whether the statement with this id in the policy of this version is the object's: it was added, or its addition began.
    #[must_use]
    pub fn has_statement(&self, number: i64, id: &str) -> bool {
        self.given.union(&self.unanswered).any(|given| given.number == number && given.id == id)
    }

    /// The search for the publication without an answer. `code_sha256` gives the hash of the package with this identity, where none is recorded. A
    /// publication that AWS refused is not searched: an equal version would be somebody else's.
    #[must_use]
    pub fn search(&self, code_sha256: impl FnOnce(&str) -> Option<String>) -> Option<Search> {
        let publishing = self.publishing.as_ref().filter(|publishing| publishing.fate != Some(Fate::Refused))?;
        let Publishing { after, since, source, code_sha256: recorded, applied, fate: _ } = publishing;
        let code_sha256 = recorded.clone().or_else(|| code_sha256(source));
        Some(Search { after: *after, since: *since, applied: applied.clone(), code_sha256 })
    }

    /// Whether AWS may still publish what the last call asked for, or show it later. A call without an answer can be under way for a minute.
    #[must_use]
    pub fn may_still_publish(&self, now: Timestamp) -> bool {
        self.publishing.as_ref().is_some_and(|publishing| match publishing.fate {
            Some(Fate::Refused) => false,
            // Also AWS does not stop when the operator is killed during the call.
            Some(Fate::Lost) | None => is_within(Some(publishing.since), now, READ_LAG.saturating_add(LONGEST_CALL)),
        })
    }
}

/// The statements of a record: those that were added, and those whose addition AWS has not answered.
#[must_use]
pub fn given(recorded: &[RecordedStatement]) -> (BTreeSet<Given>, BTreeSet<Given>) {
    let (mut given, mut unanswered) = (BTreeSet::new(), BTreeSet::new());
    for RecordedStatement { id, hash, versions, unanswered: sent } in recorded {
        let one = |number: &i64| Given { number: *number, id: id.clone(), hash: hash.clone() };
        given.extend(versions.iter().map(one));
        unanswered.extend(sent.iter().map(one));
    }
    (given, unanswered)
}

/// The versions whose policies have a statement, and those whose addition AWS has not answered.
type Numbers = (Vec<i64>, Vec<i64>);

/// The record of statements.
#[must_use]
pub fn recorded(given: &BTreeSet<Given>, unanswered: &BTreeSet<Given>) -> Vec<RecordedStatement> {
    let mut all: BTreeMap<(&str, &str), Numbers> = BTreeMap::new();
    for Given { number, id, hash } in given {
        all.entry((id, hash)).or_default().0.push(*number);
    }
    for Given { number, id, hash } in unanswered {
        all.entry((id, hash)).or_default().1.push(*number);
    }
    let one = |((id, hash), (versions, unanswered)): ((&str, &str), _)| RecordedStatement {
        id: id.to_owned(),
        hash: hash.to_owned(),
        versions,
        unanswered,
    };
    all.into_iter().map(one).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_publication_that_aws_refused_finds_no_version_of_others() {
        let search = |fate| {
            let (since, applied) = (Timestamp::UNIX_EPOCH, Applied::default());
            let publishing = Publishing { after: 0, since, source: "s3".into(), code_sha256: None, applied, fate };
            History { publishing: Some(publishing), ..History::default() }.search(|_| None)
        };
        assert!(search(None).is_some() && search(Some(Fate::Lost)).is_some());
        assert_eq!(search(Some(Fate::Refused)), None);
    }
}
