//! When the next pass over an object is due: tries in a row slow down. Their count is lost at a restart, which does no harm.

use std::collections::HashMap;
use std::mem::{Discriminant, discriminant};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use crate::core::backoff::Pace;

/// When the next pass is due.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Next {
    /// The object is gone, or is none of our business.
    Forget,
    /// Nothing is due before the object changes.
    Idle,
    /// There is more to do.
    AtOnce,
    /// A place in the budget is due then.
    At(Duration),
    /// AWS works.
    Settling,
    /// Something failed.
    Retry(Pace),
    /// Nothing differs; checked again after so long.
    DriftCheck(Duration),
    /// The name is another's, who may let go of it: that is seen as drift is.
    Taken(Duration),
}

/// So many writes in a row are what a change of everything takes; more of them have no effect.
const ORDINARY_WRITES: u32 = 4;

/// Tries in a row of the same kind, by the object's uid.
#[derive(Default)]
pub(super) struct Paces {
    tries: Mutex<HashMap<String, Tries>>,
}

struct Tries {
    kind: Discriminant<Next>,
    attempts: u32,
    /// Passes that wrote to AWS since nothing differed.
    writes: u32,
}

impl Paces {
    /// How long to wait before the next pass.
    pub(super) fn delay(&self, uid: &str, next: &Next) -> Option<Duration> {
        let attempt = self.count(uid, next);
        match next {
            Next::Forget | Next::Idle => None,
            Next::AtOnce if attempt == 0 => Some(Duration::ZERO),
            // What has to be done again and again shows no effect: AWS's reads are behind.
            Next::AtOnce => Some(Pace::SETTLE.delay(attempt - 1, fastrand::f64())),
            Next::At(due) => Some(*due),
            Next::Settling => Some(Pace::SETTLE.delay(attempt, fastrand::f64())),
            Next::Retry(pace) => Some(pace.delay(attempt, fastrand::f64())),
            Next::DriftCheck(interval) => Some(around(*interval)),
            Next::Taken(interval) => Some(around(*interval).min(Pace::SLOW.delay(attempt, fastrand::f64()))),
        }
    }

    /// Something was written to AWS: the wait for it is a new one, unless what is written again and again has no effect.
    pub(super) fn restart(&self, uid: &str) {
        let mut tries = self.tries.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(Tries { kind, attempts, writes }) = tries.get_mut(uid) {
            if *kind == discriminant(&Next::Settling) {
                *attempts = writes.saturating_sub(ORDINARY_WRITES);
            }
            *writes = writes.saturating_add(1);
        }
    }

    /// Whether this is the first that this process sees of the object.
    pub(super) fn meets(&self, uid: &str) -> bool {
        let mut tries = self.tries.lock().unwrap_or_else(PoisonError::into_inner);
        let first = !tries.contains_key(uid);
        tries.entry(uid.to_owned()).or_insert(Tries { kind: discriminant(&Next::Forget), attempts: 0, writes: 0 });
        first
    }

    fn count(&self, uid: &str, next: &Next) -> u32 {
        let mut tries = self.tries.lock().unwrap_or_else(PoisonError::into_inner);
        match next {
            Next::Forget => {
                tries.remove(uid);
                0
            }
            // Says nothing about how it goes.
            Next::At(_) | Next::Idle => 0,
            Next::AtOnce | Next::Settling | Next::Retry(_) | Next::DriftCheck(_) | Next::Taken(_) => {
                let kind = discriminant(next);
                let entry = tries.entry(uid.to_owned()).or_insert(Tries { kind, attempts: 0, writes: 0 });
                let attempt = if entry.kind == kind { entry.attempts } else { 0 };
                let writes = if matches!(next, Next::DriftCheck(_)) { 0 } else { entry.writes };
                *entry = Tries { kind, attempts: attempt.saturating_add(1), writes };
                attempt
            }
        }
    }
}

/// ± 10 %, so that a thousand objects do not come back at the same moment.
fn around(interval: Duration) -> Duration {
    interval.mul_f64(0.2f64.mul_add(fastrand::f64(), 0.9))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tries_slow_down_and_start_anew_when_something_else_happens() {
        let paces = Paces::default();
        let seconds = |next: &Next| paces.delay("uid", next).unwrap().as_secs_f64();
        let first = seconds(&Next::Settling);
        assert!((0.4..0.6).contains(&first), "{first}");
        let second = seconds(&Next::Settling);
        assert!((0.8..1.2).contains(&second), "{second}");
        paces.restart("uid");
        let after_a_write = seconds(&Next::Settling);
        assert!((0.4..0.6).contains(&after_a_write), "{after_a_write}");
        let late = (0..9).map(|_| {
            paces.restart("uid");
            seconds(&Next::Settling)
        });
        assert!(late.last().unwrap() > 4.0, "writes without an effect are not sent twice a second");
        assert!(seconds(&Next::DriftCheck(Duration::from_secs(600))) > 500.0);
        assert!(
            (260.0..340.0).contains(&seconds(&Next::Taken(Duration::from_secs(600)))),
            "no later than what only a person can mend"
        );
        let soon = paces.delay("uid", &Next::Taken(Duration::from_secs(10))).unwrap().as_secs_f64();
        assert!((8.0..12.0).contains(&soon), "and no later than drift is seen");
        let again = seconds(&Next::Settling);
        assert!((0.4..0.6).contains(&again), "{again}");
        assert_eq!(seconds(&Next::AtOnce), 0.0);
        paces.restart("uid");
        let twice = seconds(&Next::AtOnce);
        assert!((0.4..0.6).contains(&twice), "once is not twice: {twice}");
    }
}
