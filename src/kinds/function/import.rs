//! Builds the spec of an existing function, without the values that are AWS's defaults. The inverse of `desired`.

use std::collections::BTreeMap;

use super::desired::configuration;
use super::model::{
    CapacityProvider, Code, Configuration, Content, Durable, FileSystem, Function, ImageConfig, Logging, Vpc,
};
use super::observed::{Lifecycle, Observed, S3Object};
use super::package_type::PackageType;
use super::side;
use super::side::{Probing, SideGroup};
use crate::api::function::blocks;
use crate::api::function::blocks::{
    CapacityProviderConfig, DeadLetterConfig, DurableConfig, EphemeralStorage, FileSystemConfig, LoggingConfig,
    ManagedInstances, SnapStart, TenancyConfig, TracingConfig, VpcConfig,
};
use crate::api::function::code::{Architecture, CodePolicy};
use crate::api::function::environment::Environment;
use crate::api::function::spec::LambdaFunctionSpec;
use crate::api::shared::{CodeSigningConfigRef, HAND_OVER_TO};
use crate::core::belonging::adopted;
use crate::core::shown::Shown;
use crate::core::target::Target;
use crate::core::values::{Knowable, Secret};

/// The source of a zip package for the manifest, because AWS does not report it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Package {
    /// Another pipeline deploys it: the code stays unchanged.
    #[default]
    Elsewhere,
    /// A file in the operator's package folder.
    File(String),
    /// An object in S3.
    S3 {
        /// Its bucket.
        bucket: String,
        /// Its key.
        key: String,
    },
}

/// The most tags of an object. AWS allows 50, and the owner tag is one of them.
const MOST_TAGS: usize = 49;

/// The spec that keeps the function unchanged, for an object with the name `object`.
#[must_use]
pub fn spec(observed: &Observed, target: &Target, object: &str, package: &Package) -> LambdaFunctionSpec {
    let Function { package: _, tenancy, configuration: c, code, storage_mode: _, sides, concurrency, tags } =
        &observed.function;
    let Target { account: _, region, name } = target;
    let aws = Configuration::aws_defaults(name);
    let mut spec = LambdaFunctionSpec {
        function_name: (name != object).then(|| name.clone()),
        role: c.role.clone(),
        runtime: full(&c.runtime),
        handler: full(&c.handler),
        description: full(&c.description),
        memory_size: other_than(Configuration::default_memory(c.capacity_provider.is_some()), c.memory_size),
        timeout: other_than(aws.timeout, c.timeout),
        architectures: architecture(code).map(|one| vec![one]),
        environment: c.environment.known().and_then(environment),
        layers: some(&c.layers),
        layer_refs: None,
        vpc_config: c.vpc.as_ref().map(vpc),
        tags: tags.known().filter(|tags| !tags.is_empty()).cloned(),
        reserved_concurrent_executions: *concurrency,
        // Published versions stay, and no new one is requested.
        publish: None,
        publish_to: None,
        s3_bucket: None,
        s3_key: None,
        s3_object_version: None,
        s3_object_storage_mode: None,
        code_from: None,
        filename: None,
        image_uri: None,
        package_type: None,
        source_code_hash: None,
        code_sha256: None,
        code_policy: None,
        source_kms_key_arn: code.kms_key_arn.as_ref().and_then(full),
        adopt_from: None,
        // The code and the side groups fill in these fields below.
        code_signing_config_arn: None,
        code_signing_config_ref: None,
        runtime_management_config: None,
        recursive_loop: None,
        log_retention_in_days: None,
        dead_letter_config: full(&c.dead_letter_target).map(|target_arn| DeadLetterConfig { target_arn }),
        ephemeral_storage: other_than(aws.ephemeral_storage, c.ephemeral_storage)
            .map(|size| EphemeralStorage { size: Some(size) }),
        file_system_config: some(&c.file_systems.iter().map(file_system).collect::<Vec<_>>()),
        image_config: c.image.known().filter(|_| c.image != aws.image).map(image_config),
        kms_key_arn: full(&c.kms_key_arn),
        logging_config: logging_config(c, name),
        snap_start: (c.snap_start != aws.snap_start).then(|| SnapStart { apply_on: c.snap_start.clone() }),
        tracing_config: (c.tracing_mode != aws.tracing_mode).then(|| TracingConfig { mode: c.tracing_mode.clone() }),
        tenancy_config: tenancy.clone().map(|tenant_isolation_mode| TenancyConfig { tenant_isolation_mode }),
        durable_config: c.durable.as_ref().map(durable),
        capacity_provider_config: c.capacity_provider.as_ref().map(capacity_provider),
        replace_security_groups_on_destroy: None,
        replacement_security_group_ids: None,
        ignore_changes: None,
        ignore_tags: None,
        common: adopted(Some(region)),
    };
    code_fields(observed, package).import(&mut spec);
    side::import(sides, &mut spec);
    if spec.logging_config.as_ref().is_some_and(|logging| logging.log_group.is_some()) {
        // The function logs elsewhere, and the spec is not about that log group.
        spec.log_retention_in_days = None;
    }
    spec
}

