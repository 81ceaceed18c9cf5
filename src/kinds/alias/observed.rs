//! The observed state of an alias, and the reads that it needs.

use super::model::Alias;

/// The reads of an alias.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Query {
    /// The alias's name.
    pub name: String,
}

/// An alias in AWS.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Observed {
    /// Its members, in the same type as the desired ones.
    pub alias: Alias,
    /// Its ARN.
    pub arn: String,
    /// `RevisionId`, which changes with each change of the alias.
    pub revision: Option<String>,
}
