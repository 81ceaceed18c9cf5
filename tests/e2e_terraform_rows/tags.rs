//! Tags: of the object, of the operator (Terraform's default tags of the provider), and of neither.

use serde_json::{Value, json};
use testbed::{Action, Operator, Rule};

use crate::plan::{apply, empty_plan};
use support::world::{World, installed, options, spec_with, status};

const OWNER: &str = "lambda-operator.io/owner";

fn tags(tags: &Value) -> Value {
    json!({"tags": tags})
}

/// The function's tags, without the owner's.
async fn held(world: &World) -> Value {
    let mut tags = world.function("hello").await.unwrap()["Tags"].take();
    assert!(tags.as_object_mut().unwrap().remove(OWNER).is_some(), "{tags}");
    tags
}

/// G: tags. A tag is set with the creation, changed and joined by another, and the first, then all are removed; one
/// call each, and `tagsAll` reports them.
#[tokio::test]
async fn tags_are_set_changed_and_removed() {
    let world = World::new().await;
    let object = apply(&world, "hello", &tags(&json!({"key1": "value1"})), &["CreateFunction"]).await;
    assert_eq!(status(&object).tags_all["key1"], "value1");
    let both = json!({"key1": "value1updated", "key2": "value2"});
    let object = apply(&world, "hello", &tags(&both), &["TagResource"]).await;
    assert_eq!(held(&world).await, both);
    assert_eq!(status(&object).tags_all["key1"], "value1updated");
    empty_plan(&world, "hello", &tags(&both)).await;
    apply(&world, "hello", &tags(&json!({"key2": "value2"})), &["UntagResource"]).await;
    assert_eq!(held(&world).await, json!({"key2": "value2"}));
    let object = apply(&world, "hello", &json!({}), &["UntagResource"]).await;
    assert_eq!(held(&world).await, json!({}));
    assert_eq!(status(&object).tags_all.keys().collect::<Vec<_>>(), [OWNER]);
    empty_plan(&world, "hello", &json!({})).await;
}

/// G: tags_null. A tag without a value is no tag to Terraform; the API server refuses it, so that nobody takes it for
/// one.
#[tokio::test]
async fn a_tag_without_a_value_is_refused() {
    let world = World::new().await;
    let mut spec = spec_with(&json!({}));
    spec["tags"] = json!({"key1": null});
    let refusal = world.try_apply("hello", &spec).await.unwrap_err().to_string();
    assert!(refusal.contains("spec.tags.key1"), "{refusal}");
}

/// G: tags_EmptyMap. An empty map of tags is the same as none.
#[tokio::test]
async fn an_empty_map_of_tags_is_none() {
    let world = World::new().await;
    apply(&world, "hello", &tags(&json!({})), &["CreateFunction"]).await;
    assert_eq!(held(&world).await, json!({}));
    empty_plan(&world, "hello", &json!({})).await;
    empty_plan(&world, "hello", &tags(&json!({}))).await;
}

/// G: tags_AddOnUpdate. A function that had none gets a tag.
#[tokio::test]
async fn a_function_without_tags_gets_one() {
    let world = World::new().await;
    apply(&world, "hello", &json!({}), &["CreateFunction"]).await;
    apply(&world, "hello", &tags(&json!({"key1": "value1"})), &["TagResource"]).await;
    assert_eq!(held(&world).await, json!({"key1": "value1"}));
}

/// G: tags_EmptyTag_OnCreate, _OnUpdate_Add, _OnUpdate_Replace. A tag may have an empty value: from the beginning,
/// later, and instead of another.
#[tokio::test]
async fn a_tag_may_be_empty() {
    let world = World::new().await;
    let mut writes = ["CreateFunction"];
    for wanted in [json!({"key1": ""}), json!({"key1": "", "key2": ""}), json!({"key1": "", "key2": "value2"})] {
        apply(&world, "hello", &tags(&wanted), &writes).await;
        assert_eq!(held(&world).await, wanted);
        empty_plan(&world, "hello", &tags(&wanted)).await;
        writes = ["TagResource"];
    }
    apply(&world, "hello", &tags(&json!({"key1": "", "key2": ""})), &["TagResource"]).await;
    assert_eq!(held(&world).await, json!({"key1": "", "key2": ""}));
}

