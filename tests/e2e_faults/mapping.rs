//! Faults of calls about event source mappings: what the object says meanwhile, and that it ends as if nothing had been.

use serde_json::{Value, json};
use support::mappings::uuid;
use support::objects::message;

use crate::scene::Scene;
use testbed::Match;

pub(crate) const MAPPINGS: [&str; 12] = [
    "mapping-create-lost",
    "mapping-disabled-by-aws",
    "mapping-filters-unreadable",
    "mapping-in-use",
    "mapping-not-listed",
    "mapping-problem",
    "mapping-role-too-new",
    "mapping-stuck-creating",
    "mapping-stuck-updating",
    "mapping-tags-denied",
    "mapping-tags-unknown",
    "mapping-visibility-too-short",
];

const FUNCTION: &str = "hello";

impl Scene {
    /// Mappings are named by their UUID, so a fault of theirs is switched on for the whole account.
    fn account(&self) -> Match {
        Match { account: Some(self.world.account.clone()), agent: Some("*/*".into()), ..Match::default() }
    }

    async fn on_account(&self, fault: &str) {
        self.world.manners().switch_on(fault, &self.account()).await.unwrap();
    }

    async fn off_account(&self, fault: &str) {
        self.world.manners().switch_off(Some(fault), &self.account()).await.unwrap();
    }

    async fn updates(&self) -> usize {
        self.world.calls().await.iter().filter(|call| call.operation == "UpdateEventSourceMapping").count()
    }
}

async fn scene() -> (Scene, Value) {
    let scene = Scene::new().await;
    let world = &scene.world;
    world.allow_adoption().await;
    world.aws.create_function(FUNCTION, &json!({})).await.unwrap();
    world.aws.wait_until_at_rest(FUNCTION).await.unwrap();
    let queue = world.aws.create_queue("orders").await.unwrap();
    (scene, json!({"functionName": FUNCTION, "eventSourceArn": queue}))
}

fn with(spec: &Value, change: &Value) -> Value {
    let mut spec = spec.clone();
    spec.as_object_mut().unwrap().extend(change.as_object().unwrap().clone());
    spec
}

#[tokio::test]
async fn a_creation_that_meets_a_fault_makes_one_mapping() {
    for fault in ["mapping-create-lost", "mapping-role-too-new", "mapping-not-listed"] {
        let (scene, spec) = scene().await;
        scene.on_account(fault).await;
        let object = scene.world.mappings().settle("orders", &spec).await;
        let mappings = scene.world.aws.list_mappings().await.unwrap();
        assert_eq!(mappings.len(), 1, "{fault}: {mappings:?}");
        assert_eq!(mappings[0]["UUID"], json!(uuid(&object)), "{fault}");
        scene.world.mappings().delete("orders").await;
        scene.world.mappings().is_gone("orders").await;
        assert_eq!(scene.world.mapping(&uuid(&object)).await, None, "{fault}");
    }
}

#[tokio::test]
async fn a_creation_that_a_person_must_enable_says_how_and_is_retried() {
    for (fault, reason, words) in [
        ("mapping-tags-denied", "AccessDenied", "lambda:TagResource"),
        ("mapping-visibility-too-short", "Rejected", "60 seconds is less than Function timeout: 180 seconds"),
        ("mapping-tags-unknown", "Rejected", "Tagging is not supported"),
    ] {
        let (scene, spec) = scene().await;
        scene.on_account(fault).await;
        scene.world.mappings().apply("orders", &spec).await;
        let message = scene.world.mappings().says("orders", "Stalled", reason).await;
        assert!(message.contains(words), "{fault}: {message}");
        scene.off_account(fault).await;
        scene.world.mappings().settle("orders", &with(&spec, &json!({"batchSize": 3}))).await;
    }
}

/// The queue itself may be created a little later.
#[tokio::test]
async fn a_queue_that_does_not_exist_yet_is_waited_for() {
    let (scene, spec) = scene().await;
    let arn = format!("arn:aws:sqs:eu-west-1:{}:late", scene.world.account);
    scene.world.mappings().apply("late", &with(&spec, &json!({"eventSourceArn": arn}))).await;
    let said = scene.world.mappings().says("late", "Reconciling", "NotFound").await;
    assert!(said.contains("create the queue or stream"), "{said}");
    scene.world.aws.create_queue("late").await.unwrap();
    scene.world.mappings().is_ready("late").await;
}

#[tokio::test]
async fn changes_and_a_deletion_of_a_mapping_in_use_are_retried() {
    let (scene, spec) = scene().await;
    let world = &scene.world;
    let object = world.mappings().settle("orders", &spec).await;
    scene.on_account("mapping-in-use").await;
    world.mappings().settle("orders", &with(&spec, &json!({"batchSize": 3}))).await;
    assert_eq!(world.mapping(&uuid(&object)).await.unwrap()["BatchSize"], json!(3));
    scene.off_account("mapping-in-use").await;
    scene.on_account("mapping-in-use").await;
    world.mappings().delete("orders").await;
    world.mappings().is_gone("orders").await;
    assert_eq!(world.mapping(&uuid(&object)).await, None);
}

#[tokio::test]
async fn a_mapping_that_stays_in_a_state_is_waited_for_and_gets_no_write() {
    for (fault, reason) in [("mapping-stuck-creating", "Creating"), ("mapping-stuck-updating", "Updating")] {
        let (scene, spec) = scene().await;
        let world = &scene.world;
        scene.on_account(fault).await;
        world.mappings().apply("orders", &spec).await;
        world.mappings().condition("orders", "Reconciling", "True", Some(reason)).await;
        world.mappings().apply("orders", &with(&spec, &json!({"batchSize": 3}))).await;
        world.mappings().condition("orders", "Reconciling", "True", Some(reason)).await;
        assert_eq!(scene.updates().await, 0);
        scene.off_account(fault).await;
        world.mappings().is_ready("orders").await;
    }
}

#[tokio::test]
async fn a_mapping_that_aws_disabled_says_so_and_is_not_enabled_again() {
    let (scene, spec) = scene().await;
    let world = &scene.world;
    world.mappings().settle("orders", &spec).await;
    scene.on_account("mapping-disabled-by-aws").await;
    world.mappings().is_looked_at("orders").await;
    let message = world.mappings().says("orders", "Stalled", "MappingDisabled").await;
    assert!(message.contains("the source does not exist any more"), "{message}");
    assert_eq!(scene.updates().await, 0);
    scene.off_account("mapping-disabled-by-aws").await;
    world.mappings().is_looked_at("orders").await;
    world.mappings().is_ready("orders").await;
}

#[tokio::test]
async fn what_aws_says_of_the_last_batch_and_of_the_filters_is_shown() {
    let (scene, spec) = scene().await;
    let world = &scene.world;
    let filters = json!({"filterCriteria": {"filter": [{"pattern": "{\"body\":{}}"}]}});
    world.mappings().settle("orders", &with(&spec, &filters)).await;
    scene.on_account("mapping-problem").await;
    world.mappings().is_looked_at("orders").await;
    let object = world.mappings().condition("orders", "Processing", "False", Some("Problem")).await;
    assert!(message(&object, "Processing").contains("Function call failed"), "{object:?}");
    scene.off_account("mapping-problem").await;
    scene.on_account("mapping-filters-unreadable").await;
    world.mappings().is_looked_at("orders").await;
    let object = world.mappings().is_ready("orders").await;
    assert!(message(&object, "Ready").contains("unable to decrypt"), "{object:?}");
    assert_eq!(scene.updates().await, 0);
}
