//! Budgets under a simulated clock: reconciles of many calls, many objects, and the time until all objects are ready after AWS throttled.

use std::collections::{BTreeMap, BTreeSet};

use super::*;
use crate::core::error::class::Class;

/// All of one namespace.
fn of(object: &str) -> Holder {
    Holder { namespace: "team".into(), object: object.into() }
}

#[test]
fn a_reconcile_of_many_calls_finishes_in_an_empty_bucket() {
    const CALLS: usize = 4;
    let start = Instant::now();
    let [function, policy, logs] = [(); 3].map(|()| Mutex::new(Bucket::new(10.0, 10.0, start)));
    let buckets = PerQuota { function, policy, other: Mutex::new(Bucket::empty(10.0, start)), logs };
    let budget = Budget { buckets, breaker: CircuitBreaker::default(), answered: AtomicBool::new(false) };
    let mut now = start;
    let mut made = 0;
    for _ in 0..CALLS * 2 {
        let count = CallCount::new(of("a"));
        let sent_away = (0..CALLS).find_map(|_| {
            let due = budget.take(Operation::ListVersionsByFunction, &count, now).err();
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
fn waiting_for_a_write_does_not_queue_for_the_read_again() {
    const HOLDERS: usize = 600;
    let start = Instant::now();
    let budget = Budget::new(Rates { reads: 50.0, writes: 15.0 }, start);
    let mut due = std::collections::BTreeSet::from_iter((0..HOLDERS).map(|holder| (start, holder)));
    // Another reconcile comes when the reads are done and the calls with a scarce quota are not.
    let busy = start + Duration::from_secs(20);
    let mut stranger = None;
    let (mut reads, mut last) = (0, start);
    while let Some((now, holder)) = due.pop_first() {
        let count = CallCount::new(of(&holder.to_string()));
        let calls = [Operation::GetFunction, Operation::UpdateFunctionCode];
        let halt = calls.into_iter().find_map(|call| budget.take(call, &count, now).err());
        reads += count.made(Operation::GetFunction).load(Ordering::Relaxed);
        last = now;
        if now > busy && stranger.is_none() {
            stranger = Some(budget.take(Operation::GetFunction, &CallCount::new(of("stranger")), now));
        }
        due.extend(halt.map(|wait| (now + wait, holder)));
    }
    let took = (last - start).as_secs_f64();
    assert!(took < HOLDERS as f64 / WRITE_QUOTA * 1.1, "{took} s");
    assert!(reads as usize <= 2 * HOLDERS, "{reads} looks");
    assert_eq!(stranger, Some(Ok(())), "who only looks does not wait for those");
}

/// A new statement of a policy: its read and its write have different quotas of the same size.
#[test]
fn a_reserved_write_costs_no_second_read_of_the_policy() {
    const HOLDERS: usize = 300;
    let start = Instant::now();
    let budget = Budget::new(Rates { reads: 50.0, writes: 15.0 }, start);
    let calls = [Operation::GetPolicy, Operation::GetFunction, Operation::AddPermission];
    let run = |reserves: bool| {
        let (mut due, mut reads) = (std::collections::BTreeSet::from_iter((0..HOLDERS).map(|one| (start, one))), 0);
        while let Some((now, holder)) = due.pop_first() {
            let count = CallCount::new(of(&format!("{holder} {reserves}")));
            let halt = reserves.then(|| budget.reserve(&calls, &count, now).err()).flatten();
            let halt = halt.or_else(|| calls.into_iter().find_map(|call| budget.take(call, &count, now).err()));
            reads += count.made(Operation::GetPolicy).load(Ordering::Relaxed);
            due.extend(halt.map(|wait| (now + wait, holder)));
        }
        reads as usize
    };
    assert_eq!(run(true), HOLDERS);
    assert!(run(false) <= 2 * HOLDERS, "who could not know waits for the write before it reads again");
}

/// The write waits behind others. Meanwhile thousands of policies are to be read, as after a start of the operator.
#[test]
fn a_postponed_write_of_a_statement_does_not_wait_for_other_reads_of_policies() {
    let start = Instant::now();
    let budget = Budget::new(Rates { reads: 50.0, writes: 15.0 }, start);
    let crowd = |operation, size: usize| {
        let counts = (0..size).map(|one| CallCount::new(of(&format!("{one} {operation:?}"))));
        counts.filter(|count| budget.take(operation, count, start).is_err()).count()
    };
    let statement = |now| {
        let count = CallCount::new(of("statement"));
        let calls = [Operation::GetPolicy, Operation::AddPermission];
        calls.into_iter().find_map(|call| budget.take(call, &count, now).err())
    };
    assert!(crowd(Operation::CreateAlias, 150) > 100);
    let mut wait = statement(start);
    assert!(crowd(Operation::GetPolicy, 3000) > 2900);
    let mut now = start;
    while let Some(more) = wait {
        now += more;
        assert!(now < start + Duration::from_secs(15), "{:?} after {:?}", more, now - start);
        wait = statement(now);
    }
}

/// So many that each waits for its second read of the policy for longer than an unused reservation is kept.
#[test]
fn thousands_of_new_statements_finish_as_fast_as_the_quota_of_policies_allows() {
    const HOLDERS: usize = 3000;
    let start = Instant::now();
    let budget = Budget::new(Rates { reads: 15.0, writes: 15.0 }, start);
    let creation = [Operation::GetPolicy, Operation::GetFunction, Operation::AddPermission];
    let mut due = BTreeSet::from_iter((0..HOLDERS).map(|holder| (start, holder)));
    let mut written = [false; HOLDERS];
    let most = start + Duration::from_secs_f64(1.1 * 2.0 * HOLDERS as f64 / POLICY_QUOTA);
    while let Some((now, holder)) = due.pop_first() {
        assert!(
            now < most,
            "{} are still open, {} without their statement",
            due.len(),
            written.iter().filter(|done| !**done).count()
        );
        let count = CallCount::new(of(&holder.to_string()));
        let pass = if written[holder] { &creation[..1] } else { &creation };
        let reserved = if written[holder] { Ok(()) } else { budget.reserve(pass, &count, now) };
        let halt = reserved.err().or_else(|| pass.iter().find_map(|call| budget.take(*call, &count, now).err()));
        if halt.is_some() || !written[holder] {
            due.insert((now + halt.unwrap_or(TICK), holder));
        }
        written[holder] |= halt.is_none();
    }
}

/// Writes that are reserved while the reads before them wait in a long queue: they are sent at the rate of their own quota.
#[test]
fn writes_that_wait_for_their_reads_are_not_sent_all_at_once() {
    const LOOKS: usize = 6000;
    const NEW: usize = 600;
    let start = Instant::now();
    let budget = Budget::new(Rates { reads: 100.0, writes: 15.0 }, start);
    let mut due = BTreeSet::from_iter((0..LOOKS + NEW).map(|holder| (start, holder)));
    let mut seconds = BTreeMap::<u64, u32>::new();
    while let Some((now, holder)) = due.pop_first() {
        let count = CallCount::new(of(&holder.to_string()));
        let calls = [Operation::GetFunction, Operation::CreateFunction];
        let pass = if holder < LOOKS { &calls[..1] } else { &calls };
        let reserved = if holder < LOOKS { Ok(()) } else { budget.reserve(pass, &count, now) };
        match reserved.err().or_else(|| pass.iter().find_map(|call| budget.take(*call, &count, now).err())) {
            Some(wait) => drop(due.insert((now + wait, holder))),
            None if holder < LOOKS => {}
            None => *seconds.entry((now - start).as_secs()).or_default() += 1,
        }
    }
    assert_eq!(seconds.values().sum::<u32>() as usize, NEW);
    let most = seconds.values().max().copied().unwrap_or_default();
    assert!(f64::from(most) <= 1.6 * WRITE_QUOTA, "{most} in a second: {seconds:?}");
}

/// Twice as many calls as either quota alone allows.
#[test]
fn reads_of_policies_have_a_quota_of_their_own() {
    let start = Instant::now();
    let budget = Budget::new(Rates { reads: 50.0, writes: 15.0 }, start);
    let at_once = |operation| {
        let count = CallCount::new(of("a"));
        (0..100).take_while(|_| budget.take(operation, &count, start).is_ok()).count()
    };
    let [other, policies] = [Operation::GetAlias, Operation::GetPolicy].map(at_once);
    assert!(other > 0 && policies == other, "{other} and {policies}");
    budget.throttled(Operation::GetPolicy, start);
    let rates: Vec<_> = budget.state(start).iter().map(|(_, rate, ..)| *rate).collect();
    assert_eq!(rates, [50.0, 7.5, 15.0, 10.0], "a refusal of one slows no other down");
}

/// An account whose objects are reconciled by a simulated clock. AWS answers every call with 429 for a while.
struct Account {
    budget: Budget,
    /// When each object's next pass is due.
    due: BTreeSet<(Instant, usize)>,
    objects: Vec<Object>,
    /// The calls of a change of one object, in order.
    calls: &'static [Operation],
    /// Which calls AWS refuses.
    refuses: fn(Operation) -> bool,
    until: Throttled,
    /// When the last call was refused.
    ended: Option<Instant>,
}

#[derive(Clone, Default)]
struct Object {
    refused: u32,
    /// Calls that change something and were accepted.
    written: usize,
    ready: Option<Instant>,
}

/// How long AWS refuses.
enum Throttled {
    /// Until an object has met so many 429.
    Refusals(u32),
    Time(Instant),
}

const TICK: Duration = Duration::from_millis(40);

impl Account {
    fn new(objects: usize, (calls, refuses): Case, until: Throttled, start: Instant) -> Self {
        Self {
            budget: Budget::new(Rates { reads: 50.0, writes: 15.0 }, start),
            due: (0..objects).map(|object| (start, object)).collect(),
            objects: vec![Object::default(); objects],
            calls,
            refuses,
            until,
            ended: None,
        }
    }

    /// How long after the last 429 each object was ready, shortest first.
    fn recover(mut self) -> Vec<Duration> {
        while let Some((now, object)) = self.due.pop_first() {
            if let Some(again) = self.pass(object, now) {
                self.due.insert((again, object));
            }
        }
        let ended = self.ended.unwrap();
        let mut after: Vec<_> = self.objects.iter().map(|object| object.ready.unwrap() - ended).collect();
        after.sort();
        after
    }

    /// One pass; when the next is due.
    fn pass(&mut self, object: usize, mut now: Instant) -> Option<Instant> {
        let count = CallCount::new(of(&object.to_string()));
        let rest = self.calls[self.objects[object].written..].to_vec();
        if let Some(write) = rest.first()
            && let Err(wait) = self.budget.reserve(&[*write], &count, now)
        {
            return Some(now + wait);
        }
        for call in [Operation::GetFunction].iter().chain(&rest) {
            if let Err(wait) = self.budget.take(*call, &count, now) {
                return Some(now + wait);
            }
            now += TICK;
            if self.is_throttled(object, *call, now) {
                self.budget.throttled(*call, now);
                self.objects[object].refused += 1;
                let attempt = self.objects[object].refused - 1;
                return Some(now + Class::Throttled.pace().delay(attempt, 0.5));
            }
            if *call != Operation::GetFunction {
                self.objects[object].written += 1;
                return Some(now + Duration::from_secs(1));
            }
        }
        self.objects[object].ready = Some(now);
        None
    }

    fn is_throttled(&mut self, object: usize, call: Operation, now: Instant) -> bool {
        let throttled = (self.refuses)(call)
            && match self.until {
                Throttled::Refusals(most) => self.objects[object].refused < most,
                Throttled::Time(end) => now < end,
            };
        if throttled {
            self.ended = Some(now);
        }
        throttled
    }
}

/// The calls of a change, and which of them AWS refuses.
type Case = (&'static [Operation], fn(Operation) -> bool);

const CASES: [Case; 4] = [
    (&[Operation::CreateFunction], |_| true),
    (&[Operation::CreateFunction], |call| !call.is_read()),
    (&[Operation::UpdateFunctionConfiguration, Operation::UpdateFunctionCode], |_| true),
    (&[Operation::UpdateFunctionConfiguration, Operation::UpdateFunctionCode], |call| !call.is_read()),
];

#[test]
fn an_object_that_was_throttled_25_times_is_ready_within_20_seconds() {
    for case in CASES {
        let after = Account::new(1, case, Throttled::Refusals(25), Instant::now()).recover();
        assert!(after[0] < Duration::from_secs(20), "{:?}: {after:?}", case.0);
    }
}

#[test]
fn of_100_objects_99_are_ready_within_40_seconds_after_throttling_ends() {
    for case in CASES {
        for minutes in [1, 5, 30] {
            let start = Instant::now();
            let end = start + Duration::from_secs(60 * minutes);
            let after = Account::new(100, case, Throttled::Time(end), start).recover();
            assert!(after[98] < Duration::from_secs(40), "{:?} {minutes}: {:?} and {:?}", case.0, after[98], after[99]);
        }
    }
}

#[test]
fn the_rate_is_back_to_half_within_10_seconds_after_throttling_ends() {
    let start = Instant::now();
    for operation in [Operation::GetFunction, Operation::CreateFunction] {
        let budget = Budget::new(Rates { reads: 50.0, writes: 15.0 }, start);
        (0..120).for_each(|second| budget.throttled(operation, start + Duration::from_secs(second)));
        let later = start + Duration::from_secs(129);
        for (calls, rate, ..) in budget.state(later) {
            let quota = if calls == "GetFunction" { READ_QUOTA } else { WRITE_QUOTA };
            assert!(rate >= quota / 2.0, "{calls}: {rate}");
        }
    }
}

/// Objects of several namespaces that are created: a write is reserved, a look is spent, then the write, and two looks later it is done.
struct Crowd {
    budget: Budget,
    /// When the next pass of each object is due.
    due: BTreeSet<(Instant, usize)>,
    objects: Vec<Created>,
    passes: usize,
}

struct Created {
    namespace: String,
    asked: Instant,
    written: bool,
    looks: u32,
    done: Option<Instant>,
}

impl Crowd {
    /// Each namespace with so many objects, of which one is asked for each `every`.
    fn new(namespaces: &[(&str, usize, Duration)], start: Instant) -> Self {
        let mut objects = Vec::new();
        for (namespace, count, every) in namespaces {
            let asked = |number: usize| start + every.mul_f64(number as f64);
            let created = |number| Created {
                namespace: (*namespace).to_owned(),
                asked: asked(number),
                written: false,
                looks: 0,
                done: None,
            };
            objects.extend((0..*count).map(created));
        }
        let due = objects.iter().enumerate().map(|(number, object)| (object.asked, number)).collect();
        Self { budget: Budget::new(Rates { reads: 50.0, writes: 15.0 }, start), due, objects, passes: 0 }
    }

    /// How long the creations of a namespace took, shortest first.
    fn run(&mut self, namespace: &str) -> Vec<Duration> {
        while let Some((now, number)) = self.due.pop_first() {
            self.passes += 1;
            let again = self.pass(number, now);
            self.due.extend(again.map(|at| (at, number)));
        }
        let of = self.objects.iter().filter(|object| object.namespace == namespace);
        let mut took: Vec<_> = of.map(|object| object.done.unwrap() - object.asked).collect();
        took.sort();
        took
    }

    fn pass(&mut self, number: usize, now: Instant) -> Option<Instant> {
        let object = &mut self.objects[number];
        let count = CallCount::new(Holder { namespace: object.namespace.clone(), object: number.to_string() });
        let create = Operation::CreateFunction;
        if !object.written
            && let Err(wait) = self.budget.reserve(&[create], &count, now)
        {
            return Some(now + wait);
        }
        if let Err(wait) = self.budget.take(Operation::GetFunction, &count, now) {
            return Some(now + wait);
        }
        if !object.written {
            if let Err(wait) = self.budget.take(create, &count, now) {
                return Some(now + wait);
            }
            object.written = true;
            return Some(now + Duration::from_secs(1));
        }
        object.looks += 1;
        if object.looks < 2 {
            return Some(now + Duration::from_secs(1));
        }
        object.done = Some(now);
        None
    }
}

const SECOND: Duration = Duration::from_secs(1);

/// The 99th percentile.
fn p99(took: &[Duration]) -> Duration {
    took[took.len() * 99 / 100]
}

#[test]
fn ten_thousand_objects_of_a_namespace_delay_another_by_less_than_five_seconds() {
    let start = Instant::now();
    let alone = p99(&Crowd::new(&[("quiet", 100, 5 * SECOND)], start).run("quiet"));
    let all_at_once = [("noisy", 10_000, Duration::ZERO), ("quiet", 100, 5 * SECOND)];
    let mut crowd = Crowd::new(&all_at_once, start);
    let beside = p99(&crowd.run("quiet"));
    assert!(beside < alone + 5 * SECOND, "{beside:?}, and {alone:?} alone");
    let last = crowd.objects.iter().filter_map(|object| object.done).max().unwrap() - start;
    let floor = 10_100.0 / WRITE_QUOTA;
    assert!(last.as_secs_f64() < floor * 1.1, "{last:?}, and the quota allows {floor} s");
    assert!(crowd.passes < 10_100 * 8, "{} passes", crowd.passes);
}

#[test]
fn two_noisy_namespaces_and_one_that_never_rests_delay_another_by_less_than_five_seconds() {
    let start = Instant::now();
    let alone = p99(&Crowd::new(&[("quiet", 50, 5 * SECOND)], start).run("quiet"));
    let mut crowd = Crowd::new(
        &[
            ("noisy", 3000, Duration::ZERO),
            ("noisy as well", 3000, Duration::ZERO),
            // As much as the quota allows, for five minutes.
            ("restless", 4500, SECOND / 15),
            ("quiet", 50, 5 * SECOND),
        ],
        start,
    );
    let beside = p99(&crowd.run("quiet"));
    assert!(beside < alone + 5 * SECOND, "{beside:?}, and {alone:?} alone");
    let last = crowd.objects.iter().filter_map(|object| object.done).max().unwrap() - start;
    let floor = 10_550.0 / WRITE_QUOTA;
    assert!(last.as_secs_f64() < floor * 1.1, "{last:?}, and the quota allows {floor} s");
    assert!(crowd.passes < 10_550 * 20, "{} passes", crowd.passes);
}
