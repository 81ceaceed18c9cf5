//! Facts about objects that only this process knows, one map for each fact.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

/// Objects, by uid, with the time at which the fact was last true, until it no longer holds or the watch shows that the object is gone.
#[derive(Default)]
pub(super) struct Marks(Mutex<HashMap<String, Instant>>);

impl Marks {
    /// Records that the fact is true now.
    pub(super) fn mark(&self, uid: &str) {
        self.all().insert(uid.to_owned(), Instant::now());
    }

    /// Whether the fact was true within this time.
    pub(super) fn within(&self, uid: &str, time: Duration) -> bool {
        self.all().get(uid).is_some_and(|at| at.elapsed() < time)
    }

    /// Removes the record, and returns whether there was one.
    pub(super) fn forget(&self, uid: &str) -> bool {
        self.all().remove(uid).is_some()
    }

    fn all(&self) -> MutexGuard<'_, HashMap<String, Instant>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
