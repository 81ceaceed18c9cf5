//! The objects that wait for one function, by namespace: the namespaces take turns, and so do the objects of each. Pure.

use std::collections::VecDeque;
use std::time::{Duration, Instant};

/// The time after which an object that has not asked again leaves the queue.
pub(super) const FORGOTTEN: Duration = Duration::from_secs(3);

/// The objects of one namespace that have a place in the queue. What is beyond asks again without one.
pub(super) const MOST_OF_ONE: usize = 32;

/// Objects that wait.
#[derive(Default)]
pub(super) struct Queue {
    /// The namespaces in the order of their turns.
    namespaces: VecDeque<Namespace>,
}

/// A namespace whose objects wait.
struct Namespace {
    name: String,
    /// Uids in order, each with the time of its last request. Never empty.
    objects: VecDeque<(String, Instant)>,
}

impl Queue {
    /// Whether nobody waits.
    pub(super) fn is_empty(&self) -> bool {
        self.namespaces.is_empty()
    }

    /// Adds an object to those of its namespace, or notes that it asked again.
    pub(super) fn join(&mut self, namespace: &str, uid: &str, now: Instant) {
        let Some(known) = self.namespaces.iter_mut().find(|known| known.name == namespace) else {
            let objects = [(uid.to_owned(), now)].into();
            self.namespaces.push_back(Namespace { name: namespace.to_owned(), objects });
            return;
        };
        let has_place = known.objects.len() < MOST_OF_ONE;
        match known.objects.iter_mut().find(|(waiting, _)| waiting == uid) {
            Some((_, asked)) => *asked = now,
            None if has_place => known.objects.push_back((uid.to_owned(), now)),
            None => {}
        }
    }

    /// The object whose turn is next: the first one of the first namespace, but one of `last` only if no other namespace waits.
    pub(super) fn next(&self, last: &str) -> Option<&str> {
        let another = self.namespaces.iter().find(|namespace| namespace.name != last);
        let (uid, _) = another.or_else(|| self.namespaces.front())?.objects.front()?;
        Some(uid)
    }

    /// Removes an object.
    pub(super) fn leave(&mut self, namespace: &str, uid: &str) {
        for known in self.namespaces.iter_mut().filter(|known| known.name == namespace) {
            known.objects.retain(|(waiting, _)| waiting != uid);
        }
        self.tidy();
    }

    /// Removes an object that has its turn. The next objects of its namespace wait behind all other namespaces.
    pub(super) fn serve(&mut self, namespace: &str, uid: &str) {
        self.leave(namespace, uid);
        let place = self.namespaces.iter().position(|known| known.name == namespace);
        if let Some(known) = place.and_then(|place| self.namespaces.remove(place)) {
            self.namespaces.push_back(known);
        }
    }

    /// Removes the objects that have not asked for a while.
    pub(super) fn forget(&mut self, now: Instant) {
        for known in &mut self.namespaces {
            known.objects.retain(|(_, asked)| now.saturating_duration_since(*asked) < FORGOTTEN);
        }
        self.tidy();
    }

    fn tidy(&mut self) {
        self.namespaces.retain(|known| !known.objects.is_empty());
    }

    #[cfg(test)]
    pub(super) fn len(&self) -> usize {
        self.namespaces.iter().map(|known| known.objects.len()).sum()
    }
}
