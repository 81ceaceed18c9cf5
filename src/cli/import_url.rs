//! `lambda-operator import url:FUNCTION[:ALIAS]`: a manifest for an existing function URL, which leaves the URL unchanged when it is applied.

use std::collections::BTreeSet;

use super::aws_client::patiently;
use super::import_origin::{Origin, free};
use super::manifest;
use crate::api::function_url::LambdaFunctionUrl;
use crate::core::kind::Aws;
use crate::kinds::function;
use crate::kinds::url::import;
use crate::kinds::url::model::NONE;
use crate::kinds::url::observed::Query;

/// Function and alias, if the text names a URL.
pub(super) fn parts(text: &str) -> Option<(&str, Option<&str>)> {
    let resource = text.strip_prefix("url:")?;
    Some(resource.split_once(':').map_or((resource, None), |(function, alias)| (function, Some(alias))))
}

/// The manifest of one URL.
pub(super) async fn document(
    origin: &Origin<'_>,
    (function, alias): (&str, Option<&str>),
    taken: &mut BTreeSet<String>,
) -> Result<String, String> {
    let (target, remote) = (origin.target(function), origin.remote(function));
    let query = Query { qualifier: alias.map(str::to_owned), ids: None };
    let observed = patiently(async || Aws::<LambdaFunctionUrl>::observe(&remote, &query).await).await;
    let shown = observed.map_err(|error| error.to_string())?.and_then(|observed| observed.url);
    let Some(shown) = shown else {
        return Err(format!("{} has no such function URL: correct the name, or set --region", origin.region));
    };
    let name = alias.map_or_else(|| function.to_owned(), |alias| format!("{function}-{alias}"));
    let object_name = free(&function::import::object_name(&name), taken);
    let mut object = LambdaFunctionUrl::new(&object_name, import::spec(&shown.model, &target, alias));
    object.metadata.namespace = origin.namespace.cloned();
    let mut notes = vec!["If a LambdaFunction or LambdaAlias of the namespace manages what the URL invokes, replace functionName and qualifier by functionRef or aliasRef, and remove region.".to_owned()];
    if shown.model.auth_type == NONE {
        notes.push("The operator adds its own two statements for everyone to the policy; remove those that others made for this URL afterwards.".to_owned());
    }
    manifest::write(&object, &notes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_url_is_named_by_function_and_alias() {
        assert_eq!(parts("url:f"), Some(("f", None)));
        assert_eq!(parts("url:f:live"), Some(("f", Some("live"))));
        assert_eq!(parts("f"), None);
    }
}
