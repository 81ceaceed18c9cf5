//! Converts our types to the SDK's requests, field by field.

use std::collections::{BTreeMap, BTreeSet};

use aws_sdk_lambda::operation::create_function::builders::CreateFunctionFluentBuilder;
use aws_sdk_lambda::operation::update_function_code::builders::UpdateFunctionCodeFluentBuilder;
use aws_sdk_lambda::operation::update_function_configuration::builders::UpdateFunctionConfigurationFluentBuilder;
use aws_sdk_lambda::primitives::Blob;
use aws_sdk_lambda::types as sdk;

use crate::aws::lambda::side;
use crate::core::ownership::{OWNER_TAG, UserTags};
use crate::core::target::Target;
use crate::core::values::Secret;
use crate::core::zip_source::Zip;
use crate::kinds::function::desired::code::Source;
use crate::kinds::function::member::Member;
use crate::kinds::function::model::{
    CapacityProvider, Configuration, Durable, FileSystem, Function, ImageConfig, Logging, Vpc,
};
use crate::kinds::function::package_type::PackageType;
use crate::kinds::function::plan::diff;
use crate::kinds::function::plan::step::{Creation, Deployment, Reconfiguration};

/// The request for a new function: configuration, code, tags and owner in one call.
pub(in crate::aws::lambda) fn create(
    request: CreateFunctionFluentBuilder,
    target: &Target,
    creation: &Creation,
    package: Option<Blob>,
) -> CreateFunctionFluentBuilder {
    let Creation { function, source, identity: _, owner, publish } = creation;
    let Function { package: package_type, tenancy, configuration, code, storage_mode, sides, concurrency: _, tags } =
        function;
    let user_tags = UserTags::of(tags.known().cloned().unwrap_or_default());
    let mut all_tags: std::collections::HashMap<_, _> = user_tags.get().clone().into_iter().collect();
    all_tags.insert(OWNER_TAG.to_owned(), owner.clone());
    let request = request
        .function_name(target.function())
        .package_type(match package_type {
            PackageType::Zip => sdk::PackageType::Zip,
            PackageType::Image => sdk::PackageType::Image,
        })
        .code(function_code(source, code.kms_key_arn.as_ref(), storage_mode.as_deref(), package))
        .set_tenancy_config(tenancy.as_deref().and_then(sent_tenancy))
        .set_architectures(code.architecture.as_deref().map(|name| vec![sdk::Architecture::from(name)]))
        .set_code_signing_config_arn(side::signing(sides))
        .publish(publish.is_some())
        .set_publish_to(
            publish.as_ref().and_then(|publish| publish.to.as_deref()).map(sdk::FunctionVersionLatestPublished::from),
        )
        .set_tags(Some(all_tags));
    configured(request, &target.name, configuration)
}

/// The configuration of a new function, without values that are AWS's defaults, because not every region knows every member.
fn configured(
    request: CreateFunctionFluentBuilder,
    name: &str,
    configuration: &Configuration,
) -> CreateFunctionFluentBuilder {
    let members = diff::configuration(configuration, &Configuration::aws_defaults_like(configuration, name));
    // Destructured: a field that is sent at creation but not at update does not compile.
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
    } = Sent::of(configuration, &members);
    request
        .set_role(role)
        .set_runtime(runtime)
        .set_handler(handler)
        .set_description(description)
        .set_memory_size(memory_size)
        .set_timeout(timeout)
        .set_environment(environment)
        .set_layers(layers)
        .set_vpc_config(vpc_config)
        .set_dead_letter_config(dead_letter_config)
        .set_kms_key_arn(kms_key_arn)
        .set_tracing_config(tracing_config)
        .set_file_system_configs(file_system_configs)
        .set_image_config(image_config)
        .set_ephemeral_storage(ephemeral_storage)
        .set_snap_start(snap_start)
        .set_logging_config(logging_config)
        .set_durable_config(durable_config.map(of_a_new_function))
        .set_capacity_provider_config(capacity_provider_config)
}

/// The key for a creation. An empty key clears an existing one in an update; a creation must leave it out.
fn of_a_new_function(mut durable: sdk::DurableConfig) -> sdk::DurableConfig {
    durable.kms_key_arn = durable.kms_key_arn.filter(|arn| !arn.is_empty());
    durable
}

/// The members to send. An unset member has the value that clears it, because AWS does not change members that are left out.
pub(in crate::aws::lambda) fn update_configuration(
    request: UpdateFunctionConfigurationFluentBuilder,
    change: &Reconfiguration,
) -> UpdateFunctionConfigurationFluentBuilder {
    let Reconfiguration { configuration, members } = change;
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
    } = Sent::of(configuration, members);
    request
        .set_role(role)
        .set_runtime(runtime)
        .set_handler(handler)
        .set_description(description)
        .set_memory_size(memory_size)
        .set_timeout(timeout)
        .set_environment(environment)
        .set_layers(layers)
        .set_vpc_config(vpc_config)
        .set_dead_letter_config(dead_letter_config)
        .set_kms_key_arn(kms_key_arn)
        .set_tracing_config(tracing_config)
        .set_file_system_configs(file_system_configs)
        .set_image_config(image_config)
        .set_ephemeral_storage(ephemeral_storage)
        .set_snap_start(snap_start)
        .set_logging_config(logging_config)
        .set_durable_config(durable_config)
        .set_capacity_provider_config(capacity_provider_config)
}

