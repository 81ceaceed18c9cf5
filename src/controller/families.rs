//! When drift checks are due: those of a family come together, so that they can share reads: all objects that belong to one function, or all event
//! source mappings of an account and region. It only keeps times.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use crate::core::target::Target;

/// Jitter: the checks of a thousand families do not come at the same moment.
const JITTER: f64 = 0.1;

/// The objects of a family come within this time after the first.
const TOGETHER: Duration = Duration::from_secs(2);

/// A family whose checks come together. That of an account has objects of many namespaces, so only those with the same interval are together in it:
/// nobody's short interval costs calls for the objects of others.
#[derive(Clone, PartialEq, Eq, Hash)]
struct Round {
    family: Target,
    interval: Option<Duration>,
}

impl Round {
    fn of(family: &Target, interval: Duration) -> Self {
        Self { family: family.clone(), interval: family.function_name().is_none().then_some(interval) }
    }
}

/// The next drift check of each family.
#[derive(Default)]
pub(super) struct Families {
    due: Mutex<HashMap<Round, Instant>>,
}

impl Families {
    /// The delay of an object's next drift check. Of several intervals the shortest counts for all objects of a function.
    pub(super) fn next(&self, family: Option<&Target>, interval: Duration, now: Instant) -> Duration {
        let own = interval.mul_f64(2.0f64.mul_add(JITTER * fastrand::f64(), 1.0 - JITTER));
        self.join(family.map(|family| Round::of(family, interval)), interval.mul_f64(1.0 + JITTER), own, now)
    }

    /// The delay of an object that is in sync when the process starts: the checks of all families are spread over the interval.
    pub(super) fn spread(&self, family: Option<&Target>, interval: Duration, now: Instant) -> Duration {
        let own = interval.mul_f64(fastrand::f64());
        self.join(family.map(|family| Round::of(family, interval)), interval, own, now)
    }

    /// The family's next check, if it is due within `longest`; otherwise `own` becomes the family's.
    fn join(&self, family: Option<Round>, longest: Duration, own: Duration, now: Instant) -> Duration {
        let Some(family) = family else { return own };
        let mut all = self.due.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(due) = all.get(&family).filter(|due| **due > now && **due <= now + longest) {
            return due.saturating_duration_since(now) + TOGETHER.min(longest.mul_f64(JITTER)).mul_f64(fastrand::f64());
        }
        if all.len().is_power_of_two() {
            // Families whose last object is gone.
            all.retain(|_, due| *due > now);
        }
        all.insert(family, now + own);
        own
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MINUTE: Duration = Duration::from_secs(60);

    fn function(name: &str) -> Target {
        Target { account: "1".into(), region: "r".into(), name: name.into() }
    }

    #[test]
    fn the_objects_of_a_function_are_checked_together_at_the_shortest_interval() {
        let (families, start) = (Families::default(), Instant::now());
        let first = families.next(Some(&function("f")), MINUTE, start);
        assert!((MINUTE.mul_f64(0.9)..=MINUTE.mul_f64(1.1)).contains(&first), "{first:?}");
        for later in 1..20 {
            let now = start + Duration::from_secs(later);
            let due = now + families.next(Some(&function("f")), MINUTE, now);
            assert!((start + first..start + first + TOGETHER).contains(&due), "with the first");
        }
        let shorter = families.next(Some(&function("f")), MINUTE / 6, start);
        assert!(shorter <= Duration::from_secs(11), "{shorter:?}");
        let now = start + first;
        let due = families.next(Some(&function("f")), MINUTE, now);
        assert!(due > MINUTE / 2, "a new round: {due:?}");
    }

    #[test]
    fn a_short_interval_of_one_mapping_leaves_those_of_others_as_they_are() {
        let (families, start) = (Families::default(), Instant::now());
        let account = function("");
        let short = families.next(Some(&account), MINUTE / 6, start);
        assert!(short <= Duration::from_secs(11), "{short:?}");
        let long = families.next(Some(&account), MINUTE, start);
        assert!(long > MINUTE / 2, "{long:?}");
        let together = families.next(Some(&account), MINUTE, start);
        assert!((long..long + TOGETHER).contains(&together), "with those of the same interval");
    }

    #[test]
    fn resources_that_belong_to_no_function_are_not_checked_together() {
        let (families, start) = (Families::default(), Instant::now());
        families.next(None, MINUTE / 6, start);
        assert!(families.next(None, MINUTE, start) > MINUTE / 2, "an interval of its own");
    }

    #[test]
    fn times_of_functions_that_are_gone_are_forgotten() {
        let (families, start) = (Families::default(), Instant::now());
        for round in 0..3u32 {
            let now = start + 2 * MINUTE * round;
            for n in 0..1000 {
                families.next(Some(&function(&format!("{round}-{n}"))), MINUTE, now);
            }
        }
        assert!(families.due.lock().unwrap().len() < 2100, "of the last round, and at most as many before");
    }
}
