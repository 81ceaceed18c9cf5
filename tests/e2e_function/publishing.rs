//! Versions: one for each change of code or configuration, none for anything else, and none lost.

use serde_json::json;

use testbed::{Action, Rule};

use support::world::{World, message, spec_with, status, writes};

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
async fn publish_on_publishes_and_publish_off_keeps_the_version() {
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
    let forgotten = json!({"status": {"record": {"published": null, "deployed": null, "lastReconciled": null}}});
    let params = kube::api::PatchParams::default();
    world.objects().patch_status("hello", &params, &kube::api::Patch::Merge(forgotten)).await.unwrap();
    world
        .until("the version to be known again", async |world: &World| {
            let object = world.objects().get("hello").await.unwrap();
            match status(&object).record.published.clone() {
                Some(published) if published.version == "1" => Ok(()),
                other => Err(format!("{other:?}")),
            }
        })
        .await;
    assert_eq!(versions(&world).await, ["$LATEST", "1"]);
    assert_eq!(writes(&world.calls().await), ["CreateFunction"], "equal code is proved by its own hash");
}

#[tokio::test]
async fn with_snap_start_ready_waits_for_the_version() {
    let world = World::new().await;
    let pending = json!({"Configuration": {"State": "Pending", "StateReasonCode": "Creating"}});
    let rule = Rule::new("pending", Action::PatchAnswer(pending)).account(&world.account).operation("GetFunction");
    let rule = world.manners().add(&rule.qualifier("1")).await.unwrap();
    let snapshots = json!({"publish": true, "snapStart": {"applyOn": "PublishedVersions"}});
    world.apply("hello", &spec_with(&snapshots)).await;
    let object = world.condition("hello", "Reconciling", "True", Some("Publishing")).await;
    assert!(message(&object, "Ready").contains("SnapStart"));
    // Nobody is sent to a version that cannot be invoked yet.
    assert_eq!(status(&object).version.as_deref(), Some("$LATEST"));
    assert_eq!(message(&object, "VersionPublished"), "No version is published.");
    world.manners().remove(rule).await.unwrap();
    let object = world.ready("hello").await;
    assert_eq!(status(&object).version.as_deref(), Some("1"));
    assert_eq!(versions(&world).await, ["$LATEST", "1"]);
}

#[tokio::test]
async fn a_failed_version_is_reported_and_the_next_edit_publishes() {
    let world = World::new().await;
    let failed = json!({"Configuration": {"State": "Failed", "StateReasonCode": "FunctionError.InitTimeout", "StateReason": "init took too long"}});
    let rule = Rule::new("failed", Action::PatchAnswer(failed)).account(&world.account).operation("GetFunction");
    world.manners().add(&rule.qualifier("1")).await.unwrap();
    let snapshots = json!({"publish": true, "snapStart": {"applyOn": "PublishedVersions"}});
    world.apply("hello", &spec_with(&snapshots)).await;
    let sentence = world.stalled("hello", "VersionFailed").await;
    assert!(sentence.contains("init took too long"), "{sentence}");
    assert_eq!(writes(&world.calls().await), ["CreateFunction"], "it is not published again and again");
    let mended = json!({"publish": true, "snapStart": {"applyOn": "PublishedVersions"}, "memorySize": 512});
    let object = world.settle("hello", &spec_with(&mended)).await;
    assert_eq!(status(&object).version.as_deref(), Some("2"));
}

#[tokio::test]
async fn a_failed_publish_is_retried_until_a_version_exists() {
    let world = World::new().await;
    world.settle("hello", &spec_with(&json!({"publish": true}))).await;
    let broken = Rule::new("broken", Action::error(500, "ServiceException", ""))
        .account(&world.account)
        .operation("PublishVersion");
    world.manners().add(&broken.times(2)).await.unwrap();
    let object = world.settle("hello", &spec_with(&json!({"publish": true, "memorySize": 256}))).await;
    assert_eq!(status(&object).version.as_deref(), Some("2"));
    assert_eq!(versions(&world).await, ["$LATEST", "1", "2"]);
}

