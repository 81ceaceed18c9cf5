//! Faults of CloudWatch Logs: what status says meanwhile, that the function itself goes on, and that each change is made once.

use serde_json::{Value, json};
use testbed::{Action, Rule};

use crate::scene::{Scene, published};

pub(crate) const LOGS: [&str; 6] = [
    "log-group-busy",
    "log-group-exists",
    "log-group-missing",
    "log-groups-denied",
    "logs-throttled",
    "retention-denied",
];

const FUNCTION: &str = "hello";

fn keeping(days: i32) -> Value {
    published(&json!({"logRetentionInDays": days}))
}

impl Scene {
    /// Waits until the condition has this reason and these words.
    async fn says(&self, reason: &str, words: &str) {
        let object = self.world.condition(FUNCTION, "Reconciling", "True", Some(reason)).await;
        let told = support::world::message(&object, "Reconciling");
        assert!(told.contains(words), "{told}");
    }

    /// The calls of this name that AWS carried out.
    async fn carried(&self, operation: &str) -> usize {
        let calls = self.calls(FUNCTION).await;
        calls.iter().filter(|call| call.operation == operation && call.status == 200).count()
    }
}

#[tokio::test]
async fn a_log_group_that_somebody_else_changes_is_waited_for() {
    let scene = Scene::new().await;
    for (days, fault) in [(7, "log-group-busy"), (14, "log-group-busy")] {
        scene.on(fault, FUNCTION).await;
        scene.world.settle(FUNCTION, &keeping(days)).await;
        scene.off(fault, FUNCTION).await;
        assert_eq!(scene.world.log_retention(FUNCTION).await, Some(json!(days)));
    }
    assert_eq!(scene.met("log-group-busy", FUNCTION).await.len(), 4);
    assert_eq!(scene.carried("PutRetentionPolicy").await, 2);
    scene.was_never_stalled(FUNCTION).await;
}

#[tokio::test]
async fn a_log_group_that_lambda_created_in_the_meantime_is_no_error() {
    let scene = Scene::new().await;
    scene.on("log-group-exists", FUNCTION).await;
    scene.world.apply(FUNCTION, &keeping(7)).await;
    scene.until_met("log-group-exists", FUNCTION, 1).await;
    // The operator goes on as if it had created it itself.
    scene.until_sent(FUNCTION, "PutRetentionPolicy", 1).await;
    scene.off("log-group-exists", FUNCTION).await;
    scene.world.ready(FUNCTION).await;
    assert_eq!(scene.world.log_retention(FUNCTION).await, Some(json!(7)));
    let story = scene.story(FUNCTION).await;
    assert!(!story.iter().any(|told| told.contains("AlreadyExists")), "{story:?}");
}

#[tokio::test]
async fn a_log_group_that_goes_during_the_change_is_waited_for_and_holds_back_nothing() {
    let scene = Scene::new().await;
    scene.on("log-group-missing", FUNCTION).await;
    scene.world.apply(FUNCTION, &keeping(7)).await;
    scene.says("NotFound", "The specified log group does not exist").await;
    assert_eq!(scene.versions(FUNCTION).await, ["$LATEST", "1"], "the version needs no log group");
    scene.off("log-group-missing", FUNCTION).await;
    scene.world.look_now(FUNCTION).await;
    scene.world.ready(FUNCTION).await;
    assert_eq!(scene.world.log_retention(FUNCTION).await, Some(json!(7)));
    assert_eq!(scene.carried("CreateLogGroup").await, 1);
    scene.was_never_stalled(FUNCTION).await;
}

