//! The members and tags of a mapping that others manage once it exists: `ignoreChanges` and `ignoreTags`. Pure.

use std::collections::BTreeSet;

use super::setting::Member;
use crate::api::event_source_mapping::ignored::IgnoredMappingField as Field;
use crate::api::event_source_mapping::spec::LambdaEventSourceMappingSpec;
use crate::core::goal::Defaults;
use crate::core::tag_pattern::TagPattern;

/// The ignored members and tags.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Ignored {
    members: BTreeSet<Member>,
    tags: Vec<TagPattern>,
}

impl Ignored {
    /// Combines the settings of the spec and of the operator.
    #[must_use]
    pub fn of(spec: &LambdaEventSourceMappingSpec, defaults: &Defaults) -> Self {
        let fields = || spec.ignore_changes.iter().flatten();
        let own = spec.ignore_tags.iter().flatten().cloned().map(TagPattern::new);
        let all = fields().any(|field| *field == Field::Tags).then(TagPattern::any);
        Self {
            members: fields().filter_map(|field| member(*field)).collect(),
            tags: defaults.ignore_tags.iter().cloned().chain(own).chain(all).collect(),
        }
    }

    /// Whether a member is ignored.
    #[must_use]
    pub fn has(&self, member: Member) -> bool {
        self.members.contains(&member)
    }

    /// Whether a tag is ignored.
    #[must_use]
    pub fn has_tag(&self, key: &str) -> bool {
        self.tags.iter().any(|pattern| pattern.matches(key))
    }
}

const fn member(field: Field) -> Option<Member> {
    Some(match field {
        Field::Qualifier => Member::Function,
        Field::Enabled => Member::Enabled,
        Field::BatchSize => Member::BatchSize,
        Field::MaximumBatchingWindowInSeconds => Member::BatchingWindow,
        Field::ParallelizationFactor => Member::ParallelizationFactor,
        Field::MaximumRecordAgeInSeconds => Member::MaximumRecordAge,
        Field::MaximumRetryAttempts => Member::MaximumRetryAttempts,
        Field::BisectBatchOnFunctionError => Member::BisectBatch,
        Field::TumblingWindowInSeconds => Member::TumblingWindow,
        Field::FunctionResponseTypes => Member::ResponseTypes,
        Field::FilterCriteria => Member::Filters,
        Field::KmsKeyArn => Member::KmsKey,
        Field::DestinationConfig => Member::FailureDestination,
        Field::ScalingConfig => Member::MaximumConcurrency,
        Field::ProvisionedPollerConfig => Member::Pollers,
        Field::MetricsConfig => Member::Metrics,
        Field::LoggingConfig => Member::LogLevel,
        Field::SourceAccessConfiguration => Member::SourceAccess,
        Field::SchemaRegistryConfig => Member::SchemaRegistry,
        Field::DocumentDbEventSourceConfig => Member::DocumentDb,
        Field::Tags => return None,
    })
}
