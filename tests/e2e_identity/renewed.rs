//! Credentials that become another account's while the operator runs: what it made in the first account is neither made again nor forgotten.

use std::time::Duration;

use k8s_openapi::jiff::Timestamp;
use kube::api::{Patch, PatchParams};
use lambda_operator::api::shared::RECONCILE_REQUESTED_AT;
use serde_json::{Value, json};
use testbed::{Bed, Operator};

use crate::agent::{Agent, TOKEN};
use support::world::{REGION, World, installed, message, options, spec};

const FIRST: &str = "300000000001";
const SECOND: &str = "300000000002";

/// The bed takes an access key of 12 digits for its account.
fn keys(account: &str) -> Value {
    json!({"AccessKeyId": account, "SecretAccessKey": "test", "Token": "token"})
}

/// An operator whose credentials an agent gives, for seconds at a time.
async fn world(agent: &Agent) -> World {
    let bed = Bed::from_env().unwrap();
    let kubeconfig = installed(&bed).await;
    let namespace = "renewed";
    bed.kubectl_ok(&["create", "namespace", namespace], None).await.unwrap();
    let file = kubeconfig.with_file_name("renewed.token");
    std::fs::write(&file, TOKEN).unwrap();
    let environment = [
        ("AWS_CONTAINER_CREDENTIALS_FULL_URI", agent.uri.as_str()),
        ("AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE", file.to_str().unwrap()),
        ("AWS_REGION", REGION),
    ];
    let options = options(kubeconfig, "", &["--watch-namespace", namespace]);
    let mut operator = Operator::start_as(&bed, &options, &environment).unwrap();
    operator.wait_until_ready(Duration::from_secs(30)).await.unwrap();
    World::around(bed, FIRST, namespace, operator).await
}

/// Looks until the object says that its function lives elsewhere.
async fn refuses(world: &World, name: &str) -> String {
    world
        .until("TargetChanged", async |world: &World| {
            world.look_now(name).await;
            let object = world.objects().get(name).await.map_err(|error| error.to_string())?;
            let conditions = object.status.iter().flat_map(|status| &status.common.conditions);
            let told = conditions.into_iter().any(|c| c.type_ == "Stalled" && c.reason == "TargetChanged");
            if told { Ok(message(&object, "Stalled")) } else { Err(format!("{:?}", object.status)) }
        })
        .await
}

#[tokio::test]
async fn credentials_that_become_another_accounts_touch_nothing_there() {
    let agent = Agent::start(keys(FIRST)).await;
    let world = world(&agent).await;
    let elsewhere = world.bed.aws(SECOND, REGION);
    world.settle("kept", &spec()).await;
    world.settle("deleted", &spec()).await;

    agent.gives(keys(SECOND));
    let sentence = refuses(&world, "kept").await;
    assert!(sentence.contains(FIRST) && sentence.contains(SECOND), "{sentence}");
    world.delete("deleted").await;
    refuses(&world, "deleted").await;
    for name in ["kept", "deleted"] {
        assert_eq!(elsewhere.get_function(name).await.unwrap().0, 404, "created anew in another account");
        assert!(world.function(name).await.is_some(), "{name} is still there");
    }

    agent.gives(keys(FIRST));
    world
        .until("the deletion to go on", async |world: &World| {
            let object = world.objects().get_opt("deleted").await.map_err(|error| error.to_string())?;
            let Some(object) = object else { return Ok(()) };
            // It may be gone by now.
            let patch = json!({"metadata": {"annotations": {RECONCILE_REQUESTED_AT: Timestamp::now().to_string()}}});
            let asked = world.objects().patch("deleted", &PatchParams::default(), &Patch::Merge(patch)).await;
            asked.map_err(|error| error.to_string())?;
            Err(format!("{:?}", object.status))
        })
        .await;
    assert_eq!(world.function("deleted").await, None, "an orphan");
    world
        .until("the other object to be ready", async |world: &World| {
            world.look_now("kept").await;
            let object = world.objects().get("kept").await.map_err(|error| error.to_string())?;
            let conditions = object.status.iter().flat_map(|status| &status.common.conditions);
            let ready = conditions.into_iter().any(|c| c.type_ == "Ready" && c.status == "True");
            if ready { Ok(()) } else { Err(format!("{:?}", object.status)) }
        })
        .await;
}
