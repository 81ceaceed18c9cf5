//! Applies `ignoreChanges`, `ignoreTags` and `codePolicy: Initial`: replaces ignored parts of the desired function by those that AWS shows. Pure.

use std::collections::BTreeMap;

use super::desired::{Desired, Goal};
use super::ignored::Ignored;
use super::model::{Code, Configuration, Function};
use super::observed::Observed;
use super::side::{Side, Sides};
use super::status::history::History;
use crate::api::function::ignored::IgnoredField;
use crate::core::blocked::Blocked;
use crate::core::values::Knowable;

/// The goal with ignored parts as AWS shows them; `None` if nothing is ignored.
#[must_use]
pub fn left_to_others(goal: &Goal, history: &History, observed: &Observed) -> Option<Goal> {
    let desired = goal.desired()?;
    if desired.ignored == Ignored::default() && !desired.leaves_code() {
        return None;
    }
    let function = function(desired, history.creation_pending, &observed.function);
    Some(Goal::Present(Box::new(Desired { function, ..desired.clone() })))
}

/// Why a function that is gone cannot be created again: a fault of a part that is left to others, and that only the creation needs.
#[must_use]
pub fn uncreatable(goal: &Goal, observed: Option<&Observed>) -> Option<Blocked> {
    let desired = goal.desired().filter(|_| observed.is_none())?;
    desired.unusable_source.clone()
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
        code: if desired.leaves_code() { have.code.clone() } else { self::code(ignored, code, &have.code) },
        storage_mode: if desired.leaves_code() { have.storage_mode.clone() } else { storage_mode },
        sides: self::sides(ignored, pending, sides, &have.sides),
        // CreateFunction cannot set it, so it is set once after the creation and ignored from then on.
        concurrency: if pending {
            concurrency
        } else {
            ignored.pick(IgnoredField::ReservedConcurrentExecutions, concurrency, &have.concurrency)
        },
        tags: self::tags(ignored, tags, &have.tags),
    }
}

fn configuration(ignored: &Ignored, want: Configuration, have: &Configuration) -> Configuration {
    // Destructured without `..`: a new field does not compile until it can be ignored.
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
        // An environment that AWS withholds stays unknown, and an unknown one is not sent.
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
    // The source of the code is ignored as a whole, or not at all.
    let Code { content, image_uri, kms_key_arn, architecture } = want;
    Code {
        content,
        image_uri,
        kms_key_arn: ignored.pick(IgnoredField::SourceKmsKeyArn, kms_key_arn, &have.kms_key_arn),
        architecture: ignored.pick(IgnoredField::Architectures, architecture, &have.architecture),
    }
}

/// A group that CreateFunction cannot set is set once after the creation and ignored from then on.
fn sides(ignored: &Ignored, pending: bool, want: Sides, have: &Sides) -> Sides {
    let left = |side: Side| ignored.has_side(side) && (side.group().in_creation || !pending);
    let one = |(side, setting)| if left(side) { Some((side, have.get(&side)?.clone())) } else { Some((side, setting)) };
    want.into_iter().filter_map(one).collect()
}

/// Tags that match a pattern are taken from AWS.
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

#[cfg(test)]
mod tests;
