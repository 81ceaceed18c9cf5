//! The model of an alias, for both the desired and the observed state: the members of the API that an update can change.

use std::collections::BTreeMap;

use crate::core::attached::{Calls, Model, Words};
use crate::core::operation::Operation;

/// The members that `CreateAlias` and `UpdateAlias` write.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Alias {
    /// The version that the alias points to.
    pub version: String,
    /// Description; empty for none.
    pub description: String,
    /// Other versions and their share of the invocations.
    pub weights: Weights,
}

/// Shares of the invocations by version, each as the shortest decimal.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Weights(BTreeMap<String, String>);

/// A member of the API.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Member {
    /// `FunctionVersion`.
    Version,
    /// `Description`.
    Description,
    /// `RoutingConfig`.
    Routing,
}

impl Member {
    /// Every member.
    pub const ALL: [Self; 3] = [Self::Version, Self::Description, Self::Routing];
}

impl Model for Alias {
    type Member = Member;

    const MEMBERS: &'static [Member] = &Member::ALL;
    const CALLS: Calls =
        Calls { create: Operation::CreateAlias, update: Operation::UpdateAlias, delete: Operation::DeleteAlias };
    const WORDS: Words = Words { kind: "LambdaAlias", noun: "alias", another: "create one with another spec.name" };

    fn name(member: Member) -> &'static str {
        match member {
            Member::Version => "FunctionVersion",
            Member::Description => "Description",
            Member::Routing => "RoutingConfig",
        }
    }

    fn field(member: Member) -> &'static str {
        match member {
            Member::Version => "functionVersion",
            Member::Description => "description",
            Member::Routing => "routingConfig.additionalVersionWeights",
        }
    }

    fn text(&self, member: Member) -> String {
        let Self { version, description, weights } = self;
        match member {
            Member::Version => version.clone(),
            Member::Description => description.clone(),
            Member::Routing => weights.text(),
        }
    }

    fn with_ignored(self, have: &Self, is_ignored: impl Fn(Member) -> bool) -> Self {
        let Self { version, description, weights } = self;
        Self {
            version: if is_ignored(Member::Version) { have.version.clone() } else { version },
            description: if is_ignored(Member::Description) { have.description.clone() } else { description },
            weights: if is_ignored(Member::Routing) { have.weights.clone() } else { weights },
        }
    }
}

impl Weights {
    /// Parses decimals in any notation. Anything that is not a number is left out; the schema refuses it.
    #[must_use]
    pub fn parse(weights: &BTreeMap<String, String>) -> Self {
        let number = |(version, weight): (&String, &String)| Some((version.clone(), weight.parse().ok()?));
        Self::of(weights.iter().filter_map(number))
    }

    /// Builds weights from AWS's numbers.
    #[must_use]
    pub fn of(weights: impl IntoIterator<Item = (String, f64)>) -> Self {
        Self(weights.into_iter().map(|(version, weight)| (version, weight.to_string())).collect())
    }

    /// Whether all invocations go to the version that the alias points to.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Each version and its share.
    pub fn iter(&self) -> impl Iterator<Item = (&String, &String)> {
        self.0.iter()
    }

    /// Whether this version, and no other, has a share.
    #[must_use]
    pub fn is_only(&self, version: &str) -> bool {
        self.0.len() == 1 && self.0.contains_key(version)
    }

    /// The weights as text.
    #[must_use]
    pub fn text(&self) -> String {
        self.0.iter().map(|(version, weight)| format!("{version}={weight}")).collect::<Vec<_>>().join(", ")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn weights_are_equal_however_they_are_written() {
        let parsed = |weight: &str| Weights::parse(&[("7".to_owned(), weight.to_owned())].into());
        assert_eq!(parsed("0.10"), Weights::of([("7".to_owned(), 0.1)]));
        assert_eq!(parsed("1.0"), Weights::of([("7".to_owned(), 1.0)]));
        assert_ne!(parsed("0.1"), parsed("0.2"));
        assert_eq!(parsed("0.10").text(), "7=0.1");
    }
}
