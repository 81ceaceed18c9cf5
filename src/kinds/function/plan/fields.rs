//! The fields of a configuration as text: one list for comparing, showing and planning. The environment is not in it, because it is secret.

use std::collections::{BTreeMap, BTreeSet};

use crate::kinds::function::member::Member;
use crate::kinds::function::model::{CapacityProvider, Configuration, Durable, FileSystem, ImageConfig, Logging, Vpc};

/// A field that differs, by its path in the spec.
pub(super) struct Differing {
    pub(super) member: Member,
    pub(super) field: &'static str,
    pub(super) from: String,
    pub(super) to: String,
}

/// The value of each member except the environment, as text.
pub(in crate::kinds::function) fn texts(of: &Configuration) -> BTreeMap<Member, String> {
    let mut texts = BTreeMap::<_, String>::new();
    for (member, field, value) in fields(of, of) {
        let text = texts.entry(member).or_default();
        text.push_str(&format!("{field}={value};"));
    }
    texts
}

/// The fields that differ, except the environment.
pub(super) fn differing(want: &Configuration, have: &Configuration) -> impl Iterator<Item = Differing> {
    let rows = fields(want, have).into_iter().zip(fields(have, have));
    rows.map(|((member, field, to), (_, _, from))| Differing { member, field, from, to })
        .filter(|row| row.from != row.to)
}

/// A field's member, its path in the spec, and its value as text.
type Row = (Member, &'static str, String);

/// A list as text. An entry that is empty or contains a separator is quoted.
fn list(entries: &[String]) -> String {
    let shown = |entry: &String| {
        let plain = !entry.is_empty() && !entry.contains([',', '"']);
        if plain { entry.clone() } else { format!("{entry:?}") }
    };
    entries.iter().map(shown).collect::<Vec<_>>().join(", ")
}

/// Every field except the environment, as text. If `of` leaves a field to AWS, the value of `have` is used.
fn fields(of: &Configuration, have: &Configuration) -> Vec<Row> {
    // Destructured without `..`: a new field does not compile until it is shown.
    let Configuration {
        role,
        runtime,
        handler,
        description,
        memory_size,
        timeout,
        environment: _,
        layers,
        vpc,
        dead_letter_target,
        kms_key_arn,
        tracing_mode,
        file_systems,
        image,
        ephemeral_storage,
        snap_start,
        logging: Logging { format, application_level, system_level, group },
        durable,
        capacity_provider,
    } = of;
    // A value that AWS withholds does not count as different.
    let image = image.known().filter(|_| have.image.known().is_some()).cloned().unwrap_or_default();
    let ImageConfig { entry_point, command, working_directory } = &image;
    let mut all = vec![
        (Member::Role, "role", role.clone()),
        (Member::Runtime, "runtime", runtime.clone()),
        (Member::Handler, "handler", handler.clone()),
        (Member::Description, "description", description.clone()),
        (Member::MemorySize, "memorySize", memory_size.to_string()),
        (Member::Timeout, "timeout", timeout.to_string()),
        (Member::Layers, "layers", list(layers)),
        (Member::DeadLetterConfig, "deadLetterConfig.targetArn", dead_letter_target.clone()),
        (Member::KmsKeyArn, "kmsKeyArn", kms_key_arn.clone()),
        (Member::TracingConfig, "tracingConfig.mode", tracing_mode.clone()),
        (
            Member::FileSystemConfigs,
            "fileSystemConfig",
            file_systems.iter().map(file_system).collect::<Vec<_>>().join(", "),
        ),
        (Member::ImageConfig, "imageConfig.entryPoint", list(entry_point)),
        (Member::ImageConfig, "imageConfig.command", list(command)),
        (Member::ImageConfig, "imageConfig.workingDirectory", working_directory.clone()),
        (Member::EphemeralStorage, "ephemeralStorage.size", ephemeral_storage.to_string()),
        (Member::SnapStart, "snapStart.applyOn", snap_start.clone()),
        (Member::LoggingConfig, "loggingConfig.logFormat", format.clone()),
        (Member::LoggingConfig, "loggingConfig.applicationLogLevel", application_level.clone()),
        (Member::LoggingConfig, "loggingConfig.systemLogLevel", system_level.clone()),
        (Member::LoggingConfig, "loggingConfig.logGroup", group.clone()),
    ];
    all.extend(network(vpc.as_ref()));
    all.extend(durable_fields(durable.as_ref()));
    all.extend(instances(capacity_provider.as_ref(), have.capacity_provider.as_ref()));
    all
}

fn network(vpc: Option<&Vpc>) -> [Row; 3] {
    let list = |ids: &BTreeSet<String>| ids.iter().map(String::as_str).collect::<Vec<_>>().join(", ");
    let (subnets, groups, ipv6) = vpc.map_or_else(Default::default, |Vpc { subnets, security_groups, ipv6 }| {
        (list(subnets), list(security_groups), *ipv6)
    });
    [
        (Member::VpcConfig, "vpcConfig.subnetIds", subnets),
        (Member::VpcConfig, "vpcConfig.securityGroupIds", groups),
        (Member::VpcConfig, "vpcConfig.ipv6AllowedForDualStack", ipv6.to_string()),
    ]
}

fn file_system(system: &FileSystem) -> String {
    let FileSystem { arn, mount_path, direct_s3_read } = system;
    let read = if direct_s3_read.is_empty() { String::new() } else { format!(" ({direct_s3_read})") };
    format!("{arn} at {mount_path}{read}")
}

fn durable_fields(durable: Option<&Durable>) -> [Row; 3] {
    let (timeout, days, key) =
        durable.map_or_else(Default::default, |Durable { execution_timeout, retention_days, kms_key_arn }| {
            (execution_timeout.to_string(), retention_days.to_string(), kms_key_arn.clone())
        });
    [
        (Member::DurableConfig, "durableConfig.executionTimeout", timeout),
        (Member::DurableConfig, "durableConfig.retentionPeriod", days),
        (Member::DurableConfig, "durableConfig.kmsKeyArn", key),
    ]
}

fn instances(provider: Option<&CapacityProvider>, have: Option<&CapacityProvider>) -> [Row; 3] {
    let text = |number: Option<String>| number.unwrap_or_default();
    let (arn, memory, concurrency) =
        provider.map_or_else(Default::default, |CapacityProvider { arn, memory_gib_per_vcpu, max_concurrency }| {
            let memory = memory_gib_per_vcpu.or_else(|| have.and_then(|have| have.memory_gib_per_vcpu));
            let concurrency = max_concurrency.or_else(|| have.and_then(|have| have.max_concurrency));
            (arn.clone(), text(memory.map(|gib| gib.to_string())), text(concurrency.map(|most| most.to_string())))
        });
    [
        (Member::CapacityProviderConfig, "capacityProviderConfig.capacityProviderArn", arn),
        (Member::CapacityProviderConfig, "capacityProviderConfig.executionEnvironmentMemoryGibPerVcpu", memory),
        (Member::CapacityProviderConfig, "capacityProviderConfig.perExecutionEnvironmentMaxConcurrency", concurrency),
    ]
}
