//! `lambda-operator import csc-ID`: a manifest for an existing code signing configuration, which changes nothing when it is applied.

use std::collections::BTreeSet;

use super::aws_client::patiently;
use super::import_origin::{Origin, free};
use super::manifest;
use crate::api::code_signing_config::LambdaCodeSigningConfig;
use crate::core::kind::Aws;
use crate::core::target::Target;
use crate::kinds::code_signing_config::import;
use crate::kinds::code_signing_config::model::Query;

/// Whether a name is the id of a code signing configuration, as AWS assigns it.
pub(super) fn is_id(name: &str) -> bool {
    name.strip_prefix("csc-")
        .is_some_and(|rest| rest.len() == 17 && rest.bytes().all(|byte| byte.is_ascii_alphanumeric()))
}

/// The manifest of one code signing configuration.
pub(super) async fn document(origin: &Origin<'_>, id: &str, taken: &mut BTreeSet<String>) -> Result<String, String> {
    let account = origin.aws.principal(origin.caller).await.map_err(|error| error.to_string())?.account;
    let target = Target { account, ..origin.target("") };
    let remote = origin.remote("");
    let query = Query { arn: Some(target.code_signing_config(id)), ..Query::default() };
    let observed = patiently(async || Aws::<LambdaCodeSigningConfig>::observe(&remote, &query).await).await;
    let Some(observed) = observed.map_err(|error| error.to_string())? else {
        return Err(format!(
            "{} has no such code signing configuration: correct the id, or set --region",
            origin.region
        ));
    };
    let object_name = free(id, taken);
    let mut object = LambdaCodeSigningConfig::new(&object_name, import::spec(&observed, &target));
    object.metadata.namespace = origin.namespace.cloned();
    manifest::write(&object, &[])
}
