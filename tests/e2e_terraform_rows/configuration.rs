//! Every other setting: it changes in place, and what is removed has AWS's default again.

use serde_json::{Value, json};

use crate::plan::{apply, configuration, empty_plan, is_none, refused};
use support::world::{World, status};

async fn reserved(world: &World) -> Value {
    world.function("hello").await.unwrap()["Concurrency"]["ReservedConcurrentExecutions"].take()
}

/// Row 5 (concurrency). Reserved concurrency changes and outlasts a publish.
#[tokio::test]
async fn reserved_concurrency_changes_and_outlasts_a_publish() {
    let world = World::new().await;
    let with = |reserved: i32, publish: bool| json!({"reservedConcurrentExecutions": reserved, "publish": publish});
    apply(&world, "hello", &with(111, false), &["CreateFunction", "PutFunctionConcurrency"]).await;
    assert_eq!(reserved(&world).await, 111);
    apply(&world, "hello", &with(222, false), &["PutFunctionConcurrency"]).await;
    let object = apply(&world, "hello", &with(222, true), &["PublishVersion"]).await;
    assert_eq!(reserved(&world).await, 222);
    assert_eq!(status(&object).version.as_deref(), Some("1"));
    empty_plan(&world, "hello", &with(222, true)).await;
}

/// Row 6 (concurrencyCycle). None, 222, none: -1 and leaving it out are the same, and 0 is not.
#[tokio::test]
async fn minus_one_reserves_nothing_and_zero_stops_the_function() {
    let world = World::new().await;
    let with = |reserved: i32| json!({"reservedConcurrentExecutions": reserved});
    apply(&world, "hello", &with(-1), &["CreateFunction"]).await;
    apply(&world, "hello", &with(222), &["PutFunctionConcurrency"]).await;
    assert_eq!(reserved(&world).await, 222);
    apply(&world, "hello", &with(-1), &["DeleteFunctionConcurrency"]).await;
    assert!(is_none(&reserved(&world).await));
    empty_plan(&world, "hello", &json!({})).await;
    apply(&world, "hello", &with(0), &["PutFunctionConcurrency"]).await;
    assert_eq!(reserved(&world).await, 0);
    empty_plan(&world, "hello", &with(0)).await;
}

fn dead_letters(world: &World, to: &str) -> Value {
    json!({"deadLetterConfig": {"targetArn": format!("arn:aws:sns:eu-west-1:{}:{to}", world.account)}})
}

async fn dead_letter_target(world: &World) -> Value {
    configuration(world, "hello").await["DeadLetterConfig"]["TargetArn"].take()
}

/// Row 16 (deadLetter). A target of failed events is set with the creation, and gone when the block is removed.
#[tokio::test]
async fn a_dead_letter_target_is_set_and_removed() {
    let world = World::new().await;
    apply(&world, "hello", &dead_letters(&world, "one"), &["CreateFunction"]).await;
    assert_eq!(dead_letter_target(&world).await, dead_letters(&world, "one")["deadLetterConfig"]["targetArn"]);
    empty_plan(&world, "hello", &dead_letters(&world, "one")).await;
    apply(&world, "hello", &json!({}), &["UpdateFunctionConfiguration"]).await;
    assert!(is_none(&dead_letter_target(&world).await));
    empty_plan(&world, "hello", &json!({})).await;
}

/// Row 17 (deadLetterUpdated). The target is exchanged in place.
#[tokio::test]
async fn a_dead_letter_target_is_exchanged() {
    let world = World::new().await;
    apply(&world, "hello", &dead_letters(&world, "one"), &["CreateFunction"]).await;
    apply(&world, "hello", &dead_letters(&world, "two"), &["UpdateFunctionConfiguration"]).await;
    assert_eq!(dead_letter_target(&world).await, dead_letters(&world, "two")["deadLetterConfig"]["targetArn"]);
    empty_plan(&world, "hello", &dead_letters(&world, "two")).await;
}

/// Row 18 (nilDeadLetter). An empty block is an error; here the API server's.
#[tokio::test]
async fn an_empty_dead_letter_config_is_refused() {
    let world = World::new().await;
    let refusal = refused(&world, "hello", &json!({"deadLetterConfig": {}})).await;
    assert!(refusal.contains("spec.deadLetterConfig.targetArn: Required value"), "{refusal}");
}

/// Row 25 (ephemeralStorage). The size of `/tmp` changes in place. Terraform keeps the size when the block is removed;
/// we put AWS's 512 MB back.
#[tokio::test]
async fn ephemeral_storage_changes_and_goes_back_to_512() {
    let world = World::new().await;
    let with = |size: i32| json!({"ephemeralStorage": {"size": size}});
    apply(&world, "hello", &with(1024), &["CreateFunction"]).await;
    apply(&world, "hello", &with(2048), &["UpdateFunctionConfiguration"]).await;
    assert_eq!(configuration(&world, "hello").await["EphemeralStorage"]["Size"], 2048);
    empty_plan(&world, "hello", &with(2048)).await;
    apply(&world, "hello", &json!({}), &["UpdateFunctionConfiguration"]).await;
    assert_eq!(configuration(&world, "hello").await["EphemeralStorage"]["Size"], 512);
    empty_plan(&world, "hello", &json!({"ephemeralStorage": {}})).await;
}

async fn logging(world: &World) -> Value {
    configuration(world, "hello").await["LoggingConfig"].take()
}

