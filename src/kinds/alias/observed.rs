//! What AWS says about an alias, and what to ask.

use super::model::Alias;

/// What to ask beside `GetAlias`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Query {
    /// The alias's name.
    pub name: String,
    /// Whose is the function? Asked where no LambdaFunction answers it, before anything is written.
    pub function_owner: bool,
}

/// An alias as AWS holds it, and whose its function is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Observed {
    /// The alias; `None`: there is none.
    pub alias: Option<Held>,
    /// The owner tag of the function, where it was asked for and there is one.
    pub function_owner: Option<String>,
}

/// An alias as AWS holds it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Held {
    /// What it is, in the same words as what it should be.
    pub alias: Alias,
    /// Its ARN.
    pub arn: String,
    /// Another one after each change.
    pub revision: Option<String>,
}
