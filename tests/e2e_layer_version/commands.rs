//! `import` and `plan` for layers: an import takes over the newest version without a change, and the plan shows the changes of an apply.

use serde_json::json;
use support::cli::{imported, plan};
use support::world::{World, writes, zip};

use crate::permissions::{add, expected, statements};
use crate::{Layer, layer, numbers, version};

#[tokio::test]
async fn an_imported_layer_publishes_nothing_and_keeps_its_statements() {
    let world = World::new().await;
    let bucket = format!("layers-{}", world.account);
    world.aws.put_object(&bucket, "common.zip", &zip("lib.py", "x = 1")).await.unwrap();
    let content = json!({"Content": {"S3Bucket": bucket, "S3Key": "common.zip"}, "Description": "theirs"});
    for _ in 0..2 {
        let path = "/2018-10-31/layers/common/versions";
        assert_eq!(world.aws.lambda("POST", path, Some(&content)).await.unwrap().0, 201);
    }
    add(&world, 2, "partner", "210987654321").await;
    let location = format!("{bucket}/common.zip");
    let older = imported(&world, &["--s3", &location, "layer:common:1"]).await;
    assert!(older.contains("The newest version is 2") && !older.contains("partner"), "{older}");
    let manifest = imported(&world, &["--s3", &location, "layer:common"]).await;
    assert!(manifest.contains("kind: LambdaLayerVersion") && manifest.contains("statementId: partner"), "{manifest}");
    world.allow_adoption().await;
    let told = plan(&world, &manifest).await;
    assert_eq!(told.code, Some(0), "{told:?}");
    let mark = world.manners().mark().await.unwrap();
    world.bed.kubectl_ok(&["apply", "--validate=strict", "-f", "-"], Some(&manifest)).await.unwrap();
    let object = world.of::<Layer>().is_ready("common").await;
    assert_eq!(writes(&world.calls_since(mark).await), [""; 0]);
    assert_eq!((version(&object), numbers(&world, "common").await), ("2", vec![1, 2]));
    assert_eq!(statements(&world, 2).await, expected(&[("partner", "210987654321")]));
}

#[tokio::test]
async fn a_plan_shows_what_a_layer_would_change() {
    let world = World::new().await;
    let manifest = |text: &str| {
        let permission = json!({"statementId": "partner", "principal": "210987654321"});
        let spec = layer(text, &json!({"description": text, "permissions": [permission]}));
        json!({"apiVersion": "lambda-operator.io/v1alpha1", "kind": "LambdaLayerVersion",
            "metadata": {"name": "common"}, "spec": spec})
        .to_string()
    };
    let told = plan(&world, &manifest("one")).await;
    assert_eq!(told.code, Some(2), "{told:?}");
    for words in ["  PublishLayerVersion\n", "description: one", "permissions.partner: 210987654321"] {
        assert!(told.stdout.contains(words), "{words}: {told:?}");
    }
    world.bed.kubectl_ok(&["apply", "-n", &world.namespace, "-f", "-"], Some(&manifest("one"))).await.unwrap();
    world.of::<Layer>().is_ready("common").await;
    assert_eq!(plan(&world, &manifest("one")).await.code, Some(0));
    let told = plan(&world, &manifest("two")).await;
    assert!(told.stdout.contains("description: one → two") && !told.stdout.contains("permissions"), "{told:?}");
}
