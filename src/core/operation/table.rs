//! The table of AWS calls: the name of each, its effect, its quota, and the IAM permissions that it needs.

use super::{Access, Operation, Quota};

/// A row of the table.
pub(super) struct Row {
    pub(super) name: &'static str,
    pub(super) access: Access,
    pub(super) quota: Quota,
    pub(super) actions: &'static [&'static str],
}

const fn row(name: &'static str, access: Access, quota: Quota, actions: &'static [&'static str]) -> Row {
    Row { name, access, quota, actions }
}

/// A row of an operation of CloudWatch Logs.
const fn logs(name: &'static str, access: Access, actions: &'static [&'static str]) -> Row {
    row(name, access, Quota::Logs, actions)
}

/// A row of an operation that counts against the quota of all other calls.
const fn read(name: &'static str, actions: &'static [&'static str]) -> Row {
    row(name, Access::Read, Quota::Other, actions)
}

const fn create(name: &'static str, actions: &'static [&'static str]) -> Row {
    row(name, Access::Create, Quota::Other, actions)
}

const fn write(name: &'static str, actions: &'static [&'static str]) -> Row {
    row(name, Access::Write, Quota::Other, actions)
}

const fn put(name: &'static str, actions: &'static [&'static str]) -> Row {
    row(name, Access::Put, Quota::Other, actions)
}

const fn delete(name: &'static str, actions: &'static [&'static str]) -> Row {
    row(name, Access::Delete, Quota::Other, actions)
}

/// IAM actions that a creation needs: its own, and those for everything that a function can refer to.
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
    "elasticfilesystem:DescribeMountTargets",
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
    "elasticfilesystem:DescribeMountTargets",
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
    pub(super) const fn row(self) -> Row {
        match self {
            // AWS needs no permission for it.
            Self::GetCallerIdentity => read("GetCallerIdentity", &[]),
            Self::DescribeSecurityGroups => read("DescribeSecurityGroups", &["ec2:DescribeSecurityGroups"]),
            Self::GetFunction => {
                row("GetFunction", Access::Read, Quota::GetFunction, &["lambda:GetFunction", "lambda:ListTags"])
            }
            Self::GetFunctionCodeSigningConfig => {
                read("GetFunctionCodeSigningConfig", &["lambda:GetFunctionCodeSigningConfig"])
            }
            Self::GetRuntimeManagementConfig => {
                read("GetRuntimeManagementConfig", &["lambda:GetRuntimeManagementConfig"])
            }
            Self::GetFunctionRecursionConfig => {
                read("GetFunctionRecursionConfig", &["lambda:GetFunctionRecursionConfig"])
            }
            Self::ListVersionsByFunction => read("ListVersionsByFunction", &["lambda:ListVersionsByFunction"]),
            Self::ListDurableExecutionsByFunction => {
                read("ListDurableExecutionsByFunction", &["lambda:ListDurableExecutionsByFunction"])
            }
            Self::ListFunctions => read("ListFunctions", &["lambda:ListFunctions"]),
            Self::ListAliases => read("ListAliases", &["lambda:ListAliases"]),
            Self::ListFunctionUrlConfigs => read("ListFunctionUrlConfigs", &["lambda:ListFunctionUrlConfigs"]),
            Self::ListFunctionEventInvokeConfigs => {
                read("ListFunctionEventInvokeConfigs", &["lambda:ListFunctionEventInvokeConfigs"])
            }
            Self::ListProvisionedConcurrencyConfigs => {
                read("ListProvisionedConcurrencyConfigs", &["lambda:ListProvisionedConcurrencyConfigs"])
            }
            Self::GetAlias => read("GetAlias", &["lambda:GetAlias"]),
            Self::GetPolicy => row("GetPolicy", Access::Read, Quota::GetPolicy, &["lambda:GetPolicy"]),
            Self::GetFunctionUrlConfig => read("GetFunctionUrlConfig", &["lambda:GetFunctionUrlConfig"]),
            Self::GetFunctionEventInvokeConfig => {
                read("GetFunctionEventInvokeConfig", &["lambda:GetFunctionEventInvokeConfig"])
            }
            Self::GetProvisionedConcurrencyConfig => {
                read("GetProvisionedConcurrencyConfig", &["lambda:GetProvisionedConcurrencyConfig"])
            }
            Self::GetEventSourceMapping => read("GetEventSourceMapping", &["lambda:GetEventSourceMapping"]),
            Self::ListEventSourceMappings => read("ListEventSourceMappings", &["lambda:ListEventSourceMappings"]),
            Self::GetCodeSigningConfig => read("GetCodeSigningConfig", &["lambda:GetCodeSigningConfig"]),
            Self::ListCodeSigningConfigs => read("ListCodeSigningConfigs", &["lambda:ListCodeSigningConfigs"]),
            Self::ListFunctionsByCodeSigningConfig => {
                read("ListFunctionsByCodeSigningConfig", &["lambda:ListFunctionsByCodeSigningConfig"])
            }
            Self::GetLayerVersion => read("GetLayerVersion", &["lambda:GetLayerVersion"]),
            Self::ListLayerVersions => read("ListLayerVersions", &["lambda:ListLayerVersions"]),
            Self::GetLayerVersionPolicy => read("GetLayerVersionPolicy", &["lambda:GetLayerVersionPolicy"]),
            Self::DescribeLogGroups => logs("DescribeLogGroups", Access::Read, &["logs:DescribeLogGroups"]),
            // These change the function's settings; what they make is no resource of an object.
            Self::CreateLogGroup => logs("CreateLogGroup", Access::Write, &["logs:CreateLogGroup"]),
            Self::PutRetentionPolicy => logs("PutRetentionPolicy", Access::Write, &["logs:PutRetentionPolicy"]),
            Self::DeleteRetentionPolicy => {
                logs("DeleteRetentionPolicy", Access::Write, &["logs:DeleteRetentionPolicy"])
            }
            Self::ListTags => read("ListTags", &["lambda:ListTags"]),
            Self::CreateFunction => create("CreateFunction", CREATE),
            Self::UpdateFunctionConfiguration => write("UpdateFunctionConfiguration", UPDATE_CONFIGURATION),
            Self::UpdateFunctionCode => write("UpdateFunctionCode", UPDATE_CODE),
            Self::PutFunctionCodeSigningConfig => {
                write("PutFunctionCodeSigningConfig", &["lambda:PutFunctionCodeSigningConfig"])
            }
            Self::DeleteFunctionCodeSigningConfig => {
                write("DeleteFunctionCodeSigningConfig", &["lambda:DeleteFunctionCodeSigningConfig"])
            }
            Self::PutRuntimeManagementConfig => {
                write("PutRuntimeManagementConfig", &["lambda:PutRuntimeManagementConfig"])
            }
            Self::PutFunctionRecursionConfig => {
                write("PutFunctionRecursionConfig", &["lambda:PutFunctionRecursionConfig"])
            }
            Self::PutFunctionConcurrency => write("PutFunctionConcurrency", &["lambda:PutFunctionConcurrency"]),
            Self::DeleteFunctionConcurrency => {
                write("DeleteFunctionConcurrency", &["lambda:DeleteFunctionConcurrency"])
            }
            Self::TagResource => write("TagResource", &["lambda:TagResource"]),
            Self::UntagResource => write("UntagResource", &["lambda:UntagResource"]),
            Self::PublishVersion => write("PublishVersion", &["lambda:PublishVersion"]),
            Self::StopDurableExecution => write("StopDurableExecution", &["lambda:StopDurableExecution"]),
            Self::DeleteFunction => delete("DeleteFunction", &["lambda:DeleteFunction"]),
            Self::CreateAlias => create("CreateAlias", &["lambda:CreateAlias"]),
            Self::UpdateAlias => write("UpdateAlias", &["lambda:UpdateAlias"]),
            Self::DeleteAlias => delete("DeleteAlias", &["lambda:DeleteAlias"]),
            Self::AddPermission => create("AddPermission", &["lambda:AddPermission"]),
            Self::RemovePermission => delete("RemovePermission", &["lambda:RemovePermission"]),
            Self::CreateFunctionUrlConfig => create("CreateFunctionUrlConfig", &["lambda:CreateFunctionUrlConfig"]),
            Self::UpdateFunctionUrlConfig => write("UpdateFunctionUrlConfig", &["lambda:UpdateFunctionUrlConfig"]),
            Self::DeleteFunctionUrlConfig => delete("DeleteFunctionUrlConfig", &["lambda:DeleteFunctionUrlConfig"]),
            Self::PutFunctionEventInvokeConfig => {
                put("PutFunctionEventInvokeConfig", &["lambda:PutFunctionEventInvokeConfig"])
            }
            Self::DeleteFunctionEventInvokeConfig => {
                delete("DeleteFunctionEventInvokeConfig", &["lambda:DeleteFunctionEventInvokeConfig"])
            }
            Self::PutProvisionedConcurrencyConfig => {
                put("PutProvisionedConcurrencyConfig", &["lambda:PutProvisionedConcurrencyConfig"])
            }
            Self::DeleteProvisionedConcurrencyConfig => {
                delete("DeleteProvisionedConcurrencyConfig", &["lambda:DeleteProvisionedConcurrencyConfig"])
            }
            Self::CreateEventSourceMapping => {
                create("CreateEventSourceMapping", &["lambda:CreateEventSourceMapping", "lambda:TagResource"])
            }
            Self::UpdateEventSourceMapping => write("UpdateEventSourceMapping", &["lambda:UpdateEventSourceMapping"]),
            Self::DeleteEventSourceMapping => delete("DeleteEventSourceMapping", &["lambda:DeleteEventSourceMapping"]),
            Self::CreateCodeSigningConfig => {
                create("CreateCodeSigningConfig", &["lambda:CreateCodeSigningConfig", "lambda:TagResource"])
            }
            Self::UpdateCodeSigningConfig => write("UpdateCodeSigningConfig", &["lambda:UpdateCodeSigningConfig"]),
            Self::DeleteCodeSigningConfig => delete("DeleteCodeSigningConfig", &["lambda:DeleteCodeSigningConfig"]),
            Self::PublishLayerVersion => {
                create("PublishLayerVersion", &["lambda:PublishLayerVersion", "s3:GetObject", "s3:GetObjectVersion"])
            }
            Self::DeleteLayerVersion => delete("DeleteLayerVersion", &["lambda:DeleteLayerVersion"]),
            // They change the policy of a version that exists.
            Self::AddLayerVersionPermission => {
                write("AddLayerVersionPermission", &["lambda:AddLayerVersionPermission"])
            }
            Self::RemoveLayerVersionPermission => {
                write("RemoveLayerVersionPermission", &["lambda:RemoveLayerVersionPermission"])
            }
        }
    }
}
