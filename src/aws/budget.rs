//! How fast we may call AWS: token buckets for each account and region, shared by all passes. Nobody waits in here.

use std::collections::HashMap;
use std::sync::atomic::{AtomicU32, Ordering};
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

/// One pass, and the calls that it has made: sent away, it begins anew and has to make each of them again.
#[derive(Debug)]
pub struct Turn {
    holder: String,
    reads: AtomicU32,
    writes: AtomicU32,
}

impl Turn {
    /// A pass of `holder` that has made no call yet.
    #[must_use]
    pub const fn new(holder: String) -> Self {
        Self { holder, reads: AtomicU32::new(0), writes: AtomicU32::new(0) }
    }

    const fn made(&self, operation: Operation) -> &AtomicU32 {
        if operation.is_cheap() { &self.reads } else { &self.writes }
    }
}

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

    /// Takes a token for one call, or keeps a place for this pass and the calls that it has made so far.
    ///
    /// # Errors
    /// How long until that place is due.
    pub fn take(&self, operation: Operation, turn: &Turn, now: Instant) -> Result<(), Duration> {
        let made = turn.made(operation);
        let mut bucket = self.bucket(operation).lock().unwrap_or_else(PoisonError::into_inner);
        bucket.take(&turn.holder, made.load(Ordering::Relaxed), now)?;
        made.fetch_add(1, Ordering::Relaxed);
        Ok(())
    }

    /// Keeps a place which the pass's next call will take, due now if there is room.
    ///
    /// # Errors
    /// How long until that place is due.
    pub fn reserve(&self, operation: Operation, turn: &Turn, now: Instant) -> Result<(), Duration> {
        let made = turn.made(operation).load(Ordering::Relaxed);
        self.bucket(operation).lock().unwrap_or_else(PoisonError::into_inner).reserve(&turn.holder, made, now)
    }

    /// AWS answered 429.
    pub fn throttled(&self, operation: Operation, now: Instant) {
        self.bucket(operation).lock().unwrap_or_else(PoisonError::into_inner).halve(now);
    }

    /// As it is now: rate, tokens and waiting passes of both quotas, each with its name.
    pub(super) fn state(&self, now: Instant) -> [(&'static str, f64, f64, usize); 2] {
        [("GetFunction", &self.reads), ("other", &self.writes)].map(|(calls, bucket)| {
            let mut bucket = bucket.lock().unwrap_or_else(PoisonError::into_inner);
            bucket.refill(now);
            (calls, bucket.rate, bucket.tokens, bucket.places.len())
        })
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
    /// Who has a place. One each, so that a noisy object cannot crowd out others.
    places: HashMap<String, Place>,
}

/// Room for some calls of one pass, from then on.
#[derive(Clone, Copy, Debug)]
struct Place {
    due: Instant,
    calls: u32,
}

impl Bucket {
    fn new(rate: f64, quota: f64, now: Instant) -> Self {
        let rate = rate.clamp(quota / 100.0, quota);
        Self { rate, quota, tokens: rate * BURST_SECONDS, updated: now, places: HashMap::new() }
    }

    fn take(&mut self, holder: &str, made: u32, now: Instant) -> Result<(), Duration> {
        self.reserve(holder, made, now)?;
        match self.places.get_mut(holder) {
            Some(place) if place.calls > 1 => place.calls -= 1,
            _ => drop(self.places.remove(holder)),
        }
        Ok(())
    }

    /// Who is sent away gets room for the calls that it has made as well: with room for one it would spend it on the
    /// first of them, be sent away again before the second, and never come to its end.
    fn reserve(&mut self, holder: &str, made: u32, now: Instant) -> Result<(), Duration> {
        self.refill(now);
        let Place { due, .. } = self.places.get(holder).copied().unwrap_or_else(|| {
            let calls = if self.tokens >= 1.0 { 1 } else { made + 1 };
            self.tokens -= f64::from(calls);
            let due = now + Duration::from_secs_f64(self.seconds_until(-self.tokens));
            let place = Place { due, calls };
            self.places.insert(holder.to_owned(), place);
            place
        });
        if due <= now { Ok(()) } else { Err(due - now) }
    }

    /// How long so many tokens take to come in at a rate that creeps up: after a 429 it is low, but not for long, and a place
    /// that was promised then must not be due much later than the calls that it waits for.
    fn seconds_until(&self, tokens: f64) -> f64 {
        let tokens = tokens.max(0.0);
        let creep = self.quota * CREEP;
        let rising = (self.quota - self.rate) / creep;
        let risen = f64::midpoint(self.rate, self.quota) * rising;
        if tokens > risen {
            rising + (tokens - risen) / self.quota
        } else {
            ((self.rate * self.rate + 2.0 * creep * tokens).sqrt() - self.rate) / creep
        }
    }

    fn refill(&mut self, now: Instant) {
        let seconds = now.saturating_duration_since(self.updated).as_secs_f64();
        self.updated = now;
        self.rate = (self.rate + self.quota * CREEP * seconds).min(self.quota);
        self.tokens = (self.tokens + self.rate * seconds).min(self.rate * BURST_SECONDS);
        if self.tokens >= 0.0 {
            self.places.retain(|_, place| now.saturating_duration_since(place.due) < RESERVATION_KEPT);
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
        assert_eq!(millis(bucket.take("a", 0, now)), 100);
        assert_eq!(millis(bucket.take("b", 0, now)), 200);
        assert_eq!(millis(bucket.take("a", 0, now)), 100, "asking again moves nobody");
        assert_eq!(bucket.take("a", 0, now + Duration::from_millis(101)), Ok(()));
        assert_eq!(millis(bucket.take("b", 0, now + Duration::from_millis(101))), 99);
        assert_eq!(bucket.take("b", 0, now + Duration::from_millis(201)), Ok(()));
    }

    #[test]
    fn a_pass_of_many_calls_comes_to_its_end_in_an_empty_bucket() {
        const CALLS: usize = 4;
        let start = Instant::now();
        let bucket = Mutex::new(bucket(start));
        let budget = Budget { reads: Mutex::new(Bucket::new(10.0, 10.0, start)), writes: bucket };
        let mut now = start;
        let mut made = 0;
        for _ in 0..CALLS * 2 {
            let turn = Turn::new("a".into());
            let sent_away = (0..CALLS).find_map(|_| {
                let due = budget.take(Operation::ListVersionsByFunction, &turn, now).err();
                made += u32::from(due.is_none());
                due
            });
            match sent_away {
                Some(due) => now += due,
                None => {
                    let most = now.duration_since(start).as_secs_f64() * 10.0 + 0.1;
                    assert!(f64::from(made) <= most, "{made} calls, and the rate allows {most}");
                    return;
                }
            }
        }
        panic!("never");
    }

    #[test]
    fn a_second_lets_through_no_more_than_rate_and_burst() {
        let start = Instant::now();
        let mut bucket = Bucket::new(10.0, 10.0, start);
        let mut taken = 0;
        for milli in 0..1000 {
            taken += u32::from(bucket.take(&format!("{milli}"), 0, start + Duration::from_millis(milli)).is_ok());
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

    #[test]
    fn a_place_that_was_promised_at_a_low_rate_is_due_when_the_rate_has_recovered() {
        let now = Instant::now();
        let mut bucket = Bucket::new(0.15, 15.0, now);
        let last = (0..100).filter_map(|holder| bucket.take(&format!("{holder}"), 0, now).err()).max().unwrap();
        // The bucket itself says the same when time passes.
        let empty = bucket.tokens;
        let mut later = now;
        while bucket.tokens < 0.0 {
            later += Duration::from_millis(20);
            bucket.refill(later);
        }
        let refilled = later - now;
        assert!(empty < -90.0 && refilled.abs_diff(last) < Duration::from_millis(200), "{refilled:?} and {last:?}");
    }
}
