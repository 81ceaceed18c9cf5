//! The values of a mapping that a namespace's policy limits: its key, and the network through which it reaches its source. Pure.

use super::desired::Desired;
use super::observed::Observed;
use super::setting::{Member, Setting};
use crate::core::namespace_policy::annotation::Bound;
use crate::core::namespace_policy::in_aws::{InAws, LeftBy, Value};

/// The subnet or security group that an entry of `sourceAccessConfiguration` names.
#[must_use]
pub fn network(uri: Option<&str>) -> Option<(Bound, &str)> {
    let (kind, id) = uri?.split_once(':')?;
    match kind {
        "subnet" => Some((Bound::Subnets, id)),
        "security_group" => Some((Bound::SecurityGroups, id)),
        _ => None,
    }
}

/// The values in AWS.
#[must_use]
pub fn in_aws<'a>(desired: &Desired, observed: &'a Observed) -> Vec<InAws<'a>> {
    let has = |member: Member, words: &'static str, value: (Bound, &'a str)| InAws {
        field: member.field(),
        replaced_as: member.field(),
        value: Value::Named(value.0, value.1),
        left: desired.ignored.has(member).then_some(LeftBy::IgnoreChanges(words)),
    };
    let mut all = Vec::new();
    if let Some(Setting::KmsKey(key)) = observed.settings.get(Member::KmsKey)
        && !key.is_empty()
    {
        all.push(has(Member::KmsKey, "kmsKeyArn", (Bound::KmsKeys, key)));
    }
    if let Some(Setting::SourceAccess(access)) = observed.settings.get(Member::SourceAccess) {
        let named = access.iter().filter_map(|(_, uri)| network(uri.as_deref()));
        all.extend(named.map(|value| has(Member::SourceAccess, "sourceAccessConfiguration", value)));
    }
    all
}
