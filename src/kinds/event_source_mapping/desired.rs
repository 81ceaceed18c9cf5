//! Builds the goal of a LambdaEventSourceMapping. Unset fields get their defaults here, and later code never reads the spec.

use std::collections::{BTreeMap, BTreeSet};

use k8s_openapi::jiff::Timestamp;

use super::history::History;
use super::ignored::Ignored;
use super::observed::Query;
use super::setting::{DocumentDb, Member, Pollers, SchemaRegistry, Setting, Settings};
use super::source::{Origin, Source, Start};
use crate::api::event_source_mapping::blocks::{
    DocumentDbConfig, ManagedKafkaConfig, ProvisionedPollerConfig, SchemaRegistryConfig, SelfManagedKafkaConfig,
    SourceAccess,
};
use crate::api::event_source_mapping::spec::{LambdaEventSourceMapping, LambdaEventSourceMappingSpec};
use crate::api::shared::{AdoptionPolicy, DriftPolicy};
use crate::core::applied::{Applied, is_drift};
use crate::core::attached;
use crate::core::attached::function::Function;
use crate::core::blocked::Blocked;
use crate::core::error::GoalError;
use crate::core::goal;
use crate::core::hand_over::ObjectName;
use crate::core::host::{FunctionOwner, Host};
use crate::core::kind::GoalInput;
use crate::core::ownership::Ownership;
use crate::core::references::References;
use crate::core::tagged;
use crate::core::tagged::record_name;
use crate::core::values::full;

/// The noun of messages.
pub const NOUN: &str = "event source mapping";

/// The consumption mode of Kafka in which consumers share a topic like a queue.
const QUEUE_MODE: &str = "Queue";

/// The goal of a mapping.
pub type Goal = goal::Goal<Desired, Leaving>;

/// The desired state of a mapping.
#[derive(Clone, Debug, PartialEq)]
pub struct Desired {
    /// The origin of its events.
    pub origin: Origin,
    /// The settings that AWS uses only at the creation.
    pub start: Start,
    /// Every setting.
    pub settings: Settings,
    /// The tags of users.
    pub tags: BTreeMap<String, String>,
    /// The owner, and the owners from which the mapping can be adopted.
    pub ownership: Ownership,
    /// The functions that this object's mapping may invoke.
    pub host: Host,
    /// Whether drift is only reported (`driftPolicy: Report`).
    pub reports_drift: bool,
    /// Members and tags that others manage once the mapping exists.
    pub ignored: Ignored,
    /// Whether the tags are read and compared even if nothing else differs. AWS shows them only to a separate call.
    pub compares_tags: bool,
}

/// A mapping that is being deleted or released.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Leaving {
    /// The origin of its events.
    pub origin: Origin,
    /// Values of the owner tag: that of the cluster's current name, and those under its former names.
    pub owners: Vec<String>,
}

impl Desired {
    /// The settings to compare: those that are not ignored.
    #[must_use]
    pub fn compared(&self) -> Settings {
        self.settings.clone().without(|member| self.ignored.has(member))
    }

    /// The tags to compare: those that are not ignored.
    #[must_use]
    pub fn compared_tags(&self) -> BTreeMap<String, String> {
        self.tags.iter().filter(|(key, _)| !self.ignored.has_tag(key)).map(|(k, v)| (k.clone(), v.clone())).collect()
    }

    /// The record of everything that is desired and not ignored.
    #[must_use]
    pub fn applied(&self) -> Applied {
        let mut all = self.compared().applied();
        all.extend(tagged::record(&self.compared_tags()));
        all
    }

    /// Whether the desired value of the member or tag with this record name is the one that AWS accepted last.
    #[must_use]
    pub fn is_accepted(&self, history: &History, name: &str) -> bool {
        let setting = self.settings.iter().find(|setting| setting.member().name() == name);
        if let Some(setting) = setting {
            let defaults = Settings::defaults(self.origin.source());
            let is_set = defaults.get(setting.member()) != Some(setting);
            return is_drift(&history.applied, name, &setting.text(), is_set);
        }
        let tag = self.tags.iter().find(|(key, _)| record_name(key) == name).map(|(_, value)| value.as_str());
        is_drift(&history.applied, name, tag.unwrap_or_default(), tag.is_some())
    }

