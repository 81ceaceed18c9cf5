//! Builds the spec of existing provisioned concurrency, which changes nothing when it is applied. The inverse of the kind's `model`.

use super::model::ProvisionedConcurrency;
use crate::api::provisioned_concurrency::LambdaProvisionedConcurrencyConfigSpec;
use crate::core::target::Target;
use crate::kinds::function;

/// The spec that keeps the provisioned concurrency unchanged.
#[must_use]
pub fn spec(
    config: &ProvisionedConcurrency,
    target: &Target,
    qualifier: &str,
) -> LambdaProvisionedConcurrencyConfigSpec {
    let ProvisionedConcurrency { requested, allocation: _, is_shared: _ } = config;
    // Every field is named: a new one does not compile until it can be imported.
    LambdaProvisionedConcurrencyConfigSpec {
        function_ref: None,
        alias_ref: None,
        function_name: Some(target.name.clone()),
        qualifier: Some(qualifier.to_owned()),
        provisioned_concurrent_executions: *requested,
        ignore_changes: None,
        common: function::import::adopted(&target.region),
    }
}
