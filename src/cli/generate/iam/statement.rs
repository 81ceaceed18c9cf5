//! One statement of the operator's IAM policy, and the conditions that several statements have. Pure.

use std::collections::BTreeSet;

use serde::Serialize;

use super::condition::Condition;
use super::limits::Limits;
use crate::core::operation::Operation;
use crate::core::ownership::OWNER_TAG;

/// As AWS writes it, in the order in which people read it.
#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Statement {
    sid: String,
    effect: &'static str,
    pub(super) action: BTreeSet<&'static str>,
    resource: Vec<String>,
    #[serde(skip_serializing_if = "Condition::is_empty")]
    condition: Condition,
}

const REQUEST_TAG: &str = "aws:RequestTag/";
pub(super) const RESOURCE_TAG: &str = "aws:ResourceTag/";

/// The statements without a condition on the region, because IAM and STS are not bound to the operator's regions.
const WITHOUT_REGION: [&str; 2] = ["Roles", "NamespaceRoles"];

impl Statement {
    /// Whether it allows something.
    pub(super) fn is_of_use(&self) -> bool {
        !self.action.is_empty() && !self.resource.is_empty()
    }

    /// The statement, limited to regions.
    pub(super) fn within(mut self, regions: &[String]) -> Self {
        if !WITHOUT_REGION.contains(&self.sid.as_str()) {
            self.condition = self.condition.and("StringEquals", "aws:RequestedRegion", regions);
        }
        self
    }
}

/// The actions that the operator needs, without those that only `import` needs.
pub(super) fn actions() -> BTreeSet<&'static str> {
    let operations = Operation::ALL.iter().filter(|operation| !operation.is_of_import());
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
