//! Advice about an error, if AWS's text gives none: first by the error's own code and text, otherwise by its class.

use super::Error;
use super::class::Class;
use super::classify::{INVALID_PRINCIPAL, KEY_ALIAS, NO_QUEUE, NO_STREAM, OTHER_ALLOCATION, OTHER_ALLOCATION_BY_ALIAS};
use crate::core::operation::{Access, Operation};

/// Advice for errors of one class, if they have this code and say this text.
struct Special {
    class: Class,
    code: Option<&'static str>,
    text: &'static str,
    subject: Subject,
    advice: &'static str,
}

/// The subject of the advice.
#[derive(Clone, Copy)]
enum Subject {
    /// The spec, which no longer matters once the object is being deleted.
    Spec,
    /// Something outside of the object.
    Outside,
}

const fn text(class: Class, text: &'static str, subject: Subject, advice: &'static str) -> Special {
    Special { class, code: None, text, subject, advice }
}

const fn code(class: Class, code: &'static str, subject: Subject, advice: &'static str) -> Special {
    Special { class, code: Some(code), text: "", subject, advice }
}

const SIGN: &str = "Sign the package with a profile that the code signing configuration allows, or name another configuration in codeSigningConfigRef or codeSigningConfigArn. Retried every few minutes.";

const NO_SOURCE: &str = "The ARN in eventSourceArn does not exist, or the account cannot see it: create the queue or stream. If the ARN is wrong, delete this object and create another with the right one. The operator retries.";

const ONE_ALLOCATION: &str = "A version has one number of provisioned environments, set for the version itself or for one alias of it: delete the other LambdaProvisionedConcurrencyConfig, or what somebody else configured in AWS. The operator retries.";

/// Advice for particular errors; the first that fits is used.
const SPECIALS: [Special; 19] = [
    code(Class::Rejected, "CodeVerificationFailedException", Subject::Spec, SIGN),
    code(Class::Rejected, "InvalidCodeSignatureException", Subject::Spec, SIGN),
    code(
        Class::Denied,
        "KMSAccessDeniedException",
        Subject::Outside,
        "Allow the function's role and the operator's AWS identity to use the KMS key, in the key's policy. Retried every few minutes.",
    ),
    code(Class::Rejected, "KMSDisabledException", Subject::Outside, "Enable the KMS key. Retried every few minutes."),
    code(
        Class::Rejected,
        "KMSInvalidStateException",
        Subject::Outside,
        "Bring the KMS key into the state Enabled, for instance by cancelling its deletion. Retried every few minutes.",
    ),
    code(
        Class::Rejected,
        "KMSNotFoundException",
        Subject::Outside,
        "The KMS key does not exist: restore it if that is possible, or name another key in the spec. Retried every few minutes.",
    ),
    code(
        Class::Rejected,
        "PublicPolicyException",
        Subject::Spec,
        "AWS blocks public access to this function: allow public access to it in AWS, or name a principal other than * (for a function URL, the authorization type AWS_IAM). Retried every few minutes.",
    ),
    code(
        Class::Quota,
        "PolicyLengthExceededException",
        Subject::Spec,
        "The policy holds the statements of all permissions of this function, version or alias: remove some, or replace several with one that has a * in its sourceArn. Retried every few minutes.",
    ),
    text(
        Class::Propagating,
        INVALID_PRINCIPAL,
        Subject::Spec,
        "A new role or user needs up to a minute to propagate in AWS. If this lasts, check that the principal exists, and correct spec.principal.",
    ),
    text(
        Class::Rejected,
        KEY_ALIAS,
        Subject::Spec,
        "Lambda accepts no key alias: name the key itself in the spec, as arn:aws:kms:REGION:ACCOUNT:key/ID. Retried as soon as the spec changes.",
    ),
    text(Class::Busy, OTHER_ALLOCATION, Subject::Spec, ONE_ALLOCATION),
    text(Class::Busy, OTHER_ALLOCATION_BY_ALIAS, Subject::Spec, ONE_ALLOCATION),
    text(Class::NotFound, NO_QUEUE, Subject::Spec, NO_SOURCE),
    text(Class::NotFound, NO_STREAM, Subject::Spec, NO_SOURCE),
    text(
        Class::Propagating,
        "available life cycle state",
        Subject::Outside,
        "EFS needs a minute or two to make a mount target available. If this lasts, check the states of the file system's mount targets.",
    ),
    text(
        Class::Denied,
        "Cross-account pass role is not allowed",
        Subject::Spec,
        "A function can only use a role of its own account: name such a role in spec.role, or let the namespace use an AWS identity of the role's account (annotation lambda-operator.io/role-arn).",
    ),
    text(
        Class::Denied,
        "no resource-based policy allows",
        Subject::Outside,
        "The owner of the resource that the message names must allow this in the resource's own policy (for a layer, AddLayerVersionPermission); a permission of the operator's AWS identity is not enough. Check the resource's region too. Retried every few minutes.",
    ),
    text(
        Class::Denied,
        "does not have permission to access the ECR image",
        Subject::Outside,
        "Allow lambda.amazonaws.com to call ecr:BatchGetImage and ecr:GetDownloadUrlForLayer in the repository's policy; a repository of another account must name the function's account there too. Retried every few minutes.",
    ),
    text(
        Class::Denied,
        "explicit deny",
        Subject::Outside,
        "A policy denies this explicitly, so no further permission helps: change that policy. Retried every few minutes.",
    ),
];

/// Advice to the user, if AWS's text gives none.
pub(super) fn advice(error: &Error) -> &'static str {
    if is_about_own_resource(error) {
        return "The resource was deleted during this change; the operator creates it again.";
    }
    special(error).map_or_else(|| error.class.advice(), |special| special.advice)
}

/// The same for an object that is being deleted.
pub(super) fn last_advice(error: &Error) -> &'static str {
    match special(error) {
        Some(Special { subject: Subject::Outside, advice, class: _, code: _, text: _ }) => advice,
        Some(_) | None => error.class.last_advice(),
    }
}

/// Whether AWS does not find the resource that the call changes, as opposed to something that the call refers to.
fn is_about_own_resource(error: &Error) -> bool {
    let texts: &[&str] = match error.operation {
        Operation::UpdateAlias | Operation::DeleteAlias => &["Alias not found", "Cannot find alias"],
        Operation::UpdateFunctionUrlConfig => &["The resource you requested does not exist"],
        _ => &["Function not found"],
    };
    let changes = matches!(error.operation.access(), Access::Write | Access::Delete);
    error.class == Class::NotFound && changes && texts.iter().any(|text| error.message.starts_with(text))
}

fn special(error: &Error) -> Option<&'static Special> {
    SPECIALS.iter().find(|Special { class, code, text, subject: _, advice: _ }| {
        error.class == *class && code.is_none_or(|code| error.code == code) && error.message.contains(text)
    })
}
