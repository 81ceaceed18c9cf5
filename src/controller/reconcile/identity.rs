//! Who acts for an object, and where its function lives: as they resolve now, and as they were written down.

use std::collections::BTreeMap;
use std::sync::Arc;

use kube::{Api, ResourceExt};

use crate::api::function::spec::LambdaFunction;
use crate::aws::client::{Caller, Clients, Identity};
use crate::controller::context::Context;
use crate::core::blocked::Blocked;
use crate::core::namespace_policy::Policy;
use crate::core::outcome::Outcome;
use crate::core::target::Target;
use crate::kinds::function::desired;
use crate::kinds::function::status::history::History;

/// What the object's namespace says.
///
/// # Errors
/// What the API server answered.
pub(in crate::controller) async fn annotations(
    context: &Context,
    namespace: &str,
    history: &History,
) -> kube::Result<BTreeMap<String, String>> {
    // For a new object the API server itself is asked: an edit just before it must not be missed.
    if let Some(known) = context.namespaces.annotations(namespace).filter(|_| history.target.is_some()) {
        return Ok(known);
    }
    let namespaces: Api<k8s_openapi::api::core::v1::Namespace> = Api::all(context.kubernetes.clone());
    let metadata = namespaces.get_metadata_opt(namespace).await?;
    Ok(metadata.map(|namespace| namespace.annotations().clone()).unwrap_or_default())
}

/// The AWS identity of a namespace's objects. The external id names the namespace, so that no other can use its role.
pub(in crate::controller) async fn caller(context: &Context, policy: &Policy, namespace: &str) -> Arc<Caller> {
    let identity = match &policy.role_arn {
        None => Identity::default(),
        Some(role) => Identity {
            role_arn: Some(role.clone()),
            external_id: format!("{}/{namespace}", context.settings.identity.cluster),
        },
    };
    context.aws.caller(&identity).await
}

/// The place, or why there is none: without a region, without an identity, or another than the one the function is in.
///
/// # Errors
/// The outcome of a pass that has no place.
pub async fn target(
    aws: &Clients,
    caller: &Caller,
    policy: &Policy,
    object: &LambdaFunction,
    history: &History,
) -> Result<Target, Outcome> {
    let own = object.spec.common.region.clone().filter(|region| !region.is_empty());
    let Some(region) = own.or_else(|| policy.region.clone()).or_else(|| aws.default_region()) else {
        return Err(Outcome::Blocked(Blocked::InvalidSpec(
            "No AWS region is known: set spec.region, or AWS_REGION for the operator.".into(),
        )));
    };
    let account = aws.principal(caller).await.map_err(Outcome::Failed)?.account;
    let resolved = Target { account, region, name: desired::name(object) };
    match &history.target {
        Some(bound) if *bound != resolved => Err(Outcome::Blocked(Blocked::TargetChanged(format!(
            "The function lives at {} and the object now points to {}: nothing is done there. Put the operator's credentials and region, the namespace's annotations, or the spec back.",
            bound.arn(),
            resolved.arn()
        )))),
        Some(_) | None => Ok(resolved),
    }
}
