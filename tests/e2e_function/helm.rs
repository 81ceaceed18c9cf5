//! Helm and `kubectl wait` take a function for ready when AWS is done, and give up as soon as only a person can help.

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use testbed::{Action, Output, Rule, RuleId};

use support::world::{World, message, spec, spec_with, status};

/// Much less than what Helm would wait, and much more than a busy machine takes.
const AT_ONCE: Duration = Duration::from_secs(60);

/// A chart with one LambdaFunction, whose spec is a value. It goes with the bed.
fn chart(world: &World, spec: &Value) -> PathBuf {
    let folder = world.bed.kubeconfig.with_file_name(format!("chart-{}", world.namespace));
    std::fs::create_dir_all(folder.join("templates")).unwrap();
    let manifest = "apiVersion: lambda-operator.io/v1alpha1\nkind: LambdaFunction\nmetadata: {name: hello}\nspec: {{ .Values.spec | toJson }}\n";
    std::fs::write(folder.join("Chart.yaml"), "apiVersion: v2\nname: function\nversion: 0.1.0\n").unwrap();
    std::fs::write(folder.join("templates/function.yaml"), manifest).unwrap();
    std::fs::write(folder.join("values.yaml"), json!({"spec": spec}).to_string()).unwrap();
    folder
}

/// `helm COMMAND hello CHART --wait`, and when it ended.
async fn helm(
    world: &World,
    program: &Path,
    command: &str,
    namespace: &str,
    timeout: &str,
    spec: &Value,
) -> (Output, Instant) {
    let chart = chart(world, spec);
    let arguments =
        [command, "hello", chart.to_str().unwrap(), "--namespace", namespace, "--wait", "--timeout", timeout];
    let output = world.bed.helm(program, &arguments).await.unwrap();
    (output, Instant::now())
}

/// AWS says that the function is Pending until this is taken back.
async fn pending(world: &World) -> RuleId {
    let answer = json!({"Configuration": {"State": "Pending", "StateReasonCode": "Creating", "StateReason": "The function is being created."}});
    let rule = Rule::new("pending", Action::PatchAnswer(answer)).account(&world.account).operation("GetFunction");
    world.manners().add(&rule).await.unwrap()
}

/// Takes it back once the operator has looked a few times; when that was.
async fn active_at_last(world: &World, rule: RuleId) -> Instant {
    world
        .until("some looks at a pending function", async |world: &World| {
            let calls = world.calls().await;
            let after = calls.iter().skip_while(|call| call.operation != "CreateFunction");
            let looks = after.filter(|call| call.operation == "GetFunction").count();
            if looks >= 3 { Ok(()) } else { Err(format!("{looks} looks")) }
        })
        .await;
    let now = Instant::now();
    world.manners().remove(rule).await.unwrap();
    now
}

async fn wait_for(world: &World, condition: &str) -> (Output, Instant) {
    let arguments = ["wait", "-n", &world.namespace, condition, "lfn/hello", "--timeout=120s"];
    let output = world.bed.kubectl(&arguments, None).await.unwrap();
    (output, Instant::now())
}

#[tokio::test]
async fn helm_4_waits_until_aws_is_done() {
    let world = World::new().await;
    let rule = pending(&world).await;
    let good = spec();
    let install = helm(&world, &world.bed.helm, "install", &world.namespace, "5m", &good);
    let ((output, ended), active) = tokio::join!(install, active_at_last(&world, rule));
    assert!(output.status.success(), "{output:?}");
    assert!(ended > active, "it was content with a function that is Pending");
    let object = world.objects().get("hello").await.unwrap();
    assert_eq!(status(&object).state.as_deref(), Some("Active"));
    assert_eq!(message(&object, "Ready"), "The function in AWS matches the spec.");
}

#[tokio::test]
async fn kubectl_wait_covers_helm_3() {
    let world = World::new().await;
    let helm_3 = testbed::helm_3().await.unwrap();
    let rule = pending(&world).await;
    let (output, _) = helm(&world, &helm_3, "install", &world.namespace, "5m", &spec()).await;
    assert!(output.status.success(), "{output:?}");
    let ((output, ended), active) =
        tokio::join!(wait_for(&world, "--for=condition=Ready"), active_at_last(&world, rule));
    assert!(output.status.success(), "{output:?}");
    assert!(ended > active, "it was content with a function that is Pending");
}

#[tokio::test]
async fn helm_fails_at_once_and_the_next_upgrade_repairs() {
    let world = World::new().await;
    let begin = Instant::now();
    let bad = spec_with(&json!({"runtime": "python2.9"}));
    let (output, ended) = helm(&world, &world.bed.helm, "install", &world.namespace, "5m", &bad).await;
    assert!(!output.status.success(), "{output:?}");
    assert!(ended - begin < AT_ONCE, "after {:?}: {output:?}", ended - begin);
    assert!(output.stderr.contains("hello"), "{output:?}");
    // kubectl knows no condition to fail by, but it can wait for one.
    let (output, _) = wait_for(&world, "--for=condition=Stalled").await;
    assert!(output.status.success(), "{output:?}");
    let (output, _) = wait_for(&world, "--for=condition=Ready=False").await;
    assert!(output.status.success(), "{output:?}");

    let (output, _) = helm(&world, &world.bed.helm, "upgrade", &world.namespace, "5m", &spec()).await;
    assert!(output.status.success(), "{output:?}");
    assert!(world.function("hello").await.is_some());

    let begin = Instant::now();
    let (output, ended) = helm(&world, &world.bed.helm, "upgrade", &world.namespace, "5m", &bad).await;
    assert!(!output.status.success(), "an upgrade that AWS refuses fails too, whatever was ready before: {output:?}");
    assert!(ended - begin < AT_ONCE, "after {:?}", ended - begin);
}

/// A race that most operators lose: nobody has looked at the object yet.
#[tokio::test]
async fn a_new_unreconciled_object_is_not_ready() {
    let world = World::new().await;
    let empty = format!("{}-empty", world.namespace);
    world.bed.kubectl_ok(&["create", "namespace", &empty], None).await.unwrap();
    let (output, _) = helm(&world, &world.bed.helm, "install", &empty, "4s", &spec()).await;
    assert!(!output.status.success(), "{output:?}");
    let get = ["get", "-n", &empty, "lfn/hello", "-o", "jsonpath={.status}"];
    assert_eq!(world.bed.kubectl_ok(&get, None).await.unwrap(), r#"{"observedGeneration":-1}"#);
}
