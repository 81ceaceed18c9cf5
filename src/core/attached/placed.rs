//! The goal of a resource without tags, with its place, for kinds that need more than a name in their AWS calls. Pure.

use super::{Desired, Leaving, Model, Observed};
use crate::core::goal;
use crate::core::host::{FunctionOwner, Host};

/// The goal of a resource with its place.
pub type Goal<M, P> = goal::Goal<Placed<Desired<M>, P>, Placed<Leaving, P>>;

/// A desired resource, or one that is being deleted, with its place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Placed<T, P> {
    /// The resource, and the right to it.
    pub attached: T,
    /// Its place.
    pub place: P,
}

/// The goal with the place.
#[must_use]
pub fn placed<M: Model, P>(goal: super::Goal<M>, place: P) -> Goal<M, P> {
    match goal {
        goal::Goal::Present(attached) => goal::Goal::Present(Box::new(Placed { attached: *attached, place })),
        goal::Goal::Absent(attached) => goal::Goal::Absent(Placed { attached, place }),
        goal::Goal::Released(attached) => goal::Goal::Released(Placed { attached, place }),
    }
}

/// The goal without the place.
#[must_use]
pub fn attached<M: Model, P>(goal: &Goal<M, P>) -> super::Goal<M> {
    match goal {
        goal::Goal::Present(desired) => goal::Goal::Present(Box::new(desired.attached.clone())),
        goal::Goal::Absent(leaving) => goal::Goal::Absent(leaving.attached.clone()),
        goal::Goal::Released(leaving) => goal::Goal::Released(leaving.attached.clone()),
    }
}

/// The place.
#[must_use]
pub fn place<M: Model, P>(goal: &Goal<M, P>) -> &P {
    match goal {
        goal::Goal::Present(desired) => &desired.place,
        goal::Goal::Absent(leaving) | goal::Goal::Released(leaving) => &leaving.place,
    }
}

/// The right to the resource.
#[must_use]
pub fn host<M: Model, P>(goal: &Goal<M, P>) -> &Host {
    match goal {
        goal::Goal::Present(desired) => &desired.attached.host,
        goal::Goal::Absent(leaving) | goal::Goal::Released(leaving) => &leaving.attached.host,
    }
}

/// The goal with the owner of the function.
#[must_use]
pub fn with_owner<M: Model, P: Clone>(goal: &Goal<M, P>, owner: FunctionOwner) -> Goal<M, P> {
    placed(super::with_owner(&attached(goal), owner), place(goal).clone())
}

/// The goal with ignored members as AWS shows them; `None` if nothing is ignored.
#[must_use]
pub fn left_to_others<M: Model, P: Clone>(goal: &Goal<M, P>, observed: &Observed<M>) -> Option<Goal<M, P>> {
    super::left_to_others(&attached(goal), observed).map(|left| placed(left, place(goal).clone()))
}
