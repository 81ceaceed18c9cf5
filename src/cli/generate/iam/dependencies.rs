//! Statements for the resources that functions use: roles, packages, images, keys, networks, layers. Pure.

use super::condition::Condition;
use super::limits::Limits;
use super::statement::{Statement, actions, allow, text};

/// The account of the caller, whichever it is: AWS replaces it.
const OWN_ACCOUNT: &str = "${aws:PrincipalAccount}";

/// Statements for resources that a function uses. AWS checks most of these permissions during calls about the function.
pub(super) fn statements(limits: &Limits) -> Vec<Statement> {
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
    let layers = accounts(&limits.layer_accounts);
    let mut all = vec![
        allow("Layers", &["lambda:GetLayerVersion"], text("arn:aws:lambda:*:*:layer:*"), layers),
        allow(
            "CapacityProviders",
            &["lambda:PassCapacityProvider"],
            text("arn:aws:lambda:*:*:capacity-provider:*"),
            Condition::default(),
        ),
        // AWS checks this one against the configuration and against the function, which is in the statement Functions.
        allow("CodeSigning", &["lambda:PutFunctionCodeSigningConfig"], limits.code_signing(), Condition::default()),
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

/// The condition that resources belong to the operator's own account, or to one of these.
fn accounts(others: &[String]) -> Condition {
    let all: Vec<_> = std::iter::once(OWN_ACCOUNT.to_owned()).chain(others.iter().cloned()).collect();
    Condition::default().and("StringEquals", "aws:ResourceAccount", &all)
}
