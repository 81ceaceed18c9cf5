//! `lambda-operator import layer:NAME[:VERSION]`: a manifest for an existing version of a layer. If the version is the newest, applying the manifest publishes nothing.

use std::collections::BTreeSet;

use super::aws_client::patiently;
use super::import_origin::{Origin, free};
use super::manifest;
use crate::api::layer_version::LambdaLayerVersion;
use crate::core::kind::Aws;
use crate::kinds::function;
use crate::kinds::layer_version::import;
use crate::kinds::layer_version::model::{Observed, Query, Version};
use crate::kinds::permission::statement::Policy;

/// The note of a manifest that names no package.
const NO_PACKAGE: &str =
    "AWS does not show the source of the package: set s3Bucket and s3Key, filename or codeFrom before you apply this.";

/// A layer, as the command line names it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Name<'a> {
    pub(super) layer: &'a str,
    /// The number of the version; `None`: the newest.
    pub(super) version: Option<i64>,
}

/// Layer and version, if the text names a layer.
pub(super) fn parts(text: &str) -> Option<Name<'_>> {
    let resource = text.strip_prefix("layer:")?;
    match resource.split_once(':') {
        Some((layer, version)) => {
            let version = version.parse().ok().filter(|number| *number > 0)?;
            Some(Name { layer, version: Some(version) })
        }
        None => Some(Name { layer: resource, version: None }),
    }
}

/// The manifest of one version. `package` is the bucket and the key that hold its package.
pub(super) async fn document(
    origin: &Origin<'_>,
    Name { layer, version }: Name<'_>,
    package: Option<(String, String)>,
    taken: &mut BTreeSet<String>,
) -> Result<String, String> {
    let missing = || format!("{} has no such version of a layer: correct the name, or set --region", origin.region);
    let newest = observed(origin, layer, None).await?.ok_or_else(missing)?;
    let (version, policy) = match version.filter(|number| *number != newest.0.number) {
        Some(number) => observed(origin, layer, Some(number)).await?.ok_or_else(missing)?,
        None => newest.clone(),
    };
    let object_name = free(&function::import::object_name(layer), taken);
    let (mut spec, mut notes) = import::spec(&version, &policy, &origin.target(""), layer, &object_name);
    if version.number != newest.0.number {
        notes.push(format!(
            "The newest version is {}. An object takes over only the newest version, so applying this publishes another one.",
            newest.0.number
        ));
    }
    if package.is_none() {
        notes.push(NO_PACKAGE.to_owned());
    }
    (spec.s3_bucket, spec.s3_key) = package.unzip();
    let mut object = LambdaLayerVersion::new(&object_name, spec);
    object.metadata.namespace = origin.namespace.cloned();
    manifest::write(&object, &notes)
}

/// One version with its policy, or the newest.
async fn observed(origin: &Origin<'_>, layer: &str, number: Option<i64>) -> Result<Option<(Version, Policy)>, String> {
    let remote = origin.remote("");
    let query = Query {
        layer: layer.to_owned(),
        current: number,
        publishes: number.is_none(),
        adopts: number.is_none(),
        shares: true,
        ..Query::default()
    };
    let observed = patiently(async || Aws::<LambdaLayerVersion>::observe(&remote, &query).await).await;
    let observed = observed.map_err(|error| error.to_string())?;
    let policy = |observed: &Observed| observed.policy.clone().unwrap_or_default();
    Ok(observed.and_then(|observed| Some((observed.held()?.clone(), policy(&observed)))))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_layer_is_named_with_or_without_a_version() {
        assert_eq!(parts("layer:common"), Some(Name { layer: "common", version: None }));
        assert_eq!(parts("layer:common:3"), Some(Name { layer: "common", version: Some(3) }));
        for other in ["common", "layer:common:0", "layer:common:live", "url:common:3"] {
            assert_eq!(parts(other), None, "{other}");
        }
    }
}
