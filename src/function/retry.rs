//! What an AWS error means: its class, what to tell the user, and when to try again.

use std::time::Duration;

use super::Operation;

/// What an error means for us.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Class {
    /// Too many calls: ours to slow down.
    Throttled,
    /// Another change is under way.
    Busy,
    /// A role, key or network permission may only be too new for AWS to see it.
    Propagating,
    /// We may not do this.
    Denied,
    /// AWS says that the request is wrong.
    Rejected,
    /// A function of that name exists already. Whose it is, the next look tells.
    Exists,
    /// It is not there.
    NotFound,
    /// AWS, or the way to it, is out of order.
    Unavailable,
}

/// How fast tries follow each other: exponentially from `first` to `most`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Pace {
    /// Before the second try.
    pub first: Duration,
    /// At most.
    pub most: Duration,
}

impl Pace {
    /// While AWS works on a function: half a second, slowing to five.
    pub const SETTLE: Self = Self { first: Duration::from_millis(500), most: Duration::from_secs(5) };
    /// What only a person can mend: slowly. An edit of the object is looked at at once.
    pub const SLOW: Self = Self { first: Duration::from_secs(300), most: Duration::from_secs(900) };
    /// A wait that has outlasted its timeout goes on, but slowly.
    pub const OVERDUE: Self = Self { first: Duration::from_secs(30), most: Duration::from_secs(300) };
    /// For everything of ours that failed outside AWS.
    pub const ORDINARY: Self = Self { first: Duration::from_secs(1), most: Duration::from_secs(60) };

    /// The delay before try number `attempt` + 1; `jitter` in 0..1 spreads it over ± 10 %.
    #[must_use]
    pub fn delay(self, attempt: u32, jitter: f64) -> Duration {
        let doubled = self.first.saturating_mul(2_u32.saturating_pow(attempt.min(16)));
        doubled.min(self.most).mul_f64(0.2f64.mul_add(jitter, 0.9))
    }
}

impl Class {
    /// Every class.
    pub const ALL: [Self; 8] = [
        Self::Throttled,
        Self::Busy,
        Self::Propagating,
        Self::Denied,
        Self::Rejected,
        Self::Exists,
        Self::NotFound,
        Self::Unavailable,
    ];

    /// The reason that conditions and events show.
    #[must_use]
    pub const fn reason(self) -> &'static str {
        match self {
            Self::Throttled => "Throttled",
            Self::Busy => "WaitingForAWS",
            Self::Propagating => "WaitingForIAM",
            Self::Denied => "AccessDenied",
            Self::Rejected => "Rejected",
            Self::Exists => "NameTaken",
            Self::NotFound => "NotFound",
            Self::Unavailable => "AWSUnavailable",
        }
    }

    /// Whether only a person can help.
    #[must_use]
    pub const fn stalls(self) -> bool {
        match self {
            Self::Denied | Self::Rejected => true,
            Self::Throttled | Self::Busy | Self::Propagating | Self::Exists | Self::NotFound | Self::Unavailable => {
                false
            }
        }
    }

    /// Whether the object's timeout bounds the wait.
    #[must_use]
    pub const fn has_clock(self) -> bool {
        matches!(self, Self::Propagating | Self::Busy)
    }

    /// What the user may check, where AWS's text does not say it.
    #[must_use]
    pub const fn advice(self) -> &'static str {
        match self {
            Self::Propagating => {
                "A new role or permission takes AWS up to a minute; if this lasts, check that the role exists, that its trust policy names lambda.amazonaws.com, and that it has the rights the message speaks of."
            }
            Self::Denied => "Give the operator's AWS identity this permission; it is tried again every few minutes.",
            Self::Rejected => "Correct the spec; the operator looks at once.",
            Self::Throttled | Self::Busy | Self::Exists | Self::NotFound | Self::Unavailable => "",
        }
    }

    /// When to try again.
    #[must_use]
    pub const fn pace(self) -> Pace {
        match self {
            Self::Throttled | Self::Unavailable => {
                Pace { first: Duration::from_secs(1), most: Duration::from_secs(60) }
            }
            Self::Busy | Self::Exists | Self::NotFound => {
                Pace { first: Duration::from_secs(1), most: Duration::from_secs(10) }
            }
            Self::Propagating => Pace { first: Duration::from_secs(2), most: Duration::from_secs(30) },
            Self::Denied | Self::Rejected => Pace::SLOW,
        }
    }
}

/// Texts of `InvalidParameterValueException` that AWS also gives while something is only too new.
const PROPAGATING: [&str; 3] = [
    "cannot be assumed by Lambda",
    "The provided execution role does not have permissions",
    "the KMS key is invalid for CreateGrant",
];

/// By error code, HTTP status and text; AWS's typed errors leave out the most important ones.
#[must_use]
pub fn classify(operation: Operation, code: &str, http_status: u16, message: &str) -> Class {
    match code {
        "TooManyRequestsException"
        | "ThrottlingException"
        | "Throttling"
        | "RequestLimitExceeded"
        | "EC2ThrottledException" => Class::Throttled,
        "ResourceConflictException" if message.contains("already exist") && operation == Operation::CreateFunction => {
            Class::Exists
        }
        "ResourceConflictException" | "PreconditionFailedException" => Class::Busy,
        "ResourceNotFoundException" => Class::NotFound,
        "InvalidParameterValueException" if PROPAGATING.iter().any(|text| message.contains(text)) => Class::Propagating,
        "InvalidParameterValueException" if message.contains("throttled by EC2") => Class::Throttled,
        // Somebody deployed between our look and our publish: look again.
        "InvalidParameterValueException"
            if operation == Operation::PublishVersion && message.contains("is different from current") =>
        {
            Class::Busy
        }
        "AccessDeniedException" | "AccessDenied" | "NotAuthorized" | "UnauthorizedOperation" => Class::Denied,
        // Credentials that are wrong or out of date: renewed by themselves, or by a person; either way the spec is innocent.
        "ExpiredTokenException"
        | "ExpiredToken"
        | "UnrecognizedClientException"
        | "InvalidClientTokenId"
        | "InvalidSignatureException"
        | "SignatureDoesNotMatch"
        | "MissingAuthenticationTokenException" => Class::Denied,
        _ => match http_status {
            429 => Class::Throttled,
            403 | 401 => Class::Denied,
            400..=499 => Class::Rejected,
            _ => Class::Unavailable,
        },
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
        assert_eq!(create("ResourceConflictException", 409, "Function already exist: f"), Class::Exists);
        assert_eq!(create("ResourceConflictException", 409, "An update is in progress"), Class::Busy);
        assert_eq!(create("ValidationException", 400, ""), Class::Rejected);
        assert_eq!(create("CodeSigningConfigNotFoundException", 404, ""), Class::Rejected);
        assert_eq!(create("", 502, "<html>"), Class::Unavailable);
        assert_eq!(create("", 0, "connection refused"), Class::Unavailable);
        assert_eq!(create("ServiceException", 500, ""), Class::Unavailable);
        assert_eq!(create("AccessDeniedException", 403, ""), Class::Denied);
        assert_eq!(create("SomethingNew", 429, ""), Class::Throttled);
    }

    #[test]
    fn a_pace_doubles_up_to_its_most() {
        let delays: Vec<u64> = (0..5).map(|n| Pace::SETTLE.delay(n, 0.5).as_millis() as u64).collect();
        assert_eq!(delays, [500, 1000, 2000, 4000, 5000]);
        assert_eq!(Pace::SLOW.delay(u32::MAX, 0.5), Duration::from_secs(900));
    }
}
