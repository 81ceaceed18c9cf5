//! `lambda-operator import layer:NAME`: a manifest for the newest version of an existing layer, which publishes nothing when it is applied.

use std::collections::BTreeSet;

use super::aws_client::patiently;
use super::import_origin::{Origin, free};
use super::manifest;
use crate::api::layer_version::LambdaLayerVersion;
use crate::core::kind::Aws;
use crate::kinds::function;
use crate::kinds::layer_version::import;
use crate::kinds::layer_version::model::{Observed, Query};

/// The note of a manifest that names no package.
const NO_PACKAGE: &str = "AWS does not tell where the package came from: set s3Bucket and s3Key, filename or codeFrom before you apply this.";

/// The manifest of one layer. `package` is the bucket and the key that hold its package.
pub(super) async fn document(
    origin: &Origin<'_>,
    name: &str,
    package: Option<(String, String)>,
    taken: &mut BTreeSet<String>,
) -> Result<String, String> {
    let remote = origin.remote("");
    let query = Query { layer: name.to_owned(), publishes: true, adopts: true, ..Query::default() };
    let observed = patiently(async || Aws::<LambdaLayerVersion>::observe(&remote, &query).await).await;
    let observed = observed.map_err(|error| error.to_string())?;
    let Some(version) = observed.as_ref().and_then(Observed::held) else {
        return Err(format!("{} has no layer of that name: correct the name, or set --region", origin.region));
    };
    let object_name = free(&function::import::object_name(name), taken);
    let mut spec = import::spec(version, &origin.target(""), name, &object_name);
    let notes = if package.is_some() { Vec::new() } else { vec![NO_PACKAGE.to_owned()] };
    (spec.s3_bucket, spec.s3_key) = package.unzip();
    let mut object = LambdaLayerVersion::new(&object_name, spec);
    object.metadata.namespace = origin.namespace.cloned();
    manifest::write(&object, &notes)
}
