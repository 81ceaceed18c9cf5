//! The ids of a statement (`Sid`). AWS has no tags for statements, so a derived id marks a statement as the object's. Each object has two derived
//! ids, so that a changed statement can be added before the old one is removed. Pure.

use sha2::{Digest, Sha256};

/// Prefix of every derived id.
const PREFIX: &str = "lo-";

/// Suffix of the second value of a derived id.
const SECOND: &str = "-2";

/// The ids of the statements that are an object's.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Ids {
    /// The id in the spec. A statement with this id can belong to somebody else.
    Named(String),
    /// Both values of the derived id, then those under the cluster's former names.
    Derived(Vec<String>),
}

impl Ids {
    /// The id that the spec names, or else those derived from the owner (`<cluster>/<namespace>/<name>`) and its former values.
    #[must_use]
    pub fn new(named: Option<String>, owner: &str, former: &[String]) -> Self {
        let both = |owner: &str| {
            let id = derived(owner);
            [format!("{id}{SECOND}"), id]
        };
        let all = |owner: &str| both(owner).into_iter().rev();
        named.map_or_else(
            || Self::Derived(all(owner).chain(former.iter().flat_map(|owner| all(owner))).collect()),
            Self::Named,
        )
    }

    /// Every id.
    #[must_use]
    pub fn all(&self) -> Vec<String> {
        match self {
            Self::Named(id) => vec![id.clone()],
            Self::Derived(ids) => ids.clone(),
        }
    }

    /// The id of a new statement.
    #[must_use]
    pub fn first(&self) -> String {
        match self {
            Self::Named(id) => id.clone(),
            Self::Derived(ids) => ids.first().cloned().unwrap_or_default(),
        }
    }

    /// A free id for a second statement, if there is one.
    #[must_use]
    pub fn beside(&self, exists: impl Fn(&str) -> bool) -> Option<String> {
        match self {
            Self::Named(_) => None,
            // An id under a former name of the cluster is not used for a new statement.
            Self::Derived(ids) => ids.iter().take(2).find(|id| !exists(id)).cloned(),
        }
    }

    /// Whether the id is a current one of the object, not one under a former name of the cluster.
    #[must_use]
    pub fn has(&self, id: &str) -> bool {
        match self {
            Self::Named(named) => named == id,
            Self::Derived(ids) => ids.iter().take(2).any(|own| own == id),
        }
    }

    /// Whether the id alone proves that a statement is the object's.
    #[must_use]
    pub const fn are_derived(&self) -> bool {
        matches!(self, Self::Derived(_))
    }
}

/// The id of an owner.
#[must_use]
pub fn derived(owner: &str) -> String {
    let hash = Sha256::digest(owner);
    let hex: String = hash.iter().take(16).map(|byte| format!("{byte:02x}")).collect();
    format!("{PREFIX}{hex}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_derived_id_has_a_second_value_and_follows_the_clusters_name() {
        let ids = Ids::new(None, "c/n/f", &["old/n/f".into()]);
        let all = ids.all();
        assert_eq!(all.len(), 4);
        let first = ids.first();
        assert!(first.starts_with("lo-") && first.len() == 35, "{first}");
        assert_eq!(all[1], format!("{first}-2"));
        assert!(all.iter().all(|id| id.len() <= 100));
        assert_eq!(ids.beside(|id| id == first), Some(all[1].clone()));
        assert_eq!(ids.beside(|id| id == all[1]), Some(first.clone()));
        assert_eq!(ids.beside(|id| all[..2].iter().any(|held| held == id)), None, "none under a former name");
        assert_ne!(Ids::new(None, "c/n/g", &[]).first(), first);
    }

    #[test]
    fn an_id_of_the_spec_has_no_second_value() {
        let ids = Ids::new(Some("s3".into()), "c/n/f", &[]);
        assert_eq!((ids.all(), ids.first()), (vec!["s3".to_owned()], "s3".into()));
        assert_eq!(ids.beside(|_| false), None);
    }
}
