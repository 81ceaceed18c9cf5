//! Builds the spec of an existing event invoke configuration, which changes nothing when it is applied. The inverse of the kind's `model`.

use super::model::EventInvokeConfig;
use crate::api::event_invoke_config::{Destination, DestinationConfig, LambdaFunctionEventInvokeConfigSpec};
use crate::core::belonging::{Belonging, Fields};

/// The spec that keeps the configuration unchanged.
#[must_use]
pub fn spec(config: &EventInvokeConfig, belonging: &Belonging) -> LambdaFunctionEventInvokeConfigSpec {
    let Fields { function_ref, alias_ref, function_name, qualifier, common } = belonging.fields();
    let EventInvokeConfig { age, retries, on_success, on_failure } = config.clone();
    let destination = |arn: Option<String>| arn.map(|destination| Destination { destination });
    let destinations = DestinationConfig { on_success: destination(on_success), on_failure: destination(on_failure) };
    // A spec must set at least one field. If no other field is set, this sets AWS's default.
    let retries = retries.or_else(|| (age.is_none() && destinations == DestinationConfig::default()).then_some(2));
    // Every field is named: a new one does not compile until it can be imported.
    LambdaFunctionEventInvokeConfigSpec {
        function_ref,
        alias_ref,
        function_name,
        qualifier,
        maximum_event_age_in_seconds: age,
        maximum_retry_attempts: retries,
        destination_config: Some(destinations).filter(|all| *all != DestinationConfig::default()),
        ignore_changes: None,
        common,
    }
}
