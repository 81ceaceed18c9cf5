//! `lambda-operator import FUNCTION/ALIAS`: a manifest for an existing alias, which changes nothing when it is applied.

use std::collections::BTreeSet;

use super::aws_client::patiently;
use super::import_origin::{Origin, free};
use super::manifest;
use crate::api::alias::LambdaAlias;
use crate::core::attached::{Observed, Query};
use crate::core::kind::Aws;
use crate::kinds::alias::import;
use crate::kinds::function;

/// Function and alias, if a name contains both.
pub(super) fn parts(name: &str) -> Option<(&str, &str)> {
    name.split_once('/')
}

/// The manifest of one alias.
pub(super) async fn document(
    origin: &Origin<'_>,
    (function, alias): (&str, &str),
    taken: &mut BTreeSet<String>,
) -> Result<String, String> {
    let (target, remote) = (origin.target(function), origin.remote(function));
    let query = Query { name: alias.to_owned() };
    let observed = patiently(async || Aws::<LambdaAlias>::observe(&remote, &query).await).await;
    let observed = observed.map_err(|error| error.to_string())?;
    let Some(Observed { model: held, .. }) = observed else {
        return Err(format!("{} has no such alias: correct the name, or set --region", origin.region));
    };
    let object_name = free(&function::import::object_name(&format!("{function}-{alias}")), taken);
    let spec = import::spec(&held, &target, alias, &object_name);
    let mut object = LambdaAlias::new(&object_name, spec);
    object.metadata.namespace = origin.namespace.cloned();
    let note = "To follow the versions that a LambdaFunction of the namespace publishes, replace functionName by functionRef, and functionVersion by functionVersionFrom: Published.";
    manifest::write(&object, &[note.to_owned()])
}
