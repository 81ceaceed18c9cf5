//! Builds the spec of an existing statement, which changes nothing when it is applied. The inverse of `desired`.

use super::model::Permission;
use crate::api::permission::{LambdaPermissionSpec, UrlAuthType};
use crate::core::belonging::{Belonging, Fields};

/// The spec that keeps the statement unchanged.
///
/// # Errors
/// If AddPermission cannot create such a statement.
pub fn spec(permission: &Permission, belonging: &Belonging, id: &str) -> Result<LambdaPermissionSpec, String> {
    let Fields { function_ref, alias_ref, function_name, qualifier, common } = belonging.fields();
    let Permission {
        action,
        principal,
        source_arn,
        source_account,
        principal_org_id,
        event_source_token,
        function_url_auth_type,
        via_url,
        other,
    } = permission;
    if !other.is_empty() {
        return Err(format!(
            "no LambdaPermission can have {other}: remove it from the statement, or leave the statement to others"
        ));
    }
    let auth_type = match function_url_auth_type.as_str() {
        "" => None,
        "NONE" => Some(UrlAuthType::None),
        "AWS_IAM" => Some(UrlAuthType::AwsIam),
        unknown => return Err(format!("its function URL authorization type {unknown} is not known to this version")),
    };
    let full = |text: &String| Some(text.clone()).filter(|text| !text.is_empty());
    // Every field is named: a new one does not compile until it can be imported.
    Ok(LambdaPermissionSpec {
        function_ref,
        alias_ref,
        function_name,
        qualifier,
        statement_id: Some(id.to_owned()),
        action: action.clone(),
        principal: principal.clone(),
        source_arn: full(source_arn),
        source_account: full(source_account),
        principal_org_id: full(principal_org_id),
        event_source_token: full(event_source_token),
        function_url_auth_type: auth_type,
        invoked_via_function_url: via_url.then_some(true),
        ignore_changes: None,
        common,
    })
}
