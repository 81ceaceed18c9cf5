//! The rate limits of AWS calls: the quotas of each account and region, shared by all reconciles. It never blocks.

use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use super::circuit_breaker::CircuitBreaker;
use super::token_bucket::Bucket;
pub use super::token_bucket::Holder;
use crate::core::operation::{Operation, Quota};

/// Initial calls per second.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Rates {
    /// For `GetFunction`; AWS allows 100.
    pub reads: f64,
    /// For `GetPolicy`, and for all other calls together; AWS allows 15 of each.
    pub writes: f64,
}

/// AWS's quotas per account and region: `GetFunction`, `GetPolicy`, and everything else together.
const READ_QUOTA: f64 = 100.0;
const POLICY_QUOTA: f64 = 15.0;
const WRITE_QUOTA: f64 = 15.0;
/// The quota of each call of CloudWatch Logs. One bucket counts them all, as other programs call it too.
const LOGS_QUOTA: f64 = 10.0;

/// One value for each quota.
#[derive(Debug, Default)]
struct PerQuota<T> {
    function: T,
    policy: T,
    other: T,
    logs: T,
}

impl<T> PerQuota<T> {
    const fn of(&self, quota: Quota) -> &T {
        match quota {
            Quota::GetFunction => &self.function,
            Quota::GetPolicy => &self.policy,
            Quota::Other => &self.other,
            Quota::Logs => &self.logs,
        }
    }
}

/// One reconcile and the calls that it has made. If it is rejected, it starts again and has to repeat them.
#[derive(Debug)]
pub struct CallCount {
    holder: Holder,
    made: PerQuota<AtomicU32>,
}

impl CallCount {
    /// A reconcile of `holder` that has made no calls yet.
    #[must_use]
    pub fn new(holder: Holder) -> Self {
        Self { holder, made: PerQuota::default() }
    }

    const fn made(&self, operation: Operation) -> &AtomicU32 {
        self.made.of(operation.quota())
    }
}

/// The budget of one account and region.
#[derive(Debug)]
pub struct Budget {
    buckets: PerQuota<Mutex<Bucket>>,
    /// The circuit breaker, because calls of one account and region share an endpoint.
    pub(super) breaker: CircuitBreaker,
    answered: AtomicBool,
}

impl Budget {
    /// Creates full buckets with these rates.
    #[must_use]
    pub fn new(rates: Rates, now: Instant) -> Self {
        let Rates { reads, writes } = rates;
        let bucket = |rate, quota| Mutex::new(Bucket::new(rate, quota, now));
        Self {
            buckets: PerQuota {
                function: bucket(reads, READ_QUOTA),
                policy: bucket(writes, POLICY_QUOTA),
                other: bucket(writes, WRITE_QUOTA),
                logs: bucket(LOGS_QUOTA, LOGS_QUOTA),
            },
            breaker: CircuitBreaker::default(),
            answered: AtomicBool::new(false),
        }
    }

    /// Takes a token for one call, or reserves this call and those that the reconcile has made so far.
    ///
    /// # Errors
    /// The time until the reservation is due.
    pub fn take(&self, operation: Operation, count: &CallCount, now: Instant) -> Result<(), Duration> {
        if matches!(operation.quota(), Quota::GetFunction | Quota::GetPolicy) {
            // A reconcile that came back for a write must not spend a read while it cannot send that write.
            let claimed = self.bucket(Quota::Other).claim_due(&count.holder, now);
            claimed.inspect_err(|wait| self.hold_longer(count, now + *wait))?;
        }
        let made = count.made(operation);
        let taken = self.row(operation).take(&count.holder, made.load(Ordering::Relaxed), now);
        match taken {
            Ok(()) => drop(made.fetch_add(1, Ordering::Relaxed)),
            Err(wait) => self.hold_others(operation, count, now + wait),
        }
        taken
    }

    /// Keeps what the reconcile needs beside a call that was postponed: the reads that it repeats, and the write that follows a read.
    fn hold_others(&self, postponed: Operation, count: &CallCount, due: Instant) {
        self.hold_reads(postponed, count, due);
        if postponed.quota() != Quota::Other {
            self.bucket(Quota::Other).hold_longer(&count.holder, due);
        }
    }

    /// Reserves reads for a reconcile that waits for a call with another quota. It repeats them when that call is due, without queueing again.
    fn hold_reads(&self, operation: Operation, count: &CallCount, due: Instant) {
        for read in [Operation::GetFunction, Operation::GetPolicy] {
            let made = count.made(read).load(Ordering::Relaxed);
            if made > 0 && read.quota() != operation.quota() {
                self.row(read).hold(&count.holder, made, due);
            }
        }
    }

    /// Extends the reservations of reads, because the call that follows them was postponed.
    fn hold_longer(&self, count: &CallCount, until: Instant) {
        for read in [Operation::GetFunction, Operation::GetPolicy] {
            self.row(read).hold_longer(&count.holder, until);
        }
    }

    /// Reserves the last one of the reconcile's next calls, and those before it that have the same quota. They are due now if there are tokens.
    ///
    /// # Errors
    /// The time until the reservation is due.
    pub fn reserve(&self, calls: &[Operation], count: &CallCount, now: Instant) -> Result<(), Duration> {
        let Some((last, before)) = calls.split_last() else { return Ok(()) };
        let same = before.iter().filter(|call| call.quota() == last.quota());
        let others = same.fold(count.made(*last).load(Ordering::Relaxed), |others, _| others.saturating_add(1));
        let reserved = self.row(*last).reserve(&count.holder, others, now);
        reserved.inspect_err(|wait| self.hold_longer(count, now + *wait))
    }

    /// Records that AWS answered, so the region exists.
    pub(super) fn answered(&self) {
        self.answered.store(true, Ordering::Relaxed);
    }

    pub(super) fn has_answered(&self) -> bool {
        self.answered.load(Ordering::Relaxed)
    }

    /// Records that AWS answered 429.
    pub fn throttled(&self, operation: Operation, now: Instant) {
        self.row(operation).halve(now);
    }

    /// The current rate, tokens and waiting reconciles of all quotas, each with its name.
    pub(super) fn state(&self, now: Instant) -> [(&'static str, f64, f64, usize); 4] {
        let PerQuota { function, policy, other, logs } = &self.buckets;
        let named = [("GetFunction", function), ("GetPolicy", policy), ("other", other), ("logs", logs)];
        named.map(|(calls, bucket)| {
            let (rate, tokens, waiting) = bucket.lock().unwrap_or_else(PoisonError::into_inner).state(now);
            (calls, rate, tokens, waiting)
        })
    }

    fn row(&self, operation: Operation) -> MutexGuard<'_, Bucket> {
        self.bucket(operation.quota())
    }

    fn bucket(&self, quota: Quota) -> MutexGuard<'_, Bucket> {
        self.buckets.of(quota).lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests;
