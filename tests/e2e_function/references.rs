//! Values and code from Secrets, ConfigMaps and files: read when needed, followed when they change, waited for when missing, shown nowhere.

use std::path::PathBuf;

use k8s_openapi::ByteString;
use k8s_openapi::api::core::v1::{ConfigMap, Secret};
use k8s_openapi::api::events::v1::Event;
use kube::Api;
use kube::api::{DeleteParams, ListParams, Patch, PatchParams};
use serde_json::{Value, json};
use testbed::{Action, Coding, Rule};

use support::world::{World, message, spec_with, writes, zip};

async fn secret(world: &World, name: &str, values: &[(&str, &[u8])]) {
    let data = values.iter().map(|(key, value)| ((*key).to_owned(), ByteString(value.to_vec()))).collect();
    let secret = Secret { data: Some(data), ..named(name) };
    let api: Api<Secret> = Api::namespaced(world.client.clone(), &world.namespace);
    api.patch(name, &PatchParams::apply("user").force(), &Patch::Apply(secret)).await.unwrap();
}

fn named<K: for<'a> serde::Deserialize<'a>>(name: &str) -> K {
    serde_json::from_value(json!({"metadata": {"name": name}})).unwrap()
}

async fn config_map(world: &World, name: &str, values: &[(&str, &str)]) {
    let data = values.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect();
    let map = ConfigMap { data: Some(data), ..named(name) };
    let api: Api<ConfigMap> = Api::namespaced(world.client.clone(), &world.namespace);
    api.patch(name, &PatchParams::apply("user").force(), &Patch::Apply(map)).await.unwrap();
}

fn from_secret() -> Value {
    spec_with(&json!({"environment": {
        "variables": {"STAGE": "prod"},
        "valueFrom": {"PASSWORD": {"secretKeyRef": {"name": "db", "key": "password"}}},
        "from": [{"secretRef": {"name": "keys"}, "prefix": "API_"}, {"configMapRef": {"name": "none", "optional": true}}],
    }}))
}

const PASSWORD: &str = "correct-horse-battery";

#[tokio::test]
async fn a_rotated_secret_reaches_the_function_unshown() {
    let world = World::new().await;
    secret(&world, "db", &[("password", PASSWORD.as_bytes())]).await;
    secret(&world, "keys", &[("ONE", b"first-api-key")]).await;
    world.settle("hello", &from_secret()).await;
    let function = world.function("hello").await.unwrap();
    let variables = json!({"STAGE": "prod", "PASSWORD": PASSWORD, "API_ONE": "first-api-key"});
    assert_eq!(function["Configuration"]["Environment"]["Variables"], variables);

    secret(&world, "db", &[("password", b"staple-rotated")]).await;
    world
        .function_until("hello", |f| f["Configuration"]["Environment"]["Variables"]["PASSWORD"] == "staple-rotated")
        .await;
    world.ready("hello").await;

    let object = serde_json::to_string(&world.objects().get("hello").await.unwrap()).unwrap();
    let events = serde_json::to_string(&world.events("hello").await).unwrap();
    let metrics = world.operator.metrics().await.unwrap();
    for (place, text) in [("object", object), ("events", events), ("metrics", metrics), ("log", world.operator.log())] {
        for value in [PASSWORD, "staple-rotated", "first-api-key"] {
            assert!(!text.contains(value), "{value} is in the {place}");
        }
    }
}

/// With what codings escape.
const ODD: &str = "zebra\"q\\horse/b&t<ry +plus ü";

