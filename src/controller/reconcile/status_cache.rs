//! A read-your-writes cache of statuses: those that we wrote, until the watch has caught up, and those that could not be written. It is lost at a
//! restart, when the watch starts with the newest state.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use kube::{Resource, ResourceExt};

use crate::controller::managed::Managed;

/// The longest lag of a watch. If it shows an older status after that, the cluster was restored from a backup.
const LONGEST_LAG: Duration = Duration::from_secs(300);

/// The statuses that we wrote. A watch can lag behind our own writes, and a reconcile must not start from an older status.
pub(in crate::controller) struct StatusCache<K: Managed> {
    latest: Mutex<HashMap<String, Latest<K::Status>>>,
    /// Statuses that could not be written, by uid. A later reconcile writes them.
    unwritten: Mutex<HashMap<String, K::Status>>,
    /// Messages that were published as Events because no status could be written, by uid.
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
    /// The object's status, or the one that we wrote if that is newer.
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

    /// Records a write.
    pub(in crate::controller) fn store(&self, written: &impl Resource, status: &K::Status) {
        let mut latest = self.latest.lock().unwrap_or_else(PoisonError::into_inner);
        let entry = Latest { version: version_of(written), status: status.clone(), since: Instant::now() };
        latest.insert(written.uid().unwrap_or_default(), entry);
        self.clear_pending(&written.uid().unwrap_or_default());
    }

    /// Records a status that the API server did not accept.
    pub(in crate::controller) fn set_pending(&self, uid: &str, status: &K::Status) {
        self.unwritten().insert(uid.to_owned(), status.clone());
    }

    /// The status that is still to be written.
    pub(in crate::controller) fn pending(&self, uid: &str) -> Option<K::Status> {
        self.unwritten().get(uid).cloned()
    }

    /// Whether this message differs from the object's last one of an Event; records it.
    pub(in crate::controller) fn is_news(&self, uid: &str, sentence: &str) -> bool {
        let mut said = self.said.lock().unwrap_or_else(PoisonError::into_inner);
        said.insert(uid.to_owned(), sentence.to_owned()).as_deref() != Some(sentence)
    }

    /// Records that nothing is left to write.
    pub(in crate::controller) fn clear_pending(&self, uid: &str) {
        self.unwritten().remove(uid);
        self.said.lock().unwrap_or_else(PoisonError::into_inner).remove(uid);
    }

    /// Removes an object that is gone.
    pub(in crate::controller) fn forget(&self, uid: &str) {
        self.latest.lock().unwrap_or_else(PoisonError::into_inner).remove(uid);
        self.clear_pending(uid);
    }

    fn unwritten(&self) -> MutexGuard<'_, HashMap<String, K::Status>> {
        self.unwritten.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Resource versions increase. A version that is not a number counts as not newer.
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
