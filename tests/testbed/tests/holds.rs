//! Calls that are held: what the emulator and the apiserver have seen of them, and what a client that goes away leaves
//! behind; runs inside `testbed run`.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on shall stop, its helpers included")]

use std::time::Duration;

use base64::Engine;
use serde_json::json;
use testbed::{Action, Aws, Bed, Call, Error, Filter, Hold, KubernetesProxy, Moment, Rule, Write, poll};

const REGION: &str = "eu-west-1";
const PATIENCE: Duration = Duration::from_secs(20);

/// Twelve digits that no other run and no other test has.
fn account(test: u64) -> String {
    format!("{:07}{:05}", std::process::id() % 10_000_000, 70_000 + test)
}

/// Makes a function, once and without patience; returns the status.
async fn create(aws: Aws) -> u16 {
    let request = json!({
        "FunctionName": "f", "Runtime": "python3.13", "Handler": "main.handler",
        "Role": "arn:aws:iam::123456789012:role/hello",
        "Code": {"ZipFile": base64::engine::general_purpose::STANDARD.encode(testbed::package("x = 1\n"))},
    });
    aws.lambda("POST", "/2015-03-31/functions", Some(&request)).await.unwrap().0
}

async fn held(bed: &Bed, account: &str) -> Call {
    poll("a call to be held", PATIENCE, async || {
        let calls = bed.manners().calls(&Filter::account(account)).await?;
        let found = calls.iter().find(|call| call.rule.is_some() && call.duration_ms.is_none());
        Ok::<_, Error>(found.cloned().ok_or_else(|| format!("{calls:?}")))
    })
    .await
    .unwrap()
}

async fn over(bed: &Bed, account: &str, number: u64) -> Call {
    poll("a call to be over", PATIENCE, async || {
        let calls = bed.manners().calls(&Filter::account(account)).await?;
        let found = calls.iter().find(|call| call.number == number && call.duration_ms.is_some());
        Ok::<_, Error>(found.cloned().ok_or_else(|| format!("{calls:?}")))
    })
    .await
    .unwrap()
}

async fn exists(aws: &Aws, function: &str) -> bool {
    aws.get_function(function).await.unwrap().0 == 200
}

#[tokio::test]
async fn a_held_request_goes_on_when_its_rule_goes() {
    let bed = Bed::from_env().unwrap();
    let aws = bed.aws(&account(1), REGION);
    let rule = Rule::new("held", Action::HoldRequest).account(&account(1)).operation("CreateFunction").times(1);
    let rule = bed.manners().add(&rule).await.unwrap();
    let call = tokio::spawn(create(aws.clone()));
    let seen = held(&bed, &account(1)).await;
    assert_eq!((seen.rule.as_deref(), seen.status), (Some("held"), 0));
    assert!(!exists(&aws, "f").await);
    bed.manners().remove(rule).await.unwrap();
    assert_eq!(call.await.unwrap(), 201);
    assert_eq!(over(&bed, &account(1), seen.number).await.status, 201);
}

#[tokio::test]
async fn an_abandoned_held_request_does_no_work() {
    let bed = Bed::from_env().unwrap();
    let aws = bed.aws(&account(2), REGION);
    let rule = Rule::new("held", Action::HoldRequest).account(&account(2)).operation("CreateFunction").times(1);
    let rule = bed.manners().add(&rule).await.unwrap();
    let call = tokio::spawn(create(aws.clone()));
    let seen = held(&bed, &account(2)).await;
    call.abort();
    assert_eq!(over(&bed, &account(2), seen.number).await.status, 0);
    bed.manners().remove(rule).await.unwrap();
    assert!(!exists(&aws, "f").await);
}

#[tokio::test]
async fn a_held_answer_is_that_of_work_that_is_done() {
    let bed = Bed::from_env().unwrap();
    let aws = bed.aws(&account(3), REGION);
    let rule = Rule::new("held", Action::HoldAnswer).account(&account(3)).operation("CreateFunction").times(1);
    bed.manners().add(&rule).await.unwrap();
    let call = tokio::spawn(create(aws.clone()));
    let seen = held(&bed, &account(3)).await;
    assert_eq!(seen.status, 201);
    assert!(exists(&aws, "f").await);
    call.abort();
    assert_eq!(over(&bed, &account(3), seen.number).await.status, 201);
}

/// kubectl through the proxy.
async fn kubectl(bed: &Bed, proxy: &KubernetesProxy, arguments: &[&str]) {
    let bed = Bed { kubeconfig: proxy.kubeconfig.clone(), ..bed.clone() };
    bed.kubectl_ok(arguments, None).await.unwrap();
}

async fn write_until(proxy: &KubernetesProxy, wanted: impl Fn(&Write) -> bool) -> Write {
    poll("a write", PATIENCE, async || {
        let writes = proxy.writes();
        Ok::<_, Error>(writes.iter().find(|write| wanted(write)).cloned().ok_or_else(|| format!("{writes:?}")))
    })
    .await
    .unwrap()
}

#[tokio::test]
async fn kubernetes_writes_are_recorded_and_held() {
    let bed = Bed::from_env().unwrap();
    let proxy = bed.kubernetes_proxy(&bed.kubeconfig).await.unwrap();
    let namespace = format!("holds-{}", std::process::id());
    kubectl(&bed, &proxy, &["create", "namespace", &namespace]).await;
    let made = write_until(&proxy, |write| write.ended).await;
    assert_eq!((made.verb.as_str(), made.resource.as_str(), made.status), ("create", "namespaces", 201));

    let create = ["create", "configmap", "m", "-n", namespace.as_str()];
    let hold = |moment| Hold { resource: Some("configmaps".to_owned()), ..Hold::new(moment) };
    let missing = async || {
        let got = bed.kubectl(&["get", "configmap", "m", "-n", &namespace], None).await.unwrap();
        !got.status.success()
    };
    let id = proxy.hold(hold(Moment::Request));
    let client = async {
        // dropped while the write is held
        let gone = tokio::time::timeout(PATIENCE, kubectl(&bed, &proxy, &create));
        tokio::select! {
            _ = gone => {}
            _ = write_until(&proxy, |write| write.resource == "configmaps" && write.held) => {}
        }
    };
    client.await;
    let lost = write_until(&proxy, |write| write.resource == "configmaps" && write.ended).await;
    assert_eq!(lost.status, 0);
    proxy.release(id);
    assert!(missing().await, "its client went away");

    let id = proxy.hold(hold(Moment::Answer));
    tokio::join!(kubectl(&bed, &proxy, &create), async {
        let held = write_until(&proxy, |write| write.held && write.status == 201).await;
        assert!(!held.ended && !missing().await);
        proxy.release(id);
    });
}
