//! The AWS side of `lambda-operator import`, and the object names that are already used.

use std::collections::BTreeSet;

use crate::aws::client::budget::Holder;
use crate::aws::client::{Caller, Clients};
use crate::aws::lambda::remote::Remote;
use crate::core::target::Target;
use crate::core::withheld::Withheld;

/// The shared state of one import command.
pub(super) struct Origin<'a> {
    pub(super) aws: &'a Clients,
    pub(super) caller: &'a Caller,
    pub(super) region: String,
    /// The namespace to write into the manifests.
    pub(super) namespace: Option<&'a String>,
}

impl Origin<'_> {
    /// The AWS side of one function.
    pub(super) fn remote(&self, function: &str) -> Remote {
        let holder = Holder { namespace: String::new(), object: function.to_owned() };
        self.aws.remote(self.caller, self.target(function), holder, Withheld::nothing())
    }

    /// A target without an account, which a read does not need.
    pub(super) fn target(&self, function: &str) -> Target {
        Target { account: String::new(), region: self.region.clone(), name: function.to_owned() }
    }
}

/// A free object name. Resources with names that differ only in case or `_` would otherwise get the same one.
pub(super) fn free(name: &str, taken: &mut BTreeSet<String>) -> String {
    let numbered = (2..).map(|number| format!("{name}-{number}"));
    let mut names = std::iter::once(name.to_owned()).chain(numbered);
    let free = names.find(|name| !taken.contains(name)).unwrap_or_default();
    taken.insert(free.clone());
    free
}
