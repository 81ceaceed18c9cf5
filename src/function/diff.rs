//! What differs between what should be and what is, field by field. Empty: nothing to write.

use super::{Code, Configuration, Knowable};

/// A field that differs, by the name it has in the spec.
pub type Field = &'static str;

/// Fields of the configuration that differ. What AWS withheld does not differ.
#[must_use]
pub fn configuration(want: &Configuration, have: &Configuration) -> Vec<Field> {
    // Destructured without `..`: a new field does not compile until it is compared.
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
    let fields = [
        ("role", *role != have.role),
        ("runtime", *runtime != have.runtime),
        ("handler", *handler != have.handler),
        ("description", *description != have.description),
        ("memorySize", *memory_size != have.memory_size),
        ("timeout", *timeout != have.timeout),
        ("environment", unequal(environment, &have.environment)),
        ("layers", *layers != have.layers),
        ("vpcConfig", *vpc != have.vpc),
        ("deadLetterConfig", *dead_letter_target != have.dead_letter_target),
        ("kmsKeyArn", *kms_key_arn != have.kms_key_arn),
        ("tracingConfig", *tracing_mode != have.tracing_mode),
        ("fileSystemConfig", *file_systems != have.file_systems),
        ("imageConfig", *image != have.image),
        ("ephemeralStorage", *ephemeral_storage != have.ephemeral_storage),
        ("snapStart", *snap_start != have.snap_start),
        ("loggingConfig", *logging != have.logging),
        ("durableConfig", *durable != have.durable),
        ("capacityProviderConfig", *capacity_provider != have.capacity_provider),
    ];
    fields.into_iter().filter_map(|(name, differs)| differs.then_some(name)).collect()
}

/// Fields of the code that differ. Without an architecture of its own, the spec keeps the one that is there.
#[must_use]
pub fn code(want: &Code, have: &Code) -> Vec<Field> {
    let Code { content, architecture } = want;
    let fields = [
        ("code", *content != have.content),
        ("architectures", architecture.is_some() && *architecture != have.architecture),
    ];
    fields.into_iter().filter_map(|(name, differs)| differs.then_some(name)).collect()
}

/// Whether two values differ; what is unknown does not.
#[must_use]
pub fn unequal<T: PartialEq>(want: &Knowable<T>, have: &Knowable<T>) -> bool {
    matches!((want, have), (Knowable::Known(want), Knowable::Known(have)) if want != have)
}
