//! Where `lambda-operator import` reads from, and which names its manifests have taken already.

use std::collections::BTreeSet;

use crate::aws::client::budget::Holder;
use crate::aws::client::{Caller, Clients};
use crate::aws::lambda::remote::Remote;
use crate::core::target::Target;
use crate::core::withheld::Withheld;

/// What is the same for everything that one command imports.
pub(super) struct Origin<'a> {
    pub(super) aws: &'a Clients,
    pub(super) caller: &'a Caller,
    pub(super) region: String,
    /// The namespace that the manifests name.
    pub(super) namespace: Option<&'a String>,
}

impl Origin<'_> {
    /// One function and what hangs on it.
    pub(super) fn remote(&self, function: &str) -> Remote {
        let holder = Holder { namespace: String::new(), object: function.to_owned() };
        self.aws.remote(self.caller, self.target(function), holder, Withheld::nothing())
    }

    /// Whose account it is does not matter to a read.
    pub(super) fn target(&self, function: &str) -> Target {
        Target { account: String::new(), region: self.region.clone(), name: function.to_owned() }
    }
}

/// Resources whose names differ in case or `_` only would be one object.
pub(super) fn free(name: &str, taken: &mut BTreeSet<String>) -> String {
    let numbered = (2..).map(|number| format!("{name}-{number}"));
    let mut names = std::iter::once(name.to_owned()).chain(numbered);
    let free = names.find(|name| !taken.contains(name)).unwrap_or_default();
    taken.insert(free.clone());
    free
}
