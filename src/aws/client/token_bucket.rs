//! The rate limit of one AWS quota: a token bucket with reservations. It never blocks: a reconcile that exceeds the rate gets the time at which to come back.

use std::collections::HashMap;
use std::time::{Duration, Instant};

/// The share of the quota by which the rate rises each second while AWS does not throttle: from nothing to half in ten seconds.
const CREEP: f64 = 0.05;

/// The burst: seconds of tokens that accumulate while there are no calls.
const BURST_SECONDS: f64 = 0.5;

/// Tolerance in calls, so that a reconcile that comes on time is not rejected because of a rounding error.
const SLACK: f64 = 1.0;

/// The time after a 429 in which another one does not halve the rate again.
const BETWEEN_HALVINGS: Duration = Duration::from_secs(1);

/// The time after which an unused reservation is dropped.
const RESERVATION_KEPT: Duration = Duration::from_secs(30);

/// The available tokens. They are negative if reservations exceed them.
#[derive(Debug)]
pub(super) struct Bucket {
    rate: f64,
    quota: f64,
    tokens: f64,
    /// The available tokens for calls that are really sent. Because of them, a process that was stopped does not send all due reservations
    /// in one burst, and reservations from before a 429 are honoured at the lower rate.
    sendable: f64,
    updated: Instant,
    halved: Option<Instant>,
    /// The reservations by holder. Each object has at most one, so that a noisy one cannot crowd out others.
    reservations: HashMap<String, Reservation>,
}

/// A reservation: some calls of one reconcile, from a given time on.
#[derive(Clone, Copy, Debug)]
struct Reservation {
    due: Instant,
    calls: u32,
    stage: Stage,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Stage {
    /// Its calls are deducted from the tokens; its time has not come.
    Queued,
    /// It waits for a time outside of the queue, and is deducted from the tokens only then.
    Held,
    /// Its time has come, and its calls are deducted from those that can be sent.
    Committed,
}

impl Bucket {
    /// Creates a full bucket.
    pub(super) fn new(rate: f64, quota: f64, now: Instant) -> Self {
        let rate = rate.clamp(quota / 100.0, quota);
        let tokens = rate * BURST_SECONDS;
        Self { rate, quota, tokens, sendable: tokens, updated: now, halved: None, reservations: HashMap::new() }
    }

    /// Takes a token for one call of a reconcile that has already made others, or reserves all of them.
    pub(super) fn take(&mut self, holder: &str, made: u32, now: Instant) -> Result<(), Duration> {
        self.reserve(holder, made, now)?;
        let Some(reservation) = self.reservations.get(holder).copied() else { return Ok(()) };
        if reservation.calls > 1 {
            self.reservations.insert(holder.to_owned(), Reservation { calls: reservation.calls - 1, ..reservation });
        } else {
            self.reservations.remove(holder);
        }
        Ok(())
    }

    /// Reserves calls; the reservation is due now if the rate allows. A rejected reconcile has to repeat the calls it already made, so its
    /// reservation covers those too. Otherwise it would spend its only token on the first call and never reach the next one.
    pub(super) fn reserve(&mut self, holder: &str, made: u32, now: Instant) -> Result<(), Duration> {
        self.refill(now);
        let reservation = self.reservations.get(holder).copied().unwrap_or_else(|| self.enqueue(made + 1, now));
        self.reservations.insert(holder.to_owned(), reservation);
        if reservation.due > now {
            return Err(reservation.due - now);
        }
        match reservation.stage {
            Stage::Queued | Stage::Held => self.commit(holder, reservation, now),
            // A due reservation stays valid however long the read before the call takes, and also for the next reconcile if this one
            // did not use it.
            Stage::Committed => Ok(()),
        }
    }

    /// Deducts the calls of a due reservation from those that can be sent. They may have to wait.
    fn commit(&mut self, holder: &str, reservation: Reservation, now: Instant) -> Result<(), Duration> {
        let calls = f64::from(reservation.calls);
        self.sendable -= calls;
        let wait = if reservation.stage == Stage::Held {
            // These calls are few and serve a call with a scarce quota, so others wait for them.
            self.tokens -= calls;
            Duration::ZERO
        } else {
            Duration::from_secs_f64(self.seconds_until(-self.sendable - SLACK))
        };
        self.reservations
            .insert(holder.to_owned(), Reservation { due: now + wait, stage: Stage::Committed, ..reservation });
        if wait.is_zero() { Ok(()) } else { Err(wait) }
    }

