//! Converts the SDK's answers to our types, field by field. AWS has several forms of "absent"; here they become one.

use std::collections::{BTreeMap, HashMap};

use aws_sdk_lambda::operation::get_function::GetFunctionOutput;
use aws_sdk_lambda::types as sdk;

use crate::core::error::class::Class;
use crate::core::error::{Error, codes};
use crate::core::host::FunctionOwner;
use crate::core::operation::Operation;
use crate::core::ownership::OWNER_TAG;
use crate::core::shown::{Shown, printable};
use crate::core::target::Target;
use crate::core::values::{Knowable, Secret};
use crate::core::withheld::Withheld;
use crate::kinds::function::model::{
    CapacityProvider, Code, Configuration, Content, Durable, FileSystem, Function, ImageConfig, Logging, Vpc,
};
use crate::kinds::function::observed::{Attributes, Lifecycle, LogGroup, Observed, S3Object};
use crate::kinds::function::package_type::PackageType;
use crate::kinds::function::side::Sides;

/// The function in an answer to `GetFunction`.
pub(in crate::aws::lambda) fn observed(
    answer: GetFunctionOutput,
    target: &Target,
    withheld: &Withheld,
) -> Result<Observed, Error> {
    let Some(configuration) = answer.configuration else {
        return Err(Error::new(Operation::GetFunction, "", 0, "the answer has no configuration"));
    };
    let tags = tags(answer.tags, answer.tags_error.as_ref(), withheld)?;
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
    let tags_all = tags.known().cloned().unwrap_or_default();
    let attributes = attributes(&configuration, answer.code.as_ref(), tags_all, target, withheld);
    let function = Function {
        package: match configuration.package_type {
            Some(sdk::PackageType::Image) => PackageType::Image,
            _ => PackageType::Zip,
        },
        code: Code {
            content: Content::Sha256(attributes.code_sha256.clone().unwrap_or_default()),
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
        storage_mode: storage_mode(configuration.package_type.as_ref(), &attributes),
        tenancy: configuration.tenancy_config.as_ref().map(|tenancy| tenancy.tenant_isolation_mode.as_str().to_owned()),
        configuration: self::configuration(configuration, &target.name),
        // Separate calls read these.
        sides: Sides::new(),
        concurrency: answer.concurrency.and_then(|concurrency| concurrency.reserved_concurrent_executions),
        tags: user_tags,
    };
    Ok(Observed {
        function,
        owner,
        lifecycle: Lifecycle::of(&attributes),
        published: None,
        version: None,
        default_group: None,
        executions: Vec::new(),
        log_group: LogGroup::NotRead,
        attributes,
    })
}

/// The function's owner tag in an answer to `GetFunction`.
pub(in crate::aws::lambda) fn owner(answer: GetFunctionOutput, withheld: &Withheld) -> Result<FunctionOwner, Error> {
    Ok(match tags(answer.tags, answer.tags_error.as_ref(), withheld)? {
        Knowable::Known(mut tags) => Knowable::Known(tags.remove(OWNER_TAG)),
        Knowable::Unknown => Knowable::Unknown,
    })
}

/// The tags; unknown if the AWS identity may not read them.
fn tags(
    tags: Option<HashMap<String, String>>,
    error: Option<&sdk::TagsError>,
    withheld: &Withheld,
) -> Result<Knowable<BTreeMap<String, String>>, Error> {
    match error {
        Some(error) if is_denied(error) => Ok(Knowable::Unknown),
        Some(error) => Err(unreadable(error, withheld)),
        None => Ok(Knowable::Known(visible(tags.unwrap_or_default()))),
    }
}

/// The storage mode. AWS names the S3 object only if it refers to it, not if it has a copy.
fn storage_mode(package: Option<&sdk::PackageType>, attributes: &Attributes) -> Option<String> {
    let mode = if attributes.referenced.is_some() {
        sdk::S3ObjectStorageMode::Reference
    } else {
        sdk::S3ObjectStorageMode::Copy
    };
    (package != Some(&sdk::PackageType::Image)).then(|| mode.as_str().to_owned())
}

/// Whether the tags are withheld because of a missing permission. Any other failure to read them is temporary.
fn is_denied(error: &sdk::TagsError) -> bool {
    codes::class(&error.error_code) == Some(Class::Denied)
}

/// The error of an answer without tags: the owner is unknown, so the whole read counts as failed.
fn unreadable(error: &sdk::TagsError, withheld: &Withheld) -> Error {
    let words = format!("AWS cannot read the function's tags: {}", error.message);
    Error {
        class: Class::Unavailable,
        ..Error::heard(Operation::GetFunction, &error.error_code, 200, &words, withheld)
    }
}

/// The tags without AWS's own.
fn visible(tags: HashMap<String, String>) -> BTreeMap<String, String> {
    tags.into_iter().filter(|(key, _)| !key.starts_with("aws:")).collect()
}

fn attributes(
    configuration: &sdk::FunctionConfiguration,
    code: Option<&sdk::FunctionCodeLocation>,
    tags_all: BTreeMap<String, String>,
    target: &Target,
    withheld: &Withheld,
) -> Attributes {
    let c = configuration.clone();
    let full = |text: Option<String>| text.filter(|text| !text.is_empty());
    let shown = |text: Option<String>| full(text).map(|text| Shown::new(&text, withheld));
    let words =
        |error: [Option<String>; 2]| Shown::new(&error.into_iter().flatten().collect::<Vec<_>>().join(": "), withheld);
    Attributes {
        // The ARN is qualified if a version was read, but the function's own ARN is needed.
        arn: target.arn(),
        last_modified: c.last_modified,
        code_size: c.code_size,
        code_sha256: full(c.code_sha256),
        revision_id: full(c.revision_id),
        vpc_id: c.vpc_config.and_then(|vpc| full(vpc.vpc_id)),
        signing_job_arn: full(c.signing_job_arn),
        signing_profile_version_arn: full(c.signing_profile_version_arn),
        optimization_status: c.snap_start.and_then(|snap| snap.optimization_status).map(|on| on.as_str().to_owned()),
        tags_all,
        state: c.state.map(|state| printable(state.as_str()).into_owned()),
        state_reason: shown(c.state_reason),
        state_reason_code: c.state_reason_code.map(|code| printable(code.as_str()).into_owned()),
        last_update_status: c.last_update_status.map(|status| printable(status.as_str()).into_owned()),
        last_update_status_reason: shown(c.last_update_status_reason),
        last_update_status_reason_code: (c.last_update_status_reason_code)
            .map(|code| printable(code.as_str()).into_owned()),
        runtime_version_arn: c.runtime_version_config.and_then(|version| full(version.runtime_version_arn)),
        environment_error: (c.environment.and_then(|environment| environment.error))
            .map(|error| words([error.error_code, error.message])),
        image_config_error: (c.image_config_response.and_then(|answer| answer.error))
            .map(|error| words([error.error_code, error.message])),
        referenced: code.and_then(|code| code.resolved_s3_object.clone()).map(|object| S3Object {
            bucket: object.s3_bucket.unwrap_or_default(),
            key: object.s3_key.unwrap_or_default(),
            version: full(object.s3_object_version),
        }),
        resolved_image_uri: code.and_then(|code| full(code.resolved_image_uri.clone())),
    }
}

fn configuration(c: sdk::FunctionConfiguration, name: &str) -> Configuration {
    let aws = Configuration::aws_defaults(name);
    Configuration {
        role: c.role.unwrap_or_default(),
        runtime: c.runtime.map(|runtime| runtime.as_str().to_owned()).unwrap_or_default(),
        handler: c.handler.unwrap_or_default(),
        description: c.description.unwrap_or_default(),
        memory_size: c.memory_size.unwrap_or(aws.memory_size),
        timeout: c.timeout.unwrap_or(aws.timeout),
        environment: environment(c.environment),
        layers: c.layers.unwrap_or_default().into_iter().filter_map(|layer| layer.arn).collect(),
        vpc: c.vpc_config.and_then(vpc),
        dead_letter_target: c.dead_letter_config.and_then(|config| config.target_arn).unwrap_or_default(),
        kms_key_arn: c.kms_key_arn.unwrap_or_default(),
        tracing_mode: c
            .tracing_config
            .and_then(|config| config.mode)
            .map_or(aws.tracing_mode, |mode| mode.as_str().to_owned()),
        file_systems: c.file_system_configs.unwrap_or_default().into_iter().map(file_system).collect(),
        image: image(c.image_config_response),
        ephemeral_storage: c.ephemeral_storage.map_or(aws.ephemeral_storage, |storage| storage.size),
        snap_start: c
            .snap_start
            .and_then(|snap| snap.apply_on)
            .map_or(aws.snap_start, |apply| apply.as_str().to_owned()),
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

/// The image's settings. AWS withholds them if it reports an error for them.
fn image(answer: Option<sdk::ImageConfigResponse>) -> Knowable<ImageConfig> {
    match answer {
        Some(sdk::ImageConfigResponse { error: Some(_), .. }) => Knowable::Unknown,
        Some(answer) => Knowable::Known(answer.image_config.map(image_config).unwrap_or_default()),
        None => Knowable::Known(ImageConfig::default()),
    }
}

fn image_config(answer: sdk::ImageConfig) -> ImageConfig {
    ImageConfig {
        entry_point: answer.entry_point.unwrap_or_default(),
        command: answer.command.unwrap_or_default(),
        working_directory: answer.working_directory.unwrap_or_default(),
    }
}

/// The logging settings. AWS usually fills in the levels of JSON logs and the group; if it leaves them out, the same defaults apply.
fn logging(answer: Option<&sdk::LoggingConfig>, name: &str) -> Logging {
    let format = answer.and_then(|l| l.log_format.as_ref()).map_or("Text", sdk::LogFormat::as_str).to_owned();
    let level = |level: Option<&str>| match (format.as_str(), level) {
        ("JSON", None) => Logging::LEVEL.to_owned(),
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
        retention_days: answer.retention_period_in_days.unwrap_or(Durable::RETENTION_DAYS),
        kms_key_arn: answer.kms_key_arn.unwrap_or_default(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn withheld(code: &str) -> Result<Observed, Error> {
        let error = sdk::TagsError::builder().error_code(code).message("no tags").build().unwrap();
        let configuration = sdk::FunctionConfiguration::builder().function_name("f").build();
        let answer = GetFunctionOutput::builder().configuration(configuration).tags_error(error).build();
        let target = Target { account: "1".into(), region: "eu-west-1".into(), name: "f".into() };
        observed(answer, &target, &Withheld::nothing())
    }

    #[test]
    fn only_denied_tags_are_withheld_and_other_trouble_with_them_passes() {
        assert_eq!(withheld("AccessDeniedException").unwrap().owner, Knowable::Unknown);
        for code in ["ServiceException", "ThrottlingException", "InvalidParameterValueException"] {
            let error = withheld(code).unwrap_err();
            assert_eq!((error.class, error.code.as_str()), (Class::Unavailable, code));
            assert!(error.message.ends_with("cannot read the function's tags: no tags"), "{error}");
        }
    }
}
