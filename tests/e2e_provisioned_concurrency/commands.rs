//! `import` and `plan` for provisioned concurrency.

use serde_json::json;
use support::cli::{imported, plan};
use support::world::{World, writes};

use crate::{Config, function};

#[tokio::test]
async fn imported_provisioned_concurrency_changes_nothing_and_a_plan_shows_another_amount() {
    let world = World::new().await;
    function(&world).await;
    world.aws.create_alias("hello", "live", &json!({"FunctionVersion": "1"})).await.unwrap();
    world.aws.put_provisioned("hello", "live", 2).await.unwrap();
    world.aws.wait_until_provisioned("hello", "live").await.unwrap();
    let manifest = imported(&world, &["provisioned-concurrency:hello:live"]).await;
    assert!(manifest.contains("kind: LambdaProvisionedConcurrencyConfig"), "{manifest}");
    let told = plan(&world, &manifest).await;
    assert_eq!(told.code, Some(0), "{told:?}");
    let before = world.manners().mark().await.unwrap();
    world.bed.kubectl_ok(&["apply", "--validate=strict", "-f", "-"], Some(&manifest)).await.unwrap();
    world.of::<Config>().is_ready("hello-live").await;
    assert_eq!(writes(&world.calls_since(before).await), [""; 0]);
    let more = manifest.replace("provisionedConcurrentExecutions: 2", "provisionedConcurrentExecutions: 3");
    let told = plan(&world, &more).await;
    let wanted = "  PutProvisionedConcurrencyConfig\n    provisionedConcurrentExecutions: 2 → 3\n";
    assert!(told.stdout.contains(wanted), "{told:?}");
}
