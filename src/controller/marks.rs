//! Facts about objects that only this process knows, one map for each fact.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

/// Objects, by uid, with the time at which the fact was last true and what it depends on, until it no longer holds or the watch shows that the object is
/// gone.
#[derive(Default)]
pub(super) struct Marks<On = ()>(Mutex<HashMap<String, (Instant, On)>>);

impl<On: PartialEq> Marks<On> {
    /// Records that the fact is true now, as long as this does not change.
    pub(super) fn mark(&self, uid: &str, on: On) {
        self.all().insert(uid.to_owned(), (Instant::now(), on));
    }

    /// Whether the fact was true within this time, and what it depends on is still so.
    pub(super) fn within(&self, uid: &str, on: &On, time: Duration) -> bool {
        self.all().get(uid).is_some_and(|(at, then)| then == on && at.elapsed() < time)
    }

    /// Removes the record, and returns whether there was one.
    pub(super) fn forget(&self, uid: &str) -> bool {
        self.all().remove(uid).is_some()
    }

    fn all(&self) -> MutexGuard<'_, HashMap<String, (Instant, On)>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
