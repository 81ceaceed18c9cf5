//! A list of resources of one account and region that stands for reads of each of them, where it takes fewer calls.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use super::Identity;
use super::idle::Idle;
use crate::core::target::Target;

/// The most pages of a list. A longer one would be old before its end.
const MOST_PAGES: usize = 20;

/// The time without a check after which a resource is forgotten, in ages of a list: two drift intervals.
const KEPT: u32 = 20;

/// The identity that reads, the account and the region.
type Key = (Identity, String, String);

/// The lists, by who sees them and where.
pub(super) struct Sweeps<V>(Mutex<Idle<Key, Shared<V>>>);

/// A list that one reconcile makes and others use.
pub(in crate::aws) type Shared<V> = Arc<tokio::sync::Mutex<Sweep<V>>>;

impl<V> Default for Sweeps<V> {
    fn default() -> Self {
        Self(Mutex::default())
    }
}

impl<V> Sweeps<V> {
    /// The list of this identity where the target is.
    pub(super) fn of(&self, identity: &Identity, target: &Target) -> Shared<V> {
        let key = (identity.clone(), target.account.clone(), target.region.clone());
        let mut sweeps = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        sweeps.get_or_insert(&key, Instant::now(), Shared::default)
    }
}

/// The last list, and what is checked by it.
pub(in crate::aws) struct Sweep<V> {
    /// The time at which it began.
    began: Option<Instant>,
    /// The age up to which it is used by anybody.
    age: Duration,
    /// The pages that it had, or at least has.
    pages: usize,
    /// The checks that the last list has answered.
    used: usize,
    /// The reads for which the next list stands: as many as the last one, or as were checked just now.
    reads: usize,
    /// The resources that are checked, as it showed them. Each is used once.
    shown: HashMap<String, V>,
    /// The ids of the resources that are checked, each with the time of its last check and the age up to which a list is used for it.
    checked: HashMap<String, (Instant, Duration)>,
    /// The list of which a page was put off.
    put_off: Option<Listing<V>>,
}

/// A list while it is made, page by page.
pub(in crate::aws) struct Listing<V> {
    /// The time at which it began.
    began: Instant,
    /// The age up to which whoever began it uses it.
    age: Duration,
    /// The reads for which it stands.
    reads: usize,
    /// The pages so far.
    pub(in crate::aws) pages: usize,
    /// What they have shown.
    pub(in crate::aws) shown: Vec<(String, V)>,
    /// The place of the next page; `None` before the first.
    pub(in crate::aws) marker: Option<String>,
}

impl<V> Default for Sweep<V> {
    fn default() -> Self {
        Self {
            began: None,
            age: Duration::ZERO,
            pages: 1,
            used: 0,
            reads: 0,
            shown: HashMap::new(),
            checked: HashMap::new(),
            put_off: None,
        }
    }
}

/// The way to read one resource.
#[derive(Debug, PartialEq, Eq)]
pub(in crate::aws) enum Way<V> {
    /// A list that began then has shown it.
    Shown(V, Instant),
    /// A list takes fewer calls than the reads that it stands for.
    List,
    /// By a call of its own.
    Read,
}

impl<V> Sweep<V> {
    /// The way to check the resource with this id. For it, a list is used up to this age.
    pub(in crate::aws) fn way(&mut self, id: &str, age: Duration, now: Instant) -> Way<V> {
        self.checked.insert(id.to_owned(), (now, age));
        let since = |then: Instant| now.saturating_duration_since(then);
        if let Some(began) = self.began.filter(|began| since(*began) < age) {
            let Some(shown) = self.shown.remove(id) else { return Way::Read };
            (self.used, self.age) = (self.used + 1, self.age.max(age));
            return Way::Shown(shown, began);
        }
        // Others with longer intervals still use the list, so another one would stand only for reads as frequent as this.
        let is_used = self.began.is_some_and(|began| since(began) < self.age);
        let alike = || self.checked.values().filter(|(checked, other)| since(*checked) < age && *other <= age).count();
        if is_used && alike() <= self.pages {
            return Way::Read;
        }
        // Others go on with a list that is too old for this read.
        if self.put_off.as_ref().is_some_and(|listing| (age..listing.age).contains(&since(listing.began))) {
            return Way::Read;
        }
        let recent = self.checked.values().filter(|(checked, _)| since(*checked) < age).count();
        self.reads = recent.max(self.used);
        if self.reads > self.pages { Way::List } else { Way::Read }
    }

    /// The resource is read by a call of its own, which is newer than the list, and than the pages of one that was put off.
    pub(in crate::aws) fn forget(&mut self, id: &str) {
        self.shown.remove(id);
        if let Some(listing) = &mut self.put_off {
            listing.shown.retain(|(shown, _)| shown != id);
        }
    }

