//! Converts the settings of an event source mapping to the SDK's types. An empty block clears the setting.

use std::collections::BTreeSet;

use aws_sdk_lambda::operation::create_event_source_mapping::builders::CreateEventSourceMappingFluentBuilder as Create;
use aws_sdk_lambda::operation::update_event_source_mapping::builders::UpdateEventSourceMappingFluentBuilder as Update;
use aws_sdk_lambda::types as sdk;
use aws_smithy_types::DateTime;

use crate::core::ownership::OWNER_TAG;
use crate::core::target::Target;
use crate::kinds::event_source_mapping::setting::{DocumentDb, Pollers, SchemaRegistry, Setting, Settings};
use crate::kinds::event_source_mapping::source::{Origin, Source, Start};
use crate::kinds::event_source_mapping::step::{Change, Creation};

/// The members of both calls that write settings.
#[derive(Default)]
struct Parts {
    function: Option<String>,
    enabled: Option<bool>,
    batch_size: Option<i32>,
    batching_window: Option<i32>,
    parallelization_factor: Option<i32>,
    maximum_record_age: Option<i32>,
    maximum_retry_attempts: Option<i32>,
    bisect_batch: Option<bool>,
    tumbling_window: Option<i32>,
    response_types: Option<Vec<sdk::FunctionResponseType>>,
    filters: Option<sdk::FilterCriteria>,
    kms_key: Option<String>,
    destination: Option<sdk::DestinationConfig>,
    scaling: Option<sdk::ScalingConfig>,
    pollers: Option<sdk::ProvisionedPollerConfig>,
    metrics: Option<sdk::EventSourceMappingMetricsConfig>,
    logging: Option<sdk::EventSourceMappingLoggingConfig>,
    access: Option<Vec<sdk::SourceAccessConfiguration>>,
    /// `Some(None)` clears it.
    registry: Option<Option<sdk::KafkaSchemaRegistryConfig>>,
    document_db: Option<sdk::DocumentDbEventSourceConfig>,
}

impl Parts {
    fn of(target: &Target, settings: &Settings) -> Self {
        settings.iter().fold(Self::default(), |parts, setting| parts.with(target, setting))
    }

    fn with(self, target: &Target, setting: &Setting) -> Self {
        match setting {
            Setting::Function(qualifier) => Self { function: Some(function(target, qualifier.as_ref())), ..self },
            Setting::Enabled(flag) => Self { enabled: Some(*flag), ..self },
            Setting::BatchSize(size) => Self { batch_size: Some(*size), ..self },
            Setting::BatchingWindow(seconds) => Self { batching_window: Some(*seconds), ..self },
            Setting::ParallelizationFactor(factor) => Self { parallelization_factor: Some(*factor), ..self },
            Setting::MaximumRecordAge(seconds) => Self { maximum_record_age: Some(*seconds), ..self },
            Setting::MaximumRetryAttempts(most) => Self { maximum_retry_attempts: Some(*most), ..self },
            Setting::BisectBatch(flag) => Self { bisect_batch: Some(*flag), ..self },
            Setting::TumblingWindow(seconds) => Self { tumbling_window: Some(*seconds), ..self },
            Setting::ResponseTypes(all) => {
                let all = all.iter().map(|one| one.as_str().into()).collect();
                Self { response_types: Some(all), ..self }
            }
            Setting::Filters(all) => {
                let one = |pattern: &String| sdk::Filter::builder().pattern(pattern).build();
                let filters = Some(all.iter().map(one).collect::<Vec<_>>()).filter(|all| !all.is_empty());
                Self { filters: Some(sdk::FilterCriteria::builder().set_filters(filters).build()), ..self }
            }
            Setting::KmsKey(key) => Self { kms_key: Some(key.clone()), ..self },
            Setting::FailureDestination(arn) => Self { destination: Some(destination(arn)), ..self },
            Setting::MaximumConcurrency(most) => {
                let scaling = sdk::ScalingConfig::builder().set_maximum_concurrency(*most).build();
                Self { scaling: Some(scaling), ..self }
            }
            Setting::Pollers(pollers) => Self { pollers: Some(self::pollers(pollers.as_ref())), ..self },
            Setting::Metrics(all) => {
                let all = all.iter().map(|one| one.as_str().into()).collect();
                let metrics = sdk::EventSourceMappingMetricsConfig::builder().set_metrics(Some(all)).build();
                Self { metrics: Some(metrics), ..self }
            }
            Setting::LogLevel(level) => {
                let level = level.as_deref().map(Into::into);
                let logging = sdk::EventSourceMappingLoggingConfig::builder().set_system_log_level(level).build();
                Self { logging: Some(logging), ..self }
            }
            Setting::SourceAccess(all) => {
                let one = |(kind, uri): &(String, Option<String>)| {
                    sdk::SourceAccessConfiguration::builder().r#type(kind.as_str().into()).set_uri(uri.clone()).build()
                };
                Self { access: Some(all.iter().map(one).collect()), ..self }
            }
            Setting::SchemaRegistry(registry) => Self { registry: Some(registry.as_ref().map(self::registry)), ..self },
            Setting::DocumentDb(config) => Self { document_db: Some(document_db(config)), ..self },
        }
    }
}

