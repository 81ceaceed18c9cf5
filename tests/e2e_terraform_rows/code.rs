//! Code: where it comes from, when it is deployed again, and who signs it.

use std::path::PathBuf;
use std::sync::atomic::{AtomicU64, Ordering};

use serde_json::{Value, json};

use crate::plan::{apply, configuration, empty_plan};
use support::world::{World, spec, spec_with, status, writes, zip};

fn inline(text: &str) -> Value {
    json!({"codeFrom": {"inline": {"main.py": source(text)}}})
}

fn source(text: &str) -> String {
    format!("def handler(event, context): return '{text}'")
}

fn package(text: &str) -> Vec<u8> {
    zip("main.py", &source(text))
}

/// Row 3 (unpublishedCodeUpdate). New code is deployed, the version stays `$LATEST` and the time of the last change
/// moves.
#[tokio::test]
async fn new_code_without_publish_changes_latest_alone() {
    let world = World::new().await;
    let one = world.settle("hello", &spec()).await;
    let two = apply(&world, "hello", &inline("two"), &["UpdateFunctionCode"]).await;
    let (one, two) = (status(&one), status(&two));
    assert_eq!(two.version.as_deref(), Some("$LATEST"));
    assert_ne!(one.code_sha256, two.code_sha256);
    assert!(one.last_modified < two.last_modified, "{:?} {:?}", one.last_modified, two.last_modified);
    assert_eq!(world.invoke("hello").await, "two");
}

fn signing(world: &World, number: u32) -> Value {
    let arn = format!("arn:aws:lambda:eu-west-1:{}:code-signing-config:csc-{number:017}", world.account);
    json!({"codeSigningConfigArn": arn})
}

async fn signed_by(world: &World) -> Value {
    let path = "/2020-06-30/functions/hello/code-signing-config";
    world.aws.lambda("GET", path, None).await.unwrap().1["CodeSigningConfigArn"].take()
}

/// Row 4 (codeSigning). A code signing configuration is set with the creation, exchanged, and removed, after which none
/// is reported.
#[tokio::test]
async fn a_code_signing_configuration_is_set_exchanged_and_removed() {
    let world = World::new().await;
    let (one, two) = (signing(&world, 1), signing(&world, 2));
    let object = apply(&world, "hello", &one, &["CreateFunction"]).await;
    assert_eq!(signed_by(&world).await, one["codeSigningConfigArn"]);
    assert_eq!(json!(status(&object).code_signing_config_arn), one["codeSigningConfigArn"]);
    empty_plan(&world, "hello", &one).await;
    apply(&world, "hello", &two, &["PutFunctionCodeSigningConfig"]).await;
    assert_eq!(signed_by(&world).await, two["codeSigningConfigArn"]);
    let object = apply(&world, "hello", &json!({}), &["DeleteFunctionCodeSigningConfig"]).await;
    assert!(crate::plan::is_none(&signed_by(&world).await));
    assert_eq!(status(&object).code_signing_config_arn, None);
    empty_plan(&world, "hello", &json!({})).await;
}

/// Row 22 (architectures). The architecture that was removed from the spec stays as it is, through new code too.
#[tokio::test]
async fn an_architecture_that_is_removed_stays() {
    let world = World::new().await;
    apply(&world, "hello", &json!({"architectures": ["arm64"]}), &["CreateFunction"]).await;
    let object = empty_plan(&world, "hello", &json!({})).await;
    assert_eq!(status(&object).architectures, ["arm64"]);
    apply(&world, "hello", &inline("two"), &["UpdateFunctionCode"]).await;
    assert_eq!(configuration(&world, "hello").await["Architectures"], json!(["arm64"]));
}

/// Row 23 (architecturesUpdate). From arm64 to x86_64 in place.
#[tokio::test]
async fn an_architecture_changes_in_place() {
    let world = World::new().await;
    world.settle("hello", &spec_with(&json!({"architectures": ["arm64"]}))).await;
    let x86 = json!({"architectures": ["x86_64"]});
    apply(&world, "hello", &x86, &["UpdateFunctionCode"]).await;
    assert_eq!(configuration(&world, "hello").await["Architectures"], json!(["x86_64"]));
    empty_plan(&world, "hello", &x86).await;
}

