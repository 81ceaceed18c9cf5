//! A copy of the queue of reconciles for metrics: those that are due and since when, and those that run. kube's scheduler exposes no
//! state, so this copy follows the same rules (one entry for each object; the earlier time wins).

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use kube::runtime::reflector::ObjectRef;
use kube::{Resource, ResourceExt};

/// The key of an object.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(in crate::controller) struct Key {
    pub(in crate::controller) namespace: String,
    pub(in crate::controller) name: String,
}

impl Key {
    pub(in crate::controller) fn of(object: &impl ResourceExt) -> Self {
        Self { namespace: object.namespace().unwrap_or_default(), name: object.name_any() }
    }

    pub(in crate::controller) fn of_ref<K: Resource>(object: &ObjectRef<K>) -> Self {
        Self { namespace: object.namespace.clone().unwrap_or_default(), name: object.name.clone() }
    }
}

/// The reconciles that are due, and those that run.
#[derive(Default)]
pub(in crate::controller) struct Queue {
    book: Mutex<Book>,
}

#[derive(Default)]
struct Book {
    due: HashMap<Key, Instant>,
    running: HashMap<Key, Instant>,
    /// Reconciles that left the queue: they started, or their object is gone.
    left: u64,
}

/// The current state of the queue.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(in crate::controller) struct Standing {
    /// Reconciles that are due.
    pub(in crate::controller) depth: u64,
    /// Reconciles that ever became due.
    pub(in crate::controller) adds: u64,
    /// Running reconciles.
    pub(in crate::controller) active: u64,
    /// Their running times, summed up.
    pub(in crate::controller) unfinished: Duration,
    /// The running time of the oldest of them.
    pub(in crate::controller) longest: Duration,
}

impl Queue {
    /// Records that a reconcile of this object is due then.
    pub(in crate::controller) fn due(&self, key: Key, at: Instant) {
        let mut book = self.book.lock().unwrap_or_else(PoisonError::into_inner);
        book.due.entry(key).and_modify(|known| *known = at.min(*known)).or_insert(at);
    }

    /// Records the start of a reconcile; returns how long it was due.
    pub(in crate::controller) fn begins(&self, key: Key, now: Instant) -> Duration {
        let mut book = self.book.lock().unwrap_or_else(PoisonError::into_inner);
        let due = book.due.remove(&key).unwrap_or(now);
        book.running.insert(key, now);
        book.left += 1;
        now.saturating_duration_since(due)
    }

    /// Records the end of a reconcile.
    pub(in crate::controller) fn ended(&self, key: &Key) {
        self.book.lock().unwrap_or_else(PoisonError::into_inner).running.remove(key);
    }

    /// The current state. kube drops reconciles of objects that are gone without an event, so these are removed here.
    pub(in crate::controller) fn standing(&self, now: Instant, exists: impl Fn(&Key) -> bool) -> Standing {
        let mut book = self.book.lock().unwrap_or_else(PoisonError::into_inner);
        let Book { due, running, left } = &mut *book;
        due.retain(|key, at| {
            let kept = exists(key);
            *left += u64::from(!kept && *at <= now);
            kept
        });
        let depth = due.values().map(|at| u64::from(*at <= now)).sum();
        let ages = || running.values().map(|began| now.saturating_duration_since(*began));
        Standing {
            depth,
            adds: *left + depth,
            active: ages().map(|_| 1).sum(),
            unfinished: ages().sum(),
            longest: ages().max().unwrap_or_default(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECOND: Duration = Duration::from_secs(1);

    #[test]
    fn the_earlier_requeue_wins_and_wait_time_is_measured() {
        let (queue, start) = (Queue::default(), Instant::now());
        let key = || Key { namespace: "n".into(), name: "f".into() };
        queue.due(key(), start + 600 * SECOND);
        assert_eq!(queue.standing(start, |_| true), Standing::default(), "it is not due yet");
        queue.due(key(), start + SECOND);
        queue.due(key(), start + 5 * SECOND);
        let Standing { depth, adds, .. } = queue.standing(start + 2 * SECOND, |_| true);
        assert_eq!((depth, adds), (1, 1));
        assert_eq!(queue.begins(key(), start + 4 * SECOND), 3 * SECOND);
        let now = queue.standing(start + 6 * SECOND, |_| true);
        assert_eq!(now, Standing { depth: 0, adds: 1, active: 1, unfinished: 2 * SECOND, longest: 2 * SECOND });
        queue.ended(&key());
        assert_eq!(queue.standing(start + 6 * SECOND, |_| true), Standing { adds: 1, ..Standing::default() });
    }

    #[test]
    fn requeues_of_deleted_objects_leave_the_queue_metrics() {
        let (queue, now) = (Queue::default(), Instant::now());
        queue.due(Key { namespace: "n".into(), name: "f".into() }, now);
        assert_eq!(queue.standing(now, |_| true), Standing { depth: 1, adds: 1, ..Standing::default() });
        assert_eq!(queue.standing(now, |_| false), Standing { adds: 1, ..Standing::default() });
    }
}
