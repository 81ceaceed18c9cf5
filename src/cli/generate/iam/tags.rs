//! Statements for tags, which are the same for functions and for other resources. Pure.

use super::condition::Condition;
use super::limits::Limits;
use super::statement::{RESOURCE_TAG, Statement, allow, becomes_ours, owned, owned_by, request_tag, text};
use crate::core::ownership::OWNER_TAG;

const TAG_KEYS: &str = "aws:TagKeys";

/// CloudFormation's own tag on what it made.
const CLOUD_FORMATION: &str = "aws:cloudformation:stack-name";

/// Statements for tags. The owner tag decides the ownership, so the right to write tags is the most important one.
/// `prefix` distinguishes the statements of one kind of resources from those of another.
pub(super) fn statements(limits: &Limits, prefix: &str, resources: &[String]) -> Vec<Statement> {
    let (tag, untag) = ("lambda:TagResource", "lambda:UntagResource");
    let allow = |sid: &str, action: &'static str, condition: Condition| {
        allow(&format!("{prefix}{sid}"), &[action], resources.to_vec(), condition)
    };
    let Some(cluster) = &limits.cluster_name else {
        return vec![allow("Tags", tag, Condition::default()), allow("Untag", untag, Condition::default())];
    };
    let (ours, owner) = (owned_by(cluster), text(OWNER_TAG));
    let becomes_ours = || becomes_ours(limits);
    let absent =
        |condition: Condition, key: &str| condition.and("Null", &format!("{RESOURCE_TAG}{key}"), &text("true"));
    let foreign = [OWNER_TAG, CLOUD_FORMATION].into_iter().chain(limits.others_tags.iter().map(String::as_str));
    let mut all = vec![
        // AWS checks this permission when it creates a resource with tags. The resource has no tags at that time.
        allow("FirstTags", tag, foreign.fold(becomes_ours(), absent)),
        // The owner tag may change to another object of the cluster, and to no other value.
        allow("Tags", tag, owned(limits).and("StringLikeIfExists", &request_tag(), &ours)),
        allow("Untag", untag, owned(limits).and("ForAllValues:StringNotEquals", TAG_KEYS, &owner)),
        // Needed only for releases: the object is deleted and its resource stays.
        allow("Release", untag, owned(limits).and("ForAllValues:StringEquals", TAG_KEYS, &owner)),
    ];
    if limits.adopt {
        all.push(allow("Adoption", tag, absent(becomes_ours(), OWNER_TAG)));
    }
    if !limits.former_cluster_names.is_empty() {
        let former: Vec<_> = limits.former_cluster_names.iter().flat_map(|name| owned_by(name)).collect();
        let condition = becomes_ours().and("StringLike", &format!("{RESOURCE_TAG}{OWNER_TAG}"), &former);
        all.push(allow("FormerClusters", tag, condition));
    }
    all
}
