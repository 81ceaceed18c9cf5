//! Builds the spec of an existing alias, which changes nothing when it is applied. The inverse of `desired`.

use std::collections::BTreeMap;

use super::model::{Alias, Weights};
use crate::api::alias::{LambdaAliasSpec, RoutingConfig};
use crate::core::belonging::{Belonging, Fields};

/// The spec that keeps the alias unchanged, for an object with the name `object`.
#[must_use]
pub fn spec(alias: &Alias, belonging: &Belonging, name: &str, object: &str) -> LambdaAliasSpec {
    let Alias { version, description, weights } = alias;
    let Fields { function_ref, alias_ref: _, function_name, qualifier: _, common } = belonging.fields();
    // Every field is named: a new one does not compile until it can be imported.
    LambdaAliasSpec {
        function_ref,
        function_name,
        name: (name != object).then(|| name.to_owned()),
        function_version: Some(version.clone()),
        function_version_from: None,
        description: Some(description.clone()).filter(|text| !text.is_empty()),
        routing_config: routing(weights),
        ignore_changes: None,
        common,
    }
}

fn routing(weights: &Weights) -> Option<RoutingConfig> {
    let all: BTreeMap<_, _> = weights.iter().map(|(version, weight)| (version.clone(), weight.clone())).collect();
    (!all.is_empty()).then_some(RoutingConfig { additional_version_weights: Some(all) })
}
