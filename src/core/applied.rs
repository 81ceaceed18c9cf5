//! The record of values that AWS accepted last, as a hash by member of the API. It separates drift, which somebody else caused, from an edit of the spec.

use std::collections::BTreeMap;

use sha2::{Digest, Sha256};

/// Hash of the value that AWS accepted last, by member of the API.
pub type Applied = BTreeMap<String, String>;

/// The hash of a value. Secrets are never hashed: a short one could be guessed from its hash.
#[must_use]
pub fn hash(value: &str) -> String {
    Sha256::digest(value).iter().take(8).map(|byte| format!("{byte:02x}")).collect()
}

/// Whether a difference in this member is drift: the desired value is the one that AWS accepted last. A member that is unset and was never
/// recorded counts as unchanged, so that a new version of the operator changes nothing.
#[must_use]
pub fn is_drift(applied: &Applied, member: &str, wanted: &str, is_set: bool) -> bool {
    applied.get(member).map_or(!is_set, |accepted| *accepted == hash(wanted))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_difference_is_drift_only_where_the_wanted_value_was_accepted() {
        let applied: Applied = [("Description".to_owned(), hash("old"))].into();
        assert!(is_drift(&applied, "Description", "old", true));
        assert!(!is_drift(&applied, "Description", "new", true), "an edit");
        assert!(is_drift(&applied, "RoutingConfig", "", false), "never set and never recorded");
        assert!(!is_drift(&applied, "RoutingConfig", "1=0.5", true), "set for the first time");
        assert!(!is_drift(&Applied::default(), "Description", "old", true), "the record is lost");
    }
}
