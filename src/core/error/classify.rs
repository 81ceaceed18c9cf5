//! From an AWS answer to its class: by error code, HTTP status and text.

use super::class::Class;
use super::codes;
use crate::core::operation::{Access, Operation};

/// Texts of `InvalidParameterValueException` that AWS also gives while something is only too new.
const PROPAGATING: [&str; 3] = [
    "cannot be assumed by Lambda",
    "The provided execution role does not have permissions",
    "the KMS key is invalid for CreateGrant",
];

/// Texts of `InvalidParameterValueException` that speak of an account's limits.
const QUOTAS: [&str; 2] = ["UnreservedConcurrentExecution below its minimum", "account's unreserved concurrency"];

/// Text of a 404 about a function whose ARN is of another region.
const OTHER_REGION: &str = "are not reachable in this region";

/// Texts of a signature that is out of date: the clocks of the operator and of AWS differ.
const SKEWED: [&str; 2] = ["Signature expired", "Signature not yet current"];

/// By error code, HTTP status and text; AWS's typed errors leave out the most important ones.
#[must_use]
pub fn classify(operation: Operation, code: &str, http_status: u16, message: &str) -> Class {
    let says = |texts: &[&str]| texts.iter().any(|text| message.contains(text));
    match code {
        "ResourceConflictException" if says(&["already exist"]) && operation.access() == Access::Create => {
            Class::AlreadyExists
        }
        "ResourceNotFoundException" if says(&[OTHER_REGION]) => Class::Elsewhere,
        "InvalidSignatureException" | "SignatureDoesNotMatch" if says(&SKEWED) => Class::Expired,
        "InvalidParameterValueException" => invalid(operation, message),
        _ => codes::class(code).unwrap_or_else(|| unnamed(code, http_status)),
    }
}

/// Of a code that we do not know, or of none.
const fn unnamed(code: &str, http_status: u16) -> Class {
    match http_status {
        429 => Class::Throttled,
        403 | 401 => Class::Denied,
        // AWS names a code; something on the way does not.
        400..=499 if code.is_empty() => Class::Unavailable,
        400..=499 => Class::Rejected,
        _ => Class::Unavailable,
    }
}

/// AWS's one code for a wrong request, and for much that is none.
fn invalid(operation: Operation, message: &str) -> Class {
    let says = |texts: &[&str]| texts.iter().any(|text| message.contains(text));
    if says(&PROPAGATING) {
        Class::Propagating
    } else if says(&["throttled by EC2"]) {
        Class::Throttled
    } else if says(&QUOTAS) {
        Class::Quota
    } else if operation == Operation::PublishVersion && says(&["is different from current"]) {
        // Somebody deployed between our look and our publish: look again.
        Class::Busy
    } else if operation == Operation::DeleteFunction && says(&["because it is a replicated function"]) {
        Class::Replicated
    } else {
        Class::Rejected
    }
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
        assert_eq!(create(invalid, 400, "Your request has been throttled by EC2"), Class::Throttled);
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
