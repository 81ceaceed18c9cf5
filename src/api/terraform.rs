//! Terraform's resources, argument by argument and attribute by attribute, and the field here that stands for each.

mod event_source_mapping;
mod function;
mod layer_version;

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

/// At least one for each kind. A field of a kind can be a resource of its own in Terraform.
pub const RESOURCES: &[Resource] = &[
    FUNCTION,
    ALIAS,
    PERMISSION,
    URL,
    EVENT_INVOKE_CONFIG,
    PROVISIONED_CONCURRENCY,
    MAPPING,
    CODE_SIGNING_CONFIG,
    LAYER_VERSION,
    LAYER_PERMISSION,
];

/// A function.
pub const FUNCTION: Resource = Resource {
    terraform: "aws_lambda_function",
    kind: "LambdaFunction",
    arguments: function::ARGUMENTS,
    attributes: function::ATTRIBUTES,
    ours: function::OURS,
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

/// A version of a layer.
pub const LAYER_VERSION: Resource = Resource {
    terraform: "aws_lambda_layer_version",
    kind: "LambdaLayerVersion",
    arguments: layer_version::ARGUMENTS,
    attributes: layer_version::ATTRIBUTES,
    ours: layer_version::OURS,
};

/// The permissions of a layer version, which are a field of it here.
pub const LAYER_PERMISSION: Resource = Resource {
    terraform: "aws_lambda_layer_version_permission",
    kind: "LambdaLayerVersion",
    arguments: layer_version::PERMISSION_ARGUMENTS,
    attributes: layer_version::PERMISSION_ATTRIBUTES,
    ours: &[],
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
    entry("destination_config.on_failure.destination", Spec("destinationConfig.onFailure.destination")),
    entry("destination_config.on_success", Spec("destinationConfig.onSuccess")),
    entry("destination_config.on_success.destination", Spec("destinationConfig.onSuccess.destination")),
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
