//! From our types to the SDK's requests, field by field.

use std::collections::BTreeMap;

use aws_sdk_lambda::operation::create_function::builders::CreateFunctionFluentBuilder;
use aws_sdk_lambda::operation::update_function_code::builders::UpdateFunctionCodeFluentBuilder;
use aws_sdk_lambda::operation::update_function_configuration::builders::UpdateFunctionConfigurationFluentBuilder;
use aws_sdk_lambda::primitives::Blob;
use aws_sdk_lambda::types as sdk;

use crate::aws::lambda::side;
use crate::core::ownership::{OWNER_TAG, UserTags};
use crate::core::values::Secret;
use crate::kinds::function::desired::code::Source;
use crate::kinds::function::model::{
    CapacityProvider, Configuration, Durable, FileSystem, Function, ImageConfig, Logging, Vpc,
};
use crate::kinds::function::package_type::PackageType;
use crate::kinds::function::plan::step::{Creation, Deployment};

/// The whole of a new function: its configuration, code, tags and owner in one call.
pub(in crate::aws::lambda) fn create(
    request: CreateFunctionFluentBuilder,
    name: &str,
    creation: &Creation,
    package: Option<Blob>,
) -> CreateFunctionFluentBuilder {
    let Creation { function, source, identity: _, owner, publish } = creation;
    let Function { package: package_type, tenancy, configuration, code, sides, concurrency: _, tags } = function;
    let user_tags = UserTags::of(tags.known().cloned().unwrap_or_default());
    let mut all_tags: std::collections::HashMap<_, _> = user_tags.get().clone().into_iter().collect();
    all_tags.insert(OWNER_TAG.to_owned(), owner.clone());
    let request = request
        .function_name(name)
        .package_type(match package_type {
            PackageType::Zip => sdk::PackageType::Zip,
            PackageType::Image => sdk::PackageType::Image,
        })
        .code(function_code(source, code.kms_key_arn.as_ref(), package))
        .set_tenancy_config(tenancy.as_deref().and_then(sent_tenancy))
        .set_architectures(code.architecture.as_deref().map(|name| vec![sdk::Architecture::from(name)]))
        .set_code_signing_config_arn(side::signing(sides))
        .publish(publish.is_some())
        .set_publish_to(
            publish.as_ref().and_then(|publish| publish.to.as_deref()).map(sdk::FunctionVersionLatestPublished::from),
        )
        .set_tags(Some(all_tags));
    configured(request, configuration)
}

/// The configuration of a new function, without what equals AWS's own clearing values.
fn configured(request: CreateFunctionFluentBuilder, configuration: &Configuration) -> CreateFunctionFluentBuilder {
    // Destructured: a field that is sent at creation and forgotten at update does not compile.
    let Sent {
        role,
        runtime,
        handler,
        description,
        memory_size,
        timeout,
        environment,
        layers,
        vpc_config,
        dead_letter_config,
        kms_key_arn,
        tracing_config,
        file_system_configs,
        image_config,
        ephemeral_storage,
        snap_start,
        logging_config,
        durable_config,
        capacity_provider_config,
    } = Sent::of(configuration);
    request
        .role(role)
        .set_runtime(runtime)
        .set_handler(handler)
        .description(description)
        .memory_size(memory_size)
        .timeout(timeout)
        .set_environment(environment)
        .set_layers(Some(layers))
        .set_vpc_config(configuration.vpc.is_some().then_some(vpc_config))
        .set_dead_letter_config(Some(dead_letter_config).filter(|_| !configuration.dead_letter_target.is_empty()))
        .set_kms_key_arn(Some(kms_key_arn).filter(|arn| !arn.is_empty()))
        .tracing_config(tracing_config)
        .set_file_system_configs(Some(file_system_configs).filter(|all| !all.is_empty()))
        .set_image_config(image_config.filter(|_| configuration.image != ImageConfig::default()))
        .set_ephemeral_storage(ephemeral_storage)
        .snap_start(snap_start)
        .logging_config(logging_config)
        .set_durable_config(durable_config.map(of_a_new_function))
        .set_capacity_provider_config(capacity_provider_config)
}

/// An empty key clears one that is there, and is none where there is no function yet.
fn of_a_new_function(mut durable: sdk::DurableConfig) -> sdk::DurableConfig {
    durable.kms_key_arn = durable.kms_key_arn.filter(|arn| !arn.is_empty());
    durable
}

/// The whole group, with the value that clears each field that is unset: AWS takes "left out" for "as it is".
pub(in crate::aws::lambda) fn update_configuration(
    request: UpdateFunctionConfigurationFluentBuilder,
    configuration: &Configuration,
) -> UpdateFunctionConfigurationFluentBuilder {
    let Sent {
        role,
        runtime,
        handler,
        description,
        memory_size,
        timeout,
        environment,
        layers,
        vpc_config,
        dead_letter_config,
        kms_key_arn,
        tracing_config,
        file_system_configs,
        image_config,
        ephemeral_storage,
        snap_start,
        logging_config,
        durable_config,
        capacity_provider_config,
    } = Sent::of(configuration);
    request
        .role(role)
        .set_runtime(runtime)
        .set_handler(handler)
        .description(description)
        .memory_size(memory_size)
        .timeout(timeout)
        .set_environment(environment)
        .set_layers(Some(layers))
        .vpc_config(vpc_config)
        .dead_letter_config(dead_letter_config)
        .kms_key_arn(kms_key_arn)
        .tracing_config(tracing_config)
        .set_file_system_configs(Some(file_system_configs))
        .set_image_config(image_config)
        .set_ephemeral_storage(ephemeral_storage)
        .snap_start(snap_start)
        .logging_config(logging_config)
        .set_durable_config(durable_config)
        .set_capacity_provider_config(capacity_provider_config)
}

/// The code of a living function; the architecture travels with it.
pub(in crate::aws::lambda) fn update_code(
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

fn function_code(source: &Source, kms_key_arn: Option<&String>, package: Option<Blob>) -> sdk::FunctionCode {
    let code = sdk::FunctionCode::builder().set_source_kms_key_arn(kms_key_arn.cloned().filter(|arn| !arn.is_empty()));
    match source {
        Source::Package { .. } => code.set_zip_file(package),
        Source::S3 { bucket, key, version } => {
            code.s3_bucket(bucket).s3_key(key).set_s3_object_version(version.clone())
        }
        Source::Image { uri } => code.image_uri(uri),
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
