//! The hint that ends the message of an object whose deletion is stuck: how to release its resource by hand.

use super::blocked::Blocked;
use super::operation::{Access, Operation};
use super::outcome::Outcome;

/// An object that is being deleted.
#[derive(Clone, Copy, Debug)]
pub struct Deletion<'a> {
    /// Its namespace.
    pub namespace: &'a str,
    /// Its name.
    pub name: &'a str,
    /// Whether `skipDestroy` is set already.
    pub skip_destroy: bool,
}

impl Deletion<'_> {
    /// Why the deletion waits, if `deletionProtection` is set. It does not wait if there is no resource, or if `skipDestroy` keeps the resource
    /// anyway. `arn` is the ARN in status.
    #[must_use]
    pub fn protected(&self, protection: bool, arn: Option<&str>, noun: &str, short: &str) -> Option<Blocked> {
        let Self { namespace, name, skip_destroy } = self;
        let arn = arn.filter(|_| protection && !skip_destroy)?;
        Some(Blocked::DeletionProtected(format!(
            "The object is being deleted and spec.deletionProtection is true, so the {noun} {arn} stays in AWS and the object waits. To delete both, set it to false: kubectl patch {short} -n {namespace} {name} --type=merge -p '{{\"spec\":{{\"deletionProtection\":false}}}}'."
        )))
    }

    /// The sentences that end the message of an object whose deletion waits.
    pub(super) fn how_to_release(&self, outcome: &Outcome, noun: &str, short: &str) -> String {
        let Self { namespace, name, skip_destroy } = self;
        let keep = if !skip_destroy && skip_destroy_helps(outcome) {
            format!("To keep the {noun} in AWS, without an owner, set spec.skipDestroy: true. ")
        } else {
            String::new()
        };
        format!(
            "{keep}To give up and leave AWS untouched, remove the finalizer: kubectl patch {short} -n {namespace} {name} --type=merge -p '{{\"metadata\":{{\"finalizers\":null}}}}'."
        )
    }
}

/// Whether `skipDestroy` avoids the call that blocks the deletion. A release only reads the resource and removes its owner tag.
fn skip_destroy_helps(outcome: &Outcome) -> bool {
    match outcome {
        Outcome::Failed(error) => {
            error.operation.access() == Access::Delete
                || matches!(
                    error.operation,
                    Operation::UpdateFunctionConfiguration
                        | Operation::DescribeSecurityGroups
                        | Operation::ListDurableExecutionsByFunction
                        | Operation::StopDurableExecution
                )
        }
        // A refusal by the API server does not depend on AWS.
        Outcome::Refused(_)
        | Outcome::Blocked(Blocked::OwnershipUnknown | Blocked::NotAllowed(_) | Blocked::TargetChanged(_)) => false,
        Outcome::Blocked(
            Blocked::NotOwned(_)
            | Blocked::OtherCluster(_)
            | Blocked::Immutable(_)
            | Blocked::UpdateFailed(_)
            | Blocked::FunctionInactive
            | Blocked::NotConverging(_)
            | Blocked::DisabledByAws(_)
            | Blocked::FunctionFailed(_)
            | Blocked::VersionFailed(_)
            | Blocked::AllocationFailed(_)
            | Blocked::CodeHashMismatch { .. }
            | Blocked::InvalidReference(_)
            | Blocked::Rival(_)
            | Blocked::DeletionProtected(_)
            | Blocked::InvalidSpec(_),
        )
        | Outcome::Settled
        | Outcome::Released
        | Outcome::Suspended
        | Outcome::Unselected(_)
        | Outcome::HandingOver(_)
        | Outcome::Drifted(_)
        | Outcome::InProgress(_)
        | Outcome::Missing(_)
        | Outcome::Waiting(_) => true,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ARN: &str = "arn:aws:lambda:eu-west-1:123456789012:function:f";

    #[test]
    fn protection_holds_a_resource_that_exists_and_would_be_deleted() {
        let protected = |protection, arn, skip_destroy| {
            Deletion { namespace: "team-a", name: "f", skip_destroy }.protected(protection, arn, "function", "lfn")
        };
        let Some(Blocked::DeletionProtected(sentence)) = protected(true, Some(ARN), false) else { panic!() };
        let command = "kubectl patch lfn -n team-a f --type=merge -p '{\"spec\":{\"deletionProtection\":false}}'";
        assert!(sentence.contains(ARN) && sentence.contains(command), "{sentence}");
        assert_eq!(protected(false, Some(ARN), false), None);
        assert_eq!(protected(true, None, false), None, "nothing was made");
        assert_eq!(protected(true, Some(ARN), true), None, "it stays anyway");
    }
}
