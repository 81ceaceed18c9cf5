//! Converts the SDK's answers about event source mappings to our types. A value that AWS leaves out has AWS's default.

use std::collections::BTreeSet;

use aws_sdk_lambda::operation::get_event_source_mapping::GetEventSourceMappingOutput;
use aws_sdk_lambda::types as sdk;
use aws_smithy_types::DateTime;

use crate::core::shown::Shown;
use crate::core::tagged::Tags;
use crate::core::withheld::Withheld;
use crate::kinds::event_source_mapping::observed::{Observed, State, time};
use crate::kinds::event_source_mapping::setting::{DocumentDb, Member, Pollers, SchemaRegistry, Setting, Settings};
use crate::kinds::event_source_mapping::source::{Origin, Start};

/// The origin of a mapping, as an answer or a list shows it.
pub(in crate::aws::lambda) fn origin(
    arn: Option<String>,
    own: Option<sdk::SelfManagedEventSource>,
    topics: Option<Vec<String>>,
    queues: Option<Vec<String>>,
) -> Origin {
    let endpoints = own.and_then(|source| source.endpoints).unwrap_or_default();
    Origin {
        arn: arn.unwrap_or_default(),
        brokers: endpoints.into_values().flatten().collect(),
        topics: topics.unwrap_or_default().into_iter().collect(),
        queues: queues.unwrap_or_default().into_iter().collect(),
    }
}

/// The qualifier of a function's ARN.
pub(in crate::aws::lambda) fn qualifier(arn: &str) -> Option<String> {
    arn.split(':').nth(7).map(str::to_owned)
}

/// A mapping of a list, as `GetEventSourceMapping` would answer it.
pub(in crate::aws::lambda) fn listed(one: sdk::EventSourceMappingConfiguration) -> GetEventSourceMappingOutput {
    GetEventSourceMappingOutput::builder()
        .set_uuid(one.uuid)
        .set_starting_position(one.starting_position)
        .set_starting_position_timestamp(one.starting_position_timestamp)
        .set_batch_size(one.batch_size)
        .set_maximum_batching_window_in_seconds(one.maximum_batching_window_in_seconds)
        .set_parallelization_factor(one.parallelization_factor)
        .set_event_source_arn(one.event_source_arn)
        .set_filter_criteria(one.filter_criteria)
        .set_filter_criteria_error(one.filter_criteria_error)
        .set_kms_key_arn(one.kms_key_arn)
        .set_metrics_config(one.metrics_config)
        .set_logging_config(one.logging_config)
        .set_scaling_config(one.scaling_config)
        .set_function_arn(one.function_arn)
        .set_last_modified(one.last_modified)
        .set_last_processing_result(one.last_processing_result)
        .set_state(one.state)
        .set_state_transition_reason(one.state_transition_reason)
        .set_destination_config(one.destination_config)
        .set_topics(one.topics)
        .set_queues(one.queues)
        .set_source_access_configurations(one.source_access_configurations)
        .set_self_managed_event_source(one.self_managed_event_source)
        .set_maximum_record_age_in_seconds(one.maximum_record_age_in_seconds)
        .set_bisect_batch_on_function_error(one.bisect_batch_on_function_error)
        .set_maximum_retry_attempts(one.maximum_retry_attempts)
        .set_tumbling_window_in_seconds(one.tumbling_window_in_seconds)
        .set_function_response_types(one.function_response_types)
        .set_amazon_managed_kafka_event_source_config(one.amazon_managed_kafka_event_source_config)
        .set_self_managed_kafka_event_source_config(one.self_managed_kafka_event_source_config)
        .set_document_db_event_source_config(one.document_db_event_source_config)
        .set_event_source_mapping_arn(one.event_source_mapping_arn)
        .set_provisioned_poller_config(one.provisioned_poller_config)
        .build()
}

/// The mapping in an answer to `GetEventSourceMapping`; `arn` is its ARN.
pub(in crate::aws::lambda) fn observed(
    answer: GetEventSourceMappingOutput,
    arn: String,
    withheld: &Withheld,
) -> Observed {
    let shown = |text: Option<&str>| Shown::new(text.unwrap_or_default(), withheld);
    let error = answer.filter_criteria_error.as_ref();
    let filters_withheld = error.map(|error| shown(error.message.as_deref().or(error.error_code.as_deref())));
    let state = State::named(answer.state.as_deref().unwrap_or_default());
    let (reason, result) =
        (shown(answer.state_transition_reason.as_deref()), shown(answer.last_processing_result.as_deref()));
    let function_arn = answer.function_arn.clone().unwrap_or_default();
    let (uuid, modified) =
        (answer.uuid.clone().unwrap_or_default(), answer.last_modified.as_ref().and_then(milliseconds).and_then(time));
    let start = start(&answer);
    let origin = origin(
        answer.event_source_arn.clone(),
        answer.self_managed_event_source.clone(),
        answer.topics.clone(),
        answer.queues.clone(),
    );
    let is_read = !matches!(state, State::Disabled | State::Disabling);
    let own = [Setting::Function(qualifier(&function_arn)), Setting::Enabled(is_read)];
    let settings = Settings::defaults(origin.source()).with(settings(answer)).with(own);
    let settings = settings.without(|member| member == Member::Filters && filters_withheld.is_some());
    let tags = Tags::NotRead;
    Observed {
        uuid,
        arn,
        function_arn,
        origin,
        start,
        settings,
        state,
        reason,
        result,
        modified,
        filters_withheld,
        tags,
    }
}

