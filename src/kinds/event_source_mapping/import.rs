//! Builds the spec of an existing mapping, without the values that are AWS's defaults. The inverse of `desired`.

use std::collections::BTreeSet;

use super::observed::Observed;
use super::setting::{DocumentDb, Pollers, SchemaRegistry, Setting, Settings};
use super::source::{Origin, Source, Start};
use crate::api::event_source_mapping::blocks::{
    DestinationConfig, DocumentDbConfig, Endpoints, Filter, FilterCriteria, ManagedKafkaConfig, MappingLoggingConfig,
    MetricsConfig, OnFailure, ProvisionedPollerConfig, ScalingConfig, SchemaAccess, SchemaRegistryConfig,
    SchemaValidation, SelfManagedEventSource, SelfManagedKafkaConfig, SourceAccess,
};
use crate::api::event_source_mapping::spec::LambdaEventSourceMappingSpec;
use crate::core::belonging::{Belonging, Fields};

/// The spec that keeps the mapping unchanged.
#[must_use]
pub fn spec(observed: &Observed, belonging: &Belonging) -> LambdaEventSourceMappingSpec {
    let Fields { function_ref, alias_ref, function_name, qualifier, common } = belonging.fields();
    let Origin { arn, brokers, topics, queues } = &observed.origin;
    let Start { position, timestamp: _, consumer_group: _, consumption_mode: _ } = &observed.start;
    let list = |set: &BTreeSet<String>| (!set.is_empty()).then(|| set.iter().cloned().collect::<Vec<_>>());
    let servers = list(brokers).filter(|_| arn.is_empty()).map(|all| all.join(","));
    let mut spec = LambdaEventSourceMappingSpec {
        function_ref,
        alias_ref,
        function_name,
        qualifier,
        event_source_arn: Some(arn.clone()).filter(|arn| !arn.is_empty()),
        self_managed_event_source: servers
            .map(|kafka_bootstrap_servers| SelfManagedEventSource { endpoints: Endpoints { kafka_bootstrap_servers } }),
        topics: list(topics),
        queues: list(queues),
        // AWS uses the position only at the creation. AT_TIMESTAMP would also need a time, so TRIM_HORIZON replaces it.
        starting_position: position.clone().map(|position| match position.as_str() {
            "AT_TIMESTAMP" => "TRIM_HORIZON".to_owned(),
            _ => position,
        }),
        tags: observed.tags.users().filter(|tags| !tags.is_empty()).cloned(),
        common,
        ..LambdaEventSourceMappingSpec::default()
    };
    let source = observed.origin.source();
    let own = observed.settings.beyond(&Settings::defaults(source));
    own.iter().for_each(|setting| put(&mut spec, source, setting));
    put_start(&mut spec, source, &observed.start);
    spec
}

/// The property because of which every manifest would change the mapping, if there is one; the sentence says what to do.
#[must_use]
pub fn obstacle(observed: &Observed) -> Option<String> {
    let error = observed.filters_withheld.as_ref()?;
    Some(format!(
        "AWS does not show the mapping's filters, and a manifest without the filters would remove them ({}): allow kms:Decrypt for the key {}",
        error.as_str(),
        observed.key().unwrap_or("in its kmsKeyArn")
    ))
}

fn put(spec: &mut LambdaEventSourceMappingSpec, source: Source, setting: &Setting) {
    let list = |set: &BTreeSet<String>| Some(set.iter().cloned().collect::<Vec<_>>());
    match setting {
        // It is part of what the mapping belongs to.
        Setting::Function(_) => {}
        Setting::Enabled(enabled) => spec.enabled = Some(*enabled),
        Setting::BatchSize(size) => spec.batch_size = Some(*size),
        Setting::BatchingWindow(seconds) => spec.maximum_batching_window_in_seconds = Some(*seconds),
        Setting::ParallelizationFactor(factor) => spec.parallelization_factor = Some(*factor),
        Setting::MaximumRecordAge(seconds) => spec.maximum_record_age_in_seconds = Some(*seconds),
        Setting::MaximumRetryAttempts(most) => spec.maximum_retry_attempts = Some(*most),
        Setting::BisectBatch(flag) => spec.bisect_batch_on_function_error = Some(*flag),
        Setting::TumblingWindow(seconds) => spec.tumbling_window_in_seconds = Some(*seconds),
        Setting::ResponseTypes(all) => spec.function_response_types = list(all),
        Setting::Filters(all) => {
            let filter = Some(all.iter().cloned().map(|pattern| Filter { pattern }).collect());
            spec.filter_criteria = Some(FilterCriteria { filter });
        }
        Setting::KmsKey(key) => spec.kms_key_arn = Some(key.clone()),
        Setting::FailureDestination(arn) => {
            let on_failure = Some(OnFailure { destination_arn: arn.clone() });
            spec.destination_config = Some(DestinationConfig { on_failure });
        }
        Setting::MaximumConcurrency(most) => spec.scaling_config = Some(ScalingConfig { maximum_concurrency: *most }),
        Setting::Pollers(pollers) => {
            spec.provisioned_poller_config = pollers.clone().map(|Pollers { minimum, maximum, group }| {
                ProvisionedPollerConfig { minimum_pollers: minimum, maximum_pollers: maximum, poller_group_name: group }
            });
        }
        Setting::Metrics(all) => spec.metrics_config = Some(MetricsConfig { metrics: list(all) }),
        Setting::LogLevel(level) => {
            spec.logging_config = Some(MappingLoggingConfig { system_log_level: level.clone() });
        }
        Setting::SourceAccess(all) => {
            let one = |(kind, uri): &(String, Option<String>)| SourceAccess { type_: kind.clone(), uri: uri.clone() };
            spec.source_access_configuration = Some(all.iter().map(one).collect());
        }
        Setting::SchemaRegistry(registry) => put_registry(spec, source, registry.as_ref()),
        Setting::DocumentDb(DocumentDb { database, collection, full_document }) => {
            spec.document_db_event_source_config = Some(DocumentDbConfig {
                database_name: database.clone(),
                collection_name: Some(collection.clone()).filter(|name| !name.is_empty()),
                full_document: Some(full_document.clone()).filter(|content| content != "Default"),
            });
        }
    }
}

