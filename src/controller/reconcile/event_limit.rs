//! The limit of Events for each object, as in client-go: 25 at once, and then one in five minutes. The status always has the message.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

/// Events of one object at once.
const BURST: f64 = 25.0;

/// After that, one Event in this time.
const BETWEEN: Duration = Duration::from_secs(300);

/// The number of objects whose limit is stored.
const MOST: usize = 4096;

/// The number of Events that each object may still cause, by uid.
#[derive(Default)]
pub(in crate::controller) struct EventLimit {
    objects: Mutex<HashMap<String, Allowance>>,
}

#[derive(Clone, Copy)]
struct Allowance {
    events: f64,
    updated: Instant,
}

impl Allowance {
    fn at(self, now: Instant) -> f64 {
        let came = now.saturating_duration_since(self.updated).as_secs_f64() / BETWEEN.as_secs_f64();
        (self.events + came).min(BURST)
    }
}

impl EventLimit {
    /// Uses one Event of the object's limit. Returns whether there was one left.
    pub(super) fn allows(&self, uid: &str, now: Instant) -> bool {
        let mut objects = self.objects.lock().unwrap_or_else(PoisonError::into_inner);
        if !objects.contains_key(uid) && objects.len() >= MOST {
            objects.retain(|_, allowance| allowance.at(now) < BURST);
            let oldest = objects.iter().min_by_key(|(_, allowance)| allowance.updated).map(|(uid, _)| uid.clone());
            oldest.filter(|_| objects.len() >= MOST).and_then(|oldest| objects.remove(&oldest));
        }
        let left = objects.get(uid).map_or(BURST, |allowance| allowance.at(now));
        let allowed = left >= 1.0;
        let events = if allowed { left - 1.0 } else { left };
        objects.insert(uid.to_owned(), Allowance { events, updated: now });
        allowed
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_object_has_25_events_at_once_and_then_one_in_five_minutes() {
        let (limit, start) = (EventLimit::default(), Instant::now());
        let written = |uid: &str, second: u64| limit.allows(uid, start + Duration::from_secs(second));
        assert_eq!((0..200).filter(|second| written("noisy", *second)).count(), 25);
        assert!(written("other", 200), "each has its own");
        let hour = (200..3800).filter(|second| written("noisy", *second)).count();
        assert_eq!(hour, 12, "one in five minutes");
        assert_eq!(
            (40_000..40_100).filter(|second| written("noisy", *second)).count(),
            25,
            "and all after hours of rest"
        );
    }

    #[test]
    fn objects_that_are_gone_are_forgotten() {
        let (limit, now) = (EventLimit::default(), Instant::now());
        (0..3 * MOST).for_each(|uid| assert!(limit.allows(&uid.to_string(), now)));
        assert_eq!(limit.objects.lock().unwrap().len(), MOST);
    }
}
