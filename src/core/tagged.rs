//! Tags of a resource for which AWS shows them only to a separate call: the observed tags, the desired tags, their differences, and their records.
//! Pure.

use std::collections::{BTreeMap, HashMap};

use super::applied::{Applied, hash};
use super::blocked::Blocked;
use super::error::GoalError;
use super::goal::Defaults;
use super::ownership::{OWNER_TAG, UserTags, is_reserved_key};
use super::values::Knowable;

/// The most tags of users: AWS allows 50, and one is the owner tag.
const MOST: usize = 49;

/// The name under which the owner tag of an adoption is recorded.
pub const OWNER: &str = "Owner";

/// The tags that were read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Tags {
    /// They were not read, because nothing depended on them.
    NotRead,
    /// AWS does not show them.
    Withheld,
    /// AWS showed them.
    Shown {
        /// The owner tag.
        owner: Option<String>,
        /// The tags of users.
        users: BTreeMap<String, String>,
    },
}

impl Tags {
    /// The tags that `ListTags` answered.
    #[must_use]
    pub fn shown(all: Option<HashMap<String, String>>) -> Self {
        let all = all.unwrap_or_default();
        let owner = all.get(OWNER_TAG).cloned();
        Self::Shown { owner, users: all.into_iter().filter(|(key, _)| !is_reserved_key(key)).collect() }
    }

    /// The owner tag; `None` if the tags were not read.
    #[must_use]
    pub fn owner(&self) -> Option<Knowable<Option<String>>> {
        match self {
            Self::NotRead => None,
            Self::Withheld => Some(Knowable::Unknown),
            Self::Shown { owner, users: _ } => Some(Knowable::Known(owner.clone())),
        }
    }

    /// The owner that the tags name, if they were read.
    #[must_use]
    pub fn owner_name(&self) -> Option<&str> {
        match self {
            Self::Shown { owner, users: _ } => owner.as_deref(),
            Self::NotRead | Self::Withheld => None,
        }
    }

    /// The tags of users, if they were read.
    #[must_use]
    pub const fn users(&self) -> Option<&BTreeMap<String, String>> {
        match self {
            Self::Shown { owner: _, users } => Some(users),
            Self::NotRead | Self::Withheld => None,
        }
    }
}

/// The desired tags of an object, with those of the namespace and the operator.
///
/// # Errors
/// If AWS would refuse them.
pub fn wanted(
    own: Option<&BTreeMap<String, String>>,
    defaults: &Defaults,
    noun: &str,
) -> Result<BTreeMap<String, String>, GoalError> {
    let mut tags = defaults.tags.clone();
    tags.extend(own.cloned().unwrap_or_default());
    let invalid = |sentence| Err(GoalError::Blocked(Blocked::InvalidSpec(sentence)));
    if let Some(key) = tags.keys().find(|key| is_reserved_key(key)) {
        return invalid(format!(
            "The tag key '{key}' is empty or reserved for AWS and the operator: rename it in spec.tags, or in the default tags, so that it begins with neither aws: nor lambda-operator.io/."
        ));
    }
    if tags.len() > MOST {
        return invalid(format!(
            "Together with the default tags the {noun} would have {} tags, and AWS allows {MOST} beside the owner tag: remove some of spec.tags.",
            tags.len()
        ));
    }
    Ok(tags)
}

/// The tags to set and the keys to remove. `takes` selects the keys that may be written.
#[must_use]
pub fn differences(
    want: &BTreeMap<String, String>,
    have: &BTreeMap<String, String>,
    takes: impl Fn(&str) -> bool,
) -> (UserTags, Vec<String>) {
    let differing = want.iter().filter(|(key, value)| have.get(*key) != Some(value) && takes(key));
    let set = UserTags::of(differing.map(|(key, value)| (key.clone(), value.clone())));
    (set, have.keys().filter(|key| !want.contains_key(*key) && takes(key)).cloned().collect())
}

/// The name under which a tag is recorded.
#[must_use]
pub fn record_name(key: &str) -> String {
    format!("Tags.{key}")
}

/// The record of tags that AWS accepted.
#[must_use]
pub fn record(tags: &BTreeMap<String, String>) -> Applied {
    tags.iter().map(|(key, value)| (record_name(key), hash(value))).collect()
}

/// The record of tags that AWS removed.
#[must_use]
pub fn record_removed(keys: &[String]) -> Applied {
    keys.iter().map(|key| (record_name(key), hash(""))).collect()
}

/// The records of tags among all records.
#[must_use]
pub fn recorded(applied: &Applied) -> Applied {
    let is_tag = |name: &str| name.starts_with(&record_name(""));
    applied.iter().filter(|(name, _)| is_tag(name)).map(|(name, hash)| (name.clone(), hash.clone())).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tags(all: &[(&str, &str)]) -> BTreeMap<String, String> {
        all.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect()
    }

    #[test]
    fn only_tags_of_users_are_shown_as_such() {
        let all = tags(&[(OWNER_TAG, "c/n/x"), ("aws:made", "by"), ("team", "a")]);
        let shown = Tags::shown(Some(all.into_iter().collect()));
        assert_eq!(shown.owner_name(), Some("c/n/x"));
        assert_eq!(shown.users(), Some(&tags(&[("team", "a")])));
        assert_eq!(Tags::NotRead.owner(), None);
        assert_eq!(Tags::Withheld.owner(), Some(Knowable::Unknown));
    }

    #[test]
    fn tags_that_differ_are_set_and_others_removed_unless_they_are_left() {
        let (want, have) = (tags(&[("a", "1"), ("b", "2")]), tags(&[("a", "0"), ("b", "2"), ("c", "3"), ("d", "4")]));
        let (set, removed) = differences(&want, &have, |key| key != "d");
        assert_eq!((set.get(), removed), (&tags(&[("a", "1")]), vec!["c".to_owned()]));
    }

    #[test]
    fn tags_that_aws_refuses_are_refused_before() {
        let defaults = Defaults { tags: tags(&[("aws:x", "1")]), ..Defaults::default() };
        assert!(wanted(None, &defaults, "function").is_err());
        let many: BTreeMap<_, _> = (0..50).map(|n| (format!("k{n}"), String::new())).collect();
        assert!(wanted(Some(&many), &Defaults::default(), "function").is_err());
        let own = tags(&[("team", "mine")]);
        let defaults = Defaults { tags: tags(&[("team", "all"), ("cost", "1")]), ..Defaults::default() };
        assert_eq!(wanted(Some(&own), &defaults, "function").unwrap(), tags(&[("team", "mine"), ("cost", "1")]));
    }
}
