//! Statements of the operator's IAM policy and the conditions that several of them have. Pure.

use std::collections::BTreeSet;

use serde::Serialize;

use super::condition::Condition;
use super::limits::{Limits, Part};
use super::{dependencies, functions, standalone};
use crate::core::operation::Operation;
use crate::core::ownership::OWNER_TAG;

/// As AWS writes it, in the order in which people read it.
#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Statement {
    sid: String,
    effect: &'static str,
    action: BTreeSet<&'static str>,
    resource: Vec<String>,
    #[serde(skip_serializing_if = "Condition::is_empty")]
    condition: Condition,
}

const REQUEST_TAG: &str = "aws:RequestTag/";
pub(super) const RESOURCE_TAG: &str = "aws:ResourceTag/";

/// The statements without a condition on the region, because IAM and STS are not bound to the operator's regions.
const WITHOUT_REGION: [&str; 2] = ["Roles", "NamespaceRoles"];

/// Every statement of the part that allows something; of all parts if there is none.
pub(super) fn statements(limits: &Limits) -> Vec<Statement> {
    let mut all = match limits.part {
        Some(Part::Functions) => functions::statements(limits),
        Some(Part::Standalone) => standalone::statements(limits),
        Some(Part::Dependencies) => dependencies::statements(limits),
        None => [functions::statements(limits), standalone::statements(limits), dependencies::statements(limits)]
            .into_iter()
            .flatten()
            .collect(),
    };
    all.retain(|statement| !statement.action.is_empty() && !statement.resource.is_empty());
    for statement in &mut all {
        if !WITHOUT_REGION.contains(&statement.sid.as_str()) {
            let condition = std::mem::take(&mut statement.condition);
            statement.condition = condition.and("StringEquals", "aws:RequestedRegion", &limits.regions);
        }
    }
    all
}

/// The actions that the operator needs. `ListFunctions` is not one of them: only `import --all` calls it, with the permissions of its user.
pub(super) fn actions() -> BTreeSet<&'static str> {
    let operations = Operation::ALL.iter().filter(|operation| **operation != Operation::ListFunctions);
    operations.flat_map(|operation| operation.permissions()).copied().collect()
}

pub(super) fn allow(sid: &str, action: &[&'static str], resource: Vec<String>, condition: Condition) -> Statement {
    Statement { sid: sid.to_owned(), effect: "Allow", action: action.iter().copied().collect(), resource, condition }
}

pub(super) fn text(text: impl Into<String>) -> Vec<String> {
    vec![text.into()]
}

/// The owner tags of the cluster's objects.
pub(super) fn owned_by(cluster: &str) -> Vec<String> {
    text(format!("{cluster}/*"))
}

pub(super) fn request_tag() -> String {
    format!("{REQUEST_TAG}{OWNER_TAG}")
}

fn resource_tag() -> String {
    format!("{RESOURCE_TAG}{OWNER_TAG}")
}

/// Only resources of the cluster, as AWS knows them by their tag.
pub(super) fn owned(limits: &Limits) -> Condition {
    of_cluster(limits, &resource_tag())
}

/// Only requests that make a resource the cluster's.
pub(super) fn becomes_ours(limits: &Limits) -> Condition {
    of_cluster(limits, &request_tag())
}

fn of_cluster(limits: &Limits, tag: &str) -> Condition {
    match &limits.cluster_name {
        Some(cluster) => Condition::default().and("StringLike", tag, &owned_by(cluster)),
        None => Condition::default(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Flags for the widest policy.
    fn widest() -> Limits {
        Limits { buckets: vec!["*".into()], set_repository_policy: true, ..Limits::default() }
    }

    #[test]
    fn every_action_has_a_statement() {
        let fenced = Limits { cluster_name: Some("prod".into()), ..widest() };
        for limits in [widest(), fenced] {
            let all: Vec<_> = statements(&limits).into_iter().flat_map(|statement| statement.action).collect();
            assert_eq!(all.into_iter().collect::<BTreeSet<_>>(), actions());
        }
    }

    #[test]
    fn what_only_some_need_is_left_out() {
        let of = |limits: &Limits| -> BTreeSet<_> {
            statements(limits).into_iter().flat_map(|statement| statement.action).collect()
        };
        let signed = Limits {
            code_signing_configs: vec!["arn:aws:lambda:eu-west-1:1:code-signing-config:c".into()],
            ..Limits::default()
        };
        let (least, signed) = (of(&Limits::default()), of(&signed));
        for action in ["ecr:SetRepositoryPolicy", "s3:GetObject", "sts:AssumeRole", "sts:TagSession"] {
            assert!(!least.contains(action), "{action}");
        }
        let unsign = "lambda:DeleteFunctionCodeSigningConfig";
        assert!(least.contains(unsign) && !signed.contains(unsign));
    }
}
