//! The classes of AWS errors: what each means, what to tell the user, and when to try again.

use std::time::Duration;

use crate::api::shared::WaitFor;
use crate::core::backoff::Backoff;
use crate::core::reason::{Reason, Standing};

/// What an error means for us.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Class {
    /// Too many calls for Lambda's API: the account's token bucket slows down.
    Throttled,
    /// Another limit than the rate of Lambda's calls is reached for the moment.
    Saturated,
    /// Another change is under way.
    Busy,
    /// A role, key, network permission or mount target may only be too new for AWS to use it.
    Propagating,
    /// We may not do this.
    Denied,
    /// AWS says that the request is wrong.
    Rejected,
    /// A resource of that name exists already. The next read tells whose it is.
    AlreadyExists,
    /// It is not there.
    NotFound,
    /// The container image is not in its repository; it may be on its way.
    ImageNotFound,
    /// AWS, or the way to it, is out of order.
    Unavailable,
    /// Our credentials, or our clock, are out of date; most are renewed by themselves.
    Expired,
    /// Replicas of Lambda@Edge hold a function that is to be deleted.
    Replicated,
    /// The account, or the region, has no room for it.
    Quota,
    /// The call reached another account or region than the resource's.
    Elsewhere,
}

impl Class {
    /// Every class.
    pub const ALL: [Self; 14] = [
        Self::Throttled,
        Self::Saturated,
        Self::Unavailable,
        Self::Busy,
        Self::AlreadyExists,
        Self::NotFound,
        Self::ImageNotFound,
        Self::Propagating,
        Self::Expired,
        Self::Replicated,
        Self::Denied,
        Self::Rejected,
        Self::Quota,
        Self::Elsewhere,
    ];

