//! Limits the concurrent reconciles of a kind. No namespace can use all workers, and the namespaces take turns at free workers. Nothing blocks here:
//! an object without a worker is queued, and woken when a worker is free for it.

use std::collections::{HashMap, HashSet, VecDeque};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use futures::channel::mpsc::{UnboundedReceiver, UnboundedSender, unbounded};
use futures::stream::BoxStream;
use futures::{Stream, StreamExt};
use kube::runtime::reflector::ObjectRef;

use super::instrument::queue::Key;
use super::managed::Managed;
use super::watch::cached::CachedObject;

/// Time for which a worker is reserved for a woken object. An object that does not ask for it by then no longer exists.
const KEPT: Duration = Duration::from_secs(10);

/// The workers of one kind.
pub(super) struct Workers {
    all: u32,
    state: Mutex<State>,
    scopes: Mutex<Vec<Scope>>,
}

/// The channel that wakes the objects of one namespace, or of all namespaces.
struct Scope {
    namespace: Option<String>,
    wake: UnboundedSender<Key>,
}

/// A worker; it is free again when this is dropped.
pub(super) struct Worker<'a> {
    workers: &'a Workers,
    namespace: String,
}

impl Workers {
    /// Time after which an object asks again by itself, in case its wake-up was lost.
    pub(super) const AGAIN: Duration = Duration::from_secs(30);

    /// Creates the workers: `of_one_namespace` for a namespace that is alone, and half as many in addition for other namespaces.
    pub(super) fn new(of_one_namespace: u16) -> Self {
        let all = u32::from(of_one_namespace) + u32::from(of_one_namespace) / 2;
        Self { all, state: Mutex::new(State::new(all)), scopes: Mutex::default() }
    }

    /// The number of workers of all namespaces together.
    pub(super) const fn all(&self) -> u32 {
        self.all
    }

