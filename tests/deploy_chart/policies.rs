//! The sample admission policies, each on the real API server: what they accept, what they refuse and with which words.

use serde_json::{Value, json};
use testbed::{Bed, poll};

use crate::release::{PATIENCE, alias, crd, documents, fresh, function, namespace};

/// Lets the policy of a file hold in namespaces with these labels only, so that no other test meets it.
pub(crate) async fn enforced(bed: &Bed, file: &str, labels: &Value) {
    let path = format!("{}/deploy/policies/{file}.yaml", env!("CARGO_MANIFEST_DIR"));
    applied_policy(bed, documents(&std::fs::read_to_string(path).unwrap()), labels).await;
}

/// The same for a policy and its binding. The API server has no doubt of its expressions.
pub(crate) async fn applied_policy(bed: &Bed, mut objects: Vec<Value>, labels: &Value) {
    for object in &mut objects {
        if object["kind"] == "ValidatingAdmissionPolicyBinding" {
            object["spec"]["matchResources"] = json!({"namespaceSelector": {"matchLabels": labels}});
        }
    }
    let applied = bed
        .kubectl(&["apply", "--server-side", "--force-conflicts", "-f", "-"], Some(&crate::release::list(&objects)))
        .await
        .unwrap();
    assert!(applied.status.success(), "{}", applied.stderr);
    assert_eq!(applied.stderr, "", "warnings");
    let policy = objects[0]["metadata"]["name"].as_str().unwrap();
    let get = ["get", "validatingadmissionpolicy", policy, "-o", "json"];
    let policy: Value = serde_json::from_str(&bed.kubectl_ok(&get, None).await.unwrap()).unwrap();
    assert_eq!(policy["status"]["typeChecking"]["expressionWarnings"], Value::Null, "{policy:#}");
}

async fn dry_run(bed: &Bed, object: &Value) -> (bool, String) {
    let output = bed.kubectl(&["create", "--dry-run=server", "-f", "-"], Some(&object.to_string())).await.unwrap();
    (output.status.success(), output.stderr)
}

/// The good one passes; the bad one is refused with these words, as soon as the API server knows the policy. Returns the
/// namespace where it holds.
async fn judges(file: &str, good: &Value, bad: &Value, words: &str) -> String {
    let bed = Bed::from_env().unwrap();
    crd(&bed).await;
    let place = fresh("policy");
    namespace(&bed, &place).await;
    let before = function(&place, "before", bad);
    bed.apply(&before.to_string()).await.unwrap();
    enforced(&bed, file, &json!({"kubernetes.io/metadata.name": place})).await;
    let bad = function(&place, "bad", bad);
    poll("the policy to hold", PATIENCE, async || {
        let (taken, said) = dry_run(&bed, &bad).await;
        Ok(if !taken && said.contains(words) { Ok(()) } else { Err(said) })
    })
    .await
    .unwrap();
    let (taken, said) = dry_run(&bed, &function(&place, "good", good)).await;
    assert!(taken, "{said}");
    let finalizer = r#"{"metadata":{"finalizers":["lambda-operator.io/finalizer"]}}"#;
    for patch in [finalizer, r#"{"metadata":{"finalizers":null}}"#] {
        let patched = ["patch", "lfn", "before", "-n", &place, "--type=merge", "-p", patch];
        bed.kubectl_ok(&patched, None).await.unwrap();
    }
    place
}

#[tokio::test]
async fn roles_are_allowed_by_the_beginning_of_their_arns() {
    let good = json!({"role": "arn:aws:iam::123456789012:role/team-a-hello"});
    let bad = json!({"role": "arn:aws:iam::123456789012:role/admin"});
    let place = judges(
        "allowed-roles",
        &good,
        &bad,
        "spec.role must begin with one of: arn:aws:iam::123456789012:role/team-a-",
    )
    .await;
    // The other way to run code as a role.
    let bed = Bed::from_env().unwrap();
    bed.apply(&function(&place, "hello", &good).to_string()).await.unwrap();
    let regrant = async |role: &str| {
        let annotation = format!("lambda-operator.io/regrant-role=arn:aws:iam::123456789012:role/{role}");
        let output = bed.kubectl(&["annotate", "lfn", "hello", "-n", &place, "--overwrite", &annotation], None).await;
        let output = output.unwrap();
        (output.status.success(), output.stderr)
    };
    let (taken, said) = regrant("admin").await;
    assert!(!taken && said.contains("regrant-role must begin with one of"), "{said}");
    let (taken, said) = regrant("team-a-other").await;
    assert!(taken, "{said}");
}

#[tokio::test]
async fn tags_are_required() {
    let good = json!({"tags": {"team": "a", "cost-center": "7"}});
    judges("required-tags", &good, &json!({"tags": {"team": "a"}}), "spec.tags must have the keys: cost-center").await;
}

#[tokio::test]
async fn regions_are_allowed_by_name() {
    let words = "spec.region must be one of: eu-west-1, eu-central-1";
    let (good, bad) = (json!({"region": "eu-central-1"}), json!({"region": "us-east-1"}));
    let place = judges("allowed-regions", &good, &bad, words).await;
    alias_is_refused(&place, &bad, words).await;
}

/// An alias that an aliases' policy judges as it judges a function.
async fn alias_is_refused(place: &str, change: &Value, words: &str) {
    let bed = Bed::from_env().unwrap();
    let mut object = alias(place, "hello");
    object["spec"] = json!({"functionName": "hello", "functionVersion": "1"});
    let (taken, said) = dry_run(&bed, &object).await;
    assert!(taken, "{said}");
    object["spec"].as_object_mut().unwrap().extend(change.as_object().unwrap().clone());
    let (taken, said) = dry_run(&bed, &object).await;
    assert!(!taken && said.contains(words), "{said}");
}

#[tokio::test]
async fn production_allows_no_skip_destroy_and_no_adoption() {
    let words = "spec.skipDestroy must not be true in production";
    let (good, bad) = (json!({"skipDestroy": false}), json!({"skipDestroy": true}));
    let place = judges("production", &good, &bad, words).await;
    alias_is_refused(&place, &bad, words).await;
    let words = "spec.adoptFrom must not be used in production";
    let (good, bad) = (json!({"adoptionPolicy": "Refuse"}), json!({"adoptionPolicy": "Adopt"}));
    let place = judges("production", &good, &bad, words).await;
    alias_is_refused(&place, &bad, words).await;
    judges("production", &good, &json!({"adoptFrom": "c/n/f"}), words).await;
}
