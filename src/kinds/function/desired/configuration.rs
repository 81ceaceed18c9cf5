//! Builds the configuration that `UpdateFunctionConfiguration` writes. An unset field gets AWS's default.

use std::collections::BTreeSet;

use super::environment;
use super::faults::Faults;
use super::references::layers;
use crate::api::function::blocks;
use crate::api::function::blocks::{
    CapacityProviderConfig, DurableConfig, FileSystemConfig, LoggingConfig, ManagedInstances, VpcConfig,
};
use crate::api::function::ignored::IgnoredField;
use crate::api::function::spec::LambdaFunctionSpec;
use crate::core::error::GoalError;
use crate::core::references::References;
use crate::core::target::Target;
use crate::core::values::{Knowable, full};
use crate::kinds::function::model::{CapacityProvider, Configuration, Durable, FileSystem, ImageConfig, Logging, Vpc};
use crate::kinds::function::package_type::PackageType;

pub(crate) fn configuration(
    spec: &LambdaFunctionSpec,
    target: &Target,
    package: PackageType,
    references: &References,
    faults: &mut Faults<'_>,
) -> Result<Configuration, GoalError> {
    let name = &target.name;
    let text = |value: &Option<String>| value.clone().unwrap_or_default();
    let image = package == PackageType::Image;
    let aws = Configuration::aws_defaults(name);
    Ok(Configuration {
        role: spec.role.clone(),
        runtime: text(&spec.runtime),
        handler: text(&spec.handler),
        description: text(&spec.description),
        memory_size: spec.memory_size.unwrap_or(Configuration::default_memory(spec.capacity_provider_config.is_some())),
        timeout: spec.timeout.unwrap_or(aws.timeout),
        environment: Knowable::Known(
            faults.sort(IgnoredField::Environment, environment::resolve(spec.environment.as_ref(), references))?,
        ),
        layers: faults.sort(IgnoredField::Layers, layers(spec, target, references))?,
        vpc: spec.vpc_config.as_ref().and_then(vpc),
        dead_letter_target: spec
            .dead_letter_config
            .as_ref()
            .map(|config| config.target_arn.clone())
            .unwrap_or_default(),
        kms_key_arn: text(&spec.kms_key_arn),
        tracing_mode: spec.tracing_config.as_ref().map_or(aws.tracing_mode, |config| config.mode.clone()),
        file_systems: spec.file_system_config.iter().flatten().map(file_system).collect(),
        image: Knowable::Known(spec.image_config.as_ref().filter(|_| image).map(image_config).unwrap_or_default()),
        ephemeral_storage: spec
            .ephemeral_storage
            .as_ref()
            .and_then(|storage| storage.size)
            .unwrap_or(aws.ephemeral_storage),
        snap_start: spec.snap_start.as_ref().map_or(aws.snap_start, |snap| snap.apply_on.clone()),
        logging: logging(
            spec.logging_config.as_ref(),
            spec.durable_config.is_some() || spec.capacity_provider_config.is_some(),
            name,
        ),
        durable: spec.durable_config.as_ref().map(durable),
        capacity_provider: spec.capacity_provider_config.as_ref().map(capacity_provider),
    })
}

fn vpc(config: &VpcConfig) -> Option<Vpc> {
    let VpcConfig { subnet_ids, security_group_ids, ipv6_allowed_for_dual_stack } = config;
    let set = |ids: &Option<Vec<String>>| ids.iter().flatten().cloned().collect::<BTreeSet<_>>();
    let vpc = Vpc {
        subnets: set(subnet_ids),
        security_groups: set(security_group_ids),
        ipv6: ipv6_allowed_for_dual_stack.unwrap_or_default(),
    };
    (!vpc.subnets.is_empty()).then_some(vpc)
}

fn file_system(config: &FileSystemConfig) -> FileSystem {
    let FileSystemConfig { arn, local_mount_path, direct_s3_read } = config;
    // AWS sets it for S3 Files, and refuses it for EFS.
    let default = if arn.contains(":s3files:") { "AUTO" } else { "" };
    FileSystem {
        arn: arn.clone(),
        mount_path: local_mount_path.clone(),
        direct_s3_read: full(direct_s3_read.as_ref()).unwrap_or_else(|| default.into()),
    }
}

fn image_config(config: &blocks::ImageConfig) -> ImageConfig {
    let blocks::ImageConfig { command, entry_point, working_directory } = config.clone();
    ImageConfig {
        entry_point: entry_point.unwrap_or_default(),
        command: command.unwrap_or_default(),
        working_directory: working_directory.unwrap_or_default(),
    }
}

/// The desired logging. AWS keeps fields that an update leaves out, so every field has a value.
pub(crate) fn logging(config: Option<&LoggingConfig>, only_json: bool, name: &str) -> Logging {
    let LoggingConfig { log_format, application_log_level, system_log_level, log_group } =
        config.cloned().unwrap_or_default();
    let aws = Logging::aws_default(only_json, name);
    let format = full(log_format.as_ref()).unwrap_or(aws.format);
    let level = |level: Option<&String>| match full(level) {
        Some(level) => level,
        None if format == "JSON" => Logging::LEVEL.into(),
        None => String::new(),
    };
    Logging {
        application_level: level(application_log_level.as_ref()),
        system_level: level(system_log_level.as_ref()),
        group: full(log_group.as_ref()).unwrap_or(aws.group),
        format,
    }
}

fn durable(config: &DurableConfig) -> Durable {
    let DurableConfig { execution_timeout, retention_period, kms_key_arn } = config;
    Durable {
        execution_timeout: *execution_timeout,
        retention_days: retention_period.unwrap_or(Durable::RETENTION_DAYS),
        kms_key_arn: kms_key_arn.clone().unwrap_or_default(),
    }
}

fn capacity_provider(config: &CapacityProviderConfig) -> CapacityProvider {
    let CapacityProviderConfig { lambda_managed_instances_capacity_provider_config: managed } = config;
    let ManagedInstances {
        capacity_provider_arn,
        execution_environment_memory_gib_per_vcpu,
        per_execution_environment_max_concurrency,
    } = managed;
    CapacityProvider {
        arn: capacity_provider_arn.clone(),
        memory_gib_per_vcpu: *execution_environment_memory_gib_per_vcpu,
        max_concurrency: *per_execution_environment_max_concurrency,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    #[test]
    fn removed_logging_names_the_group_that_aws_would_have_chosen() {
        let text = logging(None, false, "f");
        assert_eq!(
            (text.format.as_str(), text.group.as_str(), text.system_level.as_str()),
            ("Text", "/aws/lambda/f", "")
        );
        let json = LoggingConfig { log_format: Some("JSON".into()), ..LoggingConfig::default() };
        assert_eq!(logging(Some(&json), false, "f").application_level, "INFO");
    }
}
