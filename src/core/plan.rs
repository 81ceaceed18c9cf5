//! The plan of a reconcile: a value that can be printed, compared and tested.

use super::blocked::Blocked;
use super::operation::{Access, Operation};

/// The plan for this reconcile. `S` is a step: one AWS write of the kind.
#[derive(Clone, Debug, PartialEq)]
pub enum Plan<S> {
    /// Nothing differs.
    Done,
    /// AWS is busy with an earlier change.
    Wait,
    /// Execute these in this order, up to the first that ends the reconcile.
    Steps(Vec<S>),
    /// These steps would correct drift, but `driftPolicy: Report` forbids it.
    Drift(Vec<S>),
    /// Action by a person is required.
    Blocked(Blocked),
}

/// One AWS write, as the stages see it.
pub trait Write {
    /// The AWS call.
    fn operation(&self) -> Operation;
    /// Whether the reconcile ends with it, because AWS keeps working after the call returns, or because the owner may have changed.
    fn ends_reconcile(&self) -> bool;
    /// Whether AWS keeps working after the call returns.
    fn settles_later(&self) -> bool;
    /// Whether the resource is gone after it.
    fn ends_resource(&self) -> bool {
        self.operation().access() == Access::Delete
    }
}
