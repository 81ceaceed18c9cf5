//! The statements of the operator's IAM policy: the actions and resources that each of them allows. Pure.

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
    sid: &'static str,
    effect: &'static str,
    action: BTreeSet<&'static str>,
    resource: Vec<String>,
    #[serde(skip_serializing_if = "Condition::is_empty")]
    condition: Condition,
}

/// The account of the caller, whichever it is: AWS replaces it.
const OWN_ACCOUNT: &str = "${aws:PrincipalAccount}";

const REQUEST_TAG: &str = "aws:RequestTag/";
const RESOURCE_TAG: &str = "aws:ResourceTag/";
const TAG_KEYS: &str = "aws:TagKeys";

/// CloudFormation's own tag on what it made.
const CLOUD_FORMATION: &str = "aws:cloudformation:stack-name";

/// The statements without a condition on the region, because IAM and STS are not bound to the operator's regions.
const WITHOUT_REGION: [&str; 2] = ["Roles", "NamespaceRoles"];

/// Every statement that allows something.
pub(super) fn statements(limits: &Limits) -> Vec<Statement> {
    let mut all = Vec::new();
    all.extend(of_lambda(limits));
    all.extend(of_functions(limits));
    all.extend(of_mappings(limits));
    all.extend(of_signing_configs(limits));
    all.extend(of_tags(limits));
    all.extend(of_others(limits));
    all.retain(|statement| !statement.action.is_empty() && !statement.resource.is_empty());
    for statement in &mut all {
        if !WITHOUT_REGION.contains(&statement.sid) {
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

fn allow(sid: &'static str, action: &[&'static str], resource: Vec<String>, condition: Condition) -> Statement {
    Statement { sid, effect: "Allow", action: action.iter().copied().collect(), resource, condition }
}

fn text(text: impl Into<String>) -> Vec<String> {
    vec![text.into()]
}

/// Tags of the operator's own functions.
fn owned_by(cluster: &str) -> Vec<String> {
    text(format!("{cluster}/*"))
}

fn request_tag() -> String {
    format!("{REQUEST_TAG}{OWNER_TAG}")
}

fn resource_tag() -> String {
    format!("{RESOURCE_TAG}{OWNER_TAG}")
}

/// Only functions of the cluster, as AWS knows them by their tag.
fn owned(limits: &Limits) -> Condition {
    match &limits.cluster_name {
        Some(cluster) => Condition::default().and("StringLike", &resource_tag(), &owned_by(cluster)),
        None => Condition::default(),
    }
}

/// Statements for resources of Lambda other than functions.
fn of_lambda(limits: &Limits) -> Vec<Statement> {
    let layers = accounts(&limits.layer_accounts);
    vec![
        allow("Layers", &["lambda:GetLayerVersion"], text("arn:aws:lambda:*:*:layer:*"), layers),
        allow(
            "CapacityProviders",
            &["lambda:PassCapacityProvider"],
            text("arn:aws:lambda:*:*:capacity-provider:*"),
            Condition::default(),
        ),
        // AWS checks this one against the configuration and against the function, which is in the statement Functions.
        allow("CodeSigning", &["lambda:PutFunctionCodeSigningConfig"], limits.code_signing(), Condition::default()),
    ]
}

/// Statements for code signing configurations. They have tags of their own. AWS has no resource for the list, nor for a configuration that does not
/// exist yet.
fn of_signing_configs(limits: &Limits) -> Vec<Statement> {
    let configs = || text("arn:aws:lambda:*:*:code-signing-config:*");
    let becomes_ours = match &limits.cluster_name {
        Some(cluster) => Condition::default().and("StringLike", &request_tag(), &owned_by(cluster)),
        None => Condition::default(),
    };
    let reads = ["lambda:GetCodeSigningConfig", "lambda:ListFunctionsByCodeSigningConfig", "lambda:ListTags"];
    let writes = ["lambda:UpdateCodeSigningConfig", "lambda:DeleteCodeSigningConfig", "lambda:UntagResource"];
    let mut all = vec![
        allow("SigningConfigList", &["lambda:ListCodeSigningConfigs"], text("*"), Condition::default()),
        allow("SigningConfigLooks", &reads, configs(), Condition::default()),
        allow("SigningConfigCreation", &["lambda:CreateCodeSigningConfig"], text("*"), becomes_ours.clone()),
        allow("SigningConfigs", &writes, configs(), owned(limits)),
        allow("SigningConfigTags", &["lambda:TagResource"], configs(), owned(limits)),
    ];
    if limits.cluster_name.is_some() {
        // AWS checks it while it creates one with tags. An adoption needs it too.
        let no_owner = becomes_ours.and("Null", &resource_tag(), &text("true"));
        all.push(allow("SigningConfigFirstTags", &["lambda:TagResource"], configs(), no_owner));
    }
    all
}

/// The condition that resources belong to the operator's own account, or to one of these.
fn accounts(others: &[String]) -> Condition {
    let all: Vec<_> = std::iter::once(OWN_ACCOUNT.to_owned()).chain(others.iter().cloned()).collect();
    Condition::default().and("StringEquals", "aws:ResourceAccount", &all)
}

/// Statements for functions. AWS checks the tags of a function for every action on the function, its aliases and its versions.
fn of_functions(limits: &Limits) -> Vec<Statement> {
    let functions = limits.functions();
    let apart = [
        "lambda:CreateFunction",
        "lambda:UpdateFunctionConfiguration",
        "lambda:PutFunctionConcurrency",
        "lambda:StopDurableExecution",
        "lambda:TagResource",
        "lambda:UntagResource",
        "lambda:GetLayerVersion",
        "lambda:PassCapacityProvider",
        "lambda:CreateEventSourceMapping",
        "lambda:GetEventSourceMapping",
        "lambda:ListEventSourceMappings",
        "lambda:UpdateEventSourceMapping",
        "lambda:DeleteEventSourceMapping",
        "lambda:CreateCodeSigningConfig",
        "lambda:GetCodeSigningConfig",
        "lambda:ListCodeSigningConfigs",
        "lambda:ListFunctionsByCodeSigningConfig",
        "lambda:UpdateCodeSigningConfig",
        "lambda:DeleteCodeSigningConfig",
    ];
    let signing_is_compulsory = !limits.code_signing_configs.is_empty();
    let of = |reads: bool| -> Vec<&'static str> {
        let all = actions().into_iter().filter(|action| action.starts_with("lambda:") && !apart.contains(action));
        all.filter(|action| is_read(action) == reads)
            .filter(|action| !(signing_is_compulsory && *action == "lambda:DeleteFunctionCodeSigningConfig"))
            .collect()
    };
    let made = match &limits.cluster_name {
        Some(cluster) => Condition::default().and("StringLike", &request_tag(), &owned_by(cluster)),
        None => Condition::default(),
    };
    // The condition requires the value, while the other conditions also accept requests without one.
    let signed =
        |condition: Condition| condition.and("ArnLike", "lambda:CodeSigningConfigArn", &limits.code_signing_configs);
    vec![
        // Reads have no condition on tags, because the operator has to read first whether a function exists and who owns it.
        allow("Looks", &of(true), functions.clone(), Condition::default()),
        allow("Creation", &["lambda:CreateFunction"], functions.clone(), signed(made_of(limits, made))),
        allow(
            "Configuration",
            &["lambda:UpdateFunctionConfiguration"],
            functions.clone(),
            made_of(limits, owned(limits)),
        ),
        allow("Functions", &of(false), functions.clone(), owned(limits)),
        // Reserved concurrency is taken from all functions of the account.
        allow("Concurrency", &["lambda:PutFunctionConcurrency"], functions.clone(), owned(limits)),
        // Executions have no tags.
        allow("Executions", &["lambda:StopDurableExecution"], functions, Condition::default()),
    ]
}

/// Event source mappings. They have tags of their own; AWS knows no resource for the list of all, nor for one that does not exist yet.
fn of_mappings(limits: &Limits) -> Vec<Statement> {
    let mappings = || text("arn:aws:lambda:*:*:event-source-mapping:*");
    let of_functions = Condition::default().and("ArnLike", "lambda:FunctionArn", &limits.functions());
    let (made, tag) = match &limits.cluster_name {
        Some(cluster) => {
            let former = limits.former_cluster_names.iter().flat_map(|name| owned_by(name));
            (
                of_functions.and("StringLike", &request_tag(), &owned_by(cluster)),
                owned_by(cluster).into_iter().chain(former).collect(),
            )
        }
        None => (of_functions, Vec::new()),
    };
    let (tags, untag) = (["lambda:TagResource"], ["lambda:UntagResource"]);
    vec![
        allow("MappingList", &["lambda:ListEventSourceMappings"], text("*"), Condition::default()),
        allow("MappingLooks", &["lambda:GetEventSourceMapping", "lambda:ListTags"], mappings(), Condition::default()),
        allow("MappingCreation", &["lambda:CreateEventSourceMapping"], text("*"), made),
        allow(
            "Mappings",
            &["lambda:UpdateEventSourceMapping", "lambda:DeleteEventSourceMapping"],
            mappings(),
            owned(limits),
        ),
        // AWS asks for it while it makes a mapping with tags, which has none yet.
        allow(
            "MappingTags",
            &tags,
            mappings(),
            Condition::default().and("StringLikeIfExists", &request_tag(), &tag).and(
                "StringLikeIfExists",
                &resource_tag(),
                &tag,
            ),
        ),
        allow("MappingUntag", &untag, mappings(), owned(limits)),
    ]
}

fn is_read(action: &str) -> bool {
    ["lambda:Get", "lambda:List"].iter().any(|verb| action.starts_with(verb))
}

/// The layers and networks that a function may use. A request without them is allowed, because an update sends only the members that differ.
fn made_of(limits: &Limits, condition: Condition) -> Condition {
    condition
        .and("ForAllValues:StringLike", "lambda:Layer", &limits.layers)
        .and("StringEqualsIfExists", "lambda:VpcIds", &limits.vpcs)
        .and("ForAllValues:StringEquals", "lambda:SubnetIds", &limits.subnets)
        .and("ForAllValues:StringEquals", "lambda:SecurityGroupIds", &limits.security_groups)
}

/// Statements for tags. The owner tag decides the ownership, so the right to write tags is the most important one.
fn of_tags(limits: &Limits) -> Vec<Statement> {
    let (tag, untag) = ("lambda:TagResource", "lambda:UntagResource");
    let functions = limits.functions();
    let Some(cluster) = &limits.cluster_name else {
        return vec![allow("Tags", &[tag, untag], functions, Condition::default())];
    };
    let (ours, owner) = (owned_by(cluster), text(OWNER_TAG));
    let becomes_ours = || Condition::default().and("StringLike", &request_tag(), &ours);
    let absent =
        |condition: Condition, key: &str| condition.and("Null", &format!("{RESOURCE_TAG}{key}"), &text("true"));
    let foreign = [OWNER_TAG, CLOUD_FORMATION].into_iter().chain(limits.others_tags.iter().map(String::as_str));
    let mut all = vec![
        // AWS checks this permission when it creates a function with tags. The function has no tags at that time.
        allow("FirstTags", &[tag], functions.clone(), foreign.fold(becomes_ours(), absent)),
        // The owner tag may change to another object of the cluster, and to no other value.
        allow("Tags", &[tag], functions.clone(), owned(limits).and("StringLikeIfExists", &request_tag(), &ours)),
        allow(
            "Untag",
            &[untag],
            functions.clone(),
            owned(limits).and("ForAllValues:StringNotEquals", TAG_KEYS, &owner),
        ),
        // Needed only for releases: the object is deleted and its function stays.
        allow("Release", &[untag], functions.clone(), owned(limits).and("ForAllValues:StringEquals", TAG_KEYS, &owner)),
    ];
    if limits.adopt {
        all.push(allow("Adoption", &[tag], functions.clone(), absent(becomes_ours(), OWNER_TAG)));
    }
    if !limits.former_cluster_names.is_empty() {
        let former: Vec<_> = limits.former_cluster_names.iter().flat_map(|name| owned_by(name)).collect();
        let condition = becomes_ours().and("StringLike", &resource_tag(), &former);
        all.push(allow("FormerClusters", &[tag], functions, condition));
    }
    all
}

/// Statements for other services, whose permissions AWS checks on the caller's behalf.
fn of_others(limits: &Limits) -> Vec<Statement> {
    let of = |service: &str| -> Vec<&'static str> {
        actions().into_iter().filter(|action| action.starts_with(service)).collect()
    };
    let (grant, set_policy) = ("kms:CreateGrant", "ecr:SetRepositoryPolicy");
    let without = |all: Vec<&'static str>, one: &str| -> Vec<&'static str> {
        all.into_iter().filter(|action| *action != one).collect()
    };
    let near = || accounts(&limits.resource_accounts);
    let to_lambda = Condition::default().and("StringEquals", "iam:PassedToService", &text("lambda.amazonaws.com"));
    // The keys' own policies decide which keys can be used. Only Lambda and S3 may use them on the operator's behalf.
    let through = ["lambda.*.amazonaws.com", "s3.*.amazonaws.com"].map(str::to_owned);
    let keys = || near().and("StringLike", "kms:ViaService", &through);
    let repositories = || text("arn:aws:ecr:*:*:repository/*");
    let file_systems = ["file-system", "access-point"];
    let mut all = vec![
        allow("Roles", &of("iam:"), limits.roles(), to_lambda),
        allow("Packages", &of("s3:"), limits.packages(), near()),
        allow("Images", &without(of("ecr:"), set_policy), repositories(), near()),
        // EC2's Describe actions support no resource-level permissions.
        allow("Network", &of("ec2:"), text("*"), Condition::default()),
        // AWS asks for mount targets by file system or by access point.
        allow(
            "FileSystems",
            &of("elasticfilesystem:"),
            file_systems.map(|kind| format!("arn:aws:elasticfilesystem:*:*:{kind}/*")).into(),
            Condition::default(),
        ),
        allow("Keys", &without(of("kms:"), grant), text("arn:aws:kms:*:*:key/*"), keys()),
        // A grant is allowed only for an AWS service, never for a principal that the caller names.
        allow(
            "KeyGrants",
            &[grant],
            text("arn:aws:kms:*:*:key/*"),
            keys().and("Bool", "kms:GrantIsForAWSResource", &text("true")),
        ),
    ];
    if limits.set_repository_policy {
        all.push(allow("Repositories", &[set_policy], repositories(), near()));
    }
    // This is not in the table of operations, because the credentials provider makes the call.
    let assume: &[&str] = if limits.session_tags { &["sts:AssumeRole", "sts:TagSession"] } else { &["sts:AssumeRole"] };
    all.push(allow("NamespaceRoles", assume, limits.assume_role_arns.clone(), Condition::default()));
    all
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
