//! A public URL has both statements that AWS requires, and other statements are not changed.

use lambda_operator::api::function_url::LambdaFunctionUrl;
use serde_json::{Value, json};
use support::world::{World, operations, spec_with, writes};

use crate::lifecycle::{held, url};

fn public() -> Value {
    url(&json!({"authorizationType": "NONE"}))
}

/// Action and condition of each statement of ours.
async fn ours(world: &World) -> Vec<(Value, Value)> {
    let statements = world.aws.statements("hello", None).await.unwrap();
    let ours = statements.iter().filter(|statement| statement["Sid"].as_str().unwrap().starts_with("lo-"));
    ours.map(|statement| (statement["Action"].clone(), statement["Condition"].clone())).collect()
}

fn both() -> Vec<(Value, Value)> {
    vec![
        (json!("lambda:InvokeFunctionUrl"), json!({"StringEquals": {"lambda:FunctionUrlAuthType": "NONE"}})),
        (json!("lambda:InvokeFunction"), json!({"Bool": {"lambda:InvokedViaFunctionUrl": "true"}})),
    ]
}

async fn theirs(world: &World) -> Value {
    let statement = json!({"StatementId": "FunctionURLAllowPublicAccess", "Action": "lambda:InvokeFunctionUrl",
        "Principal": "*", "FunctionUrlAuthType": "NONE"});
    world.aws.add_permission("hello", None, &statement).await.unwrap()
}

#[tokio::test]
async fn the_statements_follow_the_type_and_others_stay() {
    let world = World::new().await;
    world.settle("hello", &spec_with(&json!({}))).await;
    let theirs = theirs(&world).await;
    let urls = world.of::<LambdaFunctionUrl>();
    let mark = world.manners().mark().await.unwrap();
    let first = urls.settle("web", &public()).await.status.unwrap().function_url;
    assert_eq!(writes(&world.calls_since(mark).await), ["CreateFunctionUrlConfig", "AddPermission", "AddPermission"]);
    assert_eq!(ours(&world).await, both());
    assert_eq!(world.aws.visit(&held(&world, None).await.unwrap()).await.unwrap().0, 200);
    let mark = world.manners().mark().await.unwrap();
    urls.is_looked_at("web").await;
    let idle = world.calls_since(mark).await;
    assert_eq!(operations(&idle), ["GetFunctionUrlConfig", "GetPolicy"], "an idle check is two calls");

    let mark = world.manners().mark().await.unwrap();
    urls.settle("web", &url(&json!({}))).await;
    let expected = ["UpdateFunctionUrlConfig", "RemovePermission", "RemovePermission"];
    assert_eq!(writes(&world.calls_since(mark).await), expected);
    assert_eq!(ours(&world).await, []);
    let again = urls.settle("web", &public()).await.status.unwrap().function_url;
    assert_eq!(ours(&world).await, both());
    assert_eq!(first, again, "the address stays");
    urls.delete("web").await;
    urls.is_gone("web").await;
    assert_eq!(world.aws.statements("hello", None).await.unwrap(), [theirs]);
    assert_eq!(held(&world, None).await, None);
}

#[tokio::test]
async fn a_statement_that_somebody_removes_or_changes_is_put_back() {
    let world = World::new().await;
    world.settle("hello", &spec_with(&json!({}))).await;
    let urls = world.of::<LambdaFunctionUrl>();
    urls.settle("web", &public()).await;
    let ids: Vec<_> = world.aws.statements("hello", None).await.unwrap().iter().map(|one| one["Sid"].clone()).collect();
    for id in &ids {
        world.aws.remove_permission("hello", None, id.as_str().unwrap()).await.unwrap();
        urls.is_looked_at("web").await;
        urls.is_ready("web").await;
        assert_eq!(ours(&world).await.len(), 2);
    }
    let (id, narrow) = (
        ids[1].as_str().unwrap(),
        json!({"StatementId": ids[1], "Action": "lambda:InvokeFunction", "Principal": "210987654321"}),
    );
    world.aws.remove_permission("hello", None, id).await.unwrap();
    world.aws.add_permission("hello", None, &narrow).await.unwrap();
    urls.is_looked_at("web").await;
    urls.is_ready("web").await;
    let mut now = ours(&world).await;
    now.sort_by_key(|(action, _)| std::cmp::Reverse(action.to_string()));
    assert_eq!(now, both());
}

#[tokio::test]
async fn statements_that_were_left_end_once_the_url_is_taken_over_or_created_as_signed() {
    let world = World::new().await;
    world.settle("hello", &spec_with(&json!({}))).await;
    let urls = world.of::<LambdaFunctionUrl>();
    for is_there in [true, false] {
        let left = json!({"authorizationType": "NONE", "adoptionPolicy": "Adopt", "skipDestroy": true});
        urls.settle("web", &url(&left)).await;
        urls.delete("web").await;
        urls.is_gone("web").await;
        assert_eq!(ours(&world).await, both());
        if !is_there {
            world.aws.delete_url("hello", None).await.unwrap();
        }
        urls.settle("web", &url(&json!({"adoptionPolicy": "Adopt", "skipDestroy": true}))).await;
        assert_eq!(ours(&world).await, [], "the URL is there: {is_there}");
        assert_eq!(held(&world, None).await.unwrap()["AuthType"], "AWS_IAM");
        let mark = world.manners().mark().await.unwrap();
        urls.is_looked_at("web").await;
        assert_eq!(operations(&world.calls_since(mark).await), ["GetFunctionUrlConfig"], "its policy is read no more");
        urls.delete("web").await;
        urls.is_gone("web").await;
    }
}

#[tokio::test]
async fn statements_can_be_left_to_others() {
    let world = World::new().await;
    world.settle("hello", &spec_with(&json!({}))).await;
    let theirs = theirs(&world).await;
    let urls = world.of::<LambdaFunctionUrl>();
    urls.settle("web", &url(&json!({"authorizationType": "NONE", "ignoreChanges": ["publicAccess"]}))).await;
    assert_eq!(world.aws.statements("hello", None).await.unwrap(), [theirs]);
}
