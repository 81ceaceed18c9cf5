//! Between the SDK's types and ours, field by field, both ways. AWS says "absent" in many ways; here they become one.

use std::collections::BTreeMap;

use aws_sdk_lambda::operation::create_function::builders::CreateFunctionFluentBuilder;
use aws_sdk_lambda::operation::get_function::GetFunctionOutput;
use aws_sdk_lambda::operation::update_function_code::builders::UpdateFunctionCodeFluentBuilder;
use aws_sdk_lambda::operation::update_function_configuration::builders::UpdateFunctionConfigurationFluentBuilder;
use aws_sdk_lambda::primitives::Blob;
use aws_sdk_lambda::types as sdk;

use crate::function::{
    CapacityProvider, Code, Configuration, Content, Deployment, Desired, Durable, Error, FileSystem, Function,
    ImageConfig, Knowable, Lifecycle, Logging, OWNER_TAG, Observed, Operation, PackageType, Place, Says, Secret,
    Source, Vpc,
};

/// What `GetFunction` answered.
pub(super) fn observed(answer: GetFunctionOutput, place: &Place) -> Result<Observed, Error> {
    let Some(configuration) = answer.configuration else {
        return Err(Error::new(Operation::GetFunction, "", 0, "the answer holds no configuration"));
    };
    let tags = match answer.tags_error {
        Some(_) => Knowable::Unknown,
        None => Knowable::Known(visible(answer.tags.unwrap_or_default())),
    };
    let (owner, user_tags) = match &tags {
        Knowable::Unknown => (Knowable::Unknown, Knowable::Unknown),
        Knowable::Known(all) => {
            let user = all.iter().filter(|(key, _)| !key.starts_with("lambda-operator.io/"));
            (
                Knowable::Known(all.get(OWNER_TAG).cloned()),
                Knowable::Known(user.map(|(k, v)| (k.clone(), v.clone())).collect()),
            )
        }
    };
    let says = says(&configuration, answer.code.as_ref(), tags.known().cloned().unwrap_or_default(), place);
    let function = Function {
        package: match configuration.package_type {
            Some(sdk::PackageType::Image) => PackageType::Image,
            _ => PackageType::Zip,
        },
        code: Code {
            content: Content::Sha256(says.code_sha256.clone().unwrap_or_default()),
            image_uri: answer.code.as_ref().and_then(|code| code.image_uri.clone()).filter(|uri| !uri.is_empty()),
            kms_key_arn: match configuration.package_type {
                Some(sdk::PackageType::Image) => None,
                _ => Some(answer.code.as_ref().and_then(|code| code.source_kms_key_arn.clone()).unwrap_or_default()),
            },
            architecture: configuration
                .architectures
                .as_ref()
                .and_then(|all| all.first())
                .map(|a| a.as_str().to_owned()),
        },
        tenancy: configuration.tenancy_config.as_ref().map(|tenancy| tenancy.tenant_isolation_mode.as_str().to_owned()),
        configuration: self::configuration(configuration, &place.name),
        code_signing: Knowable::Unknown,
        concurrency: answer.concurrency.and_then(|concurrency| concurrency.reserved_concurrent_executions),
        tags: user_tags,
    };
    Ok(Observed {
        function,
        owner,
        lifecycle: Lifecycle::of(&says),
        published: None,
        version: None,
        default_group: None,
        executions: Vec::new(),
        says,
    })
}

/// Tags without those that AWS itself put there.
fn visible(tags: std::collections::HashMap<String, String>) -> BTreeMap<String, String> {
    tags.into_iter().filter(|(key, _)| !key.starts_with("aws:")).collect()
}

