//! What the spec leaves to others stays as they set it, through drift checks and edits; nothing is written for it.

use serde_json::{Value, json};

use support::world::{World, spec_with, writes};

async fn tag(world: &World, tags: &Value) {
    let arn = format!("arn:aws:lambda:eu-west-1:{}:function:hello", world.account);
    let path = format!("/2017-03-31/tags/{}", arn.replace(':', "%3A"));
    let (status, answer) = world.aws.lambda("POST", &path, Some(&json!({"Tags": tags}))).await.unwrap();
    assert_eq!(status, 204, "{answer}");
}

/// Several drift checks see it so and write nothing, and none calls it drift.
async fn is_left_alone(world: &World) {
    let before = world.manners().mark().await.unwrap();
    for _ in 0..3 {
        world.looked("hello").await;
        world.ready("hello").await;
    }
    assert_eq!(writes(&world.calls_since(before).await), [""; 0]);
    assert_eq!(world.drift().await, 0);
}

#[tokio::test]
async fn ignored_tags_survive_drift_checks_and_edits() {
    let world = World::with(&["--ignore-tags", "cost:*"]).await;
    let spec = |memory: i32| {
        spec_with(
            &json!({"tags": {"team": "a", "stage": "prod"}, "ignoreTags": ["CreatedBy", "stage"], "memorySize": memory}),
        )
    };
    world.settle("hello", &spec(128)).await;
    assert_eq!(world.function("hello").await.unwrap()["Tags"]["stage"], "prod", "set at creation");
    tag(&world, &json!({"CreatedBy": "automation", "cost:center": "7", "stage": "test"})).await;
    is_left_alone(&world).await;
    let before = world.manners().mark().await.unwrap();
    world.settle("hello", &spec(256)).await;
    assert_eq!(writes(&world.calls_since(before).await), ["UpdateFunctionConfiguration"]);
    let tags = world.function("hello").await.unwrap()["Tags"].take();
    assert_eq!(
        (&tags["CreatedBy"], &tags["cost:center"], &tags["stage"]),
        (&json!("automation"), &json!("7"), &json!("test"))
    );
    // One that nobody leaves to others goes.
    tag(&world, &json!({"stray": "x"})).await;
    let before = world.manners().mark().await.unwrap();
    world.looked("hello").await;
    world.function_until("hello", |f| f["Tags"].get("stray").is_none()).await;
    assert_eq!(writes(&world.calls_since(before).await), ["UntagResource"]);
}

#[tokio::test]
async fn ignored_changes_survive_drift_checks_and_edits() {
    let world = World::new().await;
    let fields = ["environment", "timeout", "reservedConcurrentExecutions", "recursiveLoop", "codeFrom"];
    let spec = |memory: i32, ignored: &[&str]| {
        spec_with(&json!({
            "memorySize": memory, "environment": {"variables": {"OURS": "1"}}, "reservedConcurrentExecutions": 5,
            "recursiveLoop": "Allow", "ignoreChanges": ignored,
        }))
    };
    world.settle("hello", &spec(128, &fields)).await;
    let new = world.function("hello").await.unwrap();
    assert_eq!(new["Concurrency"]["ReservedConcurrentExecutions"], 5, "what follows the creation is set too");
    let recursion = "/2024-08-31/functions/hello/recursion-config";
    assert_eq!(world.aws.lambda("GET", recursion, None).await.unwrap().1["RecursiveLoop"], "Allow");

    let theirs = json!({"Environment": {"Variables": {"THEIRS": "2"}}, "Timeout": 30});
    world.aws.change_configuration("hello", &theirs).await.unwrap();
    world.function_until("hello", |f| f["Configuration"]["LastUpdateStatus"] == "Successful").await;
    let concurrency = json!({"ReservedConcurrentExecutions": 9});
    world.aws.lambda("PUT", "/2017-10-31/functions/hello/concurrency", Some(&concurrency)).await.unwrap();
    world.aws.lambda("PUT", recursion, Some(&json!({"RecursiveLoop": "Terminate"}))).await.unwrap();
    let package = support::world::base64(&support::world::zip("main.py", "def handler(e, c): return 'theirs'"));
    world.aws.lambda("PUT", "/2015-03-31/functions/hello/code", Some(&json!({"ZipFile": package}))).await.unwrap();
    world.function_until("hello", |f| f["Configuration"]["LastUpdateStatus"] == "Successful").await;
    is_left_alone(&world).await;

    let before = world.manners().mark().await.unwrap();
    world.settle("hello", &spec(256, &fields)).await;
    assert_eq!(writes(&world.calls_since(before).await), ["UpdateFunctionConfiguration"]);
    let left = world.function("hello").await.unwrap();
    assert_eq!(left["Configuration"]["Environment"]["Variables"], json!({"THEIRS": "2"}));
    assert_eq!(
        (&left["Configuration"]["Timeout"], &left["Concurrency"]["ReservedConcurrentExecutions"]),
        (&json!(30), &json!(9))
    );
    assert_eq!(world.invoke("hello").await, "theirs");

    // No longer left to others: the spec's values are back.
    world.settle("hello", &spec(256, &["recursiveLoop", "codeFrom"])).await;
    let back = world.function("hello").await.unwrap();
    assert_eq!(back["Configuration"]["Environment"]["Variables"], json!({"OURS": "1"}));
    assert_eq!(
        (&back["Configuration"]["Timeout"], &back["Concurrency"]["ReservedConcurrentExecutions"]),
        (&json!(3), &json!(5))
    );
    assert_eq!(world.invoke("hello").await, "theirs");
}

#[tokio::test]
async fn the_source_of_an_initial_code_may_go_once_the_function_exists() {
    let world = World::new().await;
    let spec = |memory: i32| {
        spec_with(
            &json!({"codePolicy": "Initial", "codeFrom": {"inline": null, "configMapRef": {"name": "first"}}, "memorySize": memory}),
        )
    };
    world.apply("hello", &spec(128)).await;
    let waits = world.condition("hello", "Ready", "False", Some("ReferenceNotFound")).await;
    assert!(support::world::message(&waits, "Ready").contains("ConfigMap first"), "{waits:?}");
    let map = json!({"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "first", "namespace": world.namespace},
        "data": {"main.py": "def handler(event, context): return 'first'"}});
    world.bed.apply(&map.to_string()).await.unwrap();
    world.ready("hello").await;
    world.bed.kubectl(&["delete", "configmap", "first", "-n", &world.namespace], None).await.unwrap();
    world.settle("hello", &spec(256)).await;
    assert_eq!(world.function("hello").await.unwrap()["Configuration"]["MemorySize"], 256);
    world.delete("hello").await;
    world.gone("hello").await;
}