/// Names the code signing configuration by its object instead of its ARN.
pub fn sign_by(spec: &mut LambdaFunctionSpec, object: String) {
    spec.code_signing_config_arn = None;
    spec.code_signing_config_ref = Some(CodeSigningConfigRef { name: object });
}

/// The value, if it is not AWS's default.
fn other_than(default: i32, have: i32) -> Option<i32> {
    (have != default).then_some(have)
}

fn logging_config(c: &Configuration, name: &str) -> Option<LoggingConfig> {
    let aws = configuration::logging(None, c.durable.is_some() || c.capacity_provider.is_some(), name);
    (c.logging != aws).then(|| logging(&c.logging, &aws))
}

/// The property because of which every manifest would change the function, if there is one; the sentence says what to do.
#[must_use]
pub fn obstacle(observed: &Observed) -> Option<String> {
    let Function { package: _, tenancy: _, configuration, code: _, storage_mode: _, sides: _, concurrency: _, tags } =
        &observed.function;
    let because = |error: Option<&Shown>| error.cloned().unwrap_or_else(|| "it gives no reason".into());
    let sentence = match (&configuration.environment, tags) {
        _ if observed.lifecycle == Lifecycle::Deleting => "it is being deleted: there will be nothing to import".into(),
        (Knowable::Unknown, _) => format!(
            "AWS does not show its environment, and a manifest without the environment would remove it ({}): allow kms:Decrypt for the function's key",
            because(observed.attributes.environment_error.as_ref())
        ),
        _ if configuration.image == Knowable::Unknown => format!(
            "AWS does not show its imageConfig, and a manifest without imageConfig would remove it ({}): allow kms:Decrypt for the function's key",
            because(observed.attributes.image_config_error.as_ref())
        ),
        (_, Knowable::Unknown) => {
            "AWS does not show its tags, and a manifest without the tags would remove them: allow lambda:ListTags"
                .into()
        }
        (_, Knowable::Known(tags)) if tags.len() > MOST_TAGS => {
            format!("it has {} tags, and AWS allows {MOST_TAGS} beside the owner tag: remove some first", tags.len())
        }
        (Knowable::Known(_), Knowable::Known(_)) => return None,
    };
    Some(sentence)
}

/// Notes on the manifest for its reader, one line each.
#[must_use]
pub fn notes(observed: &Observed, package: &Package) -> Vec<String> {
    let Function { package: type_, tenancy: _, configuration, code, storage_mode: _, sides, concurrency: _, tags: _ } =
        &observed.function;
    let mut notes = Vec::new();
    if let Knowable::Known(Some(owner)) = &observed.owner {
        let (cluster, object) = owner.split_once('/').unwrap_or((owner, owner));
        notes.push(format!(
            "Its owner is {owner}. If this manifest is for the object {object}, plan it with --cluster-name {cluster}. Another object can have the function only with adoptFrom: {owner}, and once that owner's object agrees by the annotation {HAND_OVER_TO}."
        ));
    }
    match observed.lifecycle {
        Lifecycle::UpdateFailed(_) => notes.push(
            "AWS rolled back its last update: the manifest has the values that AWS shows, not those that it runs. After the adoption the operator sends that update again.".into(),
        ),
        Lifecycle::Failed { .. } => notes.push("AWS reports that it has failed and cannot be invoked.".into()),
        Lifecycle::Impaired => notes.push("AWS could not restore its resources, and it cannot be invoked.".into()),
        Lifecycle::Ready | Lifecycle::Busy | Lifecycle::Deleting => {}
    }
    notes.extend(side::untold(sides, *type_).map(not_shown));
    if configuration.environment.known().is_some_and(|all| !all.is_empty()) {
        notes.push(
            "Environment variables are written out. Move secret values to a Secret and name it in environment.valueFrom.".into(),
        );
    }
    match (type_, package) {
        (PackageType::Zip, Package::Elsewhere) if observed.attributes.referenced.is_some() => {}
        (PackageType::Zip, Package::File(_)) if observed.attributes.referenced.is_some() => notes.push(
            "Lambda refers to its package in S3 (s3ObjectStorageMode: REFERENCE); the file of this manifest is copied to Lambda instead.".into(),
        ),
        (PackageType::Zip, Package::Elsewhere) => notes.push(
            "AWS does not report the source of its code, so the code stays unchanged (codePolicy: Initial): to have it managed, name a source and remove codePolicy.".into(),
        ),
        (PackageType::Image, _) if code.image_uri.is_none() => {
            notes.push("AWS does not report its image: to have it managed, set imageUri and remove codePolicy.".into());
        }
        (PackageType::Zip | PackageType::Image, _) => {}
    }
    notes
}

