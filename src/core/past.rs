//! What the status of every kind remembers from earlier reconciles.

use k8s_openapi::jiff::{SignedDuration, Timestamp};

use crate::api::condition;
use crate::api::shared::{AppliedGeneration, CommonRecord, CommonStatus, Wait};
use crate::core::brake::Repeated;
use crate::core::target::Target;

/// A status, as code that knows no kind sees it.
pub trait Reported: Clone + std::fmt::Debug + Default + PartialEq + serde::Serialize + Send + Sync + 'static {
    /// The fields that every status has.
    fn common(&self) -> &CommonStatus;
    /// The same, to be written.
    fn common_mut(&mut self) -> &mut CommonStatus;
    /// The fields that every status record has.
    fn record(&self) -> &CommonRecord;
    /// The same, to be written.
    fn record_mut(&mut self) -> &mut CommonRecord;
}

/// The records that reconciles of every kind decide by. Every one may be missing.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Past {
    /// Where the resource lives, fixed before it was created.
    pub target: Option<Target>,
    /// A read has shown the resource since it was created.
    pub shown: bool,
    /// The generation, and the references, that were applied last.
    pub last_reconciled: Option<AppliedGeneration>,
    /// The last reconcile found nothing to do.
    pub ready: bool,
    /// What we wait for.
    pub wait: Option<Wait>,
    /// When AWS answered our last write, by our clock.
    pub last_write: Option<Timestamp>,
    /// Since when a creation is begun, or was answered without proof that nothing was made.
    pub perhaps_created: Option<Timestamp>,
    /// How often AWS has accepted a write that had no effect yet.
    pub repeated: Repeated,
    /// The generation for which a person was asked for help.
    pub stalled: Option<i64>,
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
        let target = match (account, region, function_name) {
            (Some(account), Some(region), Some(name)) => {
                Some(Target { account: account.clone(), region: region.clone(), name: name.clone() })
            }
            _ => None,
        };
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
        }
    }
}

/// The clocks of two replicas differ by less.
const CLOCKS_DIFFER: SignedDuration = SignedDuration::from_secs(5);

/// Whether a time in a status can be one that we wrote. With one in the future somebody would hold an object for years.
#[must_use]
pub fn is_past(then: Timestamp, now: Timestamp) -> bool {
    then.duration_since(now) <= CLOCKS_DIFFER
}
