//! The differences between the desired and the observed state, field by field. Without a difference nothing is written.

use std::collections::BTreeSet;

use super::fields;
use crate::core::values::Knowable;
use crate::kinds::function::member::Member;
use crate::kinds::function::model::{Code, Configuration, Content, Function};

/// A field that differs, by the name it has in the spec.
pub type Field = &'static str;

/// Members of the configuration that differ. A value that AWS withholds does not count as different.
#[must_use]
pub fn configuration(want: &Configuration, have: &Configuration) -> BTreeSet<Member> {
    let environment = unequal(&want.environment, &have.environment).then_some(Member::Environment);
    fields::differing(want, have).map(|row| row.member).chain(environment).collect()
}

/// Members of the configuration that AWS withholds.
#[must_use]
pub fn withheld(have: &Configuration) -> BTreeSet<Member> {
    let environment = (have.environment == Knowable::Unknown).then_some(Member::Environment);
    let image = (have.image == Knowable::Unknown).then_some(Member::ImageConfig);
    environment.into_iter().chain(image).collect()
}

/// Fields of the code that differ. Fields that the spec does not set are not compared.
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

/// Whether the code has to be sent: it differs, or its storage mode does. Fields that the spec does not set are not compared.
#[must_use]
pub fn deployment(want: &Function, have: &Function) -> bool {
    let moved = want.storage_mode.is_some() && want.storage_mode != have.storage_mode;
    moved || !code(&want.code, &have.code).is_empty()
}

/// Whether two known values differ.
#[must_use]
pub fn unequal<T: PartialEq>(want: &Knowable<T>, have: &Knowable<T>) -> bool {
    matches!((want, have), (Knowable::Known(want), Knowable::Known(have)) if want != have)
}
