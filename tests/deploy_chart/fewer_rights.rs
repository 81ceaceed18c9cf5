//! Operators with less than usual: one that may not even watch Secrets, one whose namespace is going away, one that may nothing.

use serde_json::json;
use testbed::{Bed, poll};

use crate::release::{
    PATIENCE, Release, crd, deleted, environment, fresh, function, is_deleted, is_ready, namespace, ready, secret,
    siblings,
};
use crate::rights::{audited, granted, neither_too_much_nor_too_little};

fn with_secret() -> serde_json::Value {
    json!({"environment": {"valueFrom": {"KEY": {"secretKeyRef": {"name": "db", "key": "key"}}}}})
}

#[tokio::test]
async fn without_a_secret_watch_rotation_waits_for_drift_check() {
    let bed = Bed::from_env().unwrap();
    crd(&bed).await;
    let team = fresh("team");
    namespace(&bed, &team).await;
    let watched = format!("watchNamespaces={{{team}}}");
    let release = Release::install(&bed, &["watchReferences=false", &watched]).await;
    let operator = release.operator(&["--drift-interval=2s"]).await;
    bed.apply(&secret(&team, "db", "first").to_string()).await.unwrap();
    let map = json!({"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "settings", "namespace": team}, "data": {"key": "m"}});
    bed.apply(&map.to_string()).await.unwrap();
    let mut values = with_secret();
    values["environment"]["valueFrom"]["MAP"] = json!({"configMapKeyRef": {"name": "settings", "key": "key"}});
    // Provisioned concurrency is a version's.
    values["publish"] = json!(true);
    bed.apply(&function(&team, "hello", &values).to_string()).await.unwrap();
    ready(&bed, &operator, &team, "hello").await;
    for (kind, object) in siblings(&team, "hello") {
        bed.apply(&object.to_string()).await.unwrap();
        is_ready(&bed, &operator, &team, &format!("{kind}/hello")).await;
    }
    bed.apply(&secret(&team, "db", "second").to_string()).await.unwrap();
    environment(&release, &operator, "hello", "second").await;
    for (kind, _) in siblings(&team, "hello") {
        is_deleted(&bed, &operator, &team, &format!("{kind}/hello")).await;
    }
    deleted(&bed, &operator, &team, "hello").await;
    assert!(operator.terminate().await.unwrap().success());

    neither_too_much_nor_too_little(&release, &[]);
    let requests = audited(&bed, &release.user());
    let of_secrets: Vec<_> = requests.into_iter().filter(|((_, _, resource), _, _)| resource == "secrets").collect();
    assert!(!of_secrets.is_empty());
    assert!(
        of_secrets.iter().all(|((verb, _, _), _, name)| verb == "get" && name.as_deref() == Some("db")),
        "{of_secrets:?}"
    );
}

/// Until then the object says which command does it; with it the operator reads the Secret, and sees its changes.
#[tokio::test]
async fn a_namespace_consents_to_the_reading_of_its_secrets() {
    let bed = Bed::from_env().unwrap();
    crd(&bed).await;
    let team = fresh("team");
    namespace(&bed, &team).await;
    let watched = format!("watchNamespaces={{{team}}}");
    let release = Release::install(&bed, &["secretAccess=perNamespace", &watched, "clusterName=test"]).await;
    let mut granted = granted(&release.objects).into_iter();
    assert_eq!(granted.find(|(_, _, resource)| resource == "secrets"), None, "no right before somebody consents");
    let operator = release.operator(&[]).await;
    bed.apply(&secret(&team, "db", "first").to_string()).await.unwrap();
    bed.apply(&function(&team, "hello", &with_secret()).to_string()).await.unwrap();
    let asked = poll("the condition", PATIENCE, async || {
        let path = "jsonpath={.status.conditions[?(@.type=='Ready')].message}";
        let message = bed.kubectl_ok(&["get", "lfn", "hello", "-n", &team, "-o", path], None).await?;
        let command = message.split_once("kubectl ").and_then(|(_, rest)| rest.split_once(". It is"));
        Ok(command.map(|(command, _)| command.to_owned()).ok_or(message.clone()))
    });
    let command = asked.await.unwrap();
    bed.kubectl_ok(&command.split(' ').collect::<Vec<_>>(), None).await.unwrap();
    // At once, instead of within a minute.
    let requested = ["annotate", "lfn", "hello", "-n", &team, "lambda-operator.io/reconcile-requested-at=now"];
    bed.kubectl_ok(&requested, None).await.unwrap();
    ready(&bed, &operator, &team, "hello").await;
    environment(&release, &operator, "hello", "first").await;
    deleted(&bed, &operator, &team, "hello").await;
}

/// What the namespace controller does first when a namespace is deleted.
#[tokio::test]
async fn deletion_completes_after_role_bindings_are_gone() {
    let bed = Bed::from_env().unwrap();
    crd(&bed).await;
    let team = fresh("team");
    namespace(&bed, &team).await;
    let watched = format!("watchNamespaces={{{team}}}");
    let release = Release::install(&bed, &[&watched, "clusterName=test"]).await;
    let operator = release.operator(&[]).await;
    bed.apply(&secret(&team, "db", "first").to_string()).await.unwrap();
    bed.apply(&function(&team, "hello", &with_secret()).to_string()).await.unwrap();
    ready(&bed, &operator, &team, "hello").await;
    bed.kubectl_ok(&["delete", "rolebindings,roles", "--all", "-n", &team], None).await.unwrap();
    bed.kubectl_ok(&["delete", "secret", "db", "-n", &team], None).await.unwrap();
    deleted(&bed, &operator, &team, "hello").await;
    let aws = bed.aws(&release.account, crate::release::REGION);
    assert_eq!(aws.get_function("hello").await.unwrap().0, 404);
}

#[tokio::test]
async fn an_operator_without_rights_names_the_missing_ones() {
    let bed = Bed::from_env().unwrap();
    crd(&bed).await;
    let release = Release::install(&bed, &["rbac.create=false", "leaderElect=false", "clusterName=test"]).await;
    let operator = release.unready_operator(&[]);
    poll("the operator to say so", PATIENCE, async || {
        let log = operator.log();
        Ok(if log.contains("Watch of lambdafunctions failed") && log.contains("Forbidden") { Ok(()) } else { Err(log) })
    })
    .await
    .unwrap();
    assert_eq!(operator.probe("/readyz").await.unwrap(), 503);
}
