//! What to ask AWS beside `GetFunction`.

use std::collections::BTreeMap;

use super::Version;
use crate::kinds::function::side::{Probe, Side};

/// What to ask beside `GetFunction`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Query {
    /// How are these side groups set?
    pub sides: BTreeMap<Side, Probe>,
    /// Does a version hold what `$LATEST` holds?
    pub published: Option<VersionQuery>,
    /// Which group of the function's VPC is named `default`?
    pub default_group: bool,
    /// Which durable executions are running?
    pub executions: bool,
}

/// A question about versions.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct VersionQuery {
    /// The newest version that we know of.
    pub known: Option<Version>,
    /// Published to `$LATEST.PUBLISHED` instead of a number.
    pub to_latest: bool,
    /// Whether it is ready has to be asked too.
    pub state: bool,
}
