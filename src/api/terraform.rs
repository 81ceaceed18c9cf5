//! Terraform's resources, argument by argument and attribute by attribute, and the field here that stands for each.

mod event_source_mapping;

/// A resource of Terraform's, and the kind that stands for it here.
#[derive(Clone, Copy, Debug)]
pub struct Resource {
    /// Terraform's name.
    pub terraform: &'static str,
    /// Name of the kind.
    pub kind: &'static str,
    /// Every argument.
    pub arguments: &'static [Entry],
    /// Every attribute that is not also an argument.
    pub attributes: &'static [Entry],
    /// Fields of `spec` that Terraform does not have.
    pub ours: &'static [&'static str],
}

/// One for each kind.
pub const RESOURCES: &[Resource] =
    &[FUNCTION, ALIAS, PERMISSION, URL, EVENT_INVOKE_CONFIG, PROVISIONED_CONCURRENCY, MAPPING, CODE_SIGNING_CONFIG];

/// A function.
pub const FUNCTION: Resource = Resource {
    terraform: "aws_lambda_function",
    kind: "LambdaFunction",
    arguments: FUNCTION_ARGUMENTS,
    attributes: FUNCTION_ATTRIBUTES,
    ours: FUNCTION_OURS,
};

/// An alias.
pub const ALIAS: Resource = Resource {
    terraform: "aws_lambda_alias",
    kind: "LambdaAlias",
    arguments: ALIAS_ARGUMENTS,
    attributes: ALIAS_ATTRIBUTES,
    ours: ALIAS_OURS,
};

/// A permission.
pub const PERMISSION: Resource = Resource {
    terraform: "aws_lambda_permission",
    kind: "LambdaPermission",
    arguments: PERMISSION_ARGUMENTS,
    attributes: PERMISSION_ATTRIBUTES,
    ours: PERMISSION_OURS,
};

/// A function URL.
pub const URL: Resource = Resource {
    terraform: "aws_lambda_function_url",
    kind: "LambdaFunctionUrl",
    arguments: URL_ARGUMENTS,
    attributes: URL_ATTRIBUTES,
    ours: URL_OURS,
};

/// An event invoke configuration.
pub const EVENT_INVOKE_CONFIG: Resource = Resource {
    terraform: "aws_lambda_function_event_invoke_config",
    kind: "LambdaFunctionEventInvokeConfig",
    arguments: EVENT_INVOKE_CONFIG_ARGUMENTS,
    attributes: EVENT_INVOKE_CONFIG_ATTRIBUTES,
    ours: EVENT_INVOKE_CONFIG_OURS,
};

/// Provisioned concurrency.
pub const PROVISIONED_CONCURRENCY: Resource = Resource {
    terraform: "aws_lambda_provisioned_concurrency_config",
    kind: "LambdaProvisionedConcurrencyConfig",
    arguments: PROVISIONED_CONCURRENCY_ARGUMENTS,
    attributes: PROVISIONED_CONCURRENCY_ATTRIBUTES,
    ours: PROVISIONED_CONCURRENCY_OURS,
};

/// An event source mapping.
pub const MAPPING: Resource = Resource {
    terraform: "aws_lambda_event_source_mapping",
    kind: "LambdaEventSourceMapping",
    arguments: event_source_mapping::ARGUMENTS,
    attributes: event_source_mapping::ATTRIBUTES,
    ours: event_source_mapping::OURS,
};

/// A code signing configuration.
pub const CODE_SIGNING_CONFIG: Resource = Resource {
    terraform: "aws_lambda_code_signing_config",
    kind: "LambdaCodeSigningConfig",
    arguments: SIGNING_ARGUMENTS,
    attributes: SIGNING_ATTRIBUTES,
    ours: SIGNING_OURS,
};

/// One argument or attribute.
#[derive(Clone, Copy, Debug)]
pub struct Entry {
    /// Terraform's name; nested names are separated by a dot.
    pub terraform: &'static str,
    /// The field here that stands for it.
    pub place: Place,
}

