//! Reads that only `lambda-operator import` makes, never the operator: the list of functions, the lists of the resources around one, and its package.

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

/// One page of a list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Page<T> {
    /// What it shows.
    pub items: Vec<T>,
    /// The marker of the next page; `None` at the end.
    pub next: Option<String>,
}

impl<T> Page<T> {
    fn new(items: impl Iterator<Item = T>, next: Option<String>) -> Self {
        Self { items: items.collect(), next: next.filter(|marker| !marker.is_empty()) }
    }
}

/// An event source mapping in a list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ListedMapping {
    /// Name of its function.
    pub function: String,
    /// Its UUID.
    pub uuid: String,
}

impl Clients {
    /// Lists the functions of a region by their names, from `marker` on.
    ///
    /// # Errors
    /// AWS's error, or the time until the rate limit allows the call.
    pub async fn functions(
        &self,
        caller: &Caller,
        region: &str,
        marker: Option<String>,
    ) -> Result<Page<String>, CallError> {
        let session = self.of_region(caller, region).session;
        let request = session.client.list_functions().set_marker(marker);
        let page = session.call(Operation::ListFunctions, request.send()).await?;
        let names = page.functions.unwrap_or_default().into_iter().filter_map(|one| one.function_name);
        Ok(Page::new(names, page.next_marker))
    }

    /// Lists the event source mappings of a region, from `marker` on. A list for one function would leave out those of its versions and aliases.
    ///
    /// # Errors
    /// AWS's error, or the time until the rate limit allows the call.
    pub async fn mappings(
        &self,
        caller: &Caller,
        region: &str,
        marker: Option<String>,
    ) -> Result<Page<ListedMapping>, CallError> {
        let session = self.of_region(caller, region).session;
        let request = session.client.list_event_source_mappings().set_marker(marker);
        let page = session.call(Operation::ListEventSourceMappings, request.send()).await?;
        let all = page.event_source_mappings.unwrap_or_default().into_iter();
        let listed = all.filter_map(|one| {
            let function = one.function_arn.as_deref()?.split(':').nth(6)?.to_owned();
            Some(ListedMapping { function, uuid: one.uuid? })
        });
        Ok(Page::new(listed, page.next_marker))
    }

    /// The calls about a region, of no function.
    fn of_region(&self, caller: &Caller, region: &str) -> Remote {
        let nobody = Target { account: String::new(), region: region.to_owned(), name: String::new() };
        let holder = Holder { namespace: String::new(), object: "list".into() };
        self.remote(caller, nobody, holder, Withheld::nothing())
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

impl Remote {
    /// Lists the aliases of the function by their names, from `marker` on.
    ///
    /// # Errors
    /// AWS's error, or the time until the rate limit allows the call.
    pub async fn alias_names(&self, marker: Option<String>) -> Result<Page<String>, CallError> {
        let request = self.session.client.list_aliases().function_name(self.target.function()).set_marker(marker);
        let page = self.session.call(Operation::ListAliases, request.send()).await?;
        let names = page.aliases.unwrap_or_default().into_iter().filter_map(|one| one.name);
        Ok(Page::new(names, page.next_marker))
    }

    /// Lists the URLs of the function and of its aliases by their qualifiers, from `marker` on.
    ///
    /// # Errors
    /// AWS's error, or the time until the rate limit allows the call.
    pub async fn url_qualifiers(&self, marker: Option<String>) -> Result<Page<Option<String>>, CallError> {
        let request = self.session.client.list_function_url_configs();
        let request = request.function_name(self.target.function()).set_marker(marker);
        let page = self.session.call(Operation::ListFunctionUrlConfigs, request.send()).await?;
        let qualifiers = page.function_url_configs.into_iter().map(|one| qualifier(Some(&one.function_arn)));
        Ok(Page::new(qualifiers, page.next_marker))
    }

    /// Lists the event invoke configurations of the function, its versions and its aliases by their qualifiers, from `marker` on.
    ///
    /// # Errors
    /// AWS's error, or the time until the rate limit allows the call.
    pub async fn event_invoke_qualifiers(&self, marker: Option<String>) -> Result<Page<Option<String>>, CallError> {
        let request = self.session.client.list_function_event_invoke_configs();
        let request = request.function_name(self.target.function()).set_marker(marker);
        let page = self.session.call(Operation::ListFunctionEventInvokeConfigs, request.send()).await?;
        let all = page.function_event_invoke_configs.unwrap_or_default().into_iter();
        Ok(Page::new(all.map(|one| qualifier(one.function_arn.as_deref())), page.next_marker))
    }

    /// Lists the provisioned concurrency of the function's versions and aliases by their qualifiers, from `marker` on.
    ///
    /// # Errors
    /// AWS's error, or the time until the rate limit allows the call.
    pub async fn provisioned_qualifiers(&self, marker: Option<String>) -> Result<Page<Option<String>>, CallError> {
        let request = self.session.client.list_provisioned_concurrency_configs();
        let request = request.function_name(self.target.function()).set_marker(marker);
        let page = self.session.call(Operation::ListProvisionedConcurrencyConfigs, request.send()).await?;
        let all = page.provisioned_concurrency_configs.unwrap_or_default().into_iter();
        Ok(Page::new(all.map(|one| qualifier(one.function_arn.as_deref())), page.next_marker))
    }
}

/// The version or alias in the ARN of a function.
fn qualifier(arn: Option<&str>) -> Option<String> {
    arn?.split(':').nth(7).map(str::to_owned)
}