#[tokio::test]
async fn repaired_drift_publishes_no_version() {
    let world = World::with(&["--drift-interval", "1s"]).await;
    world.settle("hello", &spec_with(&json!({"publish": true}))).await;
    world.aws.change_configuration("hello", &json!({"MemorySize": 512})).await.unwrap();
    world.function_until("hello", |f| f["Configuration"]["MemorySize"] == 128).await;
    world.ready("hello").await;
    assert_eq!(versions(&world).await, ["$LATEST", "1"]);
}

#[tokio::test]
async fn a_version_with_a_description_of_its_own_is_believed() {
    let world = World::new().await;
    world.settle("hello", &spec_with(&json!({}))).await;
    let path = "/2015-03-31/functions/hello/versions";
    let (status_code, answer) =
        world.aws.lambda("POST", path, Some(&json!({"Description": "build 42"}))).await.unwrap();
    assert_eq!((status_code, &answer["Version"]), (201, &json!("1")));
    let before = world.manners().mark().await.unwrap();
    let object = world.settle("hello", &spec_with(&json!({"publish": true}))).await;
    assert_eq!(status(&object).version.as_deref(), Some("1"));
    assert_eq!(writes(&world.calls_since(before).await), ["PublishVersion"]);
    world.look_now("hello").await;
    world.looked("hello").await;
    assert_eq!(writes(&world.calls_since(before).await), ["PublishVersion"], "it is asked once");
    assert_eq!(versions(&world).await, ["$LATEST", "1"]);
}

#[tokio::test]
async fn a_version_is_published_of_each_environment_that_aws_hides() {
    let world = World::new().await;
    let with = |pin: &str| spec_with(&json!({"publish": true, "environment": {"variables": {"PIN": pin}}}));
    world.settle("hello", &with("1234")).await;
    let error = json!({"ErrorCode": "AccessDeniedException", "Message": "Lambda was unable to decrypt"});
    let hidden = json!({"Configuration": {"Environment": {"Variables": null, "Error": error}}});
    let rule = Rule::new("hidden", Action::PatchAnswer(hidden)).account(&world.account).operation("GetFunction");
    let rule = world.manners().add(&rule.agent("*/*")).await.unwrap();
    let object = world.settle("hello", &with("5678")).await;
    assert_eq!(status(&object).version.as_deref(), Some("2"));
    world.manners().remove(rule).await.unwrap();
    let (_, answer) = world.aws.lambda("GET", "/2015-03-31/functions/hello?Qualifier=2", None).await.unwrap();
    assert_eq!(answer["Configuration"]["Environment"]["Variables"]["PIN"], "5678");
}

#[tokio::test]
async fn publish_to_moves_the_latest_published_instead_of_numbering() {
    let world = World::new().await;
    let to = |memory: i32| spec_with(&json!({"publish": true, "publishTo": "LATEST_PUBLISHED", "memorySize": memory}));
    let object = world.settle("hello", &to(128)).await;
    assert_eq!(status(&object).version.as_deref(), Some("$LATEST.PUBLISHED"));
    world.settle("hello", &to(256)).await;
    let path = "/2015-03-31/functions/hello?Qualifier=$LATEST.PUBLISHED";
    let (_, answer) = world.aws.lambda("GET", path, None).await.unwrap();
    assert_eq!(answer["Configuration"]["MemorySize"], 256, "{answer}");
    assert_eq!(versions(&world).await, ["$LATEST"]);
}

/// The fingerprint in status knows no values, so that nobody can guess them from it; a new value is a new version all the same.
#[tokio::test]
async fn a_changed_secret_value_publishes_one_version() {
    let world = World::new().await;
    let with = |value: &str, memory: i32| {
        spec_with(&json!({"publish": true, "memorySize": memory, "environment": {"variables": {"PIN": value}}}))
    };
    world.settle("hello", &with("1234", 128)).await;
    let object = world.settle("hello", &with("5678", 128)).await;
    assert_eq!(status(&object).version.as_deref(), Some("2"));
    let (_, answer) = world.aws.lambda("GET", "/2015-03-31/functions/hello?Qualifier=2", None).await.unwrap();
    assert_eq!(answer["Configuration"]["Environment"]["Variables"]["PIN"], "5678");
    world.looked("hello").await;
    world.ready("hello").await;
    assert_eq!(versions(&world).await, ["$LATEST", "1", "2"]);
}