fn says(
    configuration: &sdk::FunctionConfiguration,
    code: Option<&sdk::FunctionCodeLocation>,
    tags_all: BTreeMap<String, String>,
    place: &Place,
) -> Says {
    let c = configuration.clone();
    let full = |text: Option<String>| text.filter(|text| !text.is_empty());
    Says {
        // Qualified where a version was asked for; the function's own ARN is wanted.
        arn: place.arn(),
        last_modified: c.last_modified,
        code_size: c.code_size,
        code_sha256: full(c.code_sha256),
        vpc_id: c.vpc_config.and_then(|vpc| full(vpc.vpc_id)),
        signing_job_arn: full(c.signing_job_arn),
        signing_profile_version_arn: full(c.signing_profile_version_arn),
        optimization_status: c.snap_start.and_then(|snap| snap.optimization_status).map(|on| on.as_str().to_owned()),
        tags_all,
        state: c.state.map(|state| state.as_str().to_owned()),
        state_reason: full(c.state_reason),
        state_reason_code: c.state_reason_code.map(|code| code.as_str().to_owned()),
        last_update_status: c.last_update_status.map(|status| status.as_str().to_owned()),
        last_update_status_reason: full(c.last_update_status_reason),
        last_update_status_reason_code: c.last_update_status_reason_code.map(|code| code.as_str().to_owned()),
        runtime_version_arn: c.runtime_version_config.and_then(|version| full(version.runtime_version_arn)),
        environment_error: c.environment.and_then(|environment| environment.error).map(|error| {
            let words: Vec<_> = [error.error_code, error.message].into_iter().flatten().collect();
            words.join(": ")
        }),
        resolved_image_uri: code.and_then(|code| full(code.resolved_image_uri.clone())),
    }
}

fn configuration(c: sdk::FunctionConfiguration, name: &str) -> Configuration {
    Configuration {
        role: c.role.unwrap_or_default(),
        runtime: c.runtime.map(|runtime| runtime.as_str().to_owned()).unwrap_or_default(),
        handler: c.handler.unwrap_or_default(),
        description: c.description.unwrap_or_default(),
        memory_size: c.memory_size.unwrap_or(128),
        timeout: c.timeout.unwrap_or(3),
        environment: environment(c.environment),
        layers: c.layers.unwrap_or_default().into_iter().filter_map(|layer| layer.arn).collect(),
        vpc: c.vpc_config.and_then(vpc),
        dead_letter_target: c.dead_letter_config.and_then(|config| config.target_arn).unwrap_or_default(),
        kms_key_arn: c.kms_key_arn.unwrap_or_default(),
        tracing_mode: c
            .tracing_config
            .and_then(|config| config.mode)
            .map_or_else(|| "PassThrough".to_owned(), |mode| mode.as_str().to_owned()),
        file_systems: c.file_system_configs.unwrap_or_default().into_iter().map(file_system).collect(),
        image: c.image_config_response.and_then(|answer| answer.image_config).map(image).unwrap_or_default(),
        ephemeral_storage: c.ephemeral_storage.map_or(512, |storage| storage.size),
        snap_start: c
            .snap_start
            .and_then(|snap| snap.apply_on)
            .map_or_else(|| "None".to_owned(), |apply| apply.as_str().to_owned()),
        logging: logging(c.logging_config.as_ref(), name),
        durable: c.durable_config.and_then(durable),
        capacity_provider: c
            .capacity_provider_config
            .and_then(|config| config.lambda_managed_instances_capacity_provider_config)
            .map(|config| CapacityProvider {
                arn: config.capacity_provider_arn,
                memory_gib_per_vcpu: config.execution_environment_memory_gib_per_v_cpu,
                max_concurrency: config.per_execution_environment_max_concurrency,
            }),
    }
}

fn environment(answer: Option<sdk::EnvironmentResponse>) -> Knowable<BTreeMap<String, Secret>> {
    match answer {
        Some(environment) if environment.error.is_some() => Knowable::Unknown,
        Some(environment) => {
            let variables = environment.variables.unwrap_or_default();
            Knowable::Known(variables.into_iter().map(|(name, value)| (name, Secret::new(value))).collect())
        }
        None => Knowable::Known(BTreeMap::new()),
    }
}

fn vpc(answer: sdk::VpcConfigResponse) -> Option<Vpc> {
    let vpc = Vpc {
        subnets: answer.subnet_ids.unwrap_or_default().into_iter().collect(),
        security_groups: answer.security_group_ids.unwrap_or_default().into_iter().collect(),
        ipv6: answer.ipv6_allowed_for_dual_stack.unwrap_or_default(),
    };
    (!vpc.subnets.is_empty()).then_some(vpc)
}

fn file_system(answer: sdk::FileSystemConfig) -> FileSystem {
    let read = answer.s3_files_config.and_then(|config| config.direct_s3_read);
    FileSystem {
        arn: answer.arn,
        mount_path: answer.local_mount_path,
        direct_s3_read: read.map(|read| read.as_str().to_owned()).unwrap_or_default(),
    }
}

fn image(answer: sdk::ImageConfig) -> ImageConfig {
    ImageConfig {
        entry_point: answer.entry_point.unwrap_or_default(),
        command: answer.command.unwrap_or_default(),
        working_directory: answer.working_directory.unwrap_or_default(),
    }
}

