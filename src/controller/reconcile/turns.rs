//! Turns for one function: objects of all kinds that belong to the same function read and write it one after the other. Namespaces take turns, so
//! that the many objects of one cost another at most one turn. It never blocks.

mod queue;

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use crate::core::target::Target;
use queue::Queue;

/// The delay of an object that does not have its turn.
const AGAIN: Duration = Duration::from_millis(200);

/// The queues of all functions in use.
#[derive(Default)]
pub(in crate::controller) struct Turns {
    lines: Mutex<HashMap<Target, Line>>,
}

/// An object that asks for a turn.
#[derive(Clone, Copy, Debug)]
pub(in crate::controller) struct Asking<'a> {
    /// Its namespace.
    pub(in crate::controller) namespace: &'a str,
    /// Its uid.
    pub(in crate::controller) uid: &'a str,
    /// The last reconcile found that the object has no right to the function, so all other objects go first.
    pub(in crate::controller) yields: bool,
}

/// The queue of one function.
#[derive(Default)]
struct Line {
    /// Whether an object has its turn.
    taken: bool,
    /// The namespace whose object has, or had, the last turn.
    last: String,
    /// Objects that have a right to the function, and objects of which that is not known yet.
    waiting: Queue,
    /// Objects that yield.
    yielding: Queue,
}

/// A turn; it ends when this is dropped.
pub(in crate::controller) struct Turn<'a> {
    turns: &'a Turns,
    target: Target,
}

impl Turns {
    /// Takes the turn, or joins the queue.
    ///
    /// # Errors
    /// The delay until the next request.
    pub(in crate::controller) fn take(
        &self,
        target: &Target,
        asking: Asking<'_>,
        now: Instant,
    ) -> Result<Turn<'_>, Duration> {
        let mut lines = self.lines();
        let line = lines.entry(target.clone()).or_default();
        if line.take(asking, now) { Ok(Turn { turns: self, target: target.clone() }) } else { Err(AGAIN) }
    }

    fn lines(&self) -> MutexGuard<'_, HashMap<Target, Line>> {
        self.lines.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Line {
    /// Gives the turn to the object if no other object has it or comes first. Otherwise the object joins the queue.
    fn take(&mut self, asking: Asking<'_>, now: Instant) -> bool {
        let Asking { namespace, uid, yields } = asking;
        self.waiting.forget(now);
        self.yielding.forget(now);
        let (own, other) =
            if yields { (&mut self.yielding, &mut self.waiting) } else { (&mut self.waiting, &mut self.yielding) };
        other.leave(namespace, uid);
        own.join(namespace, uid, now);
        let next = self.waiting.next(&self.last).or_else(|| self.yielding.next(&self.last));
        if self.taken || next != Some(uid) {
            return false;
        }
        self.waiting.serve(namespace, uid);
        self.yielding.serve(namespace, uid);
        namespace.clone_into(&mut self.last);
        self.taken = true;
        true
    }
}

impl Drop for Turn<'_> {
    fn drop(&mut self) {
        let mut lines = self.turns.lines();
        if let Some(line) = lines.get_mut(&self.target) {
            line.taken = false;
            if line.waiting.is_empty() && line.yielding.is_empty() {
                lines.remove(&self.target);
            }
        }
    }
}

#[cfg(test)]
mod tests;
