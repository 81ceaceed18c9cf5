//! Adds the namespace of a call's object to the user agent, which CloudTrail records. No I/O.

use aws_runtime::user_agent::{AdditionalMetadata, AwsUserAgent};
use aws_sdk_lambda::config::{ConfigBag, Intercept, RuntimeComponents};
use aws_smithy_runtime_api::box_error::BoxError;
use aws_smithy_runtime_api::client::interceptors::context::BeforeTransmitInterceptorContextMut;

tokio::task_local! {
    // One client serves all namespaces that have no role of their own, so a client cannot know.
    static NAMESPACE: String;
}

/// The calls of `work` are made for an object of this namespace.
pub async fn on_behalf_of<F: Future>(namespace: String, work: F) -> F::Output {
    NAMESPACE.scope(namespace, work).await
}

/// The namespace, as a user agent says it.
pub(in crate::aws) fn pair() -> Option<String> {
    NAMESPACE.try_with(|namespace| format!("ns#{namespace}")).ok().filter(|pair| pair != "ns#")
}

/// Adds the namespace to the SDK's user agent.
#[derive(Debug)]
pub(super) struct NamesNamespace;

impl Intercept for NamesNamespace {
    fn name(&self) -> &'static str {
        "NamesNamespace"
    }

    // The SDK has made its user agent by now, and has not sent it yet.
    fn modify_before_retry_loop(
        &self,
        _: &mut BeforeTransmitInterceptorContextMut<'_>,
        _: &RuntimeComponents,
        bag: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        if let (Some(pair), Some(agent)) = (pair(), bag.load::<AwsUserAgent>()) {
            let agent = agent.clone().with_additional_metadata(AdditionalMetadata::new(pair)?);
            bag.interceptor_state().store_put(agent);
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_call_without_a_namespace_names_none() {
        assert_eq!(pair(), None);
        assert_eq!(on_behalf_of("team-a".into(), async { pair() }).await.as_deref(), Some("ns#team-a"));
        assert_eq!(on_behalf_of(String::new(), async { pair() }).await, None);
    }
}