/// The field here that stands for an argument or attribute of Terraform.
#[derive(Clone, Copy, Debug)]
pub enum Place {
    /// A field under `spec`.
    Spec(&'static str),
    /// A field under `status`.
    Status(&'static str),
    /// No field; the sentence says why.
    Otherwise(&'static str),
}

use Place::{Otherwise, Spec, Status};

const fn entry(terraform: &'static str, place: Place) -> Entry {
    Entry { terraform, place }
}

const FUNCTION_ARGUMENTS: &[Entry] = &[
    entry("architectures", Spec("architectures")),
    entry("capacity_provider_config", Spec("capacityProviderConfig")),
    entry(
        "capacity_provider_config.lambda_managed_instances_capacity_provider_config",
        Spec("capacityProviderConfig.lambdaManagedInstancesCapacityProviderConfig"),
    ),
    entry("code_sha256", Spec("codeSha256")),
    entry("code_signing_config_arn", Spec("codeSigningConfigArn")),
    entry("dead_letter_config", Spec("deadLetterConfig")),
    entry("dead_letter_config.target_arn", Spec("deadLetterConfig.targetArn")),
    entry("description", Spec("description")),
    entry("durable_config", Spec("durableConfig")),
    entry("durable_config.execution_timeout", Spec("durableConfig.executionTimeout")),
    entry("durable_config.retention_period", Spec("durableConfig.retentionPeriod")),
    entry("environment", Spec("environment")),
    entry("environment.variables", Spec("environment.variables")),
    entry("ephemeral_storage", Spec("ephemeralStorage")),
    entry("ephemeral_storage.size", Spec("ephemeralStorage.size")),
    entry("file_system_config", Spec("fileSystemConfig")),
    entry("file_system_config.arn", Spec("fileSystemConfig.arn")),
    entry("file_system_config.local_mount_path", Spec("fileSystemConfig.localMountPath")),
    entry("filename", Spec("filename")),
    entry("function_name", Spec("functionName")),
    entry("handler", Spec("handler")),
    entry("image_config", Spec("imageConfig")),
    entry("image_config.command", Spec("imageConfig.command")),
    entry("image_config.entry_point", Spec("imageConfig.entryPoint")),
    entry("image_config.working_directory", Spec("imageConfig.workingDirectory")),
    entry("image_uri", Spec("imageUri")),
    entry("kms_key_arn", Spec("kmsKeyArn")),
    entry("layers", Spec("layers")),
    entry("logging_config", Spec("loggingConfig")),
    entry("logging_config.application_log_level", Spec("loggingConfig.applicationLogLevel")),
    entry("logging_config.log_format", Spec("loggingConfig.logFormat")),
    entry("logging_config.log_group", Spec("loggingConfig.logGroup")),
    entry("logging_config.system_log_level", Spec("loggingConfig.systemLogLevel")),
    entry("memory_size", Spec("memorySize")),
    entry("package_type", Spec("packageType")),
    entry("publish", Spec("publish")),
    entry("publish_to", Spec("publishTo")),
    entry("region", Spec("region")),
    entry("replace_security_groups_on_destroy", Spec("replaceSecurityGroupsOnDestroy")),
    entry("replacement_security_group_ids", Spec("replacementSecurityGroupIds")),
    entry("reserved_concurrent_executions", Spec("reservedConcurrentExecutions")),
    entry("role", Spec("role")),
    entry("runtime", Spec("runtime")),
    entry("s3_bucket", Spec("s3Bucket")),
    entry("s3_key", Spec("s3Key")),
    entry("s3_object_version", Spec("s3ObjectVersion")),
    entry("skip_destroy", Spec("skipDestroy")),
    entry("snap_start", Spec("snapStart")),
    entry("snap_start.apply_on", Spec("snapStart.applyOn")),
    entry("source_code_hash", Spec("sourceCodeHash")),
    entry("source_kms_key_arn", Spec("sourceKmsKeyArn")),
    entry("tags", Spec("tags")),
    entry("tenancy_config", Spec("tenancyConfig")),
    entry("tenancy_config.tenant_isolation_mode", Spec("tenancyConfig.tenantIsolationMode")),
    entry("timeout", Spec("timeout")),
    entry("timeouts", Spec("timeouts")),
    entry("timeouts.create", Spec("timeouts.create")),
    entry("timeouts.delete", Spec("timeouts.delete")),
    entry("timeouts.update", Spec("timeouts.update")),
    entry("tracing_config", Spec("tracingConfig")),
    entry("tracing_config.mode", Spec("tracingConfig.mode")),
    entry(
        "use_resource_timeout_for_propagation",
        Otherwise(
            "Always on: the operator retries until the object's `timeouts` while AWS has not propagated a new role, key or permission.",
        ),
    ),
    entry("vpc_config", Spec("vpcConfig")),
    entry("vpc_config.ipv6_allowed_for_dual_stack", Spec("vpcConfig.ipv6AllowedForDualStack")),
    entry("vpc_config.security_group_ids", Spec("vpcConfig.securityGroupIds")),
    entry("vpc_config.subnet_ids", Spec("vpcConfig.subnetIds")),
];

const FUNCTION_ATTRIBUTES: &[Entry] = &[
    entry("arn", Status("arn")),
    entry("code_sha256", Status("codeSha256")),
    entry(
        "id",
        Otherwise("Terraform's own key; here it is the object's name. The function's name is `status.functionName`."),
    ),
    entry("invoke_arn", Status("invokeArn")),
    entry("last_modified", Status("lastModified")),
    entry("qualified_arn", Status("qualifiedArn")),
    entry("qualified_invoke_arn", Status("qualifiedInvokeArn")),
    entry("response_streaming_invoke_arn", Status("responseStreamingInvokeArn")),
    entry("signing_job_arn", Status("signingJobArn")),
    entry("signing_profile_version_arn", Status("signingProfileVersionArn")),
    entry("snap_start.optimization_status", Status("snapStart.optimizationStatus")),
    entry(
        "source_code_hash",
        Otherwise("Only an argument: the operator compares AWS's own hash, `status.codeSha256`."),
    ),
    entry("source_code_size", Status("sourceCodeSize")),
    entry("tags_all", Status("tagsAll")),
    entry("version", Status("version")),
    entry("vpc_config.vpc_id", Status("vpcId")),
];

// In Terraform, `runtimeManagementConfig` is the resource `aws_lambda_runtime_management_config`, and `recursiveLoop` is
// `aws_lambda_function_recursion_config`.
const FUNCTION_OURS: &[&str] = &[
    "adoptFrom",
    "adoptionPolicy",
    "codeFrom",
    "codeFrom.configMapRef",
    "codeFrom.inline",
    "codeFrom.secretRef",
    "codePolicy",
    "deletionProtection",
    "driftCheckInterval",
    "driftPolicy",
    "durableConfig.kmsKeyArn",
    "environment.from",
    "environment.valueFrom",
    "fileSystemConfig.directS3Read",
    "ignoreChanges",
    "ignoreTags",
    "recursiveLoop",
    "runtimeManagementConfig",
    "runtimeManagementConfig.runtimeVersionArn",
    "runtimeManagementConfig.updateRuntimeOn",
    "s3ObjectStorageMode",
    "suspend",
];

const ALIAS_ARGUMENTS: &[Entry] = &[
    entry("description", Spec("description")),
    entry("function_name", Spec("functionName")),
    entry("function_version", Spec("functionVersion")),
    entry("name", Spec("name")),
    entry("region", Spec("region")),
    entry("routing_config", Spec("routingConfig")),
    entry("routing_config.additional_version_weights", Spec("routingConfig.additionalVersionWeights")),
    entry("timeouts", Spec("timeouts")),
    entry("timeouts.update", Spec("timeouts.update")),
];

const ALIAS_ATTRIBUTES: &[Entry] = &[
    entry("arn", Status("arn")),
    entry("id", Otherwise("Terraform's own key; here it is the object's name. The alias's name is `status.name`.")),
    entry("invoke_arn", Status("invokeArn")),
];

const ALIAS_OURS: &[&str] = &[
    "adoptionPolicy",
    "deletionProtection",
    "driftCheckInterval",
    "driftPolicy",
    "functionRef",
    "functionRef.name",
    "functionVersionFrom",
    "ignoreChanges",
    "skipDestroy",
    "suspend",
    "timeouts.create",
    "timeouts.delete",
];

const PERMISSION_ARGUMENTS: &[Entry] = &[
    entry("action", Spec("action")),
    entry("event_source_token", Spec("eventSourceToken")),
    entry("function_name", Spec("functionName")),
    entry("function_url_auth_type", Spec("functionUrlAuthType")),
    entry("invoked_via_function_url", Spec("invokedViaFunctionUrl")),
    entry("principal", Spec("principal")),
    entry("principal_org_id", Spec("principalOrgId")),
    entry("qualifier", Spec("qualifier")),
    entry("region", Spec("region")),
    entry("source_account", Spec("sourceAccount")),
    entry("source_arn", Spec("sourceArn")),
    entry("statement_id", Spec("statementId")),
    entry(
        "statement_id_prefix",
        Otherwise(
            "Not needed: without `statementId` the id is derived from the object, and no other object has the same.",
        ),
    ),
];

const PERMISSION_ATTRIBUTES: &[Entry] =
    &[entry("id", Otherwise("Terraform's own key, which is the statement's id; here that is `status.statementId`."))];

const PERMISSION_OURS: &[&str] = &[
    "adoptionPolicy",
    "aliasRef",
    "aliasRef.name",
    "deletionProtection",
    "driftCheckInterval",
    "driftPolicy",
    "functionRef",
    "functionRef.name",
    "ignoreChanges",
    "skipDestroy",
    "suspend",
    "timeouts",
    "timeouts.create",
    "timeouts.delete",
    "timeouts.update",
];

const URL_ARGUMENTS: &[Entry] = &[
    entry("authorization_type", Spec("authorizationType")),
    entry("cors", Spec("cors")),
    entry("cors.allow_credentials", Spec("cors.allowCredentials")),
    entry("cors.allow_headers", Spec("cors.allowHeaders")),
    entry("cors.allow_methods", Spec("cors.allowMethods")),
    entry("cors.allow_origins", Spec("cors.allowOrigins")),
    entry("cors.expose_headers", Spec("cors.exposeHeaders")),
    entry("cors.max_age", Spec("cors.maxAge")),
    entry("function_name", Spec("functionName")),
    entry("invoke_mode", Spec("invokeMode")),
    entry("qualifier", Spec("qualifier")),
    entry("region", Spec("region")),
    entry("timeouts", Spec("timeouts")),
    entry("timeouts.create", Spec("timeouts.create")),
];

const URL_ATTRIBUTES: &[Entry] = &[
    entry("function_arn", Status("arn")),
    entry("function_url", Status("functionUrl")),
    entry("id", Otherwise("Terraform's own key; here it is the object's name.")),
    entry("url_id", Status("urlId")),
];

const URL_OURS: &[&str] = &[
    "adoptionPolicy",
    "aliasRef",
    "aliasRef.name",
    "deletionProtection",
    "driftCheckInterval",
    "driftPolicy",
    "functionRef",
    "functionRef.name",
    "ignoreChanges",
    "skipDestroy",
    "suspend",
    "timeouts.delete",
    "timeouts.update",
];

const EVENT_INVOKE_CONFIG_ARGUMENTS: &[Entry] = &[
    entry("destination_config", Spec("destinationConfig")),
    entry("destination_config.on_failure", Spec("destinationConfig.onFailure")),
    entry("destination_config.on_success", Spec("destinationConfig.onSuccess")),
    entry("function_name", Spec("functionName")),
    entry("maximum_event_age_in_seconds", Spec("maximumEventAgeInSeconds")),
    entry("maximum_retry_attempts", Spec("maximumRetryAttempts")),
    entry("qualifier", Spec("qualifier")),
    entry("region", Spec("region")),
];

const EVENT_INVOKE_CONFIG_ATTRIBUTES: &[Entry] = &[entry(
    "id",
    Otherwise(
        "Terraform's own key; here it is the object's name. Function and qualifier are `status.functionName` and `status.qualifier`.",
    ),
)];

const EVENT_INVOKE_CONFIG_OURS: &[&str] = &[
    "adoptionPolicy",
    "aliasRef",
    "aliasRef.name",
    "deletionProtection",
    "driftCheckInterval",
    "driftPolicy",
    "functionRef",
    "functionRef.name",
    "ignoreChanges",
    "skipDestroy",
    "suspend",
    "timeouts",
    "timeouts.create",
    "timeouts.delete",
    "timeouts.update",
];

const PROVISIONED_CONCURRENCY_ARGUMENTS: &[Entry] = &[
    entry("function_name", Spec("functionName")),
    entry("provisioned_concurrent_executions", Spec("provisionedConcurrentExecutions")),
    entry("qualifier", Spec("qualifier")),
    entry("region", Spec("region")),
    entry("skip_destroy", Spec("skipDestroy")),
    entry("timeouts", Spec("timeouts")),
    entry("timeouts.create", Spec("timeouts.create")),
    entry("timeouts.update", Spec("timeouts.update")),
];

const PROVISIONED_CONCURRENCY_ATTRIBUTES: &[Entry] = &[entry(
    "id",
    Otherwise(
        "Terraform's own key; here it is the object's name. Function and qualifier are `status.functionName` and `status.qualifier`.",
    ),
)];

const PROVISIONED_CONCURRENCY_OURS: &[&str] = &[
    "adoptionPolicy",
    "aliasRef",
    "aliasRef.name",
    "deletionProtection",
    "driftCheckInterval",
    "driftPolicy",
    "functionRef",
    "functionRef.name",
    "ignoreChanges",
    "suspend",
    "timeouts.delete",
];

const SIGNING_ARGUMENTS: &[Entry] = &[
    entry("allowed_publishers", Spec("allowedPublishers")),
    entry("allowed_publishers.signing_profile_version_arns", Spec("allowedPublishers.signingProfileVersionArns")),
    entry("description", Spec("description")),
    entry("policies", Spec("policies")),
    entry("policies.untrusted_artifact_on_deployment", Spec("policies.untrustedArtifactOnDeployment")),
    entry("region", Spec("region")),
    entry("tags", Spec("tags")),
];

const SIGNING_ATTRIBUTES: &[Entry] = &[
    entry("arn", Status("arn")),
    entry("config_id", Status("configId")),
    entry("id", Otherwise("Terraform's own key, which is the ARN; here it is the object's name.")),
    entry("last_modified", Status("lastModified")),
    entry("tags_all", Status("tagsAll")),
];

const SIGNING_OURS: &[&str] = &[
    "adoptFrom",
    "adoptionPolicy",
    "arn",
    "deletionProtection",
    "driftCheckInterval",
    "driftPolicy",
    "ignoreChanges",
    "ignoreTags",
    "skipDestroy",
    "suspend",
    "timeouts",
    "timeouts.create",
    "timeouts.delete",
    "timeouts.update",
];