/// The request for the code of an existing function, which includes the architecture.
pub(in crate::aws::lambda) fn update_code(
    request: UpdateFunctionCodeFluentBuilder,
    deployment: &Deployment,
    package: Option<Blob>,
) -> UpdateFunctionCodeFluentBuilder {
    let Deployment { source, identity: _, kms_key_arn, architecture, storage_mode } = deployment;
    let request = request
        .set_architectures(architecture.as_deref().map(|name| vec![sdk::Architecture::from(name)]))
        .set_source_kms_key_arn(Some(kms_key_arn.clone()).filter(|arn| !arn.is_empty()));
    match source {
        Source::Zip(Zip::Package { .. }) => request.set_zip_file(package),
        Source::Zip(Zip::S3 { bucket, key, version }) => request
            .s3_bucket(bucket)
            .s3_key(key)
            .set_s3_object_version(version.clone())
            .set_s3_object_storage_mode(storage_mode.as_deref().map(sdk::S3ObjectStorageMode::from)),
        Source::Image { uri } => request.image_uri(uri),
    }
}

fn function_code(
    source: &Source,
    kms_key_arn: Option<&String>,
    storage_mode: Option<&str>,
    package: Option<Blob>,
) -> sdk::FunctionCode {
    let code = sdk::FunctionCode::builder().set_source_kms_key_arn(kms_key_arn.cloned().filter(|arn| !arn.is_empty()));
    match source {
        Source::Zip(Zip::Package { .. }) => code.set_zip_file(package),
        Source::Zip(Zip::S3 { bucket, key, version }) => code
            .s3_bucket(bucket)
            .s3_key(key)
            .set_s3_object_version(version.clone())
            .set_s3_object_storage_mode(storage_mode.map(sdk::S3ObjectStorageMode::from)),
        Source::Image { uri } => code.image_uri(uri),
    }
    .build()
}

fn sent_tenancy(mode: &str) -> Option<sdk::TenancyConfig> {
    sdk::TenancyConfig::builder().tenant_isolation_mode(sdk::TenantIsolationMode::from(mode)).build().ok()
}

/// The members that are sent, in the SDK's types.
struct Sent {
    role: Option<String>,
    runtime: Option<sdk::Runtime>,
    handler: Option<String>,
    description: Option<String>,
    memory_size: Option<i32>,
    timeout: Option<i32>,
    environment: Option<sdk::Environment>,
    layers: Option<Vec<String>>,
    vpc_config: Option<sdk::VpcConfig>,
    dead_letter_config: Option<sdk::DeadLetterConfig>,
    kms_key_arn: Option<String>,
    tracing_config: Option<sdk::TracingConfig>,
    file_system_configs: Option<Vec<sdk::FileSystemConfig>>,
    image_config: Option<sdk::ImageConfig>,
    ephemeral_storage: Option<sdk::EphemeralStorage>,
    snap_start: Option<sdk::SnapStart>,
    logging_config: Option<sdk::LoggingConfig>,
    durable_config: Option<sdk::DurableConfig>,
    capacity_provider_config: Option<sdk::CapacityProviderConfig>,
}

impl Sent {
    fn of(configuration: &Configuration, members: &BTreeSet<Member>) -> Self {
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
        let is_image = runtime.is_empty();
        let sends = |member| members.contains(&member);
        Self {
            // A container image defines both itself, and AWS refuses them in the request.
            image_config: image.known().filter(|_| is_image && sends(Member::ImageConfig)).cloned().map(sent_image),
            runtime: full(runtime).filter(|_| sends(Member::Runtime)).map(|name| sdk::Runtime::from(name.as_str())),
            handler: full(handler).filter(|_| sends(Member::Handler)),
            role: sends(Member::Role).then_some(role),
            description: sends(Member::Description).then_some(description),
            memory_size: sends(Member::MemorySize).then_some(memory_size),
            timeout: sends(Member::Timeout).then_some(timeout),
            environment: environment.known().filter(|_| sends(Member::Environment)).map(sent_environment),
            layers: sends(Member::Layers).then_some(layers),
            vpc_config: sends(Member::VpcConfig).then(|| sent_vpc(vpc)),
            dead_letter_config: sends(Member::DeadLetterConfig).then(|| sent_dead_letter(dead_letter_target)),
            kms_key_arn: sends(Member::KmsKeyArn).then_some(kms_key_arn),
            tracing_config: sends(Member::TracingConfig).then(|| sent_tracing(&tracing_mode)),
            file_system_configs: sends(Member::FileSystemConfigs)
                .then(|| file_systems.into_iter().filter_map(sent_file_system).collect()),
            ephemeral_storage: sdk::EphemeralStorage::builder()
                .size(ephemeral_storage)
                .build()
                .ok()
                .filter(|_| sends(Member::EphemeralStorage)),
            snap_start: sends(Member::SnapStart).then(|| sent_snap_start(&snap_start)),
            logging_config: sends(Member::LoggingConfig).then(|| sent_logging(&logging)),
            durable_config: durable.filter(|_| sends(Member::DurableConfig)).map(sent_durable),
            capacity_provider_config: capacity_provider
                .filter(|_| sends(Member::CapacityProviderConfig))
                .and_then(sent_capacity_provider),
        }
    }
}

fn sent_dead_letter(target: String) -> sdk::DeadLetterConfig {
    sdk::DeadLetterConfig::builder().target_arn(target).build()
}

fn sent_tracing(mode: &str) -> sdk::TracingConfig {
    sdk::TracingConfig::builder().mode(sdk::TracingMode::from(mode)).build()
}

fn sent_snap_start(apply_on: &str) -> sdk::SnapStart {
    sdk::SnapStart::builder().apply_on(sdk::SnapStartApplyOn::from(apply_on)).build()
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
