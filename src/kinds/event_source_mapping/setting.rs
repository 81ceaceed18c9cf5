//! The settings of a mapping that an update can change: one value for each member of the API, of the same type on the desired and the observed side. Pure.

use std::collections::{BTreeMap, BTreeSet};

use super::source::Source;
use crate::core::applied::{Applied, hash};

/// A member of the API.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[allow(missing_docs, reason = "the names below are AWS's own")]
pub enum Member {
    Function,
    Enabled,
    BatchSize,
    BatchingWindow,
    ParallelizationFactor,
    MaximumRecordAge,
    MaximumRetryAttempts,
    BisectBatch,
    TumblingWindow,
    ResponseTypes,
    Filters,
    KmsKey,
    FailureDestination,
    MaximumConcurrency,
    Pollers,
    Metrics,
    LogLevel,
    SourceAccess,
    SchemaRegistry,
    DocumentDb,
}

/// A value of a member.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Setting {
    /// The qualifier of the function; `None`: the function itself.
    Function(Option<String>),
    /// Whether records are read.
    Enabled(bool),
    /// The most records of one invocation.
    BatchSize(i32),
    /// Seconds to collect records.
    BatchingWindow(i32),
    /// Batches of one shard at the same time.
    ParallelizationFactor(i32),
    /// Age in seconds at which AWS discards a record; -1 for no limit.
    MaximumRecordAge(i32),
    /// Number of retries after which AWS discards a record; -1 for no limit.
    MaximumRetryAttempts(i32),
    /// Whether a batch that fails is split.
    BisectBatch(bool),
    /// Seconds of the tumbling window.
    TumblingWindow(i32),
    /// Kinds of answers that AWS expects.
    ResponseTypes(BTreeSet<String>),
    /// Patterns; one of them has to match.
    Filters(BTreeSet<String>),
    /// The key that encrypts the filters; empty for AWS's own.
    KmsKey(String),
    /// Destination of records that were not processed; empty for none.
    FailureDestination(String),
    /// The most concurrent invocations; `None`: no limit.
    MaximumConcurrency(Option<i32>),
    /// Provisioned event pollers.
    Pollers(Option<Pollers>),
    /// Groups of metrics.
    Metrics(BTreeSet<String>),
    /// Level of the pollers' log; `None`: AWS's default.
    LogLevel(Option<String>),
    /// Authentication and network: kind and value of each entry.
    SourceAccess(BTreeSet<(String, Option<String>)>),
    /// Schema registry of Kafka.
    SchemaRegistry(Option<SchemaRegistry>),
    /// Change stream of DocumentDB.
    DocumentDb(DocumentDb),
}

/// Provisioned event pollers. AWS chooses a number that is not set.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Pollers {
    /// The minimum number.
    pub minimum: Option<i32>,
    /// The maximum number.
    pub maximum: Option<i32>,
    /// The group that shares them.
    pub group: Option<String>,
}

/// Schema registry of Kafka.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SchemaRegistry {
    /// ARN or URL.
    pub uri: String,
    /// Format of the records.
    pub format: String,
    /// Authentication: kind and secret of each entry.
    pub access: BTreeSet<(String, String)>,
    /// Parts of a record that are validated.
    pub validation: BTreeSet<String>,
}

/// Change stream of DocumentDB.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct DocumentDb {
    /// Name of the database.
    pub database: String,
    /// Name of the collection; empty for all.
    pub collection: String,
    /// Content of an event of an update.
    pub full_document: String,
}

impl Member {
    /// Every member, in the order of messages.
    pub const ALL: [Self; 20] = [
        Self::Function,
        Self::Enabled,
        Self::BatchSize,
        Self::BatchingWindow,
        Self::ParallelizationFactor,
        Self::MaximumRecordAge,
        Self::MaximumRetryAttempts,
        Self::BisectBatch,
        Self::TumblingWindow,
        Self::ResponseTypes,
        Self::Filters,
        Self::KmsKey,
        Self::FailureDestination,
        Self::MaximumConcurrency,
        Self::Pollers,
        Self::Metrics,
        Self::LogLevel,
        Self::SourceAccess,
        Self::SchemaRegistry,
        Self::DocumentDb,
    ];

