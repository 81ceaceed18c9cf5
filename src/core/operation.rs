//! The AWS calls that this program can make, for metrics, the IAM policy and docs.

mod table;

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
    ListAliases,
    ListFunctionUrlConfigs,
    ListFunctionEventInvokeConfigs,
    ListProvisionedConcurrencyConfigs,
    GetAlias,
    GetPolicy,
    GetFunctionUrlConfig,
    GetFunctionEventInvokeConfig,
    GetProvisionedConcurrencyConfig,
    GetEventSourceMapping,
    ListEventSourceMappings,
    GetCodeSigningConfig,
    ListCodeSigningConfigs,
    ListFunctionsByCodeSigningConfig,
    GetLayerVersion,
    ListLayerVersions,
    GetLayerVersionPolicy,
    ListTags,
    DescribeLogGroups,
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
    CreateLogGroup,
    PutRetentionPolicy,
    DeleteRetentionPolicy,
    DeleteFunction,
    CreateAlias,
    UpdateAlias,
    DeleteAlias,
    AddPermission,
    RemovePermission,
    CreateFunctionUrlConfig,
    UpdateFunctionUrlConfig,
    DeleteFunctionUrlConfig,
    PutFunctionEventInvokeConfig,
    DeleteFunctionEventInvokeConfig,
    PutProvisionedConcurrencyConfig,
    DeleteProvisionedConcurrencyConfig,
    CreateEventSourceMapping,
    UpdateEventSourceMapping,
    DeleteEventSourceMapping,
    CreateCodeSigningConfig,
    UpdateCodeSigningConfig,
    DeleteCodeSigningConfig,
    PublishLayerVersion,
    DeleteLayerVersion,
    AddLayerVersionPermission,
    RemoveLayerVersionPermission,
}

/// The effect of an operation on its resource.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Access {
    /// It changes nothing.
    Read,
    /// It creates the resource.
    Create,
    /// It changes the resource.
    Write,
    /// It creates the resource, or changes the one that exists.
    Put,
    /// It deletes the resource.
    Delete,
}

impl Access {
    /// Whether it can create the resource.
    #[must_use]
    pub const fn may_create(self) -> bool {
        matches!(self, Self::Create | Self::Put)
    }
}

/// The quota that AWS counts an operation against, per account and region.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Quota {
    /// `GetFunction`: 100 per second.
    GetFunction,
    /// `GetPolicy`: 15 per second.
    GetPolicy,
    /// All other calls together: 15 per second.
    Other,
    /// CloudWatch Logs, which counts apart from Lambda: 10 per second.
    Logs,
}

impl Operation {
    /// Every operation, reads first.
    pub const ALL: [Self; 67] = [
        Self::GetCallerIdentity,
        Self::DescribeSecurityGroups,
        Self::GetFunction,
        Self::GetFunctionCodeSigningConfig,
        Self::GetRuntimeManagementConfig,
        Self::GetFunctionRecursionConfig,
        Self::ListVersionsByFunction,
        Self::ListDurableExecutionsByFunction,
        Self::ListFunctions,
        Self::ListAliases,
        Self::ListFunctionUrlConfigs,
        Self::ListFunctionEventInvokeConfigs,
        Self::ListProvisionedConcurrencyConfigs,
        Self::GetAlias,
        Self::GetPolicy,
        Self::GetFunctionUrlConfig,
        Self::GetFunctionEventInvokeConfig,
        Self::GetProvisionedConcurrencyConfig,
        Self::GetEventSourceMapping,
        Self::ListEventSourceMappings,
        Self::GetCodeSigningConfig,
        Self::ListCodeSigningConfigs,
        Self::ListFunctionsByCodeSigningConfig,
        Self::GetLayerVersion,
        Self::ListLayerVersions,
        Self::GetLayerVersionPolicy,
        Self::ListTags,
        Self::DescribeLogGroups,
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
        Self::CreateLogGroup,
        Self::PutRetentionPolicy,
        Self::DeleteRetentionPolicy,
        Self::DeleteFunction,
        Self::CreateAlias,
        Self::UpdateAlias,
        Self::DeleteAlias,
        Self::AddPermission,
        Self::RemovePermission,
        Self::CreateFunctionUrlConfig,
        Self::UpdateFunctionUrlConfig,
        Self::DeleteFunctionUrlConfig,
        Self::PutFunctionEventInvokeConfig,
        Self::DeleteFunctionEventInvokeConfig,
        Self::PutProvisionedConcurrencyConfig,
        Self::DeleteProvisionedConcurrencyConfig,
        Self::CreateEventSourceMapping,
        Self::UpdateEventSourceMapping,
        Self::DeleteEventSourceMapping,
        Self::CreateCodeSigningConfig,
        Self::UpdateCodeSigningConfig,
        Self::DeleteCodeSigningConfig,
        Self::PublishLayerVersion,
        Self::DeleteLayerVersion,
        Self::AddLayerVersionPermission,
        Self::RemoveLayerVersionPermission,
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

    /// The effect on its resource.
    #[must_use]
    pub const fn access(self) -> Access {
        self.row().access
    }

    /// Whether it only reads.
    #[must_use]
    pub const fn is_read(self) -> bool {
        matches!(self.row().access, Access::Read)
    }

    /// Whether only `lambda-operator import` makes it, with the permissions of its user, and never the operator.
    #[must_use]
    pub const fn is_of_import(self) -> bool {
        matches!(
            self,
            Self::ListFunctions
                | Self::ListAliases
                | Self::ListFunctionUrlConfigs
                | Self::ListFunctionEventInvokeConfigs
                | Self::ListProvisionedConcurrencyConfigs
        )
    }

    /// Whether a token bucket counts the calls of its service, so that throttling shows that the bucket's rate is too high.
    #[must_use]
    pub const fn is_counted(self) -> bool {
        !matches!(self, Self::GetCallerIdentity | Self::DescribeSecurityGroups)
    }

    /// The quota that AWS counts it against.
    #[must_use]
    pub const fn quota(self) -> Quota {
        self.row().quota
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
