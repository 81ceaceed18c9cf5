//! How a reconcile ended, before it is put into words.

use super::blocked::Blocked;
use super::change::Change;
use super::error::{Error, GoalError};
use super::hand_over::ObjectName;
use super::operation::Operation;
use super::refusal::Refusal;

/// How a pass ended.
#[derive(Clone, Debug)]
pub enum Outcome {
    /// AWS is what the spec says.
    Settled,
    /// Nothing of the object is left in AWS: the finalizer can go.
    Released,
    /// AWS is on the way there.
    InProgress(Progress),
    /// The user wants nothing to be looked at or done.
    Suspended,
    /// The namespace does not belong to this operator any more; the sentence says why.
    Unselected(String),
    /// The user gives the resource to the object that the annotation names: nothing is looked at or done any more.
    HandingOver(ObjectName),
    /// Somebody else made these differences, and the user wants only to be told of them.
    Drifted(Vec<Change>),
    /// Only a person can help.
    Blocked(Blocked),
    /// Something that the spec refers to is not there; the sentence says what.
    Missing(String),
    /// The resource that this one belongs to is not there, or not ready; the sentence says what is waited for.
    Waiting(String),
    /// The Kubernetes API server refuses what the object needs.
    Refused(Refusal),
    /// A call failed; its class says whether we go on by ourselves.
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

/// What is under way.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Progress {
    /// About to be created.
    Creating,
    /// These writes were sent.
    Sent(Vec<Operation>),
    /// AWS is busy.
    Waiting,
    /// The object and its function are going away.
    Deleting,
    /// The object goes, and a creation of it may have been heard by AWS: it is looked for.
    Searching,
    /// The last call for the object was sent: the function is gone, or nobody's, as soon as AWS shows it.
    Removing,
}
