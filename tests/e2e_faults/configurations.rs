//! Faults of calls about event invoke configurations and provisioned concurrency: what status says meanwhile, and that each change is made once.

use lambda_operator::api::event_invoke_config::LambdaFunctionEventInvokeConfig;
use lambda_operator::api::provisioned_concurrency::LambdaProvisionedConcurrencyConfig;
use serde_json::{Value, json};

use crate::scene::{Scene, published};

pub(crate) const CONFIGURATIONS: [&str; 6] = [
    "destination-not-allowed",
    "invoke-config-conflict",
    "invoke-config-stale",
    "provisioned-failed",
    "provisioned-put-lost",
    "provisioned-stuck",
];

const FUNCTION: &str = "hello";

async fn scene() -> Scene {
    let scene = Scene::new().await;
    scene.world.settle(FUNCTION, &published(&json!({}))).await;
    scene
}

fn retries(retries: i64) -> Value {
    json!({"functionRef": {"name": FUNCTION}, "qualifier": "1", "maximumRetryAttempts": retries})
}

fn warm(amount: i64) -> Value {
    json!({"functionRef": {"name": FUNCTION}, "qualifier": "1", "provisionedConcurrentExecutions": amount})
}

impl Scene {
    /// The writes of this name that AWS carried out.
    async fn carried_out(&self, operation: &str) -> usize {
        let done = |status: u16| status == 0 || (200..300).contains(&status);
        let calls = self.calls(FUNCTION).await;
        calls.iter().filter(|call| call.operation == operation && done(call.status)).count()
    }

    /// An event invoke configuration is created, changed and deleted under a fault that ends by itself.
    async fn a_configuration_lives_under(&self, fault: &str) {
        let configs = self.world.of::<LambdaFunctionEventInvokeConfig>();
        for number in [1, 0] {
            self.on(fault, FUNCTION).await;
            configs.settle("async", &retries(number)).await;
            self.off(fault, FUNCTION).await;
            let (_, there) = self.world.aws.get_invoke_config(FUNCTION, Some("1")).await.unwrap();
            assert_eq!(there["MaximumRetryAttempts"], number, "{fault}");
        }
        self.on(fault, FUNCTION).await;
        configs.delete("async").await;
        configs.is_gone("async").await;
        assert_eq!(self.world.aws.get_invoke_config(FUNCTION, Some("1")).await.unwrap().0, 404, "{fault}");
        assert!(!self.met(fault, FUNCTION).await.is_empty(), "{fault} was there");
        assert_eq!(self.carried_out("PutFunctionEventInvokeConfig").await, 2, "{fault}");
        assert_eq!(self.carried_out("DeleteFunctionEventInvokeConfig").await, 1, "{fault}");
    }
}

#[tokio::test]
async fn a_configuration_waits_while_another_of_the_function_is_changed() {
    scene().await.a_configuration_lives_under("invoke-config-conflict").await;
}

#[tokio::test]
async fn stale_reads_of_a_configuration_repeat_no_write_and_leave_nothing() {
    scene().await.a_configuration_lives_under("invoke-config-stale").await;
}

#[tokio::test]
async fn a_permission_for_a_destination_that_is_too_new_is_waited_for() {
    let scene = scene().await;
    scene.on("destination-not-allowed", FUNCTION).await;
    let configs = scene.world.of::<LambdaFunctionEventInvokeConfig>();
    configs.apply("async", &retries(1)).await;
    let said = configs.says("async", "Reconciling", "WaitingForIAM").await;
    assert!(said.contains("SendMessage"), "{said}");
    configs.is_ready("async").await;
}

/// The destination itself may be created a little later.
#[tokio::test]
async fn a_destination_that_does_not_exist_yet_is_waited_for() {
    let scene = scene().await;
    let arn = format!("arn:aws:sqs:eu-west-1:{}:late", scene.world.account);
    let configs = scene.world.of::<LambdaFunctionEventInvokeConfig>();
    let mut spec = retries(1);
    spec["destinationConfig"] = json!({"onFailure": {"destination": arn}});
    configs.apply("async", &spec).await;
    let said = configs.says("async", "Reconciling", "NotFound").await;
    assert!(said.contains(&arn), "{said}");
    scene.world.aws.create_queue("late").await.unwrap();
    configs.is_ready("async").await;
}

#[tokio::test]
async fn a_lost_answer_to_a_request_for_concurrency_is_recognised() {
    let scene = scene().await;
    let configs = scene.world.of::<LambdaProvisionedConcurrencyConfig>();
    for amount in [2, 3] {
        scene.on("provisioned-put-lost", FUNCTION).await;
        configs.settle("warm", &warm(amount)).await;
        scene.off("provisioned-put-lost", FUNCTION).await;
    }
    assert!(!scene.met("provisioned-put-lost", FUNCTION).await.is_empty());
    configs.delete("warm").await;
    configs.is_gone("warm").await;
    assert_eq!(scene.world.aws.get_provisioned(FUNCTION, "1").await.unwrap().0, 404);
}

#[tokio::test]
async fn an_allocation_that_is_stuck_times_out_and_heals() {
    let scene = scene().await;
    scene.on("provisioned-stuck", FUNCTION).await;
    let configs = scene.world.of::<LambdaProvisionedConcurrencyConfig>();
    let mut spec = warm(2);
    spec["timeouts"] = json!({"create": "3s", "update": "3s"});
    configs.apply("warm", &spec).await;
    let said = configs.says("warm", "Stalled", "TimedOut").await;
    assert!(said.contains("allocated 0 of 2"), "{said}");
    scene.off("provisioned-stuck", FUNCTION).await;
    configs.is_looked_at("warm").await;
    configs.is_ready("warm").await;
    assert_eq!(scene.carried_out("PutProvisionedConcurrencyConfig").await, 1);
}

#[tokio::test]
async fn a_failed_allocation_says_why_and_is_requested_again() {
    let scene = scene().await;
    scene.on("provisioned-failed", FUNCTION).await;
    let configs = scene.world.of::<LambdaProvisionedConcurrencyConfig>();
    configs.apply("warm", &warm(2)).await;
    let said = configs.says("warm", "Stalled", "AllocationFailed").await;
    assert!(said.contains("FUNCTION_ERROR_INIT_FAILURE"), "{said}");
    let object = configs.api().get("warm").await.unwrap();
    let status = object.status.unwrap();
    assert_eq!(status.status.as_deref(), Some("FAILED"));
    assert!(status.status_reason.is_some());
    assert_eq!(scene.carried_out("PutProvisionedConcurrencyConfig").await, 1, "not at once");
    configs.is_looked_at("warm").await;
    configs.says("warm", "Stalled", "AllocationFailed").await;
    assert_eq!(scene.carried_out("PutProvisionedConcurrencyConfig").await, 2, "the next reconcile requests it again");
    scene.off("provisioned-failed", FUNCTION).await;
    configs.is_looked_at("warm").await;
    configs.is_ready("warm").await;
    assert_eq!(scene.carried_out("PutProvisionedConcurrencyConfig").await, 2);
}