    /// Uses a reservation that is due.
    pub(super) fn claim_due(&mut self, holder: &str, now: Instant) -> Result<(), Duration> {
        self.refill(now);
        match self.reservations.get(holder) {
            Some(reservation) if reservation.due <= now => self.reserve(holder, 0, now),
            Some(_) | None => Ok(()),
        }
    }

    /// Reserves calls at a given time, outside of the queue.
    pub(super) fn hold(&mut self, holder: &str, calls: u32, due: Instant) {
        if self.reservations.get(holder).is_none_or(|reservation| reservation.calls < calls) {
            self.reservations.insert(holder.to_owned(), Reservation { due, calls, stage: Stage::Held });
        }
    }

    /// Reserves calls at the end of the queue.
    fn enqueue(&mut self, calls: u32, now: Instant) -> Reservation {
        // The call must also be sendable now: reservations that were used late are missing there, although not among the tokens.
        let calls = if self.tokens >= 1.0 && self.sendable >= 1.0 { 1 } else { calls };
        self.tokens -= f64::from(calls);
        let due = now + Duration::from_secs_f64(self.seconds_until(-self.tokens));
        Reservation { due, calls, stage: Stage::Queued }
    }

    /// The time that this many tokens take at a rising rate. After a 429 the rate is low, but not for long, and a reservation made
    /// then must not become due much later than the calls before it.
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

    /// The current rate, tokens and number of waiting reconciles.
    pub(super) fn state(&mut self, now: Instant) -> (f64, f64, usize) {
        self.refill(now);
        let waiting = self.reservations.values().filter(|reservation| reservation.stage != Stage::Held).count();
        (self.rate, self.tokens, waiting)
    }

    fn refill(&mut self, now: Instant) {
        let seconds = now.saturating_duration_since(self.updated).as_secs_f64();
        self.updated = now;
        self.rate = (self.rate + self.quota * CREEP * seconds).min(self.quota);
        let (came, most) = (self.rate * seconds, self.rate * BURST_SECONDS);
        self.tokens = (self.tokens + came).min(most);
        self.sendable = (self.sendable + came).min(most);
        if self.tokens >= 0.0 {
            self.reservations
                .retain(|_, reservation| now.saturating_duration_since(reservation.due) < RESERVATION_KEPT);
        }
    }

