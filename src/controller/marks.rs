//! The objects whose finalizer this process removes, so that their end is not reported as unexpected.

use std::collections::HashSet;
use std::sync::{Mutex, PoisonError};

/// Objects that this process has released, by uid, until the watch shows that they are gone.
#[derive(Default)]
pub(super) struct Released(Mutex<HashSet<String>>);

impl Released {
    /// Records that we release the object.
    pub(super) fn mark(&self, uid: &str) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).insert(uid.to_owned());
    }

    /// Removes the record, because the object stays or is gone; returns whether its end was expected.
    pub(super) fn forget(&self, uid: &str) -> bool {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).remove(uid)
    }
}
