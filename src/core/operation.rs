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
    ListVersionsByFunction,
    ListDurableExecutionsByFunction,
    ListFunctions,
    CreateFunction,
    UpdateFunctionConfiguration,
    UpdateFunctionCode,
    PutFunctionCodeSigningConfig,
    DeleteFunctionCodeSigningConfig,
    PutFunctionConcurrency,
    DeleteFunctionConcurrency,
    TagResource,
    UntagResource,
    PublishVersion,
    StopDurableExecution,
    DeleteFunction,
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

impl Operation {
    /// Every operation, reads first.
    pub const ALL: [Self; 19] = [
        Self::GetCallerIdentity,
        Self::DescribeSecurityGroups,
        Self::GetFunction,
        Self::GetFunctionCodeSigningConfig,
        Self::ListVersionsByFunction,
        Self::ListDurableExecutionsByFunction,
        Self::ListFunctions,
        Self::CreateFunction,
        Self::UpdateFunctionConfiguration,
        Self::UpdateFunctionCode,
        Self::PutFunctionCodeSigningConfig,
        Self::DeleteFunctionCodeSigningConfig,
        Self::PutFunctionConcurrency,
        Self::DeleteFunctionConcurrency,
        Self::TagResource,
        Self::UntagResource,
        Self::PublishVersion,
        Self::StopDurableExecution,
        Self::DeleteFunction,
    ];

    /// The name that AWS uses.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::GetCallerIdentity => "GetCallerIdentity",
            Self::DescribeSecurityGroups => "DescribeSecurityGroups",
            Self::GetFunction => "GetFunction",
            Self::GetFunctionCodeSigningConfig => "GetFunctionCodeSigningConfig",
            Self::ListVersionsByFunction => "ListVersionsByFunction",
            Self::ListDurableExecutionsByFunction => "ListDurableExecutionsByFunction",
            Self::ListFunctions => "ListFunctions",
            Self::CreateFunction => "CreateFunction",
            Self::UpdateFunctionConfiguration => "UpdateFunctionConfiguration",
            Self::UpdateFunctionCode => "UpdateFunctionCode",
            Self::PutFunctionCodeSigningConfig => "PutFunctionCodeSigningConfig",
            Self::DeleteFunctionCodeSigningConfig => "DeleteFunctionCodeSigningConfig",
            Self::PutFunctionConcurrency => "PutFunctionConcurrency",
            Self::DeleteFunctionConcurrency => "DeleteFunctionConcurrency",
            Self::TagResource => "TagResource",
            Self::UntagResource => "UntagResource",
            Self::PublishVersion => "PublishVersion",
            Self::StopDurableExecution => "StopDurableExecution",
            Self::DeleteFunction => "DeleteFunction",
        }
    }

    /// The IAM actions that the call needs: its own, and what AWS checks on the caller's behalf while it runs.
    #[must_use]
    pub const fn permissions(self) -> &'static [&'static str] {
        match self {
            // AWS grants it to everybody.
            Self::GetCallerIdentity => &[],
            Self::DescribeSecurityGroups => &["ec2:DescribeSecurityGroups"],
            Self::GetFunction => &["lambda:GetFunction", "lambda:ListTags"],
            Self::GetFunctionCodeSigningConfig => &["lambda:GetFunctionCodeSigningConfig"],
            Self::ListVersionsByFunction => &["lambda:ListVersionsByFunction"],
            Self::ListDurableExecutionsByFunction => &["lambda:ListDurableExecutionsByFunction"],
            // Asked by a person's `import --all`, never by the operator.
            Self::ListFunctions => &["lambda:ListFunctions"],
            Self::StopDurableExecution => &["lambda:StopDurableExecution"],
            Self::CreateFunction => CREATE,
            Self::UpdateFunctionConfiguration => &[
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
            ],
            Self::UpdateFunctionCode => &[
                "lambda:UpdateFunctionCode",
                "s3:GetObject",
                "s3:GetObjectVersion",
                "ecr:BatchGetImage",
                "ecr:GetDownloadUrlForLayer",
                "kms:Decrypt",
            ],
            Self::PutFunctionCodeSigningConfig => &["lambda:PutFunctionCodeSigningConfig"],
            Self::DeleteFunctionCodeSigningConfig => &["lambda:DeleteFunctionCodeSigningConfig"],
            Self::PutFunctionConcurrency => &["lambda:PutFunctionConcurrency"],
            Self::DeleteFunctionConcurrency => &["lambda:DeleteFunctionConcurrency"],
            Self::TagResource => &["lambda:TagResource"],
            Self::UntagResource => &["lambda:UntagResource"],
            Self::PublishVersion => &["lambda:PublishVersion"],
            Self::DeleteFunction => &["lambda:DeleteFunction"],
        }
    }

    /// Whether it only asks.
    #[must_use]
    pub const fn is_read(self) -> bool {
        match self {
            Self::GetCallerIdentity
            | Self::DescribeSecurityGroups
            | Self::GetFunction
            | Self::GetFunctionCodeSigningConfig
            | Self::ListVersionsByFunction
            | Self::ListDurableExecutionsByFunction
            | Self::ListFunctions => true,
            Self::CreateFunction
            | Self::UpdateFunctionConfiguration
            | Self::UpdateFunctionCode
            | Self::PutFunctionCodeSigningConfig
            | Self::DeleteFunctionCodeSigningConfig
            | Self::PutFunctionConcurrency
            | Self::DeleteFunctionConcurrency
            | Self::TagResource
            | Self::UntagResource
            | Self::PublishVersion
            | Self::StopDurableExecution
            | Self::DeleteFunction => false,
        }
    }

    /// AWS counts it against the generous quota of reads (100 per second); all others share 15 per second.
    #[must_use]
    pub const fn is_cheap(self) -> bool {
        matches!(self, Self::GetFunction)
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
