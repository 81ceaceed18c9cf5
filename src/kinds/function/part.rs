//! The names of the parts of a function that are recorded as accepted, beside the members of its configuration.

use super::side::Side;

/// The code as one member: its source, key and architecture.
pub const CODE: &str = "Code";

/// Reserved concurrency.
pub const CONCURRENCY: &str = "ReservedConcurrentExecutions";

/// The owner tag: recorded with an adoption, after which whatever differs is an edit.
pub const OWNER: &str = "Owner";

/// What the names of tags begin with.
const TAGS: &str = "Tags/";

/// The name that a tag is recorded under.
#[must_use]
pub fn tag(key: &str) -> String {
    format!("{TAGS}{key}")
}

/// The key of the tag that is recorded under this name.
#[must_use]
pub fn tag_key(name: &str) -> Option<&str> {
    name.strip_prefix(TAGS)
}

/// The name that a side group is recorded under.
#[must_use]
pub const fn side(side: Side) -> &'static str {
    side.group().field
}
