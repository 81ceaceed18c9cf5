//! The Secrets and ConfigMaps that the spec of a function names.

use std::collections::{BTreeMap, BTreeSet};

use crate::api::function::spec::LambdaFunctionSpec;
use crate::core::references::{Kind, Reference};

/// Every Secret and ConfigMap that the spec names.
#[must_use]
pub fn references(spec: &LambdaFunctionSpec) -> BTreeSet<Reference> {
    let secret = |name: &String| Reference { kind: Kind::Secret, name: name.clone() };
    let map = |name: &String| Reference { kind: Kind::ConfigMap, name: name.clone() };
    let mut all = BTreeSet::new();
    if let Some(environment) = &spec.environment {
        for value in environment.value_from.iter().flat_map(BTreeMap::values) {
            all.extend(value.secret_key_ref.iter().map(|key| secret(&key.name)));
            all.extend(value.config_map_key_ref.iter().map(|key| map(&key.name)));
        }
        for from in environment.from.iter().flatten() {
            all.extend(from.secret_ref.iter().map(|object| secret(&object.name)));
            all.extend(from.config_map_ref.iter().map(|object| map(&object.name)));
        }
    }
    if let Some(code) = &spec.code_from {
        all.extend(code.secret_ref.iter().map(|package| secret(&package.name)));
        all.extend(code.config_map_ref.iter().map(|package| map(&package.name)));
    }
    all
}
