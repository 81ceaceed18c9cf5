//! AWS's error codes and the class of each, whatever the HTTP status. `classify` reads the text first for some of them. One table for the
//! operator, its alerts and its tests.

use super::class::Class;

/// Each code and its class.
pub const CODES: [(&str, Class); 42] = [
    ("TooManyRequestsException", Class::Throttled),
    ("ThrottlingException", Class::Throttled),
    ("Throttling", Class::Throttled),
    // EC2's rate, not Lambda's.
    ("RequestLimitExceeded", Class::Saturated),
    ("EC2ThrottledException", Class::Saturated),
    ("PreconditionFailedException", Class::Busy),
    ("ResourceConflictException", Class::Busy),
    ("ResourceNotFoundException", Class::NotFound),
    ("CodeStorageExceededException", Class::Quota),
    ("FunctionVersionsPerCapacityProviderLimitExceededException", Class::Quota),
    ("ServiceQuotaExceededException", Class::Quota),
    // Of keys, with the status 502; a key that is disabled or gone waits for a person, as one that may not be used does.
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
    // Credentials that are wrong: a person has to give others, and the spec is innocent.
    ("UnrecognizedClientException", Class::Denied),
    ("InvalidClientTokenId", Class::Denied),
    ("InvalidSignatureException", Class::Denied),
    ("SignatureDoesNotMatch", Class::Denied),
    ("MissingAuthenticationTokenException", Class::Denied),
    ("AuthFailure", Class::Denied),
    // The token of a service account: its issuer is not known to IAM, or it does not fit the role's trust policy.
    ("InvalidIdentityToken", Class::Denied),
    ("IDPRejectedClaim", Class::Denied),
    // Renewed by themselves, as a rule.
    ("ExpiredTokenException", Class::Expired),
    ("ExpiredToken", Class::Expired),
    ("RequestExpired", Class::Expired),
    ("RequestTimeTooSkewed", Class::Expired),
    // STS could not ask who vouches for our token.
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