/// AWS fills the levels of JSON and the name of the group; what it leaves out means the same.
fn logging(answer: Option<&sdk::LoggingConfig>, name: &str) -> Logging {
    let format = answer.and_then(|l| l.log_format.as_ref()).map_or("Text", sdk::LogFormat::as_str).to_owned();
    let level = |level: Option<&str>| match (format.as_str(), level) {
        ("JSON", None) => "INFO".to_owned(),
        (_, level) => level.unwrap_or_default().to_owned(),
    };
    let application = answer.and_then(|l| l.application_log_level.as_ref()).map(sdk::ApplicationLogLevel::as_str);
    let system = answer.and_then(|l| l.system_log_level.as_ref()).map(sdk::SystemLogLevel::as_str);
    Logging {
        application_level: level(application),
        system_level: level(system),
        group: answer
            .and_then(|l| l.log_group.clone())
            .filter(|group| !group.is_empty())
            .unwrap_or_else(|| format!("/aws/lambda/{name}")),
        format,
    }
}

fn durable(answer: sdk::DurableConfig) -> Option<Durable> {
    Some(Durable {
        execution_timeout: answer.execution_timeout?,
        retention_days: answer.retention_period_in_days.unwrap_or(14),
        kms_key_arn: answer.kms_key_arn.unwrap_or_default(),
    })
}

/// The whole of a new function: its configuration, code, tags and owner in one call.
pub(super) fn create(
    request: CreateFunctionFluentBuilder,
    name: &str,
    desired: &Desired,
    package: Option<Blob>,
) -> CreateFunctionFluentBuilder {
    let Desired {
        function,
        owner,
        source,
        identity: _,
        initial_code: _,
        adopt: _,
        accepts: _,
        publish,
        publish_to,
        worked: _,
        retry_failed: _,
        unsent: _,
        reached: _,
        regrant: _,
        reports_drift: _,
    } = desired;
    let Function { package: package_type, tenancy, configuration, code, code_signing, concurrency: _, tags } = function;
    let sent = Sent::of(configuration);
    let mut all_tags: std::collections::HashMap<_, _> = tags.known().cloned().unwrap_or_default().into_iter().collect();
    all_tags.insert(OWNER_TAG.to_owned(), owner.clone());
    request
        .function_name(name)
        .package_type(match package_type {
            PackageType::Zip => sdk::PackageType::Zip,
            PackageType::Image => sdk::PackageType::Image,
        })
        .code(function_code(source.as_ref(), code.kms_key_arn.as_ref(), package))
        .set_tenancy_config(tenancy.as_deref().and_then(sent_tenancy))
        .set_architectures(code.architecture.as_deref().map(|name| vec![sdk::Architecture::from(name)]))
        .set_code_signing_config_arn(code_signing.known().cloned().flatten())
        .publish(*publish)
        .set_publish_to(publish_to.as_deref().filter(|_| *publish).map(sdk::FunctionVersionLatestPublished::from))
        .set_tags(Some(all_tags))
        .role(sent.role)
        .set_runtime(sent.runtime)
        .set_handler(sent.handler)
        .description(sent.description)
        .memory_size(sent.memory_size)
        .timeout(sent.timeout)
        .set_environment(sent.environment)
        .set_layers(Some(sent.layers))
        .set_vpc_config(configuration.vpc.is_some().then_some(sent.vpc_config))
        .set_dead_letter_config(Some(sent.dead_letter_config).filter(|_| !configuration.dead_letter_target.is_empty()))
        .set_kms_key_arn(Some(sent.kms_key_arn).filter(|arn| !arn.is_empty()))
        .tracing_config(sent.tracing_config)
        .set_file_system_configs(Some(sent.file_system_configs).filter(|all| !all.is_empty()))
        .set_image_config(sent.image_config.filter(|_| configuration.image != ImageConfig::default()))
        .set_ephemeral_storage(sent.ephemeral_storage)
        .snap_start(sent.snap_start)
        .logging_config(sent.logging_config)
        .set_durable_config(sent.durable_config.map(of_a_new_function))
        .set_capacity_provider_config(sent.capacity_provider_config)
}

/// An empty key clears one that is there, and is none where there is no function yet.
fn of_a_new_function(mut durable: sdk::DurableConfig) -> sdk::DurableConfig {
    durable.kms_key_arn = durable.kms_key_arn.filter(|arn| !arn.is_empty());
    durable
}

