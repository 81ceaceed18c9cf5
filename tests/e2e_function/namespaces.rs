//! What a namespace says of its objects: identity, region, tags, and what they may name. And how a function passes from one owner to another.

use serde_json::{Value, json};

use support::world::{World, installed, message, options, spec, spec_with, status, writes};

/// Annotates the world's namespace; null removes.
async fn annotate(world: &World, annotations: &Value) {
    let all: serde_json::Map<_, _> = annotations
        .as_object()
        .unwrap()
        .iter()
        .map(|(key, value)| (format!("lambda-operator.io/{key}"), value.clone()))
        .collect();
    let patch = json!({"metadata": {"annotations": all}});
    let namespaces: kube::Api<k8s_openapi::api::core::v1::Namespace> = kube::Api::all(world.client.clone());
    let params = kube::api::PatchParams::default();
    namespaces.patch(&world.namespace, &params, &kube::api::Patch::Merge(patch)).await.unwrap();
}

/// Labels the world's namespace; null removes.
async fn label(world: &World, labels: &Value) {
    let patch = json!({"metadata": {"labels": labels}});
    let namespaces: kube::Api<k8s_openapi::api::core::v1::Namespace> = kube::Api::all(world.client.clone());
    let params = kube::api::PatchParams::default();
    namespaces.patch(&world.namespace, &params, &kube::api::Patch::Merge(patch)).await.unwrap();
}

#[tokio::test]
async fn a_namespace_is_managed_while_its_labels_match_the_selector() {
    let world = World::with(&["--watch-namespace-selector", "lambda=managed"]).await;
    world.apply("hello", &spec()).await;
    label(&world, &json!({"lambda": "managed"})).await;
    world.ready("hello").await;
    let before = world.manners().mark().await.unwrap();
    label(&world, &json!({"lambda": null})).await;
    let object = world.condition("hello", "Ready", "Unknown", Some("NotSelected")).await;
    assert!(message(&object, "Ready").contains("no longer match lambda=managed"), "{object:?}");
    world.apply("hello", &spec_with(&json!({"memorySize": 256}))).await;
    world.apply("other", &spec_with(&json!({"functionName": "other"}))).await;
    world.delete("hello").await;
    assert!(world.objects().get("hello").await.is_ok(), "the finalizer stays");
    label(&world, &json!({"lambda": "managed"})).await;
    world.gone("hello").await;
    world.ready("other").await;
    let calls = world.calls_since(before).await;
    let mut writes = writes(&calls);
    writes.sort_unstable();
    assert_eq!(writes, ["CreateFunction", "DeleteFunction"], "an edit of the time between is never sent");
}

#[tokio::test]
async fn labels_that_are_copied_become_tags_and_follow_the_object() {
    let world = World::with(&["--copy-labels", "team,part-of", "--default-tags", "team=platform,cost=7"]).await;
    let with = |labels: &Value| {
        json!({
            "apiVersion": "lambda-operator.io/v1alpha1", "kind": "LambdaFunction",
            "metadata": {"name": "hello", "namespace": world.namespace, "labels": labels},
            "spec": spec_with(&json!({"tags": {"part-of": "spec"}})),
        })
        .to_string()
    };
    world.bed.apply(&with(&json!({"team": "shop", "part-of": "label", "private": "x"}))).await.unwrap();
    world.ready("hello").await;
    let tags = world.function("hello").await.unwrap()["Tags"].clone();
    assert_eq!((&tags["team"], &tags["part-of"], &tags["cost"]), (&json!("shop"), &json!("spec"), &json!("7")));
    assert_eq!(tags["private"], json!(null), "it is not in the list");
    world.bed.apply(&with(&json!({"team": "search"}))).await.unwrap();
    world.function_until("hello", |function| function["Tags"]["team"] == "search").await;
}

#[tokio::test]
async fn a_namespace_chooses_region_and_default_tags() {
    let world = World::with(&["--default-tags", "team=platform,cost=7"]).await;
    annotate(&world, &json!({"region": "us-east-1", "default-tags": "team=shop, stage=prod"})).await;
    let object = world.settle("hello", &spec_with(&json!({"tags": {"stage": "test"}}))).await;
    assert_eq!(status(&object).common.region.as_deref(), Some("us-east-1"));
    let there = world.bed.aws(&world.account, "us-east-1");
    let (_, function) = there.get_function("hello").await.unwrap();
    let tags = &function["Tags"];
    assert_eq!((&tags["team"], &tags["cost"], &tags["stage"]), (&json!("shop"), &json!("7"), &json!("test")));
}

