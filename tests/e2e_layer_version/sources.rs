//! The sources of a layer's package: ConfigMap, Secret and S3, as those of a function; and a command that imports a layer.

use k8s_openapi::api::core::v1::ConfigMap;
use kube::Api;
use kube::api::{Patch, PatchParams};
use serde_json::{Value, json};
use support::world::{World, zip};

use crate::{Layer, numbers, version};

async fn apply_map(world: &World, text: &str) {
    let maps: Api<ConfigMap> = Api::namespaced(world.client.clone(), &world.namespace);
    let map = json!({"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "code"}, "data": {"lib.py": text}});
    maps.patch("code", &PatchParams::apply("user").force(), &Patch::Apply(map)).await.unwrap();
}

#[tokio::test]
async fn a_package_from_a_config_map_is_followed() {
    let world = World::new().await;
    let spec = json!({"codeFrom": {"configMapRef": {"name": "code"}}});
    world.of::<Layer>().apply("common", &spec).await;
    world.of::<Layer>().condition("common", "Ready", "False", Some("ReferenceNotFound")).await;
    apply_map(&world, "x = 1").await;
    world.of::<Layer>().is_ready("common").await;
    apply_map(&world, "x = 2").await;
    world.of::<Layer>().until("version 2", "common", |object| version(object) == "2").await;
    assert_eq!(numbers(&world, "common").await, [1, 2]);
}

#[tokio::test]
async fn a_package_in_s3_is_published_again_when_the_spec_says_so() {
    let world = World::new().await;
    let packages = [zip("lib.py", "x = 1"), zip("lib.py", "x = 2")];
    // A bucket's name is taken for all accounts.
    let bucket = format!("layers-{}", world.account);
    world.aws.put_object(&bucket, "lib.zip", &packages[0]).await.unwrap();
    let spec = |change: &Value| {
        let mut spec = json!({"s3Bucket": bucket, "s3Key": "lib.zip"});
        spec.as_object_mut().unwrap().extend(change.as_object().unwrap().clone());
        spec
    };
    world.of::<Layer>().settle("common", &spec(&json!({}))).await;
    world.aws.put_object(&bucket, "lib.zip", &packages[1]).await.unwrap();
    world.of::<Layer>().is_looked_at("common").await;
    assert_eq!(numbers(&world, "common").await, [1], "AWS does not tell");
    world.of::<Layer>().settle("common", &spec(&json!({"sourceCodeHash": "2"}))).await;
    assert_eq!(numbers(&world, "common").await, [1, 2]);
}
