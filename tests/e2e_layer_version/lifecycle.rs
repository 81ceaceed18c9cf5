//! A layer from its first version to its end: what it costs, what status says, what is kept, and what is left.

use k8s_openapi::api::events::v1::Event;
use serde_json::{Value, json};
use support::world::{World, writes};

use crate::{Layer, about_layers, arn, delete_version, layer, numbers, version, versions};

#[tokio::test]
async fn a_layer_is_published_once_and_an_idle_check_is_one_call() {
    let world = World::new().await;
    let before = world.manners().mark().await.unwrap();
    let change = json!({"compatibleRuntimes": ["python3.13", "python3.12"], "compatibleArchitectures": ["arm64"],
        "description": "common code", "licenseInfo": "MIT"});
    let object = world.of::<Layer>().settle("common", &layer("x = 1\n", &change)).await;
    assert_eq!(writes(&world.calls_since(before).await), ["PublishLayerVersion"]);
    let all = versions(&world, "common").await;
    let [shown] = all.as_slice() else { panic!("{all:?}") };
    let status = object.status.as_ref().unwrap();
    assert_eq!((arn(&object), version(&object)), (shown["LayerVersionArn"].as_str().unwrap().to_owned(), "1"));
    assert_eq!(status.layer_arn.as_deref(), arn(&object).strip_suffix(":1"));
    assert!(status.code_sha256.is_some() && status.source_code_size.is_some() && status.created_date.is_some());
    assert_eq!((&shown["Description"], &shown["LicenseInfo"]), (&json!("common code"), &json!("MIT")));
    assert_eq!(shown["CompatibleArchitectures"], json!(["arm64"]));
    assert_eq!(shown["CompatibleRuntimes"].as_array().map(Vec::len), Some(2));

    let before = world.manners().mark().await.unwrap();
    world.of::<Layer>().is_looked_at("common").await;
    assert_eq!(about_layers(&world.calls_since(before).await), ["GetLayerVersion"]);
}

#[tokio::test]
async fn each_change_publishes_one_version_and_nothing_else_does() {
    let world = World::new().await;
    world.of::<Layer>().settle("common", &layer("x = 1\n", &json!({}))).await;
    let changes: [(&str, Value); 7] = [
        ("x = 2\n", json!({})),
        ("x = 2\n", json!({"description": "two"})),
        ("x = 2\n", json!({"licenseInfo": "MIT"})),
        ("x = 2\n", json!({"compatibleRuntimes": ["python3.13"]})),
        ("x = 2\n", json!({"compatibleArchitectures": ["x86_64", "arm64"]})),
        ("x = 2\n", json!({"compatibleArchitectures": ["arm64", "x86_64"]})),
        ("x = 1\n", json!({})),
    ];
    let published = [2, 3, 4, 5, 6, 6, 7];
    for ((text, change), number) in changes.into_iter().zip(published) {
        let object = world.of::<Layer>().settle("common", &layer(text, &change)).await;
        assert_eq!(version(&object), number.to_string(), "{change}");
    }
    assert_eq!(numbers(&world, "common").await, [1, 2, 3, 4, 5, 6, 7]);
    let object = world.of::<Layer>().is_ready("common").await;
    assert_eq!(object.status.unwrap().older_versions, ["1", "2", "3", "4", "5", "6"]);
    // A drift policy and a number of versions are no part of a version.
    let kept = json!({"retainVersions": 7, "driftPolicy": "Report"});
    assert_eq!(version(&world.of::<Layer>().settle("common", &layer("x = 1\n", &kept)).await), "7");
}

#[tokio::test]
async fn older_versions_are_deleted_down_to_the_number_that_is_kept() {
    let world = World::new().await;
    for text in ["1", "2", "3", "4"] {
        world.of::<Layer>().settle("common", &layer(text, &json!({}))).await;
    }
    let object = world.of::<Layer>().settle("common", &layer("4", &json!({"retainVersions": 2}))).await;
    assert_eq!(numbers(&world, "common").await, [3, 4]);
    assert_eq!(object.status.unwrap().older_versions, ["3"]);
    let before = world.manners().mark().await.unwrap();
    world.of::<Layer>().settle("common", &layer("5", &json!({"retainVersions": 1}))).await;
    assert_eq!(numbers(&world, "common").await, [5]);
    let sent = ["PublishLayerVersion", "DeleteLayerVersion", "DeleteLayerVersion"];
    assert_eq!(writes(&world.calls_since(before).await), sent, "the new one exists before an old one goes");
    let keeps = json!({"retainVersions": 1, "skipDestroy": true});
    world.of::<Layer>().settle("common", &layer("6", &keeps)).await;
    assert_eq!(numbers(&world, "common").await, [5, 6], "skipDestroy keeps all");
}

#[tokio::test]
async fn a_deletion_deletes_every_version_of_the_object_or_none_with_skip_destroy() {
    let world = World::new().await;
    for text in ["1", "2"] {
        world.of::<Layer>().settle("common", &layer(text, &json!({}))).await;
        world.of::<Layer>().settle("kept", &layer(text, &json!({"skipDestroy": true}))).await;
    }
    let theirs = world.aws.publish_layer("common").await.unwrap();
    assert!(theirs.ends_with(":3"), "{theirs}");
    for name in ["common", "kept"] {
        world.of::<Layer>().delete(name).await;
        world.of::<Layer>().is_gone(name).await;
    }
    assert_eq!(numbers(&world, "common").await, [3], "the version of somebody else stays");
    assert_eq!(numbers(&world, "kept").await, [1, 2]);
    world
        .until("an Event that names the version that stays", async |world: &World| {
            let events = world.events("kept").await;
            let told = |event: &Event| {
                let note = event.note.as_deref().unwrap_or_default();
                event.reason.as_deref() == Some("Released") && note.contains(":layer:kept:2")
            };
            if events.iter().any(told) { Ok(()) } else { Err(format!("{events:#?}")) }
        })
        .await;
}

#[tokio::test]
async fn a_version_that_somebody_deleted_is_published_again_or_reported() {
    let world = World::new().await;
    world.of::<Layer>().settle("common", &layer("1", &json!({}))).await;
    world.of::<Layer>().settle("watched", &layer("1", &json!({"driftPolicy": "Report"}))).await;
    // For some seconds after the publication the operator takes the absence for a stale read.
    for name in ["common", "watched"] {
        delete_version(&world, name, 1).await;
        world.of::<Layer>().is_looked_at(name).await;
    }
    world.of::<Layer>().until("version 2", "common", |object| version(object) == "2").await;
    world.of::<Layer>().says("watched", "Stalled", "DriftNotCorrected").await;
    assert_eq!(numbers(&world, "watched").await, [0; 0]);
    world.of::<Layer>().settle("watched", &layer("2", &json!({"driftPolicy": "Report"}))).await;
    assert_eq!(numbers(&world, "watched").await, [2], "an edit is sent");
}