/// Row 24 (architecturesWithLayer). Architecture and layer change in one edit: the layer with the configuration, then
/// the architecture with the code.
#[tokio::test]
async fn architecture_and_layer_change_together() {
    let world = World::new().await;
    let of = async |architecture: &str| {
        let layer = world.aws.publish_layer(architecture).await.unwrap();
        json!({"architectures": [if architecture == "x86" { "x86_64" } else { "arm64" }], "layers": [layer]})
    };
    let (arm, x86) = (of("arm").await, of("x86").await);
    apply(&world, "hello", &arm, &["CreateFunction"]).await;
    apply(&world, "hello", &x86, &["UpdateFunctionConfiguration", "UpdateFunctionCode"]).await;
    let configuration = configuration(&world, "hello").await;
    assert_eq!(configuration["Architectures"], x86["architectures"]);
    assert_eq!(configuration["Layers"][0]["Arn"], x86["layers"][0]);
    empty_plan(&world, "hello", &x86).await;
}

/// Buckets are the world's, not an account's.
fn bucket(world: &World) -> String {
    format!("code-{}", world.account)
}

fn from_s3(world: &World, key: &str, version: Option<&str>) -> Value {
    json!({"codeFrom": null, "s3Bucket": bucket(world), "s3Key": key, "s3ObjectVersion": version})
}

/// Row 42 (s3). A package in S3 is deployed, and the place it came from is remembered, so that an equal spec writes
/// nothing.
#[tokio::test]
async fn a_package_in_s3_is_deployed_once() {
    let world = World::new().await;
    world.aws.put_object(&bucket(&world), "one.zip", &package("one")).await.unwrap();
    let spec = from_s3(&world, "one.zip", None);
    apply(&world, "hello", &spec, &["CreateFunction"]).await;
    assert_eq!(world.invoke("hello").await, "one");
    empty_plan(&world, "hello", &spec).await;
}

/// Row 46 (S3Update_basic). In a bucket with versions, another version of the object is deployed.
#[tokio::test]
async fn another_version_of_the_s3_object_is_deployed() {
    let world = World::new().await;
    world.aws.put_object(&bucket(&world), "f.zip", b"").await.unwrap();
    world.aws.keep_versions(&bucket(&world)).await.unwrap();
    let one = world.aws.put_object(&bucket(&world), "f.zip", &package("one")).await.unwrap().unwrap();
    let two = world.aws.put_object(&bucket(&world), "f.zip", &package("two")).await.unwrap().unwrap();
    apply(&world, "hello", &from_s3(&world, "f.zip", Some(&one)), &["CreateFunction"]).await;
    assert_eq!(world.invoke("hello").await, "one");
    apply(&world, "hello", &from_s3(&world, "f.zip", Some(&two)), &["UpdateFunctionCode"]).await;
    assert_eq!(world.invoke("hello").await, "two");
    empty_plan(&world, "hello", &from_s3(&world, "f.zip", Some(&two))).await;
}

/// Row 47 (S3Update_unversioned). In a bucket without versions, another key is deployed.
#[tokio::test]
async fn another_key_in_s3_is_deployed() {
    let world = World::new().await;
    for text in ["one", "two"] {
        world.aws.put_object(&bucket(&world), &format!("{text}.zip"), &package(text)).await.unwrap();
    }
    apply(&world, "hello", &from_s3(&world, "one.zip", None), &["CreateFunction"]).await;
    apply(&world, "hello", &from_s3(&world, "two.zip", None), &["UpdateFunctionCode"]).await;
    assert_eq!(world.invoke("hello").await, "two");
}

/// Row 57 (resetNonRefreshableAttributesAfterUpdateFailure). A key that does not exist is refused by AWS and nothing is
/// remembered of it: the old key again writes nothing, and a good one is deployed.
#[tokio::test]
async fn a_refused_key_leaves_nothing_behind() {
    let world = World::new().await;
    for text in ["one", "two"] {
        world.aws.put_object(&bucket(&world), &format!("{text}.zip"), &package(text)).await.unwrap();
    }
    world.settle("hello", &spec_with(&from_s3(&world, "one.zip", None))).await;
    world.apply("hello", &spec_with(&from_s3(&world, "none.zip", None))).await;
    let message = world.stalled("hello", "Rejected").await;
    assert!(message.contains("NoSuchKey"), "{message}");
    assert_eq!(world.invoke("hello").await, "one");
    empty_plan(&world, "hello", &from_s3(&world, "one.zip", None)).await;
    apply(&world, "hello", &from_s3(&world, "two.zip", None), &["UpdateFunctionCode"]).await;
    assert_eq!(world.invoke("hello").await, "two");
}

/// A package folder of one test; removed with it.
struct Folder(PathBuf);

impl Folder {
    fn new() -> Self {
        static FOLDERS: AtomicU64 = AtomicU64::new(0);
        let number = FOLDERS.fetch_add(1, Ordering::Relaxed);
        let path = std::env::temp_dir().join(format!("lambda-operator-terraform-{}-{number}", std::process::id()));
        std::fs::create_dir_all(&path).unwrap();
        Self(path)
    }

