//! The limits of the IAM policy: the arguments of `lambda-operator generate iam`. Pure.

use crate::cli::shared_flags;

/// Nobody's account, as in AWS's own documents: a policy that names it allows nothing until it is replaced.
const PLACEHOLDER: &str = "arn:aws:iam::123456789012:role/lambda-*";

/// A part of the policy. Each fits into a managed policy of AWS; all of them together may not.
#[derive(clap::ValueEnum, Clone, Copy)]
pub(super) enum Part {
    /// Functions and everything that belongs to one: aliases, permissions, URLs, event invoke configurations, provisioned concurrency.
    Functions,
    /// Resources that exist apart from a function: event source mappings, code signing configurations, layers.
    Standalone,
    /// Resources that functions use: roles, packages, images, layers, keys, networks.
    Dependencies,
}

/// The limits of the policy.
#[derive(clap::Args, Default)]
#[command(after_help = IN_SHORT)]
pub(in crate::cli) struct Limits {
    /// The operator's --cluster-name. The operator may then change and delete only functions with an owner tag of this cluster, and create functions only with such a tag. Default: no condition on tags.
    #[arg(long, value_name = "NAME", value_parser = cluster)]
    pub(super) cluster_name: Option<String>,
    /// Former name of the cluster, or of a cluster that it replaces; repeatable. The operator may replace owner tags with this name. Default: none.
    #[arg(long = "former-cluster-name", value_name = "NAME", value_parser = cluster, requires = "cluster_name")]
    pub(super) former_cluster_names: Vec<String>,
    /// Let the operator adopt functions without an owner tag. Default: it may set the first tags only of functions that it creates.
    #[arg(long, requires = "cluster_name")]
    pub(super) adopt: bool,
    /// Key of a tag that every function of other tools has, such as a mandatory cost tag; repeatable. The operator may not adopt functions with this tag, unless --adopt is given. Default: only the tag of CloudFormation.
    #[arg(long = "others-tag", value_name = "KEY", value_parser = tag_key, requires = "cluster_name")]
    pub(super) others_tags: Vec<String>,
    /// Role that functions may have, as an ARN, * matches anything; repeatable. Default: a placeholder, which allows
    /// none of your roles until you replace it.
    #[arg(long = "role-arn", value_name = "ARN", value_parser = role)]
    pub(super) role_arns: Vec<String>,
    /// Prefix of the names of all functions and layers that the operator manages. Default: all functions and layers.
    #[arg(long, value_name = "PREFIX", default_value = "", hide_default_value = true, value_parser = prefix)]
    pub(super) name_prefix: String,
    /// Region that the operator may use; repeatable. Default: all regions.
    #[arg(long = "region", value_name = "REGION", value_parser = region)]
    pub(super) regions: Vec<String>,
    /// Bucket of packages, '*' for every bucket of the account; repeatable. Required, unless --no-bucket is given.
    #[arg(long = "bucket", value_name = "NAME", value_parser = bucket, required_unless_present = "no_bucket")]
    pub(super) buckets: Vec<String>,
    /// The operator needs no packages from S3.
    #[arg(long, conflicts_with = "buckets")]
    pub(super) no_bucket: bool,
    /// Another account whose buckets, image repositories and keys may be used; repeatable. Default: only the operator's own.
    #[arg(long = "resource-account", value_name = "ID", value_parser = account)]
    pub(super) resource_accounts: Vec<String>,
    /// Another account whose layers may be used, such as AWS's own 017000801446 of Powertools; repeatable. Default: only the operator's own.
    #[arg(long = "layer-account", value_name = "ID", value_parser = account)]
    pub(super) layer_accounts: Vec<String>,
    /// Layer version that functions may have, as an ARN, * matches anything; repeatable. Default: all of the allowed accounts.
    #[arg(long = "layer", value_name = "ARN", value_parser = arn)]
    pub(super) layers: Vec<String>,
    /// VPC that functions may be in; repeatable. Default: all.
    #[arg(long = "vpc", value_name = "ID", value_parser = id)]
    pub(super) vpcs: Vec<String>,
    /// Subnet that functions may be in; repeatable. Default: all.
    #[arg(long = "subnet", value_name = "ID", value_parser = id)]
    pub(super) subnets: Vec<String>,
    /// Security group that functions may have; repeatable. Default: all.
    #[arg(long = "security-group", value_name = "ID", value_parser = id)]
    pub(super) security_groups: Vec<String>,
    /// Code signing configuration that every function must have, as an ARN; repeatable. The operator may then replace the configuration of a function, but not remove it. Default: any or none.
    #[arg(long = "code-signing-config", value_name = "ARN", value_parser = arn)]
    pub(super) code_signing_configs: Vec<String>,
    /// Let Lambda add itself to the policy of an image's repository. Default: the policies of repositories allow Lambda already.
    #[arg(long)]
    pub(super) set_repository_policy: bool,
    /// Role that a namespace's annotation lambda-operator.io/role-arn may name, as an ARN; repeatable. Default: none.
    #[arg(long = "assume-role-arn", value_name = "ARN", value_parser = role)]
    pub(super) assume_role_arns: Vec<String>,
    /// Let the operator tag the sessions of these roles, as its --session-tags does.
    #[arg(long, requires = "assume_role_arns")]
    pub(super) session_tags: bool,
    /// Part of the policy to print. Default: all parts in one policy, which AWS may refuse as a managed policy because of its length.
    #[arg(long, value_name = "PART")]
    pub(super) part: Option<Part>,
}

