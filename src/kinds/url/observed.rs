//! A function URL as AWS shows it, and the statements in the function's policy that belong to it. Pure.

use std::collections::BTreeSet;

use super::model::{Public, Url};
use super::statements::{Statements, said};
use crate::core::attached;
use crate::kinds::permission::statement::Policy;

/// The reads that an observation needs.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Query {
    /// The alias.
    pub qualifier: Option<String>,
    /// Ids of the statements that belong to the URL, if the policy is read.
    pub ids: Option<Vec<String>>,
}

/// The observed URL, and the policy that contains its statements.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Observed {
    /// The URL, if it exists.
    pub url: Option<Shown>,
    /// The policy, if it was read and exists.
    pub policy: Option<Policy>,
}

/// A URL that exists.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Shown {
    /// Its members; the statements are in the policy.
    pub model: Url,
    /// ARN of the function or alias.
    pub arn: String,
    /// Its address.
    pub address: String,
    /// The time of its creation.
    pub created: String,
    /// The time of its last change.
    pub modified: Option<String>,
}

impl Observed {
    /// The public statements that exist with the required contents.
    #[must_use]
    pub fn public(&self, statements: &Statements) -> BTreeSet<Public> {
        let held = self.policy.iter().flat_map(|policy| &policy.held);
        let right = held.filter_map(|held| {
            let public = statements.public(&held.id)?;
            (held.permission == said(public)).then_some(public)
        });
        right.collect()
    }

    /// Whether there are statements under former names of the cluster, or with other contents.
    #[must_use]
    pub fn has_strays(&self, statements: &Statements) -> bool {
        self.policy.as_ref().is_some_and(|policy| policy.held.len() > self.public(statements).len())
    }

    /// Converts the URL and its statements to the form that all resources without tags share.
    #[must_use]
    pub fn attached(&self, statements: &Statements) -> Option<attached::Observed<Url>> {
        let Shown { model, arn, address: _, created: _, modified } = self.url.as_ref()?;
        let model = Url { public: self.public(statements), ..model.clone() };
        Some(attached::Observed { model, arn: arn.clone(), revision: modified.clone() })
    }
}
