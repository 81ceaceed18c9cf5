//! How fast we may call AWS: token buckets for each account and region, shared by all passes. Nobody waits in here.

use std::collections::HashMap;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use super::silence::Silence;
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

/// Calls that may be sent early, so that a pass which comes on time is not sent away because of a rounding error.
const SLACK: f64 = 1.0;

/// For this long after a 429, another one does not halve again.
const BETWEEN_HALVINGS: Duration = Duration::from_secs(1);

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
    /// Calls of one account and region also share the way.
    pub(super) silence: Silence,
}

impl Budget {
    /// Full buckets at the given rates.
    #[must_use]
    pub fn new(rates: Rates, now: Instant) -> Self {
        Self {
            reads: Mutex::new(Bucket::new(rates.reads, READ_QUOTA, now)),
            writes: Mutex::new(Bucket::new(rates.writes, WRITE_QUOTA, now)),
            silence: Silence::default(),
        }
    }

    /// Takes a token for one call, or keeps a place for this pass and the calls that it has made so far.
    ///
    /// # Errors
    /// How long until that place is due.
    pub fn take(&self, operation: Operation, turn: &Turn, now: Instant) -> Result<(), Duration> {
        if operation.is_cheap() {
            // A pass that came back for a scarce call and cannot send it yet must not spend a look first.
            self.row(Operation::CreateFunction).claim(&turn.holder, now)?;
        }
        let made = turn.made(operation);
        let taken = self.row(operation).take(&turn.holder, made.load(Ordering::Relaxed), now);
        match taken {
            Ok(()) => drop(made.fetch_add(1, Ordering::Relaxed)),
            Err(wait) => self.keep_reads(turn, now + wait),
        }
        taken
    }

    /// A pass that waits for a scarce call repeats its looks when that call is due, without queueing for them again.
    fn keep_reads(&self, turn: &Turn, due: Instant) {
        let reads = turn.reads.load(Ordering::Relaxed);
        if reads > 0 {
            self.row(Operation::GetFunction).keep(&turn.holder, reads, due);
        }
    }

    /// Keeps a place which the pass's next call will take, due now if there is room.
    ///
    /// # Errors
    /// How long until that place is due.
    pub fn reserve(&self, operation: Operation, turn: &Turn, now: Instant) -> Result<(), Duration> {
        let made = turn.made(operation).load(Ordering::Relaxed);
        self.row(operation).reserve(&turn.holder, made, now)
    }

    /// AWS answered 429.
    pub fn throttled(&self, operation: Operation, now: Instant) {
        self.row(operation).halve(now);
    }