    /// The list of which a page was put off, if it is still new enough to be used up to this age; otherwise one that begins now. Without this, reconciles
    /// that wait for tokens at the same time would each ask for the first page.
    pub(in crate::aws) fn begin(&mut self, age: Duration, now: Instant) -> Listing<V> {
        let put_off = self.put_off.take().filter(|listing| now.saturating_duration_since(listing.began) < age);
        let reads = self.reads;
        let listing =
            put_off.unwrap_or_else(|| Listing { began: now, age, reads, pages: 0, shown: Vec::new(), marker: None });
        self.reads = listing.reads.max(self.reads);
        listing
    }

    /// A page of the list is missing, because there was no token or AWS did not answer. Whoever makes a list next asks for it.
    pub(in crate::aws) fn put_off(&mut self, listing: Listing<V>) {
        // Without a page there is nothing to keep, and the next list begins later.
        self.put_off = Some(listing).filter(|listing| listing.pages > 0);
    }

    /// Whether a list that has had so many pages, and has more, still takes fewer calls. Otherwise its length is remembered.
    pub(in crate::aws) fn goes_on(&mut self, pages: usize) -> bool {
        let worth = pages < MOST_PAGES && pages + 1 < self.reads;
        if !worth {
            self.pages = if pages < MOST_PAGES { pages + 1 } else { usize::MAX };
        }
        worth
    }