#[tokio::test]
async fn throttling_by_cloudwatch_logs_passes_and_slows_down_no_other_function() {
    let scene = Scene::new().await;
    scene.on("logs-throttled", FUNCTION).await;
    scene.world.apply(FUNCTION, &keeping(7)).await;
    scene.says("Throttled", "DescribeLogGroups").await;
    scene.world.settle("other", &published(&json!({}))).await;
    scene.world.apply(FUNCTION, &published(&json!({"logRetentionInDays": 7, "memorySize": 256}))).await;
    scene.until_sent(FUNCTION, "UpdateFunctionConfiguration", 1).await;
    scene.until_sent(FUNCTION, "PublishVersion", 1).await;
    scene.off("logs-throttled", FUNCTION).await;
    scene.world.ready(FUNCTION).await;
    assert_eq!(scene.world.log_retention(FUNCTION).await, Some(json!(7)));
    assert_eq!(scene.carried("PutRetentionPolicy").await, 1);
    scene.was_never_stalled(FUNCTION).await;
}

#[tokio::test]
async fn a_retention_that_is_denied_names_the_permission_and_holds_back_nothing_else() {
    let scene = Scene::new().await;
    scene.world.settle(FUNCTION, &published(&json!({}))).await;
    scene.on("retention-denied", FUNCTION).await;
    let change = json!({"logRetentionInDays": 7, "memorySize": 256});
    scene.world.apply(FUNCTION, &published(&change)).await;
    let told = scene.world.stalled(FUNCTION, "AccessDenied").await;
    assert!(told.contains("logs:PutRetentionPolicy"), "{told}");
    assert_eq!(scene.world.function(FUNCTION).await.unwrap()["Configuration"]["MemorySize"], 256);
    assert_eq!(scene.versions(FUNCTION).await, ["$LATEST", "1", "2"]);
    scene.off("retention-denied", FUNCTION).await;
    scene.world.look_now(FUNCTION).await;
    scene.world.ready(FUNCTION).await;
    assert_eq!(scene.world.log_retention(FUNCTION).await, Some(json!(7)));
}

#[tokio::test]
async fn a_read_of_the_log_group_that_is_denied_names_the_permission_and_holds_back_nothing_else() {
    let scene = Scene::new().await;
    scene.world.settle(FUNCTION, &keeping(7)).await;
    scene.on("log-groups-denied", FUNCTION).await;
    let change = |memory: i32| published(&json!({"logRetentionInDays": 14, "memorySize": memory}));
    scene.world.apply(FUNCTION, &change(256)).await;
    let told = scene.world.stalled(FUNCTION, "AccessDenied").await;
    assert!(told.contains("logs:DescribeLogGroups"), "{told}");
    assert_eq!(scene.world.function(FUNCTION).await.unwrap()["Configuration"]["MemorySize"], 256);
    assert_eq!(scene.versions(FUNCTION).await, ["$LATEST", "1", "2"]);
    assert_eq!(scene.world.log_retention(FUNCTION).await, Some(json!(7)));
    scene.off("log-groups-denied", FUNCTION).await;
    scene.world.look_now(FUNCTION).await;
    scene.world.ready(FUNCTION).await;
    assert_eq!(scene.world.log_retention(FUNCTION).await, Some(json!(14)));
    assert_eq!(scene.carried("PutRetentionPolicy").await, 2);
}

#[tokio::test]
async fn a_read_of_the_log_group_that_succeeds_at_the_second_try_is_no_write() {
    let scene = Scene::new().await;
    scene.world.settle(FUNCTION, &keeping(7)).await;
    let (story, reads) = (scene.story(FUNCTION).await, scene.count(FUNCTION, "DescribeLogGroups").await);
    let denied = Action::error(400, "AccessDeniedException", "not now");
    let once = Rule::new("denied-once", denied).account(&scene.world.account).operation("DescribeLogGroups").times(1);
    scene.world.manners().add(&once).await.unwrap();
    scene.world.looked(FUNCTION).await;
    assert_eq!(scene.met("denied-once", FUNCTION).await.len(), 1);
    assert_eq!(scene.count(FUNCTION, "DescribeLogGroups").await, reads + 3, "denied, answered, and observed again");
    assert_eq!(scene.story(FUNCTION).await, story);
}
