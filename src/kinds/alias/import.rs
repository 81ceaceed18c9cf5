//! Builds the spec of an existing alias, which changes nothing when it is applied. The inverse of `desired`.

use std::collections::BTreeMap;

use super::model::{Alias, Weights};
use crate::api::alias::{LambdaAliasSpec, RoutingConfig};
use crate::core::target::Target;
use crate::kinds::function;

/// The spec that keeps the alias unchanged, for an object with the name `object`.
#[must_use]
pub fn spec(alias: &Alias, target: &Target, name: &str, object: &str) -> LambdaAliasSpec {
    let Alias { version, description, weights } = alias;
    // Every field is named: a new one does not compile until it can be imported.
    LambdaAliasSpec {
        function_ref: None,
        function_name: Some(target.name.clone()),
        name: (name != object).then(|| name.to_owned()),
        function_version: Some(version.clone()),
        function_version_from: None,
        description: Some(description.clone()).filter(|text| !text.is_empty()),
        routing_config: routing(weights),
        ignore_changes: None,
        common: function::import::adopted(&target.region),
    }
}

fn routing(weights: &Weights) -> Option<RoutingConfig> {
    let all: BTreeMap<_, _> = weights.iter().map(|(version, weight)| (version.clone(), weight.clone())).collect();
    (!all.is_empty()).then_some(RoutingConfig { additional_version_weights: Some(all) })
}
