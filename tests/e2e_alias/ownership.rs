//! Whose an alias is: AWS has no tags for it, so status records the intent before the creation.

use lambda_operator::api::alias::LambdaAlias;
use serde_json::json;
use support::objects::message;
use support::world::{World, spec_with, writes};

async fn published(world: &World) {
    world.settle("hello", &spec_with(&json!({"publish": true}))).await;
    world.settle("hello", &spec_with(&json!({"publish": true, "memorySize": 256}))).await;
}

#[tokio::test]
async fn an_equal_alias_of_our_function_is_taken_over_and_one_that_differs_is_not() {
    let world = World::new().await;
    published(&world).await;
    world.aws.create_alias("hello", "equal", &json!({"FunctionVersion": "1"})).await.unwrap();
    world.aws.create_alias("hello", "other", &json!({"FunctionVersion": "2"})).await.unwrap();
    let spec = json!({"functionRef": {"name": "hello"}, "functionVersion": "1"});
    let before = world.manners().mark().await.unwrap();
    world.aliases().settle("equal", &spec).await;
    world.aliases().apply("other", &spec).await;
    let object = world.aliases().condition("other", "Stalled", "True", Some("NotOwned")).await;
    assert!(message(&object, "Ready").contains("adoptionPolicy: Adopt"), "{object:?}");
    assert_eq!(writes(&world.calls_since(before).await), [""; 0]);
    // Who is refused leaves nothing behind, and takes nothing along.
    world.aliases().delete("other").await;
    world.aliases().is_gone("other").await;
    assert!(world.alias("hello", "other").await.is_some());

    let mut adopt = spec.clone();
    adopt["adoptionPolicy"] = json!("Adopt");
    world.aliases().settle("other", &adopt).await;
    assert_eq!(world.alias("hello", "other").await.unwrap()["FunctionVersion"], "1");
    for name in ["equal", "other"] {
        world.aliases().delete(name).await;
        world.aliases().is_gone(name).await;
        assert_eq!(world.alias("hello", name).await, None, "it was the object's");
    }
}

/// An alias of one object, and a second object for it, which is refused.
async fn two_for_one_alias(world: &World) -> LambdaAlias {
    published(world).await;
    let spec = json!({"functionRef": {"name": "hello"}, "name": "live", "functionVersion": "1"});
    world.aliases().settle("first", &spec).await;
    world.aliases().apply("second", &spec).await;
    world.aliases().condition("second", "Stalled", "True", Some("NotOwned")).await
}

#[tokio::test]
async fn of_two_objects_for_one_alias_the_second_says_whose_it_is() {
    let world = World::new().await;
    let object = two_for_one_alias(&world).await;
    let first = format!("LambdaAlias {}/first", world.namespace);
    assert!(message(&object, "Ready").contains(&first), "{object:?}");
    world.aliases().delete("second").await;
    world.aliases().is_gone("second").await;
    assert!(world.alias("hello", "live").await.is_some(), "the first one has it");
}

/// A LambdaAlias is renamed in Git: the new object comes first, then the old one is pruned. The new one does not wait for its next retry, which comes
/// minutes later after several refusals.
#[tokio::test]
async fn of_two_objects_for_one_alias_the_second_has_it_as_soon_as_the_first_is_gone() {
    let world = World::new().await;
    let object = two_for_one_alias(&world).await;
    assert!(message(&object, "Ready").contains("lambda-operator.io/hand-over-to"), "{object:?}");
    for _ in 0..4 {
        world.aliases().is_looked_at("second").await;
    }
    world.aliases().delete("first").await;
    world.aliases().is_gone("first").await;
    world.aliases().is_ready("second").await;
    assert!(world.alias("hello", "live").await.is_some(), "the second one has made it again");
}

/// The function belongs to an object of another namespace from now on, and the status of its LambdaFunction is of the time before: that object is
/// suspended, so that it does not correct its tag.
async fn goes_to_another_namespace(world: &World) {
    let owner = json!({"lambda-operator.io/owner": "test/other/hello"});
    let arn = format!("arn:aws:lambda:eu-west-1:{}:function:hello", world.account);
    world.apply("hello", &spec_with(&json!({"publish": true, "memorySize": 256, "suspend": true}))).await;
    world.condition("hello", "Ready", "Unknown", Some("Suspended")).await;
    let path = format!("/2017-03-31/tags/{}", arn.replace(':', "%3A"));
    let (status, answer) = world.aws.lambda("POST", &path, Some(&json!({"Tags": owner}))).await.unwrap();
    assert_eq!(status, 204, "{answer}");
}

