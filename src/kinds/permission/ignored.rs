//! The members of a statement that `ignoreChanges` leaves to others. Pure.

use super::model::Member;
use crate::api::permission::IgnoredPermissionField;

/// The members of these fields.
#[must_use]
pub fn members(fields: Option<&Vec<IgnoredPermissionField>>) -> Vec<Member> {
    let member = |field: &IgnoredPermissionField| match field {
        IgnoredPermissionField::Action => Member::Action,
        IgnoredPermissionField::Principal => Member::Principal,
        IgnoredPermissionField::SourceArn => Member::SourceArn,
        IgnoredPermissionField::SourceAccount => Member::SourceAccount,
        IgnoredPermissionField::PrincipalOrgId => Member::PrincipalOrgId,
        IgnoredPermissionField::EventSourceToken => Member::EventSourceToken,
        IgnoredPermissionField::FunctionUrlAuthType => Member::FunctionUrlAuthType,
        IgnoredPermissionField::InvokedViaFunctionUrl => Member::InvokedViaFunctionUrl,
    };
    fields.into_iter().flatten().map(member).collect()
}
