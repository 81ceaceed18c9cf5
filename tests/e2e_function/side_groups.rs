//! Fields that GetFunction does not show, each with AWS calls of its own: set, changed, drifted, removed, imported, planned.

use serde_json::{Value, json};

use support::cli::{imported, plan};

use crate::import::{adopt, document};
use support::world::{World, message, operations, spec, spec_with, status, writes};

/// A side group, with two values and AWS's default: fields of the spec, and AWS's answer for each.
struct Group {
    get: &'static str,
    put: &'static str,
    field: &'static str,
    one: (Value, Value),
    other: (Value, Value),
    default: Value,
    /// The change back from the other value to the first.
    back: &'static str,
}

fn version(number: u8) -> String {
    format!("arn:aws:lambda:eu-west-1::runtime:{}", number.to_string().repeat(64))
}

fn runtime_management() -> Group {
    let manual = json!({"updateRuntimeOn": "Manual", "runtimeVersionArn": version(1)});
    Group {
        get: "GetRuntimeManagementConfig",
        put: "PutRuntimeManagementConfig",
        field: "runtimeManagementConfig",
        one: (manual, json!({"UpdateRuntimeOn": "Manual", "RuntimeVersionArn": version(1)})),
        other: (
            json!({"updateRuntimeOn": "FunctionUpdate"}),
            json!({"UpdateRuntimeOn": "FunctionUpdate", "RuntimeVersionArn": null}),
        ),
        default: json!({"UpdateRuntimeOn": "Auto", "RuntimeVersionArn": null}),
        back: "runtimeManagementConfig.updateRuntimeOn: FunctionUpdate → Manual",
    }
}

fn recursion() -> Group {
    Group {
        get: "GetFunctionRecursionConfig",
        put: "PutFunctionRecursionConfig",
        field: "recursiveLoop",
        one: (json!("Allow"), json!({"RecursiveLoop": "Allow"})),
        other: (json!("Terminate"), json!({"RecursiveLoop": "Terminate"})),
        default: json!({"RecursiveLoop": "Terminate"}),
        back: "recursiveLoop: Terminate → Allow",
    }
}

impl Group {
    fn spec(&self, value: &Value) -> Value {
        spec_with(&json!({self.field: value}))
    }

    /// The group as AWS holds it.
    async fn held(&self, world: &World, function: &str) -> Value {
        let (status, mut answer) = match self.field {
            "recursiveLoop" => world.aws.recursion(function).await.unwrap(),
            _ => world.aws.runtime_management(function, None).await.unwrap(),
        };
        assert_eq!(status, 200, "{answer}");
        answer.as_object_mut().unwrap().remove("FunctionArn");
        answer
    }

    /// Somebody else sets it.
    async fn set(&self, world: &World, function: &str, value: &Value) {
        match value["RecursiveLoop"].as_str() {
            Some(wanted) => world.aws.put_recursion(function, wanted).await.unwrap(),
            None => {
                let mode = value["UpdateRuntimeOn"].as_str().unwrap();
                let version = value["RuntimeVersionArn"].as_str();
                world.aws.put_runtime_management(function, None, mode, version).await.unwrap()
            }
        };
    }

    async fn becomes(&self, world: &World, wanted: &Value) {
        world
            .until("the group in AWS", async |world: &World| match self.held(world, "hello").await {
                held if held == *wanted => Ok(()),
                held => Err(held.to_string()),
            })
            .await;
    }
}

/// The calls of the next check.
async fn check(world: &World) -> Vec<String> {
    let before = world.manners().mark().await.unwrap();
    world.looked("hello").await;
    operations(&world.calls_since(before).await).into_iter().map(str::to_owned).collect()
}

async fn applied(world: &World, spec: &Value) -> (Value, Vec<String>) {
    let before = world.manners().mark().await.unwrap();
    let object = world.settle("hello", spec).await;
    let calls = world.calls_since(before).await;
    (serde_json::to_value(status(&object)).unwrap(), writes(&calls).into_iter().map(str::to_owned).collect())
}

async fn is_set_changed_and_removed(group: &Group) {
    let world = World::new().await;
    let (shown, sent) = applied(&world, &group.spec(&group.one.0)).await;
    assert_eq!(sent, ["CreateFunction", group.put]);
    assert_eq!((group.held(&world, "hello").await, &shown[group.field]), (group.one.1.clone(), &group.one.0));
    assert_eq!(check(&world).await, ["GetFunction", group.get]);
    let (_, sent) = applied(&world, &group.spec(&group.other.0)).await;
    assert_eq!(sent, [group.put]);
    assert_eq!(group.held(&world, "hello").await, group.other.1);
    applied(&world, &group.spec(&group.one.0)).await;
    let (shown, sent) = applied(&world, &spec()).await;
    assert_eq!(sent, [group.put]);
    assert_eq!((group.held(&world, "hello").await, &shown[group.field]), (group.default.clone(), &Value::Null));
    assert_eq!(check(&world).await, ["GetFunction"], "what is neither wanted nor recorded is not asked");
}

