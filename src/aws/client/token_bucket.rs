//! One quota of AWS: a token bucket that gives each reconcile a token, or the time at which to come back. Namespaces take turns. No method blocks.

use std::collections::HashMap;
use std::time::{Duration, Instant};

use super::lanes::{Lanes, Ticket};

/// The share of the quota by which the rate rises each second while AWS does not throttle: from zero to half of the quota in ten seconds.
const CREEP: f64 = 0.05;

/// The burst: seconds of tokens that accumulate while there are no calls.
const BURST_SECONDS: f64 = 0.5;

/// Tolerance in calls, so that a reconcile that comes on time is not rejected because of a rounding error.
const SLACK: f64 = 1.0;

/// The time after a 429 in which another one does not halve the rate again.
const BETWEEN_HALVINGS: Duration = Duration::from_secs(1);

/// The time after which an unused reservation is dropped.
const RESERVATION_KEPT: Duration = Duration::from_secs(30);

/// The interval between two removals of such reservations.
const BETWEEN_SWEEPS: Duration = Duration::from_secs(1);

/// A reconcile that other namespaces overtook will probably be overtaken again. It is requeued for this multiple of the estimated time, so that it
/// comes back less often.
const OVERTAKEN: f64 = 1.5;

/// The most seconds that are added to the estimate, because the other reconciles may be done earlier.
const MOST_LATER: f64 = 5.0;

/// The object of a reconcile. Objects of one namespace wait in one lane, and lanes take turns.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Holder {
    /// The namespace of the object.
    pub namespace: String,
    /// The object, by its uid.
    pub object: String,
}

/// Tokens. While reconciles wait, new tokens go to them, one namespace after the other.
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
    swept: Instant,
    /// The reconciles that wait for tokens, by namespace.
    lanes: Lanes,
    /// Reservations by object, at most one for each, so that a noisy object cannot displace others.
    reservations: HashMap<String, Reservation>,
}

/// A reservation: some calls of one reconcile, from a given time on.
#[derive(Clone, Copy, Debug)]
struct Reservation {
    due: Instant,
    calls: u32,
    stage: Stage,
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum Stage {
    /// It waits in the lane of its namespace.
    Queued(Ticket),
    /// Its calls are deducted from the tokens.
    Granted,
    /// It waits for a given time outside of the lanes. Its calls are deducted from the tokens when that time has come.
    Held,
    /// Its time has come, and its calls are deducted from those that can be sent.
    Committed,
}

impl Bucket {
    /// Creates a full bucket.
    pub(super) fn new(rate: f64, quota: f64, now: Instant) -> Self {
        let rate = rate.clamp(quota / 100.0, quota);
        let tokens = rate * BURST_SECONDS;
        Self {
            rate,
            quota,
            tokens,
            sendable: tokens,
            updated: now,
            halved: None,
            swept: now,
            lanes: Lanes::default(),
            reservations: HashMap::new(),
        }
    }

    /// Takes a token for one call, or makes a reservation. `made` is the number of calls that the reconcile has made; it has to repeat them when it
    /// comes back.
    pub(super) fn take(&mut self, holder: &Holder, made: u32, now: Instant) -> Result<(), Duration> {
        self.reserve(holder, made, now)?;
        let Some(reservation) = self.reservations.get_mut(&holder.object) else { return Ok(()) };
        if reservation.calls > 1 {
            reservation.calls -= 1;
        } else {
            self.reservations.remove(&holder.object);
        }
        Ok(())
    }

    /// Makes a reservation, which is due now if there are tokens. A rejected reconcile also gets tokens for the calls that it has made. With one
    /// token it would repeat only the first of them, be rejected before the second, and never finish.
    pub(super) fn reserve(&mut self, holder: &Holder, made: u32, now: Instant) -> Result<(), Duration> {
        self.refill(now);
        let known = self.reservations.get(&holder.object).copied();
        let reservation = known.unwrap_or_else(|| self.enqueue(holder, made + 1, now));
        if reservation.due > now {
            return Err(reservation.due - now);
        }
        match reservation.stage {
            Stage::Queued(ticket) => Err(self.put_off(holder, ticket, reservation, now)),
            Stage::Granted | Stage::Held => self.commit(holder, reservation, now),
            // The calls are already deducted. The reservation stays valid while a read precedes the call, and for the next reconcile if this one does
            // not use it.
            Stage::Committed => Ok(()),
        }
    }

