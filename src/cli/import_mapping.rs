//! `lambda-operator import FUNCTION/UUID`: a manifest for an existing event source mapping, which changes nothing but its owner tag when it is applied.

use std::collections::BTreeSet;

use super::aws_client::patiently;
use super::import_origin::{Origin, free};
use super::manifest;
use crate::api::event_source_mapping::spec::LambdaEventSourceMapping;
use crate::kinds::event_source_mapping::import;
use crate::kinds::function;

/// Whether a text has the form of a mapping's UUID, which no alias has in practice.
pub(super) fn is_uuid(text: &str) -> bool {
    let lengths = text.split('-').map(str::len).collect::<Vec<_>>();
    lengths == [8, 4, 4, 4, 12] && text.chars().all(|c| c == '-' || c.is_ascii_hexdigit())
}

/// The manifest of one mapping.
pub(super) async fn document(
    origin: &Origin<'_>,
    (function, uuid): (&str, &str),
    taken: &mut BTreeSet<String>,
) -> Result<String, String> {
    let (target, remote) = (origin.target(function), origin.remote(function));
    let observed = patiently(async || remote.mapping_to_import(uuid).await).await;
    let Some(observed) = observed.map_err(|error| error.to_string())? else {
        return Err(format!(
            "{} has no event source mapping {uuid} of the function {function}: correct the name, or set --region",
            origin.region
        ));
    };
    if let Some(obstacle) = import::obstacle(&observed) {
        return Err(obstacle);
    }
    let source = observed.origin.arn.rsplit([':', '/']).next().filter(|name| !name.is_empty()).unwrap_or("kafka");
    let object_name = free(&function::import::object_name(&format!("{function}-{source}")), taken);
    let mut object = LambdaEventSourceMapping::new(&object_name, import::spec(&observed, &target));
    object.metadata.namespace = origin.namespace.cloned();
    let note = "To follow a LambdaFunction of the namespace, replace functionName by functionRef.";
    manifest::write(&object, &[note.to_owned()])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_uuid_is_told_from_an_alias() {
        assert!(is_uuid("0f1e2d3c-4b5a-6978-8796-a5b4c3d2e1f0"));
        assert!(
            !is_uuid("live") && !is_uuid("0f1e2d3c-4b5a-6978-8796") && !is_uuid("zzzzzzzz-4b5a-6978-8796-a5b4c3d2e1f0")
        );
    }
}