// Unbroken lines: clap breaks them where the terminal does.
const IN_SHORT: &str = "\
Prints a policy for the operator's own AWS identity. The policy contains the permissions for its calls, and those that AWS checks during these calls: for the role, the package, the image, the keys, the network and the file system. Remove the statements that your functions do not need.

With --cluster-name, AWS itself protects the functions of others from the operator, and from somebody with its credentials. IAM cannot distinguish the tags of a new function from the first tags of an existing one: name the tag that all other functions have with --others-tag, or limit the policy with --name-prefix.

The ARNs in the policy begin with arn:aws: - in China and GovCloud, replace this prefix by arn:aws-cn: or arn:aws-us-gov:.

Example: lambda-operator generate iam --cluster-name prod --name-prefix team-a- --role-arn 'arn:aws:iam::123456789012:role/team-a-*' --bucket team-a-packages --region eu-west-1";

impl Limits {
    /// The star also stands for versions and durable executions, which are named below their function.
    pub(super) fn functions(&self) -> Vec<String> {
        vec![format!("arn:aws:lambda:*:*:function:{}*", self.name_prefix)]
    }

    /// The layers whose versions the operator publishes.
    pub(super) fn published_layers(&self) -> Vec<String> {
        vec![format!("arn:aws:lambda:*:*:layer:{}*", self.name_prefix)]
    }

    /// The log groups that Lambda gives to these functions. The star also stands for log streams.
    pub(super) fn log_groups(&self) -> Vec<String> {
        vec![format!("arn:aws:logs:*:*:log-group:/aws/lambda/{}*", self.name_prefix)]
    }

    pub(super) fn roles(&self) -> Vec<String> {
        if self.role_arns.is_empty() { vec![PLACEHOLDER.into()] } else { self.role_arns.clone() }
    }

    pub(super) fn packages(&self) -> Vec<String> {
        self.buckets.iter().map(|bucket| format!("arn:aws:s3:::{bucket}/*")).collect()
    }

    pub(super) fn code_signing(&self) -> Vec<String> {
        if self.code_signing_configs.is_empty() {
            vec!["arn:aws:lambda:*:*:code-signing-config:*".into()]
        } else {
            self.code_signing_configs.clone()
        }
    }
}

