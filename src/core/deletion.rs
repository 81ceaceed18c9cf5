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
    /// The sentences that end the message of an object whose deletion is stuck.
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
            | Blocked::UpdateFailed
            | Blocked::FunctionInactive
            | Blocked::NotConverging(_)
            | Blocked::FunctionFailed(_)
            | Blocked::VersionFailed(_)
            | Blocked::CodeHashMismatch { .. }
            | Blocked::InvalidReference(_)
            | Blocked::Rival(_)
            | Blocked::InvalidSpec(_),
        )
        | Outcome::Settled
        | Outcome::Released
        | Outcome::Suspended
        | Outcome::Drifted(_)
        | Outcome::InProgress(_)
        | Outcome::Missing(_)
        | Outcome::Waiting(_) => true,
    }
}