    /// Keeps what a whole list has shown of the resources that are checked. It is used up to this age.
    pub(in crate::aws) fn listed(&mut self, Listing { began, pages, shown, .. }: Listing<V>, age: Duration) {
        self.checked.retain(|_, (checked, age)| began.saturating_duration_since(*checked) < *age * KEPT);
        self.shown = shown.into_iter().filter(|(id, _)| self.checked.contains_key(id)).collect();
        (self.began, self.age, self.pages, self.used) = (Some(began), age, pages, 0);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const AGE: Duration = Duration::from_secs(60);
    const INTERVAL: Duration = Duration::from_secs(600);

    fn list(sweep: &mut Sweep<u32>, age: Duration, now: Instant, pages: usize, ids: &[impl ToString]) {
        let shown = ids.iter().zip(0..).map(|(id, number)| (id.to_string(), number)).collect();
        let listing = Listing { pages, shown, ..sweep.begin(age, now) };
        sweep.listed(listing, age);
    }

    fn listed(sweep: &mut Sweep<u32>, began: Instant, pages: usize, ids: &[&str]) {
        list(sweep, AGE, began, pages, ids);
    }

    #[test]
    fn one_list_stands_for_the_reads_of_all_that_are_checked() {
        let (mut sweep, start) = (Sweep::default(), Instant::now());
        assert_eq!(sweep.way("a", AGE, start), Way::Read, "one read is no more than one list");
        assert_eq!(sweep.way("b", AGE, start), Way::List);
        listed(&mut sweep, start, 1, &["a", "b", "c"]);
        assert_eq!(sweep.way("b", AGE, start), Way::Shown(1, start));
        assert_eq!(sweep.way("b", AGE, start), Way::Read, "each is used once");
        assert_eq!(sweep.way("c", AGE, start), Way::Read, "nobody had asked for it");
        sweep.forget("a");
        assert_eq!(sweep.way("a", AGE, start), Way::Read, "its own read is newer");
        assert_eq!(sweep.way("c", AGE / 2, start + AGE / 2), Way::Read, "old for it, and others still use the list");
        let next = start + AGE;
        for id in ["a", "b"] {
            sweep.way(id, AGE, next);
        }
        listed(&mut sweep, next, 1, &["a", "b", "c"]);
        assert_eq!(sweep.way("c", AGE, next), Way::Shown(2, next));
        assert_eq!(sweep.way("d", AGE, next), Way::Read, "what a list lacks is asked for");
    }

    #[test]
    fn a_list_is_not_made_where_it_takes_more_calls() {
        let (mut sweep, start) = (Sweep::<u32>::default(), Instant::now());
        for id in ["a", "b", "c"] {
            sweep.way(id, AGE, start);
        }
        assert!(sweep.goes_on(1) && !sweep.goes_on(2), "three pages for three resources");
        assert_eq!(sweep.way("a", AGE, start), Way::Read);
        assert_eq!(sweep.way("d", AGE, start), Way::List, "there are more of them now");
        for id in 0..100 {
            sweep.way(&id.to_string(), AGE, start);
        }
        assert!(sweep.goes_on(MOST_PAGES - 1) && !sweep.goes_on(MOST_PAGES));
        assert_eq!(sweep.way("e", AGE, start), Way::Read, "too long");
    }

    #[test]
    fn a_list_goes_on_at_the_page_that_was_put_off() {
        let (mut sweep, start) = (Sweep::<u32>::default(), Instant::now());
        let first = |began| {
            let shown = ["a", "b"].map(|id| (id.to_owned(), 0)).to_vec();
            Listing { began, age: AGE, reads: 300, pages: 1, shown, marker: Some("2".to_owned()) }
        };
        sweep.put_off(first(start));
        sweep.checked = (0..9).map(|id| (id.to_string(), (start, AGE))).collect();
        assert_eq!(sweep.way("often", AGE / 10, start + AGE / 2), Way::Read, "others go on with it");
        sweep.forget("a");
        let next = sweep.begin(AGE, start + AGE / 2);
        assert_eq!((next.began, next.pages, next.marker.as_deref()), (start, 1, Some("2")));
        assert_eq!(next.shown, [("b".to_owned(), 0)], "a read of its own is newer");
        assert!(sweep.goes_on(100.min(MOST_PAGES - 1)), "it stands for as many reads as when it began");
        let anew = sweep.begin(AGE, start + AGE / 2);
        assert_eq!((anew.began, anew.pages, anew.marker), (start + AGE / 2, 0, None), "one reconcile goes on with it");
        sweep.put_off(first(start));
        assert_eq!(sweep.begin(AGE, start + AGE).pages, 0, "its first page is too old");
        sweep.put_off(Listing { pages: 0, ..first(start) });
        assert_eq!(sweep.begin(AGE, start + AGE / 2).began, start + AGE / 2, "no page of it was there");
    }

    #[test]
    fn resources_that_are_no_longer_checked_are_forgotten() {
        let (mut sweep, start) = (Sweep::<u32>::default(), Instant::now());
        for round in 0..3u32 {
            let now = start + INTERVAL * round;
            for id in 0..100 {
                sweep.way(&format!("{round}-{id}"), AGE, now);
            }
            listed(&mut sweep, now, 1, &[]);
        }
        assert_eq!(sweep.checked.len(), 200, "those of this round and of the one before");
    }

    /// The calls and checks of so many resources with each interval, spread over the interval as those of objects that were created one after the
    /// other, in three of the longest intervals. At first nobody knows what will be checked, so two intervals before them are not counted.
    fn calls_and_checks(populations: &[(u32, Duration)]) -> [f64; 2] {
        let ids =
            populations.iter().enumerate().flat_map(|(of, (count, _))| (0..*count).map(move |id| format!("{of}-{id}")));
        let ids: Vec<_> = ids.collect();
        let longest = populations.iter().map(|(_, interval)| *interval).max().unwrap();
        let mut checks = Vec::new();
        for (of, (count, interval)) in populations.iter().enumerate() {
            for number in 0..u32::try_from(5 * longest.as_secs() / interval.as_secs()).unwrap() * count {
                checks.push((*interval * number / *count, format!("{of}-{}", number % count), *interval / 10));
            }
        }
        checks.sort();
        let (mut sweep, start, pages) = (Sweep::<u32>::default(), Instant::now(), ids.len().div_ceil(100));
        let [mut calls, mut counted] = [0usize; 2];
        for (at, id, age) in checks {
            let sent = match sweep.way(&id, age, start + at) {
                Way::Shown(..) => 0,
                Way::Read => 1,
                Way::List => {
                    list(&mut sweep, age, start + at, pages, &ids);
                    pages
                }
            };
            if at >= 2 * longest {
                (calls, counted) = (calls + sent, counted + 1);
            }
        }
        [calls as f64, counted as f64]
    }

    #[test]
    fn a_quarter_of_the_checks_at_most_are_calls_however_many_resources_there_are() {
        for resources in [50, 200, 1000] {
            let [calls, checks] = calls_and_checks(&[(resources, INTERVAL)]);
            assert!(calls <= 0.25 * checks, "{calls} calls for {checks} checks of {resources}");
        }
    }

    #[test]
    fn a_resource_that_is_checked_often_costs_no_calls_for_others() {
        for resources in [50, 200, 1000] {
            let [alone, _] = calls_and_checks(&[(resources, INTERVAL)]);
            let [calls, _] = calls_and_checks(&[(resources, INTERVAL), (1, INTERVAL / 10)]);
            assert!(calls <= alone + 33.0, "{calls} calls for {resources} and 30 more checks, and {alone} alone");
        }
    }

    #[test]
    fn many_resources_that_are_checked_often_share_a_list_beside_others() {
        for (often, others) in [(500, 500), (300, 100), (500, 20)] {
            let [calls, checks] = calls_and_checks(&[(often, INTERVAL / 10), (others, INTERVAL)]);
            assert!(calls <= 0.25 * checks, "{calls} calls for {checks} checks of {often} and {others}");
        }
    }
}
