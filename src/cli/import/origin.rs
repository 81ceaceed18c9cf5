//! The AWS side of `lambda-operator import`: the account and region, and reads of whole lists.

use crate::aws::client::budget::Holder;
use crate::aws::client::{Caller, Clients};
use crate::aws::lambda::list::Page;
use crate::aws::lambda::remote::Remote;
use crate::cli::aws_client::patiently;
use crate::core::error::class::Class;
use crate::core::error::{CallError, Error};
use crate::core::target::Target;
use crate::core::withheld::Withheld;

/// The account and the region to import from.
pub(super) struct Origin<'a> {
    pub(super) aws: &'a Clients,
    pub(super) caller: &'a Caller,
    pub(super) region: String,
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

    /// The sentence about a resource that does not exist.
    pub(super) fn no_such(&self, noun: &str) -> String {
        format!("{} has no such {noun}: correct the name, or set --region", self.region)
    }
}

/// Every page of a list.
pub(super) async fn every<T>(
    list: impl AsyncFn(Option<String>) -> Result<Page<T>, CallError>,
) -> Result<Vec<T>, Error> {
    let (mut all, mut marker) = (Vec::new(), None);
    loop {
        let Page { items, next } = patiently(async || list(marker.clone()).await).await?;
        all.extend(items);
        if next.is_none() {
            return Ok(all);
        }
        marker = next;
    }
}

/// The sentence about a read that failed: AWS's words, and the permission if it is missing.
pub(super) fn words(error: &Error) -> String {
    if error.class == Class::Denied {
        return format!("{error}: allow {}", error.operation.permissions().join(" and "));
    }
    error.to_string()
}
