//! The fields and tags that others manage once the function exists: `ignoreChanges` and `ignoreTags`.

use std::collections::BTreeSet;

use super::member::Member;
use super::part;
use super::side::{Side, Sides};
use crate::api::function::ignored::IgnoredField;
use crate::api::function::spec::LambdaFunctionSpec;
use crate::core::goal::Defaults;
use crate::core::tag_pattern::TagPattern;

/// The ignored fields and tags.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Ignored {
    fields: BTreeSet<IgnoredField>,
    tags: Vec<TagPattern>,
}

impl Ignored {
    /// Combines the settings of the spec and of the operator.
    #[must_use]
    pub fn of(spec: &LambdaFunctionSpec, defaults: &Defaults) -> Self {
        let fields: BTreeSet<_> = spec.ignore_changes.iter().flatten().copied().collect();
        let all_tags = fields.contains(&IgnoredField::Tags).then(TagPattern::any);
        let own = spec.ignore_tags.iter().flatten().cloned().map(TagPattern::new);
        Self { tags: defaults.ignore_tags.iter().cloned().chain(own).chain(all_tags).collect(), fields }
    }

    /// Whether a field is ignored.
    #[must_use]
    pub fn has(&self, field: IgnoredField) -> bool {
        self.fields.contains(&field)
    }

    /// Whether any field is ignored.
    #[must_use]
    pub fn has_fields(&self) -> bool {
        !self.fields.is_empty()
    }

    /// Whether the code is ignored, which any field of its source causes.
    #[must_use]
    pub fn has_code(&self) -> bool {
        self.fields.iter().any(|field| is_of_code(*field))
    }

    /// Whether a side group is ignored.
    #[must_use]
    pub fn has_side(&self, side: Side) -> bool {
        self.has(match side {
            Side::CodeSigning => IgnoredField::CodeSigningConfigArn,
            Side::RuntimeManagement => IgnoredField::RuntimeManagementConfig,
            Side::Recursion => IgnoredField::RecursiveLoop,
            Side::LogRetention => IgnoredField::LogRetentionInDays,
        })
    }

    /// The side groups that are not ignored.
    #[must_use]
    pub fn own_sides(&self, wanted: &Sides) -> Sides {
        wanted.iter().filter(|(side, _)| !self.has_side(**side)).map(|(side, one)| (*side, one.clone())).collect()
    }

    /// Whether a member of the configuration is ignored.
    #[must_use]
    pub fn has_member(&self, member: Member) -> bool {
        self.has(field(member))
    }

    /// Whether the part that is recorded under this name is ignored.
    #[must_use]
    pub fn covers(&self, name: &str) -> bool {
        Member::named(name).is_some_and(|member| self.has_member(member))
            || Side::ALL.into_iter().any(|side| part::side(side) == name && self.has_side(side))
            || part::tag_key(name).is_some_and(|key| self.has_tag(key))
            || name == part::CONCURRENCY && self.has(IgnoredField::ReservedConcurrentExecutions)
            || name == part::CODE && self.has_code()
    }

    /// Whether a tag is ignored.
    pub(super) fn has_tag(&self, key: &str) -> bool {
        self.tags.iter().any(|pattern| pattern.matches(key))
    }

    /// The desired value of a field; the observed one if the field is ignored.
    pub(super) fn pick<T: Clone>(&self, field: IgnoredField, want: T, have: &T) -> T {
        if self.has(field) { have.clone() } else { want }
    }
}

/// The field of the spec for a member of the configuration.
pub(super) const fn field(member: Member) -> IgnoredField {
    match member {
        Member::Role => IgnoredField::Role,
        Member::Runtime => IgnoredField::Runtime,
        Member::Handler => IgnoredField::Handler,
        Member::Description => IgnoredField::Description,
        Member::MemorySize => IgnoredField::MemorySize,
        Member::Timeout => IgnoredField::Timeout,
        Member::Environment => IgnoredField::Environment,
        Member::Layers => IgnoredField::Layers,
        Member::DeadLetterConfig => IgnoredField::DeadLetterConfig,
        Member::KmsKeyArn => IgnoredField::KmsKeyArn,
        Member::TracingConfig => IgnoredField::TracingConfig,
        Member::FileSystemConfigs => IgnoredField::FileSystemConfig,
        Member::ImageConfig => IgnoredField::ImageConfig,
        Member::EphemeralStorage => IgnoredField::EphemeralStorage,
        Member::SnapStart => IgnoredField::SnapStart,
        Member::LoggingConfig => IgnoredField::LoggingConfig,
        Member::VpcConfig => IgnoredField::VpcConfig,
        Member::DurableConfig => IgnoredField::DurableConfig,
        Member::CapacityProviderConfig => IgnoredField::CapacityProviderConfig,
    }
}

/// Whether a field belongs to the source of the code.
const fn is_of_code(field: IgnoredField) -> bool {
    use IgnoredField as Field;
    match field {
        Field::S3Bucket
        | Field::S3Key
        | Field::S3ObjectVersion
        | Field::S3ObjectStorageMode
        | Field::CodeFrom
        | Field::Filename
        | Field::ImageUri
        | Field::SourceCodeHash
        | Field::CodeSha256 => true,
        Field::Role
        | Field::Runtime
        | Field::Handler
        | Field::Description
        | Field::MemorySize
        | Field::Timeout
        | Field::Architectures
        | Field::Environment
        | Field::Layers
        | Field::VpcConfig
        | Field::Tags
        | Field::ReservedConcurrentExecutions
        | Field::SourceKmsKeyArn
        | Field::CodeSigningConfigArn
        | Field::RuntimeManagementConfig
        | Field::RecursiveLoop
        | Field::LogRetentionInDays
        | Field::DeadLetterConfig
        | Field::EphemeralStorage
        | Field::FileSystemConfig
        | Field::ImageConfig
        | Field::KmsKeyArn
        | Field::LoggingConfig
        | Field::SnapStart
        | Field::TracingConfig
        | Field::DurableConfig
        | Field::CapacityProviderConfig => false,
    }
}
