//! The IAM policy that the operator needs, from the table of calls that the program can make. Pure.

use std::collections::BTreeSet;

use serde::Serialize;
use serde_json::{Value, json};

use crate::core::operation::Operation;

/// A placeholder account, as in AWS's own documents. A policy that names it allows nothing until it is replaced.
const PLACEHOLDER: &str = "arn:aws:iam::123456789012:role/lambda-*";

/// The limits of the policy.
#[derive(clap::Args, Default)]
#[command(after_help = IN_SHORT)]
pub(in crate::cli) struct Limits {
    /// ARN of a role that functions may have; * matches anything; repeatable. Default: a placeholder, which allows
    /// none of your roles until you replace it.
    #[arg(long = "role-arn", value_name = "ARN", value_parser = role)]
    role_arns: Vec<String>,
    /// Prefix of the names of the functions that the policy allows. Default: all functions.
    #[arg(long, value_name = "PREFIX", default_value = "", hide_default_value = true, value_parser = prefix)]
    name_prefix: String,
    /// Bucket from which packages may be read; repeatable. Default: all buckets.
    #[arg(long = "bucket", value_name = "NAME", value_parser = bucket)]
    buckets: Vec<String>,
    /// ARN of a role that a namespace's annotation lambda-operator.io/role-arn may name; repeatable. Default: none.
    #[arg(long = "assume-role-arn", value_name = "ARN", value_parser = role)]
    assume_role_arns: Vec<String>,
}

// Unbroken lines, because clap wraps them at the width of the terminal.
const IN_SHORT: &str = "\
Prints a policy for the operator's own AWS identity. It has the permissions of its calls, and those that AWS checks on its behalf: for the role, the package, the image, the keys, the network and the file system. Remove the statements that your functions do not use.

Its ARNs begin with arn:aws: - in China and GovCloud, replace that by arn:aws-cn: or arn:aws-us-gov:.

Example: lambda-operator generate iam --name-prefix team-a- --role-arn 'arn:aws:iam::123456789012:role/team-a-*'";

/// Actions that are about the same things, and so share a statement.
struct Group {
    sid: &'static str,
    covers: fn(&str) -> bool,
    resources: fn(&Limits) -> Vec<String>,
    condition: Option<fn() -> Value>,
}

/// The first that covers an action has it.
const GROUPS: [Group; 9] = [
    Group {
        sid: "Layers",
        covers: |action| action == "lambda:GetLayerVersion",
        resources: |_| of_lambda("layer"),
        condition: None,
    },
    Group {
        sid: "CapacityProviders",
        covers: |action| action == "lambda:PassCapacityProvider",
        resources: |_| of_lambda("capacity-provider"),
        condition: None,
    },
    // AWS checks this one against the configuration too.
    Group {
        sid: "CodeSigning",
        covers: |action| action == "lambda:PutFunctionCodeSigningConfig",
        resources: |limits| [functions(limits), of_lambda("code-signing-config")].concat(),
        condition: None,
    },
    Group { sid: "Functions", covers: |action| action.starts_with("lambda:"), resources: functions, condition: None },
    Group {
        sid: "Roles",
        covers: |action| action == "iam:PassRole",
        resources: roles,
        condition: Some(|| json!({"StringEquals": {"iam:PassedToService": "lambda.amazonaws.com"}})),
    },
    Group { sid: "Packages", covers: |action| action.starts_with("s3:"), resources: packages, condition: None },
    Group {
        sid: "Images",
        covers: |action| action.starts_with("ecr:"),
        resources: |_| vec!["arn:aws:ecr:*:*:repository/*".into()],
        condition: None,
    },
    // EC2's Describe calls have no resource-level permissions.
    Group {
        sid: "Network",
        covers: |action| action.starts_with("ec2:"),
        resources: |_| vec!["*".into()],
        condition: None,
    },
    // AWS checks mount targets by file system or by access point.
    Group {
        sid: "FileSystems",
        covers: |action| action.starts_with("elasticfilesystem:"),
        resources: |_| {
            ["file-system", "access-point"].map(|kind| format!("arn:aws:elasticfilesystem:*:*:{kind}/*")).into()
        },
        condition: None,
    },
];

/// All keys, because the keys' own policies decide; only Lambda and S3 may use them on the operator's behalf.
const KEYS: Group = Group {
    sid: "Keys",
    covers: |action| action.starts_with("kms:"),
    resources: |_| vec!["arn:aws:kms:*:*:key/*".into()],
    condition: Some(|| json!({"StringLike": {"kms:ViaService": ["lambda.*.amazonaws.com", "s3.*.amazonaws.com"]}})),
};

/// Used only if namespaces choose roles. AssumeRole is not in the table of operations, because the credentials provider calls it.
const NAMESPACE_ROLES: Group = Group {
    sid: "NamespaceRoles",
    covers: |action| action == "sts:AssumeRole",
    resources: |limits| limits.assume_role_arns.clone(),
    condition: None,
};