    /// The name in AWS's API and in the spec.
    const fn names(self) -> (&'static str, &'static str) {
        match self {
            Self::Function => ("FunctionName", "qualifier"),
            Self::Enabled => ("Enabled", "enabled"),
            Self::BatchSize => ("BatchSize", "batchSize"),
            Self::BatchingWindow => ("MaximumBatchingWindowInSeconds", "maximumBatchingWindowInSeconds"),
            Self::ParallelizationFactor => ("ParallelizationFactor", "parallelizationFactor"),
            Self::MaximumRecordAge => ("MaximumRecordAgeInSeconds", "maximumRecordAgeInSeconds"),
            Self::MaximumRetryAttempts => ("MaximumRetryAttempts", "maximumRetryAttempts"),
            Self::BisectBatch => ("BisectBatchOnFunctionError", "bisectBatchOnFunctionError"),
            Self::TumblingWindow => ("TumblingWindowInSeconds", "tumblingWindowInSeconds"),
            Self::ResponseTypes => ("FunctionResponseTypes", "functionResponseTypes"),
            Self::Filters => ("FilterCriteria", "filterCriteria.filter"),
            Self::KmsKey => ("KMSKeyArn", "kmsKeyArn"),
            Self::FailureDestination => ("DestinationConfig", "destinationConfig.onFailure.destinationArn"),
            Self::MaximumConcurrency => ("ScalingConfig", "scalingConfig.maximumConcurrency"),
            Self::Pollers => ("ProvisionedPollerConfig", "provisionedPollerConfig"),
            Self::Metrics => ("MetricsConfig", "metricsConfig.metrics"),
            Self::LogLevel => ("LoggingConfig", "loggingConfig.systemLogLevel"),
            Self::SourceAccess => ("SourceAccessConfigurations", "sourceAccessConfiguration"),
            Self::SchemaRegistry => ("SchemaRegistryConfig", "schemaRegistryConfig"),
            Self::DocumentDb => ("DocumentDBEventSourceConfig", "documentDbEventSourceConfig"),
        }
    }

    /// The name in AWS's API.
    #[must_use]
    pub const fn name(self) -> &'static str {
        self.names().0
    }

    /// The name in the spec.
    #[must_use]
    pub const fn field(self) -> &'static str {
        self.names().1
    }
}

impl Setting {
    /// The member of this value.
    #[must_use]
    pub const fn member(&self) -> Member {
        match self {
            Self::Function(_) => Member::Function,
            Self::Enabled(_) => Member::Enabled,
            Self::BatchSize(_) => Member::BatchSize,
            Self::BatchingWindow(_) => Member::BatchingWindow,
            Self::ParallelizationFactor(_) => Member::ParallelizationFactor,
            Self::MaximumRecordAge(_) => Member::MaximumRecordAge,
            Self::MaximumRetryAttempts(_) => Member::MaximumRetryAttempts,
            Self::BisectBatch(_) => Member::BisectBatch,
            Self::TumblingWindow(_) => Member::TumblingWindow,
            Self::ResponseTypes(_) => Member::ResponseTypes,
            Self::Filters(_) => Member::Filters,
            Self::KmsKey(_) => Member::KmsKey,
            Self::FailureDestination(_) => Member::FailureDestination,
            Self::MaximumConcurrency(_) => Member::MaximumConcurrency,
            Self::Pollers(_) => Member::Pollers,
            Self::Metrics(_) => Member::Metrics,
            Self::LogLevel(_) => Member::LogLevel,
            Self::SourceAccess(_) => Member::SourceAccess,
            Self::SchemaRegistry(_) => Member::SchemaRegistry,
            Self::DocumentDb(_) => Member::DocumentDb,
        }
    }

