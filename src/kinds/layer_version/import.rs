//! Builds the spec of an existing layer, which publishes nothing when it is applied. The inverse of `desired`.

use super::model::{Layer, Version};
use crate::api::function::code::Architecture;
use crate::api::layer_version::LambdaLayerVersionSpec;
use crate::core::target::Target;
use crate::kinds::function;

/// The spec that keeps the newest version of the layer `name`, for an object with the name `object`. AWS does not tell where the package came from, so
/// the bucket and the key are for a person to fill in; the hash lets the version count as that package.
#[must_use]
pub fn spec(version: &Version, target: &Target, name: &str, object: &str) -> LambdaLayerVersionSpec {
    let Layer { runtimes, architectures, description, license } = &version.layer;
    let full = |text: &String| Some(text.clone()).filter(|text| !text.is_empty());
    let known =
        |name: &String| [Architecture::X86_64, Architecture::Arm64].into_iter().find(|one| one.as_str() == name);
    let architectures: Vec<_> = architectures.iter().filter_map(known).collect();
    // Every field is named: a new one does not compile until it can be imported.
    LambdaLayerVersionSpec {
        layer_name: (name != object).then(|| name.to_owned()),
        code_from: None,
        filename: None,
        s3_bucket: None,
        s3_key: None,
        s3_object_version: None,
        source_code_hash: full(&version.code_sha256),
        compatible_runtimes: Some(runtimes.iter().cloned().collect()).filter(|all: &Vec<_>| !all.is_empty()),
        compatible_architectures: Some(architectures).filter(|all| !all.is_empty()),
        description: full(description),
        license_info: full(license),
        retain_versions: None,
        common: function::import::adopted(&target.region),
    }
}
