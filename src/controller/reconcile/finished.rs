//! The result of a reconcile for the queue, the log and the metrics.

use crate::controller::backoff::Requeue;
use crate::core::operation::Operation;

/// The result of a reconcile for the queue, the log and the metrics.
pub(in crate::controller) struct Finished {
    pub(in crate::controller) requeue: Requeue,
    /// The writes that AWS accepted.
    pub(in crate::controller) sent: Vec<Operation>,
    /// The writes that correct drift, or would correct it.
    pub(in crate::controller) drift: Vec<Operation>,
    /// The reason and message that are new in status, if there are any.
    pub(in crate::controller) news: Option<News>,
}

/// The reason and message of a status.
pub(in crate::controller) struct News {
    pub(in crate::controller) reason: String,
    pub(in crate::controller) message: String,
    /// Whether the object is `Stalled`.
    pub(in crate::controller) alarming: bool,
}

impl Finished {
    /// A result without new reason or message.
    pub(in crate::controller) const fn quietly(requeue: Requeue) -> Self {
        Self { requeue, sent: Vec::new(), drift: Vec::new(), news: None }
    }
}
