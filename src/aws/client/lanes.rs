//! Fairness between namespaces: a reconcile waits for tokens in the lane of its namespace, and the lanes take turns, call by call (start-time fair
//! queueing). Pure: no clock and no rate.

use std::collections::{HashMap, VecDeque};

/// A place in a lane.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Ticket {
    /// A unique number, which distinguishes it from other places of the same object.
    number: u64,
    /// The number of all calls that ever waited in the lane, up to and including those of this place.
    up_to: f64,
}

/// The lanes with waiting reconciles, and those that were served recently.
#[derive(Debug, Default)]
pub(super) struct Lanes {
    lanes: HashMap<String, Lane>,
    /// The virtual time, counted in calls: the start of the place that was served last. A new lane starts at this time, so it cannot claim turns from
    /// before.
    served_up_to: f64,
    next: u64,
}

#[derive(Debug)]
struct Lane {
    waiting: VecDeque<(Ticket, String, u32)>,
    /// Calls that wait.
    calls: f64,
    /// Calls that ever waited.
    ever: f64,
    /// The virtual time at which the last served place of this lane ends.
    end: f64,
    /// Its age: of two lanes with the same virtual time, the older one is first.
    number: u64,
}

impl Lane {
    fn start(&self, served_up_to: f64) -> f64 {
        self.end.max(served_up_to)
    }
}

impl Lanes {
    /// Appends a place to the lane of this namespace.
    pub(super) fn enqueue(&mut self, namespace: &str, object: &str, calls: u32) -> Ticket {
        let number = self.number();
        let lane = self.lane(namespace);
        lane.calls += f64::from(calls);
        lane.ever += f64::from(calls);
        let ticket = Ticket { number, up_to: lane.ever };
        lane.waiting.push_back((ticket, object.to_owned(), calls));
        ticket
    }

    /// Removes the next place, if it has at most this number of calls. Places behind a larger one do not overtake it.
    pub(super) fn next_within(&mut self, calls: f64) -> Option<(Ticket, String, u32)> {
        let served_up_to = self.served_up_to;
        let waiting = self.lanes.values_mut().filter(|lane| !lane.waiting.is_empty());
        let next = waiting.min_by(|one, other| {
            let starts = one.start(served_up_to).total_cmp(&other.start(served_up_to));
            starts.then(one.number.cmp(&other.number))
        })?;
        let place = next.waiting.pop_front_if(|(_, _, wanted)| f64::from(*wanted) <= calls)?;
        let (start, served) = (next.start(served_up_to), f64::from(place.2));
        next.end = start + served;
        next.calls -= served;
        self.served_up_to = start;
        self.forget();
        Some(place)
    }

    /// Counts calls of a namespace that were made without waiting.
    pub(super) fn charge(&mut self, namespace: &str, calls: u32) {
        // If no lane waits, the order does not matter.
        if self.is_idle() {
            return;
        }
        let served_up_to = self.served_up_to;
        let lane = self.lane(namespace);
        lane.end = lane.start(served_up_to) + f64::from(calls);
        self.forget();
    }

    /// The estimated number of calls until a place is served, its own calls included.
    pub(super) fn position(&self, namespace: &str, ticket: Ticket) -> f64 {
        let Some(own) = self.lanes.get(namespace) else { return 0.0 };
        let up_to = ticket.up_to - (own.ever - own.calls);
        let end = own.start(self.served_up_to) + up_to;
        let others = self.lanes.iter().filter(|(name, _)| name.as_str() != namespace);
        let before = others.map(|(_, lane)| (end - lane.start(self.served_up_to)).clamp(0.0, lane.calls));
        up_to + before.sum::<f64>()
    }

    /// Whether no place waits.
    pub(super) fn is_idle(&self) -> bool {
        self.lanes.values().all(|lane| lane.waiting.is_empty())
    }

    /// Calls that wait.
    pub(super) fn calls(&self) -> f64 {
        self.lanes.values().map(|lane| lane.calls).sum()
    }

    fn number(&mut self) -> u64 {
        self.next += 1;
        self.next
    }