/// How a mapping began.
fn start(answer: &GetEventSourceMappingOutput) -> Start {
    let managed = answer.amazon_managed_kafka_event_source_config.as_ref();
    let own = answer.self_managed_kafka_event_source_config.as_ref();
    let group = managed
        .and_then(|config| config.consumer_group_id.as_ref())
        .or_else(|| own.and_then(|config| config.consumer_group_id.as_ref()));
    let mode = own.and_then(|config| config.consumption_mode.as_ref());
    Start {
        position: answer.starting_position.as_ref().map(|position| position.as_str().to_owned()),
        timestamp: None,
        consumer_group: group.filter(|group| !group.is_empty()).cloned(),
        consumption_mode: mode.map(|mode| mode.as_str().to_owned()),
    }
}

/// The settings that an answer shows.
fn settings(answer: GetEventSourceMappingOutput) -> Vec<Setting> {
    let set = |list: Option<Vec<String>>| list.unwrap_or_default().into_iter().collect::<BTreeSet<_>>();
    let filters = answer.filter_criteria.and_then(|criteria| criteria.filters).unwrap_or_default();
    let filters: BTreeSet<_> = filters.into_iter().filter_map(|filter| filter.pattern).collect();
    let metrics = answer.metrics_config.and_then(|config| config.metrics).unwrap_or_default();
    let types = answer.function_response_types;
    let types = types.map(|all| all.iter().map(|one| one.as_str().to_owned()).collect());
    let failure = answer.destination_config.and_then(|config| config.on_failure);
    let failure = failure.and_then(|failure| failure.destination).filter(|destination| !destination.is_empty());
    let registry = answer
        .amazon_managed_kafka_event_source_config
        .and_then(|config| config.schema_registry_config)
        .or_else(|| answer.self_managed_kafka_event_source_config.and_then(|config| config.schema_registry_config));
    let access = answer.source_access_configurations.filter(|all| !all.is_empty());
    [
        answer.batch_size.map(Setting::BatchSize),
        answer.maximum_batching_window_in_seconds.map(Setting::BatchingWindow),
        answer.parallelization_factor.map(Setting::ParallelizationFactor),
        answer.maximum_record_age_in_seconds.map(Setting::MaximumRecordAge),
        answer.maximum_retry_attempts.map(Setting::MaximumRetryAttempts),
        answer.bisect_batch_on_function_error.map(Setting::BisectBatch),
        answer.tumbling_window_in_seconds.map(Setting::TumblingWindow),
        types.map(|all| Setting::ResponseTypes(set(Some(all)))),
        Some(Setting::Filters(filters)),
        answer.kms_key_arn.map(Setting::KmsKey),
        failure.map(Setting::FailureDestination),
        answer
            .scaling_config
            .and_then(|config| config.maximum_concurrency)
            .map(|most| Setting::MaximumConcurrency(Some(most))),
        answer.provisioned_poller_config.map(pollers),
        Some(Setting::Metrics(metrics.iter().map(|one| one.as_str().to_owned()).collect())),
        answer
            .logging_config
            .and_then(|config| config.system_log_level)
            .map(|level| Setting::LogLevel(Some(level.as_str().to_owned()))),
        access.map(self::access),
        registry.map(self::registry),
        answer.document_db_event_source_config.map(document_db),
    ]
    .into_iter()
    .flatten()
    .collect()
}

fn pollers(config: sdk::ProvisionedPollerConfig) -> Setting {
    let group = config.poller_group_name.filter(|name| !name.is_empty());
    let pollers = Pollers { minimum: config.minimum_pollers, maximum: config.maximum_pollers, group };
    Setting::Pollers(Some(pollers).filter(|pollers| *pollers != Pollers::default()))
}

fn access(all: Vec<sdk::SourceAccessConfiguration>) -> Setting {
    let one = |one: sdk::SourceAccessConfiguration| {
        (one.r#type.map(|kind| kind.as_str().to_owned()).unwrap_or_default(), one.uri.filter(|uri| !uri.is_empty()))
    };
    Setting::SourceAccess(all.into_iter().map(one).collect())
}

fn registry(config: sdk::KafkaSchemaRegistryConfig) -> Setting {
    let access = config.access_configs.unwrap_or_default().into_iter();
    let access = access
        .map(|one| (one.r#type.map(|kind| kind.as_str().to_owned()).unwrap_or_default(), one.uri.unwrap_or_default()));
    let validation = config.schema_validation_configs.unwrap_or_default().into_iter();
    Setting::SchemaRegistry(Some(SchemaRegistry {
        uri: config.schema_registry_uri.unwrap_or_default(),
        format: config.event_record_format.map(|format| format.as_str().to_owned()).unwrap_or_default(),
        access: access.collect(),
        validation: validation.filter_map(|one| Some(one.attribute?.as_str().to_owned())).collect(),
    }))
}

fn document_db(config: sdk::DocumentDbEventSourceConfig) -> Setting {
    let content = config.full_document.map(|content| content.as_str().to_owned());
    Setting::DocumentDb(DocumentDb {
        database: config.database_name.unwrap_or_default(),
        collection: config.collection_name.unwrap_or_default(),
        full_document: content.unwrap_or_else(|| "Default".into()),
    })
}

/// AWS's time in milliseconds.
pub(in crate::aws::lambda) fn milliseconds(time: &DateTime) -> Option<i64> {
    time.to_millis().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pollers_without_a_number_and_a_group_are_none() {
        let config = sdk::ProvisionedPollerConfig::builder();
        assert_eq!(pollers(config.clone().build()), Setting::Pollers(None));
        assert_ne!(pollers(config.minimum_pollers(2).build()), Setting::Pollers(None));
    }
}
