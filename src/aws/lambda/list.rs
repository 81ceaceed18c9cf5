//! Reads that only `lambda-operator import` makes, never the operator: the list of functions, and the package of one.

use std::time::Duration;

use aws_smithy_runtime_api::client::orchestrator::HttpRequest;
use aws_smithy_types::body::SdkBody;

use super::remote::Remote;
use crate::aws::client::budget::Holder;
use crate::aws::client::{Caller, Clients, http};
use crate::core::error::{CallError, Error};
use crate::core::operation::Operation;
use crate::core::target::Target;
use crate::core::withheld::Withheld;

/// Time limit for the download of a package, which can have 250 MB.
const DOWNLOAD_TIMEOUT: Duration = Duration::from_secs(600);

/// One page of the functions of a region.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Listed {
    /// Their names.
    pub names: Vec<String>,
    /// The marker of the next page; `None` at the end.
    pub next: Option<String>,
}

impl Clients {
    /// Lists the functions of a region from `marker` on.
    ///
    /// # Errors
    /// AWS's error, or the time until the rate limit allows the call.
    pub async fn functions(&self, caller: &Caller, region: &str, marker: Option<String>) -> Result<Listed, CallError> {
        let nobody = Target { account: String::new(), region: region.to_owned(), name: String::new() };
        let holder = Holder { namespace: String::new(), object: "list".into() };
        let remote = self.remote(caller, nobody, holder, Withheld::nothing());
        let request = remote.session.client.list_functions().set_marker(marker);
        let page = remote.session.call(Operation::ListFunctions, request.send()).await?;
        Ok(Listed {
            names: page.functions.unwrap_or_default().into_iter().filter_map(|one| one.function_name).collect(),
            next: page.next_marker.filter(|marker| !marker.is_empty()),
        })
    }

    /// Downloads the zip package of a function by the link that AWS provides for some minutes.
    ///
    /// # Errors
    /// AWS's error, or the time until the rate limit allows the call.
    pub async fn package(&self, function: &Remote) -> Result<Vec<u8>, CallError> {
        let request = function.session.client.get_function().function_name(function.target.function());
        let answer = function.session.call(Operation::GetFunction, request.send()).await?;
        let failed = |status, words: &str| {
            CallError::Failed(Error::heard(Operation::GetFunction, "", status, words, &Withheld::nothing()))
        };
        let link = answer.code.and_then(|code| code.location).filter(|link| !link.is_empty());
        let link = link.ok_or_else(|| failed(0, "AWS provided no link to the package"))?;
        // The link gives access to the code, so it is never shown.
        let request = ::http::Request::get(link).body(SdkBody::empty()).ok();
        let request = request.and_then(|request| HttpRequest::try_from(request).ok());
        let request = request.ok_or_else(|| failed(0, "AWS's link to the package is invalid"))?;
        match http::Lines::default().send(self.base(), request, DOWNLOAD_TIMEOUT).await {
            Ok((200, package)) => Ok(package),
            Ok((status, _)) => {
                Err(failed(status, &format!("the package could not be downloaded: HTTP status {status}")))
            }
            Err(words) => Err(failed(0, &format!("the package could not be downloaded: {words}"))),
        }
    }
}
