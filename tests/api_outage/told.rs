//! What the API server refuses for good is said on the object: by a condition, or by an Event where the status is refused, too.

use kube::Api;
use kube::api::PostParams;
use lambda_operator::api::function::spec::LambdaFunction;
use serde_json::{Map, Value, json};
use testbed::{Mishap, Trouble, poll};

use crate::places::proxied;
use support::world::{World, message, spec, spec_with, writes};

const NO_ERRORS: &str = "controller_runtime_reconcile_errors_total{controller=\"lambdafunction\"} 0\n";

async fn secret(world: &World) {
    world
        .bed
        .kubectl_ok(&["create", "secret", "generic", "db", "-n", &world.namespace, "--from-literal=KEY=x"], None)
        .await
        .unwrap();
}

fn with_secret() -> Value {
    spec_with(&json!({"environment": {"valueFrom": {"KEY": {"secretKeyRef": {"name": "db", "key": "KEY"}}}}}))
}

/// Refuses every request that the condition does not allow, in the world's namespace alone. Returns once it does.
async fn policy(world: &World, operations: &[&str], condition: &str) -> String {
    let name = format!("{}-policy", world.namespace);
    let policy = json!({
        "apiVersion": "admissionregistration.k8s.io/v1", "kind": "ValidatingAdmissionPolicy", "metadata": {"name": name},
        "spec": {
            "matchConstraints": {
                "namespaceSelector": {"matchLabels": {"kubernetes.io/metadata.name": world.namespace}},
                "resourceRules": [{"apiGroups": ["lambda-operator.io"], "apiVersions": ["*"], "resources": ["lambdafunctions"], "operations": operations}],
            },
            "validations": [{"expression": condition, "message": "no cost centre"}],
        },
    });
    let binding = json!({
        "apiVersion": "admissionregistration.k8s.io/v1", "kind": "ValidatingAdmissionPolicyBinding", "metadata": {"name": name},
        "spec": {"policyName": name, "validationActions": ["Deny"]},
    });
    for object in [policy, binding] {
        world.bed.apply(&object.to_string()).await.unwrap();
    }
    name
}

async fn no_policy(world: &World, name: &str) {
    for kind in ["validatingadmissionpolicybinding", "validatingadmissionpolicy"] {
        world.bed.kubectl_ok(&["delete", kind, name], None).await.unwrap();
    }
}

/// Until the policy is in force.
async fn refuses(world: &World, arguments: &[&str]) {
    poll("the policy to be in force", std::time::Duration::from_secs(30), async || {
        let tried = world.bed.kubectl(arguments, None).await?;
        let said = tried.stderr;
        Ok(if said.contains("no cost centre") { Ok(()) } else { Err(said) })
    })
    .await
    .unwrap();
}

#[tokio::test]
async fn a_forbidden_secret_is_a_condition_that_heals() {
    let (world, proxy) = proxied(&[]).await;
    secret(&world).await;
    let fault = proxy.add_mishap(Mishap::new(Trouble::Status(403)).on("get", "secrets"));
    world.apply("hello", &with_secret()).await;
    let sentence = world.stalled("hello", "Forbidden").await;
    assert!(sentence.contains("Secret db") && sentence.contains("ServiceAccount"), "{sentence}");
    assert!(world.operator.metrics().await.unwrap().contains(NO_ERRORS), "it was reported");
    proxy.remove_mishap(fault);
    world.ready("hello").await;
}

/// The object may go although what its spec needs cannot be read any more.
#[tokio::test]
async fn a_forbidden_secret_never_holds_a_deletion() {
    let (world, proxy) = proxied(&[]).await;
    secret(&world).await;
    world.settle("hello", &with_secret()).await;
    proxy.add_mishap(Mishap::new(Trouble::Status(403)).on("get", "secrets"));
    world.delete("hello").await;
    world.gone("hello").await;
    assert_eq!(world.function("hello").await, None);
}

