//! What somebody else does to an alias: put back, or reported and left, member by member.

use serde_json::json;
use support::objects::message;
use support::world::{World, spec_with, writes};

async fn settled(world: &World, change: serde_json::Value) {
    world.settle("hello", &spec_with(&json!({"publish": true}))).await;
    world.settle("hello", &spec_with(&json!({"publish": true, "memorySize": 256}))).await;
    let mut spec = json!({"functionRef": {"name": "hello"}, "functionVersion": "1"});
    spec.as_object_mut().unwrap().extend(change.as_object().unwrap().clone());
    world.aliases().settle("live", &spec).await;
}

#[tokio::test]
async fn what_somebody_else_changes_is_put_back() {
    let world = World::new().await;
    settled(&world, json!({})).await;
    world.aws.update_alias("hello", "live", &json!({"FunctionVersion": "2", "Description": "mine"})).await.unwrap();
    let before = world.manners().mark().await.unwrap();
    world.aliases().is_looked_at("live").await;
    world.aliases().is_ready("live").await;
    let alias = world.alias("hello", "live").await.unwrap();
    assert_eq!((&alias["FunctionVersion"], &alias["Description"]), (&json!("1"), &json!("")));
    assert_eq!(writes(&world.calls_since(before).await), ["UpdateAlias"]);
    world.aws.delete_alias("hello", "live").await.unwrap();
    world.aliases().is_looked_at("live").await;
    world
        .until("the alias to be created again", async |world: &World| {
            world.alias("hello", "live").await.map(drop).ok_or_else(|| "not yet".to_owned())
        })
        .await;
    // Counted when the reconcile has ended, a moment after AWS shows its write.
    world
        .until("both to be counted as drift", async |world: &World| match world.drift().await {
            2 => Ok(()),
            count => Err(count.to_string()),
        })
        .await;
    // What was put back stays visible in Events, by the names of the fields.
    for said in [
        "The operator corrected drift of functionVersion, description.",
        "The operator corrected drift: the alias was deleted in AWS.",
    ] {
        world
            .until(said, async |world: &World| {
                let notes: Vec<_> = world.events("live").await.into_iter().filter_map(|event| event.note).collect();
                if notes.iter().any(|note| note.contains(said)) { Ok(()) } else { Err(format!("{notes:#?}")) }
            })
            .await;
        assert!(world.operator.log().contains(said), "{}", world.operator.log());
    }
}

#[tokio::test]
async fn reported_drift_survives_an_edit_of_another_member() {
    let world = World::new().await;
    settled(&world, json!({"driftPolicy": "Report"})).await;
    world.aws.update_alias("hello", "live", &json!({"FunctionVersion": "2"})).await.unwrap();
    let object = world.aliases().is_looked_at("live").await;
    assert!(message(&object, "Ready").contains("functionVersion: 2 → 1"), "{object:?}");
    let edited = json!({"functionRef": {"name": "hello"}, "functionVersion": "1", "description": "edited", "driftPolicy": "Report"});
    world.aliases().apply("live", &edited).await;
    let object = world.aliases().condition("live", "Ready", "True", Some("Drifted")).await;
    assert!(message(&object, "Ready").contains("functionVersion: 2 → 1"), "{object:?}");
    let alias = world.alias("hello", "live").await.unwrap();
    assert_eq!((&alias["FunctionVersion"], &alias["Description"]), (&json!("2"), &json!("edited")));
}

#[tokio::test]
async fn weights_that_aws_adds_while_it_moves_concurrency_are_not_drift() {
    let world = World::new().await;
    settled(&world, json!({})).await;
    world.aliases().settle("live", &json!({"functionRef": {"name": "hello"}, "functionVersion": "2"})).await;
    let shifting = json!({"RoutingConfig": {"AdditionalVersionWeights": {"1": 0.5}}});
    world.aws.update_alias("hello", "live", &shifting).await.unwrap();
    let before = world.manners().mark().await.unwrap();
    world.aliases().is_looked_at("live").await;
    let object = world.aliases().condition("live", "Reconciling", "True", Some("Updating")).await;
    assert!(message(&object, "Ready").contains("provisioned concurrency"), "{object:?}");
    assert_eq!(writes(&world.calls_since(before).await), [""; 0]);
    world.aws.update_alias("hello", "live", &json!({"RoutingConfig": {}})).await.unwrap();
    world.aliases().is_ready("live").await;
    assert_eq!(writes(&world.calls_since(before).await), [""; 0]);
}

#[tokio::test]
async fn an_alias_that_a_pipeline_moves_stays_where_it_is() {
    let world = World::new().await;
    settled(&world, json!({"ignoreChanges": ["functionVersion", "routingConfig"]})).await;
    let theirs = json!({"FunctionVersion": "2", "RoutingConfig": {"AdditionalVersionWeights": {"1": 0.1}}});
    world.aws.update_alias("hello", "live", &theirs).await.unwrap();
    let before = world.manners().mark().await.unwrap();
    for _ in 0..3 {
        world.aliases().is_looked_at("live").await;
        world.aliases().is_ready("live").await;
    }
    assert_eq!(writes(&world.calls_since(before).await), [""; 0]);
    assert_eq!(world.drift().await, 0);
    // An edit of another field sends that field alone.
    let spec = |more| {
        let mut spec = json!({"functionRef": {"name": "hello"}, "functionVersion": "1", "description": "edited"});
        spec.as_object_mut().unwrap().extend(Option::into_iter(more));
        spec
    };
    let ignored = ("ignoreChanges".to_owned(), json!(["functionVersion", "routingConfig"]));
    world.aliases().settle("live", &spec(Some(ignored))).await;
    let alias = world.alias("hello", "live").await.unwrap();
    assert_eq!((&alias["FunctionVersion"], &alias["Description"]), (&json!("2"), &json!("edited")));
    // No longer left to others: the spec's version is back.
    world.aliases().settle("live", &spec(None)).await;
    let alias = world.alias("hello", "live").await.unwrap();
    assert_eq!(alias["FunctionVersion"], json!("1"), "{alias}");
}
