//! Classifies an answer of AWS by error code, HTTP status and text.

use super::class::Class;
use super::codes;
use crate::core::operation::{Access, Operation};

/// Texts of `InvalidParameterValueException` that AWS also gives while a new role or resource has not propagated.
const PROPAGATING: [&str; 5] = [
    "cannot be assumed by Lambda",
    // The provided one for a function, the function's own for a destination.
    "execution role does not have permissions",
    "ensure the role can perform",
    // For a principal that is a role.
    INVALID_PRINCIPAL,
    // For mount targets in the state `creating`.
    "not all are in the available life cycle state yet",
];

/// The text about a principal of a permission that IAM does not know, perhaps because it is new.
pub(super) const INVALID_PRINCIPAL: &str = "The provided principal was invalid";

/// The text about a KMS grant that failed: because the role is new, or because the key is an alias, which KMS never accepts.
const NO_GRANT: &str = "the KMS key is invalid for CreateGrant";
pub(super) const KEY_ALIAS: &str = "Key Aliases are not supported for this operation";

/// Texts of `InvalidParameterValueException` about an account's quotas.
const QUOTAS: [&str; 3] = [
    "UnreservedConcurrentExecution below its minimum",
    "account's unreserved concurrency",
    "exceeded the maximum limit for HyperPlane ENIs for your account",
];

/// AWS's text about the most memory that this account can use, up to the number.
const MEMORY_LIMIT: &str =
    "'MemorySize' value failed to satisfy constraint: Member must have value less than or equal to ";

/// The most memory in MB for an account that AWS has not limited further.
const USUAL_MEMORY: u32 = 10_240;

/// The text of a 429 about snapshots in progress, not about the rate of calls.
const SNAPSHOTS: &str = "unable to create new snapshot";

/// The text of a 400 about a new event source mapping whose function is not there.
const NO_FUNCTION: &str = "Function does not exist";

/// Texts of a 400 about an event source mapping whose queue or stream is not there.
pub(super) const NO_QUEUE: &str = "SQS Error Code: AWS.SimpleQueueService.NonExistentQueue";
pub(super) const NO_STREAM: &str = "Stream not found: ";

/// Texts of a 409 about provisioned concurrency that the version has already, directly or by an alias.
pub(super) const OTHER_ALLOCATION: &str = "on an already Provisioned version";
pub(super) const OTHER_ALLOCATION_BY_ALIAS: &str = "Version is pointed by a Provisioned Concurrency alias";

/// The text of a 404 about a function with an ARN of another region.
const OTHER_REGION: &str = "are not reachable in this region";

/// Texts about an expired signature: the clocks of the operator and of AWS differ.
const SKEWED: [&str; 2] = ["Signature expired", "Signature not yet current"];

/// The class of an answer. AWS's SDK has no types for the most important errors, so it is decided by error code, HTTP status and text.
#[must_use]
pub fn classify(operation: Operation, code: &str, http_status: u16, message: &str) -> Class {
    match answered(operation, code, http_status, message) {
        Class::Throttled if !operation.is_counted() || message.contains(SNAPSHOTS) => Class::Saturated,
        class => class,
    }
}

fn answered(operation: Operation, code: &str, http_status: u16, message: &str) -> Class {
    let says = |texts: &[&str]| texts.iter().any(|text| message.contains(text));
    match code {
        "ResourceConflictException"
            if says(&["already exist", "FunctionUrlConfig exists"]) && operation.access() == Access::Create =>
        {
            Class::AlreadyExists
        }
        "ResourceNotFoundException" if says(&[OTHER_REGION]) => Class::Elsewhere,
        "InvalidSignatureException" | "SignatureDoesNotMatch" if says(&SKEWED) => Class::Expired,
        "InvalidParameterValueException" => invalid(operation, message),
        "ValidationException" if is_account_memory(message) => Class::Quota,
        // In a read this is an answer: the function has none.
        "CodeSigningConfigNotFoundException" | "ProvisionedConcurrencyConfigNotFoundException"
            if operation.is_read() =>
        {
            Class::NotFound
        }
        _ => codes::class(code).unwrap_or_else(|| unnamed(code, http_status)),
    }
}

/// The class of an unknown code, or of an answer without one.
const fn unnamed(code: &str, http_status: u16) -> Class {
    match http_status {
        429 => Class::Throttled,
        403 | 401 => Class::Denied,
        // AWS always names a code; a proxy or gateway in between does not.
        400..=499 if code.is_empty() => Class::Unavailable,
        400..=499 => Class::Rejected,
        _ => Class::Unavailable,
    }
}