    /// As it is now: rate, tokens and waiting passes of both quotas, each with its name.
    pub(super) fn state(&self, now: Instant) -> [(&'static str, f64, f64, usize); 2] {
        [("GetFunction", &self.reads), ("other", &self.writes)].map(|(calls, bucket)| {
            let mut bucket = bucket.lock().unwrap_or_else(PoisonError::into_inner);
            bucket.refill(now);
            let waiting = bucket.places.values().filter(|place| place.stage != Stage::Kept).count();
            (calls, bucket.rate, bucket.tokens, waiting)
        })
    }

    fn row(&self, operation: Operation) -> MutexGuard<'_, Bucket> {
        let bucket = if operation.is_cheap() { &self.reads } else { &self.writes };
        bucket.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Tokens; below zero are those promised to places.
#[derive(Debug)]
struct Bucket {
    rate: f64,
    quota: f64,
    tokens: f64,
    /// The same for calls that are really sent. Whatever was promised, a process that had no time for a while does not send
    /// at once what it was to send one by one, and after a 429 the promises of before are kept more slowly.
    sendable: f64,
    updated: Instant,
    halved: Option<Instant>,
    /// Who has a place. One each, so that a noisy object cannot crowd out others.
    places: HashMap<String, Place>,
}

/// Room for some calls of one pass, from then on.
#[derive(Clone, Copy, Debug)]
struct Place {
    due: Instant,
    calls: u32,
    stage: Stage,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Stage {
    /// Its calls are taken off the tokens; it waits for its time.
    Promised,
    /// It waits for a time that the row was not asked for, and is taken off the tokens only then.
    Kept,
    /// Its time has come, and its calls are taken off what can be sent.
    Paid,
    /// One of its calls was sent.
    Begun,
}

impl Bucket {
    fn new(rate: f64, quota: f64, now: Instant) -> Self {
        let rate = rate.clamp(quota / 100.0, quota);
        let tokens = rate * BURST_SECONDS;
        Self { rate, quota, tokens, sendable: tokens, updated: now, halved: None, places: HashMap::new() }
    }

    fn take(&mut self, holder: &str, made: u32, now: Instant) -> Result<(), Duration> {
        self.reserve(holder, made, now)?;
        let Some(place) = self.places.get(holder).copied() else { return Ok(()) };
        let late = now.saturating_duration_since(place.due).as_secs_f64() > BURST_SECONDS;
        if late && place.stage == Stage::Paid {
            // So long ago that others were sent in its stead.
            self.pay(holder, place, now)?;
        }
        if place.calls > 1 {
            self.places.insert(holder.to_owned(), Place { calls: place.calls - 1, stage: Stage::Begun, ..place });
        } else {
            self.places.remove(holder);
        }
        Ok(())
    }

    /// Who is sent away gets room for the calls that it has made as well: with room for one it would spend it on the
    /// first of them, be sent away again before the second, and never come to its end.
    fn reserve(&mut self, holder: &str, made: u32, now: Instant) -> Result<(), Duration> {
        self.refill(now);
        let place = self.places.get(holder).copied().unwrap_or_else(|| self.promise(made + 1, now));
        self.places.insert(holder.to_owned(), place);
        if place.due > now {
            return Err(place.due - now);
        }
        match place.stage {
            Stage::Promised | Stage::Kept => self.pay(holder, place, now),
            // What was paid for and not needed is there for the next pass.
            Stage::Paid | Stage::Begun => Ok(()),
        }
    }

    /// Takes the calls of a place that is due off what can be sent; they may have to wait for that.
    fn pay(&mut self, holder: &str, place: Place, now: Instant) -> Result<(), Duration> {
        let calls = f64::from(place.calls);
        self.sendable -= calls;
        let wait = if place.stage == Stage::Kept {
            // These are few, and what they are made for is scarce: the others wait for them.
            self.tokens -= calls;
            Duration::ZERO
        } else {
            Duration::from_secs_f64(self.seconds_until(-self.sendable - SLACK))
        };
        self.places.insert(holder.to_owned(), Place { due: now + wait, stage: Stage::Paid, ..place });
        if wait.is_zero() { Ok(()) } else { Err(wait) }
    }

    /// A place that is due is taken up.
    fn claim(&mut self, holder: &str, now: Instant) -> Result<(), Duration> {
        self.refill(now);
        match self.places.get(holder) {
            Some(place) if place.due <= now => self.reserve(holder, 0, now),
            Some(_) | None => Ok(()),
        }
    }

    /// A place at a time of which the row is not asked.
    fn keep(&mut self, holder: &str, calls: u32, due: Instant) {
        if self.places.get(holder).is_none_or(|place| place.calls < calls) {
            self.places.insert(holder.to_owned(), Place { due, calls, stage: Stage::Kept });
        }
    }

    /// The next place in the row.
    fn promise(&mut self, calls: u32, now: Instant) -> Place {
        let calls = if self.tokens >= 1.0 { 1 } else { calls };
        self.tokens -= f64::from(calls);
        let due = now + Duration::from_secs_f64(self.seconds_until(-self.tokens));
        Place { due, calls, stage: Stage::Promised }
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
        let (came, most) = (self.rate * seconds, self.rate * BURST_SECONDS);
        self.tokens = (self.tokens + came).min(most);
        self.sendable = (self.sendable + came).min(most);
        if self.tokens >= 0.0 {
            self.places.retain(|_, place| now.saturating_duration_since(place.due) < RESERVATION_KEPT);
        }
    }

    fn halve(&mut self, now: Instant) {
        self.refill(now);
        // What was under way together is refused together, and says no more than one of them.
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
mod tests {
    use super::*;

    fn bucket(now: Instant) -> Bucket {
        Bucket { tokens: 0.0, ..Bucket::new(10.0, 10.0, now) }
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
        let reads = Mutex::new(Bucket::new(10.0, 10.0, start));
        let budget = Budget { reads, writes: bucket, silence: Silence::default() };
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
    fn who_waits_for_a_scarce_call_does_not_queue_for_the_plentiful_one_again() {
        const HOLDERS: usize = 600;
        let start = Instant::now();
        let budget = Budget::new(Rates { reads: 50.0, writes: 15.0 }, start);
        let mut due = std::collections::BTreeSet::from_iter((0..HOLDERS).map(|holder| (start, holder)));
        // When the looks are over and the scarce calls are not, somebody else comes.
        let busy = start + Duration::from_secs(20);
        let mut stranger = None;
        let (mut reads, mut last) = (0, start);
        while let Some((now, holder)) = due.pop_first() {
            let turn = Turn::new(holder.to_string());
            let calls = [Operation::GetFunction, Operation::UpdateFunctionCode];
            let halt = calls.into_iter().find_map(|call| budget.take(call, &turn, now).err());
            reads += turn.reads.load(Ordering::Relaxed);
            last = now;
            if now > busy && stranger.is_none() {
                stranger = Some(budget.take(Operation::GetFunction, &Turn::new("stranger".into()), now));
            }
            due.extend(halt.map(|wait| (now + wait, holder)));
        }
        let took = (last - start).as_secs_f64();
        assert!(took < HOLDERS as f64 / WRITE_QUOTA * 1.1, "{took} s");
        assert!(reads as usize <= 2 * HOLDERS, "{reads} looks");
        assert_eq!(stranger, Some(Ok(())), "who only looks does not wait for those");
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
    fn who_comes_late_together_is_sent_one_by_one() {
        let start = Instant::now();
        let mut bucket = bucket(start);
        let holders: Vec<_> = (0..40).map(|holder| holder.to_string()).collect();
        assert!(holders.iter().all(|holder| bucket.take(holder, 0, start).is_err()));
        // The process had no time for four seconds.
        let late = start + Duration::from_secs(4);
        let waits: Vec<_> = holders.iter().filter_map(|holder| bucket.take(holder, 0, late).err()).collect();
        assert_eq!(waits.len(), 34, "half a second of them are sent at once");
        assert!(waits.iter().max().unwrap().as_secs_f64() > 3.3, "{waits:?}");
        let again = |bucket: &mut Bucket, at| {
            let taken = holders.iter().skip(6).filter(|holder| bucket.places.contains_key(*holder));
            let taken: Vec<_> = taken.cloned().collect();
            taken.iter().filter(|holder| bucket.take(holder, 0, at).is_ok()).count()
        };
        // Nor was there any for the next four seconds.
        assert!(again(&mut bucket, late + Duration::from_secs(4)) <= 9, "they are not sent together then either");
        let mut now = late + Duration::from_secs(4);
        let mut sent = 0;
        for _ in 0..100 {
            now += Duration::from_millis(50);
            sent += again(&mut bucket, now);
        }
        assert!(sent >= 25 && bucket.places.is_empty(), "{sent} came to their end");
    }

    #[test]
    fn a_place_that_was_not_needed_is_not_paid_for_at_each_look() {
        let start = Instant::now();
        let mut bucket = bucket(start);
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
        let mut bucket = bucket(now);
        let holders: Vec<_> = (0..10).map(|holder| holder.to_string()).collect();
        assert!(holders.iter().all(|holder| bucket.take(holder, 0, now).is_err()));
        bucket.halve(now);
        let later = now + Duration::from_millis(1001);
        let sent = holders.iter().filter(|holder| bucket.take(holder, 0, later).is_ok()).count();
        assert!((2..=3).contains(&sent), "half of a burst, and not {sent}");
    }

    #[test]
    fn refusals_of_one_moment_halve_once() {
        let now = Instant::now();
        let mut bucket = Bucket::new(10.0, 10.0, now);
        (0..10).for_each(|_| bucket.halve(now));
        assert!((bucket.rate - 5.0).abs() < 0.01);
        bucket.halve(now + BETWEEN_HALVINGS);
        assert!(bucket.rate < 2.7, "{}", bucket.rate);
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
