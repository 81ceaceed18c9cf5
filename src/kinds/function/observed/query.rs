//! The reads of a function beside `GetFunction`.

use std::collections::BTreeMap;

use crate::api::function::status::Published;
use crate::kinds::function::side::{Probe, Side};

/// The reads beside `GetFunction`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Query {
    /// Side groups to read.
    pub sides: BTreeMap<Side, Probe>,
    /// Published versions to read.
    pub versions: Option<VersionQuery>,
    /// Whether to read the security group named `default` of the function's VPC.
    pub default_group: bool,
    /// Whether to list durable executions that have not ended.
    pub executions: bool,
}

/// The read of versions.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct VersionQuery {
    /// The recorded version that was published last. If there is none, versions are read and compared.
    pub known: Option<Published>,
    /// Whether the version is `$LATEST.PUBLISHED` instead of a number.
    pub to_latest: bool,
    /// Whether to read its state too.
    pub state: bool,
}
