//! Facts about objects that only this process knows, one set for each fact.

use std::collections::HashSet;
use std::sync::{Mutex, PoisonError};

/// Objects, by uid, until the fact no longer holds or the watch shows that they are gone.
#[derive(Default)]
pub(super) struct Marks(Mutex<HashSet<String>>);

impl Marks {
    /// Records the fact.
    pub(super) fn mark(&self, uid: &str) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).insert(uid.to_owned());
    }

    /// Whether the fact is recorded.
    pub(super) fn has(&self, uid: &str) -> bool {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).contains(uid)
    }

    /// Removes the record, and returns whether there was one.
    pub(super) fn forget(&self, uid: &str) -> bool {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).remove(uid)
    }
}