    async fn operated(&self) -> World {
        World::with(&["--package-dir", self.0.to_str().unwrap()]).await
    }

    /// As a deployment tool does: beside it, then moved over it.
    fn put(&self, name: &str, text: &str) {
        let new = self.0.join("new");
        std::fs::write(&new, package(text)).unwrap();
        std::fs::rename(new, self.0.join(name)).unwrap();
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        // A test that failed has said more than this could.
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

fn file(name: &str, more: &Value) -> Value {
    let mut spec = json!({"codeFrom": null, "filename": name});
    spec.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    spec
}

/// Row 43 (localUpdate). A changed file of the same name is deployed. Terraform needs `source_code_hash` to see that;
/// we hash the file ourselves at each look, and need none.
#[tokio::test]
async fn a_changed_file_is_deployed_without_a_hash_in_the_spec() {
    let folder = Folder::new();
    folder.put("f.zip", "one");
    let world = folder.operated().await;
    let one = apply(&world, "hello", &file("f.zip", &json!({})), &["CreateFunction"]).await;
    empty_plan(&world, "hello", &file("f.zip", &json!({}))).await;
    let before = world.manners().mark().await.unwrap();
    folder.put("f.zip", "two");
    world.look_now("hello").await;
    world
        .function_until("hello", |function| {
            function["Configuration"]["CodeSha256"] != json!(status(&one).code_sha256)
                && function["Configuration"]["LastUpdateStatus"] == "Successful"
        })
        .await;
    assert_eq!(world.invoke("hello").await, "two");
    let two = empty_plan(&world, "hello", &file("f.zip", &json!({}))).await;
    assert!(status(&one).last_modified < status(&two).last_modified);
    assert_eq!(writes(&world.calls_since(before).await), ["UpdateFunctionCode"]);
}

/// Row 44 (LocalUpdate_nameOnly). Another file is deployed when its content is another. Terraform deploys it again
/// whatever is in it; we do not where AWS holds that content already.
#[tokio::test]
async fn another_file_is_deployed_if_its_content_is_another() {
    let folder = Folder::new();
    folder.put("one.zip", "one");
    folder.put("two.zip", "two");
    folder.put("copy.zip", "two");
    let world = folder.operated().await;
    apply(&world, "hello", &file("one.zip", &json!({})), &["CreateFunction"]).await;
    apply(&world, "hello", &file("two.zip", &json!({})), &["UpdateFunctionCode"]).await;
    assert_eq!(world.invoke("hello").await, "two");
    apply(&world, "hello", &file("copy.zip", &json!({})), &[]).await;
}

/// Row 45 (LocalUpdate_publish). A changed file and hash with `publish`: the new code is published as the next version.
#[tokio::test]
async fn a_changed_file_is_published_as_the_next_version() {
    let folder = Folder::new();
    folder.put("f.zip", "one");
    let world = folder.operated().await;
    let with_hash = |hash: &str| file("f.zip", &json!({"publish": true, "sourceCodeHash": hash}));
    let one = apply(&world, "hello", &with_hash("one"), &["CreateFunction"]).await;
    assert_eq!(status(&one).version.as_deref(), Some("1"));
    folder.put("f.zip", "two");
    let two = apply(&world, "hello", &with_hash("two"), &["UpdateFunctionCode", "PublishVersion"]).await;
    assert_eq!(status(&two).version.as_deref(), Some("2"));
    assert_ne!(status(&one).code_sha256, status(&two).code_sha256);
    assert_eq!(world.invoke("hello:2").await, "two");
    assert_eq!(world.invoke("hello:1").await, "one");
    empty_plan(&world, "hello", &with_hash("two")).await;
}

/// Row 52 (sourceKMSKeyARN). The key of the package is set with the creation and changed in place, with the code;
/// removed, it is AWS's own.
#[tokio::test]
async fn the_packages_key_changes_in_place() {
    let world = World::new().await;
    let key = |number: u32| json!({"sourceKmsKeyArn": format!("arn:aws:kms:eu-west-1:123456789012:key/{number}")});
    let held = async || world.function("hello").await.unwrap()["Code"]["SourceKMSKeyArn"].take();
    apply(&world, "hello", &key(1), &["CreateFunction"]).await;
    assert_eq!(held().await, key(1)["sourceKmsKeyArn"]);
    empty_plan(&world, "hello", &key(1)).await;
    apply(&world, "hello", &key(2), &["UpdateFunctionCode"]).await;
    assert_eq!(held().await, key(2)["sourceKmsKeyArn"]);
    apply(&world, "hello", &json!({}), &["UpdateFunctionCode"]).await;
    assert!(crate::plan::is_none(&held().await));
    empty_plan(&world, "hello", &json!({})).await;
}
