//! Builds the spec of an existing layer, which publishes nothing when it is applied. The inverse of `desired`.

use super::desired::ACTION;
use super::model::{Layer, Version};
use crate::api::function::code::Architecture;
use crate::api::layer_version::{LambdaLayerVersionSpec, LayerPermission};
use crate::core::belonging::adopted;
use crate::kinds::permission::model::Permission;
use crate::kinds::permission::statement::{Policy, Statement};

/// The spec that keeps a version of the layer `name`, for an object with the name `object`, and notes about what it cannot keep. AWS does not show the
/// source of the package, so a person fills in the bucket and the key; the hash lets the version count as that package.
#[must_use]
pub fn spec(
    version: &Version,
    policy: &Policy,
    region: &str,
    name: &str,
    object: &str,
) -> (LambdaLayerVersionSpec, Vec<String>) {
    let Layer { runtimes, architectures, description, license } = &version.layer;
    let full = |text: &String| Some(text.clone()).filter(|text| !text.is_empty());
    let known =
        |name: &String| [Architecture::X86_64, Architecture::Arm64].into_iter().find(|one| one.as_str() == name);
    let architectures: Vec<_> = architectures.iter().filter_map(known).collect();
    let permissions: Vec<_> = policy.held.iter().filter_map(permission).collect();
    let left = policy.held.iter().filter(|statement| permission(statement).is_none());
    let notes = left
        .map(|statement| format!("The statement {} is left as it is: permissions cannot express it.", statement.id));
    // Every field is named: a new one does not compile until it can be imported.
    let spec = LambdaLayerVersionSpec {
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
        permissions: Some(permissions).filter(|all| !all.is_empty()),
        common: adopted(Some(region)),
    };
    (spec, notes.collect())
}

/// A statement as the spec has it, if the spec can have it.
fn permission(statement: &Statement) -> Option<LayerPermission> {
    let (principal, principal_org_id) = (&statement.permission.principal, &statement.permission.principal_org_id);
    let plain = Permission {
        action: ACTION.into(),
        principal: principal.clone(),
        principal_org_id: principal_org_id.clone(),
        ..Permission::default()
    };
    (plain == statement.permission).then(|| LayerPermission {
        statement_id: statement.id.clone(),
        principal: principal.clone(),
        organization_id: Some(principal_org_id.clone()).filter(|id| !id.is_empty()),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn statements_are_imported_unless_the_spec_cannot_express_them() {
        let allowed = |id: &str, change: fn(&mut Permission)| {
            let mut permission = Permission { action: ACTION.into(), principal: "1".into(), ..Permission::default() };
            change(&mut permission);
            Statement { id: id.into(), permission, text: String::new() }
        };
        let odd = allowed("odd", |permission| permission.other = "{}".into());
        let within = allowed("org", |permission| permission.principal_org_id = "o-1".into());
        let policy = Policy { held: vec![allowed("one", |_| {}), within, odd], ..Policy::default() };
        let (spec, notes) = spec(&Version::default(), &policy, "r", "l", "l");
        let of = |id: &str, organization: Option<&str>| LayerPermission {
            statement_id: id.into(),
            principal: "1".into(),
            organization_id: organization.map(str::to_owned),
        };
        assert_eq!(spec.permissions, Some(vec![of("one", None), of("org", Some("o-1"))]));
        assert_eq!(notes, ["The statement odd is left as it is: permissions cannot express it."]);
    }
}
