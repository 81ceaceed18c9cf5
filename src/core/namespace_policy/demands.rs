//! The requests of an object that a namespace's policy can refuse. Each kind fills them in. Pure.

use super::annotation::Bound;
use crate::api::shared::{AdoptionPolicy, CommonSpec};

/// The requests of an object that a policy can refuse.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Demands<'a> {
    /// Each value that a list limits, with this list.
    pub named: Vec<(Bound, &'a str)>,
    /// The concurrency that the object takes from the account's other functions.
    pub concurrency: Concurrency,
    /// The properties of its code that matter for signing.
    pub code: Code<'a>,
    /// Whether the object adopts an existing resource.
    pub adopts: bool,
}

/// Whether an object asks to take over a resource of somebody else. A resource that belonged to the same namespace before gives the namespace no new
/// rights.
#[must_use]
pub fn asks_for_another(namespace: Option<&str>, adopt_from: Option<&str>, common: &CommonSpec) -> bool {
    let own = namespace.unwrap_or_default();
    let from = adopt_from.filter(|from| !from.is_empty());
    let elsewhere = from.is_some_and(|from| from.split('/').nth(1) != Some(own));
    elsewhere || common.adoption_policy == Some(AdoptionPolicy::Adopt)
}

/// Concurrency that an object takes from the account's other functions.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Concurrency {
    /// The kind takes none.
    #[default]
    None,
    /// Reserved for a function; 0 takes none from other functions.
    Reserved(i32),
    /// Provisioned for a version or an alias. It comes from the same pool.
    Provisioned(i32),
}

impl Concurrency {
    /// The number of executions.
    #[must_use]
    pub const fn executions(self) -> i32 {
        match self {
            Self::None => 0,
            Self::Reserved(executions) | Self::Provisioned(executions) => executions,
        }
    }

    /// The field of the spec.
    #[must_use]
    pub const fn field(self) -> &'static str {
        match self {
            Self::None | Self::Reserved(_) => "reservedConcurrentExecutions",
            Self::Provisioned(_) => "provisionedConcurrentExecutions",
        }
    }
}

/// The properties of an object's code that matter for signing.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Code<'a> {
    /// The kind has none.
    #[default]
    None,
    /// A zip package, checked against the code signing configuration with this ARN; `None`: against none.
    Zip(Option<&'a str>),
    /// A zip package, checked against a code signing configuration that the spec names by an object. It is judged once its ARN is known, and until
    /// then nothing is written.
    Referred,
    /// An image, which cannot be signed.
    Image,
}