/// An IAM policy, with its fields in the usual order.
#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct Policy {
    version: &'static str,
    statement: Vec<Statement>,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct Statement {
    sid: &'static str,
    effect: &'static str,
    action: BTreeSet<&'static str>,
    resource: Vec<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    condition: Option<Value>,
}

/// The policy, as text.
///
/// # Errors
/// If the policy cannot be written as JSON, which does not happen.
pub(super) fn policy(limits: &Limits) -> serde_json::Result<String> {
    let mut actions = actions();
    let mut statement = Vec::new();
    for group in GROUPS.iter().chain([&KEYS]) {
        let (covered, rest) = actions.into_iter().partition(|action| (group.covers)(action));
        statement.push(group.allows(covered, limits));
        actions = rest;
    }
    if !limits.assume_role_arns.is_empty() {
        statement.push(NAMESPACE_ROLES.allows(["sts:AssumeRole"].into(), limits));
    }
    let policy = serde_json::to_string_pretty(&Policy { version: "2012-10-17", statement })?;
    Ok(format!("{policy}\n"))
}

impl Group {
    fn allows(&self, action: BTreeSet<&'static str>, limits: &Limits) -> Statement {
        let Self { sid, covers: _, resources, condition } = self;
        let condition = condition.map(|condition| condition());
        Statement { sid, effect: "Allow", action, resource: resources(limits), condition }
    }
}

/// The actions that the operator needs. `ListFunctions` is only for `import --all`, which uses the permissions of the person who runs it.
fn actions() -> BTreeSet<&'static str> {
    let operations = Operation::ALL.iter().filter(|operation| **operation != Operation::ListFunctions);
    operations.flat_map(|operation| operation.permissions()).copied().collect()
}

/// All Lambda resources of a kind other than functions.
fn of_lambda(kind: &str) -> Vec<String> {
    vec![format!("arn:aws:lambda:*:*:{kind}:*")]
}

/// The functions. The star also matches their versions and durable executions.
fn functions(limits: &Limits) -> Vec<String> {
    vec![format!("arn:aws:lambda:*:*:function:{}*", limits.name_prefix)]
}

fn roles(limits: &Limits) -> Vec<String> {
    if limits.role_arns.is_empty() { vec![PLACEHOLDER.into()] } else { limits.role_arns.clone() }
}

fn packages(limits: &Limits) -> Vec<String> {
    if limits.buckets.is_empty() {
        return vec!["arn:aws:s3:::*/*".into()];
    }
    limits.buckets.iter().map(|bucket| format!("arn:aws:s3:::{bucket}/*")).collect()
}

fn role(text: &str) -> Result<String, String> {
    let resource = text.strip_prefix("arn:").and_then(|rest| rest.splitn(5, ':').nth(4));
    if resource.is_some_and(|resource| resource.starts_with("role/") && !text.contains(char::is_whitespace)) {
        return Ok(text.to_owned());
    }
    Err(format!("'{text}' is not the ARN of a role: write arn:aws:iam::123456789012:role/NAME; * matches anything"))
}

fn prefix(text: &str) -> Result<String, String> {
    let allowed = |character: char| character.is_ascii_alphanumeric() || matches!(character, '-' | '_');
    if text.len() <= 64 && text.chars().all(allowed) {
        return Ok(text.to_owned());
    }
    Err(format!("'{text}' is not a prefix of a function's name: write at most 64 letters, digits, - or _, without a *"))
}

fn bucket(text: &str) -> Result<String, String> {
    let allowed =
        |character: char| character.is_ascii_lowercase() || character.is_ascii_digit() || ".-*".contains(character);
    if !text.is_empty() && text.chars().all(allowed) {
        return Ok(text.to_owned());
    }
    Err(format!("'{text}' is not the name of a bucket: write the name alone; * matches anything"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_action_has_a_statement() {
        let covered = |action: &str| GROUPS.iter().chain([&KEYS]).any(|group| (group.covers)(action));
        let homeless: Vec<_> = actions().into_iter().filter(|action| !covered(action)).collect();
        assert_eq!(homeless, [""; 0]);
    }

    #[test]
    fn arguments_that_would_widen_the_policy_by_mistake_are_refused() {
        assert!(role("arn:aws:iam::123456789012:role/team-*").is_ok());
        for wrong in ["*", "team", "arn:aws:iam::123456789012:user/x", "arn:aws:iam::123456789012:role"] {
            assert!(role(wrong).is_err(), "{wrong}");
        }
        assert!(prefix("team-a_").is_ok());
        assert!(prefix("team*").is_err() && prefix("a:b").is_err());
        assert!(bucket("code.example-1").is_ok() && bucket("arn:aws:s3:::x").is_err() && bucket("").is_err());
    }
}
