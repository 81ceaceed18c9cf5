//! A cache of clients and other values by key. Values that are unused for a while are dropped, because they are cheap to create again, and a cache
//! without limit would grow with every account and region that a tenant names.

use std::collections::HashMap;
use std::hash::Hash;
use std::time::{Duration, Instant};

/// The time after which an unused value is dropped.
const IDLE: Duration = Duration::from_secs(900);

/// The highest number of entries. A new entry replaces the least recently used one.
const MOST: usize = 256;

/// Shared values by key, each with the time of its last use.
pub(super) struct Idle<K, V> {
    entries: HashMap<K, (V, Instant)>,
}

impl<K, V> Default for Idle<K, V> {
    fn default() -> Self {
        Self { entries: HashMap::new() }
    }
}

impl<K: Clone + Eq + Hash, V: Clone> Idle<K, V> {
    /// The value of a key. This counts as a use.
    pub(super) fn get(&mut self, key: &K, now: Instant) -> Option<V> {
        let (value, used) = self.entries.get_mut(key)?;
        *used = now;
        Some(value.clone())
    }

    /// The same; a missing value is created.
    pub(super) fn get_or_insert(&mut self, key: &K, now: Instant, make: impl FnOnce() -> V) -> V {
        if let Some(value) = self.get(key, now) {
            return value;
        }
        self.sweep(now);
        if self.entries.len() >= MOST
            && let Some(oldest) = self.entries.iter().min_by_key(|(_, (_, used))| *used).map(|(key, _)| key.clone())
        {
            self.entries.remove(&oldest);
        }
        let value = make();
        self.entries.insert(key.clone(), (value.clone(), now));
        value
    }

    /// Drops the unused values.
    pub(super) fn sweep(&mut self, now: Instant) {
        self.entries.retain(|_, (_, used)| now.saturating_duration_since(*used) < IDLE);
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = (&K, &V)> {
        self.entries.iter().map(|(key, (value, _))| (key, value))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_idle_goes_and_what_is_needed_stays() {
        let (mut all, start) = (Idle::default(), Instant::now());
        let at = |seconds| start + Duration::from_secs(seconds);
        assert_eq!(all.get_or_insert(&"eu-west-1", at(0), || 1), 1);
        assert_eq!(all.get_or_insert(&"us-east-1", at(0), || 2), 2);
        assert_eq!(all.get_or_insert(&"eu-west-1", at(600), || 3), 1, "the same");
        all.sweep(at(901));
        assert_eq!(all.iter().collect::<Vec<_>>(), [(&"eu-west-1", &1)]);
        all.sweep(at(1600));
        assert_eq!(all.iter().count(), 0);
    }

    #[test]
    fn however_many_places_are_named_few_are_held() {
        let (mut all, start) = (Idle::default(), Instant::now());
        for number in 0..10_000 {
            all.get_or_insert(&number, start + Duration::from_millis(number), || ());
        }
        assert_eq!(all.iter().count(), MOST);
        assert!(all.get(&9_999, start).is_some() && all.get(&0, start).is_none(), "the last ones");
    }
}
