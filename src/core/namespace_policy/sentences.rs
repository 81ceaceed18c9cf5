//! The messages of refusals by a namespace's policy: annotation, Namespace, value and remedy. Pure.

use super::annotation::{Annotation, Bound, PREFIX, like};
use super::demands::Concurrency;

/// A key with the operator's prefix that the operator does not know.
pub(super) fn unknown(namespace: &str, key: &str) -> String {
    let near = like(key);
    let advice = match &near[..] {
        [] => {
            let all: Vec<_> = Annotation::ALL.into_iter().map(Annotation::key).collect();
            format!("Remove it, or use one of: {}", all.join(", "))
        }
        [one] => format!("Rename it to {one}, or remove it"),
        several => format!("Rename it to one of {}, or remove it", several.join(", ")),
    };
    format!(
        "The annotation {key} of the Namespace {namespace} is unknown to the operator, so nothing is done for the objects in there. {advice}."
    )
}

/// A value with the wrong form.
pub(super) fn unreadable(namespace: &str, annotation: Annotation) -> String {
    format!(
        "The annotation {} of the Namespace {namespace} cannot be read, so nothing is done for the objects in there: write it as {}.",
        annotation.key(),
        annotation.value()
    )
}

/// A default tag with a reserved key.
pub(super) fn reserved_tag(namespace: &str, tag: &str) -> String {
    format!(
        "The annotation {} of the Namespace {namespace} sets the tag key '{tag}', which is empty or reserved for AWS and the operator, so nothing is done for the objects in there: rename the key so that it begins with neither aws: nor {PREFIX}.",
        Annotation::DefaultTags.key(),
    )
}

/// A value that no item of a list allows.
pub(super) fn not_in_list(namespace: &str, bound: Bound, value: &str) -> String {
    let (key, named) = (bound.annotation().key(), bound.named(value));
    format!(
        "The annotation {key} of the Namespace {namespace} does not allow {named}: choose another, or ask a platform engineer to add it there."
    )
}

/// A value that an empty list refuses.
pub(super) fn empty_list(namespace: &str, bound: Bound, value: &str) -> String {
    let (key, named) = (bound.annotation().key(), bound.named(value));
    format!(
        "The annotation {key} of the Namespace {namespace} is empty, which allows nothing, so it does not allow {named}: ask a platform engineer to add it there."
    )
}

/// A value that is refused because the annotation for it is absent.
pub(super) fn no_list(namespace: &str, bound: Bound, value: &str) -> String {
    format!(
        "{}: ask a platform engineer to add it with a value that allows this.",
        silent(namespace, bound.annotation(), &bound.named(value))
    )
}

/// A value that is refused without a list, whether or not a policy is required.
pub(super) fn needs_list(namespace: &str, bound: Bound, value: &str) -> String {
    let (key, named) = (bound.annotation().key(), bound.named(value));
    format!(
        "The Namespace {namespace} has no annotation {key}, which has to allow {named}: ask a platform engineer to add it with a value that allows this."
    )
}

/// A request that is refused because the annotation for it is absent.
fn silent(namespace: &str, annotation: Annotation, what: &str) -> String {
    format!(
        "The operator requires a policy (--require-namespace-policy), and the Namespace {namespace} has no annotation {}, so it does not allow {what}",
        annotation.key()
    )
}

/// Adoption that an annotation refuses, or the absence of one.
pub(super) fn adoption(namespace: &str, is_said: bool) -> String {
    let annotation = Annotation::AllowAdoption;
    let refused = if is_said {
        format!("The annotation {} of the Namespace {namespace} does not allow adoption", annotation.key())
    } else {
        silent(namespace, annotation, "adoption")
    };
    format!("{refused}: remove adoptionPolicy and adoptFrom, or ask a platform engineer to set it to \"true\".")
}

/// More concurrency than is allowed.
pub(super) fn too_much_concurrency(namespace: &str, concurrency: Concurrency, most: Option<u32>) -> String {
    let annotation = Annotation::MaxReservedConcurrency;
    let (field, executions) = (concurrency.field(), concurrency.executions());
    match most {
        Some(most) => format!(
            "The annotation {} of the Namespace {namespace} allows {field} of at most {most}, and it is {executions}: lower it, or ask a platform engineer to raise the annotation.",
            annotation.key()
        ),
        None => format!(
            "{}: remove it, or ask a platform engineer to add the annotation with a number.",
            silent(namespace, annotation, &format!("{field} {executions}"))
        ),
    }
}

/// Code that is not signed.
pub(super) fn unsigned(namespace: &str) -> String {
    format!(
        "The annotation {} of the Namespace {namespace} does not allow code without a signature: set codeSigningConfigRef or codeSigningConfigArn, or ask a platform engineer to change the annotation.",
        Annotation::RequireCodeSigning.key()
    )
}

/// Code whose signing configuration is not an allowed one.
pub(super) fn signed_otherwise(namespace: &str, arn: &str) -> String {
    format!(
        "The annotation {} of the Namespace {namespace} does not allow the code signing configuration {arn}: choose another, or ask a platform engineer to add it there.",
        Annotation::RequireCodeSigning.key()
    )
}

/// An image in a namespace that requires signed code.
pub(super) fn unsigned_image(namespace: &str) -> String {
    format!(
        "The annotation {} of the Namespace {namespace} does not allow a container image, which cannot be signed: use a zip package, or ask a platform engineer to add the image to {}.",
        Annotation::RequireCodeSigning.key(),
        Bound::Images.annotation().key()
    )
}