/// The function as calls name it, with its qualifier.
pub(in crate::aws::lambda) fn function(target: &Target, qualifier: Option<&String>) -> String {
    let function = target.function();
    qualifier.map_or_else(|| function.clone(), |qualifier| format!("{function}:{qualifier}"))
}

fn destination(arn: &str) -> sdk::DestinationConfig {
    let failure = (!arn.is_empty()).then(|| sdk::OnFailure::builder().destination(arn).build());
    sdk::DestinationConfig::builder().set_on_failure(failure).build()
}

fn pollers(pollers: Option<&Pollers>) -> sdk::ProvisionedPollerConfig {
    let Some(Pollers { minimum, maximum, group }) = pollers else {
        return sdk::ProvisionedPollerConfig::builder().build();
    };
    sdk::ProvisionedPollerConfig::builder()
        .set_minimum_pollers(*minimum)
        .set_maximum_pollers(*maximum)
        .set_poller_group_name(group.clone())
        .build()
}

fn registry(registry: &SchemaRegistry) -> sdk::KafkaSchemaRegistryConfig {
    let SchemaRegistry { uri, format, access, validation } = registry;
    let access = access.iter().map(|(kind, uri)| {
        sdk::KafkaSchemaRegistryAccessConfig::builder().r#type(kind.as_str().into()).uri(uri).build()
    });
    let validation = validation
        .iter()
        .map(|attribute| sdk::KafkaSchemaValidationConfig::builder().attribute(attribute.as_str().into()).build());
    sdk::KafkaSchemaRegistryConfig::builder()
        .schema_registry_uri(uri)
        .event_record_format(format.as_str().into())
        .set_access_configs(Some(access.collect()))
        .set_schema_validation_configs(Some(validation.collect()))
        .build()
}

fn document_db(config: &DocumentDb) -> sdk::DocumentDbEventSourceConfig {
    let DocumentDb { database, collection, full_document } = config;
    sdk::DocumentDbEventSourceConfig::builder()
        .database_name(database)
        .set_collection_name(Some(collection.clone()).filter(|name| !name.is_empty()))
        .full_document(full_document.as_str().into())
        .build()
}

/// Completes the call that creates the mapping.
pub(in crate::aws::lambda) fn create(request: Create, target: &Target, creation: &Creation) -> Create {
    let Creation { origin, start, settings, tags, owner } = creation;
    let Origin { arn, brokers, topics, queues } = origin;
    let Start { position, timestamp, consumer_group, consumption_mode } = start;
    let list = |set: &BTreeSet<String>| (!set.is_empty()).then(|| set.iter().cloned().collect::<Vec<_>>());
    let own = list(brokers).filter(|_| arn.is_empty()).map(|all| {
        sdk::SelfManagedEventSource::builder().endpoints(sdk::EndPointType::KafkaBootstrapServers, all).build()
    });
    let mut parts = Parts::of(target, settings);
    let function = parts.function.take().unwrap_or_else(|| function(target, None));
    let registry = parts.registry.take();
    let kafka = consumer_group.is_some() || consumption_mode.is_some() || registry.is_some();
    let (managed, self_managed) = match origin.source() {
        Source::Msk if kafka => (Some(managed(consumer_group.clone(), registry.flatten())), None),
        Source::SelfManagedKafka if kafka => {
            let mode = consumption_mode.as_deref().map(Into::into);
            (None, Some(self_managed(consumer_group.clone(), mode, registry.flatten())))
        }
        _ => (None, None),
    };
    let time = timestamp.map(|time| DateTime::from_millis(time.as_millisecond()));
    let all_tags = tags.clone().into_iter().chain([(OWNER_TAG.to_owned(), owner.clone())]);
    with_parts(request, parts)
        .function_name(function)
        .set_event_source_arn(Some(arn.clone()).filter(|arn| !arn.is_empty()))
        .set_self_managed_event_source(own)
        .set_topics(list(topics))
        .set_queues(list(queues))
        .set_starting_position(position.as_deref().map(Into::into))
        .set_starting_position_timestamp(time)
        .set_amazon_managed_kafka_event_source_config(managed)
        .set_self_managed_kafka_event_source_config(self_managed)
        .set_tags(Some(all_tags.collect()))
}

