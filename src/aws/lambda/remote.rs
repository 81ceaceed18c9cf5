//! One function and the resources that belong to it in AWS, accessed through the SDK for one reconcile.

use super::convert::read;
use crate::aws::client::budget::Holder;
use crate::aws::client::recent::Freshness;
use crate::aws::client::session::Session;
use crate::aws::client::{Caller, Clients};
use crate::core::error::CallError;
use crate::core::error::class::Class;
use crate::core::host::FunctionOwner;
use crate::core::kind::{Aws, Kind, Tagged};
use crate::core::operation::Operation;
use crate::core::target::Target;
use crate::core::withheld::Withheld;

/// One function and the resources that belong to it, accessed through the SDK.
pub struct Remote {
    pub(super) session: Session,
    pub(super) target: Target,
}

/// A kind that can be accessed through the SDK: every kind for which [`Remote`] implements the AWS side.
pub trait Adapter: Kind {
    /// The AWS side of the kind.
    type Remote: Aws<Self>;
    /// The AWS side for one reconcile of `holder`. AWS's errors must not repeat the values in `withheld`.
    fn remote(
        clients: &Clients,
        caller: &Caller,
        target: Target,
        holder: Holder,
        withheld: Withheld,
        freshness: Freshness,
    ) -> Self::Remote;
}

impl<K: Kind> Adapter for K
where
    Remote: Aws<K>,
{
    type Remote = Remote;

    fn remote(
        clients: &Clients,
        caller: &Caller,
        target: Target,
        holder: Holder,
        withheld: Withheld,
        freshness: Freshness,
    ) -> Remote {
        Remote { session: clients.session(caller, &target, holder, withheld, freshness), target }
    }
}

impl Clients {
    /// One function and the resources that belong to it, for one reconcile of `holder`, which shares no read with others. AWS's errors must not
    /// repeat the values in `withheld`.
    #[must_use]
    pub fn remote(&self, caller: &Caller, target: Target, holder: Holder, withheld: Withheld) -> Remote {
        Remote { session: self.session(caller, &target, holder, withheld, Freshness::Own), target }
    }
}

impl Tagged for Remote {
    fn refresh(&self) -> bool {
        self.session.refresh()
    }

    async fn function_owner(&self) -> Result<FunctionOwner, CallError> {
        let request = self.session.client.get_function().function_name(self.target.function());
        let answer = self.session.call(Operation::GetFunction, request.send()).await?;
        let arn = answer.configuration.as_ref().and_then(|configuration| configuration.function_arn.as_deref());
        self.session.check_arn(Operation::GetFunction, arn)?;
        read::owner(answer, &self.session.withheld).map_err(CallError::Failed)
    }
}

/// Turns the error "not found" of a read into `None`.
pub(super) fn absent<T>(error: CallError) -> Result<Option<T>, CallError> {
    match error {
        CallError::Failed(error) if error.class == Class::NotFound => Ok(None),
        CallError::Failed(_) | CallError::Postponed(_) => Err(error),
    }
}
