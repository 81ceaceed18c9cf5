//! The records of earlier reconciles that the status of every kind has.

use k8s_openapi::jiff::{SignedDuration, Timestamp};

use crate::api::condition;
use crate::api::shared::{AppliedGeneration, CommonRecord, CommonStatus, Wait};
use crate::core::brake::Repeated;
use crate::core::reason::Reason;
use crate::core::target::Target;

/// A status, as generic code sees it.
pub trait Reported: Clone + std::fmt::Debug + Default + PartialEq + serde::Serialize + Send + Sync + 'static {
    /// The fields that every status has.
    fn common(&self) -> &CommonStatus;
    /// Mutable access to these fields.
    fn common_mut(&mut self) -> &mut CommonStatus;
    /// The fields that every status record has.
    fn record(&self) -> &CommonRecord;
    /// Mutable access to these fields.
    fn record_mut(&mut self) -> &mut CommonRecord;
}

/// The records that reconciles of every kind use. Each can be missing.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Past {
    /// Account, region and name of the resource, fixed before it was created.
    pub target: Option<Target>,
    /// A read has shown the resource since it was created.
    pub shown: bool,
    /// The generation and the references that were last fully applied.
    pub last_reconciled: Option<AppliedGeneration>,
    /// The last reconcile found no difference.
    pub ready: bool,
    /// The current wait.
    pub wait: Option<Wait>,
    /// Time at which AWS answered our last write, by our clock.
    pub last_write: Option<Timestamp>,
    /// Time since which a create call is in progress, or has an answer that does not prove that nothing was created.
    pub perhaps_created: Option<Timestamp>,
    /// The number of times that AWS has accepted each write without effect so far.
    pub repeated: Repeated,
    /// The generation that is `Stalled`.
    pub stalled: Option<i64>,
    /// It is `Stalled` because the resource is not the object's, or not allowed to it.
    pub refused: bool,
}

impl Past {
    /// Reads the records out of a status.
    #[must_use]
    pub fn of(status: Option<&impl Reported>) -> Self {
        let Some(status) = status else { return Self::default() };
        let CommonStatus {
            observed_generation: _,
            conditions,
            last_handled_reconcile_at: _,
            account,
            region,
            function_name,
            identity: _,
            arn,
        } = status.common();
        let CommonRecord { last_reconciled, wait, last_write, perhaps_created, repeated } = status.record().clone();
        // A resource that belongs to no function has no name here. The three are written together.
        let target = account.as_ref().zip(region.as_ref()).map(|(account, region)| Target {
            account: account.clone(),
            region: region.clone(),
            name: function_name.clone().unwrap_or_default(),
        });
        let refusals = [Reason::NotOwned, Reason::NotAllowed].map(Reason::name);
        let is_true = |type_| conditions.iter().find(|c| c.type_ == type_ && c.status == "True");
        Self {
            target,
            shown: arn.is_some(),
            last_reconciled,
            ready: is_true(condition::READY).is_some(),
            wait,
            last_write,
            perhaps_created,
            repeated,
            stalled: is_true(condition::STALLED).and_then(|c| c.observed_generation),
            refused: is_true(condition::STALLED).is_some_and(|c| refusals.contains(&c.reason.as_str())),
        }
    }
}

/// The highest difference between the clocks of two replicas.
const CLOCKS_DIFFER: SignedDuration = SignedDuration::from_secs(5);

/// Whether the operator can have written this time in a status. A forged time in the future would otherwise block an object for years.
#[must_use]
pub fn is_past(then: Timestamp, now: Timestamp) -> bool {
    then.duration_since(now) <= CLOCKS_DIFFER
}

#[cfg(test)]
mod tests {
    use k8s_openapi::apimachinery::pkg::apis::meta::v1::{Condition, Time};

    use super::*;
    use crate::api::function::status::LambdaFunctionStatus;

    #[test]
    fn an_object_is_refused_while_its_last_reconcile_says_so() {
        let refused = |type_: &str, status: &str, reason: Reason| {
            let condition = Condition {
                type_: type_.into(),
                status: status.into(),
                reason: reason.name().into(),
                message: String::new(),
                observed_generation: Some(3),
                last_transition_time: Time(Timestamp::UNIX_EPOCH),
            };
            let common = CommonStatus { conditions: vec![condition], ..CommonStatus::default() };
            Past::of(Some(&LambdaFunctionStatus { common, ..LambdaFunctionStatus::default() })).refused
        };
        assert!(refused(condition::STALLED, "True", Reason::NotOwned));
        assert!(refused(condition::STALLED, "True", Reason::NotAllowed));
        assert!(!refused(condition::STALLED, "True", Reason::InvalidSpec));
        assert!(!refused(condition::STALLED, "False", Reason::NotOwned));
        assert!(!refused(condition::READY, "True", Reason::NotOwned));
    }
}