/// The note on a side group that AWS did not show.
fn not_shown(group: &SideGroup) -> String {
    let field = group.field;
    match group.probing {
        Probing::OfNewFunctions => format!(
            "AWS did not show its {field}: if it is not AWS's default, set {field}; otherwise the operator resets it to the default."
        ),
        Probing::OnDemand => format!(
            "AWS did not show its {field}, so the manifest does not name it: it stays as it is, unless you set {field}."
        ),
    }
}

/// A valid Kubernetes name that is as close to the function's name as possible.
#[must_use]
pub fn object_name(function: &str) -> String {
    let name: String =
        function.chars().map(|c| if c.is_ascii_alphanumeric() { c.to_ascii_lowercase() } else { '-' }).collect();
    let name = name.trim_matches('-');
    if name.is_empty() { "function".into() } else { name.into() }
}

/// The fields that name a function's code.
#[derive(Default)]
struct CodeFields {
    filename: Option<String>,
    image_uri: Option<String>,
    s3_bucket: Option<String>,
    s3_key: Option<String>,
    s3_object_version: Option<String>,
    s3_object_storage_mode: Option<String>,
    code_sha256: Option<String>,
    package_type: Option<String>,
    code_policy: Option<CodePolicy>,
}

impl CodeFields {
    fn import(self, spec: &mut LambdaFunctionSpec) {
        let Self {
            filename,
            image_uri,
            s3_bucket,
            s3_key,
            s3_object_version,
            s3_object_storage_mode,
            code_sha256,
            package_type,
            code_policy,
        } = self;
        (spec.filename, spec.image_uri, spec.package_type) = (filename, image_uri, package_type);
        (spec.s3_bucket, spec.s3_key, spec.s3_object_version) = (s3_bucket, s3_key, s3_object_version);
        spec.s3_object_storage_mode = s3_object_storage_mode;
        (spec.code_sha256, spec.code_policy) = (code_sha256, code_policy);
    }
}

fn code_fields(observed: &Observed, package: &Package) -> CodeFields {
    let (function, referenced) = (&observed.function, &observed.attributes.referenced);
    let Code { content, image_uri, kms_key_arn: _, architecture: _ } = &function.code;
    let code_sha256 = match content {
        Content::Sha256(sha256) => full(sha256),
        Content::Undeployed | Content::Any => None,
    };
    let initial = CodeFields { code_policy: Some(CodePolicy::Initial), ..CodeFields::default() };
    // COPY is AWS's default. With REFERENCE, AWS reports the object that it refers to.
    let s3_object_storage_mode = referenced.as_ref().and(function.storage_mode.clone());
    match (function.package, image_uri, package) {
        (PackageType::Image, Some(uri), _) => CodeFields { image_uri: Some(uri.clone()), ..CodeFields::default() },
        (PackageType::Image, None, _) => CodeFields { package_type: Some("Image".into()), ..initial },
        (PackageType::Zip, _, Package::Elsewhere) => match referenced {
            Some(S3Object { bucket, key, version }) => CodeFields {
                s3_bucket: Some(bucket.clone()),
                s3_key: Some(key.clone()),
                s3_object_version: version.clone().filter(|version| version != "null"),
                s3_object_storage_mode,
                code_sha256,
                ..CodeFields::default()
            },
            None => initial,
        },
        (PackageType::Zip, _, Package::File(name)) => {
            CodeFields { filename: Some(name.clone()), code_sha256, ..CodeFields::default() }
        }
        (PackageType::Zip, _, Package::S3 { bucket, key }) => CodeFields {
            s3_bucket: Some(bucket.clone()),
            s3_key: Some(key.clone()),
            s3_object_storage_mode,
            code_sha256,
            ..CodeFields::default()
        },
    }
}