    /// The desired filters, if they are not those that AWS accepted last. If AWS does not show the filters, they are written once for each edit.
    #[must_use]
    pub fn edited_filters(&self, history: &History) -> Option<Setting> {
        let filters = self.compared().get(Member::Filters).cloned();
        filters.filter(|filters| !self.is_accepted(history, filters.member().name()))
    }
}

impl Goal {
    /// Whether a mapping with this owner tag belongs to this object.
    #[must_use]
    pub fn claims(&self, tag: &str) -> bool {
        match self {
            Self::Present(desired) => desired.ownership.owner == tag,
            Self::Absent(leaving) | Self::Released(leaving) => leaving.owners.iter().any(|owner| owner == tag),
        }
    }
}

/// The reads that are needed to compare a goal with AWS.
#[must_use]
pub fn query(goal: &Goal, history: &History) -> Query {
    let uuid = history.uuid.clone();
    match goal {
        Goal::Present(desired) => {
            let Ownership { owner, former, from, .. } = &desired.ownership;
            Query {
                uuid,
                origin: desired.origin.clone(),
                qualifier: match desired.settings.get(Member::Function) {
                    Some(Setting::Function(qualifier)) => qualifier.clone(),
                    Some(_) | None => None,
                },
                owners: std::iter::once(owner).chain(former).cloned().collect(),
                from: from.clone(),
                expected: (!desired.compares_tags).then(|| desired.compared()),
                edits_filters: desired.edited_filters(history).is_some(),
                leaving: false,
                perhaps_made: true,
                past_busy: false,
            }
        }
        Goal::Absent(Leaving { origin, owners }) | Goal::Released(Leaving { origin, owners }) => Query {
            uuid,
            origin: origin.clone(),
            qualifier: None,
            owners: owners.clone(),
            from: None,
            expected: None,
            edits_filters: false,
            leaving: true,
            perhaps_made: perhaps_made(history),
            past_busy: false,
        },
    }
}

/// Whether the object can have made a mapping.
#[must_use]
pub fn perhaps_made(history: &History) -> bool {
    history.uuid.is_some() || history.past.perhaps_created.is_some() || !history.applied.is_empty()
}

/// The goal with the owner of the function.
#[must_use]
pub fn with_owner(goal: &Goal, owner: FunctionOwner) -> Option<Goal> {
    let desired = goal.desired()?.clone();
    let host = desired.host.clone().with_owner(owner);
    Some(Goal::Present(Box::new(Desired { host, ..desired })))
}

/// Namespace and name of the object.
#[must_use]
pub fn object(object: &LambdaEventSourceMapping) -> ObjectName {
    let [namespace, name] =
        [&object.metadata.namespace, &object.metadata.name].map(|part| part.clone().unwrap_or_default());
    ObjectName { namespace, name }
}

/// The function, as the spec names it.
#[must_use]
pub const fn function(spec: &LambdaEventSourceMappingSpec) -> Function<'_> {
    Function {
        reference: spec.function_ref.as_ref(),
        alias: spec.alias_ref.as_ref(),
        name: spec.function_name.as_ref(),
        common: &spec.common,
        noun: NOUN,
    }
}

