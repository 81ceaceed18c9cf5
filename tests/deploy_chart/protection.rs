//! Policies for what must not happen by mistake, on the real API server: a deletion of what is protected, and annotations of a Namespace by others.

use serde_json::{Value, json};
use testbed::{Bed, poll};

use crate::policies::{applied_policy, enforced};
use crate::release::{PATIENCE, alias, crd, fresh, function, namespace, render};

const PLATFORM: [&str; 4] = ["--as", "ada", "--as-group", "platform-engineers"];
/// The ways to write a Namespace, each a right of its own.
const RESOURCES: [&str; 3] = ["namespaces", "namespaces/status", "namespaces/finalize"];
const ROLE: &str = "lambda-operator.io/role-arn";

async fn refused(bed: &Bed, arguments: &[&str], words: &[&str]) {
    poll("the policy to refuse it", PATIENCE, async || {
        let output = bed.kubectl(arguments, None).await?;
        let refused = !output.status.success() && words.iter().all(|word| output.stderr.contains(word));
        Ok(if refused { Ok(()) } else { Err(output.stderr) })
    })
    .await
    .unwrap();
}

#[tokio::test]
async fn the_api_server_refuses_to_delete_what_is_protected_and_names_the_command() {
    let bed = Bed::from_env().unwrap();
    crd(&bed).await;
    let place = fresh("protected");
    namespace(&bed, &place).await;
    let chart = render(&bed, &bed.helm, &place, &place, &["--set", "crds.enabled=false"]).await;
    let of_policy = |object: &Value| object["kind"].as_str().unwrap().starts_with("ValidatingAdmissionPolicy");
    let objects: Vec<Value> = chart.into_iter().filter(of_policy).collect();
    applied_policy(&bed, objects, &json!({"kubernetes.io/metadata.name": place})).await;

    let mut pointed = alias(&place, "hello");
    pointed["spec"]["suspend"] = json!(true);
    pointed["spec"]["deletionProtection"] = json!(true);
    let protected = function(&place, "hello", &json!({"suspend": true, "deletionProtection": true}));
    for (kind, plural, object) in [("lfn", "lambdafunctions", protected), ("lalias", "lambdaaliases", pointed)] {
        bed.apply(&object.to_string()).await.unwrap();
        let delete = ["delete", kind, "hello", "-n", &place, "--dry-run=server", "--wait=false"];
        bed.kubectl_ok(&delete, None).await.unwrap();
        let arn = format!("arn:aws:lambda:eu-west-1:123456789012:function:{kind}");
        let status = json!({"status": {"arn": arn}}).to_string();
        let patch = ["patch", kind, "hello", "-n", &place, "--type=merge"];
        bed.kubectl_ok(&[&patch[..], &["--subresource=status", "-p", &status]].concat(), None).await.unwrap();

        let command = format!(
            "kubectl patch {plural} -n {place} hello --type=merge -p '{{\"spec\":{{\"deletionProtection\":false}}}}'"
        );
        refused(&bed, &delete, &[&arn, &command]).await;
        // As the namespace controller does it.
        let all = format!("/apis/lambda-operator.io/v1alpha1/namespaces/{place}/{plural}?dryRun=All");
        refused(&bed, &["delete", "--raw", &all], &[&arn, &command]).await;

        let set = async |spec: Value| {
            let spec = json!({"spec": spec}).to_string();
            bed.kubectl_ok(&[&patch[..], &["-p", &spec]].concat(), None).await.unwrap();
        };
        set(json!({"skipDestroy": true})).await;
        bed.kubectl_ok(&delete, None).await.unwrap();
        set(json!({"skipDestroy": false})).await;
        refused(&bed, &delete, &[&command]).await;
        set(json!({"deletionProtection": false})).await;
        bed.kubectl_ok(&delete, None).await.unwrap();
    }
}

/// Sets an annotation of a Namespace by one of its resources, or removes it.
async fn annotate(
    bed: &Bed,
    who: &[&str],
    resource: &str,
    place: &str,
    key: &str,
    value: Option<&str>,
) -> (bool, String) {
    let patch = json!({"metadata": {"annotations": {key: value}}}).to_string();
    let patch = ["patch", "namespace", place, "--type=merge", "-p", &patch];
    let output = if resource == "namespaces/finalize" {
        let get = ["get", "namespace", place, "-o", "json"];
        let mut whole: Value = serde_json::from_str(&bed.kubectl_ok(&get, None).await.unwrap()).unwrap();
        match value {
            Some(value) => whole["metadata"]["annotations"][key] = json!(value),
            None => {
                whole["metadata"]["annotations"].as_object_mut().unwrap().remove(key);
            }
        }
        let path = format!("/api/v1/namespaces/{place}/finalize");
        bed.kubectl(&[who, &["replace", "--raw", &path, "-f", "-"]].concat(), Some(&whole.to_string())).await
    } else if resource == "namespaces/status" {
        bed.kubectl(&[who, &patch, &["--subresource=status"]].concat(), None).await
    } else {
        bed.kubectl(&[who, &patch].concat(), None).await
    };
    let output = output.unwrap();
    (output.status.success(), output.stderr)
}

