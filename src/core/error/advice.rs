//! What a person can do about an error, where AWS's text does not say it: first by what this very error says, else by its class.

use super::Error;
use super::class::Class;
use super::classify::KEY_ALIAS;

/// Advice for errors of one class, if they have this code and say this text.
struct Special {
    class: Class,
    code: Option<&'static str>,
    text: &'static str,
    subject: Subject,
    advice: &'static str,
}

/// What the advice is about.
#[derive(Clone, Copy)]
enum Subject {
    /// The spec, which is of no interest once the object is being deleted.
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

const SIGN: &str = "Sign the package with a profile that the code signing configuration allows, or name another configuration in codeSigningConfigArn; it is tried again every few minutes.";

/// The first that fits is given.
const SPECIALS: [Special; 12] = [
    code(Class::Rejected, "CodeVerificationFailedException", Subject::Spec, SIGN),
    code(Class::Rejected, "InvalidCodeSignatureException", Subject::Spec, SIGN),
    code(
        Class::Denied,
        "KMSAccessDeniedException",
        Subject::Outside,
        "Let the function's role and the operator's AWS identity use the KMS key, in the key's policy; it is tried again every few minutes.",
    ),
    code(
        Class::Rejected,
        "KMSDisabledException",
        Subject::Outside,
        "Enable the KMS key; it is tried again every few minutes.",
    ),
    code(
        Class::Rejected,
        "KMSInvalidStateException",
        Subject::Outside,
        "Bring the KMS key into the state Enabled, for instance cancel its deletion; it is tried again every few minutes.",
    ),
    code(
        Class::Rejected,
        "KMSNotFoundException",
        Subject::Outside,
        "The KMS key is gone: restore it if it can be restored, or name another key in the spec; it is tried again every few minutes.",
    ),
    text(
        Class::Rejected,
        KEY_ALIAS,
        Subject::Spec,
        "Lambda takes no alias of a key: name the key itself in the spec, as arn:aws:kms:REGION:ACCOUNT:key/ID; the operator looks at once.",
    ),
    text(
        Class::Propagating,
        "available life cycle state",
        Subject::Outside,
        "EFS takes a minute or two to make a mount target available; if this lasts, check the states of the file system's mount targets.",
    ),
    text(
        Class::Denied,
        "Cross-account pass role is not allowed",
        Subject::Spec,
        "A function takes only a role of its own account: name one in role, or have the namespace use an AWS identity of the role's account (annotation lambda-operator.io/role-arn).",
    ),
    text(
        Class::Denied,
        "no resource-based policy allows",
        Subject::Outside,
        "Whoever owns the resource that the message names has to allow it in the resource's own policy (for a layer, AddLayerVersionPermission); a permission of the operator's AWS identity is not enough. Check its region too. It is tried again every few minutes.",
    ),
    text(
        Class::Denied,
        "does not have permission to access the ECR image",
        Subject::Outside,
        "Let lambda.amazonaws.com call ecr:BatchGetImage and ecr:GetDownloadUrlForLayer in the repository's policy; a repository of another account has to name the function's account there too. It is tried again every few minutes.",
    ),
    text(
        Class::Denied,
        "explicit deny",
        Subject::Outside,
        "A policy denies this explicitly, so that no permission helps: have that policy changed. It is tried again every few minutes.",
    ),
];

/// What the user may do, where AWS's text does not say it.
pub(super) fn advice(error: &Error) -> &'static str {
    special(error).map_or_else(|| error.class.advice(), |special| special.advice)
}

/// The same for an object that is being deleted.
pub(super) fn last_advice(error: &Error) -> &'static str {
    match special(error) {
        Some(Special { subject: Subject::Outside, advice, class: _, code: _, text: _ }) => advice,
        Some(_) | None => error.class.last_advice(),
    }
}

fn special(error: &Error) -> Option<&'static Special> {
    SPECIALS.iter().find(|Special { class, code, text, subject: _, advice: _ }| {
        error.class == *class && code.is_none_or(|code| error.code == code) && error.message.contains(text)
    })
}
