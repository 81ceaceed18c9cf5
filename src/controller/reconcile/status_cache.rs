//! Statuses as we last wrote them, until the watch has caught up, and those that could not be written. Lost at a restart,
//! when the watch starts with the newest.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use kube::{Resource, ResourceExt};

use crate::controller::managed::Managed;

/// No watch is behind for longer. What it shows then is older because the cluster was restored from a backup.
const LONGEST_LAG: Duration = Duration::from_secs(300);

/// Statuses as we last wrote them: a watch may be behind our own writes, and what was written must not be forgotten.
pub(in crate::controller) struct StatusCache<K: Managed> {
    latest: Mutex<HashMap<String, Latest<K::Status>>>,
    /// By uid, what could not be written: it is remembered all the same, and a later reconcile writes it.
    unwritten: Mutex<HashMap<String, K::Status>>,
    /// By uid, what an Event said because no status could be written.
    said: Mutex<HashMap<String, String>>,
}

struct Latest<S> {
    version: u64,
    status: S,
    since: Instant,
}

impl<K: Managed> Default for StatusCache<K> {
    fn default() -> Self {
        Self { latest: Mutex::default(), unwritten: Mutex::default(), said: Mutex::default() }
    }
}

impl<K: Managed> StatusCache<K> {
    /// The object's status, or ours where that is newer.
    pub(in crate::controller) fn latest(&self, object: &K) -> Option<K::Status> {
        let mut latest = self.latest.lock().unwrap_or_else(PoisonError::into_inner);
        let uid = object.uid().unwrap_or_default();
        match latest.get(&uid) {
            Some(Latest { version, status, since })
                if version_of(object) < *version && since.elapsed() < LONGEST_LAG =>
            {
                Some(status.clone())
            }
            Some(_) => {
                latest.remove(&uid);
                object.reported().cloned()
            }
            None => object.reported().cloned(),
        }
    }

    /// Takes note of a write.
    pub(in crate::controller) fn store(&self, written: &impl Resource, status: &K::Status) {
        let mut latest = self.latest.lock().unwrap_or_else(PoisonError::into_inner);
        let entry = Latest { version: version_of(written), status: status.clone(), since: Instant::now() };
        latest.insert(written.uid().unwrap_or_default(), entry);
        self.clear_pending(&written.uid().unwrap_or_default());
    }

    /// Takes note of a status that the API server did not take.
    pub(in crate::controller) fn set_pending(&self, uid: &str, status: &K::Status) {
        self.unwritten().insert(uid.to_owned(), status.clone());
    }

    /// What is still to be written.
    pub(in crate::controller) fn pending(&self, uid: &str) -> Option<K::Status> {
        self.unwritten().get(uid).cloned()
    }

    /// Whether this was not the last that an Event said of the object; it is now.
    pub(in crate::controller) fn is_news(&self, uid: &str, sentence: &str) -> bool {
        let mut said = self.said.lock().unwrap_or_else(PoisonError::into_inner);
        said.insert(uid.to_owned(), sentence.to_owned()).as_deref() != Some(sentence)
    }

    /// Nothing is to be written any more.
    pub(in crate::controller) fn clear_pending(&self, uid: &str) {
        self.unwritten().remove(uid);
        self.said.lock().unwrap_or_else(PoisonError::into_inner).remove(uid);
    }

    /// The object is gone.
    pub(in crate::controller) fn forget(&self, uid: &str) {
        self.latest.lock().unwrap_or_else(PoisonError::into_inner).remove(uid);
        self.clear_pending(uid);
    }

    fn unwritten(&self) -> MutexGuard<'_, HashMap<String, K::Status>> {
        self.unwritten.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Versions grow; one that is no number is never newer.
fn version_of(object: &impl Resource) -> u64 {
    object.resource_version().and_then(|version| version.parse().ok()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::api::function::spec::LambdaFunction;
    use crate::api::function::status::LambdaFunctionStatus;

    fn object(version: &str, memory: i32) -> LambdaFunction {
        let mut object = LambdaFunction::new("f", crate::api::function::spec::LambdaFunctionSpec::default());
        object.metadata.uid = Some("u".into());
        object.metadata.resource_version = Some(version.into());
        object.status = Some(status(memory));
        object
    }

    fn status(memory: i32) -> LambdaFunctionStatus {
        LambdaFunctionStatus { memory_size: Some(memory), ..LambdaFunctionStatus::default() }
    }

    #[test]
    fn own_status_writes_win_until_the_watch_shows_them() {
        let written = StatusCache::<LambdaFunction>::default();
        written.store(&object("7", 0), &status(256));
        assert_eq!(written.latest(&object("6", 128)), Some(status(256)));
        assert_eq!(written.latest(&object("7", 512)), Some(status(512)));
        assert_eq!(written.latest(&object("6", 128)), Some(status(128)), "it was forgotten");
    }

    #[test]
    fn an_older_object_wins_once_the_lag_limit_is_over() {
        let written = StatusCache::<LambdaFunction>::default();
        written.store(&object("7", 0), &status(256));
        let long_ago = Instant::now().checked_sub(LONGEST_LAG);
        written.latest.lock().unwrap().get_mut("u").unwrap().since = long_ago.unwrap();
        assert_eq!(written.latest(&object("6", 128)), Some(status(128)));
    }

    #[test]
    fn an_unwritten_status_is_kept_until_the_next_write() {
        let written = StatusCache::<LambdaFunction>::default();
        written.set_pending("u", &status(256));
        assert_eq!(written.pending("u"), Some(status(256)));
        written.store(&object("7", 0), &status(256));
        assert_eq!(written.pending("u"), None);
    }
}
