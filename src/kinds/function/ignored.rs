//! What a spec leaves to others once the function exists (`ignoreChanges`, `ignoreTags`, `codePolicy: Initial`): the function as it should be, with those parts as AWS shows them. Pure.

use std::collections::{BTreeMap, BTreeSet};

use super::applied;
use super::desired::{Desired, Goal};
use super::member::Member;
use super::model::{Code, Configuration, Function};
use super::observed::Observed;
use super::side::{Side, Sides};
use super::status::history::History;
use crate::api::function::ignored::IgnoredField;
use crate::api::function::spec::LambdaFunctionSpec;
use crate::core::goal::Defaults;
use crate::core::tag_pattern::TagPattern;
use crate::core::values::Knowable;

/// What is left to others.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Ignored {
    fields: BTreeSet<IgnoredField>,
    tags: Vec<TagPattern>,
}

impl Ignored {
    /// What the spec and the operator leave to others.
    #[must_use]
    pub fn of(spec: &LambdaFunctionSpec, defaults: &Defaults) -> Self {
        let fields: BTreeSet<_> = spec.ignore_changes.iter().flatten().copied().collect();
        let all_tags = fields.contains(&IgnoredField::Tags).then(TagPattern::any);
        let own = spec.ignore_tags.iter().flatten().cloned().map(TagPattern::new);
        Self { tags: defaults.ignore_tags.iter().cloned().chain(own).chain(all_tags).collect(), fields }
    }

    /// Whether a field is left to others.
    #[must_use]
    pub fn has(&self, field: IgnoredField) -> bool {
        self.fields.contains(&field)
    }

    /// Whether any field is left to others.
    #[must_use]
    pub fn has_fields(&self) -> bool {
        !self.fields.is_empty()
    }

    /// Whether the code is left to others: any field that says where it comes from is.
    #[must_use]
    pub fn has_code(&self) -> bool {
        self.fields.iter().any(|field| is_of_code(*field))
    }

    /// Whether a side group is left to others.
    #[must_use]
    pub fn has_side(&self, side: Side) -> bool {
        self.has(match side {
            Side::CodeSigning => IgnoredField::CodeSigningConfigArn,
            Side::RuntimeManagement => IgnoredField::RuntimeManagementConfig,
            Side::Recursion => IgnoredField::RecursiveLoop,
        })
    }

    /// The side groups that are nobody else's.
    #[must_use]
    pub fn own_sides(&self, wanted: &Sides) -> Sides {
        wanted.iter().filter(|(side, _)| !self.has_side(**side)).map(|(side, one)| (*side, one.clone())).collect()
    }

    /// Whether a member of the configuration is left to others.
    #[must_use]
    pub fn has_member(&self, member: Member) -> bool {
        self.has(field(member))
    }

    /// Whether what is recorded under this name is left to others.
    #[must_use]
    pub fn covers(&self, name: &str) -> bool {
        Member::named(name).is_some_and(|member| self.has_member(member))
            || Side::ALL.into_iter().any(|side| applied::side(side) == name && self.has_side(side))
            || applied::tag_key(name).is_some_and(|key| self.has_tag(key))
            || name == applied::CONCURRENCY && self.has(IgnoredField::ReservedConcurrentExecutions)
            || name == applied::CODE && self.has_code()
    }

    fn has_tag(&self, key: &str) -> bool {
        self.tags.iter().any(|pattern| pattern.matches(key))
    }

    fn pick<T: Clone>(&self, field: IgnoredField, want: T, have: &T) -> T {
        if self.has(field) { have.clone() } else { want }
    }
}

/// The goal with what is left to others as AWS shows it; `None` where nothing is.
#[must_use]
pub fn left_to_others(goal: &Goal, history: &History, observed: &Observed) -> Option<Goal> {
    let desired = goal.desired()?;
    if desired.ignored == Ignored::default() && !desired.initial_code {
        return None;
    }
    let function = function(desired, history.creation_pending, &observed.function);
    Some(Goal::Present(Box::new(Desired { function, ..desired.clone() })))
}

fn function(desired: &Desired, pending: bool, have: &Function) -> Function {
    let ignored = &desired.ignored;
    let Function { package, tenancy, configuration, code, storage_mode, sides, concurrency, tags } =
        desired.function.clone();
    Function {
        // Fixed at creation.
        package,
        tenancy,
        configuration: self::configuration(ignored, configuration, &have.configuration),
        code: if desired.initial_code { have.code.clone() } else { self::code(ignored, code, &have.code) },
        storage_mode: if desired.initial_code { have.storage_mode.clone() } else { storage_mode },
        sides: self::sides(ignored, pending, sides, &have.sides),
        // No creation carries it: it follows, and is somebody else's from then on.
        concurrency: if pending {
            concurrency
        } else {
            ignored.pick(IgnoredField::ReservedConcurrentExecutions, concurrency, &have.concurrency)
        },
        tags: self::tags(ignored, tags, &have.tags),
    }
}