    /// The value as text; empty if there is none.
    #[must_use]
    pub fn text(&self) -> String {
        let shown = |value: &Option<i32>| value.map(|value| value.to_string()).unwrap_or_default();
        match self {
            Self::Function(text) | Self::LogLevel(text) => text.clone().unwrap_or_default(),
            Self::Enabled(flag) | Self::BisectBatch(flag) => flag.to_string(),
            Self::BatchSize(number)
            | Self::BatchingWindow(number)
            | Self::ParallelizationFactor(number)
            | Self::MaximumRecordAge(number)
            | Self::MaximumRetryAttempts(number)
            | Self::TumblingWindow(number) => number.to_string(),
            Self::ResponseTypes(all) | Self::Filters(all) | Self::Metrics(all) => joined(all.iter().cloned()),
            Self::KmsKey(text) | Self::FailureDestination(text) => text.clone(),
            Self::MaximumConcurrency(most) => shown(most),
            Self::Pollers(None) | Self::SchemaRegistry(None) => String::new(),
            Self::Pollers(Some(Pollers { minimum, maximum, group })) => {
                let (minimum, maximum) = (shown(minimum), shown(maximum));
                format!("minimum {minimum}, maximum {maximum}, group {}", group.clone().unwrap_or_default())
            }
            Self::SourceAccess(all) => {
                joined(all.iter().map(|(kind, uri)| format!("{kind}={}", uri.clone().unwrap_or_default())))
            }
            Self::SchemaRegistry(Some(SchemaRegistry { uri, format, access, validation })) => {
                let access = joined(access.iter().map(|(kind, uri)| format!("{kind}={uri}")));
                format!("{uri} {format} [{access}] [{}]", joined(validation.iter().cloned()))
            }
            Self::DocumentDb(DocumentDb { database, collection, full_document }) => {
                format!("{database}/{collection} {full_document}")
            }
        }
    }
}

fn joined(all: impl Iterator<Item = String>) -> String {
    all.collect::<Vec<_>>().join(", ")
}

/// Values of some members. A member without a value is neither compared nor sent.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Settings(BTreeMap<Member, Setting>);

impl Settings {
    /// The given values.
    #[must_use]
    pub fn of(all: impl IntoIterator<Item = Setting>) -> Self {
        Self(all.into_iter().map(|setting| (setting.member(), setting)).collect())
    }

    /// AWS's defaults for a source. It lacks the members that AWS does not support for the source, and those that AWS cannot reset to their default.
    #[must_use]
    pub fn defaults(source: Source) -> Self {
        let mut all = vec![
            Setting::Function(None),
            Setting::Enabled(true),
            Setting::Filters(BTreeSet::new()),
            Setting::KmsKey(String::new()),
            Setting::Metrics(BTreeSet::new()),
        ];
        match source {
            Source::Queue => all.push(Setting::BatchSize(10)),
            Source::Other => {}
            Source::Kinesis
            | Source::DynamoDb
            | Source::Msk
            | Source::SelfManagedKafka
            | Source::Mq
            | Source::DocumentDb => all.push(Setting::BatchSize(100)),
        }
        if source == Source::Queue || source.is_stream() {
            all.push(Setting::BatchingWindow(0));
        }
        if source.is_stream() {
            all.extend([Setting::ParallelizationFactor(1), Setting::TumblingWindow(0)]);
        }
        if source.is_stream() || source.is_kafka() {
            all.extend([
                Setting::MaximumRecordAge(-1),
                Setting::MaximumRetryAttempts(-1),
                Setting::BisectBatch(false),
                Setting::FailureDestination(String::new()),
            ]);
        }
        if source == Source::Queue || source.is_stream() || source.is_kafka() {
            all.push(Setting::ResponseTypes(BTreeSet::new()));
        }
        if source == Source::Queue {
            all.push(Setting::MaximumConcurrency(None));
        }
        if source == Source::Queue || source.is_kafka() {
            all.push(Setting::Pollers(None));
        }
        if source.is_kafka() {
            all.extend([Setting::LogLevel(None), Setting::SchemaRegistry(None)]);
        }
        if source.is_kafka() || matches!(source, Source::Mq | Source::DocumentDb) {
            all.push(Setting::SourceAccess(BTreeSet::new()));
        }
        Self::of(all)
    }

    /// Replaces the values of some members.
    #[must_use]
    pub fn with(mut self, all: impl IntoIterator<Item = Setting>) -> Self {
        self.0.extend(Self::of(all).0);
        self
    }

    /// Without the values of some members.
    #[must_use]
    pub fn without(mut self, leaves: impl Fn(Member) -> bool) -> Self {
        self.0.retain(|member, _| !leaves(*member));
        self
    }

    /// The value of a member.
    #[must_use]
    pub fn get(&self, member: Member) -> Option<&Setting> {
        self.0.get(&member)
    }