    fn lane(&mut self, namespace: &str) -> &mut Lane {
        let number = self.number();
        let lane = || Lane { waiting: VecDeque::new(), calls: 0.0, ever: 0.0, end: 0.0, number };
        self.lanes.entry(namespace.to_owned()).or_insert_with(lane)
    }

    /// Removes lanes without waiting places whose virtual time the others have reached.
    fn forget(&mut self) {
        let served_up_to = self.served_up_to;
        self.lanes.retain(|_, lane| !lane.waiting.is_empty() || lane.end > served_up_to);
        if self.is_idle() {
            *self = Self { next: self.next, ..Self::default() };
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The objects in the order in which they are served.
    fn served(lanes: &mut Lanes) -> Vec<String> {
        std::iter::from_fn(|| lanes.next_within(100.0)).map(|(_, object, _)| object).collect()
    }

    fn with(places: &[(&str, &str, u32)]) -> Lanes {
        let mut lanes = Lanes::default();
        for (namespace, object, calls) in places {
            lanes.enqueue(namespace, object, *calls);
        }
        lanes
    }

    #[test]
    fn namespaces_take_turns_and_objects_of_one_stay_in_order() {
        let mut lanes =
            with(&[("a", "a1", 1), ("a", "a2", 1), ("a", "a3", 1), ("b", "b1", 1), ("b", "b2", 1), ("c", "c1", 1)]);
        assert_eq!(served(&mut lanes), ["a1", "b1", "c1", "a2", "b2", "a3"]);
        assert!(lanes.is_idle() && lanes.lanes.is_empty(), "nothing is kept");
    }

    #[test]
    fn a_place_of_several_calls_is_as_many_turns_and_is_not_overtaken_for_its_size() {
        let mut lanes = with(&[("a", "a3", 3), ("b", "b1", 1), ("b", "b2", 1), ("b", "b3", 1), ("b", "b4", 1)]);
        assert_eq!(lanes.next_within(2.0), None, "it is waited for until there is room for all of it");
        assert_eq!(served(&mut lanes), ["a3", "b1", "b2", "b3", "b4"]);
        let mut lanes = with(&[("a", "a1", 3), ("a", "a2", 3), ("b", "b1", 1), ("b", "b2", 1), ("b", "b3", 1)]);
        assert_eq!(served(&mut lanes), ["a1", "b1", "b2", "b3", "a2"]);
    }

    #[test]
    fn who_comes_late_has_no_arrears_and_who_comes_again_and_again_no_advantage() {
        let mut lanes = with(&[("a", "a1", 1), ("a", "a2", 1), ("a", "a3", 1), ("a", "a4", 1), ("a", "a5", 1)]);
        let mut order = Vec::new();
        for turn in 0..6 {
            // Never more than one at a time.
            if turn >= 2 {
                lanes.enqueue("b", &format!("b{turn}"), 1);
            }
            order.extend(lanes.next_within(1.0).map(|(_, object, _)| object));
        }
        assert_eq!(order, ["a1", "a2", "b2", "a3", "b3", "a4"]);
    }

    #[test]
    fn a_position_is_when_the_place_is_served() {
        let mut lanes = Lanes::default();
        let mut tickets = Vec::new();
        for (namespace, object) in
            [("a", "a1"), ("a", "a2"), ("a", "a3"), ("b", "b1"), ("a", "a4"), ("c", "c1"), ("c", "c2")]
        {
            tickets.push((namespace, object, lanes.enqueue(namespace, object, 1)));
        }
        let said = tickets.iter().map(|(namespace, object, ticket)| (lanes.position(namespace, *ticket), *object));
        let said: Vec<_> = said.collect();
        for (turn, object) in (1..).zip(served(&mut lanes)) {
            let (position, _) = said.iter().find(|(_, one)| *one == object).unwrap();
            // Of lanes that are equally far each counts the others.
            assert!((f64::from(turn)..=f64::from(turn) + 2.0).contains(position), "{object}: {position}, {turn}");
        }
    }
}
