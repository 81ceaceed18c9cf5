//! The names under which parts of a function are recorded as accepted, beside the members of its configuration.

use super::side::Side;

/// The code as one member: its source, key and architecture.
pub const CODE: &str = "Code";

/// Reserved concurrency.
pub const CONCURRENCY: &str = "ReservedConcurrentExecutions";

/// The owner tag. It is recorded with an adoption; after that, every difference counts as an edit.
pub const OWNER: &str = "Owner";

/// Prefix of the names of tags.
const TAGS: &str = "Tags/";

/// The name under which a tag is recorded.
#[must_use]
pub fn tag(key: &str) -> String {
    format!("{TAGS}{key}")
}

/// The key of the tag that is recorded under this name.
#[must_use]
pub fn tag_key(name: &str) -> Option<&str> {
    name.strip_prefix(TAGS)
}

/// The name under which a side group is recorded.
#[must_use]
pub const fn side(side: Side) -> &'static str {
    side.group().field
}
