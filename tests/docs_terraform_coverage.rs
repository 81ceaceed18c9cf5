//! Nothing of Terraform's resources is missing: each argument and attribute has a field, or a sentence that says why not.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking, in what it calls too")]

use std::collections::BTreeSet;

use kube::CustomResourceExt;
use lambda_operator::api::alias::LambdaAlias;
use lambda_operator::api::code_signing_config::LambdaCodeSigningConfig;
use lambda_operator::api::event_invoke_config::LambdaFunctionEventInvokeConfig;
use lambda_operator::api::event_source_mapping::spec::LambdaEventSourceMapping;
use lambda_operator::api::function::spec::LambdaFunction;
use lambda_operator::api::function_url::LambdaFunctionUrl;
use lambda_operator::api::layer_version::LambdaLayerVersion;
use lambda_operator::api::permission::LambdaPermission;
use lambda_operator::api::provisioned_concurrency::LambdaProvisionedConcurrencyConfig;
use lambda_operator::api::terraform::{Entry, Place, RESOURCES, Resource};
use serde_json::Value;

/// Resource, arguments, attributes: those of the Terraform document and of the provider as of 6.62, written down apart from the table that
/// is tested.
const TERRAFORM: [(&str, &str, &str); 10] = [
    ("aws_lambda_function", DOCUMENTED, EXPORTED),
    (
        "aws_lambda_alias",
        "description function_name function_version name region routing_config routing_config.additional_version_weights timeouts timeouts.update",
        "arn id invoke_arn",
    ),
    (
        "aws_lambda_permission",
        "action event_source_token function_name function_url_auth_type invoked_via_function_url principal principal_org_id qualifier region source_account source_arn statement_id statement_id_prefix",
        "id",
    ),
    (
        "aws_lambda_function_url",
        "authorization_type cors cors.allow_credentials cors.allow_headers cors.allow_methods cors.allow_origins cors.expose_headers cors.max_age function_name invoke_mode qualifier region timeouts timeouts.create",
        "function_arn function_url id url_id",
    ),
    (
        "aws_lambda_function_event_invoke_config",
        "destination_config destination_config.on_failure destination_config.on_failure.destination destination_config.on_success destination_config.on_success.destination function_name maximum_event_age_in_seconds maximum_retry_attempts qualifier region",
        "id",
    ),
    (
        "aws_lambda_provisioned_concurrency_config",
        "function_name provisioned_concurrent_executions qualifier region skip_destroy timeouts timeouts.create timeouts.update",
        "id",
    ),
    (
        "aws_lambda_event_source_mapping",
        MAPPING,
        "arn function_arn id last_modified last_processing_result state state_transition_reason tags_all uuid",
    ),
    (
        "aws_lambda_code_signing_config",
        "allowed_publishers allowed_publishers.signing_profile_version_arns description policies policies.untrusted_artifact_on_deployment region tags",
        "arn config_id id last_modified tags_all",
    ),
    (
        "aws_lambda_layer_version",
        "compatible_architectures compatible_runtimes description filename layer_name license_info region s3_bucket s3_key s3_object_version skip_destroy source_code_hash",
        "arn code_sha256 created_date id layer_arn signing_job_arn signing_profile_version_arn source_code_size version",
    ),
    (
        "aws_lambda_layer_version_permission",
        "action layer_name organization_id principal region skip_destroy statement_id version_number",
        "id policy revision_id",
    ),
];

