//! Where an object's function lives: account, region and name, as they resolve now and as they were written down.

use crate::api::LambdaFunction;
use crate::aws::Clients;
use crate::function::{self, Blocked, Memory, Outcome, Place};

/// The place, or why there is none: without a region, without an identity, or another than the one the function is in.
///
/// # Errors
/// The outcome of a pass that has no place.
pub async fn place(aws: &Clients, object: &LambdaFunction, memory: &Memory) -> Result<Place, Outcome> {
    let region = object.spec.region.clone().filter(|region| !region.is_empty()).or_else(|| aws.default_region());
    let Some(region) = region else {
        return Err(Outcome::Blocked(Blocked::InvalidSpec(
            "No AWS region is known: set spec.region, or AWS_REGION for the operator.".into(),
        )));
    };
    let account = aws.account().await.map_err(Outcome::Failed)?;
    let resolved = Place { account, region, name: function::name(object) };
    match &memory.place {
        Some(bound) if *bound != resolved => Err(Outcome::Blocked(Blocked::IdentityChanged(format!(
            "The function lives at {} and the object now points to {}: nothing is done there. Put the operator's credentials and region, or the spec, back.",
            bound.arn(),
            resolved.arn()
        )))),
        Some(_) | None => Ok(resolved),
    }
}