fn role(text: &str) -> Result<String, String> {
    let resource = text.strip_prefix("arn:").and_then(|rest| rest.splitn(5, ':').nth(4));
    if resource.is_some_and(|resource| resource.starts_with("role/") && !text.contains(char::is_whitespace)) {
        return Ok(text.to_owned());
    }
    Err(format!("'{text}' is no role's ARN: write arn:aws:iam::123456789012:role/NAME, * matches anything"))
}

fn prefix(text: &str) -> Result<String, String> {
    let allowed = |character: char| character.is_ascii_alphanumeric() || matches!(character, '-' | '_');
    if text.len() <= 64 && text.chars().all(allowed) {
        return Ok(text.to_owned());
    }
    Err(format!("'{text}' begins no function's name: at most 64 letters, digits, - or _, without a *"))
}

fn bucket(text: &str) -> Result<String, String> {
    let allowed =
        |character: char| character.is_ascii_lowercase() || character.is_ascii_digit() || ".-*".contains(character);
    if !text.is_empty() && text.chars().all(allowed) {
        return Ok(text.to_owned());
    }
    Err(format!("'{text}' is no bucket's name: give the name alone, * matches anything"))
}

/// Refuses characters that would act as wildcards in a pattern.
fn cluster(text: &str) -> Result<String, String> {
    let name = shared_flags::cluster_name(text)?;
    if name.contains(['*', '?', '$']) { Err("must be the name itself, without *, ? or $".into()) } else { Ok(name) }
}

fn account(text: &str) -> Result<String, String> {
    if text.len() == 12 && text.chars().all(|character| character.is_ascii_digit()) {
        return Ok(text.to_owned());
    }
    Err(format!("'{text}' is no account: write its 12 digits"))
}

fn region(text: &str) -> Result<String, String> {
    if crate::core::target::is_region_code(text) { Ok(text.to_owned()) } else { Err(format!("'{text}' is no region")) }
}

fn arn(text: &str) -> Result<String, String> {
    if text.starts_with("arn:") && text.split(':').count() >= 6 && !text.contains(char::is_whitespace) {
        return Ok(text.to_owned());
    }
    Err(format!("'{text}' is no ARN"))
}

/// Of a VPC, a subnet or a security group.
fn id(text: &str) -> Result<String, String> {
    let known = ["vpc-", "subnet-", "sg-"].iter().any(|kind| text.starts_with(kind));
    let allowed = |character: char| character.is_ascii_alphanumeric() || character == '-';
    if known && text.chars().all(allowed) { Ok(text.to_owned()) } else { Err(format!("'{text}' is no id of EC2")) }
}

fn tag_key(text: &str) -> Result<String, String> {
    let allowed = |character: char| character.is_alphanumeric() || " _.:/=+-@".contains(character);
    if (1..=128).contains(&text.len()) && text.chars().all(allowed) {
        return Ok(text.to_owned());
    }
    Err(format!("'{text}' is no key of a tag"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn arguments_that_would_widen_the_policy_by_mistake_are_refused() {
        assert!(role("arn:aws:iam::123456789012:role/team-*").is_ok());
        for wrong in ["*", "team", "arn:aws:iam::123456789012:user/x", "arn:aws:iam::123456789012:role"] {
            assert!(role(wrong).is_err(), "{wrong}");
        }
        assert!(prefix("team-a_").is_ok());
        assert!(prefix("team*").is_err() && prefix("a:b").is_err());
        assert!(bucket("code.example-1").is_ok() && bucket("arn:aws:s3:::x").is_err() && bucket("").is_err());
        assert!(cluster("prod").is_ok() && cluster("*").is_err() && cluster("a/b").is_err());
        assert!(account("123456789012").is_ok() && account("*").is_err());
        assert!(region("eu-west-1").is_ok() && region("*").is_err());
        assert!(arn("arn:aws:lambda:*:123456789012:layer:base:*").is_ok() && arn("*").is_err());
        assert!(id("subnet-0a1b").is_ok() && id("subnet-*").is_err() && id("").is_err());
        assert!(tag_key("cost:center").is_ok() && tag_key("*").is_err() && tag_key("").is_err());
    }
}
