//! Objects of one function take turns, and namespaces share them.

use super::queue::{FORGOTTEN, MOST_OF_ONE};
use super::*;

fn function(name: &str) -> Target {
    Target { account: "1".into(), region: "r".into(), name: name.into() }
}

const fn of<'a>(namespace: &'a str, uid: &'a str) -> Asking<'a> {
    Asking { namespace, uid, yields: false }
}

#[test]
fn objects_of_one_function_take_turns_in_order() {
    let (turns, now) = (Turns::default(), Instant::now());
    let take = |name: &str, uid: &str| turns.take(&function(name), of("n", uid), now);
    let one = take("f", "one");
    assert!(one.is_ok());
    assert!(take("g", "other").is_ok(), "another function");
    assert_eq!(take("f", "two").err(), Some(AGAIN));
    assert_eq!(take("f", "three").err(), Some(AGAIN));
    drop(one);
    assert_eq!(take("f", "three").err(), Some(AGAIN), "two is next");
    let two = take("f", "two");
    assert!(two.is_ok());
    drop(two);
    assert!(take("f", "three").is_ok());
    assert!(turns.lines().is_empty(), "nothing is kept");
}

#[test]
fn an_object_that_went_away_holds_nobody_up() {
    let (turns, now) = (Turns::default(), Instant::now());
    let one = turns.take(&function("f"), of("n", "one"), now);
    assert!(turns.take(&function("f"), of("n", "gone"), now).is_err());
    drop(one);
    assert!(turns.take(&function("f"), of("n", "two"), now).is_err());
    assert!(turns.take(&function("f"), of("n", "two"), now + FORGOTTEN).is_ok());
}

/// The turns that these objects begin between the owner's first request and its turn. All of them ask again and again, before the owner each time.
fn waited(foreign: &[Asking<'_>], first: Option<Asking<'_>>) -> usize {
    let (turns, start, victim) = (Turns::default(), Instant::now(), function("victim"));
    let mut held = first.map(|first| turns.take(&victim, first, start).expect("the turn is free"));
    let mut had = 0;
    for round in 0..1000_u32 {
        let now = start + AGAIN * round;
        let taken: Vec<_> = foreign.iter().filter_map(|asking| turns.take(&victim, *asking, now).ok()).collect();
        assert!(taken.len() <= 1, "one turn at a time");
        had += if round == 0 { 0 } else { taken.len() };
        let owner = turns.take(&victim, of("owner", "owner"), now);
        if owner.is_ok() {
            return had;
        }
        // Each turn lasts for one round.
        held = taken.into_iter().next();
    }
    drop(held);
    panic!("the owner never had a turn");
}

#[test]
fn many_objects_of_a_foreign_namespace_cost_the_owner_one_turn() {
    let uids: Vec<_> = (0..150).map(|number| format!("foreign-{number}")).collect();
    let foreign: Vec<_> = uids.iter().map(|uid| of("foreign", uid)).collect();
    assert!(waited(&foreign[1..], Some(foreign[0])) <= 1, "a foreign object has its turn");
    assert!(waited(&foreign, Some(of("owner", "other"))) <= 1, "an object of the owner has its turn");
    assert!(waited(&foreign, None) <= 1);
    let spread: Vec<_> = uids.iter().zip(["a", "b", "c"].iter().cycle()).map(|(uid, name)| of(name, uid)).collect();
    assert!(waited(&spread, None) <= 3, "each of three namespaces has one turn at most");
}

#[test]
fn whoever_may_not_have_the_function_goes_last() {
    let uids: Vec<_> = (0..150).map(|number| format!("foreign-{number}")).collect();
    let refused: Vec<_> = uids.iter().map(|uid| Asking { yields: true, ..of(uid, uid) }).collect();
    assert_eq!(waited(&refused, Some(of("owner", "other"))), 0, "though each has a namespace of its own");
    let (turns, now) = (Turns::default(), Instant::now());
    let take = |asking| turns.take(&function("f"), asking, now);
    let holder = take(of("n", "holder"));
    assert!(take(refused[0]).is_err());
    assert!(take(of("n", "owner")).is_err());
    drop(holder);
    assert!(take(refused[0]).is_err());
    drop(take(of("n", "owner")).expect("the owner's turn"));
    assert!(take(refused[0]).is_ok(), "it has its turn when nobody else waits");
    assert!(turns.lines().is_empty(), "nothing is kept");
}

#[test]
fn an_object_that_was_refused_has_its_place_once_it_is_edited() {
    let (turns, now) = (Turns::default(), Instant::now());
    let take = |asking| turns.take(&function("f"), asking, now);
    let holder = take(of("n", "holder"));
    let (refused, edited) = (Asking { yields: true, ..of("m", "one") }, of("m", "one"));
    assert!(take(refused).is_err() && take(edited).is_err() && take(of("l", "two")).is_err());
    drop(holder);
    assert!(take(of("l", "two")).is_err(), "the edited object waits no longer as one that yields");
    assert!(take(edited).is_ok());
    assert!(!turns.lines().is_empty(), "another waits");

    let holder = turns.take(&function("g"), of("n", "holder"), now);
    let take = |asking| turns.take(&function("g"), asking, now);
    assert!(take(edited).is_err() && take(refused).is_err() && take(of("l", "two")).is_err());
    drop(holder);
    assert!(take(of("l", "two")).is_ok(), "an object that is refused now has no place before others");
}

#[test]
fn a_queue_is_bounded_however_many_objects_of_a_namespace_wait() {
    let (turns, now) = (Turns::default(), Instant::now());
    let holder = turns.take(&function("f"), of("n", "holder"), now);
    for number in 0..10_000 {
        assert!(turns.take(&function("f"), of("n", &number.to_string()), now).is_err());
    }
    assert_eq!(turns.lines().values().map(|line| line.waiting.len()).sum::<usize>(), MOST_OF_ONE);
    drop(holder);
    let later = now + FORGOTTEN;
    assert!(turns.take(&function("f"), of("n", "9999"), later).is_ok(), "a place is free again");
    assert!(turns.lines().is_empty(), "nothing is kept");
}