#[tokio::test]
async fn a_secret_that_is_repeated_on_the_way_is_shown_nowhere() {
    let world = World::new().await;
    secret(&world, "db", &[("password", ODD.as_bytes())]).await;
    secret(&world, "keys", &[("ONE", b"first-api-key")]).await;
    let names: Vec<_> = Coding::ALL.iter().map(|coding| format!("{coding:?}").to_lowercase()).collect();
    for (name, coding) in names.iter().zip(Coding::ALL) {
        let echo = Rule::new("echo", Action::Echo(coding)).account(&world.account).function(name);
        world.manners().add(&echo.operation("CreateFunction")).await.unwrap();
        world.apply(name, &from_secret()).await;
    }
    for name in &names {
        let object = world.condition(name, "Stalled", "True", None).await;
        let said = message(&object, "Stalled");
        assert!(said.contains("at 'environment'") && said.contains("***"), "{name}: {said}");
    }
    let objects = json!(world.objects().list(&ListParams::default()).await.unwrap()).to_string();
    let events: Api<Event> = Api::namespaced(world.client.clone(), &world.namespace);
    let events = json!(events.list(&ListParams::default()).await.unwrap()).to_string();
    let metrics = world.operator.metrics().await.unwrap();
    let places = [("objects", objects), ("events", events), ("metrics", metrics), ("log", world.operator.log())];
    let plain = ["zebra", "horse", "first-api"].map(str::to_owned);
    let digits = ["zebra", "horse"].map(|part| part.bytes().map(|byte| format!("{byte:02x}")).collect());
    for (place, text) in places {
        for part in plain.iter().chain(&digits) {
            assert!(!text.contains(part.as_str()), "{part} is in the {place}");
        }
    }
}

#[tokio::test]
async fn a_missing_secret_waits_then_stalls_then_heals() {
    let world = World::new().await;
    secret(&world, "keys", &[("ONE", b"x")]).await;
    let mut patient = from_secret();
    patient["timeouts"] = json!({"create": "3s"});
    world.apply("hello", &patient).await;
    let waiting = world.condition("hello", "Reconciling", "True", Some("ReferenceNotFound")).await;
    assert!(message(&waiting, "Ready").contains("Secret db, which the spec refers to, does not exist"));
    let sentence = world.stalled("hello", "TimedOut").await;
    assert!(sentence.contains("Secret db"), "{sentence}");
    assert_eq!(world.calls().await.len(), 0, "AWS was not asked");
    secret(&world, "db", &[("user", b"me")]).await;
    world
        .until("the missing key to be told", async |world: &World| {
            let object = world.objects().get("hello").await.unwrap();
            let text = message(&object, "Ready");
            if text.contains("Secret db has no key password") { Ok(()) } else { Err(text) }
        })
        .await;
    secret(&world, "db", &[("password", b"y")]).await;
    world.ready("hello").await;
}

#[tokio::test]
async fn an_object_with_a_missing_secret_can_be_deleted() {
    let world = World::new().await;
    secret(&world, "db", &[("password", b"y")]).await;
    secret(&world, "keys", &[("ONE", b"x")]).await;
    world.settle("hello", &from_secret()).await;
    let secrets: Api<Secret> = Api::namespaced(world.client.clone(), &world.namespace);
    secrets.delete_collection(&DeleteParams::default(), &ListParams::default()).await.unwrap();
    world.delete("hello").await;
    world.gone("hello").await;
    assert_eq!(world.function("hello").await, None);
}

#[tokio::test]
async fn names_that_come_twice_are_refused_by_name() {
    let world = World::new().await;
    secret(&world, "keys", &[("STAGE", b"hidden-value")]).await;
    let twice = json!({"environment": {"variables": {"STAGE": "prod"}, "from": [{"secretRef": {"name": "keys"}}]}});
    world.apply("hello", &spec_with(&twice)).await;
    let sentence = world.stalled("hello", "InvalidSpec").await;
    assert!(sentence.contains("more than one value for STAGE") && !sentence.contains("hidden-value"), "{sentence}");
}

