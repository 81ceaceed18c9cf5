//! The plan of a reconcile: a value that can be printed, compared and tested.

use super::blocked::Blocked;
use super::operation::Operation;

/// What to do now. `S` is a step: one AWS write of the kind.
#[derive(Clone, Debug, PartialEq)]
pub enum Plan<S> {
    /// Nothing differs.
    Done,
    /// AWS is busy with an earlier change.
    Wait,
    /// Do these in this order, up to the first that ends the reconcile.
    Steps(Vec<S>),
    /// Somebody else made a difference, which these would correct, and the user wants it reported only.
    Drift(Vec<S>),
    /// Only a person can help.
    Blocked(Blocked),
}

/// One AWS write, as the stages see it.
pub trait Write {
    /// Which AWS call it is.
    fn operation(&self) -> Operation;
    /// Whether the reconcile ends with it: AWS keeps working after the call returns, or whose the resource is may have changed.
    fn ends_reconcile(&self) -> bool;
    /// Whether AWS keeps working after the call returns.
    fn settles_later(&self) -> bool;
}
