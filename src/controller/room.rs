//! Limits for the memory of reconciles: for large objects, contents of Secrets and ConfigMaps, and packages. A reconcile that gets no permit is
//! requeued.

use std::time::Duration;

use tokio::sync::{Semaphore, SemaphorePermit, TryAcquireError};

/// The number of Secrets, ConfigMaps and functions that are read at a time. One has up to 1.5 MiB, and takes up to 10 MiB while it is read: its text,
/// and the values that are kept of it.
const READS: usize = 2;

/// The number of concurrent reconciles of objects that the cache does not hold. One takes up to ten times the 1.5 MiB of its object: for the observed
/// state, the desired state, and the texts to compare them.
const LARGE: usize = 2;

/// KiB of Secrets and ConfigMaps, for all reconciles together. Each key counts with its memory.
const CONTENTS: usize = 24 * 1024;

/// The number of concurrent packages from Kubernetes. Each takes about four times its size during the upload.
const SMALL: usize = 4;

/// The number of concurrent packages from the package folder. One takes up to 50 MB, and about three times that during the upload.
const FILES: usize = 2;

/// The memory limits of one process.
pub struct Room {
    reads: Semaphore,
    large: Semaphore,
    contents: Semaphore,
    small: Semaphore,
    files: Semaphore,
}

/// A permit for memory; dropping it frees the memory.
pub(super) type Place<'a> = SemaphorePermit<'a>;

impl Default for Room {
    fn default() -> Self {
        let [reads, large, contents, small, files] = [READS, LARGE, CONTENTS, SMALL, FILES].map(Semaphore::new);
        Self { reads, large, contents, small, files }
    }
}

impl Room {
    /// A permit to read a Secret or ConfigMap. It is held until the API server has answered. If there is none, the caller waits, because a read is
    /// short.
    pub(super) async fn read(&self) -> Option<Place<'_>> {
        self.reads.acquire().await.ok()
    }

    /// A permit to reconcile an object that the cache does not hold.
    pub(super) fn large(&self) -> Option<Place<'_>> {
        taken(self.large.try_acquire())
    }

    /// A permit for this number of bytes of Secrets and ConfigMaps, at most [`MOST`](crate::core::references::MOST).
    pub(super) fn contents(&self, bytes: usize) -> Option<Place<'_>> {
        let kib = u32::try_from(bytes.div_ceil(1024)).unwrap_or(u32::MAX);
        taken(self.contents.try_acquire_many(kib))
    }

    /// A permit for a package whose files are in Kubernetes.
    pub(super) fn small(&self) -> Option<Place<'_>> {
        taken(self.small.try_acquire())
    }

    /// A permit for a package of the package folder.
    pub(super) fn file(&self) -> Option<Place<'_>> {
        taken(self.files.try_acquire())
    }
}

fn taken<'a>(place: Result<Place<'a>, TryAcquireError>) -> Option<Place<'a>> {
    place.ok()
}

/// The delay before a retry without memory: other reconciles usually end within this time.
pub(super) const NO_ROOM: Duration = Duration::from_secs(1);

/// The delay of a requeue, with jitter, so that not all retries come at the same moment.
pub(super) fn soon(least: Duration) -> Duration {
    least.mul_f64(1.0 + fastrand::f64())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::core::references::MOST;

    #[tokio::test]
    async fn whoever_finds_no_room_is_told_at_once() {
        let room = Room::default();
        let held: Vec<_> = (0..FILES).map(|_| room.file().expect("a place")).collect();
        assert!(room.file().is_none());
        drop(held);
        assert!(room.file().is_some());
        let held: Vec<_> = (0..LARGE).map(|_| room.large().expect("a place")).collect();
        assert!(room.large().is_none());
        drop(held);
        assert!(room.large().is_some());
        let held: Vec<_> = (0..3).map(|_| room.contents(MOST).expect("room for three")).collect();
        assert!(room.contents(1024).is_none() && room.contents(0).is_some());
        drop(held);
        assert!(room.contents(MOST).is_some());
    }
}
