//! What to ask AWS beside `GetFunction`.

use std::collections::BTreeMap;

use crate::api::function::status::Published;
use crate::kinds::function::side::{Probe, Side};

/// What to ask beside `GetFunction`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Query {
    /// How are these side groups set?
    pub sides: BTreeMap<Side, Probe>,
    /// How do the published versions stand?
    pub versions: Option<VersionQuery>,
    /// Which group of the function's VPC is named `default`?
    pub default_group: bool,
    /// Which durable executions are running?
    pub executions: bool,
}

/// A question about versions.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct VersionQuery {
    /// The version that was published last, as far as is recorded. If none is, versions are read and compared.
    pub known: Option<Published>,
    /// Published to `$LATEST.PUBLISHED` instead of a number.
    pub to_latest: bool,
    /// Whether it is ready has to be asked too.
    pub state: bool,
}