/// The object's goal.
///
/// # Errors
/// If the function, or the alias, does not exist yet. Deletion needs neither.
pub fn goal(input: &GoalInput<'_, LambdaEventSourceMapping>) -> Result<Goal, GoalError> {
    // The owner tag in AWS decides the ownership, so a rival is not needed here.
    let GoalInput {
        object,
        target: _,
        owner,
        former_owners,
        defaults,
        history,
        references,
        rival: _,
        may_adopt,
        now: _,
    } = input;
    let (spec, origin) = (&object.spec, origin(&object.spec));
    if object.metadata.deletion_timestamp.is_some() {
        let leaving = Leaving { origin, owners: std::iter::once(owner).chain(former_owners).cloned().collect() };
        let keep = spec.common.skip_destroy.unwrap_or_default();
        return Ok(if keep { Goal::Released(leaving) } else { Goal::Absent(leaving) });
    }
    let qualifier = qualifier(spec, references)?;
    let start = start(spec)?;
    let settings = defaults_of(origin.source(), &start).with(settings(spec)).with([Setting::Function(qualifier)]);
    let mut desired = Desired {
        origin,
        start,
        settings,
        tags: tagged::wanted(spec.tags.as_ref(), defaults, NOUN)?,
        ownership: Ownership {
            owner: owner.clone(),
            adopt: spec.common.adoption_policy == Some(AdoptionPolicy::Adopt),
            former: former_owners.clone(),
            from: adopt_from(object, history),
            open: *may_adopt,
            uid: object.metadata.uid.clone().unwrap_or_default(),
        },
        host: attached::host(input, self::object(object)),
        reports_drift: spec.common.drift_policy == Some(DriftPolicy::Report),
        ignored: Ignored::of(spec, defaults),
        compares_tags: true,
    };
    desired.compares_tags =
        !history.past.ready || tagged::recorded(&history.applied) != tagged::record(&desired.compared_tags());
    Ok(Goal::Present(Box::new(desired)))
}

/// The alias or version that is invoked. AWS keeps the mappings of a deleted function, so the message asks to delete the object too.
fn qualifier(spec: &LambdaEventSourceMappingSpec, references: &References) -> Result<Option<String>, GoalError> {
    let function = function(spec);
    if let (Some(reference), true) =
        (function.reference(), references.parent.as_ref().is_some_and(|parent| parent.leaving))
    {
        return Err(GoalError::Waiting(format!(
            "{reference} is being deleted, and AWS keeps the event source mapping, which then invokes nothing. Delete this object too, or create {reference} again."
        )));
    }
    function.qualifier(spec.qualifier.as_ref(), None, references)
}

/// The owner that `adoptFrom` names, unless this object has already taken the mapping over from it.
fn adopt_from(object: &LambdaEventSourceMapping, history: &History) -> Option<String> {
    let uid = object.metadata.uid.as_deref().unwrap_or_default();
    let spent = |from: &String| history.adopted_from.as_ref().is_some_and(|one| one.owner == *from && one.uid == uid);
    full(object.spec.adopt_from.as_ref()).filter(|from| !spent(from))
}

/// The object that `adoptFrom` names, until the mapping is taken over from it.
#[must_use]
pub fn asks(object: &LambdaEventSourceMapping) -> Option<ObjectName> {
    object.spec.adopt_from.as_ref()?;
    let from = adopt_from(object, &History::of(object.status.as_ref()))?;
    from.split_once('/').and_then(|(_, giver)| ObjectName::parse(giver))
}

/// The origin of the events.
#[must_use]
pub fn origin(spec: &LambdaEventSourceMappingSpec) -> Origin {
    let servers = spec.self_managed_event_source.as_ref().map(|source| &source.endpoints.kafka_bootstrap_servers);
    let brokers = servers.into_iter().flat_map(|list| list.split(',')).map(|broker| broker.trim().to_owned());
    Origin {
        arn: spec.event_source_arn.clone().unwrap_or_default(),
        brokers: brokers.filter(|broker| !broker.is_empty()).collect(),
        topics: set(spec.topics.as_ref()),
        queues: set(spec.queues.as_ref()),
    }
}

