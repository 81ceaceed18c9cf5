//! Builds the spec of existing provisioned concurrency, which changes nothing when it is applied. The inverse of the kind's `model`.

use super::model::ProvisionedConcurrency;
use crate::api::provisioned_concurrency::LambdaProvisionedConcurrencyConfigSpec;
use crate::core::belonging::{Belonging, Fields};

/// The spec that keeps the provisioned concurrency unchanged.
#[must_use]
pub fn spec(config: &ProvisionedConcurrency, belonging: &Belonging) -> LambdaProvisionedConcurrencyConfigSpec {
    let Fields { function_ref, alias_ref, function_name, qualifier, common } = belonging.fields();
    let ProvisionedConcurrency { requested, allocation: _, is_shared: _ } = config;
    // Every field is named: a new one does not compile until it can be imported.
    LambdaProvisionedConcurrencyConfigSpec {
        function_ref,
        alias_ref,
        function_name,
        qualifier,
        provisioned_concurrent_executions: *requested,
        ignore_changes: None,
        common,
    }
}