/// The whole group, with the value that clears each field that is unset: AWS takes "left out" for "as it is".
pub(super) fn update_configuration(
    request: UpdateFunctionConfigurationFluentBuilder,
    configuration: &Configuration,
) -> UpdateFunctionConfigurationFluentBuilder {
    let sent = Sent::of(configuration);
    request
        .role(sent.role)
        .set_runtime(sent.runtime)
        .set_handler(sent.handler)
        .description(sent.description)
        .memory_size(sent.memory_size)
        .timeout(sent.timeout)
        .set_environment(sent.environment)
        .set_layers(Some(sent.layers))
        .vpc_config(sent.vpc_config)
        .dead_letter_config(sent.dead_letter_config)
        .kms_key_arn(sent.kms_key_arn)
        .tracing_config(sent.tracing_config)
        .set_file_system_configs(Some(sent.file_system_configs))
        .set_image_config(sent.image_config)
        .set_ephemeral_storage(sent.ephemeral_storage)
        .snap_start(sent.snap_start)
        .logging_config(sent.logging_config)
        .set_durable_config(sent.durable_config)
        .set_capacity_provider_config(sent.capacity_provider_config)
}

/// The code of a living function; the architecture travels with it.
pub(super) fn update_code(
    request: UpdateFunctionCodeFluentBuilder,
    deployment: &Deployment,
    package: Option<Blob>,
) -> UpdateFunctionCodeFluentBuilder {
    let Deployment { source, identity: _, kms_key_arn, architecture } = deployment;
    let request = request
        .set_architectures(architecture.as_deref().map(|name| vec![sdk::Architecture::from(name)]))
        .set_source_kms_key_arn(Some(kms_key_arn.clone()).filter(|arn| !arn.is_empty()));
    match source {
        Source::Package { .. } => request.set_zip_file(package),
        Source::S3 { bucket, key, version } => {
            request.s3_bucket(bucket).s3_key(key).set_s3_object_version(version.clone())
        }
        Source::Image { uri } => request.image_uri(uri),
    }
}

fn function_code(source: Option<&Source>, kms_key_arn: Option<&String>, package: Option<Blob>) -> sdk::FunctionCode {
    let code = sdk::FunctionCode::builder().set_source_kms_key_arn(kms_key_arn.cloned().filter(|arn| !arn.is_empty()));
    match source {
        Some(Source::Package { .. }) => code.set_zip_file(package),
        Some(Source::S3 { bucket, key, version }) => {
            code.s3_bucket(bucket).s3_key(key).set_s3_object_version(version.clone())
        }
        Some(Source::Image { uri }) => code.image_uri(uri),
        None => code,
    }
    .build()
}

fn sent_tenancy(mode: &str) -> Option<sdk::TenancyConfig> {
    sdk::TenancyConfig::builder().tenant_isolation_mode(sdk::TenantIsolationMode::from(mode)).build().ok()
}

/// A configuration in the SDK's types.
struct Sent {
    role: String,
    runtime: Option<sdk::Runtime>,
    handler: Option<String>,
    description: String,
    memory_size: i32,
    timeout: i32,
    environment: Option<sdk::Environment>,
    layers: Vec<String>,
    vpc_config: sdk::VpcConfig,
    dead_letter_config: sdk::DeadLetterConfig,
    kms_key_arn: String,
    tracing_config: sdk::TracingConfig,
    file_system_configs: Vec<sdk::FileSystemConfig>,
    image_config: Option<sdk::ImageConfig>,
    ephemeral_storage: Option<sdk::EphemeralStorage>,
    snap_start: sdk::SnapStart,
    logging_config: sdk::LoggingConfig,
    durable_config: Option<sdk::DurableConfig>,
    capacity_provider_config: Option<sdk::CapacityProviderConfig>,
}