fn start(spec: &LambdaEventSourceMappingSpec) -> Result<Start, GoalError> {
    let managed = spec.amazon_managed_kafka_event_source_config.as_ref();
    let own = spec.self_managed_kafka_event_source_config.as_ref();
    let group = managed.and_then(|one| one.consumer_group_id.as_ref());
    let timestamp = full(spec.starting_position_timestamp.as_ref()).map(|text| time(&text)).transpose()?;
    Ok(Start {
        position: full(spec.starting_position.as_ref()),
        timestamp,
        consumer_group: full(group.or_else(|| own.and_then(|one| one.consumer_group_id.as_ref()))),
        consumption_mode: own.and_then(|one| full(one.consumption_mode.as_ref())),
    })
}

/// A time of the spec. The schema cannot tell that a month has no such day.
fn time(text: &str) -> Result<Timestamp, GoalError> {
    text.parse().map_err(|_| {
        GoalError::Blocked(Blocked::InvalidSpec(format!(
            "startingPositionTimestamp {text} is no date of the calendar, and the field cannot be changed: delete this object and create another with the right date."
        )))
    })
}

fn set(list: Option<&Vec<String>>) -> BTreeSet<String> {
    list.into_iter().flatten().cloned().collect()
}

/// The settings that the spec names. Destructured without `..`: a new field does not compile until it is used.
fn settings(spec: &LambdaEventSourceMappingSpec) -> Vec<Setting> {
    let LambdaEventSourceMappingSpec {
        function_ref: _,
        alias_ref: _,
        function_name: _,
        qualifier: _,
        event_source_arn: _,
        self_managed_event_source: _,
        topics: _,
        queues: _,
        starting_position: _,
        starting_position_timestamp: _,
        enabled,
        batch_size,
        maximum_batching_window_in_seconds,
        parallelization_factor,
        maximum_record_age_in_seconds,
        maximum_retry_attempts,
        bisect_batch_on_function_error,
        tumbling_window_in_seconds,
        function_response_types,
        filter_criteria: _,
        kms_key_arn,
        destination_config: _,
        scaling_config: _,
        provisioned_poller_config: _,
        metrics_config: _,
        logging_config: _,
        amazon_managed_kafka_event_source_config: _,
        self_managed_kafka_event_source_config: _,
        source_access_configuration: _,
        document_db_event_source_config: _,
        tags: _,
        adopt_from: _,
        ignore_changes: _,
        ignore_tags: _,
        common: _,
    } = spec;
    let types = function_response_types.as_ref().filter(|all| !all.is_empty());
    let scalars = [
        enabled.map(Setting::Enabled),
        batch_size.map(Setting::BatchSize),
        maximum_batching_window_in_seconds.map(Setting::BatchingWindow),
        parallelization_factor.map(Setting::ParallelizationFactor),
        maximum_record_age_in_seconds.map(Setting::MaximumRecordAge),
        maximum_retry_attempts.map(Setting::MaximumRetryAttempts),
        bisect_batch_on_function_error.map(Setting::BisectBatch),
        tumbling_window_in_seconds.map(Setting::TumblingWindow),
        types.map(|all| Setting::ResponseTypes(set(Some(all)))),
        full(kms_key_arn.as_ref()).map(Setting::KmsKey),
    ];
    scalars.into_iter().chain(blocks(spec)).flatten().collect()
}

/// The settings that the spec's blocks name.
fn blocks(spec: &LambdaEventSourceMappingSpec) -> [Option<Setting>; 9] {
    let filters = spec.filter_criteria.as_ref().and_then(|criteria| criteria.filter.as_ref());
    let failure = spec.destination_config.as_ref().and_then(|config| config.on_failure.as_ref());
    let metrics = spec.metrics_config.as_ref().and_then(|config| config.metrics.as_ref());
    let level = spec.logging_config.as_ref().and_then(|config| full(config.system_log_level.as_ref()));
    let access = spec.source_access_configuration.as_ref().filter(|all| !all.is_empty());
    let managed = spec.amazon_managed_kafka_event_source_config.as_ref();
    let registry = registry(managed, spec.self_managed_kafka_event_source_config.as_ref());
    let concurrency = spec.scaling_config.as_ref().and_then(|config| config.maximum_concurrency);
    [
        filters.map(|all| Setting::Filters(all.iter().map(|filter| filter.pattern.clone()).collect())),
        failure.map(|failure| Setting::FailureDestination(failure.destination_arn.clone())),
        concurrency.map(|most| Setting::MaximumConcurrency(Some(most))),
        spec.provisioned_poller_config.as_ref().map(|config| Setting::Pollers(pollers(config))),
        metrics.map(|all| Setting::Metrics(set(Some(all)))),
        level.map(|level| Setting::LogLevel(Some(level))),
        access.map(|all| Setting::SourceAccess(all.iter().map(access_entry).collect())),
        registry.map(|registry| Setting::SchemaRegistry(Some(registry))),
        spec.document_db_event_source_config.as_ref().map(document_db),
    ]
}

