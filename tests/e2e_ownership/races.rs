//! Two who want one function at the same moment, the moment forced: one gets it, the other does no harm and waits its turn.
//! Two operators race in AWS. Two objects of one operator do not: writes to one function are serial, so the second looks after the first has written.

use std::time::Duration;

use serde_json::json;

use crate::hold::{Hold, call, written};
use crate::rival::{Arena, Between, Rival, foreign, owner, untouched};
use support::world::{World, spec};

const ROUNDS: usize = 3;

/// With a check each second; by default it is some minutes.
const SOON: Duration = Duration::from_secs(20);

/// What must hold after any race, however it went.
async fn ends_well(arena: &Arena, function: &str, winner: &Rival, loser: &Rival) {
    let world = &arena.world;
    let before = world.manners().mark().await.unwrap();
    loser.delete().await;
    loser.gone(world).await;
    assert_eq!(owner(world, function).await, winner.owner, "who was refused takes nothing along");
    loser.wants(function, &json!({"adoptionPolicy": "Adopt"})).await;
    loser.until(world, "Stalled", "NotOwned").await;
    assert_eq!(written(world, function, before).await, [], "who is refused writes nothing");
    winner.delete().await;
    winner.gone(world).await;
    let took = loser.takes_over(world, function).await;
    println!("{function}: the name was free for {} ms", took.as_millis());
    assert!(took < SOON, "{took:?}");
    let after = written(world, function, before).await;
    assert_eq!(after, [call("DeleteFunction", 204), call("CreateFunction", 201)], "each by its owner");
    loser.delete().await;
    loser.gone(world).await;
    assert_eq!(world.function(function).await, None);
}

/// What the rivals have sent, in order of name and status.
async fn sent(world: &World, function: &str) -> Vec<(String, u16)> {
    let mut writes = written(world, function, 0).await;
    writes.sort();
    writes
}

/// The first creation is on its way while both want the function: the second object waits for its answer.
async fn create_in_turn(between: Between) {
    let arena = Arena::new(between).await;
    for round in 0..ROUNDS {
        let function = format!("shared-{round}");
        let world = &arena.world;
        let hold = Hold::requests(world, "CreateFunction", &function, 1).await;
        for rival in &arena.rivals {
            rival.wants(&function, &json!({})).await;
        }
        hold.holds(world, 1).await;
        hold.let_go(world).await;
        let (winner, loser) = arena.settled(&function).await;
        assert_eq!(sent(world, &function).await, [call("CreateFunction", 201)]);
        ends_well(&arena, &function, winner, loser).await;
    }
}

#[tokio::test]
async fn of_two_objects_that_create_at_once_one_owns_it() {
    create_in_turn(Between::Objects).await;
}

#[tokio::test]
async fn of_two_namespaces_that_create_at_once_one_owns_it() {
    create_in_turn(Between::Namespaces).await;
}

/// Both have looked and found nothing, and both creations are on their way.
#[tokio::test]
async fn of_two_clusters_that_create_at_once_one_owns_it() {
    let arena = Arena::new(Between::Clusters).await;
    for round in 0..ROUNDS {
        let function = format!("shared-{round}");
        let world = &arena.world;
        let hold = Hold::requests(world, "CreateFunction", &function, 2).await;
        for rival in &arena.rivals {
            rival.wants(&function, &json!({})).await;
        }
        hold.holds(world, 2).await;
        hold.let_go(world).await;
        let (winner, loser) = arena.settled(&function).await;
        assert_eq!(sent(world, &function).await, [call("CreateFunction", 201), call("CreateFunction", 409)]);
        ends_well(&arena, &function, winner, loser).await;
    }
}

/// The first tag is on its way while both want the function: the second object sees it and writes none.
async fn adopt_in_turn(between: Between) {
    let arena = Arena::new(between).await;
    let world = &arena.world;
    let function = "shared";
    foreign(world, function).await;
    let hold = Hold::requests(world, "TagResource", function, 1).await;
    for rival in &arena.rivals {
        rival.wants(function, &json!({"adoptionPolicy": "Adopt"})).await;
    }
    hold.holds(world, 1).await;
    hold.let_go(world).await;
    let (winner, loser) = arena.settled(function).await;
    let tags = sent(world, function).await.into_iter().filter(|(name, _)| name == "TagResource").count();
    assert_eq!(tags, 1, "the second has seen the tag of the first");
    ends_well(&arena, function, winner, loser).await;
}

#[tokio::test]
async fn of_two_objects_that_adopt_at_once_one_owns_it() {
    adopt_in_turn(Between::Objects).await;
}

#[tokio::test]
async fn of_two_namespaces_that_adopt_at_once_one_owns_it() {
    adopt_in_turn(Between::Namespaces).await;
}

/// Both have seen that nobody owns it, and both tags are on their way, to arrive together or one long after the other.
#[tokio::test]
async fn of_two_clusters_that_adopt_at_once_one_owns_it() {
    let arena = Arena::new(Between::Clusters).await;
    let world = &arena.world;
    for late in [false, true] {
        let function = format!("shared-{late}");
        foreign(world, &function).await;
        let holds = [
            Hold::requests(world, "TagResource", &function, 1).await,
            Hold::requests(world, "TagResource", &function, 1).await,
        ];
        for rival in &arena.rivals {
            rival.wants(&function, &json!({"adoptionPolicy": "Adopt"})).await;
        }
        for hold in &holds {
            hold.holds(world, 1).await;
        }
        let [first, second] = holds;
        first.let_go(world).await;
        if late {
            let owned = async |_: &World| {
                let owner = owner(world, &function).await;
                let rival = arena.rivals.iter().find(|rival| rival.owner == owner);
                rival.ok_or(owner)
            };
            let rival = world.until("the first tag", owned).await;
            rival.until(world, "Ready", "Available").await;
        }
        second.let_go(world).await;
        let (winner, loser) = arena.settled(&function).await;
        let tags = written(world, &function, 0).await.into_iter().filter(|(name, _)| name == "TagResource").count();
        assert_eq!(tags, 2, "nobody takes it back");
        ends_well(&arena, &function, winner, loser).await;
    }
}

#[tokio::test]
async fn a_function_created_during_our_create_stays_foreign() {
    let world = World::with(&["--drift-interval", "1s"]).await;
    for round in 0..ROUNDS {
        let name = format!("hello-{round}");
        let hold = Hold::requests(&world, "CreateFunction", &name, 1).await;
        world.apply(&name, &spec()).await;
        hold.holds(&world, 1).await;
        foreign(&world, &name).await;
        hold.let_go(&world).await;
        let message = world.stalled(&name, "NotOwned").await;
        assert!(message.contains("no owner tag"), "{message}");
        assert_eq!(written(&world, &name, 0).await, [call("CreateFunction", 409)]);
        world.delete(&name).await;
        world.gone(&name).await;
        untouched(&world, &name).await;
        assert_eq!(written(&world, &name, 0).await, [call("CreateFunction", 409)]);
    }
}
