//! The requeue of an object: exponential backoff by the number of attempts in a row. The count is lost at a restart, which does no harm.

use std::collections::HashMap;
use std::mem::{Discriminant, discriminant};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use crate::core::backoff::Backoff;

/// The reason for the next reconcile, from which its delay follows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Requeue {
    /// The object is gone, or is not ours.
    Forget,
    /// Nothing is due before the object changes.
    Idle,
    /// There is more to do.
    Now,
    /// A reservation of the rate limit is due then.
    After(Duration),
    /// AWS is applying a change.
    Busy,
    /// Something failed.
    Retry(Backoff),
    /// Nothing differs; the next drift check is due after this time.
    DriftCheck(Duration),
    /// The resource belongs to another owner. The drift interval decides when it is checked again.
    NotOwned(Duration),
}

/// The most writes in a row that a change of everything needs. More than that have no effect.
const ORDINARY_WRITES: u32 = 4;

/// Attempts in a row for the same reason, by the object's uid.
#[derive(Default)]
pub(super) struct Attempts {
    tries: Mutex<HashMap<String, Tries>>,
}

struct Tries {
    kind: Discriminant<Requeue>,
    attempts: u32,
    /// Reconciles that wrote to AWS since the object was last in sync.
    writes: u32,
}

impl Attempts {
    /// The delay before the next reconcile.
    pub(super) fn delay(&self, uid: &str, next: &Requeue) -> Option<Duration> {
        let attempt = self.count(uid, next);
        match next {
            Requeue::Forget | Requeue::Idle => None,
            Requeue::Now if attempt == 0 => Some(Duration::ZERO),
            // Repeated writes without effect mean that AWS's reads are stale, so they slow down.
            Requeue::Now => Some(Backoff::SETTLE.delay(attempt - 1, fastrand::f64())),
            Requeue::After(due) => Some(*due),
            Requeue::Busy => Some(Backoff::SETTLE.delay(attempt, fastrand::f64())),
            Requeue::Retry(pace) => Some(pace.delay(attempt, fastrand::f64())),
            Requeue::DriftCheck(due) => Some(*due),
            Requeue::NotOwned(interval) => Some(around(*interval).min(Backoff::SLOW.delay(attempt, fastrand::f64()))),
        }
    }

    /// Records a write to AWS, after which the wait for it starts with a new backoff, unless repeated writes have no effect.
    pub(super) fn restart(&self, uid: &str) {
        let mut tries = self.tries.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(Tries { kind, attempts, writes }) = tries.get_mut(uid) {
            if *kind == discriminant(&Requeue::Busy) {
                *attempts = writes.saturating_sub(ORDINARY_WRITES);
            }
            *writes = writes.saturating_add(1);
        }
    }

    /// Whether this process sees the object for the first time.
    pub(super) fn is_first(&self, uid: &str) -> bool {
        let mut tries = self.tries.lock().unwrap_or_else(PoisonError::into_inner);
        let first = !tries.contains_key(uid);
        tries.entry(uid.to_owned()).or_insert(Tries { kind: discriminant(&Requeue::Forget), attempts: 0, writes: 0 });
        first
    }

    fn count(&self, uid: &str, next: &Requeue) -> u32 {
        let mut tries = self.tries.lock().unwrap_or_else(PoisonError::into_inner);
        match next {
            Requeue::Forget => {
                tries.remove(uid);
                0
            }
            // These requeues follow neither a success nor a failure, so they keep the count.
            Requeue::After(_) | Requeue::Idle => 0,
            Requeue::Now | Requeue::Busy | Requeue::Retry(_) | Requeue::DriftCheck(_) | Requeue::NotOwned(_) => {
                let kind = discriminant(next);
                let entry = tries.entry(uid.to_owned()).or_insert(Tries { kind, attempts: 0, writes: 0 });
                let attempt = if entry.kind == kind { entry.attempts } else { 0 };
                let writes = if matches!(next, Requeue::DriftCheck(_)) { 0 } else { entry.writes };
                *entry = Tries { kind, attempts: attempt.saturating_add(1), writes };
                attempt
            }
        }
    }
}

/// Jitter of ± 10 %, so that a thousand objects do not come back at the same moment.
fn around(interval: Duration) -> Duration {
    interval.mul_f64(0.2f64.mul_add(fastrand::f64(), 0.9))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn backoff_grows_and_resets_after_a_change() {
        let attempts = Attempts::default();
        let seconds = |next: &Requeue| attempts.delay("uid", next).unwrap().as_secs_f64();
        let first = seconds(&Requeue::Busy);
        assert!((0.4..0.6).contains(&first), "{first}");
        let second = seconds(&Requeue::Busy);
        assert!((0.8..1.2).contains(&second), "{second}");
        attempts.restart("uid");
        let after_a_write = seconds(&Requeue::Busy);
        assert!((0.4..0.6).contains(&after_a_write), "{after_a_write}");
        let late = (0..9).map(|_| {
            attempts.restart("uid");
            seconds(&Requeue::Busy)
        });
        assert!(late.last().unwrap() > 4.0, "writes without an effect are not sent twice a second");
        assert!(seconds(&Requeue::DriftCheck(Duration::from_secs(600))) > 500.0);
        assert!(
            (260.0..340.0).contains(&seconds(&Requeue::NotOwned(Duration::from_secs(600)))),
            "no later than errors that only a person can fix"
        );
        let soon = attempts.delay("uid", &Requeue::NotOwned(Duration::from_secs(10))).unwrap().as_secs_f64();
        assert!((8.0..12.0).contains(&soon), "and no later than drift is seen");
        let again = seconds(&Requeue::Busy);
        assert!((0.4..0.6).contains(&again), "{again}");
        assert_eq!(seconds(&Requeue::Now), 0.0);
        attempts.restart("uid");
        let twice = seconds(&Requeue::Now);
        assert!((0.4..0.6).contains(&twice), "once is not twice: {twice}");
    }
}
