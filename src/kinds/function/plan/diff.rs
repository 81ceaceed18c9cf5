//! What differs between what should be and what is, field by field. Empty: nothing to write.

use super::fields;
use crate::core::values::Knowable;
use crate::kinds::function::model::{Code, Configuration, Content};

/// A field that differs, by the name it has in the spec.
pub type Field = &'static str;

/// Fields of the configuration that differ. What AWS withheld does not differ.
#[must_use]
pub fn configuration(want: &Configuration, have: &Configuration) -> Vec<Field> {
    let top = |field: Field| field.split('.').next().unwrap_or_default();
    let mut all: Vec<_> = fields::differing(want, have).map(|row| top(row.field)).collect();
    all.extend(unequal(&want.environment, &have.environment).then_some("environment"));
    all.dedup();
    all
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

/// Whether a package in S3 is to be kept in another way. What the spec does not say stays as it is.
#[must_use]
pub fn storage_mode(want: Option<&String>, have: Option<&String>) -> bool {
    want.is_some() && want != have
}

/// Whether two values differ; what is unknown does not.
#[must_use]
pub fn unequal<T: PartialEq>(want: &Knowable<T>, have: &Knowable<T>) -> bool {
    matches!((want, have), (Knowable::Known(want), Knowable::Known(have)) if want != have)
}