    /// Which answers are of this class, for people.
    #[must_use]
    pub const fn meaning(self) -> &'static str {
        match self {
            Self::Throttled => "429, `ThrottlingException`: Lambda's API gets too many calls",
            Self::Saturated => {
                "\"unable to create new snapshot\", \"throttled by EC2\", `RequestLimitExceeded`, STS or EC2 throttle"
            }
            Self::Busy => "409 while another change is under way, 412",
            Self::Propagating => {
                "the role \"cannot be assumed by Lambda\" or does \"not have permissions\", the key is \"invalid for CreateGrant\", mount targets are not \"available\" yet"
            }
            Self::Denied => "403, `AccessDeniedException`, credentials that AWS does not know",
            Self::Rejected => "400 and all else that AWS calls wrong: `ValidationException`, code signing, packages",
            Self::AlreadyExists => "409 \"Function already exist\" to a creation",
            Self::NotFound => "`ResourceNotFoundException` to a change: the function, or something that it is to use",
            Self::ImageNotFound => "\"Source image … does not exist\"",
            Self::Unavailable => "5xx, no connection, no answer, an answer that is not AWS's",
            Self::Expired => "`ExpiredTokenException`, a signature \"expired\" or \"not yet current\"",
            Self::Replicated => "\"because it is a replicated function\" to a deletion",
            Self::Quota => {
                "`CodeStorageExceededException`, too little unreserved concurrency, memory that a new account may not use, other limits"
            }
            Self::Elsewhere => {
                "403 that names a caller of another account, 404 \"not reachable in this region\", an answer about another account or region"
            }
        }
    }

    /// The reason that conditions and events show.
    #[must_use]
    pub const fn reason(self) -> Reason {
        match self {
            Self::Throttled | Self::Saturated => Reason::Throttled,
            Self::Busy => Reason::WaitingForAws,
            Self::Propagating => Reason::WaitingForIam,
            Self::Denied => Reason::AccessDenied,
            Self::Rejected => Reason::Rejected,
            Self::AlreadyExists => Reason::AlreadyExists,
            Self::NotFound | Self::ImageNotFound => Reason::NotFound,
            Self::Unavailable => Reason::AwsUnavailable,
            Self::Expired => Reason::CredentialsExpired,
            Self::Replicated => Reason::WaitingForReplicas,
            Self::Quota => Reason::QuotaExceeded,
            Self::Elsewhere => Reason::TargetChanged,
        }
    }

    /// Whether only a person can help.
    #[must_use]
    pub const fn stalls(self) -> bool {
        matches!(self.reason().standing(), Standing::Stalled)
    }

    /// The wait that the object's timeout bounds; `None` if there is no bound.
    #[must_use]
    pub const fn wait(self) -> Option<WaitFor> {
        match self {
            Self::Propagating => Some(WaitFor::Iam),
            Self::Busy => Some(WaitFor::Aws),
            Self::Expired => Some(WaitFor::Credentials),
            Self::Replicated => Some(WaitFor::Replicas),
            Self::NotFound | Self::ImageNotFound => Some(WaitFor::Resource),
            Self::Throttled
            | Self::Saturated
            | Self::Unavailable
            | Self::AlreadyExists
            | Self::Denied
            | Self::Rejected
            | Self::Quota
            | Self::Elsewhere => None,
        }
    }

    /// Whether the reconcile ends: nothing that is sent now would fare better. Other refusals hold back only the steps that need what was refused.
    #[must_use]
    pub const fn ends_reconcile(self) -> bool {
        match self {
            Self::Throttled
            | Self::Busy
            | Self::AlreadyExists
            | Self::Unavailable
            | Self::Expired
            | Self::Elsewhere => true,
            Self::Saturated
            | Self::Propagating
            | Self::Denied
            | Self::Rejected
            | Self::NotFound
            | Self::ImageNotFound
            | Self::Replicated
            | Self::Quota => false,
        }
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
            Self::Expired => {
                "Credentials of a pod, a role or an instance are renewed by themselves; if this lasts, renew those that the operator was given, and check the clock of its node."
            }
            Self::Replicated => {
                "AWS removes the replicas some hours after the function's last CloudFront association is gone; see that no distribution uses it."
            }
            Self::Quota => {
                "Free what nobody needs any more, have AWS raise the quota, or ask for less in the spec; it is tried again every few minutes."
            }
            Self::NotFound => {
                "If it is the resource of this object, it is created again. Create anything else that the message names, or name another in the spec."
            }
            Self::Elsewhere => {
                "The resource lives where status.account and status.region say, and nothing is done elsewhere: put the operator's credentials, the namespace's annotations or spec.region back."
            }
            Self::ImageNotFound => {
                "Push the image, or correct imageUri; it is tried again, first within half a minute and then every few minutes."
            }
            Self::Throttled | Self::Saturated | Self::Busy | Self::AlreadyExists | Self::Unavailable => "",
        }
    }

    /// The same for an object that is being deleted, whose spec is of no interest any more.
    #[must_use]
    pub const fn last_advice(self) -> &'static str {
        match self {
            Self::Rejected | Self::Quota => "It is tried again every few minutes.",
            // The next look finds nothing.
            Self::NotFound | Self::ImageNotFound => "",
            Self::Denied
            | Self::Elsewhere
            | Self::Expired
            | Self::Replicated
            | Self::Propagating
            | Self::Throttled
            | Self::Saturated
            | Self::Busy
            | Self::AlreadyExists
            | Self::Unavailable => self.advice(),
        }
    }

    /// When to try again.
    #[must_use]
    pub const fn pace(self) -> Backoff {
        match self {
            // The account's token bucket does the pacing: an object that waited for itself would be late when AWS answers again.
            Self::Throttled => Backoff { first: Duration::from_secs(1), most: Duration::from_secs(2) },
            Self::Saturated | Self::Unavailable => {
                Backoff { first: Duration::from_secs(1), most: Duration::from_secs(60) }
            }
            Self::Busy | Self::AlreadyExists | Self::NotFound => {
                Backoff { first: Duration::from_secs(1), most: Duration::from_secs(10) }
            }
            Self::Propagating | Self::Expired => {
                Backoff { first: Duration::from_secs(2), most: Duration::from_secs(30) }
            }
            // A pipeline pushes it a little later; a typo stays.
            Self::ImageNotFound => Backoff { first: Duration::from_secs(15), most: Duration::from_secs(300) },
            // It takes hours.
            Self::Replicated => Backoff::OVERDUE,
            Self::Denied | Self::Rejected | Self::Quota | Self::Elsewhere => Backoff::SLOW,
        }
    }
}