#[tokio::test]
async fn an_alias_that_was_ours_is_left_alone_once_its_function_belongs_to_another_namespace() {
    let world = World::new().await;
    published(&world).await;
    let spec = |by: &str, version: &str| match by {
        "by-reference" => json!({"functionRef": {"name": "hello"}, "functionVersion": version}),
        _ => json!({"functionName": "hello", "functionVersion": version}),
    };
    for name in ["by-reference", "by-name"] {
        world.aliases().settle(name, &spec(name, "1")).await;
    }
    goes_to_another_namespace(&world).await;
    let before = world.manners().mark().await.unwrap();
    for name in ["by-reference", "by-name"] {
        world.aliases().apply(name, &spec(name, "2")).await;
        let object = world.aliases().condition(name, "Stalled", "True", Some("NotOwned")).await;
        assert!(message(&object, "Ready").contains("test/other/hello"), "{object:?}");
        world.aliases().delete(name).await;
        world.aliases().is_gone(name).await;
        assert_eq!(world.alias("hello", name).await.unwrap()["FunctionVersion"], "1");
    }
    assert_eq!(writes(&world.calls_since(before).await), [""; 0]);
}

#[tokio::test]
async fn a_function_of_another_namespace_gets_no_alias() {
    let world = World::new().await;
    published(&world).await;
    goes_to_another_namespace(&world).await;
    world.aliases().apply("live", &json!({"functionName": "hello", "functionVersion": "1"})).await;
    let object = world.aliases().condition("live", "Stalled", "True", Some("NotOwned")).await;
    assert!(message(&object, "Ready").contains("test/other/hello"), "{object:?}");
    assert_eq!(world.alias("hello", "live").await, None);
}

#[tokio::test]
async fn an_alias_of_a_function_by_name_is_created_and_deleted() {
    let world = World::new().await;
    published(&world).await;
    world.aliases().settle("live", &json!({"functionName": "hello", "functionVersion": "2"})).await;
    assert_eq!(world.alias("hello", "live").await.unwrap()["FunctionVersion"], "2");
    world.aliases().delete("live").await;
    world.aliases().is_gone("live").await;
    assert_eq!(world.alias("hello", "live").await, None);
}

#[tokio::test]
async fn an_alias_is_handed_over_from_object_to_object() {
    let world = World::with(&["--drift-interval", "1h"]).await;
    published(&world).await;
    let spec = json!({"functionRef": {"name": "hello"}, "name": "live", "functionVersion": "1"});
    world.aliases().settle("first", &spec).await;
    world.aliases().apply("second", &spec).await;
    world.aliases().condition("second", "Stalled", "True", Some("NotOwned")).await;
    let before = world.manners().mark().await.unwrap();
    let agrees = format!("lambda-operator.io/hand-over-to={}/second", world.namespace);
    world.bed.kubectl_ok(&["annotate", "-n", &world.namespace, "lalias", "first", &agrees], None).await.unwrap();
    world.aliases().condition("first", "Ready", "Unknown", Some("HandingOver")).await;
    world.aliases().is_ready("second").await;
    world.aliases().delete("first").await;
    world.aliases().is_gone("first").await;
    assert_eq!(writes(&world.calls_since(before).await), [""; 0]);
    assert!(world.alias("hello", "live").await.is_some(), "the giver's end touches nothing");
    world.aliases().delete("second").await;
    world.aliases().is_gone("second").await;
    assert_eq!(world.alias("hello", "live").await, None, "it was the second's");
}

#[tokio::test]
async fn an_alias_of_nobodys_function_is_taken_over_only_where_adoption_is_allowed() {
    let world = World::with(&["--drift-interval", "1h"]).await;
    support::aliases::function(&world.aws, "theirs").await;
    world.aliases().apply("new", &json!({"functionName": "theirs", "functionVersion": "1"})).await;
    world.aliases().says("new", "Stalled", "NotAllowed").await;
    assert_eq!(world.alias("theirs", "new").await, None, "nor is one created");
    world.aws.create_alias("theirs", "live", &json!({"FunctionVersion": "1"})).await.unwrap();
    let before = world.manners().mark().await.unwrap();
    let spec = json!({"functionName": "theirs", "functionVersion": "2", "adoptionPolicy": "Adopt"});
    world.aliases().apply("live", &spec).await;
    let sentence = world.aliases().says("live", "Stalled", "NotAllowed").await;
    assert!(sentence.contains("lambda-operator.io/allow-adoption=true"), "{sentence}");
    assert_eq!(writes(&world.calls_since(before).await), [""; 0]);
    world.allow_adoption().await;
    world.aliases().is_ready("live").await;
    assert_eq!(world.alias("theirs", "live").await.unwrap()["FunctionVersion"], "2");
}
