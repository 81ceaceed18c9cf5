//! Statuses as we last wrote them, until the watch has caught up, and those that could not be written. Lost at a restart,
//! when the watch starts with the newest.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use kube::ResourceExt;

use crate::api::{LambdaFunction, LambdaFunctionStatus};

/// Statuses as we last wrote them: a watch may be behind our own writes, and what was written must not be forgotten.
#[derive(Default)]
pub(super) struct Written {
    latest: Mutex<HashMap<String, (u64, LambdaFunctionStatus)>>,
    /// By uid, what could not be written: it is remembered all the same, and a later pass writes it.
    owed: Mutex<HashMap<String, LambdaFunctionStatus>>,
}

impl Written {
    /// The object's status, or ours where that is newer.
    pub(super) fn or_newer(&self, object: &LambdaFunction) -> Option<LambdaFunctionStatus> {
        let mut latest = self.latest.lock().unwrap_or_else(PoisonError::into_inner);
        let uid = object.uid().unwrap_or_default();
        match latest.get(&uid) {
            Some((version, status)) if version_of(object) < *version => Some(status.clone()),
            Some(_) => {
                latest.remove(&uid);
                object.status.clone()
            }
            None => object.status.clone(),
        }
    }

    /// Takes note of a write.
    pub(super) fn keep(&self, written: &LambdaFunction, status: &LambdaFunctionStatus) {
        let mut latest = self.latest.lock().unwrap_or_else(PoisonError::into_inner);
        latest.insert(written.uid().unwrap_or_default(), (version_of(written), status.clone()));
        self.settle(&written.uid().unwrap_or_default());
    }

    /// Takes note of a status that the API server did not take.
    pub(super) fn owe(&self, uid: &str, status: &LambdaFunctionStatus) {
        self.owed().insert(uid.to_owned(), status.clone());
    }

    /// What is still to be written.
    pub(super) fn owes(&self, uid: &str) -> Option<LambdaFunctionStatus> {
        self.owed().get(uid).cloned()
    }

    /// Nothing is to be written any more.
    pub(super) fn settle(&self, uid: &str) {
        self.owed().remove(uid);
    }

    /// The object is gone.
    pub(super) fn forget(&self, uid: &str) {
        self.latest.lock().unwrap_or_else(PoisonError::into_inner).remove(uid);
        self.settle(uid);
    }

    fn owed(&self) -> MutexGuard<'_, HashMap<String, LambdaFunctionStatus>> {
        self.owed.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Versions grow; one that is no number is never newer.
fn version_of(object: &LambdaFunction) -> u64 {
    object.resource_version().and_then(|version| version.parse().ok()).unwrap_or_default()
}