    /// Postpones a reservation that is due, because the tokens went to namespaces whose turn it was.
    fn put_off(&mut self, holder: &Holder, ticket: Ticket, reservation: Reservation, now: Instant) -> Duration {
        let calls = self.lanes.position(&holder.namespace, ticket);
        let seconds = self.seconds_until(calls - self.tokens);
        let wait = Duration::from_secs_f64((OVERTAKEN * seconds).min(seconds + MOST_LATER));
        // A delay of zero would be useless, because no token has been added since the estimate.
        let wait = wait.max(Duration::from_secs_f64(1.0 / self.quota));
        self.reservations.insert(holder.object.clone(), Reservation { due: now + wait, ..reservation });
        wait
    }

    /// Deducts the calls of a reservation that is due from those that can be sent. They can have to wait for that.
    fn commit(&mut self, holder: &Holder, reservation: Reservation, now: Instant) -> Result<(), Duration> {
        let calls = f64::from(reservation.calls);
        self.sendable -= calls;
        let wait = if reservation.stage == Stage::Held {
            // These calls are few and serve a call with a scarce quota, so others wait for them.
            self.tokens -= calls;
            self.lanes.charge(&holder.namespace, reservation.calls);
            Duration::ZERO
        } else {
            Duration::from_secs_f64(self.seconds_until(-self.sendable - SLACK))
        };
        self.reservations
            .insert(holder.object.clone(), Reservation { due: now + wait, stage: Stage::Committed, ..reservation });
        if wait.is_zero() { Ok(()) } else { Err(wait) }
    }

    /// Commits the object's reservation, if it is due.
    pub(super) fn claim_due(&mut self, holder: &Holder, now: Instant) -> Result<(), Duration> {
        self.refill(now);
        match self.reservations.get(&holder.object) {
            Some(reservation) if reservation.due <= now => self.reserve(holder, 0, now),
            Some(_) | None => Ok(()),
        }
    }

    /// Makes a reservation for a given time, outside of the lanes.
    pub(super) fn hold(&mut self, holder: &Holder, calls: u32, due: Instant) {
        if self.reservations.get(&holder.object).is_none_or(|reservation| reservation.calls < calls) {
            self.reservations.insert(holder.object.clone(), Reservation { due, calls, stage: Stage::Held });
        }
    }

    /// Extends a reservation that needs no place in a lane, because another call of the same reconcile was postponed. Without it, the reservation is
    /// dropped before the reconcile comes back, and its tokens are lost.
    pub(super) fn hold_longer(&mut self, holder: &Holder, until: Instant) {
        let Some(reservation) = self.reservations.get_mut(&holder.object).filter(|one| one.due < until) else { return };
        match reservation.stage {
            Stage::Queued(_) => return,
            Stage::Granted | Stage::Held => {}
            // At its new time, the calls have to wait for those that can be sent then. Otherwise all that are held would be sent at once.
            Stage::Committed => {
                self.sendable += f64::from(reservation.calls);
                reservation.stage = Stage::Granted;
            }
        }
        reservation.due = until;
    }

    /// Grants a token now if possible, otherwise queues the reconcile in the lane of its namespace.
    fn enqueue(&mut self, holder: &Holder, calls: u32, now: Instant) -> Reservation {
        // A token is granted only if the call can also be sent: calls that were granted earlier and sent late are missing in `sendable`, not in
        // `tokens`.
        let room = self.lanes.is_idle() && self.tokens >= 1.0 && self.sendable >= 1.0;
        let reservation = if room {
            self.tokens -= 1.0;
            Reservation { due: now, calls: 1, stage: Stage::Granted }
        } else {
            let ticket = self.lanes.enqueue(&holder.namespace, &holder.object, calls);
            let position = self.lanes.position(&holder.namespace, ticket);
            let due = now + Duration::from_secs_f64(self.seconds_until(position - self.tokens));
            Reservation { due, calls, stage: Stage::Queued(ticket) }
        };
        self.reservations.insert(holder.object.clone(), reservation);
        self.grant();
        self.reservations.get(&holder.object).copied().unwrap_or(reservation)
    }

    /// Gives the available tokens to the waiting reconciles.
    fn grant(&mut self) {
        // Grants one call early, as everywhere. The reconcile still comes back at its own time.
        while let Some((ticket, object, calls)) = self.lanes.next_within(self.tokens + SLACK) {
            let waits = |reservation: &&mut Reservation| reservation.stage == Stage::Queued(ticket);
            // An object whose reservation was replaced no longer waits.
            if let Some(reservation) = self.reservations.get_mut(&object).filter(waits) {
                reservation.stage = Stage::Granted;
                self.tokens -= f64::from(calls);
            }
        }
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
        (self.rate, self.tokens - self.lanes.calls(), waiting)
    }

