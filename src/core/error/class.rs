//! The classes of AWS errors: their meaning, advice to the user, and the backoff.

use std::time::Duration;

use crate::api::shared::WaitFor;
use crate::core::backoff::Backoff;
use crate::core::reason::{Reason, Standing};

/// The class of an error, which decides everything that the operator does about it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Class {
    /// Too many calls for Lambda's API: the account's token bucket slows down.
    Throttled,
    /// A temporary limit other than the rate of Lambda's API is reached.
    Saturated,
    /// Another change is in progress.
    Busy,
    /// AWS cannot use a role, key, network permission or mount target yet, perhaps because it is new (eventual consistency).
    Propagating,
    /// The operator lacks a permission.
    Denied,
    /// AWS rejects the request as invalid.
    Rejected,
    /// A resource of that name exists already. The next read shows its owner.
    AlreadyExists,
    /// The resource, or something that the call refers to, does not exist.
    NotFound,
    /// The container image is not in its repository. A pipeline may push it a little later.
    ImageNotFound,
    /// AWS, or the network between, does not work.
    Unavailable,
    /// The operator's credentials have expired or its clock is wrong; most credentials are renewed automatically.
    Expired,
    /// Replicas of Lambda@Edge block the deletion of a function.
    Replicated,
    /// A quota of the account or the region is exhausted.
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

    /// The answers of AWS that are of this class, for the documentation.
    #[must_use]
    pub const fn meaning(self) -> &'static str {
        match self {
            Self::Throttled => "429, `ThrottlingException`: too many calls for Lambda's API",
            Self::Saturated => {
                "\"unable to create new snapshot\", \"throttled by EC2\", `RequestLimitExceeded`, STS or EC2 throttle"
            }
            Self::Busy => "409 while another change is in progress, 412",
            Self::Propagating => {
                "the role \"cannot be assumed by Lambda\" or does \"not have permissions\", the key is \"invalid for CreateGrant\", mount targets are not yet \"available\""
            }
            Self::Denied => "403, `AccessDeniedException`, credentials that AWS does not know",
            Self::Rejected => "400 and every other invalid request: `ValidationException`, code signing, packages",
            Self::AlreadyExists => "409 \"Function already exist\" to a creation",
            Self::NotFound => {
                "`ResourceNotFoundException` to a change: the function, or something that it refers to, does not exist"
            }
            Self::ImageNotFound => "\"Source image … does not exist\"",
            Self::Unavailable => "5xx, no connection, no answer, an answer that does not come from AWS",
            Self::Expired => "`ExpiredTokenException`, a signature \"expired\" or \"not yet current\"",
            Self::Replicated => "\"because it is a replicated function\" to a deletion",
            Self::Quota => {
                "`CodeStorageExceededException`, too little unreserved concurrency, memory over the limit of a new account, other quotas"
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

    /// Whether the object becomes `Stalled`.
    #[must_use]
    pub const fn stalls(self) -> bool {
        matches!(self.reason().standing(), Standing::Stalled)
    }

    /// The wait that the object's timeout limits; `None` if it has no limit.
    #[must_use]
    pub const fn wait(self) -> Option<WaitFor> {
        match self {
            Self::Propagating => Some(WaitFor::Iam),
            Self::Busy => Some(WaitFor::Aws),
            Self::Expired => Some(WaitFor::Credentials),
            Self::Replicated => Some(WaitFor::Replicas),
            // AWS can take for the same resource what no read finds.
            Self::NotFound | Self::ImageNotFound | Self::AlreadyExists => Some(WaitFor::Resource),
            Self::Throttled
            | Self::Saturated
            | Self::Unavailable
            | Self::Denied
            | Self::Rejected
            | Self::Quota
            | Self::Elsewhere => None,
        }
    }

    /// Whether the reconcile ends, because any further call would fail in the same way. Other refusals hold back only the steps that depend on the refused one.
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

    /// Advice to the user, if AWS's text gives none.
    #[must_use]
    pub const fn advice(self) -> &'static str {
        match self {
            Self::Propagating => {
                "A new role or permission needs up to a minute to propagate in AWS. If this lasts, check that the role exists, that its trust policy names lambda.amazonaws.com, and that it has the permissions that the message names."
            }
            Self::Denied => "Give the operator's AWS identity this permission. Retried every few minutes.",
            Self::Rejected => "Correct the spec. Retried as soon as it changes.",
            Self::Expired => {
                "Credentials of a pod, a role or an instance are renewed automatically. If this lasts, renew the credentials that the operator was given, and check the clock of its node."
            }
            Self::Replicated => {
                "AWS removes the replicas some hours after the function's last CloudFront association is gone: check that no distribution uses the function."
            }
            Self::Quota => {
                "Delete unused resources, request a quota increase, or lower the value in the spec. Retried every few minutes."
            }
            Self::NotFound => "Create the resource that the message names, or name another in the spec.",
            Self::Elsewhere => {
                "The resource is in the account and region that status.account and status.region name, and the operator does nothing elsewhere: restore the operator's credentials, the namespace's annotations or spec.region."
            }
            Self::ImageNotFound => {
                "Push the image, or correct imageUri. Retried within half a minute, later every few minutes."
            }
            Self::Throttled | Self::Saturated | Self::Busy | Self::AlreadyExists | Self::Unavailable => "",
        }
    }

    /// The advice for an object that is being deleted, whose spec no longer matters.
    #[must_use]
    pub const fn last_advice(self) -> &'static str {
        match self {
            Self::Rejected | Self::Quota => "Retried every few minutes.",
            // The next read shows that the resource is gone.
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

    /// The backoff of retries.
    #[must_use]
    pub const fn pace(self) -> Backoff {
        match self {
            // The account's token bucket sets the rate. An object with a long backoff of its own would be late when the throttling ends.
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
            // A pipeline may push the image a little later; a typo stays until somebody corrects it.
            Self::ImageNotFound => Backoff { first: Duration::from_secs(15), most: Duration::from_secs(300) },
            // AWS needs hours to remove the replicas.
            Self::Replicated => Backoff::OVERDUE,
            Self::Denied | Self::Rejected | Self::Quota | Self::Elsewhere => Backoff::SLOW,
        }
    }
}
