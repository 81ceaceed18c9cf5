//! AWS's error codes and the class of each, whatever the HTTP status. For some of them `classify` reads the text first. One table for the
//! operator, its alerts and its tests.

use super::class::Class;

/// Each code and its class.
pub const CODES: [(&str, Class); 48] = [
    ("TooManyRequestsException", Class::Throttled),
    ("ThrottlingException", Class::Throttled),
    ("Throttling", Class::Throttled),
    // EC2's rate, not Lambda's.
    ("RequestLimitExceeded", Class::Saturated),
    ("EC2ThrottledException", Class::Saturated),
    // Of CloudWatch Logs: another writer of the log group.
    ("OperationAbortedException", Class::Busy),
    ("PreconditionFailedException", Class::Busy),
    ("ResourceConflictException", Class::Busy),
    // An event source mapping that AWS is changing.
    ("ResourceInUseException", Class::Busy),
    ("ResourceNotFoundException", Class::NotFound),
    ("ResourceAlreadyExistsException", Class::AlreadyExists),
    ("CodeStorageExceededException", Class::Quota),
    ("LimitExceededException", Class::Quota),
    ("FunctionVersionsPerCapacityProviderLimitExceededException", Class::Quota),
    ("ServiceQuotaExceededException", Class::Quota),
    ("PolicyLengthExceededException", Class::Quota),
    ("PublicPolicyException", Class::Rejected),
    // Errors of KMS keys come with status 502. A key that is disabled or deleted needs a person, as a missing permission does.
    ("KMSAccessDeniedException", Class::Denied),
    ("KMSDisabledException", Class::Rejected),
    ("KMSInvalidStateException", Class::Rejected),
    ("KMSNotFoundException", Class::Rejected),
    ("AccessDeniedException", Class::Denied),
    ("AccessDenied", Class::Denied),
    ("NotAuthorized", Class::Denied),
    ("UnauthorizedOperation", Class::Denied),
    ("OptInRequired", Class::Denied),
    ("RegionDisabledException", Class::Denied),
    // Wrong credentials: somebody must provide others, and the spec is not the cause.
    ("UnrecognizedClientException", Class::Denied),
    ("InvalidClientTokenId", Class::Denied),
    ("InvalidSignatureException", Class::Denied),
    ("SignatureDoesNotMatch", Class::Denied),
    ("MissingAuthenticationTokenException", Class::Denied),
    ("AuthFailure", Class::Denied),
    // The service account's token: IAM does not know its issuer, or the role's trust policy does not accept it.
    ("InvalidIdentityToken", Class::Denied),
    ("IDPRejectedClaim", Class::Denied),
    // These credentials are usually renewed automatically.
    ("ExpiredTokenException", Class::Expired),
    ("ExpiredToken", Class::Expired),
    ("RequestExpired", Class::Expired),
    ("RequestTimeTooSkewed", Class::Expired),
    // STS could not reach the issuer of our token.
    ("IDPCommunicationError", Class::Unavailable),
    ("ServiceException", Class::Unavailable),
    ("ServiceUnavailable", Class::Unavailable),
    ("ServiceUnavailableException", Class::Unavailable),
    ("InternalFailure", Class::Unavailable),
    ("InternalError", Class::Unavailable),
    ("InternalServerError", Class::Unavailable),
    ("InternalServiceError", Class::Unavailable),
    ("Unavailable", Class::Unavailable),
];

/// The class of a code that is in the table.
pub(crate) fn class(code: &str) -> Option<Class> {
    CODES.iter().find(|(known, _)| *known == code).map(|(_, class)| *class)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_is_in_the_table_once() {
        let mut seen = std::collections::BTreeSet::new();
        assert!(CODES.iter().all(|(code, _)| seen.insert(code)));
    }
}