    /// Takes a worker, or adds the object to the queue of its namespace.
    pub(super) fn enter(&self, key: &Key, now: Instant) -> Option<Worker<'_>> {
        let (entered, woken) = self.state().enter(key, now);
        self.wake(woken);
        entered.then(|| Worker { workers: self, namespace: key.namespace.clone() })
    }

    /// Removes an object that no longer exists.
    pub(super) fn forget(&self, key: &Key) {
        let woken = self.state().forget(key, Instant::now());
        self.wake(woken);
    }

    /// A stream of the objects in a scope for which a worker is free.
    pub(super) fn turns<K: Managed>(
        &self,
        namespace: Option<String>,
    ) -> BoxStream<'static, ObjectRef<CachedObject<K>>> {
        let woken = self.listen(namespace);
        woken.map(|Key { namespace, name }| ObjectRef::new(&name).within(&namespace)).boxed()
    }

    fn listen(&self, namespace: Option<String>) -> impl Stream<Item = Key> + Send + use<> {
        let (wake, woken): (_, UnboundedReceiver<Key>) = unbounded();
        self.scopes.lock().unwrap_or_else(PoisonError::into_inner).push(Scope { namespace, wake });
        woken
    }

    fn wake(&self, keys: Vec<Key>) {
        let scopes = self.scopes.lock().unwrap_or_else(PoisonError::into_inner);
        for key in keys {
            let within = |scope: &&Scope| scope.namespace.as_ref().is_none_or(|one| *one == key.namespace);
            if let Some(scope) = scopes.iter().find(within) {
                // If the receiver is closed, its controller has ended.
                let _ = scope.wake.unbounded_send(key);
            }
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Worker<'_> {
    fn drop(&mut self) {
        let woken = self.workers.state().leave(&self.namespace, Instant::now());
        self.workers.wake(woken);
    }
}

/// The workers in use, the woken objects, and the queues.
struct State {
    count: usize,
    /// Workers in use, by namespace. They include the workers that are reserved for woken objects.
    taken: HashMap<String, usize>,
    woken: HashMap<Key, Instant>,
    /// The queue of each namespace, in the order of their turns.
    lines: VecDeque<(String, VecDeque<Key>)>,
    waiting: HashSet<Key>,
}

impl State {
    fn new(count: u32) -> Self {
        Self {
            count: usize::try_from(count).unwrap_or(usize::MAX),
            taken: HashMap::new(),
            woken: HashMap::new(),
            lines: VecDeque::new(),
            waiting: HashSet::new(),
        }
    }

    /// Whether the object gets a worker now, and the objects to wake.
    fn enter(&mut self, key: &Key, now: Instant) -> (bool, Vec<Key>) {
        if self.woken.remove(key).is_some() {
            return (true, Vec::new());
        }
        let lost = self.give_up_lost(now);
        let begins =
            !self.waiting.contains(key) && self.line(&key.namespace).is_none() && self.has_room(&key.namespace);
        if begins {
            self.take(&key.namespace);
        } else if self.waiting.insert(key.clone()) {
            match self.line(&key.namespace) {
                Some(line) => line.push_back(key.clone()),
                None => self.lines.push_back((key.namespace.clone(), [key.clone()].into())),
            }
        }
        (begins, if lost { self.next(now) } else { Vec::new() })
    }

    /// Frees the worker of a reconcile that has ended.
    fn leave(&mut self, namespace: &str, now: Instant) -> Vec<Key> {
        if let Some(taken) = self.taken.get_mut(namespace) {
            *taken = taken.saturating_sub(1);
        }
        self.taken.retain(|_, taken| *taken > 0);
        self.give_up_lost(now);
        self.next(now)
    }

    fn forget(&mut self, key: &Key, now: Instant) -> Vec<Key> {
        match self.woken.remove(key) {
            Some(_) => self.leave(&key.namespace, now),
            None => Vec::new(),
        }
    }

    /// Frees the workers that are reserved for objects that no longer exist.
    fn give_up_lost(&mut self, now: Instant) -> bool {
        let is_lost = |since: &Instant| now.saturating_duration_since(*since) >= KEPT;
        let lost: Vec<_> = self.woken.iter().filter(|(_, since)| is_lost(since)).map(|(key, _)| key.clone()).collect();
        for key in &lost {
            self.woken.remove(key);
            if let Some(taken) = self.taken.get_mut(&key.namespace) {
                *taken = taken.saturating_sub(1);
            }
        }
        !lost.is_empty()
    }

    /// Assigns free workers to waiting objects, one namespace after the other.
    fn next(&mut self, now: Instant) -> Vec<Key> {
        let mut woken = Vec::new();
        while let Some(at) = self.lines.iter().position(|(namespace, _)| self.has_room(namespace)) {
            let Some((namespace, mut line)) = self.lines.remove(at) else { break };
            if let Some(key) = line.pop_front() {
                self.waiting.remove(&key);
                self.take(&namespace);
                self.woken.insert(key.clone(), now);
                woken.push(key);
            }
            if !line.is_empty() {
                self.lines.push_back((namespace, line));
            }
        }
        woken
    }

    /// A namespace can use at most twice as many workers as are free for others. A namespace that is alone can use two thirds of all workers, so
    /// another namespace gets one at once, or the next one that is free.
    fn has_room(&self, namespace: &str) -> bool {
        let free = self.count.saturating_sub(self.taken.values().sum());
        self.taken.get(namespace).copied().unwrap_or_default() + 2 <= 2 * free
    }

    fn take(&mut self, namespace: &str) {
        *self.taken.entry(namespace.to_owned()).or_default() += 1;
    }

    fn line(&mut self, namespace: &str) -> Option<&mut VecDeque<Key>> {
        self.lines.iter_mut().find(|(one, _)| one == namespace).map(|(_, line)| line)
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;
    use std::sync::Arc;

    use prometheus_client::encoding::text::encode;
    use prometheus_client::registry::Registry;

    use super::*;
    use crate::controller::instrument::metrics::ControllerMetrics;

    fn key(namespace: &str, number: usize) -> Key {
        Key { namespace: namespace.into(), name: number.to_string() }
    }

    #[test]
    fn no_namespace_holds_all_workers() {
        for (count, alone) in [(1, 1), (2, 2), (3, 3), (16, 16), (32, 32)] {
            let (workers, now) = (Workers::new(count), Instant::now());
            let of =
                |namespace: &str| (0..40).filter_map(|n| workers.enter(&key(namespace, n), now)).collect::<Vec<_>>();
            let noisy = of("noisy");
            assert_eq!(noisy.len(), alone, "of {count}");
            let others: Vec<_> = ["b", "c"].into_iter().map(of).collect();
            assert_eq!(others.iter().any(|other| !other.is_empty()), count > 1);
        }
    }

    #[test]
    fn the_metric_counts_the_workers_of_all_namespaces() {
        for (of_one_namespace, of_all) in [(1, 1), (2, 3), (3, 4), (16, 24), (u16::MAX, 98_302)] {
            let (workers, now) = (Workers::new(of_one_namespace), Instant::now());
            let metrics = Arc::new(ControllerMetrics::default());
            let _kind = metrics.of_kind("lambdafunction", workers.all());
            let mut registry = Registry::default();
            metrics.register(&mut registry);
            let mut text = String::new();
            encode(&mut text, &registry).unwrap();
            let line =
                format!("controller_runtime_max_concurrent_reconciles{{controller=\"lambdafunction\"}} {of_all}.0\n");
            assert!(text.contains(&line), "{line} is not in\n{text}");
            let each = (0..100).map(|namespace| workers.enter(&key(&namespace.to_string(), 0), now));
            let running = each.flatten().collect::<Vec<_>>().len();
            assert_eq!(running, usize::try_from(of_all).unwrap().min(100), "one object in each of 100 namespaces");
        }
    }

    #[test]
    fn who_waits_is_woken_in_order_and_namespaces_take_turns() {
        let (workers, now) = (Workers::new(1), Instant::now());
        let mut woken = Box::pin(workers.listen(None));
        let mut worker = workers.enter(&key("a", 0), now);
        for waiting in [key("a", 1), key("a", 2), key("a", 1), key("b", 1), key("a", 3), key("b", 2)] {
            assert!(workers.enter(&waiting, now).is_none());
        }
        let mut order = Vec::new();
        loop {
            drop(worker.take());
            let Some(Some(next)) = futures::FutureExt::now_or_never(woken.next()) else { break };
            worker = workers.enter(&next, now);
            assert!(worker.is_some(), "the worker is kept for it");
            order.push(next);
        }
        assert_eq!(order, [key("a", 1), key("b", 1), key("a", 2), key("b", 2), key("a", 3)]);
    }

    #[test]
    fn a_worker_is_not_kept_for_an_object_that_does_not_come() {
        let (mut state, now) = (State::new(1), Instant::now());
        assert!(state.enter(&key("a", 0), now).0);
        for waiting in [key("a", 1), key("a", 2), key("a", 3)] {
            assert!(!state.enter(&waiting, now).0);
        }
        assert_eq!(state.leave("a", now), [key("a", 1)]);
        assert_eq!(state.forget(&key("a", 1), now), [key("a", 2)], "it is gone");
        let (entered, woken) = state.enter(&key("a", 4), now + KEPT);
        assert_eq!((entered, woken), (false, vec![key("a", 3)]), "and nobody says what became of this one");
        assert!(state.enter(&key("a", 3), now + KEPT).0);
    }

    #[test]
    fn an_object_of_another_namespace_runs_at_once_beside_ten_thousand() {
        const PASS: Duration = Duration::from_millis(100);
        let (mut state, start) = (State::new(16), Instant::now());
        let (mut running, mut waits) = (VecDeque::new(), Vec::new());
        let mut due: BTreeSet<_> = (0..10_000).map(|number| (start, key("noisy", number).name, "noisy")).collect();
        due.extend((0..100).map(|n| (start + 37 * PASS * n / 10, n.to_string(), "quiet")));
        let asked: HashMap<_, _> =
            due.iter().filter(|(.., one)| *one == "quiet").map(|(at, n, _)| (n.clone(), *at)).collect();
        while let Some((now, name, namespace)) = due.pop_first() {
            while running.front().is_some_and(|(ends, _)| *ends <= now) {
                let Some((ends, namespace)) = running.pop_front() else { break };
                let woken = state.leave(namespace, ends);
                due.extend(woken.into_iter().map(|key| {
                    let namespace = if key.namespace == "noisy" { "noisy" } else { "quiet" };
                    (now, key.name, namespace)
                }));
            }
            let begins =
                namespace != "nobody" && state.enter(&Key { namespace: namespace.into(), name: name.clone() }, now).0;
            if begins {
                running.push_back((now + PASS, namespace));
                if namespace == "quiet" {
                    waits.push(now - asked[&name]);
                }
            }
            if let (true, Some((ends, _))) = (due.is_empty(), running.front()) {
                due.insert((*ends, "tick".into(), "nobody"));
            }
        }
        assert_eq!(waits.len(), 100);
        assert!(waits.iter().max().unwrap() <= &(2 * PASS), "{:?}", waits.iter().max());
    }
}