/// The region becomes part of host names, to which signed calls go.
#[tokio::test]
async fn a_namespaces_region_that_is_none_is_refused_before_aws_is_asked() {
    let world = World::new().await;
    annotate(&world, &json!({"region": "eu-west-1.example.com/"})).await;
    for name in ["hello", "leaving"] {
        world.apply(name, &spec()).await;
        let sentence = world.stalled(name, "InvalidSpec").await;
        assert!(sentence.contains("annotation lambda-operator.io/region"), "{sentence}");
    }
    world.delete("leaving").await;
    world.gone("leaving").await;
    assert!(world.calls().await.is_empty());
    annotate(&world, &json!({"region": null})).await;
    world.ready("hello").await;
}

#[tokio::test]
async fn default_tags_of_a_namespace_cannot_name_an_owner() {
    let world = World::new().await;
    world.settle("hello", &spec()).await;
    let before = world.manners().mark().await.unwrap();
    annotate(&world, &json!({"default-tags": "team=shop, Lambda-Operator.io/owner=test/other/thief"})).await;
    let sentence = world.stalled("hello", "NotAllowed").await;
    assert!(sentence.contains("default-tags") && sentence.contains("rename the key"), "{sentence}");
    assert_eq!(writes(&world.calls_since(before).await), [""; 0]);
    world.delete("hello").await;
    world.gone("hello").await;
    assert_eq!(world.function("hello").await, None, "an annotation does not hold an object that leaves");
}

#[tokio::test]
async fn a_changed_region_stops_every_write_until_reverted() {
    let world = World::new().await;
    world.settle("hello", &spec()).await;
    let before = world.manners().mark().await.unwrap();
    annotate(&world, &json!({"region": "us-east-1"})).await;
    let sentence = world.stalled("hello", "TargetChanged").await;
    assert!(sentence.contains(":eu-west-1:") && sentence.contains(":us-east-1:"), "{sentence}");
    world.delete("hello").await;
    world.stalled("hello", "TargetChanged").await;
    assert!(world.objects().get("hello").await.is_ok(), "the finalizer stays");
    assert_eq!(writes(&world.calls_since(before).await), [""; 0]);
    annotate(&world, &json!({"region": null})).await;
    world.gone("hello").await;
    assert_eq!(world.function("hello").await, None);
}

#[tokio::test]
async fn a_namespaces_role_puts_its_functions_into_the_roles_account() {
    let world = World::new().await;
    let other = format!("8{}", &world.account[1..]);
    let theirs = world.bed.aws(&other, "eu-west-1");
    let trust = "%7B%22Version%22%3A%222012-10-17%22%2C%22Statement%22%3A%5B%5D%7D";
    let form = format!("Action=CreateRole&Version=2010-05-08&RoleName=deployer&AssumeRolePolicyDocument={trust}");
    theirs.query("iam", &form).await.unwrap();
    annotate(&world, &json!({"role-arn": format!("arn:aws:iam::{other}:role/deployer")})).await;
    let object = world.settle("hello", &spec()).await;
    assert_eq!(status(&object).common.account.as_deref(), Some(&*other));
    assert_eq!(theirs.get_function("hello").await.unwrap().0, 200);
    assert_eq!(world.function("hello").await, None, "not in the operator's own account");
    let filter = testbed::Filter::account(&world.account).service("sts").operation("AssumeRole").not_by_tests();
    assert!(!world.manners().calls(&filter).await.unwrap().is_empty());
}

#[tokio::test]
async fn an_unassumable_role_is_reported_in_its_namespace() {
    let world = World::new().await;
    let denied = testbed::Action::error(403, "AccessDenied", "User is not authorized to perform: sts:AssumeRole");
    let rule = testbed::Rule::new("denied", denied).account(&world.account).service("sts").operation("AssumeRole");
    world.manners().add(&rule).await.unwrap();
    annotate(&world, &json!({"role-arn": "arn:aws:iam::123456789012:role/other"})).await;
    world.apply("hello", &spec()).await;
    let sentence = world.stalled("hello", "AccessDenied").await;
    assert!(sentence.contains("AssumeRole"), "{sentence}");
}

#[tokio::test]
async fn a_policy_refusal_makes_no_call_and_allows_deletion() {
    let world = World::new().await;
    annotate(&world, &json!({"allowed-roles": "arn:aws:iam::*:role/team-*", "allowed-function-names": "team-*"})).await;
    world.apply("hello", &spec()).await;
    let sentence = world.stalled("hello", "NotAllowed").await;
    assert!(sentence.contains("role/hello") && sentence.contains("lambda-operator.io/allowed-roles"), "{sentence}");
    assert_eq!(world.calls().await.len(), 0);
    let allowed = json!({"role": "arn:aws:iam::123456789012:role/team-a", "functionName": "team-hello"});
    world.settle("good", &spec_with(&allowed)).await;
    annotate(&world, &json!({"allowed-function-names": "other-*"})).await;
    world.stalled("good", "NotAllowed").await;
    world.delete("good").await;
    world.gone("good").await;
    assert_eq!(world.function("team-hello").await, None);
}