    /// Every value.
    pub fn iter(&self) -> impl Iterator<Item = &Setting> {
        self.0.values()
    }

    /// Whether there is no value.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The values that are missing in `other`, or differ from it.
    #[must_use]
    pub fn beyond(&self, other: &Self) -> Self {
        Self::of(self.iter().filter(|setting| other.get(setting.member()) != Some(setting)).cloned())
    }

    /// The values that differ from those that AWS shows. A value that AWS does not show is no difference.
    #[must_use]
    pub fn differing(&self, shown: &Self) -> Self {
        let differs = |setting: &&Setting| shown.get(setting.member()).is_some_and(|shown| !is_met(setting, shown));
        Self::of(self.iter().filter(differs).cloned())
    }

    /// The record of these values after AWS has accepted them.
    #[must_use]
    pub fn applied(&self) -> Applied {
        self.iter().map(|setting| (setting.member().name().to_owned(), hash(&setting.text()))).collect()
    }
}

/// Whether AWS shows the desired value. Numbers of pollers that are not set are not compared.
fn is_met(wanted: &Setting, shown: &Setting) -> bool {
    let (Setting::Pollers(Some(wanted)), Setting::Pollers(Some(shown))) = (wanted, shown) else {
        return wanted == shown;
    };
    let Pollers { minimum, maximum, group } = wanted;
    let is_met = |wanted: &Option<i32>, shown: Option<i32>| wanted.is_none() || *wanted == shown;
    is_met(minimum, shown.minimum) && is_met(maximum, shown.maximum) && *group == shown.group
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_lists_each_member_once_by_name() {
        let mut seen = BTreeSet::new();
        assert!(Member::ALL.iter().all(|member| seen.insert(member.name())));
        assert_eq!(Member::ALL.last().map(|last| *last as usize), Some(Member::ALL.len() - 1));
    }

    #[test]
    fn a_source_has_only_the_settings_that_aws_takes_for_it() {
        let has = |source, member| Settings::defaults(source).get(member).is_some();
        for (member, sources) in [
            (Member::ParallelizationFactor, vec![Source::Kinesis, Source::DynamoDb]),
            (Member::TumblingWindow, vec![Source::Kinesis, Source::DynamoDb]),
            (Member::MaximumConcurrency, vec![Source::Queue]),
            (Member::Pollers, vec![Source::Queue, Source::Msk, Source::SelfManagedKafka]),
            (Member::BatchingWindow, vec![Source::Queue, Source::Kinesis, Source::DynamoDb]),
            (Member::SourceAccess, vec![Source::Msk, Source::SelfManagedKafka, Source::Mq, Source::DocumentDb]),
        ] {
            for source in [
                Source::Queue,
                Source::Kinesis,
                Source::DynamoDb,
                Source::Msk,
                Source::SelfManagedKafka,
                Source::Mq,
                Source::DocumentDb,
                Source::Other,
            ] {
                assert_eq!(has(source, member), sources.contains(&source), "{source:?} {member:?}");
            }
        }
        let batch = |source| Settings::defaults(source).get(Member::BatchSize).cloned();
        assert_eq!(batch(Source::Queue), Some(Setting::BatchSize(10)));
        assert_eq!(batch(Source::Mq), Some(Setting::BatchSize(100)));
    }

    #[test]
    fn what_aws_does_not_show_is_no_difference_and_neither_are_pollers_that_it_chose() {
        let wanted = Settings::of([Setting::Filters(["{}".to_owned()].into()), Setting::BatchSize(5)]);
        assert_eq!(wanted.differing(&Settings::of([Setting::BatchSize(5)])), Settings::default());
        assert_eq!(wanted.differing(&Settings::of([Setting::BatchSize(6)])), Settings::of([Setting::BatchSize(5)]));
        let pollers = |minimum, maximum| Setting::Pollers(Some(Pollers { minimum, maximum, group: None }));
        let shown = Settings::of([pollers(Some(2), Some(200))]);
        assert!(Settings::of([pollers(None, None)]).differing(&shown).is_empty());
        assert!(!Settings::of([pollers(Some(3), None)]).differing(&shown).is_empty());
        assert!(!Settings::of([Setting::Pollers(None)]).differing(&shown).is_empty(), "removed");
    }
}