/// G: tags_DefaultTags_providerOnly, _emptyProviderOnlyTag. The operator's own tags are on every function, an empty
/// value included.
#[tokio::test]
async fn the_operators_tags_are_on_every_function() {
    let world = World::with(&["--default-tags", "key1=value1,key2="]).await;
    let object = apply(&world, "hello", &json!({}), &["CreateFunction"]).await;
    assert_eq!(held(&world).await, json!({"key1": "value1", "key2": ""}));
    assert_eq!(status(&object).tags_all["key1"], "value1");
    empty_plan(&world, "hello", &json!({})).await;
}

/// G: tags_DefaultTags_nonOverlapping. The operator's tags and the object's are both there, and the object's change
/// alone.
#[tokio::test]
async fn the_operators_tags_and_the_objects_are_both_there() {
    let world = World::with(&["--default-tags", "ours=a"]).await;
    apply(&world, "hello", &tags(&json!({"key1": "value1"})), &["CreateFunction"]).await;
    assert_eq!(held(&world).await, json!({"ours": "a", "key1": "value1"}));
    apply(&world, "hello", &tags(&json!({"key2": "value2"})), &["UntagResource", "TagResource"]).await;
    assert_eq!(held(&world).await, json!({"ours": "a", "key2": "value2"}));
    empty_plan(&world, "hello", &tags(&json!({"key2": "value2"}))).await;
}

/// G: tags_DefaultTags_overlapping, _emptyResourceTag, _updateToProviderOnly. Of two tags of one name the object's
/// wins, an empty one too; equal ones, which Terraform once refused, are no difference; and once the object's is
/// removed the operator's is back.
#[tokio::test]
async fn of_two_tags_of_one_name_the_objects_wins() {
    let world = World::with(&["--default-tags", "key1=ours"]).await;
    apply(&world, "hello", &tags(&json!({"key1": "theirs"})), &["CreateFunction"]).await;
    assert_eq!(held(&world).await, json!({"key1": "theirs"}));
    empty_plan(&world, "hello", &tags(&json!({"key1": "theirs"}))).await;
    apply(&world, "hello", &tags(&json!({"key1": ""})), &["TagResource"]).await;
    assert_eq!(held(&world).await, json!({"key1": ""}));
    apply(&world, "hello", &json!({}), &["TagResource"]).await;
    assert_eq!(held(&world).await, json!({"key1": "ours"}));
    empty_plan(&world, "hello", &tags(&json!({"key1": "ours"}))).await;
}

/// G: tags_DefaultTags_updateToResourceOnly. A tag that the operator gave up and the object took over stays as it is;
/// one that nobody took over goes.
#[tokio::test]
async fn a_tag_moves_from_the_operator_to_the_object() {
    let mut world = World::with(&["--default-tags", "key1=value1,key2=value2"]).await;
    apply(&world, "hello", &json!({}), &["CreateFunction"]).await;
    world.operator.terminate().await.unwrap();
    let arguments = ["--watch-namespace", &world.namespace];
    let options = options(installed(&world.bed).await, &world.account, &arguments);
    world.operator = Operator::start(&world.bed, options).await.unwrap();
    apply(&world, "hello", &tags(&json!({"key1": "value1"})), &["UntagResource"]).await;
    assert_eq!(held(&world).await, json!({"key1": "value1"}));
    empty_plan(&world, "hello", &tags(&json!({"key1": "value1"}))).await;
}

/// G: tags_IgnoreTags_*. Terraform can be told tags to ignore. We ignore those that AWS itself puts there, and every
/// other tag that nobody asked for is removed.
#[tokio::test]
async fn tags_of_aws_are_ignored_and_others_removed() {
    let world = World::new().await;
    apply(&world, "hello", &tags(&json!({"key1": "value1"})), &["CreateFunction"]).await;
    let path = format!("/2017-03-31/tags/arn:aws:lambda:eu-west-1:{}:function:hello", world.account);
    let (code, answer) = world.aws.lambda("POST", &path, Some(&json!({"Tags": {"stray": "x"}}))).await.unwrap();
    assert_eq!(code, 204, "{answer}");
    let of_aws = Action::PatchAnswer(json!({"Tags": {"aws:cloudformation:stack-name": "s"}}));
    let rule = Rule::new("of AWS", of_aws).account(&world.account).operation("GetFunction");
    world.manners().add(&rule).await.unwrap();
    let described = json!({"tags": {"key1": "value1"}, "timeouts": {"update": "11m"}});
    let object = apply(&world, "hello", &described, &["UntagResource"]).await;
    assert_eq!(status(&object).tags_all.keys().collect::<Vec<_>>(), ["key1", OWNER]);
    empty_plan(&world, "hello", &tags(&json!({"key1": "value1"}))).await;
}