fn configuration(ignored: &Ignored, want: Configuration, have: &Configuration) -> Configuration {
    // Destructured without `..`: a new field does not compile until it can be left to others.
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
    } = want;
    Configuration {
        role: ignored.pick(IgnoredField::Role, role, &have.role),
        runtime: ignored.pick(IgnoredField::Runtime, runtime, &have.runtime),
        handler: ignored.pick(IgnoredField::Handler, handler, &have.handler),
        description: ignored.pick(IgnoredField::Description, description, &have.description),
        memory_size: ignored.pick(IgnoredField::MemorySize, memory_size, &have.memory_size),
        timeout: ignored.pick(IgnoredField::Timeout, timeout, &have.timeout),
        // One that AWS withholds stays unknown, and what is unknown is not sent.
        environment: ignored.pick(IgnoredField::Environment, environment, &have.environment),
        layers: ignored.pick(IgnoredField::Layers, layers, &have.layers),
        vpc: ignored.pick(IgnoredField::VpcConfig, vpc, &have.vpc),
        dead_letter_target: ignored.pick(IgnoredField::DeadLetterConfig, dead_letter_target, &have.dead_letter_target),
        kms_key_arn: ignored.pick(IgnoredField::KmsKeyArn, kms_key_arn, &have.kms_key_arn),
        tracing_mode: ignored.pick(IgnoredField::TracingConfig, tracing_mode, &have.tracing_mode),
        file_systems: ignored.pick(IgnoredField::FileSystemConfig, file_systems, &have.file_systems),
        image: ignored.pick(IgnoredField::ImageConfig, image, &have.image),
        ephemeral_storage: ignored.pick(IgnoredField::EphemeralStorage, ephemeral_storage, &have.ephemeral_storage),
        snap_start: ignored.pick(IgnoredField::SnapStart, snap_start, &have.snap_start),
        logging: ignored.pick(IgnoredField::LoggingConfig, logging, &have.logging),
        durable: ignored.pick(IgnoredField::DurableConfig, durable, &have.durable),
        capacity_provider: ignored.pick(
            IgnoredField::CapacityProviderConfig,
            capacity_provider,
            &have.capacity_provider,
        ),
    }
}

fn code(ignored: &Ignored, want: Code, have: &Code) -> Code {
    // Where it comes from is left to others as a whole, or not at all.
    let Code { content, image_uri, kms_key_arn, architecture } = want;
    Code {
        content,
        image_uri,
        kms_key_arn: ignored.pick(IgnoredField::SourceKmsKeyArn, kms_key_arn, &have.kms_key_arn),
        architecture: ignored.pick(IgnoredField::Architectures, architecture, &have.architecture),
    }
}

/// A group that no creation carries follows it, and is somebody else's from then on.
fn sides(ignored: &Ignored, pending: bool, want: Sides, have: &Sides) -> Sides {
    let left = |side: Side| ignored.has_side(side) && (side.group().in_creation || !pending);
    let one = |(side, setting)| if left(side) { Some((side, have.get(&side)?.clone())) } else { Some((side, setting)) };
    want.into_iter().filter_map(one).collect()
}

/// A tag that matches is as it is, or is not there.
fn tags(
    ignored: &Ignored,
    want: Knowable<BTreeMap<String, String>>,
    have: &Knowable<BTreeMap<String, String>>,
) -> Knowable<BTreeMap<String, String>> {
    let (Knowable::Known(want), Knowable::Known(have)) = (&want, have) else { return want };
    let is_left = |key: &String| ignored.has_tag(key);
    let (own, theirs) = (want.iter().filter(|(key, _)| !is_left(key)), have.iter().filter(|(key, _)| is_left(key)));
    Knowable::Known(own.chain(theirs).map(|(key, value)| (key.clone(), value.clone())).collect())
}

/// The field of the spec that a member of the configuration has.
const fn field(member: Member) -> IgnoredField {
    match member {
        Member::Role => IgnoredField::Role,
        Member::Runtime => IgnoredField::Runtime,
        Member::Handler => IgnoredField::Handler,
        Member::Description => IgnoredField::Description,
        Member::MemorySize => IgnoredField::MemorySize,
        Member::Timeout => IgnoredField::Timeout,
        Member::Environment => IgnoredField::Environment,
        Member::Layers => IgnoredField::Layers,
        Member::DeadLetterConfig => IgnoredField::DeadLetterConfig,
        Member::KmsKeyArn => IgnoredField::KmsKeyArn,
        Member::TracingConfig => IgnoredField::TracingConfig,
        Member::FileSystemConfigs => IgnoredField::FileSystemConfig,
        Member::ImageConfig => IgnoredField::ImageConfig,
        Member::EphemeralStorage => IgnoredField::EphemeralStorage,
        Member::SnapStart => IgnoredField::SnapStart,
        Member::LoggingConfig => IgnoredField::LoggingConfig,
        Member::VpcConfig => IgnoredField::VpcConfig,
        Member::DurableConfig => IgnoredField::DurableConfig,
        Member::CapacityProviderConfig => IgnoredField::CapacityProviderConfig,
    }
}

/// Whether a field says where the code comes from.
const fn is_of_code(field: IgnoredField) -> bool {
    use IgnoredField as Field;
    match field {
        Field::S3Bucket
        | Field::S3Key
        | Field::S3ObjectVersion
        | Field::S3ObjectStorageMode
        | Field::CodeFrom
        | Field::Filename
        | Field::ImageUri
        | Field::SourceCodeHash
        | Field::CodeSha256 => true,
        Field::Role
        | Field::Runtime
        | Field::Handler
        | Field::Description
        | Field::MemorySize
        | Field::Timeout
        | Field::Architectures
        | Field::Environment
        | Field::Layers
        | Field::VpcConfig
        | Field::Tags
        | Field::ReservedConcurrentExecutions
        | Field::SourceKmsKeyArn
        | Field::CodeSigningConfigArn
        | Field::RuntimeManagementConfig
        | Field::RecursiveLoop
        | Field::DeadLetterConfig
        | Field::EphemeralStorage
        | Field::FileSystemConfig
        | Field::ImageConfig
        | Field::KmsKeyArn
        | Field::LoggingConfig
        | Field::SnapStart
        | Field::TracingConfig
        | Field::DurableConfig
        | Field::CapacityProviderConfig => false,
    }
}

#[cfg(test)]
mod tests;
