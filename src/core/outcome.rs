//! The outcome of a reconcile, from which its reason and message follow.

use super::blocked::Blocked;
use super::change::Change;
use super::error::{Error, GoalError};
use super::hand_over::ObjectName;
use super::operation::Operation;
use super::refusal::Refusal;

/// How a reconcile ended.
#[derive(Clone, Debug)]
pub enum Outcome {
    /// AWS matches the spec.
    Settled,
    /// The object has nothing left in AWS, so the finalizer can be removed.
    Released,
    /// AWS is working on it.
    InProgress(Progress),
    /// `suspend: true`: nothing is read or written.
    Suspended,
    /// The namespace does not belong to this operator any more; the sentence says why.
    Unselected(String),
    /// The object hands its resource over to the object that the annotation names. The operator neither reads nor writes AWS for it.
    HandingOver(ObjectName),
    /// These differences are drift, and `driftPolicy: Report` only reports them.
    Drifted(Vec<Change>),
    /// Action by a person is required.
    Blocked(Blocked),
    /// Something that the spec refers to does not exist; the sentence names it.
    Missing(String),
    /// The resource that this one belongs to does not exist or is not ready; the sentence names the wait.
    Waiting(String),
    /// The Kubernetes API server refuses a request that the object needs.
    Refused(Refusal),
    /// An AWS call failed; its class says whether the operator recovers by itself.
    Failed(Error),
}

impl From<GoalError> for Outcome {
    fn from(error: GoalError) -> Self {
        match error {
            GoalError::Blocked(blocked) => Self::Blocked(blocked),
            GoalError::Missing(sentence) => Self::Missing(sentence),
            GoalError::Waiting(sentence) => Self::Waiting(sentence),
        }
    }
}

/// The progress of a change.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Progress {
    /// The resource is about to be created.
    Creating,
    /// These writes were sent.
    Sent(Vec<Operation>),
    /// AWS is busy.
    Waiting,
    /// The object and its resource are being deleted.
    Deleting,
    /// The object is being deleted after others whose resources have to go first; the sentence names them.
    Behind(String),
    /// The object is being deleted, and a create call without an answer may have succeeded: reads search for the resource.
    Searching,
    /// The last call for the object was sent. Once a read shows its effect, the resource is deleted or has no owner.
    Removing,
}
