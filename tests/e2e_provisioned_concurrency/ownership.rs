//! Ownership of provisioned concurrency. A Put call overwrites without an error, so a read comes first.

use serde_json::json;
use support::world::{World, writes};

use crate::{Config, function, of_version, requested};

#[tokio::test]
async fn another_amount_is_not_overwritten_and_an_equal_one_is_taken_over() {
    let world = World::new().await;
    function(&world).await;
    world.aws.put_provisioned("hello", "1", 7).await.unwrap();
    world.aws.put_provisioned("hello", "2", 2).await.unwrap();
    world.aws.wait_until_provisioned("hello", "2").await.unwrap();
    let before = world.manners().mark().await.unwrap();
    let configs = world.of::<Config>();
    configs.apply("other", &of_version(2, &json!({}))).await;
    let said = configs.says("other", "Stalled", "NotOwned").await;
    assert!(said.contains("adoptionPolicy: Adopt"), "{said}");
    configs.settle("equal", &of_version(2, &json!({"qualifier": "2"}))).await;
    assert_eq!(writes(&world.calls_since(before).await), [""; 0]);
    configs.settle("other", &of_version(2, &json!({"adoptionPolicy": "Adopt"}))).await;
    assert_eq!(requested(&world.aws, "1").await, Some(2));
    configs.apply("second", &of_version(9, &json!({}))).await;
    let said = configs.says("second", "Stalled", "NotOwned").await;
    assert!(said.contains("LambdaProvisionedConcurrencyConfig") && said.contains("/other"), "{said}");
    configs.delete("second").await;
    configs.is_gone("second").await;
    assert_eq!(requested(&world.aws, "1").await, Some(2));
}
