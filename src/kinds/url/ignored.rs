//! The members of a function URL that `ignoreChanges` leaves to others. Pure.

use super::model::Member;
use crate::api::function_url::IgnoredUrlField;

/// The members of these fields.
#[must_use]
pub fn members(fields: Option<&Vec<IgnoredUrlField>>) -> Vec<Member> {
    let member = |field: &IgnoredUrlField| match field {
        IgnoredUrlField::AuthorizationType => Member::AuthType,
        IgnoredUrlField::InvokeMode => Member::InvokeMode,
        IgnoredUrlField::Cors => Member::Cors,
        IgnoredUrlField::PublicAccess => Member::Public,
    };
    fields.into_iter().flatten().map(member).collect()
}
