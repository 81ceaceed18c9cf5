//! The observed state of an alias, and the reads that it needs.

use super::model::Alias;

/// The reads of an alias.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Query {
    /// The alias's name.
    pub name: String,
    /// Whether to read the owner of the function, which is needed before a write if no LambdaFunction of this namespace manages it.
    pub function_owner: bool,
}

/// An alias in AWS, and the owner of its function.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Observed {
    /// The alias; `None` if it does not exist.
    pub alias: Option<Held>,
    /// The owner tag of the function, if it was read and exists.
    pub function_owner: Option<String>,
}

/// An alias in AWS.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Held {
    /// Its members, in the same type as the desired ones.
    pub alias: Alias,
    /// Its ARN.
    pub arn: String,
    /// `RevisionId`, which changes with each change of the alias.
    pub revision: Option<String>,
}
