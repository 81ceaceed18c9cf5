//! Builds the spec of an existing layer, which publishes nothing when it is applied. The inverse of `desired`.

use super::desired::ACTION;
use super::model::{Layer, Version};
use crate::api::function::code::Architecture;
use crate::api::layer_version::MOST_PERMISSIONS;
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
    let unknown = architectures.iter().filter(|name| known(name).is_none());
    let unknown = unknown.map(|name| {
        format!("compatibleArchitectures lacks {name}, which this version of the operator does not know: do not apply this before an upgrade, because the operator would publish a version without it.")
    });
    let architectures: Vec<_> = architectures.iter().filter_map(known).collect();
    let mut permissions: Vec<_> = policy.held.iter().filter_map(permission).collect();
    let left = policy.held.iter().filter(|statement| permission(statement).is_none());
    let left = left.map(|statement| (statement.id.clone(), "permissions cannot express it"));
    let more = permissions.split_off(permissions.len().min(MOST_PERMISSIONS));
    let more = more.into_iter().map(|one| (one.statement_id, "permissions can have 20 statements"));
    let left = left.chain(more).map(|(id, why)| format!("The statement {id} is left as it is: {why}."));
    let notes = unknown.chain(left);
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
    let is_id = |id: &str| id.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_".contains(&byte));
    let (principal, principal_org_id) = (&statement.permission.principal, &statement.permission.principal_org_id);
    let plain = Permission {
        action: ACTION.into(),
        principal: principal.clone(),
        principal_org_id: principal_org_id.clone(),
        ..Permission::default()
    };
    let can_be_said = plain == statement.permission && is_account(principal) && is_id(&statement.id);
    can_be_said.then(|| LayerPermission {
        statement_id: statement.id.clone(),
        principal: principal.clone(),
        organization_id: Some(principal_org_id.clone()).filter(|id| !id.is_empty()),
    })
}

/// Whether a principal is everybody, or an account or its root. AWS shows an id, such as `AIDA…`, for a user that no longer exists.
fn is_account(principal: &str) -> bool {
    let is_number = |text: &str| text.len() == 12 && text.bytes().all(|byte| byte.is_ascii_digit());
    let root = match principal.split(':').collect::<Vec<_>>()[..] {
        ["arn", partition, "iam", "", account, "root"] => partition.starts_with("aws") && is_number(account),
        _ => false,
    };
    principal == "*" || is_number(principal) || root
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn statements_are_imported_unless_the_spec_cannot_express_them() {
        let allowed = |id: &str, change: fn(&mut Permission)| {
            let mut permission =
                Permission { action: ACTION.into(), principal: "111122223333".into(), ..Permission::default() };
            change(&mut permission);
            Statement { id: id.into(), permission, text: String::new() }
        };
        let odd = allowed("odd", |permission| permission.other = "{}".into());
        let within = allowed("org", |permission| permission.principal_org_id = "o-1".into());
        let policy = Policy { held: vec![allowed("one", |_| {}), within, odd], ..Policy::default() };
        let (spec, notes) = spec(&Version::default(), &policy, "r", "l", "l");
        let of = |id: &str, organization: Option<&str>| LayerPermission {
            statement_id: id.into(),
            principal: "111122223333".into(),
            organization_id: organization.map(str::to_owned),
        };
        assert_eq!(spec.permissions, Some(vec![of("one", None), of("org", Some("o-1"))]));
        assert_eq!(notes, ["The statement odd is left as it is: permissions cannot express it."]);
    }

    #[test]
    fn what_the_schema_refuses_is_named_and_left_out() {
        let statement = |id: String, principal: &str| {
            let permission = Permission { action: ACTION.into(), principal: principal.into(), ..Permission::default() };
            Statement { id, permission, text: String::new() }
        };
        let mut held: Vec<_> = (0..21).map(|n| statement(format!("s{n}"), "arn:aws:iam::111122223333:root")).collect();
        held.push(statement("gone".into(), "AIDAEXAMPLE"));
        held.push(statement("with.dot".into(), "*"));
        let layer = Layer { architectures: ["riscv".to_owned()].into(), ..Layer::default() };
        let version = Version { layer, ..Version::default() };
        let (spec, notes) = spec(&version, &Policy { held, ..Policy::default() }, "r", "l", "l");
        assert_eq!(spec.permissions.map(|all| all.len()), Some(20));
        let names: Vec<_> = ["riscv", "gone", "with.dot", "s20"].into_iter().collect();
        assert_eq!(notes.len(), names.len(), "{notes:?}");
        assert!(notes.iter().zip(names).all(|(note, name)| note.contains(name)), "{notes:?}");
    }
}
