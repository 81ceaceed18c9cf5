//! What differs between what should be and what is, field by field. Empty: nothing to write.

use crate::core::values::Knowable;
use crate::kinds::function::model::{CapacityProvider, Code, Configuration, Content};

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
        ("capacityProviderConfig", capacity(capacity_provider.as_ref(), have.capacity_provider.as_ref())),
    ];
    fields.into_iter().filter_map(|(name, differs)| differs.then_some(name)).collect()
}

/// What the spec leaves to AWS does not differ.
fn capacity(want: Option<&CapacityProvider>, have: Option<&CapacityProvider>) -> bool {
    let (Some(CapacityProvider { arn, memory_gib_per_vcpu, max_concurrency }), Some(have)) = (want, have) else {
        return want.is_some() != have.is_some();
    };
    *arn != have.arn
        || (memory_gib_per_vcpu.is_some() && *memory_gib_per_vcpu != have.memory_gib_per_vcpu)
        || (max_concurrency.is_some() && *max_concurrency != have.max_concurrency)
}

/// Fields of the code that differ. What the spec does not say stays as it is.
#[must_use]
pub fn code(want: &Code, have: &Code) -> Vec<Field> {
    let Code { content, image_uri, kms_key_arn, architecture } = want;
    let differs = |want: &Option<String>, have: &Option<String>| want.is_some() && want != have;
    let fields = [
        ("code", *content != Content::Any && *content != have.content),
        ("imageUri", differs(image_uri, &have.image_uri)),
        ("sourceKmsKeyArn", differs(kms_key_arn, &have.kms_key_arn)),
        ("architectures", differs(architecture, &have.architecture)),
    ];
    fields.into_iter().filter_map(|(name, differs)| differs.then_some(name)).collect()
}

/// Whether two values differ; what is unknown does not.
#[must_use]
pub fn unequal<T: PartialEq>(want: &Knowable<T>, have: &Knowable<T>) -> bool {
    matches!((want, have), (Knowable::Known(want), Knowable::Known(have)) if want != have)
}
