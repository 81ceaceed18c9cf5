//! What AWS fixes when a function is created. Terraform replaces the function to change it; we refuse the change.

use serde_json::{Value, json};

use crate::plan::{apply, configuration, empty_plan, refused};
use support::world::{World, spec};

/// Row 53 (tenancyConfig). A function with an environment for each tenant is created.
#[tokio::test]
async fn a_function_isolates_tenants() {
    let world = World::new().await;
    let tenants = json!({"tenancyConfig": {"tenantIsolationMode": "PER_TENANT"}});
    apply(&world, "hello", &tenants, &["CreateFunction"]).await;
    assert_eq!(configuration(&world, "hello").await["TenancyConfig"]["TenantIsolationMode"], "PER_TENANT");
    empty_plan(&world, "hello", &tenants).await;
}

/// Row 54 (tenancyConfig_ForceNew). Adding it makes Terraform replace the function; we refuse to add or remove it.
#[tokio::test]
async fn isolation_of_tenants_is_not_added_to_a_living_function() {
    let world = World::new().await;
    let tenants = json!({"tenancyConfig": {"tenantIsolationMode": "PER_TENANT"}});
    world.settle("hello", &spec()).await;
    let refusal = refused(&world, "hello", &tenants).await;
    assert!(refusal.contains("tenancyConfig cannot be added or removed"), "{refusal}");
    apply(&world, "other", &tenants, &["CreateFunction"]).await;
    let refusal = refused(&world, "other", &json!({})).await;
    assert!(refusal.contains("delete this object and create another"), "{refusal}");
}

fn durable(seconds: i32, days: i32) -> Value {
    json!({"durableConfig": {"executionTimeout": seconds, "retentionPeriod": days}})
}

async fn held(world: &World) -> Value {
    configuration(world, "hello").await["DurableConfig"].take()
}

/// Row 55 (durableConfig). Durable executions are there from the creation on; another change leaves their values alone,
/// and the values change in place. Days that are left out are AWS's 14, and such a function logs JSON without being
/// told, for AWS takes nothing else.
#[tokio::test]
async fn durable_executions_change_in_place() {
    let world = World::new().await;
    apply(&world, "hello", &durable(300, 7), &["CreateFunction"]).await;
    assert_eq!(held(&world).await, json!({"ExecutionTimeout": 300, "RetentionPeriodInDays": 7}));
    assert_eq!(configuration(&world, "hello").await["LoggingConfig"]["LogFormat"], "JSON");
    empty_plan(&world, "hello", &durable(300, 7)).await;
    let mut described = durable(300, 7);
    described["description"] = json!("durable");
    apply(&world, "hello", &described, &["UpdateFunctionConfiguration"]).await;
    assert_eq!(held(&world).await, json!({"ExecutionTimeout": 300, "RetentionPeriodInDays": 7}));
    let by_default = json!({"durableConfig": {"executionTimeout": 600}});
    apply(&world, "hello", &by_default, &["UpdateFunctionConfiguration"]).await;
    assert_eq!(held(&world).await, json!({"ExecutionTimeout": 600, "RetentionPeriodInDays": 14}));
    empty_plan(&world, "hello", &durable(600, 14)).await;
}

/// Row 56 (durableConfig_ForceNew). Adding them makes Terraform replace the function; we refuse to add or remove them.
#[tokio::test]
async fn durable_executions_are_not_added_to_a_living_function() {
    let world = World::new().await;
    world.settle("hello", &spec()).await;
    let refusal = refused(&world, "hello", &durable(300, 7)).await;
    assert!(refusal.contains("durableConfig cannot be added or removed"), "{refusal}");
    apply(&world, "other", &durable(300, 7), &["CreateFunction"]).await;
    let refusal = refused(&world, "other", &json!({})).await;
    assert!(refusal.contains("delete this object and create another"), "{refusal}");
}
