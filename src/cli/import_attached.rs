//! `lambda-operator import event-invoke-config:FUNCTION[:QUALIFIER]` and `provisioned-concurrency:FUNCTION:QUALIFIER`: a manifest for an existing
//! configuration of a function, a version or an alias, which changes nothing when it is applied.

use std::collections::BTreeSet;

use super::aws_client::patiently;
use super::import_origin::{Origin, free};
use super::manifest;
use crate::api::event_invoke_config::LambdaFunctionEventInvokeConfig;
use crate::api::provisioned_concurrency::LambdaProvisionedConcurrencyConfig;
use crate::controller::managed::Managed;
use crate::core::attached::{Model, Observed, Query};
use crate::core::error::Error;
use crate::core::kind::Aws;
use crate::kinds::event_invoke_config::model::LATEST;
use crate::kinds::{event_invoke_config, function, provisioned_concurrency};

/// A configuration, as the command line names it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Name<'a> {
    /// Function and qualifier of an event invoke configuration.
    EventInvokeConfig(&'a str, &'a str),
    /// Function and qualifier of provisioned concurrency.
    ProvisionedConcurrency(&'a str, &'a str),
}

impl<'a> Name<'a> {
    /// The function and the qualifier.
    pub(super) const fn parts(self) -> (&'a str, &'a str) {
        match self {
            Self::EventInvokeConfig(function, qualifier) | Self::ProvisionedConcurrency(function, qualifier) => {
                (function, qualifier)
            }
        }
    }
}

/// The configuration that the text names, if it names one.
pub(super) fn named(text: &str) -> Option<Name<'_>> {
    if let Some(resource) = text.strip_prefix("event-invoke-config:") {
        let (function, qualifier) = resource.split_once(':').unwrap_or((resource, LATEST));
        return Some(Name::EventInvokeConfig(function, qualifier));
    }
    let (function, qualifier) = text.strip_prefix("provisioned-concurrency:")?.split_once(':')?;
    Some(Name::ProvisionedConcurrency(function, qualifier))
}

/// The manifest of one configuration.
pub(super) async fn document(
    origin: &Origin<'_>,
    name: Name<'_>,
    taken: &mut BTreeSet<String>,
) -> Result<String, String> {
    let (function, qualifier) = name.parts();
    let (target, remote) = (origin.target(function), origin.remote(function));
    let query = Query { name: qualifier.to_owned() };
    let object = if qualifier == LATEST { function.to_owned() } else { format!("{function}-{qualifier}") };
    let object = free(&function::import::object_name(&object), taken);
    match name {
        Name::EventInvokeConfig(..) => {
            let observe = async || Aws::<LambdaFunctionEventInvokeConfig>::observe(&remote, &query).await;
            let model = found(origin, patiently(observe).await)?;
            let spec = event_invoke_config::import::spec(&model, &target, qualifier);
            written(origin, LambdaFunctionEventInvokeConfig::new(&object, spec))
        }
        Name::ProvisionedConcurrency(..) => {
            let observe = async || Aws::<LambdaProvisionedConcurrencyConfig>::observe(&remote, &query).await;
            let model = found(origin, patiently(observe).await)?;
            let spec = provisioned_concurrency::import::spec(&model, &target, qualifier);
            written(origin, LambdaProvisionedConcurrencyConfig::new(&object, spec))
        }
    }
}

/// The members that AWS shows.
fn found<M: Model>(origin: &Origin<'_>, observed: Result<Option<Observed<M>>, Error>) -> Result<M, String> {
    match observed.map_err(|error| error.to_string())? {
        Some(observed) => Ok(observed.model),
        None => Err(format!("{} has no such {}: correct the name, or set --region", origin.region, M::WORDS.noun)),
    }
}

/// The manifest of an object.
fn written<K: Managed>(origin: &Origin<'_>, mut object: K) -> Result<String, String> {
    object.meta_mut().namespace = origin.namespace.cloned();
    let note = "If a LambdaFunction or LambdaAlias of the namespace manages the function or alias, replace functionName and qualifier by functionRef or aliasRef, and remove region.";
    manifest::write(&object, &[note.to_owned()])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_configuration_is_named_by_function_and_qualifier() {
        assert_eq!(named("event-invoke-config:f"), Some(Name::EventInvokeConfig("f", "$LATEST")));
        assert_eq!(named("event-invoke-config:f:live"), Some(Name::EventInvokeConfig("f", "live")));
        assert_eq!(named("provisioned-concurrency:f:7"), Some(Name::ProvisionedConcurrency("f", "7")));
        assert_eq!((named("provisioned-concurrency:f"), named("f"), named("url:f")), (None, None, None));
    }
}
