//! How fast we may call AWS: token buckets for each account and region, shared by all passes. Nobody waits in here.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use crate::function::Operation;

/// Calls per second to begin with.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Rates {
    /// Of `GetFunction`; AWS allows 100.
    pub reads: f64,
    /// Of all other calls together; AWS allows 15.
    pub writes: f64,
}

/// AWS's quotas per account and region: `GetFunction`, and everything else together.
const READ_QUOTA: f64 = 100.0;
const WRITE_QUOTA: f64 = 15.0;

/// Part of its quota by which a rate creeps up each second while AWS does not complain.
const CREEP: f64 = 0.02;

/// Seconds of tokens that are saved up while nothing is called.
const BURST_SECONDS: f64 = 0.5;

/// A place that nobody came back for is given up after this long.
const RESERVATION_KEPT: Duration = Duration::from_secs(30);

/// The budget of one account and region.
#[derive(Debug)]
pub struct Budget {
    reads: Mutex<Bucket>,
    writes: Mutex<Bucket>,
}

impl Budget {
    /// Full buckets at the given rates.
    #[must_use]
    pub fn new(rates: Rates, now: Instant) -> Self {
        Self {
            reads: Mutex::new(Bucket::new(rates.reads, READ_QUOTA, now)),
            writes: Mutex::new(Bucket::new(rates.writes, WRITE_QUOTA, now)),
        }
    }

    /// Takes a token for one call, or keeps a place for `holder`.
    ///
    /// # Errors
    /// How long until that place is due.
    pub fn take(&self, operation: Operation, holder: &str, now: Instant) -> Result<(), Duration> {
        self.bucket(operation).lock().unwrap_or_else(PoisonError::into_inner).take(holder, now)
    }

    /// Keeps a place for `holder` which its next call will take, due now if there is room.
    ///
    /// # Errors
    /// How long until that place is due.
    pub fn reserve(&self, operation: Operation, holder: &str, now: Instant) -> Result<(), Duration> {
        self.bucket(operation).lock().unwrap_or_else(PoisonError::into_inner).reserve(holder, now)
    }

    /// AWS answered 429.
    pub fn throttled(&self, operation: Operation, now: Instant) {
        self.bucket(operation).lock().unwrap_or_else(PoisonError::into_inner).halve(now);
    }

    const fn bucket(&self, operation: Operation) -> &Mutex<Bucket> {
        if operation.is_cheap() { &self.reads } else { &self.writes }
    }
}

/// Tokens; below zero are those promised to places.
#[derive(Debug)]
struct Bucket {
    rate: f64,
    quota: f64,
    tokens: f64,
    updated: Instant,
    /// Who has a place, and when it is due. One each, so that a noisy object cannot crowd out others.
    places: HashMap<String, Instant>,
}

impl Bucket {
    fn new(rate: f64, quota: f64, now: Instant) -> Self {
        let rate = rate.clamp(quota / 100.0, quota);
        Self { rate, quota, tokens: rate * BURST_SECONDS, updated: now, places: HashMap::new() }
    }

    fn take(&mut self, holder: &str, now: Instant) -> Result<(), Duration> {
        self.reserve(holder, now)?;
        self.places.remove(holder);
        Ok(())
    }

    fn reserve(&mut self, holder: &str, now: Instant) -> Result<(), Duration> {
        self.refill(now);
        let due = self.places.get(holder).copied().unwrap_or_else(|| {
            self.tokens -= 1.0;
            let due = now + Duration::from_secs_f64((-self.tokens).max(0.0) / self.rate);
            self.places.insert(holder.to_owned(), due);
            due
        });
        if due <= now { Ok(()) } else { Err(due - now) }
    }

    fn refill(&mut self, now: Instant) {
        let seconds = now.saturating_duration_since(self.updated).as_secs_f64();
        self.updated = now;
        self.rate = (self.rate + self.quota * CREEP * seconds).min(self.quota);
        self.tokens = (self.tokens + self.rate * seconds).min(self.rate * BURST_SECONDS);
        if self.tokens >= 0.0 {
            self.places.retain(|_, due| now.saturating_duration_since(*due) < RESERVATION_KEPT);
        }
    }

    fn halve(&mut self, now: Instant) {
        self.refill(now);
        self.rate = (self.rate / 2.0).max(self.quota / 100.0);
        self.tokens = self.tokens.min(0.0);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bucket(now: Instant) -> Bucket {
        Bucket { rate: 10.0, quota: 10.0, tokens: 0.0, updated: now, places: HashMap::new() }
    }

    #[test]
    fn places_are_due_one_after_the_other_and_each_holder_has_one() {
        let now = Instant::now();
        let mut bucket = bucket(now);
        let millis = |result: Result<(), Duration>| result.unwrap_err().as_millis();
        assert_eq!(millis(bucket.take("a", now)), 100);
        assert_eq!(millis(bucket.take("b", now)), 200);
        assert_eq!(millis(bucket.take("a", now)), 100, "asking again moves nobody");
        assert_eq!(bucket.take("a", now + Duration::from_millis(101)), Ok(()));
        assert_eq!(millis(bucket.take("b", now + Duration::from_millis(101))), 99);
        assert_eq!(bucket.take("b", now + Duration::from_millis(201)), Ok(()));
    }

    #[test]
    fn a_second_lets_through_no_more_than_rate_and_burst() {
        let start = Instant::now();
        let mut bucket = Bucket::new(10.0, 10.0, start);
        let mut taken = 0;
        for milli in 0..1000 {
            taken += u32::from(bucket.take(&format!("{milli}"), start + Duration::from_millis(milli)).is_ok());
        }
        assert!(taken <= 15, "{taken}");
    }

    #[test]
    fn a_429_halves_the_rate_which_creeps_back_to_the_quota() {
        let now = Instant::now();
        let mut bucket = Bucket::new(100.0, 10.0, now);
        bucket.halve(now);
        assert!((bucket.rate - 5.0).abs() < 0.01);
        bucket.refill(now + Duration::from_secs(10));
        assert!((bucket.rate - 7.0).abs() < 0.01);
        bucket.refill(now + Duration::from_secs(100));
        assert!((bucket.rate - 10.0).abs() < 0.01);
    }
}
