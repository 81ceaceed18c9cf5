//! What differs between what should be and what is, field by field. Empty: nothing to write.

use std::collections::BTreeSet;

use super::fields;
use crate::core::values::Knowable;
use crate::kinds::function::member::Member;
use crate::kinds::function::model::{Code, Configuration, Content};

/// A field that differs, by the name it has in the spec.
pub type Field = &'static str;

/// Members of the configuration that differ. What AWS withheld does not differ.
#[must_use]
pub fn configuration(want: &Configuration, have: &Configuration) -> BTreeSet<Member> {
    let environment = unequal(&want.environment, &have.environment).then_some(Member::Environment);
    fields::differing(want, have).map(|row| row.member).chain(environment).collect()
}

/// Members of the configuration that AWS withholds.
#[must_use]
pub fn withheld(have: &Configuration) -> BTreeSet<Member> {
    (have.environment == Knowable::Unknown).then_some(Member::Environment).into_iter().collect()
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
