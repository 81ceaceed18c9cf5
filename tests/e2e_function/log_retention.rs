//! The retention of a function's log group: set before the first invocation, corrected, removed; a log group is never deleted.

use serde_json::{Value, json};
use testbed::{Action, Rule};

use support::cli::{imported, plan};
use support::log_groups::log_group;
use support::world::{World, message, operations, spec, spec_with, status, writes};

use crate::import::{adopt, document};

fn keeping(days: i32) -> Value {
    spec_with(&json!({"logRetentionInDays": days}))
}

/// Applies, and answers what AWS was sent.
async fn applied(world: &World, spec: &Value) -> Vec<String> {
    let before = world.manners().mark().await.unwrap();
    world.settle("hello", spec).await;
    writes(&world.calls_since(before).await).into_iter().map(str::to_owned).collect()
}

/// The calls of the next check.
async fn check(world: &World) -> Vec<String> {
    let before = world.manners().mark().await.unwrap();
    world.looked("hello").await;
    operations(&world.calls_since(before).await).into_iter().map(str::to_owned).collect()
}

#[tokio::test]
async fn log_retention_is_set_changed_and_removed_and_the_log_group_stays() {
    let world = World::new().await;
    assert_eq!(applied(&world, &keeping(7)).await, ["CreateFunction", "CreateLogGroup", "PutRetentionPolicy"]);
    assert_eq!(world.log_retention("hello").await, Some(json!(7)));
    let object = world.objects().get("hello").await.unwrap();
    assert_eq!(status(&object).log_retention_in_days, Some(7));
    assert_eq!(check(&world).await, ["GetFunction", "DescribeLogGroups"], "one call of Lambda");
    assert_eq!(applied(&world, &keeping(14)).await, ["PutRetentionPolicy"]);
    assert_eq!(world.log_retention("hello").await, Some(json!(14)));
    assert_eq!(applied(&world, &spec()).await, ["DeleteRetentionPolicy"]);
    assert_eq!(world.log_retention("hello").await, Some(Value::Null));
    assert_eq!(check(&world).await, ["GetFunction"], "what is neither wanted nor recorded is not read");

    applied(&world, &keeping(30)).await;
    world.delete("hello").await;
    world.gone("hello").await;
    assert_eq!(world.log_retention("hello").await, Some(json!(30)), "the log group outlives the function");
}

#[tokio::test]
async fn a_log_group_that_is_there_already_gets_the_retention_and_one_that_nobody_named_stays() {
    let world = World::new().await;
    world.make_log_group("hello").await;
    world.keep_logs("hello", 90).await;
    assert_eq!(applied(&world, &spec()).await, ["CreateFunction"]);
    assert_eq!(check(&world).await, ["GetFunction"]);
    assert_eq!(world.log_retention("hello").await, Some(json!(90)), "the spec does not name it");
    assert_eq!(applied(&world, &keeping(7)).await, ["PutRetentionPolicy"]);
    assert_eq!(world.log_retention("hello").await, Some(json!(7)));
    assert_eq!(applied(&world, &keeping(0)).await, ["DeleteRetentionPolicy"]);
    assert_eq!(world.log_retention("hello").await, Some(Value::Null));
    assert_eq!(check(&world).await, ["GetFunction", "DescribeLogGroups"], "0 is watched like any other value");
}

#[tokio::test]
async fn drift_of_log_retention_is_corrected_or_reported_and_a_deleted_log_group_is_created_again() {
    let world = World::with(&["--drift-interval", "1s"]).await;
    world.settle("hello", &keeping(7)).await;
    world.keep_logs("hello", 14).await;
    world.until_logs_are_kept("hello", 7).await;
    world.ready("hello").await;

    let before = world.manners().mark().await.unwrap();
    let (gone, _) = world.logs("DeleteLogGroup", &json!({"logGroupName": log_group("hello")})).await;
    assert_eq!(gone, 200);
    world.until_logs_are_kept("hello", 7).await;
    world.ready("hello").await;
    assert_eq!(writes(&world.calls_since(before).await), ["CreateLogGroup", "PutRetentionPolicy"]);

    let mut reporting = keeping(7);
    reporting["driftPolicy"] = json!("Report");
    world.settle("hello", &reporting).await;
    let before = world.manners().mark().await.unwrap();
    let (gone, _) = world.logs("DeleteLogGroup", &json!({"logGroupName": log_group("hello")})).await;
    assert_eq!(gone, 200);
    let object = world.condition("hello", "Ready", "True", Some("Drifted")).await;
    let told = message(&object, "Ready");
    assert!(told.contains("logRetentionInDays: 0 → 7"), "{told}");
    assert_eq!(writes(&world.calls_since(before).await), [""; 0]);
    assert_eq!(world.log_retention("hello").await, None);
}

#[tokio::test]
async fn a_retention_that_aws_does_not_have_is_shown_in_its_words_and_holds_back_nothing_else() {
    let world = World::new().await;
    world.settle("hello", &spec()).await;
    world.apply("hello", &spec_with(&json!({"logRetentionInDays": 8, "memorySize": 256}))).await;
    let told = world.stalled("hello", "Rejected").await;
    assert!(told.contains("PutRetentionPolicy"), "{told}");
    assert_eq!(world.function("hello").await.unwrap()["Configuration"]["MemorySize"], 256);
    world.settle("hello", &spec_with(&json!({"logRetentionInDays": 7, "memorySize": 256}))).await;
    assert_eq!(world.log_retention("hello").await, Some(json!(7)));
}

#[tokio::test]
async fn log_retention_is_planned_imported_and_adopted() {
    let world = World::new().await;
    let told = plan(&world, &document(&keeping(7))).await;
    let last = "  CreateLogGroup\n    log group: /aws/lambda/hello\n  PutRetentionPolicy\n    logRetentionInDays: 7";
    assert!(told.stdout.contains("3 changes\n  CreateFunction") && told.stdout.contains(last), "{told:?}");
    world.aws.create_function("hello", &json!({})).await.unwrap();
    world.aws.wait_until_at_rest("hello").await.unwrap();
    world.make_log_group("hello").await;
    world.keep_logs("hello", 7).await;
    let manifest = imported(&world, &["hello"]).await;
    assert!(manifest.contains("\n  logRetentionInDays: 7\n"), "{manifest}");
    assert_eq!(adopt(&world, "hello", &manifest).await, ["TagResource"], "\n{manifest}");
    assert_eq!(world.log_retention("hello").await, Some(json!(7)));
}

/// A network may reach Lambda and not CloudWatch Logs, and a role may read functions and no log groups.
#[tokio::test]
async fn a_function_is_imported_where_logs_does_not_answer_or_denies() {
    let world = World::new().await;
    world.aws.create_function("hello", &json!({})).await.unwrap();
    world.aws.wait_until_at_rest("hello").await.unwrap();
    world.make_log_group("hello").await;
    world.keep_logs("hello", 7).await;
    for answer in [
        Action::error(503, "ServiceUnavailableException", "Service Unavailable"),
        Action::error(400, "AccessDeniedException", "is not authorized to perform: logs:DescribeLogGroups"),
    ] {
        let rule = Rule::new("no logs", answer).account(&world.account).service("logs");
        let rule = world.manners().add(&rule).await.unwrap();
        let manifest = imported(&world, &["hello"]).await;
        assert!(!manifest.contains("\n  logRetentionInDays"), "{manifest}");
        assert!(manifest.contains("# AWS did not show its logRetentionInDays"), "{manifest}");
        assert!(manifest.contains("it stays as it is") && !manifest.contains("resets it"), "{manifest}");
        world.manners().remove(rule).await.unwrap();
    }
}
