//! How a reconcile ended, for what hangs around it: the queue, the log and the metrics.

use crate::controller::backoff::Requeue;
use crate::core::operation::Operation;

/// How a reconcile ended, for the log and the metrics.
pub(in crate::controller) struct Finished {
    pub(in crate::controller) requeue: Requeue,
    /// The writes that AWS accepted.
    pub(in crate::controller) sent: Vec<Operation>,
    /// The writes that correct, or would correct, what somebody else changed.
    pub(in crate::controller) drift: Vec<Operation>,
    /// What status says that it did not say before.
    pub(in crate::controller) news: Option<News>,
}

/// The sentence that sums a status up.
pub(in crate::controller) struct News {
    pub(in crate::controller) reason: String,
    pub(in crate::controller) message: String,
    /// A person is asked for help.
    pub(in crate::controller) alarming: bool,
}

impl Finished {
    /// With nothing to say.
    pub(in crate::controller) const fn quietly(requeue: Requeue) -> Self {
        Self { requeue, sent: Vec::new(), drift: Vec::new(), news: None }
    }
}
