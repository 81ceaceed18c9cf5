//! The AWS calls that this program can make, and the rights each needs: one table for metrics, IAM policy and docs.

use std::fmt;

/// One AWS API operation, named exactly as the API names it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[allow(missing_docs, reason = "each is AWS's own name")]
pub enum Operation {
    GetCallerIdentity,
    DescribeSecurityGroups,
    GetFunction,
    GetFunctionCodeSigningConfig,
    GetRuntimeManagementConfig,
    GetFunctionRecursionConfig,
    ListVersionsByFunction,
    ListDurableExecutionsByFunction,
    ListFunctions,
    GetAlias,
    CreateFunction,
    UpdateFunctionConfiguration,
    UpdateFunctionCode,
    PutFunctionCodeSigningConfig,
    DeleteFunctionCodeSigningConfig,
    PutRuntimeManagementConfig,
    PutFunctionRecursionConfig,
    PutFunctionConcurrency,
    DeleteFunctionConcurrency,
    TagResource,
    UntagResource,
    PublishVersion,
    StopDurableExecution,
    DeleteFunction,
    CreateAlias,
    UpdateAlias,
    DeleteAlias,
}

/// What an operation does to the resource that it is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Access {
    /// It changes nothing.
    Read,
    /// It makes the resource.
    Create,
    /// It changes the resource.
    Write,
    /// It removes the resource.
    Delete,
}

/// The quota that AWS counts an operation against, per account and region.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Quota {
    /// `GetFunction`: 100 per second.
    GetFunction,
    /// All other calls together: 15 per second.
    Other,
}

/// A row of the table.
struct Row {
    name: &'static str,
    access: Access,
    quota: Quota,
    actions: &'static [&'static str],
}

