//! The environment, and the key that encrypts it.

use serde_json::{Value, json};
use testbed::{Action, Rule};

use crate::plan::{apply, configuration, empty_plan, is_none};
use support::world::{World, spec_with, status, writes};

fn variables(all: &Value) -> Value {
    json!({"environment": {"variables": all}})
}

async fn held(world: &World) -> Value {
    configuration(world, "hello").await["Environment"]["Variables"].take()
}

/// Row 8 (envVariables). Variables are set, changed and joined by others, and gone when the block is removed.
#[tokio::test]
async fn variables_are_set_changed_and_removed() {
    let world = World::new().await;
    apply(&world, "hello", &json!({}), &["CreateFunction"]).await;
    for wanted in [json!({"foo": "bar"}), json!({"foo": "baz", "foo1": "bar1"})] {
        apply(&world, "hello", &variables(&wanted), &["UpdateFunctionConfiguration"]).await;
        assert_eq!(held(&world).await, wanted);
        empty_plan(&world, "hello", &variables(&wanted)).await;
    }
    apply(&world, "hello", &json!({}), &["UpdateFunctionConfiguration"]).await;
    assert!(is_none(&held(&world).await));
    empty_plan(&world, "hello", &json!({})).await;
}

/// Row 9 (EnvironmentVariables_noValue). A variable may have an empty value, and keeps it.
#[tokio::test]
async fn a_variable_may_be_empty() {
    let world = World::new().await;
    let empty = variables(&json!({"key1": ""}));
    apply(&world, "hello", &empty, &["CreateFunction"]).await;
    assert_eq!(held(&world).await, json!({"key1": ""}));
    empty_plan(&world, "hello", &empty).await;
}

fn key(number: u32) -> Value {
    json!(format!("arn:aws:kms:eu-west-1:123456789012:key/{number}"))
}

/// Row 10 (encryptedEnvVariables). One key, another, none: the variables stay.
#[tokio::test]
async fn the_key_changes_and_the_variables_stay() {
    let world = World::new().await;
    let with = |key: Value| json!({"environment": {"variables": {"foo": "bar"}}, "kmsKeyArn": key});
    apply(&world, "hello", &with(key(1)), &["CreateFunction"]).await;
    for key in [key(2), Value::Null] {
        apply(&world, "hello", &with(key.clone()), &["UpdateFunctionConfiguration"]).await;
        let configuration = configuration(&world, "hello").await;
        assert_eq!(configuration["KMSKeyArn"], key);
        assert_eq!(configuration["Environment"]["Variables"], json!({"foo": "bar"}));
        empty_plan(&world, "hello", &with(key)).await;
    }
}

/// Row 29 (KMSKeyARN_noEnvironmentVariables). AWS shows no key for a function without variables, so that Terraform's
/// plan is never empty. We settle: what was sent once is not sent again, until there is something to say.
#[tokio::test]
async fn a_key_that_aws_does_not_show_without_variables_is_sent_once() {
    let world = World::new().await;
    let hidden = Action::PatchAnswer(json!({"Configuration": {"KMSKeyArn": null}}));
    let rule = Rule::new("no key", hidden).account(&world.account).operation("GetFunction");
    let rule = world.manners().add(&rule).await.unwrap();
    let spec = spec_with(&json!({"kmsKeyArn": key(1)}));
    world.settle("hello", &spec).await;
    let before = world.manners().mark().await.unwrap();
    world.look_now("hello").await;
    world
        .until("a second look", async |world: &World| match world.calls_since(before).await.len() {
            0 => Err("none".into()),
            _ => Ok(()),
        })
        .await;
    world.ready("hello").await;
    assert_eq!(writes(&world.calls().await), ["CreateFunction"]);

    world.manners().remove(rule).await.unwrap();
    let both = json!({"kmsKeyArn": key(1), "environment": {"variables": {"foo": "bar"}}});
    let object = apply(&world, "hello", &both, &["UpdateFunctionConfiguration"]).await;
    assert_eq!(status(&object).version.as_deref(), Some("$LATEST"));
    assert_eq!(configuration(&world, "hello").await["KMSKeyArn"], key(1));
    empty_plan(&world, "hello", &both).await;
}