    fn refill(&mut self, now: Instant) {
        let seconds = now.saturating_duration_since(self.updated).as_secs_f64();
        self.updated = now;
        self.rate = (self.rate + self.quota * CREEP * seconds).min(self.quota);
        let (came, most) = (self.rate * seconds, self.rate * BURST_SECONDS);
        self.sendable = (self.sendable + came).min(most);
        self.tokens += came;
        self.grant();
        // Tokens are limited to the burst only if no reconcile waits. Otherwise all new tokens go to the waiting ones.
        if self.lanes.is_idle() {
            self.tokens = self.tokens.min(most);
        }
        if now.saturating_duration_since(self.swept) >= BETWEEN_SWEEPS {
            self.swept = now;
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

    /// All of one namespace.
    fn of(object: &str) -> Holder {
        Holder { namespace: "team".into(), object: object.into() }
    }

    #[test]
    fn places_are_due_one_after_the_other_and_each_holder_has_one() {
        let now = Instant::now();
        let mut bucket = Bucket::empty(10.0, now);
        let millis = |result: Result<(), Duration>| result.unwrap_err().as_millis();
        assert_eq!(millis(bucket.take(&of("a"), 0, now)), 100);
        assert_eq!(millis(bucket.take(&of("b"), 0, now)), 200);
        assert_eq!(millis(bucket.take(&of("a"), 0, now)), 100, "asking again moves nobody");
        assert_eq!(bucket.take(&of("a"), 0, now + Duration::from_millis(101)), Ok(()));
        assert_eq!(millis(bucket.take(&of("b"), 0, now + Duration::from_millis(101))), 99);
        assert_eq!(bucket.take(&of("b"), 0, now + Duration::from_millis(201)), Ok(()));
    }

    #[test]
    fn a_second_lets_through_no_more_than_rate_and_burst() {
        let start = Instant::now();
        let mut bucket = Bucket::new(10.0, 10.0, start);
        let mut taken = 0;
        for milli in 0..1000 {
            taken += u32::from(bucket.take(&of(&milli.to_string()), 0, start + Duration::from_millis(milli)).is_ok());
        }
        assert!(taken <= 15, "{taken}");
    }

    #[test]
    fn late_callers_are_sent_one_by_one() {
        let start = Instant::now();
        let mut bucket = Bucket::empty(10.0, start);
        let holders: Vec<_> = (0..40).map(|holder| holder.to_string()).collect();
        assert!(holders.iter().all(|holder| bucket.take(&of(holder), 0, start).is_err()));
        // The process got no CPU time for four seconds.
        let late = start + Duration::from_secs(4);
        let waits: Vec<_> = holders.iter().filter_map(|holder| bucket.take(&of(holder), 0, late).err()).collect();
        assert_eq!(waits.len(), 34, "half a second of them are sent at once");
        assert!(waits.iter().max().unwrap().as_secs_f64() > 3.3, "{waits:?}");
        let in_time = |holder: &&String| bucket.take(&of(holder), 0, late + Duration::from_secs(4)).is_ok();
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
                match (0..CALLS).find_map(|made| bucket.take(&of(holder), made, now).err()) {
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
            holders.iter().filter(|holder| bucket.reserve(&of(holder), 0, now).is_err()).count()
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
        assert!(holders.iter().all(|holder| bucket.take(&of(holder), 0, now).is_err()));
        bucket.halve(now);
        let later = now + Duration::from_millis(1001);
        let sent = holders.iter().filter(|holder| bucket.take(&of(holder), 0, later).is_ok()).count();
        assert!((2..=3).contains(&sent), "half of a burst, and not {sent}");
    }

    #[test]
    fn tokens_saved_before_a_429_are_dropped() {
        let now = Instant::now();
        let mut bucket = Bucket::empty(10.0, now);
        let holders = ["a", "b", "c"];
        assert!(holders.iter().all(|holder| bucket.take(&of(holder), 0, now).is_err()));
        bucket.halve(now);
        let due = now + Duration::from_millis(301);
        let sent: Vec<_> = holders.iter().filter(|holder| bucket.take(&of(holder), 0, due).is_ok()).collect();
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
        let last = (0..100).filter_map(|holder| bucket.take(&of(&holder.to_string()), 0, now).err()).max().unwrap();
        // The bucket itself says the same when time passes.
        let (_, empty, _) = bucket.state(now);
        let mut later = now;
        while bucket.state(later).1 < 0.0 {
            later += Duration::from_millis(20);
        }
        let refilled = later - now;
        assert!(empty < -90.0 && refilled.abs_diff(last) < Duration::from_millis(200), "{refilled:?} and {last:?}");
    }
}
