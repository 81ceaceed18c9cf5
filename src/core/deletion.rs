//! What an object says that is being deleted and cannot go: how a person lets go of its function by hand.

use super::blocked::Blocked;
use super::operation::Operation;
use super::outcome::Outcome;

/// An object that is being deleted.
#[derive(Clone, Copy, Debug)]
pub struct Deletion<'a> {
    /// Its namespace.
    pub namespace: &'a str,
    /// Its name.
    pub name: &'a str,
    /// `skipDestroy` is set already.
    pub skip_destroy: bool,
}

impl Deletion<'_> {
    /// The sentences that end the message of an object that is held.
    pub(crate) fn how_to_release(&self, outcome: &Outcome) -> String {
        let Self { namespace, name, skip_destroy } = self;
        let keep = if !skip_destroy && skip_destroy_helps(outcome) {
            "To keep the function in AWS instead, without its owner tag, set spec.skipDestroy: true. "
        } else {
            ""
        };
        format!(
            "{keep}To let go of it without AWS, as it is, take the finalizer off: kubectl patch lfn -n {namespace} {name} --type=merge -p '{{\"metadata\":{{\"finalizers\":null}}}}'."
        )
    }
}

/// Whether what stands in the way of a deletion does not stand in the way of a release, which looks and takes a tag off.
fn skip_destroy_helps(outcome: &Outcome) -> bool {
    match outcome {
        Outcome::Failed(error) => matches!(
            error.operation,
            Operation::DeleteFunction
                | Operation::UpdateFunctionConfiguration
                | Operation::DescribeSecurityGroups
                | Operation::ListDurableExecutionsByFunction
                | Operation::StopDurableExecution
        ),
        Outcome::Blocked(Blocked::OwnershipUnknown | Blocked::NotAllowed(_) | Blocked::TargetChanged(_)) => false,
        Outcome::Blocked(
            Blocked::NotOwned(_)
            | Blocked::Immutable(_)
            | Blocked::UpdateFailed
            | Blocked::FunctionFailed
            | Blocked::VersionFailed(_)
            | Blocked::CodeHashMismatch { .. }
            | Blocked::InvalidSpec(_),
        )
        | Outcome::Settled
        | Outcome::Released
        | Outcome::Suspended
        | Outcome::Drifted(_)
        | Outcome::InProgress(_)
        | Outcome::Missing(_) => true,
    }
}
