//! Statuses as we last wrote them, until the watch has caught up. Lost at a restart, when the watch starts with the newest.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use kube::ResourceExt;

use crate::api::{LambdaFunction, LambdaFunctionStatus};

/// Statuses as we last wrote them: a watch may be behind our own writes, and what was written must not be forgotten.
#[derive(Default)]
pub(super) struct Written {
    latest: Mutex<HashMap<String, (u64, LambdaFunctionStatus)>>,
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
    }

    /// The object is gone.
    pub(super) fn forget(&self, uid: &str) {
        self.latest.lock().unwrap_or_else(PoisonError::into_inner).remove(uid);
    }
}

/// Versions grow; one that is no number is never newer.
fn version_of(object: &LambdaFunction) -> u64 {
    object.resource_version().and_then(|version| version.parse().ok()).unwrap_or_default()
}