#[tokio::test]
async fn runtime_management_is_set_changed_and_removed() {
    is_set_changed_and_removed(&runtime_management()).await;
}

#[tokio::test]
async fn recursion_is_set_changed_and_removed() {
    is_set_changed_and_removed(&recursion()).await;
}

async fn drift_is_corrected_or_reported(group: &Group) {
    let world = World::with(&["--drift-interval", "1s"]).await;
    world.settle("hello", &group.spec(&group.one.0)).await;
    let before = world.manners().mark().await.unwrap();
    group.set(&world, "hello", &group.other.1).await;
    group.becomes(&world, &group.one.1).await;
    world.ready("hello").await;
    assert_eq!(writes(&world.calls_since(before).await), [group.put]);
    let counted = format!("lambda_operator_drift_total{{group=\"{}\"}} 1", group.put);
    // It is counted when the reconcile has ended.
    world
        .until("the drift to be counted", async |world: &World| match world.operator.metrics().await.unwrap() {
            metrics if metrics.contains(&counted) => Ok(()),
            metrics => Err(metrics),
        })
        .await;

    let mut reporting = group.spec(&group.one.0);
    reporting["driftPolicy"] = json!("Report");
    world.settle("hello", &reporting).await;
    let before = world.manners().mark().await.unwrap();
    group.set(&world, "hello", &group.other.1).await;
    let object = world.condition("hello", "Ready", "True", Some("Drifted")).await;
    let told = message(&object, "Ready");
    assert!(told.contains(group.back) && told.contains("driftPolicy"), "{told}");
    assert_eq!(writes(&world.calls_since(before).await), [""; 0]);
    assert_eq!(group.held(&world, "hello").await, group.other.1);
}

#[tokio::test]
async fn drift_of_runtime_management_is_corrected_or_reported() {
    drift_is_corrected_or_reported(&runtime_management()).await;
}

#[tokio::test]
async fn drift_of_recursion_is_corrected_or_reported() {
    drift_is_corrected_or_reported(&recursion()).await;
}

/// A manifest without this field of the spec.
fn without(manifest: &str, field: &str) -> String {
    let mut within = false;
    let mut keep = |line: &&str| {
        within = line.starts_with(&format!("  {field}:")) || (within && line.starts_with("    "));
        !within
    };
    manifest.lines().filter(|line| keep(line)).map(|line| format!("{line}\n")).collect()
}

async fn is_planned_imported_and_adopted(group: &Group) {
    let world = World::new().await;
    let told = plan(&world, &document(&group.spec(&group.one.0))).await;
    let put = format!("  {}\n    {}", group.put, group.field);
    assert!(told.stdout.contains("2 changes\n  CreateFunction") && told.stdout.contains(&put), "{told:?}");
    for function in ["hello", "bare"] {
        world.aws.create_function(function, &json!({})).await.unwrap();
        world.aws.wait_until_at_rest(function).await.unwrap();
        group.set(&world, function, &group.one.1).await;
    }
    let manifest = imported(&world, &["hello"]).await;
    assert!(manifest.contains(&format!("\n  {}:", group.field)), "{manifest}");
    assert_eq!(adopt(&world, "hello", &manifest).await, ["TagResource"], "\n{manifest}");
    assert_eq!(group.held(&world, "hello").await, group.one.1);

    // A manifest that does not name it: AWS's default is put back, of a function that somebody else made too.
    let manifest = imported(&world, &["bare"]).await;
    let manifest = without(&manifest, group.field);
    let told = plan(&world, &manifest).await;
    assert!(told.stdout.contains(group.put), "{told:?}");
    assert_eq!(adopt(&world, "bare", &manifest).await, ["TagResource", group.put], "\n{manifest}");
    assert_eq!(group.held(&world, "bare").await, group.default);
}

#[tokio::test]
async fn runtime_management_is_planned_imported_and_adopted() {
    is_planned_imported_and_adopted(&runtime_management()).await;
}

#[tokio::test]
async fn recursion_is_planned_imported_and_adopted() {
    is_planned_imported_and_adopted(&recursion()).await;
}

#[tokio::test]
async fn a_version_is_published_after_the_runtime_management_that_it_keeps() {
    let world = World::new().await;
    let group = runtime_management();
    let mut published = group.spec(&group.one.0);
    published["publish"] = json!(true);
    let (shown, sent) = applied(&world, &published).await;
    assert_eq!(sent, ["CreateFunction", group.put, "PublishVersion"]);
    assert_eq!(shown["version"], "1");
    published["memorySize"] = json!(256);
    published[group.field] = group.other.0.clone();
    let (shown, sent) = applied(&world, &published).await;
    assert_eq!(sent, ["UpdateFunctionConfiguration", group.put, "PublishVersion"]);
    assert_eq!(shown["version"], "2");
}

#[tokio::test]
async fn a_creation_without_side_groups_asks_about_none() {
    let world = World::new().await;
    world.settle("hello", &spec()).await;
    let calls = world.calls().await;
    let asked = operations(&calls).into_iter().filter(|call| call.ends_with("Config"));
    assert_eq!(asked.collect::<Vec<_>>(), [""; 0]);
}