/// Row 26 (loggingConfig). Text to a group of one's own, JSON with levels, JSON without, Text. Terraform keeps the
/// levels that were left out; we put AWS's INFO back, and its group once the block is removed.
#[tokio::test]
async fn logging_changes_and_levels_that_are_left_out_are_info() {
    let world = World::new().await;
    let with = |config: &Value| json!({"loggingConfig": config});
    let text = json!({"logFormat": "Text", "logGroup": "/aws/lambda/other"});
    apply(&world, "hello", &with(&text), &["CreateFunction"]).await;
    assert_eq!(logging(&world).await, json!({"LogFormat": "Text", "LogGroup": "/aws/lambda/other"}));
    let levels = |application: &str, system: &str| {
        let mut levels = json!({"LogFormat": "JSON", "LogGroup": "/aws/lambda/hello"});
        levels["ApplicationLogLevel"] = json!(application);
        levels["SystemLogLevel"] = json!(system);
        levels
    };
    let json = json!({"logFormat": "JSON", "applicationLogLevel": "TRACE", "systemLogLevel": "DEBUG"});
    apply(&world, "hello", &with(&json), &["UpdateFunctionConfiguration"]).await;
    assert_eq!(logging(&world).await, levels("TRACE", "DEBUG"));
    empty_plan(&world, "hello", &with(&json)).await;
    let left_out = json!({"logFormat": "JSON"});
    apply(&world, "hello", &with(&left_out), &["UpdateFunctionConfiguration"]).await;
    assert_eq!(logging(&world).await, levels("INFO", "INFO"));
    empty_plan(&world, "hello", &with(&left_out)).await;
    apply(&world, "hello", &with(&text), &["UpdateFunctionConfiguration"]).await;
    assert_eq!(logging(&world).await, json!({"LogFormat": "Text", "LogGroup": "/aws/lambda/other"}));
    apply(&world, "hello", &json!({}), &["UpdateFunctionConfiguration"]).await;
    assert_eq!(logging(&world).await, json!({"LogFormat": "Text", "LogGroup": "/aws/lambda/hello"}));
    empty_plan(&world, "hello", &json!({})).await;
}

/// Row 28 (tracing). From Active to PassThrough in place. Terraform keeps the mode when the block is removed; we put
/// AWS's PassThrough back.
#[tokio::test]
async fn removed_tracing_returns_to_the_default() {
    let world = World::new().await;
    let with = |mode: &str| json!({"tracingConfig": {"mode": mode}});
    apply(&world, "hello", &with("Active"), &["CreateFunction"]).await;
    assert_eq!(configuration(&world, "hello").await["TracingConfig"]["Mode"], "Active");
    apply(&world, "hello", &with("PassThrough"), &["UpdateFunctionConfiguration"]).await;
    assert_eq!(configuration(&world, "hello").await["TracingConfig"]["Mode"], "PassThrough");
    empty_plan(&world, "hello", &json!({})).await;
    apply(&world, "hello", &with("Active"), &["UpdateFunctionConfiguration"]).await;
    apply(&world, "hello", &json!({}), &["UpdateFunctionConfiguration"]).await;
    assert_eq!(configuration(&world, "hello").await["TracingConfig"]["Mode"], "PassThrough");
}

async fn layers(world: &World) -> Vec<Value> {
    let all = configuration(world, "hello").await["Layers"].take();
    all.as_array().into_iter().flatten().map(|layer| layer["Arn"].clone()).collect()
}

/// Row 30 (layers). A function with a layer; the version stays `$LATEST`.
#[tokio::test]
async fn a_function_has_a_layer() {
    let world = World::new().await;
    let layer = world.aws.publish_layer("one").await.unwrap();
    let object = apply(&world, "hello", &json!({"layers": [layer]}), &["CreateFunction"]).await;
    assert_eq!(layers(&world).await, [json!(layer)]);
    assert_eq!(status(&object).version.as_deref(), Some("$LATEST"));
    empty_plan(&world, "hello", &json!({"layers": [layer]})).await;
}

/// Row 31 (layersUpdate). One layer becomes two, whose order matters, and none when they are removed; the version stays
/// `$LATEST`.
#[tokio::test]
async fn layers_are_added_ordered_and_removed() {
    let world = World::new().await;
    let [one, two] = [world.aws.publish_layer("one").await.unwrap(), world.aws.publish_layer("two").await.unwrap()];
    apply(&world, "hello", &json!({"layers": [one]}), &["CreateFunction"]).await;
    for order in [[&one, &two], [&two, &one]] {
        let object = apply(&world, "hello", &json!({"layers": order}), &["UpdateFunctionConfiguration"]).await;
        assert_eq!(json!(layers(&world).await), json!(order));
        assert_eq!(status(&object).version.as_deref(), Some("$LATEST"));
    }
    apply(&world, "hello", &json!({}), &["UpdateFunctionConfiguration"]).await;
    assert!(layers(&world).await.is_empty());
}

/// Beside the rows: a block that was filled and is then empty is no block, as Terraform has it for `environment`,
/// `image_config` and `vpc_config` only.
#[tokio::test]
async fn a_block_that_is_emptied_is_none() {
    let world = World::new().await;
    let filled = json!({
        "environment": {"variables": {"foo": "bar"}},
        "ephemeralStorage": {"size": 1024},
        "loggingConfig": {"logFormat": "JSON"},
        "timeouts": {"create": "5m"},
    });
    apply(&world, "hello", &filled, &["CreateFunction"]).await;
    let emptied = json!({"environment": {}, "ephemeralStorage": {}, "loggingConfig": {}, "timeouts": {}});
    apply(&world, "hello", &emptied, &["UpdateFunctionConfiguration"]).await;
    let configuration = configuration(&world, "hello").await;
    assert!(is_none(&configuration["Environment"]["Variables"]));
    assert_eq!(configuration["EphemeralStorage"]["Size"], 512);
    assert_eq!(configuration["LoggingConfig"]["LogFormat"], "Text");
}
