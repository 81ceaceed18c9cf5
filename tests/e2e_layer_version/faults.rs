//! What goes wrong while a layer is published.

use serde_json::json;
use support::world::World;
use testbed::Match;

use crate::{Layer, layer, numbers, version};

/// The operator's calls in this world.
fn scope(world: &World) -> Match {
    Match { account: Some(world.account.clone()), agent: Some("*/*".into()), ..Match::default() }
}

#[tokio::test]
async fn a_publication_without_an_answer_is_found_again_and_not_repeated() {
    let world = World::new().await;
    for (text, expected) in [("1", vec![1]), ("2", vec![1, 2])] {
        world.manners().switch_on("layer-publish-lost", &scope(&world)).await.unwrap();
        world.of::<Layer>().apply("common", &layer(text, &json!({}))).await;
        world
            .until("a publication", async |world: &World| match numbers(world, "common").await {
                all if all == expected => Ok(()),
                all => Err(format!("{all:?}")),
            })
            .await;
        world.manners().switch_off(Some("layer-publish-lost"), &scope(&world)).await.unwrap();
        let object = world.of::<Layer>().is_ready("common").await;
        assert_eq!((version(&object), numbers(&world, "common").await), (text, expected));
    }
    world.of::<Layer>().delete("common").await;
    world.of::<Layer>().is_gone("common").await;
    assert_eq!(numbers(&world, "common").await, [0; 0]);
}

#[tokio::test]
async fn a_layer_whose_publication_was_not_answered_is_deleted_with_its_object() {
    let world = World::new().await;
    world.manners().switch_on("layer-publish-lost", &scope(&world)).await.unwrap();
    world.of::<Layer>().apply("common", &layer("1", &json!({}))).await;
    world
        .until("a publication", async |world: &World| match numbers(world, "common").await.len() {
            0 => Err("none".to_owned()),
            _ => Ok(()),
        })
        .await;
    world.of::<Layer>().delete("common").await;
    world.of::<Layer>().is_gone("common").await;
    assert_eq!(numbers(&world, "common").await, [0; 0]);
    world.manners().switch_off(Some("layer-publish-lost"), &scope(&world)).await.unwrap();
}

#[tokio::test]
async fn a_full_code_storage_is_a_quota_and_the_former_version_stays() {
    let world = World::new().await;
    world.of::<Layer>().settle("common", &layer("1", &json!({"retainVersions": 1}))).await;
    world.manners().switch_on("layer-storage-full", &scope(&world)).await.unwrap();
    world.of::<Layer>().apply("common", &layer("2", &json!({"retainVersions": 1}))).await;
    let said = world.of::<Layer>().says("common", "Stalled", "QuotaExceeded").await;
    assert!(said.contains("Code storage limit exceeded"), "{said}");
    assert_eq!(numbers(&world, "common").await, [1]);
    world.manners().switch_off(Some("layer-storage-full"), &scope(&world)).await.unwrap();
    world.of::<Layer>().is_looked_at("common").await;
    let object = world.of::<Layer>().is_ready("common").await;
    assert_eq!((version(&object), numbers(&world, "common").await), ("2", vec![2]));
}
