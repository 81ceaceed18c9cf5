//! Reads that reconciles share: answers of the last seconds that several objects of one function need, such as the function's policy, and how old a list
//! may be. Each is used only if it was asked for after the last write to the function.

use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use super::Identity;
use crate::core::target::Target;

/// The age up to which an answer is used.
pub(super) const FRESH: Duration = Duration::from_secs(5);

/// The age up to which a list is used, as a share of the drift interval. A list of several pages has to stand for more reads than come in a few seconds.
/// Drift is found at most a tenth of the interval later.
const LIST_SHARE: u32 = 10;

/// The most of that age. For so long, the writes are kept that a list may not have seen.
const LIST_MOST: Duration = Duration::from_secs(300);

/// A text that AWS shows, and its revision; `None`: there is none.
pub type Answer = Option<(String, Option<String>)>;

/// Whether a reconcile may use a read that another one has made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Freshness {
    /// Only reads of its own: something has changed, or it is about to write.
    Own,
    /// Those of the last seconds too, because only time has passed. The object has this drift interval.
    Recent(Duration),
}

/// The freshness that the rest of one reconcile needs.
#[derive(Debug)]
pub(super) struct Sharing {
    may: AtomicBool,
    used: AtomicBool,
    /// The age up to which a list is used.
    lists: Duration,
}

impl Sharing {
    pub(super) fn new(freshness: Freshness) -> Self {
        let (may, interval) = match freshness {
            Freshness::Own => (false, Duration::ZERO),
            Freshness::Recent(interval) => (true, interval),
        };
        let lists = (interval / LIST_SHARE).clamp(FRESH, LIST_MOST);
        Self { may: AtomicBool::new(may), used: AtomicBool::new(false), lists }
    }

    /// The age up to which a list is used.
    pub(super) const fn lists(&self) -> Duration {
        self.lists
    }

    pub(super) fn may(&self) -> bool {
        self.may.load(Ordering::Relaxed)
    }

    /// The reconcile uses a read that it has not made for itself.
    pub(super) fn uses(&self) {
        self.used.store(true, Ordering::Relaxed);
    }

    /// Whether it has used one. From now on each read is its own.
    pub(super) fn end(&self) -> bool {
        self.may.store(false, Ordering::Relaxed);
        self.used.swap(false, Ordering::Relaxed)
    }
}

/// The calls of an identity about one function, by what they read.
type Key = (Identity, Target, String);

/// The answers of the last seconds, and the writes of the last minutes.
#[derive(Default)]
pub(super) struct Recent {
    /// Each answer with the time at which its call began.
    answers: Mutex<HashMap<Key, (Instant, Answer)>>,
    /// The time of the last write to each function, as long as there can be a list from before it.
    writes: Mutex<HashMap<Target, Instant>>,
}

fn is_fresh(began: Instant, now: Instant) -> bool {
    now.saturating_duration_since(began) < FRESH
}

impl Recent {
    pub(super) fn get(&self, key: &Key, now: Instant) -> Option<Answer> {
        let answers = self.answers.lock().unwrap_or_else(PoisonError::into_inner);
        let (began, answer) = answers.get(key)?;
        (is_fresh(*began, now) && self.is_current(&key.1, *began)).then(|| answer.clone())
    }

    /// Keeps the answer to a call that began then.
    pub(super) fn keep(&self, key: Key, began: Instant, answer: Answer) {
        let mut answers = self.answers.lock().unwrap_or_else(PoisonError::into_inner);
        answers.retain(|_, (kept, _)| is_fresh(*kept, began));
        answers.insert(key, (began, answer));
    }

    /// Something is written to the function.
    pub(super) fn written(&self, target: &Target, now: Instant) {
        let mut writes = self.writes.lock().unwrap_or_else(PoisonError::into_inner);
        writes.retain(|_, written| now.saturating_duration_since(*written) < LIST_MOST);
        writes.insert(target.clone(), now);
    }

    /// Whether a call that began then saw the last write to the function.
    pub(super) fn is_current(&self, target: &Target, began: Instant) -> bool {
        let writes = self.writes.lock().unwrap_or_else(PoisonError::into_inner);
        writes.get(target).is_none_or(|written| began > *written)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn target(name: &str) -> Target {
        Target { account: "1".into(), region: "r".into(), name: name.into() }
    }

    fn key(name: &str) -> Key {
        (Identity::default(), target(name), "policy".to_owned())
    }

    #[test]
    fn an_answer_is_used_for_seconds_and_until_the_next_write() {
        let (recent, start) = (Recent::default(), Instant::now());
        let answer = Some(("{}".to_owned(), None));
        for name in ["f", "g"] {
            recent.keep(key(name), start, answer.clone());
        }
        assert_eq!(recent.get(&key("f"), start + FRESH / 2), Some(answer.clone()));
        assert_eq!(recent.get(&key("f"), start + FRESH), None);
        recent.written(&target("f"), start + FRESH / 4);
        assert_eq!(recent.get(&key("f"), start + FRESH / 2), None, "written since");
        assert_eq!(recent.get(&key("g"), start), Some(answer.clone()), "another function");
        let other = Identity { external_id: "c/n".into(), ..Identity::default() };
        assert_eq!(recent.get(&(other, target("g"), "policy".into()), start), None, "another identity");
        recent.keep(key("h"), start + FRESH, answer);
        assert_eq!(recent.answers.lock().unwrap().len(), 1, "old ones are gone");
    }

    #[test]
    fn an_answer_to_a_call_that_began_before_a_write_is_never_used() {
        let (recent, start) = (Recent::default(), Instant::now());
        recent.written(&target("f"), start + FRESH / 4);
        recent.keep(key("f"), start, None);
        assert_eq!(recent.get(&key("f"), start + FRESH / 2), None, "though it came after it");
        recent.keep(key("f"), start + FRESH / 2, None);
        assert_eq!(recent.get(&key("f"), start + FRESH / 2), Some(None));
    }

    #[test]
    fn a_list_is_used_for_a_tenth_of_the_interval_and_never_after_a_write() {
        let lists = |seconds| Sharing::new(Freshness::Recent(Duration::from_secs(seconds))).lists().as_secs();
        assert_eq!([10, 600, 86_400].map(lists), [5, 60, 300]);
        let (recent, began) = (Recent::default(), Instant::now());
        recent.written(&target("f"), began + FRESH);
        recent.written(&target("g"), began + LIST_MOST);
        assert!(!recent.is_current(&target("f"), began), "a list of that time would still be used");
        recent.written(&target("g"), began + FRESH + LIST_MOST);
        assert_eq!(recent.writes.lock().unwrap().len(), 1, "no list is so old");
    }

    #[test]
    fn before_a_write_a_reconcile_reads_for_itself() {
        let sharing = Sharing::new(Freshness::Recent(Duration::ZERO));
        assert!(sharing.may());
        assert!(!Sharing::new(Freshness::Own).may());
        sharing.uses();
        assert!(sharing.end() && !sharing.may());
        assert!(!sharing.end(), "the second read is its own");
    }
}