    /// Records that AWS answered 429.
    pub(super) fn halve(&mut self, now: Instant) {
        self.refill(now);
        // Calls that were in flight together are throttled together, which counts as one signal.
        if self.halved.is_some_and(|then| now.saturating_duration_since(then) < BETWEEN_HALVINGS) {
            return;
        }
        self.halved = Some(now);
        self.rate = (self.rate / 2.0).max(self.quota / 100.0);
        self.tokens = self.tokens.min(0.0);
        self.sendable = self.sendable.min(0.0);
    }
}

#[cfg(test)]
impl Bucket {
    /// Without tokens, at its quota.
    pub(super) fn empty(rate: f64, now: Instant) -> Self {
        Self { tokens: 0.0, ..Self::new(rate, rate, now) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_are_due_one_after_the_other_and_each_holder_has_one() {
        let now = Instant::now();
        let mut bucket = Bucket::empty(10.0, now);
        let millis = |result: Result<(), Duration>| result.unwrap_err().as_millis();
        assert_eq!(millis(bucket.take("a", 0, now)), 100);
        assert_eq!(millis(bucket.take("b", 0, now)), 200);
        assert_eq!(millis(bucket.take("a", 0, now)), 100, "asking again moves nobody");
        assert_eq!(bucket.take("a", 0, now + Duration::from_millis(101)), Ok(()));
        assert_eq!(millis(bucket.take("b", 0, now + Duration::from_millis(101))), 99);
        assert_eq!(bucket.take("b", 0, now + Duration::from_millis(201)), Ok(()));
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
    fn late_callers_are_sent_one_by_one() {
        let start = Instant::now();
        let mut bucket = Bucket::empty(10.0, start);
        let holders: Vec<_> = (0..40).map(|holder| holder.to_string()).collect();
        assert!(holders.iter().all(|holder| bucket.take(holder, 0, start).is_err()));
        // The process had no time for four seconds.
        let late = start + Duration::from_secs(4);
        let waits: Vec<_> = holders.iter().filter_map(|holder| bucket.take(holder, 0, late).err()).collect();
        assert_eq!(waits.len(), 34, "half a second of them are sent at once");
        assert!(waits.iter().max().unwrap().as_secs_f64() > 3.3, "{waits:?}");
        let in_time = |holder: &&String| bucket.take(holder, 0, late + Duration::from_secs(4)).is_ok();
        assert_eq!(holders.iter().skip(6).filter(in_time).count(), 34);
    }

    #[test]
    fn passes_of_many_calls_come_to_their_end_behind_late_promises() {
        const CALLS: u32 = 4;
        let start = Instant::now();
        let mut bucket = Bucket::empty(15.0, start);
        // Late callers were sent: more than the tokens tell.
        (bucket.tokens, bucket.sendable) = (7.5, -5.0);
        let mut due = [("a", start), ("b", start), ("c", start)];
        let mut done = 0;
        for milli in 0..5000 {
            let now = start + Duration::from_millis(milli);
            for (holder, due) in due.iter_mut().filter(|(_, due)| *due <= now) {
                match (0..CALLS).find_map(|made| bucket.take(holder, made, now).err()) {
                    Some(wait) => *due = now + wait,
                    None => {
                        done += 1;
                        *due = start + Duration::from_secs(3600);
                    }
                }
            }
        }
        assert_eq!(done, 3);
    }

    #[test]
    fn an_unused_reservation_is_charged_once() {
        let start = Instant::now();
        let mut bucket = Bucket::empty(10.0, start);
        let holders: Vec<_> = (0..100).map(|holder| holder.to_string()).collect();
        let mut refused = |after: u64| {
            let now = start + Duration::from_secs(after);
            holders.iter().filter(|holder| bucket.reserve(holder, 0, now).is_err()).count()
        };
        assert_eq!(refused(0), 100);
        // All of them look once in a second or two, and AWS is busy, so that there is nothing to write.
        let looks: Vec<_> = (11..40).step_by(2).map(&mut refused).collect();
        assert!(looks[5..].iter().all(|refused| *refused == 0), "{looks:?}");
    }

    #[test]
    fn a_promise_of_before_a_429_is_kept_more_slowly() {
        let now = Instant::now();
        let mut bucket = Bucket::empty(10.0, now);
        let holders: Vec<_> = (0..10).map(|holder| holder.to_string()).collect();
        assert!(holders.iter().all(|holder| bucket.take(holder, 0, now).is_err()));
        bucket.halve(now);
        let later = now + Duration::from_millis(1001);
        let sent = holders.iter().filter(|holder| bucket.take(holder, 0, later).is_ok()).count();
        assert!((2..=3).contains(&sent), "half of a burst, and not {sent}");
    }

    #[test]
    fn tokens_saved_before_a_429_are_dropped() {
        let now = Instant::now();
        let mut bucket = Bucket::empty(10.0, now);
        let holders = ["a", "b", "c"];
        assert!(holders.iter().all(|holder| bucket.take(holder, 0, now).is_err()));
        bucket.halve(now);
        let due = now + Duration::from_millis(301);
        let sent: Vec<_> = holders.iter().filter(|holder| bucket.take(holder, 0, due).is_ok()).collect();
        assert_eq!(sent, [&"a", &"b"], "one and a half came in at the half rate");
    }

    #[test]
    fn refusals_of_one_moment_halve_once() {
        let now = Instant::now();
        let mut bucket = Bucket::new(10.0, 10.0, now);
        (0..10).for_each(|_| bucket.halve(now));
        assert!((bucket.rate - 5.0).abs() < 0.01);
        bucket.halve(now + BETWEEN_HALVINGS);
        assert!((bucket.rate - 2.75).abs() < 0.01, "{}", bucket.rate);
    }

    #[test]
    fn a_429_halves_the_rate_which_creeps_back_to_the_quota() {
        let now = Instant::now();
        let mut bucket = Bucket::new(100.0, 10.0, now);
        bucket.halve(now);
        assert!((bucket.rate - 5.0).abs() < 0.01);
        bucket.refill(now + Duration::from_secs(4));
        assert!((bucket.rate - 7.0).abs() < 0.01);
        bucket.refill(now + Duration::from_secs(100));
        assert!((bucket.rate - 10.0).abs() < 0.01);
    }

    #[test]
    fn reservations_speed_up_when_the_rate_recovers() {
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
