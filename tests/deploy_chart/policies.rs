//! The sample admission policies, each on the real API server: what they accept, what they refuse and with which words.

use serde_json::{Value, json};
use testbed::{Bed, poll};

use crate::release::{PATIENCE, crd, documents, fresh, function, namespace};

/// Lets the policy of a file hold in one namespace only, so that no other test meets it.
async fn enforced(bed: &Bed, file: &str, namespace: &str) {
    let path = format!("{}/deploy/policies/{file}.yaml", env!("CARGO_MANIFEST_DIR"));
    let mut objects = documents(&std::fs::read_to_string(path).unwrap());
    for object in &mut objects {
        if object["kind"] == "ValidatingAdmissionPolicyBinding" {
            object["spec"]["matchResources"] =
                json!({"namespaceSelector": {"matchLabels": {"kubernetes.io/metadata.name": namespace}}});
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
    enforced(&bed, file, &place).await;
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
    judges(
        "allowed-regions",
        &json!({"region": "eu-central-1"}),
        &json!({"region": "us-east-1"}),
        "spec.region must be one of: eu-west-1, eu-central-1",
    )
    .await;
}

#[tokio::test]
async fn production_allows_no_skip_destroy_and_no_adoption() {
    judges(
        "production",
        &json!({"skipDestroy": false}),
        &json!({"skipDestroy": true}),
        "spec.skipDestroy must not be true in production",
    )
    .await;
    judges(
        "production",
        &json!({"adoptionPolicy": "Refuse"}),
        &json!({"adoptionPolicy": "Adopt"}),
        "spec.adoptFrom must not be used in production",
    )
    .await;
}
