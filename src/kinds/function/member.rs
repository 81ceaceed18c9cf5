//! The members of `UpdateFunctionConfiguration`: the unit in which a configuration is compared, sent and recorded.

use std::collections::BTreeSet;

/// A member of the API. A nested block is one member: it is sent as a whole, with the values that clear its unset fields.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[allow(missing_docs, reason = "each is AWS's own name")]
pub enum Member {
    Role,
    Runtime,
    Handler,
    Description,
    MemorySize,
    Timeout,
    Environment,
    Layers,
    DeadLetterConfig,
    KmsKeyArn,
    TracingConfig,
    FileSystemConfigs,
    ImageConfig,
    EphemeralStorage,
    SnapStart,
    LoggingConfig,
    VpcConfig,
    DurableConfig,
    CapacityProviderConfig,
}

impl Member {
    /// Every member.
    pub const ALL: [Self; 19] = [
        Self::Role,
        Self::Runtime,
        Self::Handler,
        Self::Description,
        Self::MemorySize,
        Self::Timeout,
        Self::Environment,
        Self::Layers,
        Self::DeadLetterConfig,
        Self::KmsKeyArn,
        Self::TracingConfig,
        Self::FileSystemConfigs,
        Self::ImageConfig,
        Self::EphemeralStorage,
        Self::SnapStart,
        Self::LoggingConfig,
        Self::VpcConfig,
        Self::DurableConfig,
        Self::CapacityProviderConfig,
    ];

    /// The name in AWS's API, which the status record uses.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Role => "Role",
            Self::Runtime => "Runtime",
            Self::Handler => "Handler",
            Self::Description => "Description",
            Self::MemorySize => "MemorySize",
            Self::Timeout => "Timeout",
            Self::Environment => "Environment",
            Self::Layers => "Layers",
            Self::DeadLetterConfig => "DeadLetterConfig",
            Self::KmsKeyArn => "KMSKeyArn",
            Self::TracingConfig => "TracingConfig",
            Self::FileSystemConfigs => "FileSystemConfigs",
            Self::ImageConfig => "ImageConfig",
            Self::EphemeralStorage => "EphemeralStorage",
            Self::SnapStart => "SnapStart",
            Self::LoggingConfig => "LoggingConfig",
            Self::VpcConfig => "VpcConfig",
            Self::DurableConfig => "DurableConfig",
            Self::CapacityProviderConfig => "CapacityProviderConfig",
        }
    }

    /// The member with this name.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|member| member.name() == name)
    }
}

/// The members, completed by those that AWS needs in the same call: the key and the variables that it encrypts.
#[must_use]
pub fn complete(members: impl IntoIterator<Item = Member>) -> BTreeSet<Member> {
    let mut all: BTreeSet<_> = members.into_iter().collect();
    if all.contains(&Member::KmsKeyArn) || all.contains(&Member::Environment) {
        all.extend([Member::KmsKeyArn, Member::Environment]);
    }
    all
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_lists_each_member_once() {
        let names: BTreeSet<_> = Member::ALL.into_iter().map(Member::name).collect();
        assert_eq!(names.len(), Member::ALL.len());
        assert_eq!(Member::ALL.last().map(|last| *last as usize), Some(Member::ALL.len() - 1));
        assert!(Member::ALL.into_iter().all(|member| Member::named(member.name()) == Some(member)));
    }

    #[test]
    fn the_key_and_the_variables_travel_together() {
        let both: BTreeSet<_> = [Member::KmsKeyArn, Member::Environment].into();
        assert_eq!(complete([Member::KmsKeyArn]), both);
        assert_eq!(complete([Member::Environment]), both);
        assert_eq!(complete([Member::Timeout]), [Member::Timeout].into());
    }
}