#[tokio::test]
async fn a_finalizer_that_a_policy_refuses_is_a_condition() {
    let world = World::new().await;
    let policy = policy(&world, &["UPDATE"], "has(object.metadata.labels) && 'cost' in object.metadata.labels").await;
    world.bed.kubectl_ok(&["create", "configmap", "warm", "-n", &world.namespace], None).await.unwrap();
    world.apply("probe", &spec_with(&json!({"suspend": true}))).await;
    let namespace = world.namespace.clone();
    refuses(&world, &["annotate", "lfn", "probe", "-n", &namespace, "--overwrite", "a=b", "--dry-run=server"]).await;
    world.apply("hello", &spec()).await;
    let sentence = world.stalled("hello", "AdmissionDenied").await;
    assert!(sentence.contains("no cost centre") && sentence.contains("nothing is created in AWS"), "{sentence}");
    assert_eq!(world.function("hello").await, None);
    no_policy(&world, &policy).await;
    world.ready("hello").await;

    let policy =
        self::policy(&world, &["UPDATE"], "has(object.metadata.labels) && 'cost' in object.metadata.labels").await;
    refuses(&world, &["annotate", "lfn", "hello", "-n", &namespace, "--overwrite", "a=c", "--dry-run=server"]).await;
    world.delete("hello").await;
    let sentence = world.stalled("hello", "AdmissionDenied").await;
    assert!(sentence.contains("remove the operator's finalizer") && sentence.contains("no cost centre"), "{sentence}");
    assert_eq!(world.function("hello").await, None, "it was deleted all the same");
    no_policy(&world, &policy).await;
    world.gone("hello").await;
}

/// An object with thousands of labels and so many characters of code, in a namespace.
async fn large(world: &World, namespace: &str, characters: usize) -> kube::Result<()> {
    let labels: Map<_, _> = (0..8000).map(|number| (format!("k{number:05}"), json!("v".repeat(60)))).collect();
    let object = json!({
        "apiVersion": "lambda-operator.io/v1alpha1", "kind": "LambdaFunction", "metadata": {"name": "large", "labels": labels},
        "spec": spec_with(&json!({"codeFrom": {"inline": {"index.py": "\u{1f980}".repeat(characters)}}})),
    });
    let objects: Api<LambdaFunction> = Api::namespaced(world.client.clone(), namespace);
    objects.create(&PostParams::default(), &serde_json::from_value(object).unwrap()).await.map(drop)
}

/// Whether a new object fits, in a namespace that the operator does not watch.
async fn fits(world: &World, namespace: &str, characters: usize) -> bool {
    match large(world, namespace, characters).await {
        Ok(()) => {
            world.bed.kubectl_ok(&["delete", "lfn", "large", "-n", namespace], None).await.unwrap();
            true
        }
        Err(error) => {
            assert!(error.to_string().contains("too large"), "{error}");
            false
        }
    }
}

/// As large as etcd takes, to a few characters: a finalizer has no room. How large that is, is found in a namespace that the operator does not watch.
#[tokio::test]
async fn an_object_that_is_too_large_is_told_by_an_event() {
    let world = World::new().await;
    let other = format!("u{}", &world.namespace[1..]);
    world.bed.kubectl_ok(&["create", "namespace", &other], None).await.unwrap();
    let (mut most, mut too_many) = (180_000, 262_000);
    assert!(fits(&world, &other, most).await && !fits(&world, &other, too_many).await);
    while too_many - most > 1 {
        let middle = usize::midpoint(most, too_many);
        *(if fits(&world, &other, middle).await { &mut most } else { &mut too_many }) = middle;
    }
    world.bed.kubectl_ok(&["delete", "namespace", &other, "--wait=false"], None).await.unwrap();
    large(&world, &world.namespace, most).await.unwrap();
    let event = world
        .until("an Event", async |world: &World| {
            let events = world.events("large").await;
            let found = events.iter().find(|event| event.reason.as_deref() == Some("ObjectTooLarge")).cloned();
            found.ok_or_else(|| format!("{events:?}"))
        })
        .await;
    assert!(event.note.as_deref().is_some_and(|note| note.contains("make it smaller")), "{event:?}");
    assert_eq!(event.type_.as_deref(), Some("Warning"));
    let calls = world.calls().await;
    assert_eq!(writes(&calls), [""; 0], "{calls:?}");
}

#[tokio::test]
async fn a_conflict_is_retried_without_a_word() {
    let (world, proxy) = proxied(&[]).await;
    let fault = proxy.add_mishap(Mishap::new(Trouble::Status(409)).on("patch", "lambdafunctions").times(2));
    world.settle("hello", &spec()).await;
    assert!(proxy.acted(fault) > 0);
    assert!(world.operator.metrics().await.unwrap().contains(NO_ERRORS));
    assert!(!world.operator.log().contains("Reconcile failed"), "{}", world.operator.log());
    let object = world.objects().get("hello").await.unwrap();
    assert!(!message(&object, "Ready").contains("API server"), "{object:?}");
}