/// AWS uses this one code for invalid requests and for many other causes.
fn invalid(operation: Operation, message: &str) -> Class {
    let says = |texts: &[&str]| texts.iter().any(|text| message.contains(text));
    if says(&PROPAGATING) || (says(&[NO_GRANT]) && !says(&[KEY_ALIAS])) {
        Class::Propagating
    } else if says(&["throttled by EC2"]) {
        Class::Saturated
    } else if says(&QUOTAS) || is_account_memory(message) {
        Class::Quota
    } else if is_image_missing(operation, message) {
        Class::ImageNotFound
    } else if operation == Operation::PutFunctionEventInvokeConfig && message.starts_with("The destination ARN ") {
        // The queue, topic or function may be created a little later.
        Class::NotFound
    } else if operation == Operation::CreateEventSourceMapping && message == NO_FUNCTION
        || is_source_missing(operation, message)
    {
        Class::NotFound
    } else if operation == Operation::PublishVersion && says(&["is different from current"]) {
        // Somebody deployed between our read and our PublishVersion: read again.
        Class::Busy
    } else if operation == Operation::DeleteFunction && says(&["because it is a replicated function"]) {
        Class::Replicated
    } else {
        Class::Rejected
    }
}

/// Whether the image that the call names is not in its repository. An update of the configuration names none: there AWS speaks of
/// the deployed image, which was deleted, so only another image helps.
fn is_image_missing(operation: Operation, message: &str) -> bool {
    let carries_image = matches!(operation, Operation::CreateFunction | Operation::UpdateFunctionCode);
    carries_image && message.starts_with("Source image ") && message.contains(" does not exist")
}

/// Whether the queue or the stream of an event source mapping does not exist. It may be created a little later.
fn is_source_missing(operation: Operation, message: &str) -> bool {
    let names_source = matches!(operation, Operation::CreateEventSourceMapping | Operation::UpdateEventSourceMapping);
    names_source && (message.contains(NO_QUEUE) || message.starts_with(NO_STREAM))
}

/// Whether AWS speaks of the lower limit of a new account. A value over the general limit is an error in the spec.
fn is_account_memory(message: &str) -> bool {
    let after = message.split_once(MEMORY_LIMIT).map(|(_, rest)| rest);
    let digits = after.map(|rest| rest.split(|c: char| !c.is_ascii_digit()).next().unwrap_or_default());
    digits.and_then(|digits| digits.parse::<u32>().ok()).is_some_and(|limit| limit < USUAL_MEMORY)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_text_decides_where_the_code_does_not() {
        let create = |code, status, text| classify(Operation::CreateFunction, code, status, text);
        let invalid = "InvalidParameterValueException";
        assert_eq!(
            create(invalid, 400, "The role defined for the function cannot be assumed by Lambda."),
            Class::Propagating
        );
        assert_eq!(create(invalid, 400, "Error occurred while GetObject. S3 Error Code: NoSuchKey."), Class::Rejected);
        assert_eq!(create(invalid, 400, "Your request has been throttled by EC2"), Class::Saturated);
        let raced = "CodeSHA256 (a) is different from current CodeSHA256 in $LATEST (b).";
        assert_eq!(classify(Operation::PublishVersion, invalid, 400, raced), Class::Busy);
        assert_eq!(create("ResourceConflictException", 409, "Function already exist: f"), Class::AlreadyExists);
        assert_eq!(create("ResourceConflictException", 409, "An update is in progress"), Class::Busy);
        assert_eq!(create("ValidationException", 400, ""), Class::Rejected);
        assert_eq!(create("CodeSigningConfigNotFoundException", 404, ""), Class::Rejected);
        assert_eq!(create("", 502, "<html>"), Class::Unavailable);
        assert_eq!(create("", 0, "connection refused"), Class::Unavailable);
        assert_eq!(create("ServiceException", 500, ""), Class::Unavailable);
        assert_eq!(create("AccessDeniedException", 403, ""), Class::Denied);
        assert_eq!(create("UnrecognizedClientException", 403, ""), Class::Denied);
        assert_eq!(create("ExpiredTokenException", 400, ""), Class::Expired);
        assert_eq!(create("ExpiredToken", 403, ""), Class::Expired);
        assert_eq!(create("SomethingNew", 429, ""), Class::Throttled);
        assert_eq!(create("", 413, "<html>"), Class::Unavailable, "AWS names a code");
        let delete = |text| classify(Operation::DeleteFunction, invalid, 400, text);
        let replicas = "Lambda was unable to delete arn:f because it is a replicated function.";
        assert_eq!(delete(replicas), Class::Replicated);
        assert_eq!(create(invalid, 400, replicas), Class::Rejected, "said to a deletion alone");
        assert_eq!(create("ExpiredTokenException", 403, ""), Class::Expired);
        let signature = "InvalidSignatureException";
        assert_eq!(create(signature, 403, "Signature expired: 1 is now earlier than 2"), Class::Expired);
        assert_eq!(create(signature, 403, "The request signature we calculated does not match"), Class::Denied);
        let elsewhere = "Functions from 'us-east-1' are not reachable in this region ('eu-west-1')";
        assert_eq!(create("ResourceNotFoundException", 404, elsewhere), Class::Elsewhere);
        assert_eq!(create("CodeStorageExceededException", 400, ""), Class::Quota);
    }
}
