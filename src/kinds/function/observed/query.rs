//! What to ask AWS beside `GetFunction`.

use super::Version;

/// What to ask beside `GetFunction`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Query {
    /// Which code signing configuration is attached?
    pub code_signing: Probe,
    /// Does a version hold what `$LATEST` holds?
    pub published: Option<VersionQuery>,
    /// Which group of the function's VPC is named `default`?
    pub default_group: bool,
    /// Which durable executions are running?
    pub executions: bool,
}

/// Whether something is asked, and how much depends on the answer.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Probe {
    /// It is known, or does not matter.
    #[default]
    Skip,
    /// Some regions do not know the question: no answer is "unknown".
    BestEffort,
    /// No answer is a failure.
    Required,
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
