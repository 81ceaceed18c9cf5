//! What goes wrong, and how it goes on: refusals, a name that is taken, a missing Secret, a crash.

use std::time::Duration;

use k8s_openapi::api::core::v1::Secret;
use kube::Api;
use kube::api::PostParams;
use serde_json::json;
use testbed::{Error, Hold, KubernetesProxy, Moment, Operator, Write, poll};

use crate::stage::{NAME, Stage};
use support::world::{spec, spec_with};

#[tokio::test]
async fn refused_and_corrected() {
    let mut stage = Stage::new().await;
    stage.begin().await;
    stage.world.apply(NAME, &spec_with(&json!({"runtime": "python2.9"}))).await;
    stage.world.stalled(NAME, "Rejected").await;
    stage.world.settle(NAME, &spec()).await;
    stage.end("refused and corrected").await;
}

#[tokio::test]
async fn name_taken() {
    let mut stage = Stage::new().await;
    let made = stage.world.aws.create_function(NAME, &json!({"Tags": {"made": "by hand"}})).await.unwrap();
    stage.world.aws.wait_until_at_rest(NAME).await.unwrap();
    stage.begin().await;
    stage.world.apply(NAME, &spec()).await;
    stage.world.stalled(NAME, "NotOwned").await;
    stage.world.delete(NAME).await;
    stage.world.gone(NAME).await;
    let left = stage.world.function(NAME).await.unwrap();
    assert_eq!((&left["Configuration"]["Role"], &left["Tags"]), (&made["Role"], &json!({"made": "by hand"})));
    stage.end("name taken").await;
}

#[tokio::test]
async fn missing_secret() {
    let mut stage = Stage::new().await;
    stage.begin().await;
    let password = json!({"valueFrom": {"PASSWORD": {"secretKeyRef": {"name": "db", "key": "password"}}}});
    stage.world.apply(NAME, &spec_with(&json!({"environment": password}))).await;
    stage.world.condition(NAME, "Reconciling", "True", Some("ReferenceNotFound")).await;
    let secret = json!({"metadata": {"name": "db"}, "stringData": {"password": "correct-horse"}});
    let secrets: Api<Secret> = Api::namespaced(stage.world.client.clone(), &stage.world.namespace);
    secrets.create(&PostParams::default(), &serde_json::from_value(secret).unwrap()).await.unwrap();
    stage.world.ready(NAME).await;
    stage.end("missing secret").await;
}

/// AWS has the function, and status does not tell of it.
#[tokio::test]
async fn killed_after_creation() {
    let mut stage = Stage::new().await;
    stage.begin().await;
    // The first tells where the function will be, before it is created.
    let second = Hold {
        resource: Some("lambdafunctions".to_owned()),
        subresource: Some("status".to_owned()),
        skip: 1,
        ..Hold::new(Moment::Request)
    };
    let hold = stage.proxy.hold(second);
    stage.world.apply(NAME, &spec()).await;
    until_written(&stage.proxy, "the status to be held", |write| write.held).await;
    let created = stage.world.calls().await.iter().any(|call| call.operation == "CreateFunction");
    assert!(created, "killed too early:\n{}", stage.world.operator.log());
    let options = stage.options();
    stage.world.operator.kill().await;
    until_written(&stage.proxy, "the dead operator's write to be lost", |write| write.held && write.ended).await;
    stage.proxy.release(hold);
    stage.world.operator = Operator::start(&stage.world.bed, options).await.unwrap();
    stage.world.ready(NAME).await;
    stage.end("killed after creation").await;
}

/// Waits for such a write.
async fn until_written(proxy: &KubernetesProxy, what: &str, wanted: impl Fn(&Write) -> bool) {
    let waited = poll(what, Duration::from_secs(60), async || {
        let writes = proxy.writes();
        Ok::<_, Error>(if writes.iter().any(&wanted) { Ok(()) } else { Err(format!("{writes:#?}")) })
    });
    waited.await.unwrap();
}