const fn row(name: &'static str, access: Access, quota: Quota, actions: &'static [&'static str]) -> Row {
    Row { name, access, quota, actions }
}

/// What creation needs beside itself: everything that a function can be made of.
const CREATE: &[&str] = &[
    "lambda:CreateFunction",
    "lambda:TagResource",
    "lambda:GetLayerVersion",
    "lambda:PassCapacityProvider",
    "iam:PassRole",
    "s3:GetObject",
    "s3:GetObjectVersion",
    "ecr:BatchGetImage",
    "ecr:GetDownloadUrlForLayer",
    "ecr:GetRepositoryPolicy",
    "ecr:SetRepositoryPolicy",
    "kms:CreateGrant",
    "kms:Decrypt",
    "kms:DescribeKey",
    "kms:Encrypt",
    "ec2:DescribeSecurityGroups",
    "ec2:DescribeSubnets",
    "ec2:DescribeVpcs",
];

/// IAM actions that an update of the configuration needs: its own, and what AWS checks on the caller's behalf.
const UPDATE_CONFIGURATION: &[&str] = &[
    "lambda:UpdateFunctionConfiguration",
    "lambda:GetLayerVersion",
    "lambda:PassCapacityProvider",
    "iam:PassRole",
    "kms:CreateGrant",
    "kms:Decrypt",
    "kms:DescribeKey",
    "kms:Encrypt",
    "ec2:DescribeSecurityGroups",
    "ec2:DescribeSubnets",
    "ec2:DescribeVpcs",
];

/// IAM actions that an update of the code needs.
const UPDATE_CODE: &[&str] = &[
    "lambda:UpdateFunctionCode",
    "s3:GetObject",
    "s3:GetObjectVersion",
    "ecr:BatchGetImage",
    "ecr:GetDownloadUrlForLayer",
    "kms:Decrypt",
];

impl Operation {
    /// Every operation, reads first.
    pub const ALL: [Self; 27] = [
        Self::GetCallerIdentity,
        Self::DescribeSecurityGroups,
        Self::GetFunction,
        Self::GetFunctionCodeSigningConfig,
        Self::GetRuntimeManagementConfig,
        Self::GetFunctionRecursionConfig,
        Self::ListVersionsByFunction,
        Self::ListDurableExecutionsByFunction,
        Self::ListFunctions,
        Self::GetAlias,
        Self::CreateFunction,
        Self::UpdateFunctionConfiguration,
        Self::UpdateFunctionCode,
        Self::PutFunctionCodeSigningConfig,
        Self::DeleteFunctionCodeSigningConfig,
        Self::PutRuntimeManagementConfig,
        Self::PutFunctionRecursionConfig,
        Self::PutFunctionConcurrency,
        Self::DeleteFunctionConcurrency,
        Self::TagResource,
        Self::UntagResource,
        Self::PublishVersion,
        Self::StopDurableExecution,
        Self::DeleteFunction,
        Self::CreateAlias,
        Self::UpdateAlias,
        Self::DeleteAlias,
    ];

    /// The name that AWS uses.
    #[must_use]
    pub const fn name(self) -> &'static str {
        self.row().name
    }

    /// The IAM actions that the call needs: its own, and what AWS checks on the caller's behalf while it runs.
    #[must_use]
    pub const fn permissions(self) -> &'static [&'static str] {
        self.row().actions
    }

    /// What it does to the resource that it is about.
    #[must_use]
    pub const fn access(self) -> Access {
        self.row().access
    }

    /// Whether it only reads.
    #[must_use]
    pub const fn is_read(self) -> bool {
        matches!(self.row().access, Access::Read)
    }

    /// The quota that AWS counts it against.
    #[must_use]
    pub const fn quota(self) -> Quota {
        self.row().quota
    }

    const fn row(self) -> Row {
        match self {
            // AWS grants it to everybody.
            Self::GetCallerIdentity => row("GetCallerIdentity", Access::Read, Quota::Other, &[]),
            Self::DescribeSecurityGroups => {
                row("DescribeSecurityGroups", Access::Read, Quota::Other, &["ec2:DescribeSecurityGroups"])
            }
            Self::GetFunction => {
                row("GetFunction", Access::Read, Quota::GetFunction, &["lambda:GetFunction", "lambda:ListTags"])
            }
            Self::GetFunctionCodeSigningConfig => row(
                "GetFunctionCodeSigningConfig",
                Access::Read,
                Quota::Other,
                &["lambda:GetFunctionCodeSigningConfig"],
            ),
            Self::GetRuntimeManagementConfig => {
                row("GetRuntimeManagementConfig", Access::Read, Quota::Other, &["lambda:GetRuntimeManagementConfig"])
            }
            Self::GetFunctionRecursionConfig => {
                row("GetFunctionRecursionConfig", Access::Read, Quota::Other, &["lambda:GetFunctionRecursionConfig"])
            }
            Self::ListVersionsByFunction => {
                row("ListVersionsByFunction", Access::Read, Quota::Other, &["lambda:ListVersionsByFunction"])
            }
            Self::ListDurableExecutionsByFunction => row(
                "ListDurableExecutionsByFunction",
                Access::Read,
                Quota::Other,
                &["lambda:ListDurableExecutionsByFunction"],
            ),
            // Called by a person's `import --all`, never by the operator.
            Self::ListFunctions => row("ListFunctions", Access::Read, Quota::Other, &["lambda:ListFunctions"]),
            Self::GetAlias => row("GetAlias", Access::Read, Quota::Other, &["lambda:GetAlias"]),
            Self::CreateFunction => row("CreateFunction", Access::Create, Quota::Other, CREATE),
            Self::UpdateFunctionConfiguration => {
                row("UpdateFunctionConfiguration", Access::Write, Quota::Other, UPDATE_CONFIGURATION)
            }
            Self::UpdateFunctionCode => row("UpdateFunctionCode", Access::Write, Quota::Other, UPDATE_CODE),
            Self::PutFunctionCodeSigningConfig => row(
                "PutFunctionCodeSigningConfig",
                Access::Write,
                Quota::Other,
                &["lambda:PutFunctionCodeSigningConfig"],
            ),
            Self::DeleteFunctionCodeSigningConfig => row(
                "DeleteFunctionCodeSigningConfig",
                Access::Write,
                Quota::Other,
                &["lambda:DeleteFunctionCodeSigningConfig"],
            ),
            Self::PutRuntimeManagementConfig => {
                row("PutRuntimeManagementConfig", Access::Write, Quota::Other, &["lambda:PutRuntimeManagementConfig"])
            }
            Self::PutFunctionRecursionConfig => {
                row("PutFunctionRecursionConfig", Access::Write, Quota::Other, &["lambda:PutFunctionRecursionConfig"])
            }
            Self::PutFunctionConcurrency => {
                row("PutFunctionConcurrency", Access::Write, Quota::Other, &["lambda:PutFunctionConcurrency"])
            }
            Self::DeleteFunctionConcurrency => {
                row("DeleteFunctionConcurrency", Access::Write, Quota::Other, &["lambda:DeleteFunctionConcurrency"])
            }
            Self::TagResource => row("TagResource", Access::Write, Quota::Other, &["lambda:TagResource"]),
            Self::UntagResource => row("UntagResource", Access::Write, Quota::Other, &["lambda:UntagResource"]),
            Self::PublishVersion => row("PublishVersion", Access::Write, Quota::Other, &["lambda:PublishVersion"]),
            Self::StopDurableExecution => {
                row("StopDurableExecution", Access::Write, Quota::Other, &["lambda:StopDurableExecution"])
            }
            Self::DeleteFunction => row("DeleteFunction", Access::Delete, Quota::Other, &["lambda:DeleteFunction"]),
            Self::CreateAlias => row("CreateAlias", Access::Create, Quota::Other, &["lambda:CreateAlias"]),
            Self::UpdateAlias => row("UpdateAlias", Access::Write, Quota::Other, &["lambda:UpdateAlias"]),
            Self::DeleteAlias => row("DeleteAlias", Access::Delete, Quota::Other, &["lambda:DeleteAlias"]),
        }
    }
}

impl fmt::Display for Operation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_lists_each_operation_once() {
        let mut seen = std::collections::BTreeSet::new();
        assert!(Operation::ALL.iter().all(|operation| seen.insert(operation.name())));
        assert_eq!(Operation::ALL.last().map(|last| *last as usize), Some(Operation::ALL.len() - 1));
    }
}
