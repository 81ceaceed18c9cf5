//! Faults of calls about policies: what a LambdaPermission says meanwhile, and that it ends as if nothing had been, written to once.

use lambda_operator::api::permission::LambdaPermission;
use serde_json::{Value, json};

use crate::scene::Scene;
use support::world::spec_with;

pub(crate) const PERMISSIONS: [&str; 8] = [
    "permission-conflict",
    "permission-raced",
    "permission-add-lost",
    "permission-remove-lost",
    "policy-stale",
    "policy-throttled",
    "policy-full",
    "principal-too-new",
];

const FUNCTION: &str = "hello";

fn s3(bucket: &str) -> Value {
    json!({"functionRef": {"name": FUNCTION}, "action": "lambda:InvokeFunction", "principal": "s3.amazonaws.com",
        "sourceArn": format!("arn:aws:s3:::{bucket}")})
}

async fn scene() -> Scene {
    let scene = Scene::new().await;
    scene.world.settle(FUNCTION, &spec_with(&json!({}))).await;
    scene
}

impl Scene {
    /// The buckets that may call.
    async fn buckets(&self) -> Vec<String> {
        let statements = self.world.aws.statements(FUNCTION, None).await.unwrap();
        let source = |statement: &Value| {
            let source = statement.pointer("/Condition/ArnLike/AWS:SourceArn")?.as_str()?;
            Some(source.trim_start_matches("arn:aws:s3:::").to_owned())
        };
        statements.iter().filter_map(source).collect()
    }

    /// How many calls of this name AWS carried out.
    async fn permissions_done(&self, operation: &str) -> usize {
        let calls = self.calls(FUNCTION).await;
        // An answer that is lost has no status.
        let done = |status: u16| status == 0 || (200..300).contains(&status);
        calls.iter().filter(|call| call.operation == operation && done(call.status)).count()
    }

    /// A permission is created, changed and deleted under a fault that ends by itself.
    async fn a_permission_lives_under(&self, fault: &str) {
        let permissions = self.world.of::<LambdaPermission>();
        for bucket in ["one", "two"] {
            self.on(fault, FUNCTION).await;
            permissions.settle("from-s3", &s3(bucket)).await;
            self.off(fault, FUNCTION).await;
            assert_eq!(self.buckets().await, [bucket], "{fault}");
        }
        self.on(fault, FUNCTION).await;
        permissions.delete("from-s3").await;
        permissions.is_gone("from-s3").await;
        assert_eq!(self.buckets().await, [""; 0], "{fault}");
        assert!(!self.met(fault, FUNCTION).await.is_empty(), "{fault} was there");
        for operation in ["AddPermission", "RemovePermission"] {
            assert_eq!(self.permissions_done(operation).await, 2, "{fault}: {operation}");
        }
    }
}

#[tokio::test]
async fn a_permission_waits_while_somebody_else_changes_the_function() {
    scene().await.a_permission_lives_under("permission-conflict").await;
}

#[tokio::test]
async fn a_policy_that_somebody_else_changed_is_read_again() {
    scene().await.a_permission_lives_under("permission-raced").await;
}

#[tokio::test]
async fn a_lost_addition_is_recognised() {
    scene().await.a_permission_lives_under("permission-add-lost").await;
}

#[tokio::test]
async fn stale_reads_of_a_policy_repeat_no_write_and_leave_nothing() {
    scene().await.a_permission_lives_under("policy-stale").await;
}

/// The second call of RemovePermission finds nothing, whatever AWS says of that.
#[tokio::test]
async fn a_lost_removal_leaves_nothing() {
    let scene = scene().await;
    let permissions = scene.world.of::<LambdaPermission>();
    permissions.settle("from-s3", &s3("one")).await;
    scene.on("permission-remove-lost", FUNCTION).await;
    permissions.delete("from-s3").await;
    permissions.is_gone("from-s3").await;
    assert_eq!(scene.buckets().await, [""; 0]);
    assert_eq!(scene.met("permission-remove-lost", FUNCTION).await.len(), 1);
}

#[tokio::test]
async fn throttled_reads_of_a_policy_are_retried() {
    let scene = scene().await;
    let permissions = scene.world.of::<LambdaPermission>();
    scene.on("policy-throttled", FUNCTION).await;
    permissions.apply("from-s3", &s3("one")).await;
    let said = permissions.says("from-s3", "Reconciling", "Throttled").await;
    assert!(said.contains("Rate exceeded"), "{said}");
    scene.off("policy-throttled", FUNCTION).await;
    permissions.is_ready("from-s3").await;
    assert_eq!(scene.buckets().await, ["one"]);
}

#[tokio::test]
async fn a_full_policy_is_told_and_the_statement_that_is_there_stays() {
    let scene = scene().await;
    let permissions = scene.world.of::<LambdaPermission>();
    permissions.settle("from-s3", &s3("one")).await;
    scene.on("policy-full", FUNCTION).await;
    permissions.apply("from-s3", &s3("two")).await;
    let said = permissions.says("from-s3", "Stalled", "QuotaExceeded").await;
    assert!(said.contains("bigger than the limit") && said.contains("a * in its sourceArn"), "{said}");
    assert_eq!(scene.buckets().await, ["one"], "the old one is still in force");
    scene.off("policy-full", FUNCTION).await;
    permissions.is_looked_at("from-s3").await;
    permissions.is_ready("from-s3").await;
    assert_eq!(scene.buckets().await, ["two"]);
}

#[tokio::test]
async fn a_principal_that_is_too_new_is_waited_for() {
    let scene = scene().await;
    let permissions = scene.world.of::<LambdaPermission>();
    scene.on("principal-too-new", FUNCTION).await;
    permissions.apply("from-s3", &s3("one")).await;
    let said = permissions.says("from-s3", "Reconciling", "WaitingForIAM").await;
    assert!(said.contains("correct spec.principal"), "{said}");
    permissions.is_ready("from-s3").await;
    assert_eq!(scene.buckets().await, ["one"]);
}