/// AWS fixes the consumer group at the creation, also the one that it chose itself, so the spec has to name it from the beginning.
fn put_start(spec: &mut LambdaEventSourceMappingSpec, source: Source, start: &Start) {
    let Start { position: _, timestamp: _, consumer_group, consumption_mode } = start;
    if source == Source::Msk && consumer_group.is_some() {
        let config = spec.amazon_managed_kafka_event_source_config.get_or_insert_default();
        config.consumer_group_id.clone_from(consumer_group);
    }
    if source == Source::SelfManagedKafka && (consumer_group.is_some() || consumption_mode.is_some()) {
        let config = spec.self_managed_kafka_event_source_config.get_or_insert_default();
        config.consumer_group_id.clone_from(consumer_group);
        config.consumption_mode.clone_from(consumption_mode);
    }
}

fn put_registry(spec: &mut LambdaEventSourceMappingSpec, source: Source, registry: Option<&SchemaRegistry>) {
    let Some(SchemaRegistry { uri, format, access, validation }) = registry else { return };
    let access: Vec<_> =
        access.iter().map(|(kind, uri)| SchemaAccess { type_: kind.clone(), uri: uri.clone() }).collect();
    let validation: Vec<_> =
        validation.iter().map(|attribute| SchemaValidation { attribute: attribute.clone() }).collect();
    let schema_registry_config = Some(SchemaRegistryConfig {
        schema_registry_uri: uri.clone(),
        event_record_format: format.clone(),
        access_config: Some(access).filter(|all| !all.is_empty()),
        schema_validation_config: Some(validation).filter(|all| !all.is_empty()),
    });
    if source == Source::Msk {
        spec.amazon_managed_kafka_event_source_config =
            Some(ManagedKafkaConfig { consumer_group_id: None, schema_registry_config });
    } else {
        spec.self_managed_kafka_event_source_config =
            Some(SelfManagedKafkaConfig { consumer_group_id: None, consumption_mode: None, schema_registry_config });
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kinds::event_source_mapping::observed::queue;

    #[test]
    fn a_mapping_whose_filters_are_hidden_is_not_imported() {
        let key = Setting::KmsKey("arn:aws:kms:r:1:key/k".into());
        let shown = queue(Settings::defaults(Source::Queue).with([key]));
        assert_eq!(obstacle(&shown), None);
        let hidden = Observed { filters_withheld: Some("AccessDenied".into()), ..shown };
        let sentence = obstacle(&hidden).unwrap();
        assert!(sentence.contains("AccessDenied") && sentence.ends_with("arn:aws:kms:r:1:key/k"), "{sentence}");
    }

    #[test]
    fn settings_that_aws_fixes_at_the_creation_are_imported_with_a_mapping_of_kafka() {
        let belonging = Belonging::Function { object: "f".into(), qualifier: None };
        let start = Start {
            position: None,
            consumer_group: Some("g".into()),
            consumption_mode: Some("Queue".into()),
            ..Start::default()
        };
        let origin = Origin { brokers: ["a:1".to_owned()].into(), ..Origin::default() };
        let own = Observed { origin, start: start.clone(), ..queue(Settings::defaults(Source::SelfManagedKafka)) };
        let config = spec(&own, &belonging).self_managed_kafka_event_source_config.unwrap();
        assert_eq!(
            (config.consumer_group_id.as_deref(), config.consumption_mode.as_deref()),
            (Some("g"), Some("Queue"))
        );
        let origin = Origin { arn: "arn:aws:kafka:r:1:cluster/c/x".into(), ..Origin::default() };
        let managed = Observed { origin, start, ..queue(Settings::defaults(Source::Msk)) };
        let config = spec(&managed, &belonging).amazon_managed_kafka_event_source_config.unwrap();
        assert_eq!(config.consumer_group_id.as_deref(), Some("g"));
        assert_eq!(
            spec(&queue(Settings::defaults(Source::Queue)), &belonging).self_managed_kafka_event_source_config,
            None
        );
    }
}
