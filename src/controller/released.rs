//! The objects whose end is our own doing.

use std::collections::HashSet;
use std::sync::{Mutex, PoisonError};

/// Objects that this process lets go, by uid, until the watch shows their end.
#[derive(Default)]
pub(super) struct Released(Mutex<HashSet<String>>);

impl Released {
    /// Its end is our doing.
    pub(super) fn mark(&self, uid: &str) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).insert(uid.to_owned());
    }

    /// It stays, or is gone; returns whether its end was expected.
    pub(super) fn forget(&self, uid: &str) -> bool {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).remove(uid)
    }
}
