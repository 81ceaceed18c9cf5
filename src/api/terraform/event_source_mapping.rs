//! The arguments and attributes of Terraform's aws_lambda_event_source_mapping.

use super::Place::{Otherwise, Spec, Status};
use super::{Entry, entry};

pub(super) const ARGUMENTS: &[Entry] = &[
    entry("amazon_managed_kafka_event_source_config", Spec("amazonManagedKafkaEventSourceConfig")),
    entry(
        "amazon_managed_kafka_event_source_config.consumer_group_id",
        Spec("amazonManagedKafkaEventSourceConfig.consumerGroupId"),
    ),
    entry(
        "amazon_managed_kafka_event_source_config.schema_registry_config",
        Spec("amazonManagedKafkaEventSourceConfig.schemaRegistryConfig"),
    ),
    entry(
        "amazon_managed_kafka_event_source_config.schema_registry_config.access_config",
        Spec("amazonManagedKafkaEventSourceConfig.schemaRegistryConfig.accessConfig"),
    ),
    entry(
        "amazon_managed_kafka_event_source_config.schema_registry_config.access_config.type",
        Spec("amazonManagedKafkaEventSourceConfig.schemaRegistryConfig.accessConfig.type"),
    ),
    entry(
        "amazon_managed_kafka_event_source_config.schema_registry_config.access_config.uri",
        Spec("amazonManagedKafkaEventSourceConfig.schemaRegistryConfig.accessConfig.uri"),
    ),
    entry(
        "amazon_managed_kafka_event_source_config.schema_registry_config.event_record_format",
        Spec("amazonManagedKafkaEventSourceConfig.schemaRegistryConfig.eventRecordFormat"),
    ),
    entry(
        "amazon_managed_kafka_event_source_config.schema_registry_config.schema_registry_uri",
        Spec("amazonManagedKafkaEventSourceConfig.schemaRegistryConfig.schemaRegistryUri"),
    ),
    entry(
        "amazon_managed_kafka_event_source_config.schema_registry_config.schema_validation_config",
        Spec("amazonManagedKafkaEventSourceConfig.schemaRegistryConfig.schemaValidationConfig"),
    ),
    entry(
        "amazon_managed_kafka_event_source_config.schema_registry_config.schema_validation_config.attribute",
        Spec("amazonManagedKafkaEventSourceConfig.schemaRegistryConfig.schemaValidationConfig.attribute"),
    ),
    entry("batch_size", Spec("batchSize")),
    entry("bisect_batch_on_function_error", Spec("bisectBatchOnFunctionError")),
    entry("destination_config", Spec("destinationConfig")),
    entry("destination_config.on_failure", Spec("destinationConfig.onFailure")),
    entry("destination_config.on_failure.destination_arn", Spec("destinationConfig.onFailure.destinationArn")),
    entry("document_db_event_source_config", Spec("documentDbEventSourceConfig")),
    entry("document_db_event_source_config.collection_name", Spec("documentDbEventSourceConfig.collectionName")),
    entry("document_db_event_source_config.database_name", Spec("documentDbEventSourceConfig.databaseName")),
    entry("document_db_event_source_config.full_document", Spec("documentDbEventSourceConfig.fullDocument")),
    entry("enabled", Spec("enabled")),
    entry("event_source_arn", Spec("eventSourceArn")),
    entry("filter_criteria", Spec("filterCriteria")),
    entry("filter_criteria.filter", Spec("filterCriteria.filter")),
    entry("filter_criteria.filter.pattern", Spec("filterCriteria.filter.pattern")),
    entry("function_name", Spec("functionName")),
    entry("function_response_types", Spec("functionResponseTypes")),
    entry("kms_key_arn", Spec("kmsKeyArn")),
    entry("maximum_batching_window_in_seconds", Spec("maximumBatchingWindowInSeconds")),
    entry("maximum_record_age_in_seconds", Spec("maximumRecordAgeInSeconds")),
    entry("maximum_retry_attempts", Spec("maximumRetryAttempts")),
    entry("metrics_config", Spec("metricsConfig")),
    entry("metrics_config.metrics", Spec("metricsConfig.metrics")),
    entry("parallelization_factor", Spec("parallelizationFactor")),
    entry("provisioned_poller_config", Spec("provisionedPollerConfig")),
    entry("provisioned_poller_config.maximum_pollers", Spec("provisionedPollerConfig.maximumPollers")),
    entry("provisioned_poller_config.minimum_pollers", Spec("provisionedPollerConfig.minimumPollers")),
    entry("provisioned_poller_config.poller_group_name", Spec("provisionedPollerConfig.pollerGroupName")),
    entry("queues", Spec("queues")),
    entry("region", Spec("region")),
    entry("scaling_config", Spec("scalingConfig")),
    entry("scaling_config.maximum_concurrency", Spec("scalingConfig.maximumConcurrency")),
    entry("self_managed_event_source", Spec("selfManagedEventSource")),
    entry("self_managed_event_source.endpoints", Spec("selfManagedEventSource.endpoints")),
    entry("self_managed_kafka_event_source_config", Spec("selfManagedKafkaEventSourceConfig")),
    entry(
        "self_managed_kafka_event_source_config.consumer_group_id",
        Spec("selfManagedKafkaEventSourceConfig.consumerGroupId"),
    ),
    entry(
        "self_managed_kafka_event_source_config.schema_registry_config",
        Spec("selfManagedKafkaEventSourceConfig.schemaRegistryConfig"),
    ),
    entry(
        "self_managed_kafka_event_source_config.schema_registry_config.access_config",
        Spec("selfManagedKafkaEventSourceConfig.schemaRegistryConfig.accessConfig"),
    ),
    entry(
        "self_managed_kafka_event_source_config.schema_registry_config.access_config.type",
        Spec("selfManagedKafkaEventSourceConfig.schemaRegistryConfig.accessConfig.type"),
    ),
    entry(
        "self_managed_kafka_event_source_config.schema_registry_config.access_config.uri",
        Spec("selfManagedKafkaEventSourceConfig.schemaRegistryConfig.accessConfig.uri"),
    ),
    entry(
        "self_managed_kafka_event_source_config.schema_registry_config.event_record_format",
        Spec("selfManagedKafkaEventSourceConfig.schemaRegistryConfig.eventRecordFormat"),
    ),
    entry(
        "self_managed_kafka_event_source_config.schema_registry_config.schema_registry_uri",
        Spec("selfManagedKafkaEventSourceConfig.schemaRegistryConfig.schemaRegistryUri"),
    ),
    entry(
        "self_managed_kafka_event_source_config.schema_registry_config.schema_validation_config",
        Spec("selfManagedKafkaEventSourceConfig.schemaRegistryConfig.schemaValidationConfig"),
    ),
    entry(
        "self_managed_kafka_event_source_config.schema_registry_config.schema_validation_config.attribute",
        Spec("selfManagedKafkaEventSourceConfig.schemaRegistryConfig.schemaValidationConfig.attribute"),
    ),
    entry("source_access_configuration", Spec("sourceAccessConfiguration")),
    entry("source_access_configuration.type", Spec("sourceAccessConfiguration.type")),
    entry("source_access_configuration.uri", Spec("sourceAccessConfiguration.uri")),
    entry("starting_position", Spec("startingPosition")),
    entry("starting_position_timestamp", Spec("startingPositionTimestamp")),
    entry("tags", Spec("tags")),
    entry("timeouts", Spec("timeouts")),
    entry("timeouts.create", Spec("timeouts.create")),
    entry("timeouts.delete", Spec("timeouts.delete")),
    entry("timeouts.update", Spec("timeouts.update")),
    entry("topics", Spec("topics")),
    entry("tumbling_window_in_seconds", Spec("tumblingWindowInSeconds")),
    entry(
        "use_resource_timeout_for_propagation",
        Otherwise(
            "Always on: the operator retries until the object's `timeouts` while AWS has not propagated a new role or permission.",
        ),
    ),
];

pub(super) const ATTRIBUTES: &[Entry] = &[
    entry("arn", Status("arn")),
    entry("function_arn", Status("functionArn")),
    entry("id", Otherwise("Terraform's own key; here it is the object's name. The UUID is `status.uuid`.")),
    entry("last_modified", Status("lastModified")),
    entry("last_processing_result", Status("lastProcessingResult")),
    entry("state", Status("state")),
    entry("state_transition_reason", Status("stateTransitionReason")),
    entry("tags_all", Status("tagsAll")),
    entry("uuid", Status("uuid")),
];

pub(super) const OURS: &[&str] = &[
    "adoptFrom",
    "adoptionPolicy",
    "aliasRef",
    "aliasRef.name",
    "deletionProtection",
    "driftCheckInterval",
    "driftPolicy",
    "functionRef",
    "functionRef.name",
    "ignoreChanges",
    "ignoreTags",
    "loggingConfig",
    "loggingConfig.systemLogLevel",
    "qualifier",
    "selfManagedKafkaEventSourceConfig.consumptionMode",
    "skipDestroy",
    "suspend",
];