#[tokio::test]
async fn code_in_a_config_map_is_deployed_and_followed() {
    let world = World::new().await;
    config_map(&world, "code", &[("main.py", "def handler(event, context): return 'one'")]).await;
    world.settle("hello", &spec_with(&json!({"codeFrom": {"inline": null, "configMapRef": {"name": "code"}}}))).await;
    assert_eq!(world.invoke("hello").await, "one");
    let before = world.function("hello").await.unwrap();
    config_map(&world, "code", &[("main.py", "def handler(event, context): return 'two'")]).await;
    let changed = |f: &Value| f["Configuration"]["CodeSha256"] != before["Configuration"]["CodeSha256"];
    world.function_until("hello", |f| changed(f) && f["Configuration"]["LastUpdateStatus"] == "Successful").await;
    world.ready("hello").await;
    assert_eq!(world.invoke("hello").await, "two");
}

#[tokio::test]
async fn a_zip_in_a_secret_is_deployed_and_anything_else_is_refused() {
    let world = World::new().await;
    secret(&world, "code", &[("p.zip", &zip("main.py", "def handler(event, context): return 'zipped'"))]).await;
    let from = spec_with(&json!({"codeFrom": {"inline": null, "secretRef": {"name": "code", "key": "p.zip"}}}));
    world.settle("hello", &from).await;
    assert_eq!(world.invoke("hello").await, "zipped");
    secret(&world, "code", &[("p.zip", b"no zip")]).await;
    let sentence = world.stalled("hello", "InvalidSpec").await;
    assert!(sentence.contains("Key p.zip of Secret code cannot be deployed: it is not a zip file"), "{sentence}");
}

#[tokio::test]
async fn a_package_file_is_deployed_on_each_change() {
    let folder: PathBuf = std::env::temp_dir().join(format!("lambda-operator-test-packages-{}", std::process::id()));
    std::fs::create_dir_all(&folder).unwrap();
    std::fs::write(folder.join("p.zip"), zip("main.py", "def handler(event, context): return 'one'")).unwrap();
    let world = World::with(&["--drift-interval", "1s", "--package-dir", folder.to_str().unwrap()]).await;
    let from = spec_with(&json!({"codeFrom": null, "filename": "p.zip"}));
    world.settle("hello", &from).await;
    assert_eq!(world.invoke("hello").await, "one");
    let before = world.function("hello").await.unwrap();
    std::fs::write(folder.join("p.zip"), zip("main.py", "def handler(event, context): return 'other'")).unwrap();
    world.function_until("hello", |f| f["Configuration"]["CodeSha256"] != before["Configuration"]["CodeSha256"]).await;
    world.ready("hello").await;
    assert_eq!(world.invoke("hello").await, "other");
    world.apply("gone", &spec_with(&json!({"codeFrom": null, "filename": "none.zip"}))).await;
    let waiting = world.condition("gone", "Reconciling", "True", Some("ReferenceNotFound")).await;
    assert!(message(&waiting, "Ready").contains("has no file none.zip"));
    std::fs::remove_dir_all(folder).unwrap();
}

#[tokio::test]
async fn fifty_megabytes_go_up_and_memory_stays_small() {
    let folder: PathBuf = std::env::temp_dir().join(format!("lambda-operator-test-large-{}", std::process::id()));
    std::fs::create_dir_all(&folder).unwrap();
    let noise: Vec<u8> = (0..49 * 1024 * 1024_u32).map(|n| (n.wrapping_mul(2_654_435_761) >> 13) as u8).collect();
    let large =
        lambda_operator::core::package::pack(&[("main.py", b"x".as_slice()), ("noise", &noise)].into()).unwrap();
    for name in ["a.zip", "b.zip", "c.zip", "d.zip"] {
        std::fs::write(folder.join(name), &large).unwrap();
    }
    let world = World::with(&["--package-dir", folder.to_str().unwrap()]).await;
    for name in ["a", "b", "c", "d"] {
        world.apply(name, &spec_with(&json!({"codeFrom": null, "filename": format!("{name}.zip")}))).await;
    }
    for name in ["a", "b", "c", "d"] {
        world.ready(name).await;
    }
    let peak = world.operator.peak_rss_kib().unwrap() / 1024;
    assert!(peak < 50 * 10, "{peak} MiB for two packages of 49 MiB at a time");
    std::fs::write(folder.join("e.zip"), [large.as_slice(), &noise].concat()).unwrap();
    world.apply("e", &spec_with(&json!({"codeFrom": null, "filename": "e.zip"}))).await;
    let sentence = world.stalled("e", "InvalidSpec").await;
    assert!(sentence.contains("upload it to S3"), "{sentence}");
    std::fs::remove_dir_all(folder).unwrap();
}

