//! What Terraform's tests ask of a plan: that it is empty, or that it holds these changes and no others.

use std::sync::atomic::{AtomicU64, Ordering};

use lambda_operator::api::function::spec::LambdaFunction;
use serde_json::{Value, json};

use support::world::{World, operations, spec_with, writes};

static APPLIES: AtomicU64 = AtomicU64::new(0);

/// Applies the spec with these changes, waits until AWS is what it says, and expects these writes and no others.
pub(crate) async fn apply(world: &World, name: &str, change: &Value, expected: &[&str]) -> LambdaFunction {
    let before = world.manners().mark().await.unwrap();
    let object = world.settle(name, &spec_with(change)).await;
    let calls = world.calls_since(before).await;
    assert_eq!(writes(&calls), expected, "{:?}", operations(&calls));
    object
}

/// Terraform's empty plan: the same, applied as a new generation, so that all of it is compared anew, writes nothing.
pub(crate) async fn empty_plan(world: &World, name: &str, change: &Value) -> LambdaFunction {
    let mut again = change.clone();
    // Of all arguments the timeouts alone are nothing in AWS.
    let seconds = 1200 + APPLIES.fetch_add(1, Ordering::Relaxed);
    again["timeouts"] = json!({"update": format!("{seconds}s")});
    let before = world.manners().mark().await.unwrap();
    let object = world.settle(name, &spec_with(&again)).await;
    let calls = world.calls_since(before).await;
    assert!(operations(&calls).contains(&"GetFunction"), "it was looked at");
    assert_eq!(writes(&calls), [""; 0], "{:?}", operations(&calls));
    object
}

/// The API server's answer to a change that Terraform would make by destroying the function and creating another.
pub(crate) async fn refused(world: &World, name: &str, change: &Value) -> String {
    let before = world.manners().mark().await.unwrap();
    let refusal = world.try_apply(name, &spec_with(change)).await.unwrap_err().to_string();
    assert_eq!(operations(&world.calls_since(before).await), [""; 0], "AWS was not asked");
    refusal
}

/// GetFunction's `Configuration`.
pub(crate) async fn configuration(world: &World, name: &str) -> Value {
    world.function(name).await.unwrap()["Configuration"].take()
}

/// AWS says "none" in many ways.
pub(crate) fn is_none(value: &Value) -> bool {
    match value {
        Value::Array(items) => items.is_empty(),
        Value::Object(fields) => fields.is_empty(),
        Value::String(text) => text.is_empty(),
        other => other.is_null(),
    }
}
