//! Least privilege, both halves: what the chart grants is enough, and everything that it grants is used.

use std::collections::BTreeSet;

use serde_json::{Value, json};
use testbed::{Bed, Options, Running};

use crate::release::{
    Release, alias, apply_crd, deleted, environment, function, is_deleted, is_ready, mapping, ready, secret,
};

/// A verb on a resource of an API group, with the name that it is bound to.
type Right = (String, String, String);

/// Granted and never used; each needs a reason.
const UNUSED: [(&str, &str, &str); 0] = [];

/// What the rendered roles give to the operator.
pub(crate) fn granted(objects: &[Value]) -> BTreeSet<Right> {
    let bindings = objects.iter().filter(|object| object["kind"].as_str().unwrap().ends_with("RoleBinding"));
    let names: BTreeSet<_> = bindings
        .map(|binding| (&binding["roleRef"]["kind"], &binding["roleRef"]["name"]))
        .map(|(kind, name)| format!("{kind}{name}"))
        .collect();
    let bound = |object: &&Value| names.contains(&format!("{}{}", object["kind"], object["metadata"]["name"]));
    let rules = objects.iter().filter(bound).flat_map(|role| role["rules"].as_array().unwrap());
    rules.flat_map(rights).collect()
}

fn rights(rule: &Value) -> Vec<Right> {
    let texts = |field: &str| rule[field].as_array().unwrap().iter().map(|text| text.as_str().unwrap().to_owned());
    let mut all = Vec::new();
    for group in texts("apiGroups") {
        for resource in texts("resources") {
            all.extend(texts("verbs").map(|verb| (verb, group.clone(), resource.clone())));
        }
    }
    all
}

/// What the API server wrote down of a user's requests: right, status, name.
pub(crate) fn audited(bed: &Bed, user: &str) -> Vec<(Right, u64, Option<String>)> {
    let log = std::fs::read_to_string(&bed.audit_log).unwrap();
    // The last line may be one that is just being written.
    let entries =
        log.lines().filter(|line| line.contains(user)).filter_map(|line| serde_json::from_str::<Value>(line).ok());
    entries
        .filter(|entry| entry["user"]["username"] == user && entry["objectRef"].is_object())
        .map(|entry| request(&entry))
        .collect()
}

fn request(entry: &Value) -> (Right, u64, Option<String>) {
    let object = &entry["objectRef"];
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let subresource = object["subresource"].as_str().map(|part| format!("/{part}")).unwrap_or_default();
    let right =
        (text(&entry["verb"]), text(&object["apiGroup"]), format!("{}{subresource}", text(&object["resource"])));
    (right, entry["responseStatus"]["code"].as_u64().unwrap_or_default(), object["name"].as_str().map(str::to_owned))
}

/// Both halves, for what an operator has done so far.
pub(crate) fn neither_too_much_nor_too_little(release: &Release, unused: &[(&str, &str, &str)]) {
    let requests = audited(&release.bed, &release.user());
    let refused: Vec<_> = requests.iter().filter(|(_, status, _)| *status == 403).collect();
    assert!(refused.is_empty(), "the chart grants too little: {refused:?}");
    assert!(!requests.is_empty(), "the audit log knows nothing of {}", release.user());
    let used: BTreeSet<Right> = requests.into_iter().map(|(right, _, _)| right).collect();
    let idle: Vec<_> = granted(&release.objects).difference(&used).cloned().collect();
    let unused: Vec<Right> =
        unused.iter().map(|(verb, group, resource)| ((*verb).into(), (*group).into(), (*resource).into())).collect();
    assert_eq!(idle, unused, "the chart grants what nobody uses");
}

/// Secrets: one by name, or all of them without their values.
fn no_secret_is_listed(release: &Release) {
    let reads: Vec<_> = release.proxy.reads().into_iter().filter(|read| read.resource == "secrets").collect();
    let (named, listed): (Vec<_>, Vec<_>) = reads.into_iter().partition(|read| read.name.is_some());
    assert!(!named.is_empty() && named.iter().all(|read| read.name.as_deref() == Some("db")), "{named:?}");
    let metadata = |accept: &str| accept.contains("as=PartialObjectMetadata");
    assert!(!listed.is_empty() && listed.iter().all(|read| metadata(&read.accept)), "{listed:?}");
}

/// Only where an object refers to one, although the right is on all of the cluster.
fn only_these_are_watched(release: &Release, namespace: &str) {
    let reads = release.proxy.reads().into_iter().filter(|read| read.name.is_none());
    let watched: BTreeSet<_> = reads
        .filter(|read| read.resource == "secrets" || read.resource == "configmaps")
        .map(|read| (read.resource, read.namespace))
        .collect();
    let expected = ["configmaps", "secrets"].map(|resource| (resource.to_owned(), Some(namespace.to_owned())));
    assert_eq!(watched, expected.into());
}

/// A cluster of its own: an operator for all namespaces would meddle with other tests' objects.
#[tokio::test]
async fn every_granted_right_is_used_and_no_secret_is_listed() {
    let running = Running::start(&Options::default()).await.unwrap();
    let bed = &running.bed;
    apply_crd(bed).await;
    let release = Release::install(bed, &[]).await;
    let operator = release.operator(&[]).await;
    let namespace = "default";
    let map = json!({"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "settings", "namespace": namespace}, "data": {"key": "m"}});
    bed.apply(&map.to_string()).await.unwrap();
    bed.apply(&secret(namespace, "db", "first").to_string()).await.unwrap();
    // Nobody refers to these, nor to anything in their namespace.
    bed.apply(&secret("kube-public", "others", "first").to_string()).await.unwrap();
    bed.apply(&function("kube-public", "plain", &json!({})).to_string()).await.unwrap();
    ready(bed, &operator, "kube-public", "plain").await;
    let values = json!({"environment": {"valueFrom": {
        "KEY": {"secretKeyRef": {"name": "db", "key": "key"}}, "MAP": {"configMapKeyRef": {"name": "settings", "key": "key"}},
    }}});
    bed.apply(&function(namespace, "hello", &values).to_string()).await.unwrap();
    ready(bed, &operator, namespace, "hello").await;
    bed.apply(&alias(namespace, "hello").to_string()).await.unwrap();
    is_ready(bed, &operator, namespace, "lalias/hello").await;
    bed.apply(&mapping(namespace, "hello").to_string()).await.unwrap();
    is_ready(bed, &operator, namespace, "lesm/hello").await;
    bed.apply(&secret(namespace, "db", "second").to_string()).await.unwrap();
    environment(&release, &operator, "hello", "second").await;
    is_deleted(bed, &operator, namespace, "lesm/hello").await;
    is_deleted(bed, &operator, namespace, "lalias/hello").await;
    deleted(bed, &operator, namespace, "hello").await;
    deleted(bed, &operator, "kube-public", "plain").await;
    assert!(operator.terminate().await.unwrap().success());

    neither_too_much_nor_too_little(&release, &UNUSED);
    no_secret_is_listed(&release);
    only_these_are_watched(&release, namespace);
}