#[tokio::test]
async fn with_initial_code_another_pipeline_deploys() {
    let world = World::with(&["--drift-interval", "1s"]).await;
    let initial = spec_with(&json!({"codePolicy": "Initial"}));
    world.settle("hello", &initial).await;
    let body =
        json!({"ZipFile": support::world::base64(&zip("main.py", "def handler(event, context): return 'theirs'"))});
    let (status, answer) = world.aws.lambda("PUT", "/2015-03-31/functions/hello/code", Some(&body)).await.unwrap();
    assert_eq!(status, 200, "{answer}");
    let before = world.manners().mark().await.unwrap();
    let mut edited = initial.clone();
    edited["memorySize"] = json!(256);
    edited["codeFrom"]["inline"]["main.py"] = json!("def handler(event, context): return 'mine'");
    world.settle("hello", &edited).await;
    assert_eq!(writes(&world.calls_since(before).await), ["UpdateFunctionConfiguration"]);
    assert_eq!(world.invoke("hello").await, "theirs");
    world.apply("absent", &spec_with(&json!({"codePolicy": "Initial", "codeFrom": null}))).await;
    let sentence = world.stalled("absent", "InvalidSpec").await;
    assert!(sentence.contains("codePolicy: Initial without a source cannot create it"), "{sentence}");
}

#[tokio::test]
async fn a_wrong_source_hash_stalls_and_does_not_loop() {
    let world = World::with(&["--drift-interval", "1s"]).await;
    world.apply("inline", &spec_with(&json!({"codeSha256": "AAAA"}))).await;
    world.stalled("inline", "CodeHashMismatch").await;
    assert_eq!(world.calls().await.len(), 0, "known before AWS is asked");
    world.aws.put_object("hashes", "p.zip", &zip("main.py", "x = 1")).await.unwrap();
    let s3 = json!({"codeFrom": null, "s3Bucket": "hashes", "s3Key": "p.zip", "codeSha256": "AAAA"});
    world.apply("bucket", &spec_with(&s3)).await;
    let sentence = world.stalled("bucket", "CodeHashMismatch").await;
    assert!(sentence.contains("AAAA"), "{sentence}");
    assert_eq!(writes(&world.calls().await), ["CreateFunction"]);
    // It is looked at again when somebody asks, and may have been corrected in its place.
    world.looked("bucket").await;
    world.stalled("bucket", "CodeHashMismatch").await;
    assert_eq!(writes(&world.calls().await), ["CreateFunction", "UpdateFunctionCode"]);
}

#[tokio::test]
async fn adoption_changes_nothing_but_the_owner_tag() {
    let world = World::new().await;
    world.allow_adoption().await;
    world.settle("first", &spec_with(&json!({"functionName": "shared", "skipDestroy": true}))).await;
    world.delete("first").await;
    world.gone("first").await;
    let before = world.manners().mark().await.unwrap();
    world.settle("second", &spec_with(&json!({"functionName": "shared", "adoptionPolicy": "Adopt"}))).await;
    assert_eq!(writes(&world.calls_since(before).await), ["TagResource"]);
    let function = world.function("shared").await.unwrap();
    assert_eq!(function["Tags"]["lambda-operator.io/owner"], format!("test/{}/second", world.namespace));
    world.apply("third", &spec_with(&json!({"functionName": "shared", "adoptionPolicy": "Adopt"}))).await;
    world.stalled("third", "NotOwned").await;
}
