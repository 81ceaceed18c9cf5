//! Whose a layer is: AWS has no tags for it, so the record of the object tells, and other versions are left.

use kube::api::{Patch, PatchParams};
use lambda_operator::core::hand_over::ObjectName;
use serde_json::json;
use support::objects::message;
use support::world::{World, spec_with};

use crate::{Layer, layer, numbers, version};

#[tokio::test]
async fn a_layer_of_somebody_else_is_published_to_only_with_consent() {
    let world = World::new().await;
    world.aws.publish_layer("shared").await.unwrap();
    world.of::<Layer>().apply("shared", &layer("ours", &json!({}))).await;
    let said = world.of::<Layer>().says("shared", "Stalled", "NotOwned").await;
    assert!(said.contains("set adoptionPolicy: Adopt") && said.contains("spec.layerName"), "{said}");
    world.of::<Layer>().apply("shared", &layer("ours", &json!({"adoptionPolicy": "Adopt"}))).await;
    world.of::<Layer>().says("shared", "Stalled", "NotAllowed").await;
    assert_eq!(numbers(&world, "shared").await, [1]);
    world.allow_adoption().await;
    let object = world.of::<Layer>().is_ready("shared").await;
    assert_eq!((version(&object), numbers(&world, "shared").await), ("2", vec![1, 2]));
    world.of::<Layer>().delete("shared").await;
    world.of::<Layer>().is_gone("shared").await;
    assert_eq!(numbers(&world, "shared").await, [1], "it never was the object's");
}

#[tokio::test]
async fn after_a_lost_status_the_newest_version_is_adopted_if_it_holds_the_same() {
    let world = World::new().await;
    world.of::<Layer>().settle("common", &layer("1", &json!({}))).await;
    let status = json!({"status": null});
    world.of::<Layer>().api().patch_status("common", &PatchParams::default(), &Patch::Merge(status)).await.unwrap();
    world.of::<Layer>().is_looked_at("common").await;
    world.of::<Layer>().says("common", "Stalled", "NotOwned").await;
    world.allow_adoption().await;
    let object = world.of::<Layer>().settle("common", &layer("1", &json!({"adoptionPolicy": "Adopt"}))).await;
    assert_eq!((version(&object), numbers(&world, "common").await), ("1", vec![1]), "nothing is published");
}

#[tokio::test]
async fn two_objects_do_not_publish_the_same_layer() {
    let world = World::new().await;
    world.of::<Layer>().settle("first", &layer("1", &json!({"layerName": "common"}))).await;
    world.of::<Layer>().apply("second", &layer("2", &json!({"layerName": "common"}))).await;
    let object = world.of::<Layer>().condition("second", "Stalled", "True", Some("NotOwned")).await;
    let first = ObjectName { namespace: world.namespace.clone(), name: "first".into() };
    let said = message(&object, "Stalled");
    assert!(said.contains(&format!("LambdaLayerVersion {first}")), "{said}");
    assert_eq!(numbers(&world, "common").await, [1]);
    world.of::<Layer>().delete("second").await;
    world.of::<Layer>().is_gone("second").await;
    assert_eq!(numbers(&world, "common").await, [1]);
}

#[tokio::test]
async fn a_namespace_bounds_the_names_of_its_layers() {
    let world = World::new().await;
    let bounds = json!({"metadata": {"annotations": {"lambda-operator.io/allowed-layers": "team-*"}}}).to_string();
    world.bed.kubectl_ok(&["patch", "namespace", &world.namespace, "--type=merge", "-p", &bounds], None).await.unwrap();
    world.of::<Layer>().apply("common", &layer("1", &json!({}))).await;
    world.of::<Layer>().says("common", "Stalled", "NotAllowed").await;
    world.of::<Layer>().settle("own", &layer("1", &json!({"layerName": "team-a"}))).await;
    assert_eq!((numbers(&world, "common").await, numbers(&world, "team-a").await), (vec![], vec![1]));
    // The version stays when the list no longer has its name, and no function gets it any more.
    let spec = spec_with(&json!({"layerRefs": [{"name": "own"}]}));
    world.apply("first", &spec).await;
    world.ready("first").await;
    let bounds = json!({"metadata": {"annotations": {"lambda-operator.io/allowed-layers": "other-*"}}}).to_string();
    world.bed.kubectl_ok(&["patch", "namespace", &world.namespace, "--type=merge", "-p", &bounds], None).await.unwrap();
    world.of::<Layer>().says("own", "Stalled", "NotAllowed").await;
    world.apply("second", &spec).await;
    let said = world.condition("second", "Stalled", "True", Some("NotAllowed")).await;
    assert!(message(&said, "Stalled").contains("team-a"));
    assert!(world.function("second").await.is_none());
}