/// The arguments of an event source mapping.
const MAPPING: &str = "
    amazon_managed_kafka_event_source_config amazon_managed_kafka_event_source_config.consumer_group_id
    amazon_managed_kafka_event_source_config.schema_registry_config
    amazon_managed_kafka_event_source_config.schema_registry_config.access_config
    amazon_managed_kafka_event_source_config.schema_registry_config.access_config.type
    amazon_managed_kafka_event_source_config.schema_registry_config.access_config.uri
    amazon_managed_kafka_event_source_config.schema_registry_config.event_record_format
    amazon_managed_kafka_event_source_config.schema_registry_config.schema_registry_uri
    amazon_managed_kafka_event_source_config.schema_registry_config.schema_validation_config
    amazon_managed_kafka_event_source_config.schema_registry_config.schema_validation_config.attribute batch_size
    bisect_batch_on_function_error destination_config destination_config.on_failure
    destination_config.on_failure.destination_arn document_db_event_source_config
    document_db_event_source_config.collection_name document_db_event_source_config.database_name
    document_db_event_source_config.full_document enabled event_source_arn filter_criteria filter_criteria.filter
    filter_criteria.filter.pattern function_name function_response_types kms_key_arn
    maximum_batching_window_in_seconds maximum_record_age_in_seconds maximum_retry_attempts metrics_config
    metrics_config.metrics parallelization_factor provisioned_poller_config provisioned_poller_config.maximum_pollers
    provisioned_poller_config.minimum_pollers provisioned_poller_config.poller_group_name queues region scaling_config
    scaling_config.maximum_concurrency self_managed_event_source self_managed_event_source.endpoints
    self_managed_kafka_event_source_config self_managed_kafka_event_source_config.consumer_group_id
    self_managed_kafka_event_source_config.schema_registry_config
    self_managed_kafka_event_source_config.schema_registry_config.access_config
    self_managed_kafka_event_source_config.schema_registry_config.access_config.type
    self_managed_kafka_event_source_config.schema_registry_config.access_config.uri
    self_managed_kafka_event_source_config.schema_registry_config.event_record_format
    self_managed_kafka_event_source_config.schema_registry_config.schema_registry_uri
    self_managed_kafka_event_source_config.schema_registry_config.schema_validation_config
    self_managed_kafka_event_source_config.schema_registry_config.schema_validation_config.attribute
    source_access_configuration source_access_configuration.type source_access_configuration.uri starting_position
    starting_position_timestamp tags timeouts timeouts.create timeouts.delete timeouts.update topics
    tumbling_window_in_seconds use_resource_timeout_for_propagation";

/// The arguments of a function.
const DOCUMENTED: &str = "
    architectures capacity_provider_config code_sha256 code_signing_config_arn dead_letter_config description durable_config
    environment ephemeral_storage file_system_config filename function_name handler image_config image_uri kms_key_arn layers
    logging_config memory_size package_type publish publish_to region replace_security_groups_on_destroy
    replacement_security_group_ids reserved_concurrent_executions role runtime s3_bucket s3_key s3_object_version skip_destroy
    snap_start source_code_hash source_kms_key_arn tags tenancy_config timeout timeouts tracing_config
    use_resource_timeout_for_propagation vpc_config
    capacity_provider_config.lambda_managed_instances_capacity_provider_config
    dead_letter_config.target_arn durable_config.execution_timeout durable_config.retention_period environment.variables
    ephemeral_storage.size file_system_config.arn file_system_config.local_mount_path image_config.command
    image_config.entry_point image_config.working_directory logging_config.application_log_level logging_config.log_format
    logging_config.log_group logging_config.system_log_level snap_start.apply_on tenancy_config.tenant_isolation_mode
    timeouts.create timeouts.delete timeouts.update tracing_config.mode vpc_config.ipv6_allowed_for_dual_stack
    vpc_config.security_group_ids vpc_config.subnet_ids";

/// Its attributes.
const EXPORTED: &str = "
    arn code_sha256 id invoke_arn last_modified qualified_arn qualified_invoke_arn response_streaming_invoke_arn signing_job_arn
    signing_profile_version_arn snap_start.optimization_status source_code_hash source_code_size tags_all version vpc_config.vpc_id";

fn schema(resource: &Resource, part: &str) -> Value {
    let crds = [
        LambdaFunction::crd(),
        LambdaAlias::crd(),
        LambdaPermission::crd(),
        LambdaFunctionUrl::crd(),
        LambdaFunctionEventInvokeConfig::crd(),
        LambdaProvisionedConcurrencyConfig::crd(),
        LambdaEventSourceMapping::crd(),
        LambdaCodeSigningConfig::crd(),
        LambdaLayerVersion::crd(),
    ];
    let crd = crds.iter().find(|crd| crd.spec.names.kind == resource.kind).unwrap();
    let crd = serde_json::to_value(crd).unwrap();
    crd.pointer(&format!("/spec/versions/0/schema/openAPIV3Schema/properties/{part}")).unwrap().clone()
}

