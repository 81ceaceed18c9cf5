//! Versions: one for each change of code or configuration, none for anything else, and none lost.

use serde_json::json;

use crate::world::{World, spec_with, status, writes};

async fn versions(world: &World) -> Vec<String> {
    let (_, answer) = world.aws.lambda("GET", "/2015-03-31/functions/hello/versions", None).await.unwrap();
    answer["Versions"].as_array().unwrap().iter().map(|v| v["Version"].as_str().unwrap().to_owned()).collect()
}

#[tokio::test]
async fn each_change_publishes_one_version_that_holds_all_of_it() {
    let world = World::new().await;
    let object = world.settle("hello", &spec_with(&json!({"publish": true}))).await;
    assert_eq!(status(&object).version.as_deref(), Some("1"));
    assert!(status(&object).qualified_arn.as_ref().unwrap().ends_with(":hello:1"));

    let two = json!({"publish": true, "memorySize": 256, "codeFrom": {"inline": {"main.py": "def handler(event, context): return 'two'"}}});
    let object = world.settle("hello", &spec_with(&two)).await;
    assert_eq!(status(&object).version.as_deref(), Some("2"));
    let (_, answer) = world.aws.lambda("GET", "/2015-03-31/functions/hello?Qualifier=2", None).await.unwrap();
    assert_eq!(answer["Configuration"]["MemorySize"], 256);
    assert_eq!(world.invoke("hello:2").await, "two");

    let before = world.manners().mark().await.unwrap();
    let mut tagged = two.clone();
    tagged["tags"] = json!({"team": "a"});
    world.settle("hello", &spec_with(&tagged)).await;
    assert_eq!(writes(&world.calls_since(before).await), ["TagResource"], "a tag is no news to a version");
    assert_eq!(versions(&world).await, ["$LATEST", "1", "2"]);
}

#[tokio::test]
async fn turning_publish_on_publishes_what_is_there_and_turning_it_off_keeps_it() {
    let world = World::new().await;
    world.settle("hello", &spec_with(&json!({}))).await;
    let object = world.settle("hello", &spec_with(&json!({"publish": true}))).await;
    assert_eq!(status(&object).version.as_deref(), Some("1"));
    let object = world.settle("hello", &spec_with(&json!({"publish": false}))).await;
    assert_eq!(status(&object).version.as_deref(), Some("1"));
    assert_eq!(versions(&world).await, ["$LATEST", "1"]);
}

#[tokio::test]
async fn a_lost_status_publishes_nothing_twice() {
    let world = World::with(&["--drift-interval", "1s"]).await;
    world.settle("hello", &spec_with(&json!({"publish": true}))).await;
    let forgotten = json!({"status": {"published": null, "deployed": null, "settled": null}});
    let params = kube::api::PatchParams::default();
    world.objects().patch_status("hello", &params, &kube::api::Patch::Merge(forgotten)).await.unwrap();
    world
        .until("the version to be known again", async |world: &World| {
            let object = world.objects().get("hello").await.unwrap();
            match status(&object).published.clone() {
                Some(published) if published.version == "1" => Ok(()),
                other => Err(format!("{other:?}")),
            }
        })
        .await;
    assert_eq!(versions(&world).await, ["$LATEST", "1"]);
    assert_eq!(writes(&world.calls().await), ["CreateFunction"], "equal code is proved by its own hash");
}