#[tokio::test]
async fn a_required_policy_refuses_by_default() {
    let world = World::with(&["--require-namespace-policy"]).await;
    world.apply("hello", &spec()).await;
    world.stalled("hello", "NotAllowed").await;
    annotate(&world, &json!({"allowed-roles": "*", "allowed-function-names": "*", "allowed-regions": "*"})).await;
    world.ready("hello").await;
    world.apply("adopts", &spec_with(&json!({"adoptionPolicy": "Adopt"}))).await;
    assert!(world.stalled("adopts", "NotAllowed").await.contains("adoption"));
}

#[tokio::test]
async fn adopt_from_moves_a_function_between_objects() {
    let world = World::new().await;
    let shared = json!({"functionName": "shared"});
    world.settle("first", &spec_with(&shared)).await;
    let mut moving = shared.clone();
    moving["adoptFrom"] = json!(format!("test/{}/first", world.namespace));
    let before = world.manners().mark().await.unwrap();
    let agrees = format!("lambda-operator.io/hand-over-to={}/second", world.namespace);
    world.bed.kubectl_ok(&["annotate", "-n", &world.namespace, "lfn", "first", &agrees], None).await.unwrap();
    world.settle("second", &spec_with(&moving)).await;
    assert_eq!(writes(&world.calls_since(before).await), ["TagResource"]);
    let takes_back = ["annotate", "-n", &world.namespace, "lfn", "first", "lambda-operator.io/hand-over-to-"];
    world.bed.kubectl_ok(&takes_back, None).await.unwrap();
    let sentence = world.stalled("first", "NotOwned").await;
    assert!(sentence.contains(&format!("test/{}/second", world.namespace)), "{sentence}");
    world.delete("first").await;
    world.gone("first").await;
    assert!(world.function("shared").await.is_some());
}

#[tokio::test]
async fn tags_of_a_cluster_that_is_gone_are_accepted_and_rewritten() {
    let mut world = World::new().await;
    world.settle("kept", &spec()).await;
    world.settle("deleted", &spec()).await;
    assert_eq!(world.operator.probe("/livez").await.unwrap(), 200);
    let (bed, account, namespace) = (world.bed.clone(), world.account.clone(), world.namespace.clone());
    let arguments = ["--watch-namespace", namespace.as_str(), "--cluster-name", "rebuilt"];
    let kubeconfig = installed(&bed).await;
    // One operator at a time: two that disagree overwrite each other's status.
    world.operator.kill().await;
    let stranger = options_named(kubeconfig.clone(), &account, &arguments);
    world.operator = testbed::Operator::start(&bed, stranger).await.unwrap();
    world
        .until("the stranger to say whose it is", async |world: &World| {
            world.look_now("kept").await;
            let object = world.objects().get("kept").await.unwrap();
            let events = world.events("kept").await;
            let told = events.iter().filter(|event| event.reason.as_deref() == Some("NotOwned"));
            let mends =
                |note: &str| note.contains("If test is a former name") && note.contains("--former-cluster-name");
            let told = told.filter_map(|event| event.note.as_deref()).any(mends);
            if told { Ok(()) } else { Err(format!("{:?}", object.status)) }
        })
        .await;
    world.operator.kill().await;
    let accepting = [&arguments[..], &["--former-cluster-name", "test"]].concat();
    let heir = options_named(kubeconfig, &account, &accepting);
    world.operator = testbed::Operator::start(&bed, heir).await.unwrap();
    world
        .until("the tag to be rewritten", async |world: &World| {
            world.look_now("kept").await;
            let function = world.function("kept").await.unwrap();
            let owner = function["Tags"]["lambda-operator.io/owner"].as_str().unwrap_or_default().to_owned();
            if owner.starts_with("rebuilt/") { Ok(()) } else { Err(owner) }
        })
        .await;
    let object = world.objects().get("kept").await.unwrap();
    assert!(!message(&object, "Ready").is_empty());
}

/// With a cluster name of its own.
fn options_named(kubeconfig: std::path::PathBuf, account: &str, arguments: &[&str]) -> testbed::OperatorOptions {
    let mut options = options(kubeconfig, account, arguments);
    // The first of two equal flags would win or clash: ours takes the place of the harness's.
    let at = options.args.iter().position(|argument| argument == "--cluster-name").unwrap();
    options.args.drain(at..at + 2);
    options
}
