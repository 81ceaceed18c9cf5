//! `lambda-operator import permission:FUNCTION[:QUALIFIER]/ID`: a manifest for an existing statement, which changes nothing when it is applied.

use std::collections::BTreeSet;

use super::aws_client::patiently;
use super::import_origin::{Origin, free};
use super::manifest;
use crate::api::permission::LambdaPermission;
use crate::core::kind::Aws;
use crate::kinds::function;
use crate::kinds::permission::Query;
use crate::kinds::permission::import;

/// A statement of a policy, as the command line names it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Name<'a> {
    pub(super) function: &'a str,
    pub(super) qualifier: Option<&'a str>,
    pub(super) id: &'a str,
}

/// Function, qualifier and id, if the text names a statement.
pub(super) fn parts(text: &str) -> Option<Name<'_>> {
    let (resource, id) = text.strip_prefix("permission:")?.split_once('/')?;
    let (function, qualifier) = resource.split_once(':').map_or((resource, None), |(name, rest)| (name, Some(rest)));
    Some(Name { function, qualifier, id })
}

/// The manifest of one statement.
pub(super) async fn document(
    origin: &Origin<'_>,
    Name { function, qualifier, id }: Name<'_>,
    taken: &mut BTreeSet<String>,
) -> Result<String, String> {
    let (target, remote) = (origin.target(function), origin.remote(function));
    let query = Query { qualifier: qualifier.map(str::to_owned), ids: vec![id.to_owned()] };
    let policy = patiently(async || Aws::<LambdaPermission>::observe(&remote, &query).await).await;
    let held = policy.map_err(|error| error.to_string())?.and_then(|policy| policy.held.into_iter().next());
    let Some(held) = held else {
        return Err(format!("{} has no such statement: correct the name, or set --region", origin.region));
    };
    let object_name = free(&function::import::object_name(&format!("{function}-{id}")), taken);
    let spec = import::spec(&held.permission, &target, qualifier, id)?;
    let mut object = LambdaPermission::new(&object_name, spec);
    object.metadata.namespace = origin.namespace.cloned();
    let note = "If a LambdaFunction of the namespace manages the function, replace functionName by functionRef and remove region.";
    manifest::write(&object, &[note.to_owned()])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_statement_is_named_by_function_qualifier_and_id() {
        let name = |qualifier| Name { function: "f", qualifier, id: "s3" };
        assert_eq!(parts("permission:f/s3"), Some(name(None)));
        assert_eq!(parts("permission:f:live/s3"), Some(name(Some("live"))));
        assert_eq!((parts("f/s3"), parts("permission:f")), (None, None));
    }
}