impl Sent {
    fn of(configuration: &Configuration) -> Self {
        // Destructured without `..`: a new field does not compile until it is sent.
        let Configuration {
            role,
            runtime,
            handler,
            description,
            memory_size,
            timeout,
            environment,
            layers,
            vpc,
            dead_letter_target,
            kms_key_arn,
            tracing_mode,
            file_systems,
            image,
            ephemeral_storage,
            snap_start,
            logging,
            durable,
            capacity_provider,
        } = configuration.clone();
        let full = |text: String| Some(text).filter(|text| !text.is_empty());
        Self {
            // An image says both itself, and AWS refuses them.
            image_config: runtime.is_empty().then(|| sent_image(image)),
            runtime: full(runtime).map(|name| sdk::Runtime::from(name.as_str())),
            handler: full(handler),
            role,
            description,
            memory_size,
            timeout,
            environment: environment.known().map(sent_environment),
            layers,
            vpc_config: sent_vpc(vpc),
            dead_letter_config: sdk::DeadLetterConfig::builder().target_arn(dead_letter_target).build(),
            kms_key_arn,
            tracing_config: sdk::TracingConfig::builder().mode(sdk::TracingMode::from(tracing_mode.as_str())).build(),
            file_system_configs: file_systems.into_iter().filter_map(sent_file_system).collect(),
            ephemeral_storage: sdk::EphemeralStorage::builder().size(ephemeral_storage).build().ok(),
            snap_start: sdk::SnapStart::builder().apply_on(sdk::SnapStartApplyOn::from(snap_start.as_str())).build(),
            logging_config: sent_logging(&logging),
            durable_config: durable.map(sent_durable),
            capacity_provider_config: capacity_provider.and_then(sent_capacity_provider),
        }
    }
}

fn sent_environment(variables: &BTreeMap<String, Secret>) -> sdk::Environment {
    let all = variables.iter().map(|(name, value)| (name.clone(), value.reveal().to_owned())).collect();
    sdk::Environment::builder().set_variables(Some(all)).build()
}

fn sent_vpc(vpc: Option<Vpc>) -> sdk::VpcConfig {
    let (subnets, security_groups, ipv6) =
        vpc.map_or_else(Default::default, |Vpc { subnets, security_groups, ipv6 }| {
            (subnets.into_iter().collect(), security_groups.into_iter().collect(), ipv6)
        });
    sdk::VpcConfig::builder()
        .set_subnet_ids(Some(subnets))
        .set_security_group_ids(Some(security_groups))
        .ipv6_allowed_for_dual_stack(ipv6)
        .build()
}

fn sent_file_system(FileSystem { arn, mount_path, direct_s3_read }: FileSystem) -> Option<sdk::FileSystemConfig> {
    let read = (!direct_s3_read.is_empty()).then(|| sdk::DirectS3Read::from(direct_s3_read.as_str()));
    sdk::FileSystemConfig::builder()
        .arn(arn)
        .local_mount_path(mount_path)
        .set_s3_files_config(read.map(|read| sdk::S3FilesConfig::builder().direct_s3_read(read).build()))
        .build()
        .ok()
}

fn sent_image(ImageConfig { entry_point, command, working_directory }: ImageConfig) -> sdk::ImageConfig {
    sdk::ImageConfig::builder()
        .set_entry_point(Some(entry_point).filter(|all| !all.is_empty()))
        .set_command(Some(command).filter(|all| !all.is_empty()))
        .set_working_directory(Some(working_directory).filter(|text| !text.is_empty()))
        .build()
}

fn sent_logging(Logging { format, application_level, system_level, group }: &Logging) -> sdk::LoggingConfig {
    let full = |text: &String| Some(text.clone()).filter(|text| !text.is_empty());
    sdk::LoggingConfig::builder()
        .log_format(sdk::LogFormat::from(format.as_str()))
        .set_application_log_level(full(application_level).map(|l| sdk::ApplicationLogLevel::from(l.as_str())))
        .set_system_log_level(full(system_level).map(|l| sdk::SystemLogLevel::from(l.as_str())))
        .log_group(group)
        .build()
}

fn sent_durable(Durable { execution_timeout, retention_days, kms_key_arn }: Durable) -> sdk::DurableConfig {
    sdk::DurableConfig::builder()
        .execution_timeout(execution_timeout)
        .retention_period_in_days(retention_days)
        .kms_key_arn(kms_key_arn)
        .build()
}

fn sent_capacity_provider(provider: CapacityProvider) -> Option<sdk::CapacityProviderConfig> {
    let CapacityProvider { arn, memory_gib_per_vcpu, max_concurrency } = provider;
    let managed = sdk::LambdaManagedInstancesCapacityProviderConfig::builder()
        .capacity_provider_arn(arn)
        .set_execution_environment_memory_gib_per_v_cpu(memory_gib_per_vcpu)
        .set_per_execution_environment_max_concurrency(max_concurrency)
        .build()
        .ok()?;
    Some(sdk::CapacityProviderConfig::builder().lambda_managed_instances_capacity_provider_config(managed).build())
}