fn field<'a>(schema: &'a Value, path: &str) -> Option<&'a Value> {
    path.split('.').try_fold(schema, |schema, name| schema.get("items").unwrap_or(schema).get("properties")?.get(name))
}

fn names(entries: &[Entry]) -> BTreeSet<&str> {
    entries.iter().map(|entry| entry.terraform).collect()
}

#[test]
fn the_argument_table_matches_terraform_exactly() {
    let resources: Vec<_> = RESOURCES.iter().map(|resource| resource.terraform).collect();
    assert_eq!(resources, TERRAFORM.map(|(name, _, _)| name));
    for (resource, (_, documented, exported)) in RESOURCES.iter().zip(TERRAFORM) {
        assert_eq!(names(resource.arguments), documented.split_whitespace().collect());
        assert_eq!(names(resource.attributes), exported.split_whitespace().collect());
    }
}

#[test]
fn every_place_in_the_table_exists_and_is_described() {
    RESOURCES.iter().for_each(exists_and_is_described);
}

fn exists_and_is_described(resource: &Resource) {
    let (spec, status) = (schema(resource, "spec"), schema(resource, "status"));
    for entry in resource.arguments.iter().chain(resource.attributes) {
        let found = match entry.place {
            Place::Spec(path) => field(&spec, path),
            Place::Status(path) => field(&status, path),
            Place::Otherwise(sentence) => {
                assert!(sentence.ends_with('.'), "{}", entry.terraform);
                continue;
            }
        };
        let description = found.and_then(|field| field["description"].as_str()).unwrap_or_default();
        assert!(description.len() > 8, "{} has no described field", entry.terraform);
    }
}

/// Fields of the spec two levels deep; deeper ones are ours to name.
fn fields(schema: &Value) -> BTreeSet<String> {
    let mut all = BTreeSet::new();
    for (name, field) in schema["properties"].as_object().unwrap() {
        all.insert(name.clone());
        let inner = field.get("items").unwrap_or(field);
        all.extend(
            inner["properties"]
                .as_object()
                .into_iter()
                .flat_map(|inner| inner.keys().map(|key| format!("{name}.{key}"))),
        );
    }
    all
}

#[test]
fn every_field_of_the_spec_is_terraforms_or_said_to_be_ours() {
    for resource in RESOURCES {
        // A field can be a resource of its own in Terraform.
        let same = || RESOURCES.iter().filter(|one| one.kind == resource.kind);
        let theirs = same().flat_map(|one| one.arguments).filter_map(|entry| match entry.place {
            // Deeper ones have a place, too, and are not compared here.
            Place::Spec(path) => Some(path.to_owned()).filter(|path| path.matches('.').count() < 2),
            Place::Status(_) | Place::Otherwise(_) => None,
        });
        let ours = same().flat_map(|one| one.ours).map(|path| (*path).to_owned());
        let known: BTreeSet<_> = theirs.chain(ours).collect();
        assert_eq!(fields(&schema(resource, "spec")), known, "{}", resource.kind);
    }
}

/// `kubectl explain` is the reference: a default or what removal does is said for each optional argument.
#[test]
fn every_optional_argument_documents_default_or_removal() {
    let plain = |text: &str| {
        ["Default", "When removed", "default:", "(default)", "Cannot", "Fixed", "fixed", "-1 is the same"]
            .iter()
            .any(|word| text.contains(word))
    };
    let free = [
        "adoptFrom",
        "codeFrom",
        "filename",
        "imageUri",
        "s3Bucket",
        "s3Key",
        "s3ObjectVersion",
        "handler",
        "runtime",
        "role",
        "sourceCodeHash",
        "codeSha256",
        "tags",
        "timeouts",
        "functionVersion",
        "functionVersionFrom",
        "action",
        "principal",
        "authorizationType",
        "allowedPublishers",
    ];
    let fields = RESOURCES.iter().flat_map(|resource| {
        let spec = schema(resource, "spec");
        spec["properties"].as_object().unwrap().clone()
    });
    for (name, field) in fields {
        let text = field["description"].as_str().unwrap_or_default();
        assert!(plain(text) || text.contains("Removed") || free.contains(&name.as_str()), "{name}: {text}");
    }
}