fn access_entry(entry: &SourceAccess) -> (String, Option<String>) {
    (entry.type_.clone(), full(entry.uri.as_ref()))
}

/// An empty block means no provisioned pollers.
fn pollers(config: &ProvisionedPollerConfig) -> Option<Pollers> {
    let ProvisionedPollerConfig { minimum_pollers, maximum_pollers, poller_group_name } = config;
    let group = full(poller_group_name.as_ref());
    let pollers = Pollers { minimum: *minimum_pollers, maximum: *maximum_pollers, group };
    (pollers != Pollers::default()).then_some(pollers)
}

fn registry(managed: Option<&ManagedKafkaConfig>, own: Option<&SelfManagedKafkaConfig>) -> Option<SchemaRegistry> {
    let managed = managed.and_then(|one| one.schema_registry_config.as_ref());
    let config = managed.or_else(|| own.and_then(|one| one.schema_registry_config.as_ref()))?;
    let SchemaRegistryConfig { schema_registry_uri, event_record_format, access_config, schema_validation_config } =
        config;
    let access = access_config.iter().flatten().map(|one| (one.type_.clone(), one.uri.clone()));
    Some(SchemaRegistry {
        uri: schema_registry_uri.clone(),
        format: event_record_format.clone(),
        access: access.collect(),
        validation: schema_validation_config.iter().flatten().map(|one| one.attribute.clone()).collect(),
    })
}

fn document_db(config: &DocumentDbConfig) -> Setting {
    let DocumentDbConfig { database_name, collection_name, full_document } = config;
    Setting::DocumentDb(DocumentDb {
        database: database_name.clone(),
        collection: collection_name.clone().unwrap_or_default(),
        full_document: full(full_document.as_ref()).unwrap_or_else(|| "Default".into()),
    })
}

/// AWS's defaults. With the consumption mode Queue, AWS refuses the unlimited retries that are its default otherwise.
fn defaults_of(source: Source, start: &Start) -> Settings {
    let limited = start.consumption_mode.as_deref() == Some(QUEUE_MODE);
    Settings::defaults(source).without(|member| limited && member == Member::MaximumRetryAttempts)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_that_does_not_exist_is_told_and_not_left_out() {
        assert_eq!(time("2026-01-31T09:00:00.0+01:00"), time("2026-01-31T08:00:00Z"));
        let Err(GoalError::Blocked(Blocked::InvalidSpec(told))) = time("2026-02-30T08:00:00Z") else { panic!() };
        assert!(told.contains("2026-02-30T08:00:00Z is no date of the calendar"), "{told}");
    }

    #[test]
    fn unlimited_retries_are_no_default_of_a_mapping_that_reads_kafka_like_a_queue() {
        let retries = |mode: Option<&str>| {
            let start = Start { consumption_mode: mode.map(str::to_owned), ..Start::default() };
            defaults_of(Source::SelfManagedKafka, &start).get(Member::MaximumRetryAttempts).cloned()
        };
        assert_eq!(retries(Some(QUEUE_MODE)), None);
        assert_eq!(retries(Some("Stream")), Some(Setting::MaximumRetryAttempts(-1)));
        assert_eq!(retries(None), retries(Some("Stream")));
    }
}