/// The architecture, if it is not AWS's default.
fn architecture(code: &Code) -> Option<Architecture> {
    let arm = Architecture::Arm64;
    code.architecture.as_deref().filter(|name| *name == arm.as_str()).map(|_| arm)
}

fn environment(variables: &BTreeMap<String, Secret>) -> Option<Environment> {
    let variables: BTreeMap<_, _> =
        variables.iter().map(|(name, value)| (name.clone(), value.reveal().to_owned())).collect();
    (!variables.is_empty()).then_some(Environment { variables: Some(variables), value_from: None, from: None })
}

fn vpc(vpc: &Vpc) -> VpcConfig {
    let Vpc { subnets, security_groups, ipv6 } = vpc;
    VpcConfig {
        subnet_ids: Some(subnets.iter().cloned().collect()),
        security_group_ids: Some(security_groups.iter().cloned().collect()),
        ipv6_allowed_for_dual_stack: ipv6.then_some(true),
    }
}

fn file_system(system: &FileSystem) -> FileSystemConfig {
    let FileSystem { arn, mount_path, direct_s3_read } = system;
    FileSystemConfig {
        arn: arn.clone(),
        local_mount_path: mount_path.clone(),
        direct_s3_read: full(direct_s3_read).filter(|read| read != "AUTO"),
    }
}

fn image_config(config: &ImageConfig) -> blocks::ImageConfig {
    let ImageConfig { entry_point, command, working_directory } = config;
    blocks::ImageConfig {
        command: some(command),
        entry_point: some(entry_point),
        working_directory: full(working_directory),
    }
}

fn logging(logging: &Logging, aws: &Logging) -> LoggingConfig {
    let Logging { format, application_level, system_level, group } = logging;
    let level = |level: &String| full(level).filter(|level| level != "INFO");
    let levels = [level(application_level), level(system_level)];
    // The schema refuses a level without the format.
    let code_fields = *format != aws.format || levels.iter().any(Option::is_some);
    let [application_log_level, system_log_level] = levels;
    LoggingConfig {
        log_format: full(format).filter(|_| code_fields),
        application_log_level,
        system_log_level,
        log_group: full(group).filter(|group| *group != aws.group),
    }
}

fn durable(durable: &Durable) -> DurableConfig {
    let Durable { execution_timeout, retention_days, kms_key_arn } = durable;
    DurableConfig {
        execution_timeout: *execution_timeout,
        retention_period: (*retention_days != Durable::RETENTION_DAYS).then_some(*retention_days),
        kms_key_arn: full(kms_key_arn),
    }
}

fn capacity_provider(provider: &CapacityProvider) -> CapacityProviderConfig {
    let CapacityProvider { arn, memory_gib_per_vcpu, max_concurrency } = provider;
    CapacityProviderConfig {
        lambda_managed_instances_capacity_provider_config: ManagedInstances {
            capacity_provider_arn: arn.clone(),
            execution_environment_memory_gib_per_vcpu: *memory_gib_per_vcpu,
            per_execution_environment_max_concurrency: *max_concurrency,
        },
    }
}

/// The value; an empty one counts as absent.
fn full(text: &String) -> Option<String> {
    crate::core::values::full(Some(text))
}

/// The value; an empty one counts as absent.
fn some<T: Clone>(list: &[T]) -> Option<Vec<T>> {
    (!list.is_empty()).then(|| list.to_vec())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kinds::function::side::Side;

    #[test]
    fn a_note_says_whether_the_operator_resets_what_aws_did_not_show() {
        for side in Side::ALL {
            let (note, resets) = (not_shown(side.group()), side.group().probing == Probing::OfNewFunctions);
            assert_eq!(note.contains("resets it"), resets, "{note}");
            assert_eq!(note.contains("stays as it is"), !resets, "{note}");
            assert!(note.contains(side.group().field), "{note}");
        }
    }
}
