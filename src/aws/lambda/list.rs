//! What people ask and the operator never does: which functions there are, and the package of one.

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

/// A package has up to 250 MB.
const DOWNLOAD_TIMEOUT: Duration = Duration::from_secs(600);

/// Functions of a region, as far as AWS lists them at a time.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Listed {
    /// Their names.
    pub names: Vec<String>,
    /// Where the list goes on; `None` at its end.
    pub next: Option<String>,
}

impl Clients {
    /// The functions of a region from `marker` on.
    ///
    /// # Errors
    /// What AWS answered, or when to ask again.
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

    /// The zip package of a function, from the link that AWS gives for some minutes.
    ///
    /// # Errors
    /// What AWS answered, or when to ask again.
    pub async fn package(&self, function: &Remote) -> Result<Vec<u8>, CallError> {
        let request = function.session.client.get_function().function_name(function.target.function());
        let answer = function.session.call(Operation::GetFunction, request.send()).await?;
        let failed = |status, words: &str| {
            CallError::Failed(Error::heard(Operation::GetFunction, "", status, words, &Withheld::nothing()))
        };
        let link = answer.code.and_then(|code| code.location).filter(|link| !link.is_empty());
        let link = link.ok_or_else(|| failed(0, "AWS gives no link to the package"))?;
        // The link is a key to the code: it is shown nowhere.
        let request = ::http::Request::get(link).body(SdkBody::empty()).ok();
        let request = request.and_then(|request| HttpRequest::try_from(request).ok());
        let request = request.ok_or_else(|| failed(0, "AWS's link to the package cannot be read"))?;
        match http::send(self.base(), request, DOWNLOAD_TIMEOUT).await {
            Ok((200, package)) => Ok(package),
            Ok((status, _)) => {
                Err(failed(status, &format!("the package could not be downloaded: HTTP status {status}")))
            }
            Err(words) => Err(failed(0, &format!("the package could not be downloaded: {words}"))),
        }
    }
}
