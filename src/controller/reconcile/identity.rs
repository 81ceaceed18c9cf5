//! The AWS identity and the target of an object: as they resolve now, compared with the recorded ones.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::aws::client::{Caller, Clients, Identity};
use crate::controller::context::Context;
use crate::core::blocked::Blocked;
use crate::core::goal::Place;
use crate::core::kind::Kind;
use crate::core::namespace_policy::Policy;
use crate::core::outcome::Outcome;
use crate::core::past::Past;
use crate::core::references::References;
use crate::core::target::{Target, is_known_region, is_region_code};

/// Reads the annotations of the object's namespace.
///
/// # Errors
/// The error of the API server.
pub(in crate::controller) async fn annotations(
    context: &Context,
    namespace: &str,
    past: &Past,
) -> kube::Result<BTreeMap<String, String>> {
    // For a new object this is an uncached read, so that an edit of the namespace just before it is not missed.
    if let Some(known) = context.namespaces.annotations(namespace).filter(|_| past.target.is_some()) {
        return Ok(known);
    }
    context.namespaces.read(&context.kubernetes, namespace).await
}

/// The AWS identity of a namespace's objects.
pub(in crate::controller) async fn caller(context: &Context, policy: &Policy, namespace: &str) -> Arc<Caller> {
    let identity = match &policy.role_arn {
        None => Identity::default(),
        Some(role) => {
            let own = &context.settings.identity;
            Identity::of_namespace(role.clone(), &own.cluster, namespace, own.session_tags)
        }
    };
    context.aws.caller(&identity).await
}

/// The target of the resource.
///
/// # Errors
/// If there is no target: no region, no identity, or another target than the recorded one.
pub async fn target<K: Kind>(
    aws: &Clients,
    caller: &Caller,
    policy: &Policy,
    object: &K,
    past: &Past,
    references: &References,
    extra_regions: &[String],
) -> Result<Target, Outcome> {
    let leaving = object.metadata().deletion_timestamp.is_some();
    let place = match (object.place(references), &past.target) {
        (Ok(place), _) => place,
        // The references may be deleted before the object.
        (Err(_), Some(bound)) if leaving => Place { region: Some(bound.region.clone()), name: bound.name.clone() },
        // No target was ever recorded, so nothing was ever created.
        (Err(_), None) if leaving => return Err(Outcome::Released),
        (Err(error), _) => return Err(error.into()),
    };
    let Some(region) = place.region.or_else(|| policy.region.clone()).or_else(|| aws.default_region()) else {
        return Err(Outcome::Blocked(Blocked::InvalidSpec(
            "No AWS region is configured: set spec.region, or AWS_REGION for the operator.".into(),
        )));
    };
    let known = is_known_region(&region)
        || extra_regions.contains(&region)
        || aws.default_region().is_some_and(|own| own == region && is_region_code(&own));
    if past.target.is_none() && !known {
        // No target was ever recorded, as above.
        return Err(if leaving { Outcome::Released } else { Outcome::Blocked(no_region(&region)) });
    }
    // The policy is checked before any AWS call, for the target as it resolves now.
    if let Some(blocked) = policy.refuses_place(&region, &place.name).filter(|_| !leaving) {
        return Err(Outcome::Blocked(blocked));
    }
    let mut principal = aws.principal(caller).await.map_err(Outcome::Failed)?;
    if past.target.as_ref().is_some_and(|bound| bound.account != principal.account) {
        // While the account is wrong no other call is made, so only this check can notice that the credentials were restored.
        principal = aws.principal_again(caller).await.map_err(Outcome::Failed)?;
    }
    let account = principal.account;
    let resolved = Target { account, region, name: place.name };
    match &past.target {
        Some(bound) if *bound != resolved => Err(Outcome::Blocked(Blocked::TargetChanged(moved(bound, &resolved)))),
        Some(_) | None => Ok(resolved),
    }
}

/// The remedy depends on the difference. `spec.region` takes precedence over all other regions.
fn moved(bound: &Target, resolved: &Target) -> String {
    let remedy = if bound.region == resolved.region {
        "Restore the operator's credentials and region, the namespace's annotations, or the spec.".to_owned()
    } else {
        format!(
            "Set spec.region: {}, or restore the operator's region, the namespace's annotations, or the spec.",
            bound.region
        )
    };
    format!(
        "This object manages {} but now resolves to {}; nothing was changed. {remedy}",
        bound.text(),
        resolved.text()
    )
}

/// Each region that an object names needs a client and a rate limit, so only possible regions are accepted.
fn no_region(region: &str) -> Blocked {
    Blocked::InvalidSpec(format!(
        "\"{region}\" is not the code of an AWS region that this version knows: correct spec.region, the annotation lambda-operator.io/region of the namespace, or AWS_REGION of the operator (for instance eu-west-1). If AWS has this region, start the operator with --extra-regions={region}."
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn another_region_names_the_setting_that_frees_the_object() {
        let at =
            |region: &str, account: &str| Target { account: account.into(), region: region.into(), name: "f".into() };
        let sentence = moved(&at("eu-west-1", "1"), &at("us-east-1", "1"));
        assert!(sentence.contains("Set spec.region: eu-west-1"), "{sentence}");
        assert!(!moved(&at("eu-west-1", "1"), &at("eu-west-1", "2")).contains("Set spec.region"));
    }
}
