//! Checks that the API server's published schema has every field of status that we write. With an older CRD the API server would silently drop some.

use kube::Client;
use serde_json::Value;

use crate::api::shared::GROUP;
use crate::controller::managed::Managed;

/// The result of the check of a kind.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Installed {
    /// The CRD is current.
    Yes,
    /// There is no CRD.
    Missing,
    /// The CRD is older than this program and lacks these fields of status.
    Old(Vec<String>),
}

/// Checks a kind.
///
/// # Errors
/// The error of the API server.
pub async fn installed<K: Managed>(client: &Client) -> kube::Result<Installed> {
    let path = format!("/openapi/v3/apis/{GROUP}/v1alpha1");
    let request = http::Request::get(&path).body(Vec::new()).map_err(kube::Error::HttpError)?;
    let published: Value = match client.request(request).await {
        Ok(published) => published,
        Err(kube::Error::Api(status)) if status.is_not_found() => return Ok(Installed::Missing),
        Err(error) => return Err(error),
    };
    let schemas = published["components"]["schemas"].as_object().into_iter().flatten();
    let kind = format!(".{}", K::kind(&()));
    let Some((_, theirs)) = schemas.into_iter().find(|(name, _)| name.ends_with(&kind)) else {
        return Ok(Installed::Missing);
    };
    let crd = serde_json::to_value(K::crd()).map_err(kube::Error::SerdeError)?;
    let ours = &crd["spec"]["versions"][0]["schema"]["openAPIV3Schema"]["properties"]["status"];
    let mut unknown = Vec::new();
    compare("status", ours, &theirs["properties"]["status"], &mut unknown);
    Ok(if unknown.is_empty() { Installed::Yes } else { Installed::Old(unknown) })
}

/// Collects the fields of `ours` that `theirs` lacks.
fn compare(path: &str, ours: &Value, theirs: &Value, unknown: &mut Vec<String>) {
    for (name, field) in ours["properties"].as_object().into_iter().flatten() {
        let path = format!("{path}.{name}");
        match theirs["properties"].get(name) {
            Some(theirs) => compare(&path, field, theirs, unknown),
            None => unknown.push(path),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_that_an_older_crd_lacks_are_named() {
        let ours = serde_json::json!({"properties": {"arn": {}, "deployed": {"properties": {"source": {}, "codeSha256": {}}}}});
        let theirs = serde_json::json!({"properties": {"arn": {}, "deployed": {"properties": {"source": {}}}}});
        let mut unknown = Vec::new();
        compare("status", &ours, &theirs, &mut unknown);
        assert_eq!(unknown, ["status.deployed.codeSha256"]);
    }
}
