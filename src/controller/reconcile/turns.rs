//! Turns for one function: objects of all kinds that belong to the same function read and write it one after the other, in order. It never blocks.

use std::collections::{HashMap, VecDeque};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use crate::core::target::Target;

/// The delay of an object that does not have its turn.
const AGAIN: Duration = Duration::from_millis(200);

/// The time after which an object that has not asked again leaves the queue.
const FORGOTTEN: Duration = Duration::from_secs(3);

/// The queues of all functions in use.
#[derive(Default)]
pub(in crate::controller) struct Turns {
    lines: Mutex<HashMap<Target, Line>>,
}

/// The holder of the turn, and those that come next.
#[derive(Default)]
struct Line {
    taken: bool,
    /// Uids in order, each with the time of its last request.
    waiting: VecDeque<(String, Instant)>,
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
    pub(in crate::controller) fn take(&self, target: &Target, uid: &str, now: Instant) -> Result<Turn<'_>, Duration> {
        let mut lines = self.lines();
        let line = lines.entry(target.clone()).or_default();
        line.waiting.retain(|(waiting, asked)| waiting == uid || now.saturating_duration_since(*asked) < FORGOTTEN);
        let is_next = line.waiting.front().is_none_or(|(next, _)| next == uid);
        if line.taken || !is_next {
            match line.waiting.iter_mut().find(|(waiting, _)| waiting == uid) {
                Some((_, asked)) => *asked = now,
                None => line.waiting.push_back((uid.to_owned(), now)),
            }
            return Err(AGAIN);
        }
        line.waiting.pop_front();
        line.taken = true;
        Ok(Turn { turns: self, target: target.clone() })
    }

    fn lines(&self) -> MutexGuard<'_, HashMap<Target, Line>> {
        self.lines.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Turn<'_> {
    fn drop(&mut self) {
        let mut lines = self.turns.lines();
        if let Some(line) = lines.get_mut(&self.target) {
            line.taken = false;
            if line.waiting.is_empty() {
                lines.remove(&self.target);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn function(name: &str) -> Target {
        Target { account: "1".into(), region: "r".into(), name: name.into() }
    }

    #[test]
    fn objects_of_one_function_take_turns_in_order() {
        let (turns, now) = (Turns::default(), Instant::now());
        let one = turns.take(&function("f"), "one", now);
        assert!(one.is_ok());
        assert!(turns.take(&function("g"), "other", now).is_ok(), "another function");
        assert_eq!(turns.take(&function("f"), "two", now).err(), Some(AGAIN));
        assert_eq!(turns.take(&function("f"), "three", now).err(), Some(AGAIN));
        drop(one);
        assert_eq!(turns.take(&function("f"), "three", now).err(), Some(AGAIN), "two is next");
        let two = turns.take(&function("f"), "two", now);
        assert!(two.is_ok());
        drop(two);
        assert!(turns.take(&function("f"), "three", now).is_ok());
        assert!(turns.lines().is_empty(), "nothing is kept");
    }

    #[test]
    fn an_object_that_went_away_holds_nobody_up() {
        let (turns, now) = (Turns::default(), Instant::now());
        let one = turns.take(&function("f"), "one", now);
        assert!(turns.take(&function("f"), "gone", now).is_err());
        drop(one);
        assert!(turns.take(&function("f"), "two", now).is_err());
        assert!(turns.take(&function("f"), "two", now + FORGOTTEN).is_ok());
    }
}