/// Adds the settings, except the function and the schema registry, which depend on other values too.
fn with_parts(request: Create, parts: Parts) -> Create {
    let Parts {
        function: _,
        enabled,
        batch_size,
        batching_window,
        parallelization_factor,
        maximum_record_age,
        maximum_retry_attempts,
        bisect_batch,
        tumbling_window,
        response_types,
        filters,
        kms_key,
        destination,
        scaling,
        pollers,
        metrics,
        logging,
        access,
        registry: _,
        document_db,
    } = parts;
    request
        .set_enabled(enabled)
        .set_batch_size(batch_size)
        .set_maximum_batching_window_in_seconds(batching_window)
        .set_parallelization_factor(parallelization_factor)
        .set_maximum_record_age_in_seconds(maximum_record_age)
        .set_maximum_retry_attempts(maximum_retry_attempts)
        .set_bisect_batch_on_function_error(bisect_batch)
        .set_tumbling_window_in_seconds(tumbling_window)
        .set_function_response_types(response_types)
        .set_filter_criteria(filters)
        .set_kms_key_arn(kms_key)
        .set_destination_config(destination)
        .set_scaling_config(scaling)
        .set_provisioned_poller_config(pollers)
        .set_metrics_config(metrics)
        .set_logging_config(logging)
        .set_source_access_configurations(access)
        .set_document_db_event_source_config(document_db)
}

/// Completes the call that changes the mapping.
pub(in crate::aws::lambda) fn update(request: Update, target: &Target, change: &Change) -> Update {
    let Change { uuid, source, settings } = change;
    let Parts {
        function,
        enabled,
        batch_size,
        batching_window,
        parallelization_factor,
        maximum_record_age,
        maximum_retry_attempts,
        bisect_batch,
        tumbling_window,
        response_types,
        filters,
        kms_key,
        destination,
        scaling,
        pollers,
        metrics,
        logging,
        access,
        registry,
        document_db,
    } = Parts::of(target, settings);
    // A block without a registry clears it. AWS keeps the consumer group.
    let (managed, self_managed) = match (source, registry) {
        (Source::Msk, Some(registry)) => (Some(managed(None, registry)), None),
        (Source::SelfManagedKafka, Some(registry)) => (None, Some(self_managed(None, None, registry))),
        _ => (None, None),
    };
    request
        .uuid(uuid)
        .set_function_name(function)
        .set_enabled(enabled)
        .set_batch_size(batch_size)
        .set_maximum_batching_window_in_seconds(batching_window)
        .set_parallelization_factor(parallelization_factor)
        .set_maximum_record_age_in_seconds(maximum_record_age)
        .set_maximum_retry_attempts(maximum_retry_attempts)
        .set_bisect_batch_on_function_error(bisect_batch)
        .set_tumbling_window_in_seconds(tumbling_window)
        .set_function_response_types(response_types)
        .set_filter_criteria(filters)
        .set_kms_key_arn(kms_key)
        .set_destination_config(destination)
        .set_scaling_config(scaling)
        .set_provisioned_poller_config(pollers)
        .set_metrics_config(metrics)
        .set_logging_config(logging)
        .set_source_access_configurations(access.map(changeable))
        .set_amazon_managed_kafka_event_source_config(managed)
        .set_self_managed_kafka_event_source_config(self_managed)
        .set_document_db_event_source_config(document_db)
}

/// The entries that an update can carry. AWS takes a virtual host only at the creation, and keeps it.
fn changeable(access: Vec<sdk::SourceAccessConfiguration>) -> Vec<sdk::SourceAccessConfiguration> {
    access.into_iter().filter(|one| one.r#type() != Some(&sdk::SourceAccessType::VirtualHost)).collect()
}

fn managed(
    group: Option<String>,
    registry: Option<sdk::KafkaSchemaRegistryConfig>,
) -> sdk::AmazonManagedKafkaEventSourceConfig {
    let config = sdk::AmazonManagedKafkaEventSourceConfig::builder();
    config.set_consumer_group_id(group).set_schema_registry_config(registry).build()
}

fn self_managed(
    group: Option<String>,
    mode: Option<sdk::KafkaEventSourceMappingConsumptionMode>,
    registry: Option<sdk::KafkaSchemaRegistryConfig>,
) -> sdk::SelfManagedKafkaEventSourceConfig {
    let config = sdk::SelfManagedKafkaEventSourceConfig::builder();
    config.set_consumer_group_id(group).set_consumption_mode(mode).set_schema_registry_config(registry).build()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_update_carries_no_virtual_host() {
        let of = |kind: sdk::SourceAccessType| sdk::SourceAccessConfiguration::builder().r#type(kind).build();
        let (secret, host) = (of(sdk::SourceAccessType::BasicAuth), of(sdk::SourceAccessType::VirtualHost));
        assert_eq!(changeable(vec![secret.clone(), host]), [secret]);
    }
}
