//! Room in memory for what reconciles hold: large objects, what Secrets and ConfigMaps hold, and packages. Who finds none comes back soon.

use std::time::Duration;

use tokio::sync::{Semaphore, SemaphorePermit, TryAcquireError};

/// Secrets and ConfigMaps that are read at a time. One takes up to 1.5 MiB, and three times that while it is read.
const READS: usize = 4;

/// Reconciles at a time of objects that the cache does not hold. One takes up to ten times the 1.5 MiB of its object: as it is read, as it should be, and
/// as texts that tell the two apart.
const LARGE: usize = 2;

/// KiB that Secrets and ConfigMaps may take, those of all reconciles together.
const CONTENTS: usize = 24 * 1024;

/// Bytes of what one object refers to.
pub(super) const MOST_OF_ONE: usize = 8 * 1024 * 1024;

/// Packages from Kubernetes at a time, each with about four times its size on its way to AWS.
const SMALL: usize = 4;

/// Packages from the package folder at a time. One takes up to 50 MB, and about three times that on its way to AWS.
const FILES: usize = 2;

/// The room of one process.
pub struct Room {
    reads: Semaphore,
    large: Semaphore,
    contents: Semaphore,
    small: Semaphore,
    files: Semaphore,
}

/// A place that is taken.
pub(super) type Place<'a> = SemaphorePermit<'a>;

impl Default for Room {
    fn default() -> Self {
        let [reads, large, contents, small, files] = [READS, LARGE, CONTENTS, SMALL, FILES].map(Semaphore::new);
        Self { reads, large, contents, small, files }
    }
}

impl Room {
    /// To be held while the API server answers; whoever comes later waits for that answer, as for one of its own.
    pub(super) async fn read(&self) -> Option<Place<'_>> {
        self.reads.acquire().await.ok()
    }

    /// For a reconcile of an object that the cache does not hold.
    pub(super) fn large(&self) -> Option<Place<'_>> {
        taken(self.large.try_acquire())
    }

    /// For so many bytes of Secrets and ConfigMaps. At most [`MOST_OF_ONE`] is asked for.
    pub(super) fn contents(&self, bytes: usize) -> Option<Place<'_>> {
        let kib = u32::try_from(bytes.div_ceil(1024)).unwrap_or(u32::MAX);
        taken(self.contents.try_acquire_many(kib))
    }

    /// For a package whose files are in Kubernetes.
    pub(super) fn small(&self) -> Option<Place<'_>> {
        taken(self.small.try_acquire())
    }

    /// For a package of the package folder.
    pub(super) fn file(&self) -> Option<Place<'_>> {
        taken(self.files.try_acquire())
    }
}

fn taken<'a>(place: Result<Place<'a>, TryAcquireError>) -> Option<Place<'a>> {
    place.ok()
}

/// Others are done after so long, as a rule.
pub(super) const NO_ROOM: Duration = Duration::from_secs(1);

/// When somebody who found no room comes back: not all at the same moment.
pub(super) fn soon(least: Duration) -> Duration {
    least.mul_f64(1.0 + fastrand::f64())
}

#[cfg(test)]
mod tests {
    use super::*;

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
        let held: Vec<_> = (0..3).map(|_| room.contents(MOST_OF_ONE).expect("room for three")).collect();
        assert!(room.contents(1024).is_none() && room.contents(0).is_some());
        drop(held);
        assert!(room.contents(MOST_OF_ONE).is_some());
    }
}