/// A user, and the platform's group, who may write Namespaces in every way that RBAC knows.
async fn may_write_namespaces(bed: &Bed, name: &str) {
    let role = json!({
        "apiVersion": "rbac.authorization.k8s.io/v1", "kind": "ClusterRole", "metadata": {"name": name},
        "rules": [{"apiGroups": [""], "resources": RESOURCES, "verbs": ["get", "create", "update", "patch"]}],
    });
    let subject = |kind: &str, name: &str| json!({"apiGroup": "rbac.authorization.k8s.io", "kind": kind, "name": name});
    let binding = json!({
        "apiVersion": "rbac.authorization.k8s.io/v1", "kind": "ClusterRoleBinding", "metadata": {"name": name},
        "roleRef": {"apiGroup": "rbac.authorization.k8s.io", "kind": "ClusterRole", "name": name},
        "subjects": [subject("User", name), subject("Group", "platform-engineers")],
    });
    for object in [role, binding] {
        bed.apply(&object.to_string()).await.unwrap();
    }
}

#[tokio::test]
async fn only_the_platforms_group_changes_our_annotations_of_a_namespace_by_any_of_its_resources() {
    let bed = Bed::from_env().unwrap();
    let place = fresh("guarded");
    let guarded = |name: &str, annotations: Value| {
        let labels = json!({"guarded": place});
        json!({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name, "labels": labels, "annotations": annotations}})
    };
    bed.apply(&guarded(&place, json!({"example.com/team": "a"})).to_string()).await.unwrap();
    may_write_namespaces(&bed, &place).await;
    let tenant = ["--as", place.as_str(), "--as-group", "system:authenticated"];
    let stored = async || {
        let get = ["get", "namespace", &place, "-o", "json"];
        let object: Value = serde_json::from_str(&bed.kubectl_ok(&get, None).await.unwrap()).unwrap();
        object["metadata"]["annotations"][ROLE].as_str().map(str::to_owned)
    };
    // Without the policy each of the three rights is enough.
    for resource in RESOURCES {
        let (taken, said) = annotate(&bed, &tenant, resource, &place, ROLE, Some(resource)).await;
        assert!(taken && stored().await.as_deref() == Some(resource), "{resource}: {said}");
    }
    enforced(&bed, "namespace-annotations", &json!({"guarded": place})).await;
    let change = json!({"metadata": {"annotations": {ROLE: "arn:theirs"}}}).to_string();
    let patch =
        [&tenant[..], &["patch", "namespace", &place, "--type=merge", "--dry-run=server", "-p", &change]].concat();
    refused(&bed, &patch, &[ROLE, "platform-engineers"]).await;

    for resource in RESOURCES {
        let before = stored().await;
        for (key, value) in [(ROLE, Some("arn:theirs")), (ROLE, None), ("Lambda-Operator.io/region", Some("x"))] {
            let (taken, said) = annotate(&bed, &tenant, resource, &place, key, value).await;
            assert!(!taken && said.contains("platform-engineers") && said.contains(key), "{resource} {key}: {said}");
        }
        assert_eq!(stored().await, before, "{resource}");
        let (taken, said) = annotate(&bed, &tenant, resource, &place, "example.com/team", Some(resource)).await;
        assert!(taken, "{resource}: {said}");
        let (taken, said) = annotate(&bed, &PLATFORM, resource, &place, ROLE, Some("arn:ours")).await;
        assert!(taken && stored().await.as_deref() == Some("arn:ours"), "{resource}: {said}");
    }

    // Nor does whoever may create Namespaces.
    let create = async |annotations: Value| {
        let object = guarded(&fresh("guarded"), annotations).to_string();
        let output =
            bed.kubectl(&[&tenant[..], &["create", "--dry-run=server", "-f", "-"]].concat(), Some(&object)).await;
        let output = output.unwrap();
        (output.status.success(), output.stderr)
    };
    let (taken, said) = create(json!({ROLE: "arn:theirs"})).await;
    assert!(!taken && said.contains(ROLE), "{said}");
    let (taken, said) = create(json!({"example.com/team": "a"})).await;
    assert!(taken, "{said}");
}
